"""Newsletters from a mailbox over IMAP, read without leaving a trace.

The folder is opened read-only (EXAMINE) and messages are fetched with BODY.PEEK: nothing is marked
as read, moved or deleted. The cursor is `UIDVALIDITY:last UID`. Where the server has numbered its
messages anew, those of 30 days are read again; they are known by their Message-ID. No link in a
message is ever asked for.
"""

from __future__ import annotations

import logging
import os
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from imapclient import IMAPClient  # type: ignore[import-untyped]  # it ships no types
from imapclient.exceptions import (  # type: ignore[import-untyped]  # the same
    IMAPClientAbortError,
    IMAPClientError,
    LoginError,
)

from collectors.kinds import newsletter
from collectors.kinds.imap import Deadline, TimedImap
from vigie.kinds import MailboxRules
from vigie.model import (
    Failure,
    FailureKind,
    Fetched,
    Gathered,
    Item,
    ParsedFeed,
    PollState,
    Unparsed,
)
from vigie.schema import Source

log = logging.getLogger("vigie.collectors")

SECONDS = 15.0  # for one poll, whatever the server does; less than what a worker is given
MOST_MESSAGES = 200  # read in one poll; the next goes on from there
LARGEST = 10_000_000  # bytes of a message
_MOST_HEADERS = 5_000  # messages whose sender is looked at in one poll
_MOST_SHOWN = 5  # newsletters in a preview
_MOST_FOLDERS = 20  # that are named
_CHUNK = 200  # of these, asked for in one command
_BACK = timedelta(days=30)
_CURSOR = re.compile(r"(\d{1,10}):(\d{1,10})")
# What a server's nonsense makes imapclient and imaplib raise.
_NONSENSE = (ValueError, TypeError, LookupError, AttributeError, AssertionError)


@dataclass(slots=True)
class _Progress:
    """What one poll has done so far: kept where it breaks off."""

    validity: int = 0
    last: int = 0  # the highest UID that is dealt with
    read: int = 0
    ignored: int = 0
    title: str = ""
    dealt: bool = False  # with a message at least
    letters: list[tuple[Item, ...]] = field(default_factory=list)
    unparsed: list[Unparsed] = field(default_factory=list)

    @property
    def cursor(self) -> str:
        return f"{self.validity}:{self.last}" if self.validity else ""


def gather(source: Source, state: PollState, now: datetime) -> Gathered:
    """The newsletters that came since the last poll; failures are values.

    A poll that runs out of time after its first message keeps what it has, and the next goes on.
    """
    start = time.monotonic()
    progress = _Progress()
    failure = _poll(source, state, now, progress)
    if failure and progress.dealt and failure.kind is FailureKind.TIMEOUT:
        failure = None
    address = f"mailbox:{source.mailbox.host}/{source.mailbox.folder}" if source.mailbox else ""
    fetched = Fetched(
        source.id,
        address,
        now,
        etag="" if failure else progress.cursor,
        seconds=time.monotonic() - start,
        failure=failure,
    )
    if progress.ignored:
        reason = f"{progress.ignored} messages from senders that are not on the list, ignored"
        progress.unparsed.append(Unparsed("mailbox", reason, b""))
    # Newest first, as in a feed: where two issues carry one link, the newer one stands.
    items = tuple(item for letter in reversed(progress.letters) for item in letter)
    unparsed = tuple(progress.unparsed)
    return Gathered(fetched, ParsedFeed(items=items, unparsed=unparsed, failure=failure))


def preview(source: Source, state: PollState, now: datetime) -> Gathered:  # noqa: ARG001  a gatherer
    """The newest newsletters of the senders declared, and, as title, what the mailbox holds.

    As a poll does, it leaves no trace.
    """
    start = time.monotonic()
    progress = _Progress()
    failure = _connecting(source, lambda client, options: _look(client, options, now, progress))
    address = source.address
    fetched = Fetched(source.id, address, now, seconds=time.monotonic() - start, failure=failure)
    items = tuple(item for letter in reversed(progress.letters) for item in letter)
    unparsed = tuple(progress.unparsed)
    parsed = ParsedFeed(progress.title, items=items, unparsed=unparsed, failure=failure)
    return Gathered(fetched, parsed)


