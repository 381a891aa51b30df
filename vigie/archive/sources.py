"""Sources and their polls: what is declared, what was seen, who is due."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from vigie.archive.connect import transaction
from vigie.archive.moments import from_text, maybe, maybe_text, to_text
from vigie.model import (
    Failure,
    FailureKind,
    Fetched,
    ParsedFeed,
    PollState,
    Reservation,
    Rights,
    SourceId,
    TdmRule,
)
from vigie.settings import Source


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
    language: str
    rights: str
    state: str  # well, ill, never polled, retired
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


def declare(db: Database, sources: Sequence[Source], now: datetime) -> None:
    """Bring the declared sources into the archive; those that left the file are retired.

    Sources that were added at the desk are left as they are until the file declares them too.
    """
    with transaction(db):
        db.execute("UPDATE sources SET active = 0 WHERE origin = 'file'")
        for source in sources:
            _declare_one(db, source, to_text(now))


def bring_in(db: Database, sources: Sequence[Source], now: datetime) -> None:
    """Bring some declared sources into the archive, and leave the others as they are."""
    with transaction(db):
        for source in sources:
            _declare_one(db, source, to_text(now))


def add_from_desk(db: Database, source: Source, now: datetime) -> None:
    """Add a source that the file does not declare; `sources settle` writes it there."""
    with transaction(db):
        _declare_one(db, source, to_text(now), "desk")


def _declare_one(db: Database, source: Source, now: str, origin: str = "file") -> None:
    before = db.execute("SELECT url FROM sources WHERE id = ?", [source.id]).fetchone()
    db.execute(
        """INSERT INTO sources (id, title, kind, url, homepage, language, territory, rights,
               reliability, rhythm, themes, editions, active, paused_until, note, added_at,
               origin, tdm_override)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (id) DO UPDATE SET title = excluded.title, kind = excluded.kind,
               url = excluded.url, homepage = excluded.homepage, language = excluded.language,
               territory = excluded.territory, rights = excluded.rights,
               reliability = excluded.reliability, rhythm = excluded.rhythm,
               themes = excluded.themes, editions = excluded.editions, active = excluded.active,
               paused_until = excluded.paused_until, note = excluded.note,
               origin = excluded.origin, tdm_override = excluded.tdm_override""",
        [
            *(source.id, source.title, source.kind.value, source.address, source.homepage),
            *(source.language, source.territory, source.rights.value, source.reliability),
            *(source.rhythm, json.dumps(source.themes), json.dumps(source.editions)),
            *(int(source.active), str(source.paused_until or ""), source.note, now, origin),
            source.tdm_override,
        ],
    )
    if before is None:
        db.execute("INSERT INTO polls (source_id, next_due) VALUES (?, ?)", [source.id, now])
    elif before[0] != source.address:
        # A new address has nothing to do with the validators and faults of the old one, nor with
        # what its host asked.
        retired = "SELECT retired_at FROM polls WHERE source_id = ? AND retired_at IS NOT NULL"
        if db.execute(retired, [source.id]).fetchone():
            detail = f"declared at a new address: {source.address}"
            add_event(db, source.id, from_text(now), "revived", detail)
        save_state(db, source.id, PollState(next_due=from_text(now)))
        db.execute("DELETE FROM reservations WHERE source_id = ?", [source.id])


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
               last_item = ?, spared_at = ?, retired_at = ?, retired_why = ?
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
            *(maybe_text(state.retired_at), state.retired_why, source),
        ],
    )


def add_event(db: Database, source: SourceId | None, at: datetime, kind: str, detail: str) -> None:
    """Note what happened to a source, or to the whole run; within the caller's transaction."""
    db.execute(
        "INSERT INTO source_events (source_id, at, kind, detail) VALUES (?, ?, ?, ?)",
        [source, to_text(at), kind, detail],
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
        """SELECT h.*, s.url, s.language, s.rights FROM source_health h
           JOIN sources s ON s.id = h.source ORDER BY h.active DESC, h.source"""
    )
    return [
        SourceRow(
            id=row["source"],
            title=row["title"],
            url=row["url"],
            language=row["language"],
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
