"""Collect: due sources are polled, what is new is stored, wanted pages are fetched.

All that one source's answer changes is within one transaction, with a few other sources' answers: a
kill at any moment leaves every source either as it was or done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import monotonic

from sqlite_utils import Database

from app.folder import Folder
from app.pipeline import asking, following
from app.progress import Progress, Silent
from collectors import decide, due, kinds, rhythm, waits
from collectors.fetch import fetch
from collectors.workers import Workers
from vigie.archive import articles, sources
from vigie.archive import declared as declarations
from vigie.archive.connect import transaction
from vigie.archive.sources import DueSource
from vigie.kinds import folder
from vigie.model import (
    Failure,
    Fetched,
    FetchJob,
    Kind,
    Novelty,
    Page,
    ParsedFeed,
    Reservation,
    SourceId,
)
from vigie.schema import Source
from vigie.settings import Settings

# A document that is listed unchanged is read again all the same: not every issuer lists its edits.
_READ_AGAIN = timedelta(days=1)

Answer = tuple[Fetched, ParsedFeed]

_ANSWERS, _ITEMS = 40, 2_000  # the most that one transaction records, about
_SECONDS = 1.0  # for which an answer waits for others, unless none comes


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
    spared: bool = False  # it did not answer, for want of our own network


@dataclass(frozen=True, slots=True)
class Collected:
    """What a whole collect gave."""

    outcomes: tuple[SourceOutcome, ...] = ()
    pages: int = 0
    pages_failed: int = 0
    outage: bool = False  # our own network failed, and no source was blamed for it

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
    pages = _fetch_pages(db, settings, now, progress)
    spared = any(outcome.spared for outcome in outcomes)
    return Collected(tuple(outcomes), pages[True], pages[False], spared)


def _poll(
    db: Database,
    settings: Settings,
    waiting: Sequence[DueSource],
    now: datetime,
    progress: Progress,
) -> Iterator[SourceOutcome]:
    by_id = {source.id: source for source in waiting}
    declared = _declared(db, settings, waiting)
    local = [source for source in waiting if declared[source.id].kind.local]
    remote = [source for source in waiting if not declared[source.id].kind.local]
    read = {
        source.id: sources.followed(db, source.id, now - _READ_AGAIN)
        for source in remote
        if declared[source.id].kind is Kind.ADVISORY
    }
    asked = _Asked(settings, remote, declared, read, now)
    blame = asking.Blame(sources.last_success(db), now)
    minutes = settings.collect.interval_minutes
    fixed = minutes * 60.0 if minutes else None

    def record(answer: Answer, texts: articles.Texts) -> SourceOutcome:
        source = by_id[answer[0].key]
        advance(1)
        told = asked.hosts.of(source, answer[0])
        return _record(db, source, answer, told, fixed, now, texts)

    def blameless(answers: Iterable[Answer]) -> Iterator[Answer]:
        return (one for one in answers if not blame.take(by_id[one[0].key], one))

    with progress.stage("Polling sources", len(waiting)) as advance, Workers() as workers:
        states = [(rooted(declared[one.id], settings), one.state) for one in local]
        yield from _recorded(db, workers.gathered(states, now), record)
        yield from _recorded(db, blameless(asked.answers(workers)), record)
        blamed, excused = blame.judged()
        yield from _recorded(db, blamed, record)
        yield from _spare(db, [(by_id[fetched.key], fetched) for fetched, _ in excused], now)


def _recorded(
    db: Database,
    answers: Iterable[Answer],
    record: Callable[[Answer, articles.Texts], SourceOutcome],
) -> Iterator[SourceOutcome]:
    """Record answers, some in one transaction, since each has its price.

    No transaction is open while an answer is waited for: others may write meanwhile.
    """
    for some in _together(answers):
        with transaction(db):
            texts = articles.Texts(db)
            outcomes = [record(answer, texts) for answer in some]
            texts.write()
        yield from outcomes


def _together(answers: Iterable[Answer]) -> Iterator[list[Answer]]:
    held: list[Answer] = []
    items = 0
    since = 0.0
    for answer in answers:
        since = since if held else monotonic()
        held.append(
            (replace(answer[0], body=b"", size=answer[0].size or len(answer[0].body)), answer[1])
        )
        items += len(answer[1].items)
        if items >= _ITEMS or len(held) >= _ANSWERS or monotonic() - since > _SECONDS:
            yield held
            held, items = [], 0
    if held:
        yield held


class _Asked:
    """The sources that are asked over HTTP, with what they lead to and what their hosts ask."""

    def __init__(
        self,
        settings: Settings,
        remote: Sequence[DueSource],
        declared: Mapping[SourceId, Source],
        read: following.Read,
        now: datetime,
    ) -> None:
        self.hosts = asking.Hosts(remote, settings.collect.user_agent, now)
        self._limits = settings.collect.limits()
        self._declared = declared
        self._now = now
        self._own = {source.id: source.url for source in remote}
        self._secrets = asking.credentials(settings)
        self._jobs = [self._job(source) for source in remote]
        self._read = read

    def answers(self, workers: Workers) -> Iterator[tuple[Fetched, ParsedFeed]]:
        """One for each source, as they come."""

        def ask(jobs: Sequence[FetchJob]) -> Iterator[tuple[Fetched, ParsedFeed]]:
            all_jobs = list(self.hosts.beside([self._signed(job) for job in jobs]))
            with closing(fetch(all_jobs, self._limits)) as found:
                heard = self.hosts.listening(_at(found, self._now))
                yield from workers.parsed(heard, self._declared)

        return self.hosts.settled(following.complete(self._jobs, ask, self._limits, self._read))

    def _job(self, source: DueSource) -> FetchJob:
        job = due.job(source.id, source.url, source.state, self._now)
        return replace(job, accept=kinds.accept(self._declared[source.id].kind))

    def _signed(self, job: FetchJob) -> FetchJob:
        """With the source's credential, which goes to its declared host alone."""
        secret = self._secrets.get(job.key, "")
        return replace(job, auth=secret, auth_for=self._own[job.key]) if secret else job


