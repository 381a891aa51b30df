"""Summaries of stories, from what their sources' rights let us quote."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from sqlite_utils import Database

from digest import quote
from enrich.summary import SENTENCES, Telling, summary
from vigie.model import ArticleId, Issue, IssueItem, Quoted, Rights
from vigie.schema import Edition

MOST = 40  # articles of a story that are read for its summary, the main one and the earliest


def with_summaries(archive: Database, issue: Issue, edition: Edition) -> Issue:
    """The issue with a summary in each item that several articles tell; the others quote one."""
    items = tuple(_with_summary(archive, item, edition.excerpt_words) for item in issue.items)
    return replace(issue, items=items)


def of_story(
    archive: Database,
    main: ArticleId,
    articles: Sequence[ArticleId],
    words: int,
    sentences: int = SENTENCES,
) -> tuple[Quoted, ...]:
    """A story's summary: `main` sets its language; `words` is the cap of what is not `full`."""
    chosen = list(dict.fromkeys([main, *articles]))[:MOST]
    return summary(_tellings(archive, chosen), quote.caps(words), sentences)


def _with_summary(archive: Database, item: IssueItem, words: int) -> IssueItem:
    articles = [
        int(article)
        for (article,) in archive.execute(
            """SELECT m.article_id FROM story_members m JOIN stories s ON s.id = m.story_id
               JOIN articles a ON a.id = m.article_id
               WHERE s.public_id = ? ORDER BY a.published, a.public_id""",
            [item.story],
        )
    ]
    if len(articles) < 2:
        return item
    return replace(item, summary=of_story(archive, item.article, articles, words))


def _tellings(archive: Database, articles: Sequence[ArticleId]) -> list[Telling]:
    """What may be read of each, in this order."""
    rows = archive.query(
        """SELECT a.id, a.url, s.title AS source, s.rights, coalesce(g.language, 'und') AS language,
               r.summary, r.text
           FROM articles a JOIN revisions r ON r.article_id = a.id AND r.n = a.revision
           JOIN sources s ON s.id = a.source_id LEFT JOIN readings g ON g.article_id = a.id
           WHERE a.id IN (SELECT value FROM json_each(?))""",
        [json.dumps(articles)],
    )
    found = {
        int(row["id"]): Telling(
            article=row["id"],
            url=row["url"],
            source=row["source"],
            language=row["language"],
            rights=Rights(row["rights"]),
            text=row["text"] or row["summary"],
        )
        for row in rows
    }
    return [found[article] for article in articles if article in found]
