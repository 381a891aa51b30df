"""The mail of one recipient: text and HTML of an issue, headers of its own, nothing injected.

All recipients of one wish (language, themes, clearance) get the same bodies but for their own
links. A `Mould` is made once for each wish: bodies encoded, holes where the links go. Filling it is
joining bytes. The PDF stays on the web and in the bulletin's folder: a mail of 90 kB arrives where
one of 300 kB with an attachment is held back.
"""

from __future__ import annotations

import hashlib
import quopri
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime
from urllib.parse import quote

from digest.addresses import LONGEST_NAME, address, header, mailbox, needs_utf8
from digest.render.view import Links
from vigie.model import Form, Issue, Recipient, Rendered, Tlp

_HEADERS = SMTP.clone(max_line_length=200)  # so that no address is folded off its header's name
_HEADERS_UTF8 = _HEADERS.clone(utf8=True)  # RFC 6532, for a server with SMTPUTF8
_DOMAIN = re.compile(
    r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    r"(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
)
_URI = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+[A-Za-z0-9._~%/-]*")
_MAILTO = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+\?subject=[A-Za-z0-9%~_-]+")
_BOUNDARY = "=_vigie"  # which quoted-printable text cannot contain


@dataclass(frozen=True, slots=True)
class Mould:
    """A message but for what is each recipient's own. Bodies are CRLF bytes between holes."""

    issue: Issue
    subject: str
    language: str
    sender: Address
    domain: str  # of Message-ID and List-Id
    head: bytes  # the headers that are the same for all
    text: tuple[bytes | str, ...]  # a str is the name of a link of `Links`
    html: tuple[bytes | str, ...]

    def fill(self, recipient: Recipient, links: Links, now: datetime) -> bytes:
        """One recipient's message; the same arguments give the same bytes.

        Its Message-ID is made of issue, revision and recipient, so that a client that is sent it
        twice can tell. Raises ValueError for an address that cannot be written to.
        """
        head = self._head(recipient, links, now)
        if recipient.format == "text":
            return b"".join((head, _head_of("plain", self.language), *_filled(self.text, links)))
        rule = f"\r\n--{_BOUNDARY}".encode()
        return b"".join(
            (
                *(head, f'Content-Type: multipart/alternative; boundary="{_BOUNDARY}"'.encode()),
                *(b"\r\n", rule, b"\r\n"),
                *(_head_of("plain", self.language), *_filled(self.text, links), rule, b"\r\n"),
                *(_head_of("html", self.language), *_filled(self.html, links), rule, b"--\r\n"),
            )
        )

    def body(self, subtype: str, links: Links | None = None) -> bytes:
        """A part alone ("plain" or "html"), decoded, with these links."""
        pieces = self.text if subtype == "plain" else self.html
        encoded = b"".join(_filled(pieces, links or Links()))
        return quopri.decodestring(encoded).replace(b"\r\n", b"\n")

    def _head(self, recipient: Recipient, links: Links, now: datetime) -> bytes:
        key = f"{self.issue.id}\n{self.issue.revision}\n{recipient.id}"
        digest = hashlib.sha256(key.encode()).hexdigest()[:32]
        checked = address(recipient.address)
        to = Address(header(recipient.name, LONGEST_NAME), addr_spec=checked)
        return b"".join(
            (
                f"Date: {format_datetime(now)}\r\n".encode("ascii"),
                _headers({"To": to}, _HEADERS_UTF8 if needs_utf8(checked) else _HEADERS),
                f"Message-ID: <{digest}@{self.domain}>\r\n".encode("ascii"),
                self.head,
                self._leaving(links),
            )
        )

    def _leaving(self, links: Links) -> bytes:
        """RFC 2369 and RFC 8058, as bytes: a folded address would be another address."""
        subject = quote(f"unsubscribe {self.issue.edition}")
        mailto = f"<mailto:{quote(self.sender.addr_spec, safe='@')}?subject={subject}>"
        if links.mailto:
            if not _MAILTO.fullmatch(links.mailto):
                raise ValueError(f"{links.mailto!r} cannot stand in a header")
            mailto = f"<mailto:{links.mailto}>"
        if not links.leave:
            return f"List-Unsubscribe: {mailto}\r\n".encode()
        if not _URI.fullmatch(links.leave):
            raise ValueError(f"{links.leave!r} cannot stand in a header")
        return (
            f"List-Unsubscribe: <{links.leave}>,\r\n {mailto}\r\n"
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
        ).encode()


