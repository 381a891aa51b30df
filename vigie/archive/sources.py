"""Sources and their polls: what is declared, what was seen, who is due."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlite_utils import Database

from vigie.archive.moments import from_text, maybe, maybe_text, to_text
from vigie.model import (
    Failure,
    FailureKind,
    Fetched,
    FetchJob,
    ParsedFeed,
    PollState,
    Reservation,
    Rights,
    SourceId,
    TdmRule,
)

_FORGOTTEN = timedelta(days=30)  # what is still listed is read again much sooner


@dataclass(frozen=True, slots=True)
class DueSource:
    """A source to be polled now, with what was remembered of it."""

    id: SourceId
    url: str  # as declared
    rights: Rights
    language: str
    state: PollState
    rhythm: str = "daily"
    tdm_override: str = ""
    reservation: Reservation | None = None  # None before the host was asked


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source's line in a list: what it is and how it is."""

    id: SourceId
    title: str
    url: str
    kind: str
    language: str
    territory: str
    themes: tuple[str, ...]
    responsible: str
    rights: str
    state: str  # well, ill, paused, never polled, retired
    failure: str  # in words; "" when well
    ill_since: datetime | None
    last_ok: datetime | None
    next_due: datetime | None
    articles: int
    last_article: datetime | None


@dataclass(frozen=True, slots=True)
class FetchRow:
    """One poll of a source, as recorded."""

    at: datetime
    seconds: float
    status: int
    items: int
    new: int
    revised: int
    failure: str


def add_event(db: Database, source: SourceId | None, at: datetime, kind: str, detail: str) -> None:
    """Note what happened to a source, or to the whole run; within the caller's transaction."""
    db.execute(
        "INSERT INTO source_events (source_id, at, kind, detail) VALUES (?, ?, ?, ?)",
        [source, to_text(at), kind, detail],
    )


def due(db: Database, now: datetime, *, everything: bool = False) -> list[DueSource]:
    """Active sources, none paused, whose time has come: the well first, the longest waiting first.

    A server that hangs holds one of few places for its whole time: the ill ones wait for those
    that are well, not the other way round.
    """
    rows = db.query(
        """SELECT s.id, s.url AS declared, s.rights, s.language, s.rhythm, s.tdm_override, p.*,
               r.checked_at, r.robots, r.robots_detail, r.tdm, r.tdm_from, r.tdm_policy, r.rules
           FROM sources s JOIN polls p ON p.source_id = s.id
           LEFT JOIN reservations r ON r.source_id = s.id
           WHERE s.active = 1 AND p.retired_at IS NULL
             AND s.paused_until <= substr(:now, 1, 10) AND (:all OR p.next_due <= :now)
           ORDER BY p.failures > 0, p.next_due, s.id""",
        {"all": everything, "now": to_text(now)},
    )
    return [
        DueSource(
            row["id"],
            row["declared"],
            Rights(row["rights"]),
            row["language"],
            state_of(row),
            row["rhythm"],
            row["tdm_override"],
            _reservation(row),
        )
        for row in rows
    ]


def state_of(row: dict[str, Any]) -> PollState:
    """The state that a row of `polls` holds."""
    text = {key: str(value) if value is not None else "" for key, value in row.items()}
    failure = None
    if text["failure_kind"]:
        failure = Failure(
            FailureKind(text["failure_kind"]), text["failure_detail"], int(text["failure_status"])
        )
    return PollState(
        next_due=from_text(text["next_due"]),
        etag=text["etag"],
        last_modified=text["last_modified"],
        last_polled=maybe(text["last_polled"]),
        last_ok=maybe(text["last_ok"]),
        ill_since=maybe(text["ill_since"]),
        failures=int(text["failures"]),
        failure=failure,
        moved_to=text["moved_to"],
        moved_seen=int(text["moved_seen"]),
        url=text["url"],
        moved_at=maybe(text["moved_at"]),
        since_full=int(text["since_full"]),
        last_full=maybe(text["last_full"]),
        ttl=row["ttl"],
        skip_hours=tuple(json.loads(text["skip_hours"])),
        skip_days=tuple(json.loads(text["skip_days"])),
        norm=row["norm"],
        last_item=maybe(text["last_item"]),
        spared_at=maybe(text["spared_at"]),
        retired_at=maybe(text["retired_at"]),
        retired_why=text["retired_why"],
        notice=text["notice"],
    )


def _reservation(row: dict[str, Any]) -> Reservation | None:
    if row["checked_at"] is None:
        return None
    return Reservation(
        from_text(row["checked_at"]),
        row["robots"],
        row["robots_detail"],
        bool(row["tdm"]),
        row["tdm_from"],
        row["tdm_policy"],
        tuple(TdmRule(*rule) for rule in json.loads(row["rules"])),
    )


