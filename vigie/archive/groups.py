"""Near-duplicate groups and stories: who still needs a place, who stands in the window, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from vigie.archive.connect import transaction
from vigie.archive.moments import from_text, to_text
from vigie.archive.standing import GROUPS, STORIES, found
from vigie.model import ArticleId, GroupingItem, Placement


@dataclass(frozen=True, slots=True)
class Groupable:
    """An article to be placed, or already placed, with its float16 vectors end to end."""

    item: GroupingItem
    vector: bytes
    placement: Placement | None = None


@dataclass(frozen=True, slots=True)
class Vectors:
    """Which vectors articles are grouped by: row numbers of `models`."""

    lexical: int
    spanning: int


_COLUMNS = """SELECT a.id, a.source_id, a.published, a.url, g.language, r.title, r.summary,
    substr(r.text, 1, 2000) AS text, v.vector, s.vector AS spanning,
    (SELECT group_concat(entity_id, char(31)) FROM
        (SELECT m.entity_id FROM mentions m WHERE m.article_id = a.id AND m.boilerplate = ''
         UNION SELECT 'cve:' || x.value FROM text_references x
         WHERE x.article_id = a.id AND x.kind = 'cve')) AS names
    FROM articles a
    JOIN revisions r ON r.article_id = a.id AND r.n = a.revision
    JOIN vectors v ON v.article_id = a.id AND v.model_id = :lexical
    JOIN vectors s ON s.article_id = a.id AND s.model_id = :spanning
    JOIN readings g ON g.article_id = a.id"""


def unplaced(db: Database, by: Vectors, limit: int) -> list[Groupable]:
    """Articles that were read and embedded but stand in no story yet, in order of publication."""
    rows = db.query(
        f"""{_COLUMNS} LEFT JOIN story_members sm ON sm.article_id = a.id
            WHERE sm.article_id IS NULL ORDER BY a.published, a.public_id LIMIT :limit""",
        {"lexical": by.lexical, "spanning": by.spanning, "limit": limit},
    )
    return [_groupable(row) for row in rows]


def count_unplaced(db: Database, by: Vectors) -> int:
    return int(
        db.execute(
            """SELECT count(*) FROM articles a
               JOIN vectors v ON v.article_id = a.id AND v.model_id = ?
               JOIN vectors s ON s.article_id = a.id AND s.model_id = ?
               JOIN readings g ON g.article_id = a.id
               LEFT JOIN story_members sm ON sm.article_id = a.id WHERE sm.article_id IS NULL""",
            [by.lexical, by.spanning],
        ).fetchone()[0]
    )


def placed(db: Database, by: Vectors, start: datetime, end: datetime) -> Iterator[Groupable]:
    """Articles of that time which have their place, in order of publication, one at a time."""
    rows = db.query(
        _COLUMNS.replace(
            "FROM articles a",
            """, dg.founder_id AS group_founder, dm.neighbour_id AS group_neighbour,
               dm.score AS group_score, dm.why AS group_why, st.founder_id AS story_founder,
               sm.neighbour_id AS story_neighbour, sm.score AS story_score, sm.why AS story_why
               FROM articles a""",
        )
        + """ JOIN duplicate_members dm ON dm.article_id = a.id
              JOIN duplicate_groups dg ON dg.id = dm.group_id
              JOIN story_members sm ON sm.article_id = a.id
              JOIN stories st ON st.id = sm.story_id
              WHERE a.published BETWEEN :start AND :end ORDER BY a.published, a.public_id""",
        {
            "lexical": by.lexical,
            "spanning": by.spanning,
            "start": to_text(start),
            "end": to_text(end),
        },
    )
    return map(_groupable, rows)


def placed_before(db: Database, by: Vectors, start: datetime, end: datetime) -> list[Groupable]:
    """As `placed`, the end not included."""
    return [one for one in placed(db, by, start, end) if one.item.published < end]


def dates(db: Database, by: Vectors) -> tuple[datetime, datetime] | None:
    """First and last publication among the placed articles with those vectors."""
    first, last = db.execute(
        """SELECT min(a.published), max(a.published) FROM articles a
           JOIN vectors v ON v.article_id = a.id AND v.model_id = ?
           JOIN vectors s ON s.article_id = a.id AND s.model_id = ?
           JOIN story_members m ON m.article_id = a.id""",
        [by.lexical, by.spanning],
    ).fetchone()
    return None if first is None else (from_text(first), from_text(last))


def next_placed(db: Database, by: Vectors, start: datetime) -> datetime | None:
    """The publication of the first of them from then on; None where there is none."""
    (found,) = db.execute(
        """SELECT min(a.published) FROM articles a
           JOIN vectors v ON v.article_id = a.id AND v.model_id = ?
           JOIN vectors s ON s.article_id = a.id AND s.model_id = ?
           JOIN story_members m ON m.article_id = a.id WHERE a.published >= ?""",
        [by.lexical, by.spanning, to_text(start)],
    ).fetchone()
    return None if found is None else from_text(found)


def count_placed(db: Database, by: Vectors, start: datetime, end: datetime) -> int:
    """How many of them were published in that time, the end not included."""
    return int(
        db.execute(
            """SELECT count(*) FROM articles a
               JOIN vectors v ON v.article_id = a.id AND v.model_id = ?
               JOIN vectors s ON s.article_id = a.id AND s.model_id = ?
               JOIN story_members m ON m.article_id = a.id
               WHERE a.published >= ? AND a.published < ?""",
            [by.lexical, by.spanning, to_text(start), to_text(end)],
        ).fetchone()[0]
    )


def _groupable(row: dict[str, object]) -> Groupable:
    article = int(str(row["id"]))
    placement = None
    if "story_founder" in row:
        placement = Placement(
            article=article,
            group=int(str(row["group_founder"])),
            group_neighbour=_maybe_id(row["group_neighbour"]),
            group_score=float(str(row["group_score"])),
            group_why=str(row["group_why"]),
            story=int(str(row["story_founder"])),
            story_neighbour=_maybe_id(row["story_neighbour"]),
            story_score=float(str(row["story_score"])),
            story_why=str(row["story_why"]),
        )
    item = GroupingItem(
        article=article,
        source=str(row["source_id"]),
        published=from_text(str(row["published"])),
        language=str(row["language"]),
        title=str(row["title"]),
        lead=str(row["summary"] or row["text"]),
        entities=frozenset(str(row["names"]).split("\x1f")) if row["names"] else frozenset(),
        address=str(row["url"]),
        text=str(row["text"]),
    )
    lexical, spanning = row["vector"], row["spanning"]
    if not isinstance(lexical, bytes) or not isinstance(spanning, bytes):
        raise TypeError(f"article {article}: a vector that is no BLOB")
    return Groupable(item, lexical + spanning, placement)


def _maybe_id(value: object) -> ArticleId | None:
    return None if value is None else int(str(value))


def store(db: Database, model: int, placements: Iterable[Placement], now: datetime) -> None:
    """Write one batch of places, in one transaction."""
    at = to_text(now)
    with transaction(db):
        for place in placements:
            group = found(db, GROUPS, place.group)
            db.execute(
                "INSERT INTO duplicate_members VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    *(place.article, group, place.group_neighbour, place.group_score),
                    *(place.group_why, model, at),
                ],
            )
            story = found(db, STORIES, place.story)
            db.execute(
                "INSERT INTO story_members VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    *(place.article, story, place.story_neighbour, place.story_score),
                    *(place.story_why, model, at),
                ],
            )
