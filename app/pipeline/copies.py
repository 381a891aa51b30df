"""An issue's copies: one rendering for each wish (language, themes, clearance), links filled in."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from digest.addresses import mailbox
from digest.links import Linker
from digest.message import Mould, mould
from digest.render import Links, render
from digest.select import Wish, select, wish
from digest.sign import Signer
from digest.smtp import Outgoing
from vigie.archive import keys
from vigie.errors import Problem, SettingsError
from vigie.model import Delivery, Form, Issue, Recipient
from vigie.schema import Edition
from vigie.settings import Settings

KEPT = 64  # copies kept at a time: memory does not grow with the list


def linker(desk: Database, settings: Settings) -> Linker:
    """Makes and reads the links of this folder's recipients."""
    return Linker(keys.key(desk, "links"), settings.serve.url)


def sender_of(settings: Settings, edition: Edition) -> str:
    """Who an edition's messages come from: its own sender, else that of [mail]."""
    return edition.sender or settings.mail.sender


def _address(text: str, key: str) -> str:
    """The address in a setting. Raises SettingsError for one that is none."""
    try:
        return mailbox(text).addr_spec
    except ValueError as error:
        problem = Problem("vigie.toml", key, str(error), "a name and <an address>")
        raise SettingsError([problem]) from error


@dataclass(frozen=True, slots=True)
class Copy:
    """What all recipients of one wish get."""

    wish: Wish
    issue: Issue  # with their items only
    mould: Mould | None  # None: nothing in it is for them


class Copies:
    """Makes copies when they are first asked for, and keeps the last ones."""

    def __init__(
        self,
        settings: Settings,
        issue: Issue,
        linker: Linker,
        now: Callable[[], datetime],
        mark: str = "",
    ) -> None:
        """Raises SettingsError for a DKIM key or a sender that cannot be used."""
        self._settings, self._issue, self._linker, self._now = settings, issue, linker, now
        self._mark = mark  # before each subject
        self._edition = settings.edition(issue.edition)
        self._choosable = frozenset(theme.id for theme in settings.sections(self._edition))
        self._made: OrderedDict[Wish, Copy] = OrderedDict()
        edition = self._edition
        self._from = sender_of(settings, edition)
        own = f"edition.{edition.id}.sender" if edition.sender else "mail.sender"
        self._sender = _address(self._from, own)
        if edition.reply_to:
            _address(edition.reply_to, f"edition.{edition.id}.reply_to")
        self._sign = Signer(settings.mail)
        # Where Vigie reads the mailbox of returns, a wish to leave by mail needs no person either.
        reads = settings.bounces.host or settings.bounces.folder
        self._mailbox = settings.mail.return_path if reads else ""
        # Words that no text of an issue can contain, since they are new each time.
        mark = secrets.token_hex(12)
        self._holes = Links()
        if settings.serve.url:
            self._holes = Links(
                *(f"https://{what}-{mark}.invalid" for what in ("leave", "list", "read"))
            )

    def of(self, recipient: Recipient) -> Copy:
        """The copy of what that recipient wishes and may see."""
        edition = self._edition
        wanted = wish(recipient, edition.languages, edition.language, self._choosable)
        found = self._made.pop(wanted, None) or self._make(wanted)
        self._made[wanted] = found
        if len(self._made) > KEPT:
            self._made.popitem(last=False)
        return found

    def message(self, recipient: Recipient) -> bytes | None:
        """The message of one recipient, signed; None where nothing in the issue is for them."""
        filled = self.of(recipient).mould
        if filled is None:
            return None
        issue = self._issue
        links = self._linker.own(recipient.id, issue.edition, self._now(), self._mailbox, issue.id)
        return self._sign(filled.fill(recipient, links, self._now()))

    def outgoing(self, delivery: Delivery) -> Outgoing | None:
        """The same with the address that it comes back to, for one row of the ledger."""
        data = self.message(delivery.recipient)
        return Outgoing(data, self.return_path(delivery.id)) if data is not None else None

    def return_path(self, delivery: int) -> str:
        """The return path of a delivery: its own where `verp` is set, the sender's else."""
        mail = self._settings.mail
        if mail.return_path and mail.verp:
            return self._linker.return_path(mail.return_path, delivery)
        return mail.return_path or self._sender

    def _make(self, wanted: Wish) -> Copy:
        shown = select(self._issue, wanted, self._choosable)
        if not shown.items:
            return Copy(wanted, shown, None)
        html, text = render(
            shown,
            wanted.language,
            (Form.HTML, Form.TEXT),
            shown.timezone or self._settings.general.timezone,
            self._holes,
        )
        made = mould(
            shown,
            html,
            text,
            self._from,
            holes=self._holes,
            mark=self._mark,
            reply_to=self._edition.reply_to,
        )
        return Copy(wanted, shown, made)
