"""What desk.db holds of the making of an issue: words on its items, proposals, our own forms."""

from __future__ import annotations

from datetime import datetime

from sqlite_utils import Database

from vigie.archive.connect import transaction
from vigie.archive.moments import from_text, to_text
from vigie.model import Edit


def append(db: Database, issue: str, edits: list[Edit]) -> None:
    """Write these words on one issue, in one transaction. No address may sign."""
    rows = [
        (issue, edit.story, edit.field, edit.value, edit.who, to_text(edit.at)) for edit in edits
    ]
    with transaction(db):
        db.conn.executemany(
            """INSERT INTO item_edits (issue_id, story, field, value, who, at)
               VALUES (?, ?, ?, ?, ?, ?)""",
            rows,
        )


def edits(db: Database, issue: str) -> list[Edit]:
    """All words on one issue, in order of time."""
    rows = db.execute(
        "SELECT story, field, value, who, at FROM item_edits WHERE issue_id = ? ORDER BY id",
        [issue],
    )
    return [Edit(story, field, value, who, from_text(at)) for story, field, value, who, at in rows]


# ------------------------------------------------------------------------------ proposals


def proposed(db: Database, edition: str, period: str) -> str:
    """What became of an issue that the calendar asked for; "" where it has not yet."""
    row = db.execute(
        "SELECT outcome FROM proposals WHERE edition = ? AND period = ?", [edition, period]
    ).fetchone()
    return str(row[0]) if row else ""


def note_proposed(
    db: Database, edition: str, period: str, due: datetime, now: datetime, outcome: str
) -> None:
    """Note it, for good: the calendar asks for an issue once."""
    with transaction(db):
        db.execute(
            "INSERT INTO proposals VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            [edition, period, to_text(due), to_text(now), outcome],
        )


# ------------------------------------------------------------------------------- our forms


def own_forms(db: Database) -> set[str]:
    """Hashes of the forms that this Vigie has published with."""
    return {sha256 for (sha256,) in db.execute("SELECT sha256 FROM forms_of_ours")}


def note_forms(db: Database, sha256: str, template: str, now: datetime) -> None:
    """Note, before anything is published with them, that these forms are our own."""
    with transaction(db):
        db.execute(
            "INSERT INTO forms_of_ours VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            [sha256, template, to_text(now)],
        )
