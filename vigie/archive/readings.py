"""What was read: models in force, languages, mentions, themes and vectors.

The archive is the queue: `unread` gives the articles whose present text nothing has read yet,
`unembedded` those that lack a vector of the model in force. What an older model has read is the
matter of `rereadings`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from vigie import territories
from vigie.archive import theming
from vigie.archive.connect import transaction
from vigie.archive.moments import from_text, to_text
from vigie.model import ArticleId, Mention, Reading, ReadingJob, Reference, Signal, ThemeSignal
from vigie.schema import Entity, Theme


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A model that results refer to."""

    id: int
    role: str
    name: str
    revision: str
    state: bytes | None
    fitted_on: int


def register_model(
    db: Database,
    role: str,
    name: str,
    revision: str,
    now: datetime,
    *,
    state: bytes | None = None,
    fitted_on: int = 0,
) -> ModelRow:
    """The row of this model, made where it is new."""
    db.execute(
        """INSERT INTO models (role, name, revision, state, fitted_on, added_at)
           VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING""",
        [role, name, revision, state, fitted_on, to_text(now)],
    )
    row = db.execute(
        "SELECT id, state, fitted_on FROM models WHERE role = ? AND name = ? AND revision = ?",
        [role, name, revision],
    ).fetchone()
    return ModelRow(row[0], role, name, revision, row[1], row[2])


def latest_model(db: Database, role: str, name: str) -> ModelRow | None:
    """The last registered revision of a model, with its state."""
    row = db.execute(
        """SELECT id, revision, state, fitted_on FROM models
           WHERE role = ? AND name = ? ORDER BY id DESC LIMIT 1""",
        [role, name],
    ).fetchone()
    return ModelRow(row[0], role, name, row[1], row[2], row[3]) if row else None


def declare_taxonomy(db: Database, themes: Sequence[Theme], gazetteer: Sequence[Entity]) -> None:
    """Bring declared themes and names into the archive; what left the files stays for old rows."""
    with transaction(db):
        db.execute("UPDATE themes SET active = 0")
        db.conn.executemany(
            """INSERT INTO themes (id, taxonomy, label_fr, label_nl, label_de, label_en, active)
               VALUES (?, ?, ?, ?, ?, ?, 1) ON CONFLICT (id) DO UPDATE SET active = 1,
                   taxonomy = excluded.taxonomy, label_fr = excluded.label_fr,
                   label_nl = excluded.label_nl, label_de = excluded.label_de,
                   label_en = excluded.label_en""",
            [
                (
                    theme.id,
                    theme.taxonomy,
                    *(theme.labels[code] for code in ("fr", "nl", "de", "en")),
                )
                for theme in themes
            ],
        )
        db.conn.executemany(
            """INSERT INTO entities
                   (id, name, label, kind, country, wikidata, nuts, lat, lon, origin)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'gazetteer') ON CONFLICT (id) DO UPDATE SET
                   name = excluded.name, label = excluded.label, kind = excluded.kind,
                   country = excluded.country, wikidata = excluded.wikidata, nuts = excluded.nuts,
                   lat = excluded.lat, lon = excluded.lon, origin = excluded.origin""",
            [
                (e.id, e.name, e.label, e.kind, e.country, e.wikidata, e.nuts, *_where(e))
                for e in gazetteer
            ],
        )
        db.conn.executemany(
            """INSERT OR REPLACE INTO territories (code, level, name, country, parent, lat, lon)
               VALUES (?, ?, ?, ?, ?, ?, ?)""",
            [
                (t.code, t.level, t.name, t.code[:2], t.parent, t.lat, t.lon)
                for t in territories.all_of_them()
            ],
        )


def _where(entity: Entity) -> tuple[float | None, float | None]:
    """An entity's own coordinates, or those of the territory that its NUTS code names."""
    if entity.lat is not None and entity.lon is not None:
        return entity.lat, entity.lon
    around = territories.nearest(entity.nuts) if entity.nuts else None
    return (around.lat, around.lon) if around else (None, None)


