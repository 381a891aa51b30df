"""What is said of articles and themes: signals, people's decisions, models learnt from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from vigie.archive.connect import transaction
from vigie.archive.moments import from_text, to_text
from vigie.model import ArticleId, Signal, ThemeHit, ThemeSignal

Said = Mapping[str, tuple[bool, str]]  # by theme: whether the article is of it, and who and why

_WAITING = """FROM articles a
    JOIN readings g ON g.article_id = a.id AND g.revision = a.revision
    JOIN vectors v ON v.article_id = a.id AND v.model_id = :model AND v.revision = a.revision
    LEFT JOIN themings t ON t.article_id = a.id AND t.revision = :revision
    WHERE t.article_id IS NULL"""


@dataclass(frozen=True, slots=True)
class Themeable:
    """An article whose themes wait to be told: its vector, and what rules and people say."""

    article: ArticleId
    vector: bytes
    signals: tuple[ThemeSignal, ...]  # rules and not
    said: Said


@dataclass(frozen=True, slots=True)
class LabelledVector:
    """A decision to learn a theme from, the oldest first."""

    article: str  # public id
    vector: bytes
    of_theme: bool


@dataclass(frozen=True, slots=True)
class ThemeModelRow:
    """A learnt model as it is kept. `precision` is on the last decisions."""

    theme: str
    revision: int
    vectors: int
    trained_at: datetime
    decisions: int
    of_theme: int
    precision: float | None
    recall: float | None
    on_last: int
    state: bytes


def count_waiting(db: Database, model: int, revision: str) -> int:
    parameters = {"model": model, "revision": revision}
    return int(db.execute(f"SELECT count(*) {_WAITING}", parameters).fetchone()[0])


def waiting(db: Database, model: int, revision: str, limit: int) -> list[Themeable]:
    """Articles that were read and embedded and whose themes this revision has not told."""
    rows = db.execute(
        f"SELECT a.id, v.vector {_WAITING} ORDER BY a.id LIMIT :limit",
        {"model": model, "revision": revision, "limit": limit},
    ).fetchall()
    ids = str([article for article, _ in rows])
    signals: dict[int, list[ThemeSignal]] = {}
    for article, theme, signal, score, why in db.execute(
        """SELECT article_id, theme_id, signal, score, why FROM theme_signals
           WHERE article_id IN (SELECT value FROM json_each(?)) AND signal IN ('rules', 'not')""",
        [ids],
    ):
        signals.setdefault(article, []).append(ThemeSignal(theme, Signal(signal), score, why))
    said: dict[int, dict[str, tuple[bool, str]]] = {}
    for article, theme, verdict, who, why in db.execute(
        """SELECT article_id, theme_id, verdict, who, why FROM theme_decisions
           WHERE article_id IN (SELECT value FROM json_each(?)) ORDER BY id""",
        [ids],
    ):
        reason = f"said by {who}" + (f": {why}" if why else "")
        said.setdefault(article, {})[theme] = (verdict == "is", reason)
    return [
        Themeable(article, vector, tuple(signals.get(article, ())), said.get(article, {}))
        for article, vector in rows
    ]


def store(
    db: Database,
    revision: str,
    results: Iterable[tuple[ArticleId, Sequence[ThemeSignal], Sequence[ThemeHit]]],
    now: datetime,
) -> None:
    """Replace what likeness and learnt models say of these articles, and the themes they have."""
    with transaction(db):
        for article, signals, hits in results:
            db.execute(
                """DELETE FROM theme_signals
                   WHERE article_id = ? AND signal IN ('likeness', 'learnt')""",
                [article],
            )
            store_signals(db, article, signals)
            replace_themes(db, article, hits)
            db.execute(
                "INSERT OR REPLACE INTO themings (article_id, revision, at) VALUES (?, ?, ?)",
                [article, revision, to_text(now)],
            )


def store_signals(db: Database, article: ArticleId, signals: Iterable[ThemeSignal]) -> None:
    db.conn.executemany(
        """INSERT OR REPLACE INTO theme_signals (article_id, theme_id, signal, score, why)
           VALUES (?, ?, ?, ?, ?)""",
        [(article, one.theme, one.signal.value, one.score, one.why) for one in signals],
    )


def replace_themes(db: Database, article: ArticleId, hits: Iterable[ThemeHit]) -> None:
    db.execute("DELETE FROM article_themes WHERE article_id = ?", [article])
    db.conn.executemany(
        "INSERT INTO article_themes (article_id, theme_id, score, why) VALUES (?, ?, ?, ?)",
        [(article, hit.theme, hit.score, hit.why) for hit in hits],
    )


def say(  # one value for each column
    db: Database, article: ArticleId, theme: str, *, is_of: bool, who: str, why: str, now: datetime
) -> None:
    """Append what a person says; the next `enrich` gives the article its themes anew."""
    with transaction(db):
        db.execute(
            """INSERT INTO theme_decisions (article_id, theme_id, verdict, who, at, why)
               VALUES (?, ?, ?, ?, ?, ?)""",
            [article, theme, "is" if is_of else "is not", who, to_text(now), why],
        )
        db.execute("DELETE FROM themings WHERE article_id = ?", [article])


def background(db: Database, model: int, most: int) -> list[bytes]:
    """Vectors of a sample of articles, the same in whatever order they came in."""
    rows = db.execute(
        """SELECT v.vector FROM vectors v JOIN articles a ON a.id = v.article_id
           WHERE v.model_id = ? ORDER BY a.public_id LIMIT ?""",
        [model, most],
    )
    return [vector for (vector,) in rows]


def labelled(db: Database, theme: str, model: int) -> list[LabelledVector]:
    """Decisions that say whether articles are of a theme, each article once, the oldest first.

    What was said of the article and the theme counts most. Else a verdict on an article that
    rules or likeness propose for the theme: kept is a yes, rejected a no.
    """
    rows = db.execute(
        """WITH told AS (
               SELECT article_id, max(id) AS id FROM theme_decisions WHERE theme_id = :theme
               GROUP BY article_id),
           judged AS (
               SELECT article_id, max(id) AS id FROM decisions GROUP BY article_id),
           every AS (
               SELECT d.article_id, d.verdict = 'is' AS yes, d.at AS at
               FROM told JOIN theme_decisions d ON d.id = told.id
               UNION ALL
               SELECT d.article_id, d.verdict = 'keep', d.at
               FROM judged JOIN decisions d ON d.id = judged.id
               WHERE d.article_id NOT IN (SELECT article_id FROM told)
                 AND EXISTS (SELECT 1 FROM theme_signals s WHERE s.article_id = d.article_id
                     AND s.theme_id = :theme
                     AND (s.signal = 'rules' OR s.signal = 'likeness' AND s.score >= 0.6)))
           SELECT a.public_id, v.vector, e.yes FROM every e
           JOIN articles a ON a.id = e.article_id
           JOIN vectors v ON v.article_id = e.article_id AND v.model_id = :model
           ORDER BY e.at, a.public_id""",
        {"theme": theme, "model": model},
    )
    return [LabelledVector(article, vector, bool(yes)) for article, vector, yes in rows]


_MODEL = """SELECT theme_id, revision, vectors_id, trained_at, decisions, of_theme, "precision",
    recall, on_last, state FROM theme_models"""


def latest_models(db: Database, vectors: int | None = None) -> dict[str, ThemeModelRow]:
    """By theme, its last model; of these vectors only, where they are given."""
    rows = db.execute(
        f"{_MODEL} WHERE :vectors IS NULL OR vectors_id = :vectors ORDER BY revision",
        {"vectors": vectors},
    )
    found = {}
    for theme, revision, of, at, *rest in rows:
        found[theme] = ThemeModelRow(theme, revision, of, from_text(at), *rest)
    return found


def add_model(db: Database, model: ThemeModelRow) -> None:
    """Keep a model under its theme's next revision; the row's own is not looked at."""
    db.execute(
        """INSERT INTO theme_models (theme_id, revision, vectors_id, trained_at, decisions,
               of_theme, "precision", recall, on_last, state)
           SELECT ?, coalesce(max(revision), 0) + 1, ?, ?, ?, ?, ?, ?, ?, ?
           FROM theme_models WHERE theme_id = ?""",
        [
            *(model.theme, model.vectors, to_text(model.trained_at), model.decisions),
            *(model.of_theme, model.precision, model.recall, model.on_last, model.state),
            model.theme,
        ],
    )


@dataclass(frozen=True, slots=True)
class ThemeCount:
    """What the archive holds of a theme."""

    theme: str
    articles: int
    rules: int
    likeness: int
    learnt: int
    decisions: int


def counts(db: Database) -> dict[str, ThemeCount]:
    """By theme: articles that have it, for how many each signal speaks, and decisions on it."""
    rows = db.execute(
        """SELECT t.id,
               (SELECT count(*) FROM article_themes x WHERE x.theme_id = t.id),
               (SELECT count(*) FROM theme_signals s WHERE s.theme_id = t.id
                AND s.signal = 'rules'),
               (SELECT count(*) FROM theme_signals s WHERE s.theme_id = t.id
                AND s.signal = 'likeness' AND s.score >= 0.6),
               (SELECT count(*) FROM theme_signals s WHERE s.theme_id = t.id
                AND s.signal = 'learnt' AND s.score >= 0.5),
               (SELECT count(*) FROM theme_decisions d WHERE d.theme_id = t.id)
           FROM themes t"""
    )
    return {row[0]: ThemeCount(*row) for row in rows}


def ruled(db: Database, theme: str) -> dict[ArticleId, str]:
    """Articles for which the rules spoke when they were last read, and why."""
    rows = db.execute(
        "SELECT article_id, why FROM theme_signals WHERE theme_id = ? AND signal = 'rules'",
        [theme],
    )
    return dict(rows.fetchall())
