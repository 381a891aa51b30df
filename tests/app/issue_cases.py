"""A folder with a small archive of stories, for tests of how an issue is made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.folder import Folder, write_starter
from vigie.archive import connect
from vigie.archive.moments import to_text

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
START = datetime(2026, 10, 5, 8, 0, tzinfo=UTC)
SOURCES = """
[[source]]
id = "phare"
title = "Le Phare"
url = "https://phare.example/feed"
rights = "full"
reliability = "B"

[[source]]
id = "bassins"
title = "La Gazette"
url = "https://bassins.example/feed"
rights = "excerpt"
reliability = "C"

[[source]]
id = "liens"
title = "Liens"
url = "https://liens.example/feed"
rights = "link"

[[source]]
id = "port"
title = "Port de X"
kind = "contribution"
rights = "full"
"""
THEMES = "".join(
    f"""
[[theme]]
id = "{name}"
labels = {{ fr = "{name}", nl = "{name}", de = "{name}", en = "{name}" }}
"""
    for name in ("cyber", "energy")
)


@dataclass(frozen=True)
class Told:
    """One article of a story."""

    story: int
    source: str = "phare"
    title: str = "Un électrolyseur à Port-Jérôme"
    text: str = ""
    theme: str = "energy"
    author: str = ""
    days: int = 0  # after START


def folder(home: Path, *told: Told) -> Folder:
    """A folder whose archive has these articles, read and grouped."""
    write_starter(home)
    (home / "config" / "gazetteer.toml").write_text("", encoding="utf-8")
    (home / "config" / "themes.toml").write_text(THEMES, encoding="utf-8")
    (home / "config" / "sources.toml").write_text(SOURCES, encoding="utf-8")
    found = Folder.at(home)
    with found.archive(NOW):
        pass
    add(found, *told)
    return found


def add(found: Folder, *told: Told) -> None:
    """These articles too."""
    db = connect.open_archive(found.settings.paths.archive)
    with connect.transaction(db):
        model = db.execute(
            """INSERT INTO models (role, name, revision, added_at)
               VALUES ('grouping', 'x', '1', 't')
               ON CONFLICT DO UPDATE SET name = name RETURNING id"""
        ).fetchone()[0]
        for one in told:
            at = to_text(START + timedelta(days=one.days))
            text = one.text or f"{one.title}, dit la nouvelle numéro {one.story} de ce matin."
            (article,) = db.execute(
                """INSERT INTO articles (public_id, key, source_id, url, author, published, dated,
                       first_seen)
                   SELECT 'a-' || n, u || n, ?, u || n, ?, ?, 1, ? FROM (
                       SELECT count(*) + 1 AS n, 'https://phare.example/' AS u FROM articles)
                   RETURNING id""",
                [one.source, one.author, at, at],
            ).fetchone()
            db.execute(
                "INSERT INTO revisions VALUES (?, 1, ?, ?, ?, ?, 'feed', '', '')",
                [article, at, one.title, text, text],
            )
            db.execute(
                "INSERT INTO readings VALUES (?, 1, 'feed', ?, 'fr', 0.9, '', ?)",
                [article, model, at],
            )
            if one.theme:
                db.execute(
                    "INSERT INTO article_themes VALUES (?, ?, 0.8, 'title: mot')",
                    [article, one.theme],
                )
            db.execute(
                "INSERT INTO stories VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                [one.story, f"s-{one.story}", article],
            )
            db.execute(
                "INSERT INTO story_members VALUES (?, ?, NULL, 1.0, '', ?, ?)",
                [article, one.story, model, at],
            )
    db.close()
