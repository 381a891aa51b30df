"""Sources and their polls: what is declared, what was seen, who is due."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from vigie.archive.connect import transaction
from vigie.archive.moments import from_text, maybe, maybe_text, to_text
from vigie.model import Failure, FailureKind, Fetched, ParsedFeed, PollState, Rights, SourceId
from vigie.settings import Source


@dataclass(frozen=True, slots=True)
class DueSource:
    """A source to be polled now, with what was remembered of it."""

    id: SourceId
    url: str
    rights: Rights
    language: str
    state: PollState


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
    """Bring the declared sources into the archive; those that left the file are retired."""
    with transaction(db):
        db.execute("UPDATE sources SET active = 0")
        for source in sources:
            _declare_one(db, source, to_text(now))


def _declare_one(db: Database, source: Source, now: str) -> None:
    before = db.execute("SELECT url FROM sources WHERE id = ?", [source.id]).fetchone()
    db.execute(
        """INSERT INTO sources (id, title, kind, url, homepage, language, territory, rights,
               reliability, rhythm, themes, editions, active, added_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (id) DO UPDATE SET title = excluded.title, kind = excluded.kind,
               url = excluded.url, homepage = excluded.homepage, language = excluded.language,
               territory = excluded.territory, rights = excluded.rights,
               reliability = excluded.reliability, rhythm = excluded.rhythm,
               themes = excluded.themes, editions = excluded.editions, active = excluded.active""",
        [
            *(source.id, source.title, source.kind.value, source.address, source.homepage),
            *(source.language, source.territory, source.rights.value, source.reliability),
            *(source.rhythm, json.dumps(source.themes), json.dumps(source.editions)),
            *(int(source.active), now),
        ],
    )
    if before is None:
        db.execute("INSERT INTO polls (source_id, next_due) VALUES (?, ?)", [source.id, now])
    elif before[0] != source.address:
        # A new address has nothing to do with the validators and faults of the old one.
        save_state(db, source.id, PollState(next_due=from_text(now)))


def due(db: Database, now: datetime, *, everything: bool = False) -> list[DueSource]:
    """Active sources whose time has come, the longest waiting first."""
    rows = db.query(
        """SELECT s.id, s.url, s.rights, s.language, p.* FROM sources s
           JOIN polls p ON p.source_id = s.id
           WHERE s.active = 1 AND (:all OR p.next_due <= :now) ORDER BY p.next_due, s.id""",
        {"all": everything, "now": to_text(now)},
    )
    return [
        DueSource(row["id"], row["url"], Rights(row["rights"]), row["language"], _state(row))
        for row in rows
    ]


def _state(row: dict[str, object]) -> PollState:
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
    )


def save_state(db: Database, source: SourceId, state: PollState) -> None:
    """Within the caller's transaction."""
    failure = state.failure
    db.execute(
        """UPDATE polls SET next_due = ?, etag = ?, last_modified = ?, last_polled = ?, last_ok = ?,
               ill_since = ?, failures = ?, failure_kind = ?, failure_detail = ?,
               failure_status = ?, moved_to = ?, moved_seen = ? WHERE source_id = ?""",
        [
            *(to_text(state.next_due), state.etag, state.last_modified),
            *(maybe_text(state.last_polled), maybe_text(state.last_ok)),
            *(maybe_text(state.ill_since), state.failures),
            *((failure.kind.value, failure.detail, failure.status) if failure else ("", "", 0)),
            *(state.moved_to, state.moved_seen, source),
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
