"""Who is told of what: the team's users, and the health that each source's keeper last heard of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from vigie.archive.connect import transaction
from vigie.archive.moments import maybe, to_text
from vigie.model import Health, HealthState, SourceId


@dataclass(frozen=True, slots=True)
class User:
    """Someone of the team."""

    handle: str
    name: str
    address: str
    language: str


def user(desk: Database, handle: str) -> User | None:
    row = desk.execute(
        "SELECT handle, name, address, language FROM users WHERE handle = ?", [handle]
    ).fetchone()
    return User(*row) if row else None


def save_coordinator(desk: Database, person: User, now: datetime) -> None:
    """Add a coordinator, or change name, address and language of the one with that handle."""
    with transaction(desk):
        desk.execute(
            """INSERT INTO users (handle, name, address, language, role, added_at)
               VALUES (?, ?, ?, ?, 'coordinator', ?)
               ON CONFLICT (handle) DO UPDATE SET name = excluded.name,
                   address = excluded.address, language = excluded.language""",
            [person.handle, person.name, person.address, person.language, to_text(now)],
        )


def told(desk: Database) -> dict[SourceId, HealthState]:
    """What was last told of each source."""
    rows = desk.execute("SELECT source_id, state FROM health_told")
    return {source: HealthState(state) for source, state in rows}


def last_told(desk: Database) -> datetime | None:
    return maybe(desk.execute("SELECT max(told_at) FROM health_told").fetchone()[0])


def note_told(desk: Database, found: Iterable[Health], who: str, now: datetime) -> None:
    """Note that `who` knows these states, whether they had to be told or had not changed."""
    with transaction(desk):
        for health in found:
            desk.execute(
                "INSERT OR REPLACE INTO health_told VALUES (?, ?, ?, ?)",
                [health.source, health.state.value, who, to_text(now)],
            )
