"""Issues of the bulletin: what was published, frozen."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter
from sqlite_utils import Database

from vigie.archive.connect import transaction
from vigie.archive.moments import from_text, to_text
from vigie.errors import NotFoundError
from vigie.model import ArticleId, Form, Issue, IssueItem, Quoted, Rendered, Rights, Tlp

_ISSUE = TypeAdapter(Issue)
_QUOTED = TypeAdapter(tuple[Quoted, ...])


@dataclass(frozen=True, slots=True)
class Freeze:
    """All that publishing an issue's revision writes."""

    issue: Issue
    files: Sequence[Rendered]
    title: str  # in the edition's own language
    who: str
    at: datetime
    forms: bytes = b""  # what drew the files, as a ZIP
    forms_sha256: str = ""
    libraries: Sequence[tuple[str, str]] = ()  # name and version


def publish(db: Database, frozen: Freeze) -> bool:
    """Freeze an issue, its files and its forms in one transaction.

    False where that revision is published already: then nothing is changed. Raises ValueError for
    an issue that is not labelled TLP:CLEAR: whoever reads the archive reads all of it.
    """
    if frozen.issue.tlp is not Tlp.CLEAR:
        raise ValueError(f"{frozen.issue.id} is {frozen.issue.tlp}: `vigie.archive.held` keeps it")
    issue, at = frozen.issue, to_text(frozen.at)
    # Its draft is dropped next, durably: so this must be on the disk before.
    db.execute("PRAGMA synchronous = FULL")
    with transaction(db):
        row = db.execute(
            """INSERT INTO issues (id, revision, edition, period, title, starts, ends, tlp,
                   published_at, published_by, content, template, libraries)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
               ON CONFLICT DO NOTHING RETURNING id""",
            [
                *(issue.id, issue.revision, issue.edition, issue.period, frozen.title),
                *(to_text(issue.start), to_text(issue.end), issue.tlp.value),
                *(at, frozen.who, to_json(issue), issue.template),
                json.dumps(dict(frozen.libraries)),
            ],
        ).fetchone()
        if row is None:
            return False
        db.conn.executemany(_ITEM, [_item(issue, n, i) for n, i in enumerate(issue.items, 1)])
        db.conn.executemany(
            "INSERT INTO issue_files VALUES (?, ?, ?, ?, ?, ?)",
            [
                (f.issue, f.revision, f.language, f.form.value, f.sha256, f.content)
                for f in frozen.files
            ],
        )
        if frozen.forms:
            db.execute(
                "INSERT INTO forms VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                [issue.template, frozen.forms_sha256, frozen.forms, at],
            )
    return True


_ITEM = """INSERT INTO issue_items (issue_id, issue_revision, position, section, article_id,
        article_revision, story, title, excerpt, url, source, published, place, why, comment, tlp,
        summary, reliability, credibility, nuts, contributor, reference, happens, sources)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""


def _item(issue: Issue, position: int, item: IssueItem) -> tuple[object, ...]:
    return (
        *(issue.id, issue.revision, position, item.section, item.article),
        *(item.revision, item.story, item.title, item.excerpt, item.url, item.source),
        *(to_text(item.published), item.place, item.why, item.comment, item.tlp.value),
        _QUOTED.dump_json(item.summary).decode(),
        *(item.reliability, item.credibility, item.nuts, item.contributor, item.reference),
        item.happens.isoformat() if item.happens else "",
        json.dumps(item.sources, ensure_ascii=False),
    )


@dataclass(frozen=True, slots=True)
class Forms:
    """What drew a published issue."""

    template: str
    sha256: str
    content: bytes  # a ZIP; b"" where the issue is of before forms were kept
    libraries: dict[str, str]


def forms(db: Database, issue: str, revision: int) -> Forms:
    """Raises NotFoundError."""
    row = db.execute(
        """SELECT i.template, coalesce(f.sha256, ''), coalesce(f.content, x''), i.libraries
           FROM issues i LEFT JOIN forms f ON f.template = i.template
           WHERE i.id = ? AND i.revision = ?""",
        [issue, revision],
    ).fetchone()
    if row is None:
        raise NotFoundError(f"issue {issue} has no revision {revision}")
    return Forms(row[0], row[1], row[2], json.loads(row[3]))


def published(db: Database, issue: str, revision: int = 0) -> Issue:
    """A revision of a published issue, the last one by default. Raises NotFoundError."""
    return from_json(content(db, issue, revision))


def content(db: Database, issue: str, revision: int = 0) -> str:
    """The same as the JSON text that was frozen, byte for byte. Raises NotFoundError."""
    row = db.execute(
        """SELECT content FROM issues WHERE id = :issue AND :revision IN (0, revision)
           ORDER BY revision DESC LIMIT 1""",
        {"issue": issue, "revision": revision},
    ).fetchone()
    if row is None:
        which = f"issue {issue} has no revision {revision}" if revision else f"issue {issue}"
        raise NotFoundError(
            f"{which} is not published; `vigie digest list` shows the issues there are"
            if not revision
            else f"{which}; `vigie digest list` shows what is published"
        )
    return str(row[0])


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


def item_of(db: Database, issue: Issue, name: str) -> IssueItem | None:
    """An issue's item by its story's id, its article's id or address, or its place (energie/2)."""
    section, _, rank = name.rpartition("/")
    for item in issue.items:
        if item.story == name or (item.section, str(item.rank)) == (section, rank):
            return item
    row = db.execute(
        """SELECT a.id, st.public_id FROM articles a
           LEFT JOIN story_members m ON m.article_id = a.id
           LEFT JOIN stories st ON st.id = m.story_id
           WHERE a.public_id = :name OR a.key = :name OR a.url = :name LIMIT 1""",
        {"name": name},
    ).fetchone()
    names = set(row) if row else set()
    return next((i for i in issue.items if i.article in names or i.story in names), None)


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


def latest(db: Database, edition: str) -> str:
    """The id of the edition's issue that was published last. Raises NotFoundError."""
    row = db.execute(
        """SELECT id FROM issues WHERE edition = ?
           ORDER BY starts DESC, published_at DESC, id LIMIT 1""",
        [edition],
    ).fetchone()
    if row is None:
        raise NotFoundError(f"no issue of {edition} is published")
    return str(row[0])


def to_json(issue: Issue) -> str:
    """The whole issue as JSON: `from_json` gives it back equal."""
    return _ISSUE.dump_json(issue).decode()


def from_json(text: str) -> Issue:
    return _ISSUE.validate_json(text)


def rights_of(db: Database, issue: Issue) -> dict[ArticleId, Rights]:
    """What the sources of the issue's articles, those of its summaries included, allow today."""
    quoted = (one.article for item in issue.items for one in item.summary)
    rows = db.execute(
        """SELECT a.id, s.rights FROM articles a JOIN sources s ON s.id = a.source_id
           WHERE a.id IN (SELECT value FROM json_each(?))""",
        [json.dumps([*(item.article for item in issue.items), *quoted])],
    )
    return {article: Rights(rights) for article, rights in rows}
