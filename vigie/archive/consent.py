"""Double opt-in: who has to confirm, how often they may be asked, and their word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlite_utils import Database

from vigie.archive.connect import transaction
from vigie.archive.keys import hashed
from vigie.archive.moments import to_text
from vigie.archive.people import RecipientRow, by_number, listed


@dataclass(frozen=True, slots=True)
class Limits:
    """How many confirmation mails may be sent: in 30 days to one address, in a day to one body."""

    per_address: int
    per_structure: int


def awaited(db: Database) -> list[RecipientRow]:
    """Who has to confirm before anything is sent, in the order in which they came."""
    return [row for row in listed(db) if row.awaited]


def may_ask(db: Database, row: RecipientRow, limits: Limits, now: datetime) -> str:
    """Why no confirmation mail may be sent to them now; "" where one may."""
    month, day = (to_text(now - timedelta(days=days)) for days in (30, 1))
    (own,) = db.execute(
        "SELECT count(*) FROM confirmations WHERE sent_at > ? AND hash = ?",
        [month, hashed(db, row.address)],
    ).fetchone()
    if own >= limits.per_address:
        return f"{own} confirmation mails in 30 days are enough"
    (theirs,) = db.execute(
        """SELECT count(*) FROM confirmations WHERE sent_at > ?
           AND partner_id = (SELECT partner_id FROM recipients WHERE id = ?)""",
        [day, row.id],
    ).fetchone()
    if theirs >= limits.per_structure:
        return f"{theirs} confirmation mails to {row.structure} within a day are enough"
    return ""


def was_asked(db: Database, row: RecipientRow) -> bool:
    """Whether a confirmation mail went to them since they were added."""
    found = db.execute(
        """SELECT 1 FROM confirmations c JOIN recipients r ON r.id = ?
           WHERE c.hash = ? AND c.sent_at >= r.added_at""",
        [row.id, hashed(db, row.address)],
    ).fetchone()
    return bool(found)


def note_asked(db: Database, row: RecipientRow, now: datetime) -> None:
    """Note it before the mail leaves: after a crash one too few goes out, never one too many."""
    hash_ = hashed(db, row.address)
    with transaction(db):
        db.execute(
            """INSERT INTO confirmations (hash, partner_id, sent_at)
               SELECT ?, partner_id, ? FROM recipients WHERE id = ?""",
            [hash_, to_text(now), row.id],
        )


def confirm(db: Database, number: int, now: datetime) -> bool:
    """Note someone's consent, and let them come back to what they had left. False: nobody there."""
    row = by_number(db, number)
    if row is None or row.removed:
        return False
    if row.awaited:
        hash_ = hashed(db, row.address)
        with transaction(db):
            db.execute(
                "UPDATE recipients SET awaited = 0, confirmed_at = ? WHERE id = ?",
                [to_text(now), number],
            )
            db.execute("DELETE FROM departures WHERE hash = ?", [hash_])
    return True