def _look(client: _Client, options: MailboxRules, now: datetime, progress: _Progress) -> None:
    client.select_folder(options.folder, readonly=True)
    uids = sorted(client.search(["SINCE", (now - _BACK).date()]))
    sizes = {
        uid: size
        for uid, size, addresses in _looked_at(client, uids[-_CHUNK:])
        if newsletter.is_wanted(addresses, options.senders)
    }
    for uid in sorted(sizes)[-_MOST_SHOWN:]:
        _take(client, uid, sizes[uid], options, now, progress)
    progress.title = (
        f"{options.folder}: {len(uids)} messages in {_BACK.days} days, {len(sizes)} of the last "
        f"{len(uids[-_CHUNK:])} from senders that are wanted; folders: {_folders(client)}"
    )


def _folders(client: _Client) -> str:
    """The names of the mailbox's folders that hold messages, so that one may be chosen."""
    names = [str(name) for flags, _, name in client.list_folders() if b"\\Noselect" not in flags]
    more = f" and {len(names) - _MOST_FOLDERS} more" if len(names) > _MOST_FOLDERS else ""
    return ", ".join(names[:_MOST_FOLDERS]) + more


def _poll(source: Source, state: PollState, now: datetime, progress: _Progress) -> Failure | None:
    return _connecting(source, lambda client, options: _read(client, options, state, now, progress))


def _connecting(source: Source, work: Callable[[_Client, MailboxRules], None]) -> Failure | None:
    """Do something in the mailbox; what goes wrong is a value."""
    options = source.mailbox
    if options is None:
        return Failure(FailureKind.LOGIN, "the source has no table `mailbox` in sources.toml")
    password = os.environ.get(options.password_env, "")
    if not password:
        detail = f"the environment variable {options.password_env} is not set: it holds the"
        return Failure(FailureKind.LOGIN, f"{detail} mailbox's password")
    try:
        with _connected(options, password) as client:
            try:
                work(client, options)
            except IMAPClientError as error:
                raise _with_folders(error, client) from error
    except (OSError, IMAPClientError, *_NONSENSE) as error:
        return _failure(error, options)
    return None


def _with_folders(error: IMAPClientError, client: _Client) -> IMAPClientError:
    """The same, naming the folders there are where the connection still stands."""
    if isinstance(error, IMAPClientAbortError):
        return error
    try:
        return type(error)(f"{error}; there are: {_folders(client)}")
    except (OSError, IMAPClientError, *_NONSENSE):
        return error


# ------------------------------------------------------------------------------- the connection


