"""Beside the feeds: what hosts ask of machines, and whose fault a silence is.

Answers for hosts come between those for feeds. A feed waits for its host's, so that nothing that is
reserved is stored first and dropped later.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from sqlite_utils import Database

from collectors import outage, reserve
from collectors.outage import Polled
from vigie.archive import articles, sources
from vigie.archive.sources import DueSource
from vigie.model import (
    ArticleIntent,
    Failure,
    FailureKind,
    Fetched,
    FetchJob,
    Page,
    ParsedFeed,
    Reservation,
    Rights,
    SourceId,
)
from vigie.settings import Settings, credential

log = logging.getLogger("vigie.collect")

Answer = tuple[Fetched, ParsedFeed]


def credentials(settings: Settings) -> dict[SourceId, str]:
    """The Authorization header of each source that has one; a variable that is not set is told."""
    found = {source.id: credential(source) for source in settings.sources if source.auth_env}
    for source in settings.sources:
        if source.auth_env and not found[source.id]:
            log.warning("%s: no %s in the environment", source.id, source.auth_env)
    return {source: value for source, value in found.items() if value}


class Hosts:
    """What the hosts of due sources ask of machines: of those never asked, or not for a week."""

    def __init__(self, waiting: Sequence[DueSource], user_agent: str, now: datetime) -> None:
        self._user_agent = user_agent
        self._now = now
        self._asked = {
            source.id: reserve.origin(_address(source))
            for source in waiting
            if reserve.is_due(source.reservation, now)
        }
        self._open: dict[str, set[str]] = {}
        self._keys: set[str] = set()
        self._answers: dict[str, Fetched] = {}

    def beside(self, jobs: Iterable[FetchJob]) -> Iterator[FetchJob]:
        """The jobs, each host's own behind the first that goes there.

        Behind, so that a host that hangs holds up its feed no longer than the feed does itself.
        """
        for job in jobs:
            yield job
            host = self._asked.get(job.key, "")
            if host and host not in self._open:
                own = reserve.jobs(host)
                self._open[host] = {one.key for one in own}
                self._keys |= self._open[host]
                yield from own

    def listening(self, answers: Iterable[Fetched]) -> Iterator[Fetched]:
        """The answers that are feeds; those of hosts are kept here."""
        for fetched in answers:
            if fetched.key in self._keys:
                self._answers[fetched.key] = fetched
                self._open[reserve.origin(fetched.url)].discard(fetched.key)
            else:
                yield fetched

    def settled(self, answers: Iterable[Answer]) -> Iterator[Answer]:
        """Each feed once its host has answered too, or all have ended."""
        held: dict[str, list[Answer]] = defaultdict(list)
        for answer in answers:
            held[self._asked.get(answer[0].key, "")].append(answer)
            for host in [host for host in held if not self._open.get(host)]:
                yield from held.pop(host)
        for rest in held.values():
            yield from rest

    def of(self, source: DueSource, fetched: Fetched) -> Reservation | None:
        """What is known now for a source; None where nothing is."""
        known = source.reservation
        if source.id in self._asked:
            known = reserve.heard(
                _address(source), self._answers, known, self._user_agent, self._now
            )
        return reserve.by_header(known, fetched) if known else None


def record(db: Database, source: DueSource, told: Reservation | None, now: datetime) -> None:
    """Keep what a source's host asks, where that is news; within the caller's transaction."""
    if told is None or told == source.reservation:
        return
    sources.save_reservation(db, source.id, told)
    if told.tdm and not (source.reservation and source.reservation.tdm):
        detail = f"text and data mining is reserved ({told.tdm_from})"
        if source.tdm_override:
            detail += f"; kept all the same: {source.tdm_override}"
        sources.add_event(db, source.id, now, "reserved", detail)


def store(
    db: Database,
    source: DueSource,
    told: Reservation | None,
    intents: Iterable[ArticleIntent],
    now: datetime,
    texts: articles.Texts,
) -> None:
    """Store within the source's rights; of what is reserved, the link alone.

    The caller writes the `texts` before the transaction ends.
    """
    by_rights: dict[Rights, list[ArticleIntent]] = defaultdict(list)
    for intent in intents:
        reserved = told is not None and reserve.reserves(told, _address(source), intent.item)
        rights = Rights.LINK if reserved and not source.tdm_override else source.rights
        by_rights[rights].append(intent)
    for rights, allowed in by_rights.items():
        articles.store(db, source.id, rights, allowed, now, texts)


def page_within(page: Page, override: str, *, subscribed: bool = False) -> Page:
    """The page, without its text where mining it is reserved or it is for subscribers only.

    `override` is the reason to keep what is reserved; `subscribed`: the source has a credential.
    """
    if page.reserved and not override:
        detail = f"text and data mining is reserved by {page.reserved}"
        return Page(failure=Failure(FailureKind.RESERVED, detail))
    if page.paywall and not subscribed:
        detail = f"for subscribers only ({page.paywall}); the source's own words are kept"
        return Page(failure=Failure(FailureKind.PAYWALL, detail))
    return page


class Blame:
    """Who is to blame for silences: polls that came to nothing wait here for the run's end."""

    def __init__(self, last_success: datetime | None, now: datetime) -> None:
        self._last_success = last_success
        self._now = now
        self._run: list[Polled] = []
        self._held: list[tuple[Polled, Answer]] = []

    def take(self, source: DueSource, answer: Answer) -> bool:
        """True where the answer is kept back, as our own network may be at fault."""
        fetched, parsed = answer
        polled = Polled(_address(source), source.state, fetched.failure or parsed.failure)
        if not polled.failure:
            self._last_success = self._now
        self._run.append(polled)
        if polled.unreached:
            self._held.append((polled, answer))
        return polled.unreached

    def judged(self) -> tuple[list[Answer], list[Answer]]:
        """Those kept back that are to blame, and those that a local outage excuses."""
        local = outage.is_local(self._run, self._last_success)
        blamed: list[Answer] = []
        excused: list[Answer] = []
        for polled, answer in self._held:
            excuse = local and outage.excuses(polled, self._last_success)
            (excused if excuse else blamed).append(answer)
        return blamed, excused


def _address(source: DueSource) -> str:
    return source.state.url or source.url
