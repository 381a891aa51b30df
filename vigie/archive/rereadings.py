"""A change of model: what the new one has read so far, and the moment at which it takes over.

Readings of the old model stay where every view finds them. Those of the new one are kept aside, as
JSON, until no article lacks one; then all of them take the old ones' places in one transaction.
Killed at any moment, the work goes on where it stood.
"""

from __future__ import annotations

from datetime import datetime

from pydantic import TypeAdapter
from sqlite_utils import Database

from vigie.archive.connect import transaction
from vigie.archive.moments import to_text
from vigie.archive.readings import ModelRow, jobs_where, replace_reading
from vigie.model import Reading, ReadingJob

_AS_JSON = TypeAdapter(Reading)

# What an older model has read, of the text that the article still holds, and the new one has not.
_STALE = """FROM articles a
    JOIN revisions r ON r.article_id = a.id AND r.n = a.revision
    JOIN readings g ON g.article_id = a.id AND g.revision = a.revision
        AND g.text_from = r.text_from AND g.model_id <> :model
    LEFT JOIN rereadings n ON n.article_id = a.id AND n.model_id = :model
        AND n.revision = a.revision AND n.text_from = r.text_from
    WHERE n.article_id IS NULL"""


def stale(db: Database, model: int, limit: int) -> list[ReadingJob]:
    """Articles to be read again by this model, oldest row first."""
    return jobs_where(db, _STALE, {"model": model, "limit": limit})


def count_stale(db: Database, model: int) -> int:
    return int(db.execute(f"SELECT count(*) {_STALE}", {"model": model}).fetchone()[0])


def keep_aside(db: Database, model: int, results: list[tuple[ReadingJob, Reading]]) -> None:
    """Keep a batch of new readings until all are there; those of a third model are dropped."""
    with transaction(db):
        db.execute("DELETE FROM rereadings WHERE model_id <> ?", [model])
        db.conn.executemany(
            "INSERT OR REPLACE INTO rereadings VALUES (?, ?, ?, ?, ?)",
            [
                (
                    job.article,
                    model,
                    job.revision,
                    job.text_from,
                    _AS_JSON.dump_json(reading).decode(),
                )
                for job, reading in results
            ],
        )


def take_over(db: Database, model: int, now: datetime) -> bool:
    """Show this model's readings from now on, all at once. False while something is left to read.

    A reading of a text that has changed since is left out: that article was read anew.
    """
    with transaction(db):
        if count_stale(db, model):
            return False
        rows = db.execute(
            """SELECT n.article_id, n.revision, n.text_from, n.result FROM rereadings n
               JOIN articles a ON a.id = n.article_id AND a.revision = n.revision
               JOIN revisions r ON r.article_id = a.id AND r.n = a.revision
                   AND r.text_from = n.text_from
               JOIN readings g ON g.article_id = a.id AND g.model_id <> n.model_id
               WHERE n.model_id = ? ORDER BY n.article_id""",
            [model],
        )
        for article, revision, text_from, result in rows.fetchall():
            job = ReadingJob(article, revision, "", "", "", text_from=text_from)
            replace_reading(db, model, job, _AS_JSON.validate_json(result), now)
        db.execute("DELETE FROM rereadings")
        put_in_force(db, "reading", model, now)
    return True


def put_in_force(db: Database, role: str, model: int, now: datetime) -> None:
    """Say that the archive shows this model's results; the day stays where it did already."""
    db.execute(
        """INSERT INTO models_in_force (role, model_id, since) VALUES (?, ?, ?)
           ON CONFLICT (role) DO UPDATE SET model_id = excluded.model_id, next_id = NULL,
           since = CASE WHEN model_id = excluded.model_id THEN since ELSE excluded.since END""",
        [role, model, to_text(now)],
    )


def announce(db: Database, role: str, model: int) -> None:
    """Say that this model is at work to take the place of the one whose results are shown."""
    db.execute(
        "UPDATE models_in_force SET next_id = nullif(?, model_id) WHERE role = ?", [model, role]
    )


def shown(db: Database, role: str) -> ModelRow | None:
    """The model whose results the archive shows for `reading` or `vectors`; None before any."""
    row = db.execute(
        """SELECT m.id, m.name, m.revision, m.state, m.fitted_on
           FROM models_in_force f JOIN models m ON m.id = f.model_id WHERE f.role = ?""",
        [role],
    ).fetchone()
    return ModelRow(row[0], role, *row[1:]) if row else None


def count_waiting(db: Database, role: str) -> int:
    """How many articles the model at work has still to read, or to embed; 0 where none is."""
    row = db.execute(
        "SELECT model_id, next_id FROM models_in_force WHERE role = ?", [role]
    ).fetchone()
    if row is None or row[1] is None:
        return 0
    if role == "reading":
        return count_stale(db, row[1])
    found = db.execute(
        """SELECT count(*) FROM vectors o WHERE o.model_id = ? AND NOT EXISTS (
               SELECT 1 FROM vectors v WHERE v.article_id = o.article_id AND v.model_id = ?)""",
        row,
    ).fetchone()
    return int(found[0])
