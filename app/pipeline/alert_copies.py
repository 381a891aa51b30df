"""A message of alerts for each row of the ledger: what it tells, in its reader's language."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlite_utils import Database

from app.pipeline.copies import linker
from digest.addresses import mailbox
from digest.alerts import mail
from digest.alerts.view import AlertsPage, Look, Shown, view
from digest.render import Links
from digest.sign import Signer
from digest.smtp import Outgoing
from vigie.archive import alert_mail
from vigie.archive.alert_mail import Told
from vigie.model import Delivery, Recipient
from vigie.schema import ALERTS
from vigie.settings import Settings


def looks(settings: Settings, language: str, links: Links | None = None) -> Look:
    """What this desk adds to an alert for readers of a language."""
    edition = settings.editions[0]
    links = links or Links()
    labels = {theme.id: theme.labels[language] for theme in settings.themes}  # type: ignore[index]  # one of four
    return Look(
        language=language,
        timezone=settings.general.timezone,
        labels=labels,
        publisher=edition.publisher,
        contact=edition.contact,
        leave=links.leave,
        preferences=links.preferences,
    )


class AlertCopies:
    """Makes the messages, one for each row: what it holds is settled when the row is made."""

    def __init__(self, settings: Settings, desk: Database, now: Callable[[], datetime]) -> None:
        """Raises SettingsError for a DKIM key that cannot be used."""
        self._settings, self._desk, self._now = settings, desk, now
        self._linker = linker(desk, settings)
        self._sign = Signer(settings.mail)
        reads = settings.bounces.host or settings.bounces.folder
        self._mailbox = settings.mail.return_path if reads else ""

    def outgoing(self, delivery: Delivery) -> Outgoing | None:
        """None where nothing in it is within their clearance as it stands now."""
        found, counted = alert_mail.message(self._desk, delivery.id)
        data = self.message(delivery.recipient, found, counted, delivery.revision)
        return Outgoing(data, self._return_path(delivery.id)) if data is not None else None

    def message(self, to: Recipient, found: list[Told], counted: int, number: int) -> bytes | None:
        """The signed message; None where nothing is left to tell."""
        links = self._linker.own(to.id, ALERTS, self._now(), self._mailbox)
        page = self.page(to, found, counted, links)
        if page is None:
            return None
        sender = self._settings.mail.sender
        return self._sign(mail.message(page, number, sender, to, links, self._now()))

    def page(
        self, to: Recipient, found: list[Told], counted: int, links: Links
    ) -> AlertsPage | None:
        allowed = [one for one in found if one.tlp.rank <= to.clearance.rank]
        if not allowed and not counted:
            return None
        shown = [Shown(one.alert, one.rules, one.tlp, one.update) for one in allowed]
        return view(shown, counted, looks(self._settings, to.language, links))

    def _return_path(self, delivery: int) -> str:
        said = self._settings.mail
        if said.return_path and said.verp:
            return self._linker.return_path(said.return_path, delivery)
        return said.return_path or mailbox(said.sender).addr_spec