def save_reservation(db: Database, source: SourceId, told: Reservation) -> None:
    """Within the caller's transaction."""
    rules = json.dumps([[rule.location, rule.reserved, rule.policy] for rule in told.rules])
    db.execute(
        "INSERT OR REPLACE INTO reservations VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            *(source, to_text(told.checked_at), told.robots, told.robots_detail),
            *(int(told.tdm), told.tdm_from, told.tdm_policy, rules),
        ],
    )


def last_success(db: Database) -> datetime | None:
    """When any source last answered well."""
    return maybe(db.execute("SELECT max(last_ok) FROM polls").fetchone()[0])


def save_state(db: Database, source: SourceId, state: PollState) -> None:
    """Within the caller's transaction."""
    failure = state.failure
    db.execute(
        """UPDATE polls SET next_due = ?, etag = ?, last_modified = ?, last_polled = ?, last_ok = ?,
               ill_since = ?, failures = ?, failure_kind = ?, failure_detail = ?,
               failure_status = ?, moved_to = ?, moved_seen = ?, url = ?, moved_at = ?,
               since_full = ?, last_full = ?, ttl = ?, skip_hours = ?, skip_days = ?, norm = ?,
               last_item = ?, spared_at = ?, retired_at = ?, retired_why = ?, notice = ?
           WHERE source_id = ?""",
        [
            *(to_text(state.next_due), state.etag, state.last_modified),
            *(maybe_text(state.last_polled), maybe_text(state.last_ok)),
            *(maybe_text(state.ill_since), state.failures),
            *((failure.kind.value, failure.detail, failure.status) if failure else ("", "", 0)),
            *(state.moved_to, state.moved_seen, state.url, maybe_text(state.moved_at)),
            *(state.since_full, maybe_text(state.last_full), state.ttl),
            *(json.dumps(state.skip_hours), json.dumps(state.skip_days), state.norm),
            *(maybe_text(state.last_item), maybe_text(state.spared_at)),
            *(maybe_text(state.retired_at), state.retired_why, state.notice, source),
        ],
    )


def record_fetch(
    db: Database, source: SourceId, fetched: Fetched, parsed: ParsedFeed, new: int, revised: int
) -> None:
    """One line of the source's history; within the caller's transaction."""
    failure = parsed.failure or fetched.failure
    db.execute(
        """INSERT INTO fetches (source_id, at, seconds, status, bytes, items, new, revised,
               failure_kind, failure_detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        [
            *(source, to_text(fetched.at), fetched.seconds, fetched.status),
            *(fetched.size or len(fetched.body), len(parsed.items), new, revised),
            *((failure.kind.value, failure.detail) if failure else ("", "")),
        ],
    )


def overview(db: Database) -> list[SourceRow]:
    """Every source, as `vigie sources` lists them."""
    rows = db.query(
        """SELECT h.*, s.url, s.kind, s.language, s.territory, s.themes, s.responsible, s.rights
           FROM source_health h
           JOIN sources s ON s.id = h.source ORDER BY h.active DESC, h.source"""
    )
    return [
        SourceRow(
            id=row["source"],
            title=row["title"],
            url=row["url"],
            kind=row["kind"],
            language=row["language"],
            territory=row["territory"],
            themes=tuple(json.loads(row["themes"])),
            responsible=row["responsible"],
            rights=row["rights"],
            state=row["state"],
            failure=row["failure_detail"] or row["failure"] or "",
            ill_since=maybe(row["ill_since"]),
            last_ok=maybe(row["last_ok"]),
            next_due=maybe(row["next_due"]),
            articles=row["articles"],
            last_article=maybe(row["last_article"]),
        )
        for row in rows
    ]


def followed(db: Database, source: SourceId, since: datetime) -> dict[str, str]:
    """The documents that a source led to and that were read `since` then: address to stamp."""
    return dict(
        db.execute(
            "SELECT url, stamp FROM followed WHERE source_id = ? AND at >= ?",
            [source, to_text(since)],
        )
    )


def save_followed(db: Database, source: SourceId, jobs: Sequence[FetchJob], now: datetime) -> None:
    """Note which documents were read, and forget those long gone; within the transaction."""
    if not jobs:
        return
    db.conn.executemany(
        "INSERT OR REPLACE INTO followed VALUES (?, ?, ?, ?)",
        [(source, job.url, job.stamp, to_text(now)) for job in jobs if job.stamp],
    )
    db.execute(
        "DELETE FROM followed WHERE source_id = ? AND at < ?",
        [source, to_text(now - _FORGOTTEN)],
    )


def history(db: Database, source: SourceId, limit: int = 20) -> Iterator[FetchRow]:
    """The last polls of one source, newest first."""
    rows = db.query(
        "SELECT * FROM fetches WHERE source_id = ? ORDER BY at DESC, id DESC LIMIT ?",
        [source, limit],
    )
    for row in rows:
        yield FetchRow(
            at=from_text(row["at"]),
            seconds=row["seconds"],
            status=row["status"],
            items=row["items"],
            new=row["new"],
            revised=row["revised"],
            failure=row["failure_detail"],
        )
