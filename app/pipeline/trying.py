"""What a theme's rules would match in the archive, beside what they matched when it was read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from app.progress import Progress
from enrich.themes import ThemeReader
from vigie.archive import readings, theming
from vigie.archive.readings import Read
from vigie.schema import Theme
from vigie.settings import Settings

BATCH = 500


@dataclass(frozen=True, slots=True)
class Tried:
    """One article that the rules match, newly match, or match no more."""

    article: str  # public id
    published: datetime
    title: str
    why: str
    change: str  # "", "gained" or "lost"


def try_rules(
    db: Database, settings: Settings, theme: Theme, since: datetime, progress: Progress
) -> Iterator[Tried]:
    """Each article published since then that the rules match or matched, in the archive's order."""
    reader = ThemeReader((theme,), settings.gazetteer)
    before = theming.ruled(db, theme.id)
    total = readings.count_read(db, since)
    with progress.stage(f"Trying {theme.id}", total) as advance:
        last = 0
        while batch := readings.read_since(db, since, last, BATCH):
            last = batch[-1].job.article
            for one in batch:
                hits = reader.read(one.job, one.language, one.mentions)
                if hits or one.job.article in before:
                    yield _tried(one, hits[0].why if hits else "", before.get(one.job.article))
            advance(len(batch))


def _tried(one: Read, now: str, before: str | None) -> Tried:
    change = "gained" if before is None else "" if now else "lost"
    return Tried(one.public_id, one.published, one.job.title, now or before or "", change)
