"""Issues whole, with what may not stand in an archive that can be published.

archive.db has of each issue the items labelled TLP:CLEAR, and the files drawn from them. Where an
issue has others, desk.db keeps it whole; copies for recipients are made from there.
"""

from __future__ import annotations

from sqlite_utils import Database

from vigie.archive import issues
from vigie.archive.connect import transaction
from vigie.model import Issue, Tlp


def keep(desk: Database, issue: Issue) -> None:
    """Keep an issue whole, before the archive gets its public part; nothing where all is public."""
    if issue.tlp is Tlp.CLEAR:
        return
    with transaction(desk):
        desk.execute(
            """INSERT INTO held_issues VALUES (?, ?, ?)
               ON CONFLICT DO UPDATE SET content = excluded.content""",
            [issue.id, issue.revision, issues.to_json(issue)],
        )


def whole(archive: Database, desk: Database, issue: str, revision: int = 0) -> Issue:
    """A published revision with all its items, the last one by default. Raises NotFoundError."""
    public = issues.published(archive, issue, revision)
    row = desk.execute(
        "SELECT content FROM held_issues WHERE issue_id = ? AND revision = ?",
        [public.id, public.revision],
    ).fetchone()
    return issues.from_json(row[0]) if row else public