def _declared(
    db: Database, settings: Settings, waiting: Sequence[DueSource]
) -> dict[SourceId, Source]:
    """The sources as declared, in the file or at the desk."""
    known = {source.id: source for source in settings.sources}
    if all(one.id in known for one in waiting):
        return known
    rows = {row.id: row for row in declarations.recorded(db, Folder(settings).private())}
    others = [one.id for one in waiting if one.id not in known]
    return known | {name: declarations.to_source(name, rows[name].declared) for name in others}


def rooted(source: Source, settings: Settings) -> Source:
    """A drop folder by its full path; the archive keeps the one that stands in the settings."""
    if source.kind is not Kind.FILE:
        return source
    path = settings.home.absolute() / folder(source.url)
    return source.model_copy(update={"url": f"file:{path}"})


def _spare(
    db: Database, excused: Sequence[tuple[DueSource, Fetched]], now: datetime
) -> Iterator[SourceOutcome]:
    """Blame nobody for an outage of our own: one note, and all are due again soon."""
    if not excused:
        return
    with transaction(db):
        for source, _ in excused:
            sources.save_state(db, source.id, due.spared(source.state, now))
        detail = f"{len(excused)} sources could not be reached at once: taken for our own network"
        sources.add_event(db, None, now, "outage", detail)
    for source, fetched in excused:
        yield SourceOutcome(source.id, failure=fetched.failure, spared=True)


def _at(answers: Iterator[Fetched], now: datetime) -> Iterator[Fetched]:
    """One clock for the whole run, which is the caller's."""
    for fetched in answers:
        yield replace(fetched, at=now)


def _record(
    db: Database,
    source: DueSource,
    answer: Answer,
    told: Reservation | None,
    fixed: float | None,
    now: datetime,
    texts: articles.Texts,
) -> SourceOutcome:
    """Write all that one poll changes; `texts` wait for the end of the caller's transaction."""
    fetched, parsed = answer
    keys = decide.candidates(source.id, parsed.items)
    known = articles.known(db, source.id, keys)
    doubts = source.state.last_ok and any(
        item.canonical_url not in known for item in parsed.items
    )  # of a source's first poll, nothing can be recognised
    recent = articles.recent(db, source.id) if doubts else []
    intents = decide.decide(source.id, parsed.items, known, recent)
    count = Counter(intent.novelty for intent in intents)
    new, revised = count[Novelty.NEW], count[Novelty.REVISED]
    learned = rhythm.learned(source.state, parsed.items, new, now)
    interval = rhythm.interval(source.id, learned, source.rhythm, now, fixed)
    state = due.after(learned, fetched, parsed, interval, now)
    notice = due.notice(source.url, source.state, state)
    asking.record(db, source, told, now)
    asking.store(db, source, told, intents, now, texts)
    articles.quarantine(db, source.id, parsed.unparsed, now)
    sources.save_followed(db, source.id, parsed.followed, now)
    sources.record_fetch(db, source.id, fetched, parsed, new, revised)
    sources.save_state(db, source.id, state)
    if notice:
        sources.add_event(db, source.id, now, notice.kind, notice.detail)
    return SourceOutcome(
        source.id,
        items=len(parsed.items),
        new=new,
        revised=revised,
        not_modified=fetched.not_modified,
        failure=parsed.failure or fetched.failure,
        quarantined=len(parsed.unparsed),
    )


def _fetch_pages(
    db: Database, settings: Settings, now: datetime, progress: Progress
) -> Counter[bool]:
    """Fetch each wanted page once; True counts those that gave text."""
    wanted = articles.wanted_pages(db, now)
    tries = {str(page.article): page.tries + 1 for page in wanted}
    done: Counter[bool] = Counter()
    if not wanted:
        return done
    secrets = asking.credentials(settings)
    declared = {source.id: source for source in settings.sources}
    of = {str(page.article): declared.get(page.source) for page in wanted}
    jobs = [
        FetchJob(
            str(page.article),
            page.url,
            accept="page",
            auth=secrets.get(page.source, ""),
            auth_for=declared[page.source].url if page.source in secrets else "",
        )
        for page in wanted
    ]
    with (
        progress.stage("Fetching pages", len(jobs)) as advance,
        Workers() as workers,
        closing(fetch(jobs, settings.collect.limits())) as answers,
    ):
        for fetched, found in workers.extracted(_at(answers, now), of):
            source = of[fetched.key]
            page = asking.page_within(
                found,
                source.tdm_override if source else "",
                subscribed=source is not None and source.id in secrets,
            )
            again = _again(fetched, page, tries[fetched.key], now)
            with transaction(db):
                articles.store_page(db, int(fetched.key), page, again)
            done[page.failure is None] += 1
            advance(1)
    return done


def _again(fetched: Fetched, page: Page, tries: int, now: datetime) -> datetime | None:
    return waits.page_again(page.failure, fetched.retry_after, tries, now) if page.failure else None
