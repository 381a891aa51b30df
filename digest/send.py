"""Sending what a ledger has queued, over one SMTP connection, each row settled before the next.

The order of events is what makes "never twice, never lost" hold:

    claim(row)      it is ours; nothing has been said to the server about it
    MAIL, RCPT      a crash, or a lost connection, up to here costs nothing: the row is sent again
    sending(row)    written down before DATA: from here on the server may have taken it
    DATA ... .      the answer settles the row; no answer after the final dot leaves it in doubt
"""

from __future__ import annotations

import smtplib
import ssl
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Protocol

from digest.clean import line
from digest.message import address, mailbox
from vigie.model import Delivery, DeliveryState
from vigie.settings import Mail

State = DeliveryState
Settled = tuple[DeliveryState, str]


class Ledger(Protocol):
    """Where each delivery stands. Every method is one transaction, on disk when it returns.

    After a crash it is the ledger's duty, before `queued` is asked again, to put rows found
    `claimed` back to `queued` (they never reached DATA: safe to send), and rows found `sending` to
    `in doubt` (the server may have taken them: a person decides).
    """

    def queued(self) -> Sequence[Delivery]:
        """The rows to send now, in order."""
        ...

    def claim(self, delivery: Delivery) -> bool:
        """Take a queued row; False when another process has it."""
        ...

    def sending(self, delivery: Delivery) -> None:
        """Note that DATA is about to be said."""
        ...

    def settle(self, delivery: Delivery, state: DeliveryState, detail: str) -> None:
        """Note how it ended: sent, deferred, refused or in doubt; `queued` gives a claim back."""
        ...


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of one run of `send`."""

    counts: Counter[DeliveryState] = field(default_factory=Counter)
    left: int = 0  # rows still queued, because of `error`
    error: str = ""  # why the run stopped before the end, "" when it did not


class _ServerError(Exception):
    """The server cannot be used for anyone: no connection, no TLS, no login, sender refused."""


class _LostError(Exception):
    """The connection went away while nothing could have been taken."""


def send(
    ledger: Ledger,
    compose: Callable[[Delivery], EmailMessage],
    mail: Mail,
    password: str = "",
    progress: Callable[[Delivery, DeliveryState], None] = lambda _delivery, _state: None,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Summary:
    """Send every queued row once; `progress` is told of each as it is settled.

    A refused or unreachable recipient ends its own row only. When the server itself cannot be used
    the rest stays queued and `Summary.error` says why. Raises ValueError for a sender that is no
    address; what `compose` raises passes through and its row stays `claimed`.
    """
    rows = ledger.queued()
    counts: Counter[DeliveryState] = Counter()
    pace = _Pace(60 / mail.per_minute, sleep, clock)
    line_to = _Line(mail, password)
    try:
        for done, row in enumerate(rows):
            try:
                line_to.open()
                pace.wait()
                state = _serve(ledger, line_to, row, compose)
            except _ServerError as error:
                return Summary(counts, len(rows) - done, str(error))
            if state is not None:
                counts[state] += 1
                progress(row, state)
    finally:
        line_to.close()
    return Summary(counts)


def _serve(
    ledger: Ledger, line_to: _Line, row: Delivery, compose: Callable[[Delivery], EmailMessage]
) -> DeliveryState | None:
    """One row from claim to settled; None when another has it."""
    if not ledger.claim(row):
        return None
    try:
        recipient = address(row.recipient.address)
    except ValueError as error:
        state, detail = State.REFUSED, str(error)
    else:
        data = compose(row).as_bytes()
        try:
            state, detail = _twice(ledger, line_to, row, recipient, data)
        except _ServerError as error:
            ledger.settle(row, State.QUEUED, str(error))
            raise
    ledger.settle(row, state, detail)
    return state


def _twice(ledger: Ledger, line_to: _Line, row: Delivery, recipient: str, data: bytes) -> Settled:
    """A second connection for a row whose first was lost before anything could be taken."""
    for last in (False, True):
        try:
            line_to.open()
            return line_to.deliver(recipient, data, lambda: ledger.sending(row))
        except _LostError as error:
            line_to.close()
            if last:
                return State.DEFERRED, f"connection lost twice: {error}"
    raise AssertionError("unreachable")


class _Pace:
    """At most so many messages a minute, evenly; an idle spell is not made up for."""

    def __init__(
        self, interval: float, sleep: Callable[[float], None], clock: Callable[[], float]
    ) -> None:
        self._interval, self._sleep, self._clock = interval, sleep, clock
        self._next = clock()

    def wait(self) -> None:
        now = self._clock()
        if now < self._next:
            self._sleep(self._next - now)
        self._next = max(now, self._next) + self._interval


class _Line:
    """One connection to the server, opened when needed and kept from row to row."""

    def __init__(self, mail: Mail, password: str) -> None:
        self._mail, self._password = mail, password
        self._sender = mailbox(mail.sender).addr_spec
        self._smtp: smtplib.SMTP | None = None

    def open(self) -> None:
        """Raises _ServerError when there is no way to a server that will talk."""
        if self._smtp is not None and self._smtp.sock is not None:
            return
        mail = self._mail
        try:
            self._smtp = self._connect()
            self._smtp.ehlo_or_helo_if_needed()
            if mail.security == "starttls":
                self._smtp.starttls(context=ssl.create_default_context())
                self._smtp.ehlo()
            if mail.user:
                self._smtp.login(mail.user, self._password)
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise _ServerError(f"{mail.host}:{mail.port}: {_said(error)}") from error

    def close(self) -> None:
        """Says goodbye if there is anyone to hear it."""
        smtp, self._smtp = self._smtp, None
        if smtp is None:
            return
        try:
            smtp.quit()
        except (OSError, smtplib.SMTPException):
            smtp.close()

    def deliver(self, recipient: str, data: bytes, before_data: Callable[[], None]) -> Settled:
        """One message to one recipient. Raises _LostError while it cannot have been taken."""
        smtp = self._smtp
        assert smtp is not None  # noqa: S101 -- `open` comes first
        try:
            answer = self._envelope(smtp, recipient)
            if answer is not None:
                return answer
            before_data()
            code, text = smtp.docmd("DATA")
            if code != 354:
                return self._answered(smtp, "DATA", code, text)
            smtp.send(_dotted(data))
        except (OSError, smtplib.SMTPException) as error:
            raise _LostError(_said(error)) from error
        try:
            code, text = smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            return State.IN_DOUBT, f"no answer after the message was sent: {_said(error)}"
        return self._answered(smtp, "message", code, text)

    def _connect(self) -> smtplib.SMTP:
        mail = self._mail
        if mail.security == "tls":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(mail.host, mail.port, timeout=mail.seconds, context=context)
        return smtplib.SMTP(mail.host, mail.port, timeout=mail.seconds)

    def _envelope(self, smtp: smtplib.SMTP, recipient: str) -> Settled | None:
        """MAIL and RCPT; None when the server waits for DATA."""
        code, text = smtp.mail(self._sender)
        if 500 <= code < 600:
            raise _ServerError(f"sender {self._sender} refused: {code} {_text(text)}")
        if not 200 <= code < 300:
            return self._answered(smtp, "MAIL", code, text)
        code, text = smtp.rcpt(recipient)
        if not 200 <= code < 300:
            return self._answered(smtp, "RCPT", code, text)
        return None

    def _answered(self, smtp: smtplib.SMTP, what: str, code: int, text: bytes) -> Settled:
        """What an answer settles; the connection is left ready for the next row, or closed."""
        detail = f"{what}: {code} {_text(text)}"
        if 200 <= code < 300 and what == "message":
            return State.SENT, detail
        if code == 421:
            self.close()
        else:
            try:
                smtp.rset()
            except (OSError, smtplib.SMTPException):
                self.close()
        if 500 <= code < 600:
            return State.REFUSED, detail
        if 400 <= code < 500 or what != "message":
            return State.DEFERRED, detail
        return State.IN_DOUBT, detail


def _dotted(data: bytes) -> bytes:
    """The message as DATA wants it: CRLF ends, leading dots doubled, the final dot."""
    lines = data.replace(b"\r\n", b"\n").rstrip(b"\n").split(b"\n")
    return b"".join((b"." if one[:1] == b"." else b"") + one + b"\r\n" for one in lines) + b".\r\n"


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        reply = error.smtp_error
        return f"{error.smtp_code} {_text(reply if isinstance(reply, bytes) else reply.encode())}"
    return line(str(error), 200) or type(error).__name__


def _text(reply: bytes) -> str:
    return line(reply.decode("utf-8", "replace"), 200)
