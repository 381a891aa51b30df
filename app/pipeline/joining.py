"""Coming onto a list: from a file, and by one's own confirmation where consent is the basis."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from app.pipeline.copies import linker
from app.pipeline.posting import post
from app.recipients import Defaults, Listed
from digest import pages
from digest.letters import confirmation, letter
from digest.links import Purpose
from vigie.archive import consent, people
from vigie.archive.people import Added, NewRecipient, RecipientRow
from vigie.errors import MailingError
from vigie.model import Tlp
from vigie.schema import ALERTS
from vigie.settings import Settings


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one line of a file."""

    listed: Listed
    added: Added
    held: tuple[str, ...] = ()  # editions that they have left, of which the file would make members


def defaults(settings: Settings, edition: str, basis: str, origin: str) -> Defaults:
    """What a line of a file may name, and what holds where it names nothing."""
    chosen = settings.edition(edition)
    themes = {t.id for one in settings.editions for t in settings.sections(one)}
    return Defaults(
        edition=chosen.id,
        basis=basis,
        origin=origin,
        editions=frozenset((ALERTS, *(one.id for one in settings.editions))),
        themes=frozenset(themes),
        alerts=frozenset(rule.id for rule in settings.alert_rules),
    )


def bring_in(
    desk: Database, listed: Sequence[Listed], now: datetime, *, dry_run: bool
) -> list[Outcome]:
    """Add those who may be added; a dry run says the same and changes nothing but old removals."""
    people.forget_the_removed(desk)
    done = []
    for one in listed:
        left = people.departures(desk, one.person.address)
        if dry_run:
            added = people.judge(desk, one.person)
        else:
            added = people.add_recipient(desk, one.person, now)
        held = tuple(edition for edition in one.person.editions if edition in left)
        done.append(Outcome(one, added, () if added is Added.LEFT else held))
    return done


def invite(desk: Database, person: NewRecipient, now: datetime) -> RecipientRow:
    """Propose someone, also one who has left: nothing is sent but the letter to confirm.

    Raises MailingError for someone who is on a list, who needs no invitation.
    """
    awaited = dataclasses.replace(person, awaited=True, clearance=Tlp.CLEAR)
    people.forget_the_removed(desk)
    if people.judge(desk, awaited) is Added.THERE:
        raise MailingError(f"{person.address} is on the list already")
    people.add_recipient(desk, awaited, now, returning=True)
    return people.recipient(desk, person.address)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who was written to, and who was not and why."""

    asked: tuple[str, ...] = ()
    held: tuple[tuple[str, str], ...] = ()


def ask(settings: Settings, desk: Database, now: datetime, address: str = "") -> Asked:
    """Write to those who have to confirm and were not asked yet; to `address` once more.

    Raises MailingError where there are no pages to confirm on.
    """
    if not settings.serve.url:
        raise MailingError("[serve] url in vigie.toml is missing: there is no page to confirm on")
    limits = consent.Limits(
        settings.mail.confirmations_per_address, settings.mail.confirmations_per_structure
    )
    rows = consent.awaited(desk)
    if address:
        rows = [row for row in rows if row.address.casefold() == address.strip().casefold()]
        if not rows:
            raise MailingError(f"{address} has nothing to confirm")
    asked: list[str] = []
    held: list[tuple[str, str]] = []
    for row in rows:
        if not address and consent.was_asked(desk, row):
            continue
        if why := consent.may_ask(desk, row, limits, now):
            held.append((row.address, why))
            continue
        consent.note_asked(desk, row, now)
        try:
            post(settings, [(row.address, _letter(settings, desk, row, now))])
            asked.append(row.address)
        except MailingError as error:
            held.append((row.address, str(error)))
    return Asked(tuple(asked), tuple(held))


def titles(settings: Settings, row: RecipientRow) -> str:
    """The names of a person's editions, in their language."""
    known = {one.id: one.title[row.language] for one in settings.editions}  # type: ignore[index]  # one of four
    known[ALERTS] = pages.alerts_title(row.language)
    return ", ".join(known[one] for one in row.editions if one in known)


def _letter(settings: Settings, desk: Database, row: RecipientRow, now: datetime) -> bytes:
    link = linker(desk, settings).address(Purpose.CONFIRM, row.id, "", now)
    subject, rows = confirmation(
        row.language, titles(settings, row), link, settings.mail.confirm_days
    )
    return letter(settings.mail.sender, row.name, row.address, subject, rows, now)
