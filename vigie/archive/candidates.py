"""What could stand in an issue: stories with what their articles say, and who sent something in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlite_utils import Database

from vigie.archive.moments import from_text, to_text
from vigie.model import (
    Alerted,
    ArticleId,
    Candidate,
    Carried,
    Kind,
    Notice,
    Rights,
    Spoken,
    ThemeHit,
    Tlp,
    Verdict,
)
from vigie.schema import Edition

MOVING = 200  # stories without a theme that are looked at, those of most sources first
_END = re.compile(r"[.!?…]\s+(?=[A-ZÀ-Ý«“\"])|\n")
_AROUND = 160  # characters on either side of a date, in which what happens then is looked for


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which stories: of that time (end not included), with these themes, or named one by one."""

    edition: Edition
    themes: tuple[str, ...]
    start: datetime
    end: datetime
    articles: tuple[ArticleId, ...] = ()  # their stories too, so long as they are of that time
    stories: tuple[str, ...] = ()  # public ids; of whatever time
    alerts: tuple[Alerted, ...] = ()  # what went out as an alert in that time


@dataclass(frozen=True, slots=True)
class _Member:
    """An article of a story, as far as choosing the story's main article needs it."""

    article: ArticleId
    story: str
    source: str
    kind: str
    author: str
    rights: Rights
    reliability: str
    published: str
    language: str
    verdict: Verdict | None
    verdict_by: str
    verdict_why: str

    def precedence(self, language: str) -> tuple[bool, bool, bool, str, str, ArticleId]:
        """Which article speaks for its story, the least first.

        Kept by a person, then in the edition's language, then with full rights, then the more
        reliable source, then the earliest.
        """
        return (
            self.verdict is not Verdict.KEEP,
            self.language != language,
            self.rights is not Rights.FULL,
            self.reliability,
            self.published,
            self.article,
        )


def candidates(db: Database, wanted: Wanted) -> list[Candidate]:
    """Stories with one of the themes, a person's verdict, several sources, or that were named."""
    stories: dict[str, list[_Member]] = {}
    for member in _members(db, wanted):
        stories.setdefault(member.story, []).append(member)
    return [_candidate(db, members, wanted) for members in stories.values()]


_MEMBERS = """WITH last AS (
    SELECT article_id, max(id) AS id FROM decisions GROUP BY article_id
), moving AS (
    SELECT sm.story_id FROM story_members sm
    JOIN articles a ON a.id = sm.article_id
    WHERE a.published >= :start AND a.published < :end
    GROUP BY sm.story_id HAVING count(DISTINCT a.source_id) > 1 OR count(*) > 2
    ORDER BY count(DISTINCT a.source_id) DESC, count(*) DESC, sm.story_id LIMIT :moving
), wanted AS (
    SELECT DISTINCT sm.story_id FROM story_members sm
    JOIN articles a ON a.id = sm.article_id
    WHERE a.published >= :start AND a.published < :end AND (
        EXISTS (SELECT 1 FROM article_themes t WHERE t.article_id = a.id
                AND t.theme_id IN (SELECT value FROM json_each(:themes)))
        OR EXISTS (SELECT 1 FROM last WHERE last.article_id = a.id)
        OR a.id IN (SELECT value FROM json_each(:articles)))
    UNION SELECT story_id FROM moving
)
SELECT a.id, st.public_id AS story, s.title AS source, s.kind, a.author, s.rights, s.reliability,
       a.published, coalesce(g.language, 'und') AS language, d.verdict, d.who, d.why
FROM stories st
JOIN story_members sm ON sm.story_id = st.id
JOIN articles a ON a.id = sm.article_id
JOIN sources s ON s.id = a.source_id
LEFT JOIN readings g ON g.article_id = a.id
LEFT JOIN last l ON l.article_id = a.id
LEFT JOIN decisions d ON d.id = l.id
WHERE (st.public_id IN (SELECT value FROM json_each(:stories))
       OR st.id IN (SELECT story_id FROM wanted)
          AND a.published >= :start AND a.published < :end)
  AND (s.editions = '[]' OR EXISTS (SELECT 1 FROM json_each(s.editions) WHERE value = :edition))
ORDER BY st.public_id, a.published, a.public_id"""


