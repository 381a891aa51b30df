"""What bursts are counted of: a window's articles with their names, themes, places and stories."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlite_utils import Database

from vigie.archive.moments import from_text, to_text
from vigie.model import EmergingItem, SourceId

_NOWHERE = {"", "INT", "EU"}  # what a source may declare that is no territory


def window(db: Database, start: datetime, end: datetime) -> list[EmergingItem]:
    """Articles of that time that stand in a story, in order of publication, the end not included.

    The cost is that of the window: CROSS JOIN holds SQLite to the dates' index first.
    """
    span = (to_text(start), to_text(end))
    named = _each(
        db,
        """SELECT DISTINCT m.article_id, m.entity_id FROM articles a
           CROSS JOIN mentions m ON m.article_id = a.id AND m.boilerplate = ''
           WHERE a.published >= ? AND a.published < ?""",
        span,
    )
    placed = _each(
        db,
        """SELECT DISTINCT m.article_id, e.nuts FROM articles a
           CROSS JOIN mentions m ON m.article_id = a.id AND m.boilerplate = ''
           JOIN entities e ON e.id = m.entity_id AND e.nuts <> ''
           WHERE a.published >= ? AND a.published < ?""",
        span,
    )
    themes = _each(
        db,
        """SELECT t.article_id, t.theme_id FROM articles a
           CROSS JOIN article_themes t ON t.article_id = a.id
           WHERE a.published >= ? AND a.published < ?""",
        span,
    )
    rows = db.execute(
        """SELECT a.id, d.group_id, st.public_id, a.source_id, a.key, a.published, r.title,
               s.territory
           FROM articles a JOIN revisions r ON r.article_id = a.id AND r.n = a.revision
           JOIN duplicate_members d ON d.article_id = a.id
           JOIN story_members m ON m.article_id = a.id JOIN stories st ON st.id = m.story_id
           JOIN sources s ON s.id = a.source_id
           WHERE a.published >= ? AND a.published < ? ORDER BY a.published, a.public_id""",
        span,
    )
    return [
        EmergingItem(
            *(article, group, story, source, key if "://" in key else ""),
            published=from_text(published),
            title=title,
            entities=tuple(named.get(article, ())),
            themes=tuple(themes.get(article, ())),
            territories=(*placed.get(article, ()), *({territory} - _NOWHERE)),
        )
        for article, group, story, source, key, published, title, territory in rows
    ]


def _each(db: Database, sql: str, span: tuple[str, str]) -> dict[int, list[str]]:
    """By article, what the statement gives of it."""
    found: dict[int, list[str]] = {}
    for article, value in db.execute(sql, span):
        found.setdefault(article, []).append(value)
    return found


def watched_since(db: Database, sources: Iterable[SourceId]) -> dict[SourceId, datetime]:
    """Since when each is asked: its first poll, or when its oldest article came, if earlier."""
    found = {}
    for source in sources:
        moments = [
            at
            for (at,) in db.execute(
                """SELECT min(at) FROM fetches WHERE source_id = :source UNION ALL
                   SELECT * FROM (SELECT first_seen FROM articles WHERE source_id = :source
                                  ORDER BY published LIMIT 1)""",
                {"source": source},
            )
            if at
        ]
        if moments:
            found[source] = from_text(min(moments))
    return found


def names(db: Database, entities: Iterable[str]) -> dict[str, str]:
    """What each of these is called."""
    return _chosen(db, "SELECT id, name FROM entities WHERE id = ?", entities)


def named_before(db: Database, entities: Iterable[str], moment: datetime) -> frozenset[str]:
    """Which of these an article published before that moment names."""
    sql = """SELECT m.entity_id, '' FROM mentions m JOIN articles a ON a.id = m.article_id
             WHERE m.entity_id = ? AND a.published < ? LIMIT 1"""
    return frozenset(_chosen(db, sql, entities, to_text(moment)))


def titles(db: Database, stories: Iterable[str]) -> dict[str, str]:
    """The title of each story's founder, by public id."""
    sql = """SELECT s.public_id, r.title FROM stories s JOIN articles a ON a.id = s.founder_id
             JOIN revisions r ON r.article_id = a.id AND r.n = a.revision WHERE s.public_id = ?"""
    return _chosen(db, sql, stories)


def first_article(db: Database) -> datetime | None:
    """When the archive's first article was stored; None where there is none."""
    row = db.execute("SELECT first_seen FROM articles ORDER BY id LIMIT 1").fetchone()
    return from_text(row[0]) if row else None


def _chosen(db: Database, sql: str, keys: Iterable[str], *more: str) -> dict[str, str]:
    found = {}
    for key in keys:
        row = db.execute(sql, [key, *more]).fetchone()
        if row:
            found[str(row[0])] = str(row[1])
    return found