_UNREAD = """FROM articles a
    JOIN revisions r ON r.article_id = a.id AND r.n = a.revision
    LEFT JOIN readings g ON g.article_id = a.id
        AND g.revision = a.revision AND g.text_from = r.text_from
    WHERE g.article_id IS NULL"""

_UNEMBEDDED = """FROM articles a
    JOIN revisions r ON r.article_id = a.id AND r.n = a.revision
    LEFT JOIN vectors v ON v.article_id = a.id AND v.model_id = :model
        AND v.revision = a.revision AND v.text_from = r.text_from
    WHERE v.article_id IS NULL AND (a.published >= :since
        OR NOT EXISTS (SELECT 1 FROM story_members m WHERE m.article_id = a.id))"""


def unread(db: Database, limit: int) -> list[ReadingJob]:
    """Articles whose present text no model has read, oldest row first."""
    return jobs_where(db, _UNREAD, {"limit": limit})


def unembedded(db: Database, model: int, since: datetime, limit: int) -> list[ReadingJob]:
    """Articles without a vector of this model for their present text.

    Of those published before `since`, only the ones that stand in no story yet: a new model is not
    worth reading years of archive again before today's articles can be grouped.
    """
    return jobs_where(db, _UNEMBEDDED, {"model": model, "since": to_text(since), "limit": limit})


def count_unread(db: Database) -> int:
    return int(db.execute(f"SELECT count(*) {_UNREAD}").fetchone()[0])


def count_unembedded(db: Database, model: int, since: datetime) -> int:
    parameters = {"model": model, "since": to_text(since)}
    return int(db.execute(f"SELECT count(*) {_UNEMBEDDED}", parameters).fetchone()[0])


