"""Enrich: what the archive still lacks is read, embedded and given its place.

Three queues, each asked of the archive for the model in force and emptied in batches, one
transaction a batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

import numpy as np
from numpy.typing import NDArray
from sqlite_utils import Database

from app.progress import Progress, Silent
from enrich.grouping import Locks, Window, thresholds
from enrich.reading import Reader
from enrich.vectors import Embedder, TfidfEmbedder, needs_fitting, open_embedder, text_of
from vigie.archive import groups, readings, stories
from vigie.archive.groups import Groupable
from vigie.archive.readings import ModelRow
from vigie.errors import NotFoundError
from vigie.model import Placement, ReadingJob
from vigie.settings import Settings

BATCH = 256
FIT_ON_AT_MOST = 20_000  # articles; more changes the frequencies of words little
REFIT_AT = 4  # times the articles it was fitted on


@dataclass(frozen=True, slots=True)
class Enriched:
    """How many articles each queue gave back."""

    read: int = 0
    embedded: int = 0
    placed: int = 0
    models: tuple[str, ...] = ()  # the revisions in force


def enrich(
    db: Database,
    settings: Settings,
    now: datetime,
    progress: Progress | None = None,
    *,
    refit: bool = False,
) -> Enriched:
    """Empty the three queues. Raises ModelError when a model in force cannot be loaded."""
    progress = progress or Silent()
    reader = Reader(settings)
    read = read_all(db, reader, now, progress)
    embedder, model = vectors_in_force(db, settings, now, refit=refit)
    since = now - timedelta(days=max(366.0, 2 * settings.grouping.window_days))
    embedded = embed_all(db, embedder, model, since, progress)
    placed = place_all(db, settings, embedder, model, now, progress)
    revisions = (reader.revision, f"{embedder.name}@{embedder.revision}")
    return Enriched(read, embedded, placed, revisions)


def read_all(db: Database, reader: Reader, now: datetime, progress: Progress) -> int:
    """Language, entities and themes of what this reader has not read yet."""
    model = readings.register_model(db, "reading", "vigie", reader.revision, now)
    total = readings.count_unread(db, model.id)
    with progress.stage("Reading", total) as advance:
        while jobs := readings.unread(db, model.id, BATCH):
            results = reader.read(jobs)
            readings.store_readings(db, model.id, zip(jobs, results, strict=True), now)
            advance(len(jobs))
    return total


def vectors_in_force(
    db: Database, settings: Settings, now: datetime, *, refit: bool = False
) -> tuple[Embedder, ModelRow]:
    """The embedder of the settings; one that needs it is fitted on the archive, and kept there.

    It is fitted again when the archive holds `REFIT_AT` times as many articles as it was fitted
    on, up to `FIT_ON_AT_MOST`: the revision changes, and the window is embedded anew.
    """
    models = settings.models
    last = readings.latest_model(db, "vectors", models.vectors)
    if needs_fitting(models):
        texts = readings.newest_texts(db, FIT_ON_AT_MOST)
        enough = min(FIT_ON_AT_MOST, REFIT_AT * last.fitted_on) if last else 0
        grown = last is None or (len(texts) >= enough and last.fitted_on < FIT_ON_AT_MOST)
        if grown or refit:
            fitted = TfidfEmbedder.fit([text_of(*parts) for parts in texts])
            last = readings.register_model(
                db,
                "vectors",
                models.vectors,
                fitted.revision,
                now,
                state=fitted.state(),
                fitted_on=len(texts),
            )
    embedder = open_embedder(models, last.state if last else None)
    row = readings.register_model(db, "vectors", models.vectors, embedder.revision, now)
    return embedder, row


def embed_all(
    db: Database, embedder: Embedder, model: ModelRow, since: datetime, progress: Progress
) -> int:
    """Vectors of what was published since then and has none of this model."""
    total = readings.count_unembedded(db, model.id, since)
    with progress.stage("Embedding", total) as advance:
        while jobs := readings.unembedded(db, model.id, since, BATCH):
            vectors = embedder.encode([_text(job) for job in jobs]).astype("<f2")
            rows = zip(jobs, (vector.tobytes() for vector in vectors), strict=True)
            readings.store_vectors(db, model.id, rows)
            advance(len(jobs))
    return total


def _text(job: ReadingJob) -> str:
    return text_of(job.title, job.summary, job.text)


def grouping_in_force(
    db: Database, settings: Settings, embedder: Embedder, now: datetime
) -> ModelRow:
    """The rules of grouping, whose revision is their figures."""
    rules = str(thresholds(embedder.name, settings.grouping))
    return readings.register_model(db, "grouping", "vigie", rules, now)


def grouping_of(db: Database) -> int:
    """The rules last in force, by row number: what a person's act is written under.

    Raises NotFoundError where nothing was ever grouped.
    """
    last = readings.latest_model(db, "grouping", "vigie")
    if last is None:
        raise NotFoundError("nothing is grouped yet; `vigie enrich` does it")
    return last.id


def place_all(
    db: Database,
    settings: Settings,
    embedder: Embedder,
    model: ModelRow,
    now: datetime,
    progress: Progress,
) -> int:
    """Give each unplaced article its group and its story, in order of publication."""
    grouping = grouping_in_force(db, settings, embedder, now)
    total = groups.count_unplaced(db, model.id)
    if not total:
        return 0
    view = _View(db, settings, embedder, model)
    with progress.stage("Grouping", total) as advance:
        while waiting := groups.unplaced(db, model.id, BATCH):
            view.forget_before(waiting[0].item.published)
            groups.store(db, grouping.id, view.place(waiting), now)
            advance(len(waiting))
    return total


class _View:
    """The placed articles around a time that only moves forward, loaded as it moves.

    A leap over more than the window (an old article that came in late) starts a new window, so
    that one stray date never loads the whole archive; what lies far behind is forgotten.
    """

    def __init__(
        self, db: Database, settings: Settings, embedder: Embedder, model: ModelRow
    ) -> None:
        self._db = db
        self._grouping = settings.grouping
        self._kind = embedder.name
        self._model = model.id
        self._locks = Locks(stories.acts(db))
        self._window = Window(self._grouping, self._kind, self._locks)
        self._since: datetime | None = None
        self._until: datetime | None = None

    def forget_before(self, moment: datetime) -> None:
        """Between two batches, when all placements are stored: start anew if much lies behind."""
        start, _ = self._window.reach(moment)
        if self._since and start - self._since > timedelta(days=self._grouping.window_days):
            self._until = None

    def place(self, waiting: Sequence[Groupable]) -> list[Placement]:
        """Place a batch, in its order: what one window can reach together, together."""
        placements: list[Placement] = []
        for _, group in groupby(waiting, lambda one: one.item.published.date()):
            day = list(group)
            self.around(day[0].item.published)
            window = self.around(day[-1].item.published)
            vectors = np.stack([vector_of(one.vector) for one in day])
            placements += window.place_many([one.item for one in day], vectors)
        return placements

    def around(self, moment: datetime) -> Window:
        """A window that holds every placed article in reach of that moment."""
        start, end = self._window.reach(moment)
        if self._until is None or start > self._until:
            self._window = Window(self._grouping, self._kind, self._locks)
            self._since = start
            self._load(start, end)
        elif end > self._until:
            self._load(self._until, end)
        return self._window

    def _load(self, start: datetime, end: datetime) -> None:
        for one in groups.placed(self._db, self._model, start, end):
            if one.placement is not None and one.item.article not in self._window:
                self._window.add(one.item, vector_of(one.vector), one.placement)
        self._until = end


def vector_of(data: bytes) -> NDArray[np.float32]:
    """A stored vector: float16 numbers, little-endian."""
    return np.frombuffer(data, dtype="<f2").astype(np.float32)
