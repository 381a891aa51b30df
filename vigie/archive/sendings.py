"""Before an issue is sent: a second person's approval, and the moment it is to leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from vigie.archive.connect import transaction
from vigie.archive.moments import from_text, maybe, to_text


def approve(db: Database, issue: str, revision: int, who: str, now: datetime) -> None:
    """Note it; the first approval stands."""
    with transaction(db):
        db.execute(
            "INSERT INTO approvals VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            [issue, revision, who, to_text(now)],
        )


def approved_by(db: Database, issue: str, revision: int) -> str:
    """Who approved it; "" where nobody has."""
    row = db.execute(
        "SELECT who FROM approvals WHERE issue_id = ? AND issue_revision = ?", [issue, revision]
    ).fetchone()
    return str(row[0]) if row else ""


def coordinators(db: Database) -> list[str]:
    """The handles of the team's coordinators; none where the desk knows no team."""
    rows = db.execute("SELECT handle FROM users WHERE role = 'coordinator' ORDER BY handle")
    return [handle for (handle,) in rows]


@dataclass(frozen=True, slots=True)
class Scheduled:
    """An issue's revision that is to be sent by itself."""

    issue: str
    revision: int
    due_at: datetime
    who: str
    asked_at: datetime | None = None


def schedule(db: Database, issue: str, revision: int, due: datetime, who: str) -> None:
    """Set the moment, or another one than before."""
    with transaction(db):
        db.execute(
            """INSERT INTO schedules (issue_id, issue_revision, due_at, who) VALUES (?, ?, ?, ?)
               ON CONFLICT DO UPDATE SET due_at = excluded.due_at, who = excluded.who,
                   asked_at = NULL, done_at = NULL""",
            [issue, revision, to_text(due), who],
        )


def unschedule(db: Database, issue: str, revision: int) -> bool:
    """False where nothing was set."""
    with transaction(db):
        cursor = db.execute(
            "DELETE FROM schedules WHERE issue_id = ? AND issue_revision = ? AND done_at IS NULL",
            [issue, revision],
        )
        return bool(cursor.rowcount)


def scheduled(db: Database) -> list[Scheduled]:
    """What is still to be sent by itself, the earliest first."""
    rows = db.execute(
        """SELECT issue_id, issue_revision, due_at, who, asked_at FROM schedules
           WHERE done_at IS NULL ORDER BY due_at, issue_id"""
    )
    return [Scheduled(a, b, from_text(c), d, maybe(e)) for a, b, c, d, e in rows]


def note_asked(db: Database, one: Scheduled, now: datetime) -> None:
    _note(db, "asked_at", one.issue, one.revision, now)


def note_begun(db: Database, issue: str, revision: int, now: datetime) -> None:
    """Its sending has begun, by itself or by a person: it is not to begin again."""
    _note(db, "done_at", issue, revision, now)


def _note(db: Database, column: str, issue: str, revision: int, now: datetime) -> None:
    with transaction(db):
        db.execute(
            f"""UPDATE schedules SET {column} = coalesce({column}, ?)
                WHERE issue_id = ? AND issue_revision = ?""",  # noqa: S608  # one of two names
            [to_text(now), issue, revision],
        )
