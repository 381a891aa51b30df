"""Full-text search over the archive, for researchers and coordinators."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from vigie.archive.moments import from_text
from vigie.errors import ArchiveError

_OPERATORS = frozenset({"AND", "OR", "NOT"})
_TOKEN = re.compile(r'"[^"]*"\*?|[()]|NEAR/\d+|[^\s()"]+')
_MARKS = ("⟦", "⟧")  # around what matched, in snippets
_NARROWING = {
    "language": "g.language = :language",
    "since": "a.published >= :since",
    "until": "a.published <= :until",
    "source": """EXISTS (SELECT 1 FROM sightings x
        WHERE x.article_id = a.id AND x.source_id = :source)""",
    "theme": """EXISTS (SELECT 1 FROM article_themes t
        WHERE t.article_id = a.id AND t.theme_id = :theme)""",
    "entity": """EXISTS (SELECT 1 FROM mentions m
        WHERE m.article_id = a.id AND m.entity_id = :entity
        AND m.boilerplate = '')""",
    "territory": """EXISTS (SELECT 1 FROM mentions m JOIN entities e ON e.id = m.entity_id
        WHERE m.article_id = a.id AND m.boilerplate = ''
        AND substr(e.nuts, 1, length(:territory)) = :territory)""",
    "reference": """EXISTS (SELECT 1 FROM text_references x WHERE x.article_id = a.id
        AND x.value = :reference COLLATE NOCASE)""",
    "story": """st.public_id = coalesce(
         (SELECT f.to_id FROM forwards f WHERE f.public_id = :story), :story)""",
}


@dataclass(frozen=True, slots=True)
class SearchFilter:
    """What narrows a search. Dates may be partial: 2026, 2026-01, 2026-01-15."""

    language: str = ""
    since: str = ""
    until: str = ""  # included
    source: str = ""
    theme: str = ""
    entity: str = ""
    territory: str = ""  # a NUTS code: FRD2, BE
    reference: str = ""  # a canonical value: CVE-2024-1234, 32022L2555
    story: str = ""  # public id, also one that was merged away


@dataclass(frozen=True, slots=True)
class Hit:
    """One article found."""

    article: str
    published: datetime
    source: str
    language: str
    title: str
    url: str
    story: str
    snippet: str
    score: float  # bm25, the larger the better


def query_of(words: str) -> str:
    """What a person types, as FTS5 understands it.

    AND, OR, NOT (in capitals), parentheses, "phrases" and final * keep their meaning; everything
    else is a word to find, whatever apostrophe or hyphen it holds.
    """
    parts: list[str] = []
    for piece in _TOKEN.findall(words):
        if piece in _OPERATORS or piece in ("(", ")"):
            parts.append(piece)
        else:
            star = "*" if piece.endswith("*") else ""
            bare = piece.rstrip("*").strip('"').replace('"', '""')
            if any(character.isalnum() for character in bare):
                parts.append(f'"{bare}"{star}')
    return " ".join(parts)


def search(db: Database, words: str, narrow: SearchFilter, limit: int = 20) -> list[Hit]:
    """The best hits first; without words, the newest articles first. Raises ArchiveError."""
    query = query_of(words)
    conditions, parameters = _conditions(narrow)
    if query:
        conditions.insert(0, "articles_fts MATCH :query")
        parameters["query"] = query
        tables = "articles_fts f JOIN articles a ON a.id = f.rowid"
        extra = (
            f"snippet(articles_fts, -1, '{_MARKS[0]}', '{_MARKS[1]}', '…', 24) AS snippet,"
            " bm25(articles_fts, 4.0, 2.0, 1.0) AS score"
        )
        order = "score, a.published DESC"
    else:
        tables = "articles a"
        extra, order = "'' AS snippet, 0.0 AS score", "a.published DESC"
    where = " AND ".join(conditions) or "1"
    sql = f"""SELECT a.public_id, a.published, s.title AS source, g.language, r.title, a.url,
              st.public_id AS story, {extra} FROM {tables}
              JOIN revisions r ON r.article_id = a.id AND r.n = a.revision
              JOIN sources s ON s.id = a.source_id
              LEFT JOIN readings g ON g.article_id = a.id
              LEFT JOIN story_members sm ON sm.article_id = a.id
              LEFT JOIN stories st ON st.id = sm.story_id
              WHERE {where} ORDER BY {order} LIMIT :limit"""  # noqa: S608  # only constants are put in
    try:
        rows = list(db.query(sql, {**parameters, "limit": limit}))
    except sqlite3.OperationalError as error:
        if "fts5" not in str(error):
            raise
        raise ArchiveError(
            f"the search {words!r} cannot be read ({error}); "
            'try words, "a phrase", OR, NOT, a final * for the beginning of a word'
        ) from error
    return [_hit(row) for row in rows]


def _conditions(narrow: SearchFilter) -> tuple[list[str], dict[str, object]]:
    conditions: list[str] = []
    parameters: dict[str, object] = {}
    for value, name in (
        (narrow.language, "language"),
        (narrow.since, "since"),
        (f"{narrow.until}~" if narrow.until else "", "until"),
        (narrow.source, "source"),
        (narrow.theme, "theme"),
        (narrow.entity, "entity"),
        (narrow.territory, "territory"),
        (narrow.reference, "reference"),
        (narrow.story, "story"),
    ):
        if value:
            conditions.append(_NARROWING[name])
            parameters[name] = value
    return conditions, parameters


def _hit(row: dict[str, object]) -> Hit:
    return Hit(
        article=str(row["public_id"]),
        published=from_text(str(row["published"])),
        source=str(row["source"]),
        language=str(row["language"] or "und"),
        title=str(row["title"]),
        url=str(row["url"]),
        story=str(row["story"] or ""),
        snippet=str(row["snippet"] or ""),
        score=0.0 - float(str(row["score"])),
    )