def _members(db: Database, wanted: Wanted) -> Iterable[_Member]:
    rows = db.query(
        _MEMBERS,
        {
            "start": to_text(wanted.start),
            "end": to_text(wanted.end),
            "edition": wanted.edition.id,
            "themes": json.dumps(wanted.themes),
            "articles": json.dumps(wanted.articles),
            "stories": json.dumps(wanted.stories),
            "moving": MOVING,
        },
    )
    for row in rows:
        yield _Member(
            article=row["id"],
            story=row["story"],
            source=row["source"],
            kind=row["kind"],
            author=row["author"],
            rights=Rights(row["rights"]),
            reliability=row["reliability"],
            published=row["published"],
            language=row["language"],
            verdict=Verdict(row["verdict"]) if row["verdict"] else None,
            verdict_by=row["who"] or "",
            verdict_why=row["why"] or "",
        )


def _candidate(db: Database, members: Sequence[_Member], wanted: Wanted) -> Candidate:
    main = min(members, key=lambda member: member.precedence(wanted.edition.language))
    rejected = next((m for m in members if m.verdict is Verdict.REJECT), None)
    said = main if main.verdict is Verdict.KEEP else rejected or main
    articles = [member.article for member in members]
    row = next(
        db.query(
            """SELECT a.url, a.published, r.n, r.title, r.summary, r.text
               FROM articles a JOIN revisions r ON r.article_id = a.id AND r.n = a.revision
               WHERE a.id = ?""",
            [main.article],
        )
    )
    names = _names(db, main.article, articles)
    places = [(name, nuts) for name, label, nuts in names if label == "LOC"]
    return Candidate(
        article=main.article,
        revision=row["n"],
        story=main.story,
        title=row["title"],
        summary=row["summary"],
        text=row["text"],
        url=row["url"],
        source=main.source,
        reliability=main.reliability,
        rights=main.rights,
        published=from_text(row["published"]),
        language=main.language,
        themes=_themes(db, main.article, articles),
        places=tuple(name for name, _ in sorted(places, key=lambda place: not place[1])),
        entities=tuple(name for name, label, _ in names if label != "LOC"),
        sources=tuple(dict.fromkeys(member.source for member in members)),
        verdict=said.verdict,
        verdict_by=said.verdict_by,
        verdict_why=said.verdict_why,
        articles=tuple(articles),
        carried=tuple(Carried(from_text(m.published), m.source) for m in members),
        nuts=next((nuts for _, nuts in places if nuts), ""),
        territories=tuple(dict.fromkeys(nuts for _, nuts in places if nuts)),
        contributor=_contributor(members),
        notice=_notice(db, main.article, articles, _sent(wanted.alerts, main.story, articles)),
        dates=_dates(db, articles, wanted.start),
    )


def _contributor(members: Sequence[_Member]) -> str:
    """The structure that sent it in, "" where it came by another way as well."""
    if all(member.kind == Kind.CONTRIBUTION for member in members):
        return members[0].source
    return ""


def _themes(db: Database, main: ArticleId, articles: Sequence[ArticleId]) -> tuple[ThemeHit, ...]:
    """Of all the story's articles, each theme with its best score, the best first.

    The reason is the main article's own where it has one: those are words that its reader finds.
    """
    rows = db.execute(
        """SELECT theme_id, max(score), why,
               (SELECT m.why FROM article_themes m WHERE m.article_id = ?
                AND m.theme_id = t.theme_id)
           FROM article_themes t WHERE article_id IN (SELECT value FROM json_each(?))
           GROUP BY theme_id ORDER BY 2 DESC, 1""",
        [main, json.dumps(articles)],
    )
    return tuple(ThemeHit(theme, score, own or why) for theme, score, why, own in rows)


def _names(
    db: Database, main: ArticleId, articles: Sequence[ArticleId]
) -> list[tuple[str, str, str]]:
    """(name, label, NUTS) of what they name: the main one's first, then the most often named."""
    return db.execute(
        """SELECT e.name, e.label, e.nuts FROM mentions m JOIN entities e ON e.id = m.entity_id
           WHERE m.article_id IN (SELECT value FROM json_each(?)) AND m.boilerplate = ''
           GROUP BY e.id
           ORDER BY sum(m.article_id = ?) DESC, count(*) DESC, e.name LIMIT 12""",
        [json.dumps(articles), main],
    ).fetchall()


