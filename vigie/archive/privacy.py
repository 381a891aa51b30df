"""One person's data: everything the desk holds of an address, to hand over or to erase."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from vigie.archive import people
from vigie.archive.connect import transaction
from vigie.archive.keys import hashed
from vigie.archive.moments import to_text
from vigie.errors import NotFoundError

# Every place of desk.db where one person's data can stand, and how it is found there.
_PLACES = {
    "users": "SELECT * FROM users WHERE address = :address COLLATE NOCASE",
    "partners": """SELECT * FROM partners WHERE contact = :address COLLATE NOCASE
        OR id = (SELECT partner_id FROM recipients WHERE address = :address)""",
    "recipients": "SELECT * FROM recipients WHERE address = :address",
    "subscriptions": "SELECT * FROM subscriptions WHERE recipient_id = :id",
    "alert_wishes": "SELECT * FROM alert_wishes WHERE recipient_id = :id",
    "alert_items": "SELECT * FROM alert_items WHERE recipient_id = :id",
    "deliveries": "SELECT * FROM deliveries WHERE recipient_id = :id",
    "bounces": "SELECT * FROM bounces WHERE recipient_id = :id",
    "confirmations": "SELECT * FROM confirmations WHERE hash = :hash",
    "departures": "SELECT * FROM departures WHERE hash = :hash",
    "comments": """SELECT * FROM comments WHERE who =
        (SELECT handle FROM users WHERE address = :address COLLATE NOCASE)""",
}


def export(db: Database, address: str) -> str:
    """All rows of all tables that are about this address, as JSON. Raises NotFoundError."""
    values = _values(db, address)
    found = {table: rows for table, sql in _PLACES.items() if (rows := list(db.query(sql, values)))}
    if not found:
        raise NotFoundError(f"nothing is kept about {address}")
    return json.dumps({"address": address, "tables": found}, ensure_ascii=False, indent=2)


@dataclass(frozen=True, slots=True)
class Erased:
    """How many rows went; what stays is a keyed hash and counts."""

    recipients: int
    deliveries: int
    users: int
    contacts: int
    confirmations: int


def erase(db: Database, address: str, now: datetime) -> Erased:
    """Erase one person: only the keyed hash of the address and counts of deliveries stay.

    Not while an issue is being sent: the folder's lock must be held.
    """
    values = _values(db, address)
    if not any(next(iter(db.query(sql, values)), None) for sql in _PLACES.values()):
        raise NotFoundError(f"nothing is kept about {address}")
    with transaction(db):
        db.execute(
            "INSERT OR REPLACE INTO departures VALUES (:hash, '', :at, 'erased')",
            {"hash": values["hash"], "at": to_text(now)},
        )
        db.execute("DELETE FROM departures WHERE hash = :hash AND edition <> ''", values)
        db.execute(
            """INSERT INTO delivery_counts
               SELECT issue_id, issue_revision,
                   CASE state WHEN 'sending' THEN 'in doubt' WHEN 'queued' THEN 'withdrawn'
                       WHEN 'claimed' THEN 'withdrawn' WHEN 'deferred' THEN 'withdrawn'
                       ELSE state END AS how, count(*)
               FROM deliveries WHERE recipient_id = :id GROUP BY 1, 2, 3
               ON CONFLICT DO UPDATE SET number = number + excluded.number""",
            values,
        )
        gone = [
            db.execute(sql, values).rowcount
            for sql in (
                "DELETE FROM alert_wishes WHERE recipient_id = :id",
                "DELETE FROM alert_items WHERE recipient_id = :id",
                "DELETE FROM bounces WHERE recipient_id = :id",
                "DELETE FROM subscriptions WHERE recipient_id = :id",
                "DELETE FROM deliveries WHERE recipient_id = :id",
                "DELETE FROM recipients WHERE id = :id",
                "DELETE FROM users WHERE address = :address COLLATE NOCASE",
                "UPDATE partners SET contact = '' WHERE contact = :address COLLATE NOCASE",
                "DELETE FROM confirmations WHERE hash = :hash",
            )
        ]
    *_, deliveries, recipients, users, contacts, confirmations = gone
    return Erased(recipients, deliveries, users, contacts, confirmations)


def _values(db: Database, address: str) -> dict[str, object]:
    people.forget_the_removed(db)
    address = address.strip()
    row = db.execute("SELECT id FROM recipients WHERE address = ?", [address]).fetchone()
    return {"address": address, "id": row[0] if row else -1, "hash": hashed(db, address)}
