"""One recipient's mail: text and HTML of an issue, headers of its own, nothing injected.

The PDF stays on the web and in the bulletin's folder: a mail of 90 kB arrives where one of 300 kB
with an attachment is held back.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from urllib.parse import quote

from digest.clean import line
from vigie.model import Form, Issue, Recipient, Rendered, Tlp

_HEADERS = SMTP.clone(max_line_length=200)  # so that no address is folded off its header's name
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(
    r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    r"(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
)


def address(text: str) -> str:
    """The address in the form that SMTP carries: ASCII, the domain in IDNA.

    Raises ValueError, saying what is wrong, for what RFC 5321 does not allow; quoted local parts
    and those outside ASCII (RFC 6531) are not served.
    """
    local, at, domain = text.strip(" ").rpartition("@")
    if not at:
        raise ValueError(f"{text!r} has no @")
    if not local.isascii():
        raise ValueError(f"{text!r} has a name outside ASCII, which needs SMTPUTF8")
    if len(local) > 64 or not _LOCAL.fullmatch(local):
        raise ValueError(f"{text!r} has no valid name before the @")
    try:
        ascii_domain = domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError:
        ascii_domain = ""
    if not _DOMAIN.fullmatch(ascii_domain):
        raise ValueError(f"{text!r} has no valid domain after the @")
    return f"{local}@{ascii_domain}"


def mailbox(text: str) -> Address:
    """A sender as settings write it, "Bulletin <veille@example.org>". Raises ValueError."""
    name, spec = parseaddr(text)
    return Address(_header(name, 78), addr_spec=address(spec))


def build(
    issue: Issue,
    recipient: Recipient,
    html: Rendered,
    text: Rendered,
    sender: str,
    now: datetime,
    message_id_domain: str = "",
) -> EmailMessage:
    """The mail of one recipient; the same arguments give the same bytes.

    Its Message-ID is made of issue, revision and recipient, so that a client that is sent it twice
    can tell; the domain is the sender's unless one is given. Raises ValueError for an address that
    cannot be written to, a domain that is none, or forms that are not this issue's HTML and text.
    """
    _expect(issue, html, Form.HTML)
    _expect(issue, text, Form.TEXT)
    origin = mailbox(sender)
    domain = _domain(message_id_domain or origin.domain)
    key = hashlib.sha256(f"{issue.id}\n{issue.revision}\n{recipient.id}".encode()).hexdigest()[:32]
    title = _header(issue.title.get(html.language) or issue.id, 150)
    message = EmailMessage(policy=_HEADERS)
    message["Date"] = format_datetime(now)
    message["From"] = origin
    message["To"] = Address(_header(recipient.name, 78), addr_spec=address(recipient.address))
    message["Subject"] = title if issue.tlp is Tlp.CLEAR else f"[{issue.tlp}] {title}"
    message["Message-ID"] = f"<{key}@{domain}>"
    message["List-Id"] = f"<{issue.edition}.{domain}>"
    leave = quote(f"unsubscribe {issue.edition}")
    message["List-Unsubscribe"] = f"<mailto:{quote(origin.addr_spec, safe='@')}?subject={leave}>"
    message["Auto-Submitted"] = "auto-generated"
    message["MIME-Version"] = "1.0"
    message.make_alternative()
    message.attach(_part(text.content, "plain", text.language))
    message.attach(_part(html.content, "html", html.language))
    message.set_boundary(f"=_vigie_{key}")
    return message


def _header(text: str, limit: int) -> str:
    """One line that cannot pass for an encoded word, in which a reader's client would see more."""
    return line(text, limit).replace("=?", "= ?")


@lru_cache(maxsize=32)
def _part(content: bytes, subtype: str, language: str) -> EmailMessage:
    """One body, encoded once for all the recipients who get the same; never changed after."""
    part = EmailMessage(policy=SMTP)
    part.set_content(content.decode(), subtype=subtype, cte="quoted-printable")
    part["Content-Language"] = language
    del part["MIME-Version"]  # the whole message's
    return part


def _expect(issue: Issue, rendered: Rendered, form: Form) -> None:
    found = (rendered.issue, rendered.revision, rendered.form)
    if found != (issue.id, issue.revision, form):
        raise ValueError(f"not the {form} of {issue.id} revision {issue.revision}: {found}")


def _domain(text: str) -> str:
    if not _DOMAIN.fullmatch(text):
        raise ValueError(f"{text!r} is not a domain")
    return text
