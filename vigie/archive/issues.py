"""Issues of the bulletin: what could stand in one, and what was published, frozen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter
from sqlite_utils import Database

from vigie.archive.connect import transaction
from vigie.archive.moments import from_text, to_text
from vigie.errors import NotFoundError
from vigie.model import (
    ArticleId,
    Candidate,
    Form,
    Issue,
    Rendered,
    Rights,
    ThemeHit,
    Verdict,
)
from vigie.schema import Edition

_ISSUE = TypeAdapter(Issue)


@dataclass(frozen=True, slots=True)
class _Member:
    """An article of a story, as far as choosing the story's main article needs it."""

    article: ArticleId
    story: str
    source: str
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


def candidates(
    db: Database, edition: Edition, themes: Sequence[str], start: datetime, end: datetime
) -> list[Candidate]:
    """Stories of that time (end not included) with one of the themes or a person's verdict."""
    stories: dict[str, list[_Member]] = {}
    for member in _members(db, edition.id, themes, start, end):
        stories.setdefault(member.story, []).append(member)
    return [_candidate(db, members, edition.language) for members in stories.values()]


_MEMBERS = """WITH last AS (
    SELECT article_id, max(id) AS id FROM decisions GROUP BY article_id
), wanted AS (
    SELECT DISTINCT sm.story_id FROM story_members sm
    JOIN articles a ON a.id = sm.article_id
    WHERE a.published >= :start AND a.published < :end AND (
        EXISTS (SELECT 1 FROM article_themes t WHERE t.article_id = a.id
                AND t.theme_id IN (SELECT value FROM json_each(:themes)))
        OR EXISTS (SELECT 1 FROM last WHERE last.article_id = a.id))
)
SELECT a.id, st.public_id AS story, s.title AS source, s.rights, s.reliability, a.published,
       coalesce(g.language, 'und') AS language, d.verdict, d.who, d.why
FROM wanted w
JOIN stories st ON st.id = w.story_id
JOIN story_members sm ON sm.story_id = st.id
JOIN articles a ON a.id = sm.article_id
JOIN sources s ON s.id = a.source_id
LEFT JOIN readings g ON g.article_id = a.id
LEFT JOIN last l ON l.article_id = a.id
LEFT JOIN decisions d ON d.id = l.id
WHERE a.published >= :start AND a.published < :end
  AND (s.editions = '[]' OR EXISTS (SELECT 1 FROM json_each(s.editions) WHERE value = :edition))
ORDER BY st.public_id, a.published, a.public_id"""


def _members(
    db: Database, edition: str, themes: Sequence[str], start: datetime, end: datetime
) -> Iterable[_Member]:
    rows = db.query(
        _MEMBERS,
        {
            "start": to_text(start),
            "end": to_text(end),
            "edition": edition,
            "themes": TypeAdapter(list[str]).dump_json(list(themes)).decode(),
        },
    )
    for row in rows:
        yield _Member(
            article=row["id"],
            story=row["story"],
            source=row["source"],
            rights=Rights(row["rights"]),
            reliability=row["reliability"],
            published=row["published"],
            language=row["language"],
            verdict=Verdict(row["verdict"]) if row["verdict"] else None,
            verdict_by=row["who"] or "",
            verdict_why=row["why"] or "",
        )


def _candidate(db: Database, members: Sequence[_Member], language: str) -> Candidate:
    main = min(members, key=lambda member: member.precedence(language))
    rejected = next((m for m in members if m.verdict is Verdict.REJECT), None)
    said = main if main.verdict is Verdict.KEEP else rejected or main
    row = next(
        db.query(
            """SELECT a.url, a.published, r.n, r.title, r.summary, r.text
               FROM articles a JOIN revisions r ON r.article_id = a.id AND r.n = a.revision
               WHERE a.id = ?""",
            [main.article],
        )
    )
    entities = _names(db, main.article, [member.article for member in members])
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
        themes=_themes(db, main.article, [member.article for member in members]),
        places=tuple(name for name, label in entities if label == "LOC"),
        entities=tuple(name for name, label in entities if label != "LOC"),
        sources=tuple(dict.fromkeys(member.source for member in members)),
        verdict=said.verdict,
        verdict_by=said.verdict_by,
        verdict_why=said.verdict_why,
    )


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
        [main, str(list(articles))],
    )
    return tuple(ThemeHit(theme, score, own or why) for theme, score, why, own in rows)


