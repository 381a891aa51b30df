"""Why an article is as it is: each result with its reason, in words."""

from __future__ import annotations

from collections.abc import Iterator

from sqlite_utils import Database

from vigie.model import ArticleId

# What is told, in this order: a heading, and a statement that gives one text a line.
_PARTS = (
    (
        "Article",
        """SELECT a.public_id || '  ' || a.published || '  ' || r.title || char(10) || '  ' || a.url
           FROM articles a JOIN revisions r ON r.article_id = a.id AND r.n = a.revision
           WHERE a.id = :id""",
    ),
    (
        "Carried by",
        """SELECT s.title || ' (' || s.id || '), since ' || x.first_seen FROM sightings x
           JOIN sources s ON s.id = x.source_id WHERE x.article_id = :id ORDER BY x.first_seen""",
    ),
    (
        "Revisions",
        """SELECT n || ', ' || seen_at || CASE changed WHEN '' THEN '' ELSE ': ' || changed END
           FROM revisions WHERE article_id = :id ORDER BY n""",
    ),
    (
        "Page",
        """SELECT page || CASE page_detail WHEN '' THEN '' ELSE ': ' || page_detail END
           FROM articles WHERE id = :id""",
    ),
    ("Language", "SELECT language || ': ' || why FROM readings WHERE article_id = :id"),
    (
        "Themes",
        """SELECT theme_id || printf(' %.2f: ', score) || why FROM article_themes
           WHERE article_id = :id ORDER BY score DESC""",
    ),
    (
        "Signals",
        """SELECT theme_id || ', ' || signal || printf(' %.2f: ', score) || why FROM theme_signals
           WHERE article_id = :id AND signal <> 'rules' ORDER BY theme_id, signal""",
    ),
    (
        "Themes said by people",
        """SELECT at || ' ' || verdict || ' ' || theme_id || ', by ' || who
               || CASE why WHEN '' THEN '' ELSE ': ' || why END
           FROM theme_decisions WHERE article_id = :id ORDER BY id""",
    ),
    (
        "Names",
        """SELECT e.name || ' (' || e.id || '), ' || count(*) || ' times: ' || min(m.why)
           FROM mentions m JOIN entities e ON e.id = m.entity_id WHERE m.article_id = :id
           AND m.boilerplate = '' GROUP BY e.id ORDER BY count(*) DESC, e.name""",
    ),
    (
        "Not counted",
        """SELECT m.surface || ' in the ' || m.field || ': ' || m.boilerplate FROM mentions m
           WHERE m.article_id = :id AND m.boilerplate <> '' ORDER BY m.field, m.start""",
    ),
    (
        "References",
        """SELECT kind || ' ' || value
               || CASE label WHEN value THEN '' ELSE ' (' || label || ')' END
               || ': "' || min(surface) || '" in the ' || min(field) || ', ' || min(why)
           FROM text_references WHERE article_id = :id GROUP BY kind, value ORDER BY kind, value""",
    ),
    (
        "Near-duplicates",
        """SELECT g.public_id || ': ' || m.why || coalesce('; nearest is ' || n.public_id, '')
           FROM duplicate_members m JOIN duplicate_groups g ON g.id = m.group_id
           LEFT JOIN articles n ON n.id = m.neighbour_id WHERE m.article_id = :id""",
    ),
    (
        "Story",
        """SELECT s.public_id || ': ' || m.why || coalesce('; nearest is ' || n.public_id, '')
           FROM story_members m JOIN stories s ON s.id = m.story_id
           LEFT JOIN articles n ON n.id = m.neighbour_id WHERE m.article_id = :id""",
    ),
    (
        "Decisions",
        """SELECT at || ' ' || verdict || ' by ' || who
               || CASE why WHEN '' THEN '' ELSE ': ' || why END
           FROM decisions WHERE article_id = :id ORDER BY id""",
    ),
    (
        "Issues",
        """SELECT issue_id || ', revision ' || issue_revision || ': ' || why
           FROM issue_items WHERE article_id = :id ORDER BY issue_id, issue_revision""",
    ),
    (
        "Models",
        """SELECT DISTINCT m.role || ': ' || m.name || ' ' || m.revision FROM models m
           WHERE m.id IN (SELECT model_id FROM readings WHERE article_id = :id
               UNION SELECT model_id FROM vectors WHERE article_id = :id
               UNION SELECT model_id FROM story_members WHERE article_id = :id)
           ORDER BY m.id""",
    ),
)