def jobs_where(db: Database, tail: str, parameters: dict[str, object]) -> list[ReadingJob]:
    """The articles that `tail` chooses, from FROM on, of articles `a` and their revisions `r`."""
    rows = db.query(
        f"""SELECT a.id, a.revision, r.title, r.summary, r.text, a.declared_language, r.text_from,
                a.published, coalesce(
                    (SELECT s.title FROM sources s WHERE s.id = a.source_id), '') AS source
            {tail} ORDER BY a.id LIMIT :limit""",  # noqa: S608  # only constants are put in
        parameters,
    )
    return [
        ReadingJob(
            article=row["id"],
            revision=row["revision"],
            title=row["title"],
            summary=row["summary"],
            text=row["text"],
            text_from=row["text_from"],
            declared_language=row["declared_language"],
            published=from_text(row["published"]),
            source=row["source"],
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Read:
    """An article as it was read: its text, its language, and whom it names."""

    public_id: str
    published: datetime
    job: ReadingJob
    language: str
    mentions: tuple[Mention, ...]


_READ = """FROM articles a
    JOIN revisions r ON r.article_id = a.id AND r.n = a.revision
    JOIN readings g ON g.article_id = a.id
    WHERE a.published >= :since"""


def count_read(db: Database, since: datetime) -> int:
    row = db.execute(f"SELECT count(*) {_READ}", {"since": to_text(since)}).fetchone()
    return int(row[0])


def read_since(db: Database, since: datetime, after: ArticleId, limit: int) -> list[Read]:
    """Articles published since then that were read, by row number, from the one after `after`."""
    rows = list(
        db.query(
            f"""SELECT a.id, a.public_id, a.published, a.declared_language, r.title, r.summary,
                    r.text, g.language {_READ} AND a.id > :after ORDER BY a.id LIMIT :limit""",
            {"since": to_text(since), "after": after, "limit": limit},
        )
    )
    named: dict[int, list[Mention]] = {}
    for article, *parts in db.execute(
        """SELECT m.article_id, e.id, e.name, e.label, m.surface, m.field, m.start, m."end", m.why
           FROM mentions m JOIN entities e ON e.id = m.entity_id
           WHERE m.article_id IN (SELECT value FROM json_each(?)) AND m.boilerplate = ''
           ORDER BY m.article_id, m.field DESC, m.start""",
        [str([row["id"] for row in rows])],
    ):
        named.setdefault(article, []).append(Mention(*parts))
    return [
        Read(
            public_id=row["public_id"],
            published=from_text(row["published"]),
            job=ReadingJob(
                *(row["id"], 0, row["title"], row["summary"], row["text"]),
                declared_language=row["declared_language"],
            ),
            language=row["language"],
            mentions=tuple(named.get(row["id"], ())),
        )
        for row in rows
    ]


def newest_texts(db: Database, limit: int) -> list[tuple[str, str, str]]:
    """(title, summary, text) of the newest articles, to fit a model on; in a stable order."""
    return db.execute(
        """SELECT r.title, r.summary, r.text FROM articles a
           JOIN revisions r ON r.article_id = a.id AND r.n = a.revision
           ORDER BY a.published DESC, a.public_id LIMIT ?""",
        [limit],
    ).fetchall()


def store_readings(
    db: Database, model: int, results: Iterable[tuple[ReadingJob, Reading]], now: datetime
) -> None:
    """Replace what was read of these articles, in one transaction."""
    with transaction(db):
        for job, reading in results:
            replace_reading(db, model, job, reading, now)


def replace_reading(
    db: Database, model: int, job: ReadingJob, reading: Reading, now: datetime
) -> None:
    """Put one reading in the place of the article's older one, within a transaction."""
    db.execute("DELETE FROM mentions WHERE article_id = ?", [job.article])
    db.execute("DELETE FROM text_references WHERE article_id = ?", [job.article])
    db.execute(
        """INSERT OR REPLACE INTO readings (article_id, revision, text_from, model_id, language,
               confidence, why, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
        [
            *(job.article, job.revision, job.text_from, model, reading.language.code),
            *(reading.language.confidence, reading.language.why, to_text(now)),
        ],
    )
    _store_mentions(db, job.article, reading.mentions)
    _store_references(db, job.article, reading.references)
    _store_themes(db, job.article, reading)


def _store_themes(db: Database, article: ArticleId, reading: Reading) -> None:
    """What the rules say; likeness and what was learnt come when the article has its vector."""
    db.execute("DELETE FROM themings WHERE article_id = ?", [article])
    db.execute("DELETE FROM theme_signals WHERE article_id = ?", [article])
    found = [ThemeSignal(hit.theme, Signal.RULES, hit.score, hit.why) for hit in reading.themes]
    found += [ThemeSignal(hit.theme, Signal.NOT, 0.0, hit.why) for hit in reading.ruled_out]
    theming.store_signals(db, article, found)
    theming.replace_themes(db, article, reading.themes)


def _store_mentions(db: Database, article: ArticleId, mentions: Sequence[Mention]) -> None:
    db.conn.executemany(
        """INSERT INTO entities (id, name, label, origin) VALUES (?, ?, ?, 'model')
           ON CONFLICT DO NOTHING""",
        {(mention.entity, mention.name, mention.label) for mention in mentions},
    )
    db.conn.executemany(
        """INSERT OR IGNORE INTO mentions
               (article_id, entity_id, field, start, "end", surface, why, boilerplate)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
        [
            (article, m.entity, m.field, m.start, m.end, m.surface, m.why, m.boilerplate)
            for m in mentions
        ],
    )


def _store_references(db: Database, article: ArticleId, references: Sequence[Reference]) -> None:
    db.conn.executemany(
        """INSERT OR IGNORE INTO text_references
               (article_id, kind, value, label, number, field, start, "end", surface, why)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        [
            (
                *(article, r.kind.value, r.value, r.label, r.number),
                *(r.field, r.start, r.end, r.surface, r.why),
            )
            for r in references
        ],
    )


def store_vectors(db: Database, model: int, results: Iterable[tuple[ReadingJob, bytes]]) -> None:
    """Vectors as float16 bytes, one batch in one transaction."""
    with transaction(db):
        db.conn.executemany(
            """INSERT OR REPLACE INTO vectors (article_id, model_id, revision, text_from, vector)
               VALUES (?, ?, ?, ?, ?)""",
            [(job.article, model, job.revision, job.text_from, vector) for job, vector in results],
        )
