"""Messages that came back: each noted once; hard ones suspend the recipient until restored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlite_utils import Database

from vigie.archive.connect import transaction
from vigie.archive.moments import from_text, to_text
from vigie.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class NewBounce:
    """A message that came back, as far as it says whom it is about."""

    digest: str  # SHA-256 of its bytes
    delivery: int | None  # by its return path
    addresses: tuple[str, ...]  # by what it says
    kind: str  # hard, soft or unclear
    status: str
    detail: str


def seen(db: Database, digest: str) -> bool:
    return bool(db.execute("SELECT 1 FROM bounces WHERE digest = ?", [digest]).fetchone())


def note(db: Database, new: NewBounce, now: datetime) -> str:
    """Note it, and suspend or count its recipient; gives their address, "" for nobody we know.

    A second time changes nothing.
    """
    with transaction(db):
        delivery, recipient, address = _whom(db, new)
        cursor = db.execute(
            """INSERT INTO bounces (digest, recipient_id, delivery_id, kind, status, detail, at)
               VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING""",
            [
                *(new.digest, recipient, delivery, new.kind, new.status),
                *(new.detail if recipient else "", to_text(now)),
            ],
        )
        if not cursor.rowcount or recipient is None:
            return ""
        if new.kind == "hard":
            db.execute(
                "UPDATE recipients SET suspended_at = coalesce(suspended_at, ?) WHERE id = ?",
                [to_text(now), recipient],
            )
            db.execute(
                """UPDATE deliveries SET state = 'bounced', detail = ?, changed_at = ?
                   WHERE id = ? AND state IN ('sent', 'in doubt')""",
                [new.detail, to_text(now), delivery],
            )
        elif new.kind == "soft":
            db.execute(
                "UPDATE recipients SET soft_bounces = soft_bounces + 1 WHERE id = ?", [recipient]
            )
        return address


def _whom(db: Database, new: NewBounce) -> tuple[int | None, int | None, str]:
    """(delivery, recipient, address): by the return path, else by an address that it names."""
    if new.delivery is not None:
        row = db.execute(
            """SELECT d.id, r.id, r.address FROM deliveries d JOIN recipients r
               ON r.id = d.recipient_id WHERE d.id = ? AND r.removed_at IS NULL""",
            [new.delivery],
        ).fetchone()
        return tuple(row) if row else (None, None, "")
    for address in new.addresses:
        row = db.execute(
            """SELECT (SELECT max(d.id) FROM deliveries d WHERE d.recipient_id = r.id
                       AND d.state IN ('sent', 'in doubt')), r.id, r.address
               FROM recipients r WHERE r.address = ? AND r.removed_at IS NULL""",
            [address],
        ).fetchone()
        if row:
            return tuple(row)
    return None, None, ""


def restore(db: Database, address: str) -> None:
    """Write to this address again. Raises NotFoundError where it was not suspended."""
    with transaction(db):
        cursor = db.execute(
            """UPDATE recipients SET suspended_at = NULL, soft_bounces = 0
               WHERE address = ? AND removed_at IS NULL AND suspended_at IS NOT NULL""",
            [address.strip()],
        )
        if not cursor.rowcount:
            raise NotFoundError(
                f"{address} is not suspended; `vigie digest bounces` lists those who are"
            )


@dataclass(frozen=True, slots=True)
class BounceRow:
    """One bounce, as a coordinator sees it."""

    id: int
    at: datetime
    kind: str
    status: str
    detail: str
    name: str
    address: str  # "" for nobody that we know
    structure: str
    contact: str
    suspended: bool


_ROWS = """SELECT b.id, b.at, b.kind, b.status, b.detail, coalesce(r.name, ''),
        coalesce(r.address, ''), coalesce(p.name, ''), coalesce(p.contact, ''),
        r.suspended_at IS NOT NULL
    FROM bounces b LEFT JOIN recipients r ON r.id = b.recipient_id
    LEFT JOIN partners p ON p.id = r.partner_id"""


def overview(db: Database) -> list[BounceRow]:
    """All bounces, newest first."""
    return _rows(db, f"{_ROWS} ORDER BY b.at DESC, b.id DESC", [])


def untold(db: Database, now: datetime) -> list[BounceRow]:
    """Hard bounces that a structure's contact is to be told of: once a day at most, by contact."""
    day = to_text(now - timedelta(days=1))
    return _rows(
        db,
        f"""{_ROWS} WHERE b.told_at IS NULL AND b.kind = 'hard' AND p.contact <> ''
            AND r.suspended_at IS NOT NULL
            AND (p.bounces_told_at IS NULL OR p.bounces_told_at <= ?)
            ORDER BY p.contact, p.name, r.name, b.id""",
        [day],
    )


def note_told(db: Database, rows: Sequence[BounceRow], now: datetime) -> None:
    """Note that one contact was told of these."""
    at = to_text(now)
    with transaction(db):
        for row in rows:
            db.execute("UPDATE bounces SET told_at = ? WHERE id = ?", [at, row.id])
        for structure in {row.structure for row in rows}:
            db.execute("UPDATE partners SET bounces_told_at = ? WHERE name = ?", [at, structure])


def _rows(db: Database, sql: str, values: Sequence[str]) -> list[BounceRow]:
    rows = db.execute(sql, list(values)).fetchall()
    return [
        BounceRow(a, from_text(b), c, d, e, f, g, h, i, bool(j))
        for a, b, c, d, e, f, g, h, i, j in rows
    ]
