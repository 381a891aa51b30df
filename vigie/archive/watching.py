"""What is recorded of sources, for judging their health: facts, shares, events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlite_utils import Database

from vigie.archive.moments import from_text, maybe, to_text
from vigie.archive.sources import state_of
from vigie.model import Reservation, SourceFacts, SourceId

_RECENT = timedelta(days=90)  # over which shares are counted


@dataclass(frozen=True, slots=True)
class EventRow:
    """Something that happened to a source, or to all of them."""

    at: datetime
    kind: str
    detail: str


def facts(db: Database, now: datetime) -> list[SourceFacts]:
    """Every source, in the order of their ids."""
    shares = _shares(db, now)
    rows = db.query(
        """SELECT s.id, s.active, s.rhythm, s.added_at, s.paused_until, s.stopped_at, s.note, p.*
           FROM sources s
           JOIN polls p ON p.source_id = s.id ORDER BY s.id"""
    )
    found = []
    for row in rows:
        duplicates, kept = shares.get(row["id"], (None, None))
        until = row["paused_until"]
        found.append(
            SourceFacts(
                row["id"],
                bool(row["active"]),
                row["rhythm"],
                from_text(row["added_at"]),
                state_of(row),
                duplicates,
                kept,
                paused_until=date.fromisoformat(until) if until else None,
                stopped_at=maybe(row["stopped_at"]),
                note=row["note"],
            )
        )
    return found


def _shares(db: Database, now: datetime) -> dict[SourceId, tuple[float, float]]:
    """Of what each source carried lately: the share that another had first, and that is kept."""
    rows = db.execute(
        """SELECT x.source_id,
               avg(a.source_id <> x.source_id
                   OR coalesce(g.founder_id <> a.id AND f.source_id <> x.source_id, 0)),
               avg(coalesce((SELECT d.verdict = 'keep' FROM decisions d
                   WHERE d.article_id = a.id ORDER BY d.id DESC LIMIT 1), 0))
           FROM sightings x JOIN articles a ON a.id = x.article_id
           LEFT JOIN duplicate_members m ON m.article_id = a.id
           LEFT JOIN duplicate_groups g ON g.id = m.group_id
           LEFT JOIN articles f ON f.id = g.founder_id
           WHERE x.first_seen >= ? GROUP BY x.source_id""",
        [to_text(now - _RECENT)],
    )
    return {source: (duplicates, kept) for source, duplicates, kept in rows}


def unread(db: Database, source: SourceId, limit: int = 5) -> Iterator[EventRow]:
    """What of a source could not be read, newest first: where it stood, and why."""
    rows = db.execute(
        """SELECT at, place, reason FROM quarantine WHERE source_id = ?
           ORDER BY at DESC, id DESC LIMIT ?""",
        [source, limit],
    )
    for at, place, reason in rows:
        yield EventRow(from_text(at), place, reason)


def events(db: Database, source: SourceId, limit: int = 20) -> Iterator[EventRow]:
    """What happened to one source, and to all of them, newest first."""
    rows = db.execute(
        """SELECT at, kind, detail FROM source_events
           WHERE source_id = ? OR source_id IS NULL ORDER BY at DESC, id DESC LIMIT ?""",
        [source, limit],
    )
    for at, kind, detail in rows:
        yield EventRow(from_text(at), kind, detail)


def reservation(db: Database, source: SourceId) -> Reservation | None:
    """What the source's host asks of machines, without its rules; None before it was asked."""
    row = db.execute(
        """SELECT checked_at, robots, robots_detail, tdm, tdm_from, tdm_policy
           FROM reservations WHERE source_id = ?""",
        [source],
    ).fetchone()
    if row is None:
        return None
    checked, robots, detail, tdm, tdm_from, policy = row
    return Reservation(from_text(checked), robots, detail, bool(tdm), tdm_from, policy)
