"""One SMTP connection, kept from message to message, whose every answer settles something."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass

from digest.addresses import needs_utf8
from digest.clean import line
from vigie.mailing import Mail
from vigie.model import DeliveryState

State = DeliveryState
Answer = tuple[DeliveryState, str]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message as it goes on the wire, and where it comes back to."""

    data: bytes
    return_path: str  # MAIL FROM


class ServerError(Exception):
    """The server cannot be used for anyone: no connection, no TLS, no login, sender refused."""


class LostError(Exception):
    """The connection went away while nothing could have been taken."""


class Line:
    """One connection to the server, opened when needed and kept from row to row."""

    def __init__(self, mail: Mail, password: str) -> None:
        self._mail, self._password = mail, password
        self._smtp: smtplib.SMTP | None = None

    def open(self) -> None:
        """Raises ServerError when there is no way to a server that will talk."""
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
            raise ServerError(f"{mail.host}:{mail.port}: {said(error)}") from error

    def close(self) -> None:
        """Says goodbye if there is anyone to hear it."""
        smtp, self._smtp = self._smtp, None
        if smtp is None:
            return
        try:
            smtp.quit()
        except (OSError, smtplib.SMTPException):
            smtp.close()

    def deliver(
        self, recipient: str, message: Outgoing, before_data: Callable[[], None] = lambda: None
    ) -> Answer:
        """One message to one recipient. Raises LostError while it cannot have been taken."""
        smtp = self._smtp
        assert smtp is not None  # noqa: S101 -- `open` comes first
        try:
            answer = self._envelope(smtp, message.return_path, recipient)
            if answer is not None:
                return answer
            before_data()
            code, text = smtp.docmd("DATA")
            if code != 354:
                return self._answered(smtp, "DATA", code, text)
            smtp.send(_dotted(message.data))
        except (OSError, smtplib.SMTPException) as error:
            raise LostError(said(error)) from error
        try:
            code, text = smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            return State.IN_DOUBT, f"no answer after the message was sent: {said(error)}"
        return self._answered(smtp, "message", code, text)

    def _connect(self) -> smtplib.SMTP:
        mail = self._mail
        if mail.security == "tls":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(mail.host, mail.port, timeout=mail.seconds, context=context)
        return smtplib.SMTP(mail.host, mail.port, timeout=mail.seconds)

    def _envelope(self, smtp: smtplib.SMTP, sender: str, recipient: str) -> Answer | None:
        """MAIL and RCPT; None when the server waits for DATA."""
        options = ["SMTPUTF8"] if needs_utf8(recipient) else []
        if options and not smtp.has_extn("smtputf8"):
            return State.REFUSED, "the mail server takes no address outside ASCII (no SMTPUTF8)"
        code, text = smtp.mail(sender, options)
        if 500 <= code < 600:
            raise ServerError(f"sender {sender} refused: {code} {_text(text)}")
        if not 200 <= code < 300:
            return self._answered(smtp, "MAIL", code, text)
        code, text = smtp.rcpt(recipient)
        if not 200 <= code < 300:
            return self._answered(smtp, "RCPT", code, text)
        return None

    def _answered(self, smtp: smtplib.SMTP, what: str, code: int, text: bytes) -> Answer:
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
    body = data.replace(b"\r\n", b"\n").rstrip(b"\n").replace(b"\n.", b"\n..")
    first = b"." if body[:1] == b"." else b""
    return first + body.replace(b"\n", b"\r\n") + b"\r\n.\r\n"


def said(error: Exception) -> str:
    """A connection's failure in one line."""
    if isinstance(error, smtplib.SMTPResponseException):
        reply = error.smtp_error
        return f"{error.smtp_code} {_text(reply if isinstance(reply, bytes) else reply.encode())}"
    return line(str(error), 200) or type(error).__name__


def _text(reply: bytes) -> str:
    return line(reply.decode("utf-8", "replace"), 200)
