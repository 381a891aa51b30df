"""Short plain letters that Vigie writes by itself: to confirm, to tell of bounces, to ask."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from digest.addresses import LONGEST_NAME, address, header, mailbox
from digest.catalogue import translator
from digest.clean import line


def letter(
    sender: str, name: str, to: str, subject: str, rows: Sequence[str], now: datetime
) -> bytes:
    """A letter as bytes; each row is one line. Raises ValueError for an address that is none."""
    origin = mailbox(sender)
    checked = address(to)
    message = EmailMessage(policy=SMTP if checked.isascii() else SMTP.clone(utf8=True))
    message["Date"] = format_datetime(now)
    message["From"] = origin
    message["To"] = Address(header(name, LONGEST_NAME), addr_spec=checked)
    message["Subject"] = header(subject, 150)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content("\n".join(line(row) for row in rows) + "\n")
    return message.as_bytes()


def confirmation(language: str, titles: str, link: str, days: int) -> tuple[str, list[str]]:
    """Subject and rows of the letter that asks for consent."""
    words = translator(language)
    _ = words.gettext
    ends = words.ngettext(
        "The link works for {count} day.", "The link works for {count} days.", days
    ).format(count=days)
    return _("Please confirm: {title}").format(title=titles), [
        _("You were proposed as a recipient of “{title}”.").format(title=titles),
        _("To receive it, open this page and confirm:"),
        "",
        link,
        "",
        ends,
        _("If you do nothing, nothing is sent to you."),
    ]


def bounced(language: str, structure: str, who: Sequence[tuple[str, str]]) -> tuple[str, list[str]]:
    """Subject and rows that tell a structure's contact whom nothing reaches: (address, why)."""
    _ = translator(language).gettext
    rows = [
        _("Messages to these addresses of {structure} come back:").format(structure=structure),
        "",
    ]
    for found, why in who:
        rows += [f"- {found}", f"  {line(why, 200)}"]
    rows += [
        "",
        _("Nothing more is sent to them. Answer this message with the right addresses."),
    ]
    return _("Addresses that do not answer: {structure}").format(structure=structure), rows


def overdue(language: str, issue: str, due: str) -> tuple[str, list[str]]:
    """Subject and rows that ask what to do with an issue whose hour has passed."""
    _ = translator(language).gettext
    return _("{issue} was to be sent, and was not").format(issue=issue), [
        _(
            "{issue} was due on {date}. Vigie did not run then, and does not send it late unasked."
        ).format(issue=issue, date=due),
        _("To send it now, to set another date, or to give it up:"),
        "",
        f"vigie digest send {issue}",
        f"vigie digest schedule {issue} 2026-12-31T09:00",
        f"vigie digest schedule {issue} never",
    ]
