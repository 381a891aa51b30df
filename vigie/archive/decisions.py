"""People's acts on articles: appended, never changed; the last one on an article counts."""

from __future__ import annotations

from sqlite_utils import Database

from vigie.archive.moments import from_text, to_text
from vigie.model import ArticleId, Decision, Verdict


def append(db: Database, decision: Decision) -> None:
    """One row a decision. A handle with an @ is refused by the archive: no address goes in."""
    db.execute(
        "INSERT INTO decisions (article_id, verdict, who, at, why) VALUES (?, ?, ?, ?, ?)",
        [
            *(decision.article, decision.verdict.value, decision.who),
            *(to_text(decision.at), decision.why),
        ],
    )


def of_article(db: Database, article: ArticleId) -> list[Decision]:
    """All decisions on one article, oldest first."""
    rows = db.query("SELECT * FROM decisions WHERE article_id = ? ORDER BY id", [article])
    return [
        Decision(
            row["article_id"], Verdict(row["verdict"]), row["who"], from_text(row["at"]), row["why"]
        )
        for row in rows
    ]