class _Client(IMAPClient):  # type: ignore[misc]  # it ships no types
    """IMAPClient over a connection whose every byte counts against a deadline."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext | None) -> None:
        self._deadline = Deadline(SECONDS)
        super().__init__(host, port, ssl=context is not None, ssl_context=context)

    def _create_IMAP4(self) -> TimedImap:  # noqa: N802  imapclient's name
        return TimedImap(self.host, self.port, self.ssl_context, self._deadline, LARGEST)

    def _set_read_timeout(self) -> None:
        """The connection keeps its own time."""

    def __exit__(self, *error: object) -> None:
        """End at once: a farewell is a courtesy that a hanging server would not return."""
        try:
            if error[0] is None:
                self.logout()
            else:
                self.shutdown()
        except (OSError, IMAPClientError, *_NONSENSE) as fault:
            log.debug("closing a mailbox: %s", fault)


def _connected(options: MailboxRules, password: str) -> _Client:
    """A client that is logged in. The password is never sent before TLS stands, if TLS is set."""
    context = None if options.security == "none" else ssl.create_default_context()
    client = _Client(options.host, options.port, context if options.security == "tls" else None)
    try:
        if options.security == "starttls":
            if not client.has_capability("STARTTLS"):
                raise ssl.SSLError("the server offers no STARTTLS")
            client.starttls(context)
        if client.has_capability("AUTH=PLAIN"):
            client.plain_login(options.user, password)  # any character may stand in the password
        else:
            client.login(options.user, password)
    except BaseException:
        with suppress(OSError):  # a failed handshake has closed it
            client.shutdown()
        raise
    return client


def _failure(error: BaseException, options: MailboxRules) -> Failure:
    """What an exception means, in words that name no person."""
    said = " ".join(str(error).replace(options.user, "…").split())[:200]
    where = f"{options.host}:{options.port}"
    match error:
        case LoginError():
            kind = FailureKind.LOGIN
            detail = f"{where} refused the user or the password in {options.password_env}: {said}"
        case TimeoutError():
            kind, detail = FailureKind.TIMEOUT, f"{where} took more than {SECONDS:g} s"
        case socket.gaierror():
            kind, detail = FailureKind.DNS, f"the name {options.host} could not be resolved"
        case ssl.SSLError():
            reason = getattr(error, "verify_message", "") or said
            kind, detail = FailureKind.TLS, f"no trusted TLS connection to {where}: {reason}"
        case IMAPClientAbortError() | OSError():
            kind, detail = FailureKind.CONNECT, f"the connection to {where} failed: {said}"
        case IMAPClientError():
            kind, detail = FailureKind.FOLDER, f"the folder {options.folder!r} on {where}: {said}"
        case _:
            detail = f"{where} answered what is not IMAP ({type(error).__name__}: {said})"
            kind = FailureKind.MALFORMED
    return Failure(kind, detail)


# ---------------------------------------------------------------------------------- the messages


def _read(
    client: _Client, options: MailboxRules, state: PollState, now: datetime, progress: _Progress
) -> None:
    """Deal with the messages that are new, oldest first, as far as the limits allow."""
    folder = client.select_folder(options.folder, readonly=True)
    progress.validity = int(folder.get(b"UIDVALIDITY", 0))
    known = _CURSOR.fullmatch(state.etag)
    if known and int(known[1]) == progress.validity:
        progress.last = int(known[2])
        criteria: list[Any] = ["UID", f"{progress.last + 1}:*"]
    else:
        criteria = ["SINCE", (now - _BACK).date()]
    # `n:*` gives the last message even where its UID is below n (RFC 3501, 6.4.8).
    uids = sorted(uid for uid in client.search(criteria) if uid > progress.last)
    for uid, size, addresses in _looked_at(client, uids[:_MOST_HEADERS]):
        if progress.read >= MOST_MESSAGES:
            return
        if newsletter.is_wanted(addresses, options.senders):
            _take(client, uid, size, options, now, progress)
        else:
            progress.ignored += 1
        progress.last, progress.dealt = uid, True
    if len(uids) <= _MOST_HEADERS:
        # What is not in the search's answer is too old, or gone.
        progress.last = max(progress.last, int(folder.get(b"UIDNEXT", 1)) - 1)


def _looked_at(client: _Client, uids: list[int]) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Each message's UID, size and senders; those that vanished meanwhile are left out."""
    for start in range(0, len(uids), _CHUNK):
        asked = ["RFC822.SIZE", "BODY.PEEK[HEADER.FIELDS (FROM)]"]
        answers = client.fetch(uids[start : start + _CHUNK], asked)
        for uid in sorted(answers):
            yield (
                uid,
                int(answers[uid].get(b"RFC822.SIZE", 0)),
                newsletter.senders(_body(answers[uid])),
            )


def _take(
    client: _Client,
    uid: int,
    size: int,
    options: MailboxRules,
    now: datetime,
    progress: _Progress,
) -> None:
    """Read one message into items."""
    if size > LARGEST:
        reason = f"{size} bytes, more than {LARGEST}: left out"
        progress.unparsed.append(Unparsed(f"message {uid}", reason, b""))
        return
    raw = _body(client.fetch([uid], ["BODY.PEEK[]"]).get(uid, {}))
    progress.read += 1
    if not raw:
        return
    own = [options.user] if "@" in options.user else []
    letter = newsletter.read(raw, now, links=options.items == "links", own=own)
    progress.letters.append(letter.items)
    progress.unparsed += [
        Unparsed(f"message {uid}", part.reason, part.sample) for part in letter.unparsed
    ]


def _body(answer: Any) -> bytes:
    """The bytes that a FETCH answer carries, under whichever spelling of BODY[...]."""
    for name, value in answer.items():
        if name.startswith(b"BODY[") and isinstance(value, bytes):
            return value
    return b""
