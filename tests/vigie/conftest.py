"""A small archive that speaks the domain's words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from vigie.archive import articles, connect, declared, ids, readings
from vigie.archive.connect import transaction
from vigie.model import (
    ArticleIntent,
    Item,
    Language,
    Mention,
    Novelty,
    Reading,
    Rights,
    ThemeHit,
)
from vigie.schema import Entity, Source, Theme

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
FOUR = {"fr": "Énergie", "nl": "Energie", "de": "Energie", "en": "Energy"}


@dataclass
class FakeArchive:
    """An archive to which a test says what happened, in the field's words."""

    db: Database
    path: Path
    now: datetime = NOW
    source: str = "phare"
    _model: int = field(default=0)

    def carries(self, key: str, title: str, summary: str = "", **more: object) -> int:
        """The source carries a new article; gives its row number."""
        item = Item(
            url=key,
            canonical_url=key,
            guid=key,
            title=title,
            summary=summary,
            **more,  # type: ignore[arg-type]  # fields by name
        )
        self._store(ArticleIntent(Novelty.NEW, key, item, content_hash=title + summary))
        return articles.find(self.db, key)

    def edits(self, key: str, title: str, summary: str = "") -> None:
        """The source gives the same article with other words."""
        item = Item(url=key, canonical_url=key, guid=key, title=title, summary=summary)
        article = articles.find(self.db, key)
        self._store(
            ArticleIntent(
                Novelty.REVISED, key, item, title + summary, article=article, changed=("title",)
            )
        )

    def reads(self, language: str = "fr", theme: str = "energy", entity: str = "edf") -> None:
        """Whatever is unread is read as said here."""
        model = readings.register_model(self.db, "reading", "fake", "1", self.now)
        jobs = readings.unread(self.db, 100)
        results = [
            Reading(
                job.article,
                job.revision,
                Language(language, 0.9, "said so"),
                (Mention(entity, entity.upper(), "ORG", entity, "title", 0, 3, "said so"),),
                (ThemeHit(theme, 0.8, "title: énergie"),),
            )
            for job in jobs
        ]
        readings.store_readings(self.db, model.id, zip(jobs, results, strict=True), self.now)

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)

    def public(self, key: str) -> str:
        return ids.article(key)

    def _store(self, intent: ArticleIntent) -> None:
        with transaction(self.db):
            articles.store(self.db, self.source, Rights.EXCERPT, [intent], self.now)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[FakeArchive]:
    path = tmp_path / "archive.db"
    db = connect.open_archive(path)
    declared.declare(
        db,
        [
            Source(
                id="phare", title="Le Phare", url="https://phare.example/f", rights=Rights.EXCERPT
            ),
            Source(id="cap", title="Le Cap", url="https://cap.example/f", rights=Rights.FULL),
        ],
        NOW,
    )
    readings.declare_taxonomy(
        db,
        [Theme(id="energy", labels=FOUR)],
        [Entity(id="edf", label="ORG", names={"fr": "EDF"})],
    )
    yield FakeArchive(db, path)
    db.close()
