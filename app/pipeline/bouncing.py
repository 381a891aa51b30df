"""Bounces: read from a mailbox or a folder, noted, and told to the structure's contact."""

from __future__ import annotations

import imaplib
import logging
import ssl
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from pathlib import Path

from imapclient import IMAPClient  # type: ignore[import-untyped]  # it ships no types
from imapclient.exceptions import IMAPClientError  # type: ignore[import-untyped]  # the same
from sqlite_utils import Database

from app.pipeline.copies import linker
from app.pipeline.posting import post
from digest import bounce
from digest.clean import line
from digest.letters import bounced as told_letter
from digest.letters import letter
from digest.links import Linker, Purpose
from vigie.archive import bounced, people
from vigie.archive.bounced import BounceRow, NewBounce
from vigie.errors import MailingError
from vigie.mailing import Bounces
from vigie.settings import Secrets, Settings

log = logging.getLogger("vigie.bounces")
MOST = 2000  # messages of one reading
DONE = "lus"  # where messages of the folder go once they are noted


@dataclass(slots=True)
class Done:
    """What one reading did."""

    kinds: Counter[str] = field(default_factory=Counter)
    contacts: int = 0
    errors: list[str] = field(default_factory=list)

    def counts(self) -> str:
        """What was read, in a line."""
        kinds = ", ".join(f"{number} {kind}" for kind, number in sorted(self.kinds.items()))
        return f"{kinds or 'nothing new'}; {self.contacts} contacts told"


def read(settings: Settings, desk: Database, now: datetime) -> Done:
    """Read what came back, note each message once, tell contacts; what fails is told."""
    done = Done()
    links = linker(desk, settings)
    strict = bool(settings.mail.return_path and settings.mail.verp)
    if settings.bounces.folder is not None:
        _read_folder(settings.bounces.folder, desk, links, now, done, strict=strict)
    if settings.bounces.host:
        password = Secrets.from_environment().bounces_password
        try:
            _read_mailbox(settings.bounces, password, desk, links, now, done, strict=strict)
        except (OSError, IMAPClientError, imaplib.IMAP4.error) as error:
            done.errors.append(f"{settings.bounces.host}: {line(str(error), 200)}")
    if settings.bounces.folder is None and not settings.bounces.host:
        done.errors.append("[bounces] in vigie.toml names neither a mailbox nor a folder")
    _tell(settings, desk, now, done)
    return done


def take(content: bytes, desk: Database, links: Linker, now: datetime, *, strict: bool) -> str:
    """Note one message; gives its kind, "other" for what is none of ours, "seen" for a second time.

    A mail program's "unsubscribe" mail is obeyed at once: "left".

    `strict`: where each message has a return path of its own, one that does not come back by it may
    be anybody's. It is kept for a person to see, and suspends nobody.
    """
    found = bounce.judge(content, links)
    if not found.kind:
        signed = links.read(Purpose.LEAVE, bounce.wish_to_leave(content))
        if signed is None:
            return "other"
        people.leave(desk, signed.recipient, signed.what, now)
        return "left"
    if bounced.seen(desk, found.digest):
        return "seen"
    kind = found.kind
    if strict and found.delivery is None and kind == "hard":
        kind = "unclear"
    bounced.note(
        desk,
        NewBounce(found.digest, found.delivery, found.addresses, kind, found.status, found.detail),
        now,
    )
    return kind


def _read_folder(
    folder: Path, desk: Database, links: Linker, now: datetime, done: Done, *, strict: bool
) -> None:
    if not folder.is_dir():
        done.errors.append(f"{folder}: no such folder")
        return
    for path in _files(folder):
        try:
            with path.open("rb") as file:
                content = file.read(bounce.LARGEST + 1)
        except OSError as error:
            done.errors.append(f"{path}: {error.strerror}")
            continue
        done.kinds[take(content, desk, links, now, strict=strict)] += 1
        # Noted first, moved after: a kill in between reads it again, and notes nothing twice.
        kept = folder / DONE
        kept.mkdir(exist_ok=True)
        path.replace(kept / path.name)


def _files(folder: Path) -> Iterator[Path]:
    """Files of a folder, or of a maildir's new/ and cur/; links are not followed."""
    places = [folder / "new", folder / "cur", folder]
    found = (path for place in places if place.is_dir() for path in sorted(place.iterdir()))
    files = (p for p in found if p.is_file() and not p.is_symlink() and p.name[0] != ".")
    for _, path in zip(range(MOST), files, strict=False):
        yield path


def _read_mailbox(
    said: Bounces,
    password: str,
    desk: Database,
    links: Linker,
    now: datetime,
    done: Done,
    *,
    strict: bool,
) -> None:
    """Messages that are not marked as seen; each is marked once it is noted."""
    context = ssl.create_default_context()
    with IMAPClient(
        said.host,
        said.port,
        ssl=said.security == "tls",
        ssl_context=context if said.security == "tls" else None,
        timeout=said.seconds,
    ) as client:
        if said.security == "starttls":
            client.starttls(context)
        # IMAP's own LOGIN cannot carry a password outside ASCII.
        plain = client.has_capability("AUTH=PLAIN")
        (client.plain_login if plain else client.login)(said.user, password)
        client.select_folder(said.mailbox)
        for number in client.search("UNSEEN")[:MOST]:
            size = client.fetch([number], ["RFC822.SIZE"])[number][b"RFC822.SIZE"]
            wanted = (
                f"BODY.PEEK[]<0.{bounce.LARGEST + 1}>" if size > bounce.LARGEST else "BODY.PEEK[]"
            )
            answer = client.fetch([number], [wanted])[number]
            content = next((v for k, v in answer.items() if k.startswith(b"BODY[")), b"")
            done.kinds[take(content, desk, links, now, strict=strict)] += 1
            client.add_flags([number], [b"\\Seen"])


def _tell(settings: Settings, desk: Database, now: datetime, done: Done) -> None:
    """Write to each contact who has something to hear, at most once a day."""
    language = settings.general.language
    for contact, group in groupby(bounced.untold(desk, now), key=lambda row: row.contact):
        rows: list[BounceRow] = list(group)
        structure = ", ".join(dict.fromkeys(row.structure for row in rows))
        who = {row.address: row.detail for row in rows}
        try:
            subject, lines = told_letter(language, structure, list(who.items()))
            sender = settings.mail.sender
            post(settings, [(contact, letter(sender, "", contact, subject, lines, now))])
        except (MailingError, ValueError) as error:
            done.errors.append(f"{contact} was not told: {error}")
            continue
        bounced.note_told(desk, rows, now)
        done.contacts += 1