def _sent(alerts: Iterable[Alerted], story: str, articles: Sequence[ArticleId]) -> Alerted | None:
    """The alert that went out on a story or on one of its articles."""
    return next((one for one in alerts if one.article in articles or one.story == story), None)


def _notice(
    db: Database, main: ArticleId, articles: Sequence[ArticleId], sent: Alerted | None
) -> Notice | None:
    """Where all of a story is advisories, what its main one says, under the strictest label.

    Else what went out of it as an alert; None where nothing did.
    """
    rows = list(
        db.query(
            """SELECT d.* FROM advisories d JOIN articles a ON a.id = d.article_id
               AND a.revision = d.n WHERE a.id IN (SELECT value FROM json_each(?))
               ORDER BY a.id <> ?, a.id""",
            [json.dumps(articles), main],
        )
    )
    if len(rows) < len(articles):
        return _alerted(sent) if sent else None
    labels = [Tlp(row["tlp"]) for row in rows if row["tlp"]]
    return Notice(
        reference=rows[0]["reference"],
        severity=rows[0]["severity"],
        vendors=tuple(json.loads(rows[0]["vendors"])),
        cves=tuple(json.loads(rows[0]["cves"])),
        tlp=max(labels, key=lambda label: label.rank, default=Tlp.CLEAR),
        sent=sent is not None,
    )


def _alerted(alert: Alerted) -> Notice:
    """What an alert said of a story that is more than advisories."""
    reference = alert.advisories[0].reference if alert.advisories else ""
    severity = alert.severity.value
    return Notice(reference, severity, alert.vendors, alert.cves, sent=True)


def _dates(db: Database, articles: Sequence[ArticleId], after: datetime) -> tuple[Spoken, ...]:
    """Whole days from `after` on that they speak of, each with the words around it."""
    rows = db.query(
        """SELECT x.value, x.field, x.start, r.title, r.summary, r.text
           FROM text_references x JOIN articles a ON a.id = x.article_id
           JOIN revisions r ON r.article_id = a.id AND r.n = a.revision
           WHERE x.kind = 'date' AND length(x.value) = 10 AND x.value >= ?
             AND x.article_id IN (SELECT value FROM json_each(?))
           ORDER BY x.value, x.article_id, x.field, x.start""",
        [to_text(after)[:10], json.dumps(articles)],
    )
    found = []
    for row in rows:
        near = _sentence(row[row["field"]], row["start"])
        found.append(Spoken(date.fromisoformat(row["value"]), near, row["field"] == "title"))
    return tuple(found)


def _sentence(text: str, place: int) -> str:
    """The sentence around a place, roughly, and at most 160 characters on either side."""
    before, after = text[max(0, place - _AROUND) : place], text[place : place + _AROUND]
    ends = [match.end() for match in _END.finditer(before)]
    stop = _END.search(after)
    return before[ends[-1] if ends else 0 :] + after[: stop.start() if stop else len(after)]


def contributors(db: Database, edition: str, start: datetime, end: datetime) -> list[str]:
    """Who sent something in during that time, for that edition: a name with its structure."""
    rows = db.execute(
        """SELECT DISTINCT a.author, s.title FROM articles a JOIN sources s ON s.id = a.source_id
           WHERE s.kind = ? AND a.published >= ? AND a.published < ?
             AND (s.editions = '[]'
                  OR EXISTS (SELECT 1 FROM json_each(s.editions) WHERE value = ?))
           ORDER BY s.title, a.author""",
        [Kind.CONTRIBUTION.value, to_text(start), to_text(end), edition],
    ).fetchall()
    named = {structure for author, structure in rows if _person(author)}
    return [
        f"{author} ({structure})" if _person(author) else structure
        for author, structure in rows
        if _person(author) or structure not in named
    ]


def _person(author: str) -> bool:
    """A name, and no address: the archive is public."""
    return bool(author.strip()) and "@" not in author
