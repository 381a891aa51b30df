"""Enrich: what the archive still lacks is read, embedded and given its place.

Queues, each asked of the archive and emptied in batches, one transaction a batch (that of themes
stands in `theming`). What is new comes first; what an older model has done is done again
afterwards, for as long as the caller has patience, and shown when all of it is there (see
`vigie.archive.rereadings`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby, islice

import numpy as np
from numpy.typing import NDArray
from sqlite_utils import Database

from app.pipeline.theming import theme_all
from app.progress import Progress, Silent
from enrich.grouping import Locks, Window, revision
from enrich.models.shipped import VIGIE
from enrich.models.static import shipped_vectors
from enrich.reading import Reader
from enrich.vectors import TFIDF, Embedder, TfidfEmbedder, needs_fitting, open_embedder, text_of
from vigie.archive import groups, readings, rereadings, stories
from vigie.archive.groups import Groupable
from vigie.archive.readings import ModelRow
from vigie.errors import NotFoundError
from vigie.model import Placement, ReadingJob
from vigie.settings import Settings

BATCH = 256
FIT_ON_AT_MOST = 20_000  # articles; more changes the frequencies of words little
REFIT_AT = 4  # times the articles it was fitted on
_LOADED = 256  # placed articles that a window takes in at a time
_EVER = datetime(1, 1, 1, tzinfo=UTC)

Enough = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Enriched:
    """How many articles each queue gave back."""

    read: int = 0
    embedded: int = 0
    placed: int = 0
    models: tuple[str, ...] = ()  # the revisions in force
    reread: int = 0  # that an older model had read
    waiting: int = 0  # still to be read or embedded by a new model; until then the old one is shown


def enrich(
    db: Database,
    settings: Settings,
    now: datetime,
    progress: Progress | None = None,
    *,
    refit: bool = False,
    patience: float | None = None,
) -> Enriched:
    """Empty the queues. Raises ModelError when a model in force cannot be loaded.

    `patience`: seconds that a change of model may take of this call, None for all that it needs.
    New articles are never kept waiting by it.
    """
    progress = progress or Silent()
    enough = _enough(patience)
    reader = Reader(settings)
    model = readings.register_model(db, "reading", "vigie", reader.revision, now)
    read = read_new(db, reader, model, now, progress)
    since = now - timedelta(days=max(366.0, 2 * settings.grouping.window_days))
    by, embedded = embed_for_grouping(db, now, since, progress, refit=refit)
    placed = place_all(db, settings, by, now, progress)
    embedder, vectors = vectors_in_force(db, settings, now)
    rereadings.announce(db, "vectors", vectors.id)
    everything = _EVER if embedder.name == VIGIE else since  # the shipped one takes minutes
    before = rereadings.shown(db, "vectors")
    whole = before is None or before.id == vectors.id  # no change of model: nothing may wait
    until = _enough(None) if whole else enough
    embedded += embed_all(db, embedder, vectors, everything, progress, until)
    lacking = readings.count_unembedded(db, vectors.id, everything)
    if not lacking:
        rereadings.put_in_force(db, "vectors", vectors.id, now)
    reread = read_again(db, reader, model, now, progress, enough)
    if not lacking:  # else the themes told by the vectors before stay
        theme_all(db, settings, embedder, vectors, now, progress)
    waiting = lacking + rereadings.count_stale(db, model.id)
    revisions = (reader.revision, f"{embedder.name}@{embedder.revision}")
    return Enriched(read, embedded, placed, revisions, reread, waiting)


def _enough(patience: float | None) -> Enough:
    if patience is None:
        return lambda: False
    until = time.monotonic() + patience
    return lambda: time.monotonic() >= until


def read_all(db: Database, reader: Reader, now: datetime, progress: Progress) -> int:
    """Language, entities and themes of what this reader has not read yet, old and new."""
    model = readings.register_model(db, "reading", "vigie", reader.revision, now)
    new = read_new(db, reader, model, now, progress)
    return new + read_again(db, reader, model, now, progress)


def read_new(
    db: Database, reader: Reader, model: ModelRow, now: datetime, progress: Progress
) -> int:
    """Read what nothing has read yet."""
    total = readings.count_unread(db)
    with progress.stage("Reading", total) as advance:
        while jobs := readings.unread(db, BATCH):
            results = reader.read(jobs)
            readings.store_readings(db, model.id, zip(jobs, results, strict=True), now)
            advance(len(jobs))
    return total


def read_again(
    db: Database,
    reader: Reader,
    model: ModelRow,
    now: datetime,
    progress: Progress,
    enough: Enough = lambda: False,
) -> int:
    """Read again what an older model has read, aside; when all is read, show it."""
    done = 0
    rereadings.announce(db, "reading", model.id)
    with progress.stage("Reading again", rereadings.count_stale(db, model.id)) as advance:
        while not enough() and (jobs := rereadings.stale(db, model.id, BATCH)):
            results = reader.read(jobs)
            rereadings.keep_aside(db, model.id, list(zip(jobs, results, strict=True)))
            done += len(jobs)
            advance(len(jobs))
    rereadings.take_over(db, model.id, now)
    return done


def embed_for_grouping(
    db: Database, now: datetime, since: datetime, progress: Progress, *, refit: bool = False
) -> tuple[groups.Vectors, int]:
    """Both kinds of vectors that groups are made with, of what was published since then.

    How many articles lacked one.
    """
    lexical, row = lexical_in_force(db, now, refit=refit)
    shipped, spanning = _shipped(db, now)
    done = embed_all(db, lexical, row, since, progress)
    done = max(done, embed_all(db, shipped, spanning, since, progress))
    return groups.Vectors(row.id, spanning.id), done


def grouping_vectors(db: Database, now: datetime) -> groups.Vectors:
    """The kinds of vectors that groups are made with."""
    return groups.Vectors(lexical_in_force(db, now)[1].id, _shipped(db, now)[1].id)


def _shipped(db: Database, now: datetime) -> tuple[Embedder, ModelRow]:
    shipped = shipped_vectors()
    return shipped, readings.register_model(db, "vectors", VIGIE, shipped.revision, now)


def lexical_in_force(
    db: Database, now: datetime, *, refit: bool = False
) -> tuple[TfidfEmbedder, ModelRow]:
    """TF-IDF, fitted on the archive and kept there: what groups within a language are made with.

    It is fitted again when the archive holds `REFIT_AT` times as many articles as it was fitted
    on, up to `FIT_ON_AT_MOST`: the revision changes, and the window is embedded anew.
    """
    last = readings.latest_model(db, "vectors", TFIDF)
    texts = readings.newest_texts(db, FIT_ON_AT_MOST)
    enough = min(FIT_ON_AT_MOST, REFIT_AT * last.fitted_on) if last else 0
    grown = last is None or (len(texts) >= enough and last.fitted_on < FIT_ON_AT_MOST)
    if grown or refit or last is None or last.state is None:
        fitted = TfidfEmbedder.fit([text_of(*parts) for parts in texts])
        row = readings.register_model(
            db,
            "vectors",
            TFIDF,
            fitted.revision,
            now,
            state=fitted.state(),
            fitted_on=len(texts),
        )
        return fitted, row
    return TfidfEmbedder.from_state(last.state), last


def vectors_in_force(db: Database, settings: Settings, now: datetime) -> tuple[Embedder, ModelRow]:
    """The embedder of the settings. Raises ModelError where it cannot be loaded."""
    models = settings.models
    if needs_fitting(models):
        return lexical_in_force(db, now)
    embedder = open_embedder(models, None)
    return embedder, readings.register_model(db, "vectors", models.vectors, embedder.revision, now)


def embed_all(
    db: Database,
    embedder: Embedder,
    model: ModelRow,
    since: datetime,
    progress: Progress,
    enough: Enough = lambda: False,
) -> int:
    """Vectors of what was published since then and has none of this model."""
    total = readings.count_unembedded(db, model.id, since)
    done = 0
    with progress.stage("Embedding", total) as advance:
        while not enough() and (jobs := readings.unembedded(db, model.id, since, BATCH)):
            vectors = embedder.encode([_text(job) for job in jobs]).astype("<f2")
            rows = zip(jobs, (vector.tobytes() for vector in vectors), strict=True)
            readings.store_vectors(db, model.id, rows)
            done += len(jobs)
            advance(len(jobs))
    return done


def _text(job: ReadingJob) -> str:
    return text_of(job.title, job.summary, job.text)


def grouping_in_force(db: Database, settings: Settings, now: datetime) -> ModelRow:
    """The rules of grouping in force."""
    return readings.register_model(db, "grouping", "vigie", revision(settings.grouping), now)


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
    by: groups.Vectors,
    now: datetime,
    progress: Progress,
) -> int:
    """Give each unplaced article its group and its story, in order of publication."""
    grouping = grouping_in_force(db, settings, now)
    total = groups.count_unplaced(db, by)
    if not total:
        return 0
    view = _View(db, settings, by)
    with progress.stage("Grouping", total) as advance:
        while waiting := groups.unplaced(db, by, BATCH):
            view.forget_before(waiting[0].item.published)
            groups.store(db, grouping.id, view.place(waiting), now)
            advance(len(waiting))
    return total


class _View:
    """The placed articles around a time that only moves forward, loaded as it moves.

    A leap over more than the window (an old article that came in late) starts a new window, so
    that one stray date never loads the whole archive; what lies far behind is forgotten.
    """

    def __init__(self, db: Database, settings: Settings, by: groups.Vectors) -> None:
        self._db = db
        self._grouping = settings.grouping
        self._folder = settings.paths.archive.parent
        self._by = by
        self._locks = Locks(stories.acts(db))
        self._window = self._new()
        self._since: datetime | None = None
        self._until: datetime | None = None

    def _new(self) -> Window:
        return Window(self._grouping, self._locks, self._folder, shipped_vectors())

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
            self._window = self._new()
            self._since = start
            self._load(start, end)
        elif end > self._until:
            self._load(self._until, end)
        return self._window

    def _load(self, start: datetime, end: datetime) -> None:
        placed = groups.placed(self._db, self._by, start, end)
        missing = (one for one in placed if one.item.article not in self._window)
        while some := list(islice(missing, _LOADED)):
            known = [(one, one.placement) for one in some if one.placement is not None]
            if known:
                vectors = np.stack([vector_of(one.vector) for one, _ in known])
                places = [placement for _, placement in known]
                self._window.add_many([one.item for one, _ in known], vectors, places)
        self._until = end


def vector_of(data: bytes) -> NDArray[np.float32]:
    """Stored vectors, end to end: float16 numbers, little-endian."""
    return np.frombuffer(data, dtype="<f2").astype(np.float32)
