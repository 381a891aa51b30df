"""Recipients: who receives which edition, what they want of it, and how they leave."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlite_utils import Database

from vigie.archive.connect import transaction
from vigie.archive.keys import hashed
from vigie.archive.moments import maybe, to_text
from vigie.archive.wishes import Wish, wish_where_none
from vigie.errors import NotFoundError
from vigie.model import Recipient, Tlp
from vigie.schema import ALERTS

_NOT_THERE = "no recipient {}; `vigie digest recipients list` shows them"


@dataclass(frozen=True, slots=True)
class NewRecipient:
    """Someone to add to the lists of some editions."""

    name: str
    address: str
    language: str
    structure: str
    editions: tuple[str, ...]
    legal_basis: str
    origin: str
    themes: tuple[str, ...] = ()  # in each of the editions; empty: all
    clearance: Tlp = Tlp.CLEAR
    format: str = "html"
    contact: str = ""  # the structure's own address
    awaited: bool = False  # nothing is sent before they have confirmed
    wish: Wish | None = None  # which alerts; None: nothing said


class Added(StrEnum):
    """What became of someone to add."""

    ADDED = "added"
    THERE = "on the list already, and left as they are"
    LEFT = "has left, and stays away unless they confirm that they come back"


def add_recipient(
    db: Database, new: NewRecipient, now: datetime, *, returning: bool = False
) -> Added:
    """Add a person once, whatever the number of calls; their structure is made where it is new.

    Whoever has left an edition is not put back on it; `returning` adds them as someone who has to
    confirm first. Someone who is there is given the editions that they lack, and nothing else.
    """
    foretold = judge(db, new)
    if foretold is Added.LEFT and not returning:
        return foretold
    at = to_text(now)
    gone = set() if returning else departures(db, new.address)
    with transaction(db):
        db.execute(
            """INSERT INTO partners (name, contact, added_at) VALUES (?, ?, ?)
               ON CONFLICT (name) DO UPDATE SET contact = excluded.contact
               WHERE contact = '' AND excluded.contact <> ''""",
            [new.structure, new.contact, at],
        )
        db.execute(
            """INSERT INTO recipients (partner_id, name, address, language, clearance, format,
                   legal_basis, origin, added_at, awaited)
               SELECT id, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM partners WHERE name = ?
               ON CONFLICT DO NOTHING""",
            [
                *(new.name, new.address, new.language, new.clearance.value, new.format),
                *(new.legal_basis, new.origin, at, int(new.awaited), new.structure),
            ],
        )
        for edition in new.editions:
            if edition not in gone:
                themes = () if edition == ALERTS else new.themes
                _subscribe(db, new.address, edition, themes, at)
        if new.wish and ALERTS not in gone:
            wish_where_none(db, new.address, new.wish, at)
    return foretold if foretold is Added.THERE else Added.ADDED


def judge(db: Database, new: NewRecipient) -> Added:
    """What `add_recipient` would make of them; changes nothing."""
    row = db.execute(
        "SELECT removed_at FROM recipients WHERE address = ?", [new.address]
    ).fetchone()
    if row is not None:
        return Added.LEFT if row[0] else Added.THERE
    gone = departures(db, new.address)
    if "" in gone or set(new.editions) <= gone:
        return Added.LEFT
    return Added.ADDED


def departures(db: Database, address: str) -> set[str]:
    """The editions that this address has left; '' stands for all."""
    rows = db.execute("SELECT edition FROM departures WHERE hash = ?", [hashed(db, address)])
    return {edition for (edition,) in rows}


def _subscribe(db: Database, address: str, edition: str, themes: Sequence[str], at: str) -> None:
    """Add one edition to what they receive; a choice of themes that is there stands."""
    for theme in themes or ("",):
        db.execute(
            """INSERT INTO subscriptions (recipient_id, edition, theme, added_at)
               SELECT id, ?, ?, ? FROM recipients r WHERE address = ? AND NOT EXISTS (
                   SELECT 1 FROM subscriptions s WHERE s.recipient_id = r.id AND s.edition = ?
                   AND s.added_at <> ?)
               ON CONFLICT DO NOTHING""",
            [edition, theme, at, address, edition, at],
        )


@dataclass(frozen=True, slots=True)
class Subscription:
    """One edition that someone receives; no themes means all."""

    edition: str
    themes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RecipientRow:
    """Someone on a list, as a coordinator sees them."""

    id: int
    name: str
    address: str
    language: str
    structure: str
    contact: str
    clearance: Tlp
    format: str
    subscriptions: tuple[Subscription, ...]
    awaited: bool
    suspended_at: datetime | None = None
    removed: bool = False

    @property
    def editions(self) -> tuple[str, ...]:
        return tuple(one.edition for one in self.subscriptions)

    def of(self, edition: str) -> Recipient:
        """The same person as a recipient of that edition."""
        themes = next((s.themes for s in self.subscriptions if s.edition == edition), ())
        return Recipient(
            id=self.id,
            name=self.name,
            address=self.address,
            language=self.language,
            structure=self.structure,
            clearance=self.clearance,
            themes=themes,
            format=self.format,
        )


_PEOPLE = """SELECT r.*, p.name AS structure, p.contact,
        (SELECT json_group_array(json_array(s.edition, s.theme)) FROM subscriptions s
         WHERE s.recipient_id = r.id) AS chosen
    FROM recipients r JOIN partners p ON p.id = r.partner_id"""


def recipients(db: Database) -> list[RecipientRow]:
    """Everyone, by structure and name; those who have left last, without a name."""
    rows = db.query(f"{_PEOPLE} ORDER BY r.removed_at IS NOT NULL, p.name, r.name, r.id")
    return [_row(row) for row in rows]


def listed(db: Database) -> list[RecipientRow]:
    """Those who have not left, in the order in which they came."""
    rows = db.query(f"{_PEOPLE} WHERE r.removed_at IS NULL ORDER BY r.id")
    return [_row(row) for row in rows]


def recipient(db: Database, address: str) -> RecipientRow:
    """The one of that address. Raises NotFoundError, also for one who has left."""
    row = next(db.query(f"{_PEOPLE} WHERE r.address = ?", [address.strip()]), None)
    if row is None or row["removed_at"]:
        raise NotFoundError(_NOT_THERE.format(address))
    return _row(row)


def by_number(db: Database, number: int) -> RecipientRow | None:
    """The one of that number, also if they have left; None for a number that is none."""
    row = next(db.query(f"{_PEOPLE} WHERE r.id = ?", [number]), None)
    return _row(row) if row else None


def _row(row: dict[str, object]) -> RecipientRow:
    text = {key: str(value) for key, value in row.items()}
    return RecipientRow(
        id=int(text["id"]),
        name=text["name"],
        address=text["address"],
        language=text["language"],
        structure=text["structure"],
        contact=text["contact"],
        clearance=Tlp(text["clearance"]),
        format=text["format"],
        subscriptions=_subscriptions(text["chosen"]),
        awaited=text["awaited"] == "1",
        suspended_at=maybe(str(row["suspended_at"] or "") or None),
        removed=row["removed_at"] is not None,
    )


def _subscriptions(chosen: str) -> tuple[Subscription, ...]:
    by_edition: dict[str, set[str]] = {}
    for edition, theme in json.loads(chosen):
        by_edition.setdefault(edition, set()).add(theme)
    return tuple(
        Subscription(edition, () if "" in themes else tuple(sorted(themes)))
        for edition, themes in sorted(by_edition.items())
    )


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be changed about someone; None: left as it is."""

    language: str | None = None
    format: str | None = None
    clearance: Tlp | None = None
    subscriptions: tuple[Subscription, ...] | None = field(default=None)


