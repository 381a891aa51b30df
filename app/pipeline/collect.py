"""Collect: due sources are polled, what is new is stored, wanted pages are fetched.

Each source is one transaction, made when its answer is there: a kill at any moment leaves every
source either as it was or done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime

from sqlite_utils import Database

from app.pipeline.following import complete
from app.progress import Progress, Silent
from collectors import decide, due, kinds
from collectors.fetch import fetch
from collectors.workers import Workers
from vigie.archive import articles, sources
from vigie.archive.connect import transaction
from vigie.archive.sources import DueSource
from vigie.kinds import folder
from vigie.model import Failure, Fetched, FetchJob, Kind, Limits, Novelty, ParsedFeed, SourceId
from vigie.settings import Settings, Source


@dataclass(frozen=True, slots=True)
class SourceOutcome:
    """What one poll gave."""

    source: SourceId
    items: int = 0
    new: int = 0
    revised: int = 0
    not_modified: bool = False
    failure: Failure | None = None
    quarantined: int = 0


@dataclass(frozen=True, slots=True)
class Collected:
    """What a whole collect gave."""

    outcomes: tuple[SourceOutcome, ...] = ()
    pages: int = 0
    pages_failed: int = 0

    @property
    def failed(self) -> tuple[SourceOutcome, ...]:
        return tuple(outcome for outcome in self.outcomes if outcome.failure is not None)

    @property
    def items(self) -> int:
        return sum(outcome.items for outcome in self.outcomes)

    @property
    def new(self) -> int:
        return sum(outcome.new for outcome in self.outcomes)

    @property
    def revised(self) -> int:
        return sum(outcome.revised for outcome in self.outcomes)


def collect(
    db: Database,
    settings: Settings,
    now: datetime,
    progress: Progress | None = None,
    *,
    everything: bool = False,
) -> Collected:
    """Poll what is due (or `everything`), then fetch the pages that articles still want."""
    progress = progress or Silent()
    waiting = sources.due(db, now, everything=everything)
    outcomes = list(_poll(db, settings, waiting, now, progress)) if waiting else []
    pages = _fetch_pages(db, settings.collect.limits(), now, progress)
    return Collected(tuple(outcomes), pages[True], pages[False])


def _poll(
    db: Database,
    settings: Settings,
    waiting: Sequence[DueSource],
    now: datetime,
    progress: Progress,
) -> Iterator[SourceOutcome]:
    by_id = {source.id: source for source in waiting}
    declared = {source.id: source for source in settings.sources}
    local = [source for source in waiting if declared[source.id].kind.local]
    jobs = [
        _job(source, declared[source.id].kind)
        for source in waiting
        if not declared[source.id].kind.local
    ]
    limits = settings.collect.limits()
    interval = settings.collect.interval_minutes * 60.0

    def ask(jobs: Sequence[FetchJob]) -> Iterator[tuple[Fetched, ParsedFeed]]:
        with closing(fetch(jobs, limits)) as answers:
            yield from workers.parsed(_at(answers, now), declared)

    with progress.stage("Polling sources", len(waiting)) as advance, Workers() as workers:
        states = [(_rooted(declared[one.id], settings), one.state) for one in local]
        for answers in (workers.gathered(states, now), complete(jobs, ask, limits)):
            for fetched, parsed in answers:
                yield _record(db, by_id[fetched.key], fetched, parsed, interval, now)
                advance(1)


def _job(source: DueSource, kind: Kind) -> FetchJob:
    state = source.state
    return FetchJob(
        source.id, source.url, state.etag, state.last_modified, accept=kinds.accept(kind)
    )


def _rooted(source: Source, settings: Settings) -> Source:
    """A drop folder by its full path; the archive keeps the one that stands in the settings."""
    if source.kind is not Kind.FILE:
        return source
    path = settings.home.absolute() / folder(source.url)
    return source.model_copy(update={"url": f"file:{path}"})


def _at(answers: Iterator[Fetched], now: datetime) -> Iterator[Fetched]:
    """One clock for the whole run, which is the caller's."""
    for fetched in answers:
        yield replace(fetched, at=now)


def _record(
    db: Database,
    source: DueSource,
    fetched: Fetched,
    parsed: ParsedFeed,
    interval: float,
    now: datetime,
) -> SourceOutcome:
    """All that one poll changes, in one transaction."""
    keys = decide.keys(source.id, parsed.items)
    known = articles.known(db, source.id, keys)
    intents = decide.decide(source.id, parsed.items, known)
    count = Counter(intent.novelty for intent in intents)
    state = due.after(source.state, fetched, parsed, interval, now)
    new, revised = count[Novelty.NEW], count[Novelty.REVISED]
    with transaction(db):
        articles.store(db, source.id, source.rights, intents, now)
        articles.quarantine(db, source.id, parsed.unparsed, now)
        sources.record_fetch(db, source.id, fetched, parsed, new, revised)
        sources.save_state(db, source.id, state)
    return SourceOutcome(
        source.id,
        items=len(parsed.items),
        new=new,
        revised=revised,
        not_modified=fetched.not_modified,
        failure=parsed.failure or fetched.failure,
        quarantined=len(parsed.unparsed),
    )


def _fetch_pages(db: Database, limits: Limits, now: datetime, progress: Progress) -> Counter[bool]:
    """Fetch each wanted page once; True counts those that gave text."""
    wanted = articles.wanted_pages(db)
    done: Counter[bool] = Counter()
    if not wanted:
        return done
    jobs = [FetchJob(str(page.article), page.url, accept="page") for page in wanted]
    with (
        progress.stage("Fetching pages", len(jobs)) as advance,
        Workers() as workers,
        closing(fetch(jobs, limits)) as answers,
    ):
        for fetched, page in workers.extracted(_at(answers, now)):
            with transaction(db):
                articles.store_page(db, int(fetched.key), page)
            done[page.failure is None] += 1
            advance(1)
    return done