_GROUPING = (
    (
        "Near-duplicates",
        """SELECT g.public_id || printf(' (%s): %s', (
               SELECT iif(count(*) = 1, '1 article', count(*) || ' articles')
               FROM duplicate_members o WHERE o.group_id = g.id), m.why)
               || coalesce(char(10) || '  nearest, ' || printf('%.2f', m.score) || ': '
               || n.public_id || '  ' || r.title, '')
           FROM duplicate_members m JOIN duplicate_groups g ON g.id = m.group_id
           LEFT JOIN articles n ON n.id = m.neighbour_id
           LEFT JOIN revisions r ON r.article_id = n.id AND r.n = n.revision
           WHERE m.article_id = :id""",
    ),
    (
        "Carried by, the main article first",
        """SELECT c.published || '  ' || c.source || '  ' || c.article
               || CASE c.changed WHEN '' THEN '' ELSE '; changed: ' || c.changed
               || printf(' (%+d characters)', c.longer_by) END
           FROM copies c WHERE c.duplicate_group = (SELECT g.public_id FROM duplicate_groups g
               JOIN duplicate_members m ON m.group_id = g.id WHERE m.article_id = :id)
           ORDER BY c.place""",
    ),
    (
        "Story",
        """SELECT s.public_id || printf(' (%s): %s', (
               SELECT iif(count(*) = 1, '1 article', count(*) || ' articles')
               FROM story_members o WHERE o.story_id = s.id), m.why)
               || coalesce(char(10) || '  nearest, ' || printf('%.2f', m.score) || ': '
               || n.public_id || '  ' || r.title, '')
           FROM story_members m JOIN stories s ON s.id = m.story_id
           LEFT JOIN articles n ON n.id = m.neighbour_id
           LEFT JOIN revisions r ON r.article_id = n.id AND r.n = n.revision
           WHERE m.article_id = :id""",
    ),
    (
        "People",
        """SELECT t.at || ' ' || CASE t.act WHEN 'merge' THEN 'merged' WHEN 'split' THEN
               CASE x.side WHEN 1 THEN 'split off' ELSE 'kept when others were split off' END END
               || ' by ' || t.who || CASE t.why WHEN '' THEN '' ELSE ': ' || t.why END
           FROM story_acts t JOIN story_act_articles x ON x.act_id = t.id
           WHERE x.article_id = :id ORDER BY t.id""",
    ),
)

_STORY = (
    (
        "Story",
        """SELECT s.public_id || ', ' || iif(count(*) = 1, '1 article', count(*) || ' articles')
               || ', ' || min(a.published) || ' to ' || max(a.published)
           FROM stories s JOIN story_members m ON m.story_id = s.id
           JOIN articles a ON a.id = m.article_id WHERE s.id = :id GROUP BY s.id""",
    ),
    (
        "Also cited as",
        """SELECT f.public_id || ', until ' || f.at FROM forwards f JOIN stories s
           ON s.public_id = f.to_id WHERE s.id = :id ORDER BY f.at, f.public_id""",
    ),
    (
        "Articles",
        """SELECT a.published || '  ' || a.public_id || '  ' || r.title
               || char(10) || '    ' || m.why
           FROM story_members m JOIN articles a ON a.id = m.article_id
           JOIN revisions r ON r.article_id = a.id AND r.n = a.revision
           WHERE m.story_id = :id ORDER BY a.published, a.public_id""",
    ),
    (
        "People",
        """SELECT DISTINCT t.at || ' ' || t.act || ' by ' || t.who
               || CASE t.why WHEN '' THEN '' ELSE ': ' || t.why END
           FROM story_acts t JOIN story_act_articles x ON x.act_id = t.id
           JOIN story_members m ON m.article_id = x.article_id
           WHERE m.story_id = :id ORDER BY t.id""",
    ),
)


def explain(db: Database, article: ArticleId) -> Iterator[tuple[str, list[str]]]:
    """(heading, lines) for each thing that is known of the article; empty ones are left out."""
    yield from _told(db, _PARTS, article)


def grouping(db: Database, article: ArticleId) -> list[tuple[str, list[str]]]:
    """Why an article stands in its group and its story, who carries it, what people said."""
    return list(_told(db, _GROUPING, article))


def story(db: Database, row: int) -> list[tuple[str, list[str]]]:
    """A story, by row number: its articles with their reasons, its other names, people's acts."""
    return list(_told(db, _STORY, row))


def _told(
    db: Database, parts: tuple[tuple[str, str], ...], row: int
) -> Iterator[tuple[str, list[str]]]:
    for heading, sql in parts:
        lines = [text for (text,) in db.execute(sql, {"id": row})]
        if lines:
            yield heading, lines