def change(db: Database, number: int, what: Change, now: datetime) -> bool:
    """Change someone who has not left; once or ten times gives the same. False: nobody there.

    An edition that is not among the given `subscriptions` is left, as by its link. None at all is
    not leaving: that is `leave`'s.
    """
    row = by_number(db, number)
    if row is None or row.removed:
        return False
    hash_ = hashed(db, row.address)
    at = to_text(now)
    with transaction(db):
        db.execute(
            """UPDATE recipients SET language = coalesce(?, language),
                   format = coalesce(?, format), clearance = coalesce(?, clearance)
               WHERE id = ? AND removed_at IS NULL""",
            [what.language, what.format, what.clearance and what.clearance.value, number],
        )
        if what.subscriptions is not None and set(what.subscriptions) != set(row.subscriptions):
            wanted = {one.edition for one in what.subscriptions}
            for edition in set(row.editions) - wanted:
                _depart(db, hash_, edition, at, "link")
                if edition == ALERTS:
                    db.execute("DELETE FROM alert_wishes WHERE recipient_id = ?", [number])
            for edition in wanted:
                db.execute(
                    "DELETE FROM departures WHERE hash = ? AND edition = ?", [hash_, edition]
                )
            db.execute("DELETE FROM subscriptions WHERE recipient_id = ?", [number])
            db.conn.executemany(
                "INSERT INTO subscriptions VALUES (?, ?, ?, ?)",
                [
                    (number, one.edition, theme, at)
                    for one in what.subscriptions
                    for theme in one.themes or ("",)
                ],
            )
    return True