def _names(db: Database, main: ArticleId, articles: Sequence[ArticleId]) -> list[tuple[str, str]]:
    """(name, label) of what the articles name: the main one's first, then the most often named."""
    return db.execute(
        """SELECT e.name, e.label FROM mentions m JOIN entities e ON e.id = m.entity_id
           WHERE m.article_id IN (SELECT value FROM json_each(?)) AND m.boilerplate = ''
           GROUP BY e.id
           ORDER BY sum(m.article_id = ?) DESC, count(*) DESC, e.name LIMIT 12""",
        [str(list(articles)), main],
    ).fetchall()


def publish(
    db: Database,
    issue: Issue,
    files: Sequence[Rendered],
    title: str,
    who: str,
    now: datetime,
) -> None:
    """Freeze an issue and its files in one transaction; a second time changes nothing."""
    with transaction(db):
        row = db.execute(
            """INSERT INTO issues (id, revision, edition, period, title, starts, ends, tlp,
                   published_at, published_by, content)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id""",
            [
                *(issue.id, issue.revision, issue.edition, issue.period, title),
                *(to_text(issue.start), to_text(issue.end), issue.tlp.value),
                *(to_text(now), who, to_json(issue)),
            ],
        ).fetchone()
        if row is None:
            return
        for position, item in enumerate(issue.items, start=1):
            db.execute(
                "INSERT INTO issue_items VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    *(issue.id, issue.revision, position, item.section, item.article),
                    *(item.revision, item.story, item.title, item.excerpt, item.url, item.source),
                    *(to_text(item.published), item.place, item.why, item.comment, item.tlp.value),
                ],
            )
        db.conn.executemany(
            "INSERT INTO issue_files VALUES (?, ?, ?, ?, ?, ?)",
            [(f.issue, f.revision, f.language, f.form.value, f.sha256, f.content) for f in files],
        )


def published(db: Database, issue: str) -> Issue:
    """The last revision of a published issue. Raises NotFoundError."""
    row = db.execute(
        "SELECT content FROM issues WHERE id = ? ORDER BY revision DESC LIMIT 1", [issue]
    ).fetchone()
    if row is None:
        raise NotFoundError(
            f"issue {issue} is not published; `vigie digest list` shows the issues there are"
        )
    return from_json(row[0])


def files(db: Database, issue: str, revision: int) -> list[Rendered]:
    """The frozen files of one revision."""
    rows = db.execute(
        """SELECT language, form, content, sha256 FROM issue_files
           WHERE issue_id = ? AND issue_revision = ? ORDER BY language, form""",
        [issue, revision],
    )
    return [
        Rendered(issue, revision, language, Form(form), content, sha256)
        for language, form, content, sha256 in rows
    ]


def last_revision(db: Database, issue: str) -> int:
    """0 where the issue was never published."""
    (found,) = db.execute(
        "SELECT coalesce(max(revision), 0) FROM issues WHERE id = ?", [issue]
    ).fetchone()
    return int(found)


def published_by(db: Database, issue: str, revision: int) -> str:
    """The handle of who published that revision; "" where nobody did."""
    row = db.execute(
        "SELECT published_by FROM issues WHERE id = ? AND revision = ?", [issue, revision]
    ).fetchone()
    return str(row[0]) if row else ""


@dataclass(frozen=True, slots=True)
class IssueRow:
    """A published issue's line in a list."""

    id: str
    revision: int
    title: str
    items: int
    tlp: str
    published_at: datetime
    published_by: str


def overview(db: Database) -> list[IssueRow]:
    """Published issues, newest first."""
    rows = db.execute(
        """SELECT i.id, i.revision, i.title,
               (SELECT count(*) FROM issue_items x
                WHERE x.issue_id = i.id AND x.issue_revision = i.revision),
               i.tlp, i.published_at, i.published_by
           FROM issues i ORDER BY i.published_at DESC, i.id, i.revision DESC"""
    )
    return [IssueRow(a, b, c, d, e, from_text(f), g) for a, b, c, d, e, f, g in rows]


def to_json(issue: Issue) -> str:
    """The whole issue as JSON: `from_json` gives it back equal."""
    return _ISSUE.dump_json(issue).decode()


def from_json(text: str) -> Issue:
    return _ISSUE.validate_json(text)


def rights_of(db: Database, issue: Issue) -> dict[ArticleId, Rights]:
    """What the sources of the issue's articles allow today."""
    rows = db.execute(
        """SELECT a.id, s.rights FROM articles a JOIN sources s ON s.id = a.source_id
           WHERE a.id IN (SELECT value FROM json_each(?))""",
        [str([item.article for item in issue.items])],
    )
    return {article: Rights(rights) for article, rights in rows}
