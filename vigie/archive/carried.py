"""Who carried the same text: the members of near-duplicate groups, with the agencies they name."""

from __future__ import annotations

import json
from datetime import datetime

from sqlite_utils import Database

from vigie.archive.moments import from_text, to_text
from vigie.model import CarriedText, SourceId


def texts(db: Database, start: datetime, end: datetime, group: str = "") -> list[CarriedText]:
    """Articles of that time in groups of two or more, in order; of one group where it is given.

    The cost is that of the time asked for, not of the archive.
    """
    rows = db.query(
        """SELECT a.id, a.public_id, g.public_id AS grouped, a.source_id, s.title AS source_title,
               a.key, s.homepage, a.published, a.dated, r.title, r.summary, r.text, a.author,
               (SELECT json_group_array(DISTINCT e.name) FROM mentions m
                JOIN entities e ON e.id = m.entity_id
                WHERE m.article_id = a.id AND e.kind = 'press-agency') AS agencies
           FROM articles a
           CROSS JOIN duplicate_members d ON d.article_id = a.id
           JOIN duplicate_groups g ON g.id = d.group_id
           JOIN sources s ON s.id = a.source_id
           JOIN revisions r ON r.article_id = a.id AND r.n = a.revision
           WHERE a.published >= :start AND a.published < :end
               AND (:group = '' OR g.public_id = :group)
               AND (SELECT count(*) FROM (SELECT 1 FROM duplicate_members o
                    WHERE o.group_id = d.group_id LIMIT 2)) = 2
           ORDER BY a.published, a.public_id""",
        {"start": to_text(start), "end": to_text(end), "group": group},
    )
    return [
        CarriedText(
            article=row["id"],
            public_id=row["public_id"],
            group=row["grouped"],
            source=row["source_id"],
            source_title=row["source_title"],
            address=row["key"] if "://" in row["key"] else "",
            homepage=row["homepage"],
            published=from_text(row["published"]),
            dated=bool(row["dated"]),
            title=row["title"],
            text=f"{row['summary']}\n{row['text']}",
            author=row["author"],
            agencies=tuple(json.loads(row["agencies"])),
        )
        for row in rows
    ]


def printed(db: Database, start: datetime, end: datetime) -> dict[SourceId, int]:
    """How many articles of that time each source carried first."""
    return dict(
        db.execute(
            """SELECT source_id, count(*) FROM articles
               WHERE published >= ? AND published < ? GROUP BY source_id""",
            [to_text(start), to_text(end)],
        ).fetchall()
    )