def leave(db: Database, number: int, edition: str, now: datetime, how: str = "link") -> None:
    """Take someone off one edition, or all (''), for good. Once or ten times gives the same.

    Who has no edition left is forgotten: of their row only a number stays, for the ledger's sake,
    and of their address a keyed hash.
    """
    row = by_number(db, number)
    if row is None or row.removed:
        return
    hash_ = hashed(db, row.address)
    at = to_text(now)
    with transaction(db):
        if edition and set(row.editions) - {edition}:
            _depart(db, hash_, edition, at, how)
            db.execute(
                "DELETE FROM subscriptions WHERE recipient_id = ? AND edition = ?",
                [number, edition],
            )
            if edition == ALERTS:
                db.execute("DELETE FROM alert_wishes WHERE recipient_id = ?", [number])
        else:
            _depart(db, hash_, "", at, how)
            _forget(db, number, at)


def remove_recipient(db: Database, address: str, now: datetime) -> None:
    """Nothing is sent to this address again. Raises NotFoundError for one that is not there."""
    leave(db, recipient(db, address).id, "", now, "command")


def _depart(db: Database, hash_: str, edition: str, at: str, how: str) -> None:
    db.execute(
        "INSERT INTO departures VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [hash_, edition, at, how],
    )


def _forget(db: Database, number: int, at: str) -> None:
    """Empty someone's row of all that tells who they are; what was to be sent is withdrawn."""
    db.execute(
        """UPDATE recipients SET name = '', address = 'gone-' || id, clearance = 'TLP:CLEAR',
               format = 'html', legal_basis = '', origin = '', removed_at = coalesce(removed_at, ?),
               awaited = 0, confirmed_at = NULL, suspended_at = NULL, soft_bounces = 0,
               partner_id = (SELECT id FROM partners WHERE name = '')
           WHERE id = ?""",
        [at, number],
    )
    db.execute("DELETE FROM subscriptions WHERE recipient_id = ?", [number])
    db.execute("DELETE FROM bounces WHERE recipient_id = ?", [number])
    db.execute("DELETE FROM alert_wishes WHERE recipient_id = ?", [number])
    db.execute(
        """UPDATE alert_items SET rules = '[]',
               state = CASE WHEN state IN ('held', 'waiting', 'counted') THEN 'superseded'
                   ELSE state END
           WHERE recipient_id = ?""",
        [number],
    )
    db.execute(
        """UPDATE deliveries SET detail = '', next_try = NULL,
               state = CASE WHEN state IN ('queued', 'deferred') THEN 'withdrawn' ELSE state END
           WHERE recipient_id = ?""",
        [number],
    )


def forget_the_removed(db: Database) -> int:
    """Bring rows that an earlier Vigie only marked as removed to what `leave` makes of them."""
    rows = db.execute(
        """SELECT id, address, removed_at FROM recipients
           WHERE removed_at IS NOT NULL AND address <> 'gone-' || id"""
    ).fetchall()
    for number, address, at in rows:
        hash_ = hashed(db, address)
        with transaction(db):
            _depart(db, hash_, "", at, "command")
            _forget(db, number, at)
    return len(rows)