def _headers(
    values: Mapping[str, Address | str], policy: EmailPolicy[EmailMessage] = _HEADERS
) -> bytes:
    message = EmailMessage(policy=policy)
    for name, value in values.items():
        message[name] = value
    return message.as_bytes().removesuffix(b"\r\n")


def mould(
    issue: Issue,
    html: Rendered,
    text: Rendered,
    sender: str,
    message_id_domain: str = "",
    holes: Links | None = None,
    mark: str = "",
    reply_to: str = "",
) -> Mould:
    """What all recipients of these forms get.

    `holes` says which words of the forms stand for a recipient's own links; `mark` stands before
    the title in the subject. The domain is the
    sender's unless one is given; `reply_to` is where answers go, if not to the sender. Raises
    ValueError for a sender or a domain that is none, or for forms that are not this issue's.
    """
    _expect(issue, html, Form.HTML)
    _expect(issue, text, Form.TEXT)
    origin = mailbox(sender)
    domain = _domain(message_id_domain or origin.domain)
    title = mark + header(issue.title.get(html.language) or issue.id, 150)
    subject = title if issue.tlp is Tlp.CLEAR else f"[{issue.tlp}] {title}"
    common: dict[str, Address | str] = {
        "From": origin,
        "Subject": subject,
        "List-Id": f"<{issue.edition}.{domain}>",
        "Auto-Submitted": "auto-generated",
        "MIME-Version": "1.0",
    }
    if reply_to:
        common["Reply-To"] = mailbox(reply_to)
    return Mould(
        issue=issue,
        subject=subject,
        language=html.language,
        sender=origin,
        domain=domain,
        head=_headers(common),
        text=tuple(_pieces(text.content.decode(), holes or Links())),
        html=tuple(_pieces(html.content.decode(), holes or Links())),
    )


def _pieces(body: str, holes: Links) -> Iterator[bytes | str]:
    """Encoded text, and the name of a link where its hole is."""
    names = {holes.leave: "leave", holes.preferences: "preferences", holes.web: "web"}
    names.pop("", None)
    if not names:
        yield _encoded(body)
        return
    pattern = "|".join(map(re.escape, names))
    for part in re.split(f"({pattern})", body):
        if part in names:
            yield names[part]
        elif part:
            yield _encoded(part)


def _encoded(text: str) -> bytes:
    return quopri.encodestring(text.encode()).replace(b"\n", b"\r\n")


def _filled(pieces: tuple[bytes | str, ...], links: Links) -> Iterator[bytes]:
    """Each link on lines of its own, within soft breaks: no reader sees these."""
    for piece in pieces:
        if isinstance(piece, bytes):
            yield piece
            continue
        link = str(getattr(links, piece)).replace("=", "=3D")
        yield b"=\r\n"
        for start in range(0, len(link), 70):
            yield link[start : start + 70].encode("ascii") + b"=\r\n"


def _head_of(subtype: str, language: str) -> bytes:
    return (
        f'Content-Type: text/{subtype}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n"
        f"Content-Language: {language}\r\n\r\n"
    ).encode()


def _expect(issue: Issue, rendered: Rendered, form: Form) -> None:
    found = (rendered.issue, rendered.revision, rendered.form)
    if found != (issue.id, issue.revision, form):
        raise ValueError(f"not the {form} of {issue.id} revision {issue.revision}: {found}")


def _domain(text: str) -> str:
    if not _DOMAIN.fullmatch(text):
        raise ValueError(f"{text!r} is not a domain")
    return text
