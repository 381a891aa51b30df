"""What the archive knows of articles that came of late, for rules of alerts to look at."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from vigie.archive.moments import from_text, to_text
from vigie.model import (
    Advisory,
    Alertable,
    ArticleId,
    CarriedBy,
    NamedEntity,
    Rights,
    ThemeHit,
    Tlp,
)


@dataclass(frozen=True, slots=True)
class Came:
    """An article's present words, by name."""

    article: ArticleId
    public_id: str
    revision: int
    text_from: str
    published: datetime


def came(db: Database, since: datetime) -> list[Came]:
    """What was first seen, or revised, since then and has been read; by publication."""
    rows = db.execute(
        """SELECT a.id, a.public_id, a.revision, r.text_from, a.published
           FROM revisions r
           JOIN articles a ON a.id = r.article_id AND a.revision = r.n
           JOIN readings g ON g.article_id = a.id AND g.revision = a.revision
               AND g.text_from = r.text_from
           WHERE r.seen_at >= :since
           ORDER BY a.published, a.id""",
        {"since": to_text(since)},
    )
    return [Came(a, b, c, d, from_text(e)) for a, b, c, d, e in rows]


_FACTS = """SELECT a.id, a.public_id, a.revision, a.url, a.source_id, s.title AS source, s.rights,
        a.published, r.title, r.summary, r.text, r.text_from, r.seen_at,
        coalesce(g.language, 'und') AS language, st.public_id AS story,
        d.reference, d.issuer_revision, d.issuer, d.cves, d.vendors, d.products, d.risks,
        d.severity, d.tlp
    FROM articles a
    JOIN revisions r ON r.article_id = a.id AND r.n = a.revision
    JOIN sources s ON s.id = a.source_id
    LEFT JOIN readings g ON g.article_id = a.id
    LEFT JOIN story_members sm ON sm.article_id = a.id
    LEFT JOIN stories st ON st.id = sm.story_id
    LEFT JOIN advisories d ON d.article_id = a.id AND d.n = a.revision
    WHERE a.id IN (SELECT value FROM json_each(?)) ORDER BY a.published, a.id"""
_THEMES = """SELECT article_id, theme_id, score, why FROM article_themes
    WHERE article_id IN (SELECT value FROM json_each(?)) ORDER BY score DESC, theme_id"""
_NAMED = """SELECT DISTINCT m.article_id, e.id, e.name, e.nuts FROM mentions m
    JOIN entities e ON e.id = m.entity_id
    WHERE m.boilerplate = '' AND m.article_id IN (SELECT value FROM json_each(?))
    ORDER BY m.article_id, e.id"""
_REFERENCES = """SELECT DISTINCT article_id, kind, value FROM text_references
    WHERE kind IN ('cve', 'advisory') AND article_id IN (SELECT value FROM json_each(?))
    ORDER BY article_id, value"""
_CARRIED = """SELECT of.article_id, x.source_id, min(b.published)
    FROM story_members of
    JOIN story_members sm ON sm.story_id = of.story_id
    JOIN articles b ON b.id = sm.article_id
    JOIN sightings x ON x.article_id = b.id
    WHERE of.article_id IN (SELECT value FROM json_each(?))
    GROUP BY of.article_id, x.source_id, b.id ORDER BY 1, 3, 2"""


def facts(db: Database, articles: Sequence[ArticleId]) -> list[Alertable]:
    """All of them, whole, without the words that rules look for; the earliest published first."""
    wanted = json.dumps(list(articles))
    themes = _by_article(db, _THEMES, wanted)
    named = _by_article(db, _NAMED, wanted)
    references = _by_article(db, _REFERENCES, wanted)
    carried = _by_article(db, _CARRIED, wanted)
    found = []
    for row in db.query(_FACTS, [wanted]):
        number = row["id"]
        found.append(
            Alertable(
                article=number,
                public_id=row["public_id"],
                revision=row["revision"],
                title=row["title"],
                url=row["url"],
                source=row["source_id"],
                source_title=row["source"],
                rights=Rights(row["rights"]),
                published=from_text(row["published"]),
                seen_at=from_text(row["seen_at"]),
                language=row["language"],
                summary=row["summary"],
                text=row["text"],
                text_from=row["text_from"],
                advisory=_advisory(row),
                themes=tuple(ThemeHit(a, b, c) for a, b, c in themes[number]),
                entities=tuple(NamedEntity(a, b, c) for a, b, c in named[number]),
                cves=tuple(value for kind, value in references[number] if kind == "cve"),
                cites=tuple(value for kind, value in references[number] if kind == "advisory"),
                story=row["story"] or "",
                carried=tuple(CarriedBy(one, from_text(at)) for one, at in carried[number]),
            )
        )
    return found


def current_stories(db: Database, ids: Iterable[str]) -> dict[str, str]:
    """Which story stands now for each of these that was merged away."""
    wanted = json.dumps(list(ids))
    rows = db.execute(
        """SELECT public_id, to_id FROM forwards
           WHERE public_id IN (SELECT value FROM json_each(?))""",
        [wanted],
    )
    return dict(rows.fetchall())


def _by_article(db: Database, sql: str, wanted: str) -> Mapping[ArticleId, list[tuple[Any, ...]]]:
    found: dict[ArticleId, list[tuple[Any, ...]]] = defaultdict(list)
    for article, *rest in db.execute(sql, [wanted]):
        found[article].append(tuple(rest))
    return found


def _advisory(row: Mapping[str, Any]) -> Advisory | None:
    if row["reference"] is None:
        return None
    cves, vendors, products, risks = (
        tuple(json.loads(row[key])) for key in ("cves", "vendors", "products", "risks")
    )
    return Advisory(
        row["reference"],
        row["issuer_revision"],
        row["issuer"],
        cves,
        vendors,
        products,
        risks,
        severity=row["severity"],
        tlp=Tlp(row["tlp"]) if row["tlp"] else None,
    )
