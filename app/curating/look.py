"""Looking at addresses without storing anything: fetched under guard, read in a worker.

The one place where curating meets the network.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain

from app.pipeline.asking import credentials
from app.pipeline.collect import rooted
from app.pipeline.following import complete
from app.progress import Progress, Silent
from collectors import documents, kinds
from collectors.fetch import fetch
from collectors.workers import Workers
from vigie.model import (
    Failure,
    Fetched,
    FetchJob,
    Kind,
    Limits,
    Page,
    ParsedFeed,
    PollState,
    SourceId,
)
from vigie.schema import Source
from vigie.settings import Settings

_MOST_FOLLOWED = 5  # documents of one listing

_FEED = Source(id="preview", title="preview", url="https://preview.invalid/")  # of kind feed


@dataclass(frozen=True, slots=True)
class Look:
    """One address as it answered, and what it says as a feed."""

    fetched: Fetched
    feed: ParsedFeed
    listed: int = 0  # documents that a listing named, of which the first were asked

    @property
    def failure(self) -> Failure | None:
        return self.fetched.failure or self.feed.failure

    @property
    def url(self) -> str:
        """Where the answer came from, redirects followed."""
        return self.fetched.final_url or self.fetched.url

    @property
    def newest(self) -> datetime | None:
        return max((item.published for item in self.feed.items if item.published), default=None)

    def html(self) -> str:
        """The answer as text, for a page that is no feed."""
        return documents.decoded(self.fetched.body[:2_000_000], self.fetched.content_type)


def feeds(
    jobs: Sequence[FetchJob],
    limits: Limits,
    progress: Progress | None = None,
    label: str = "Asking",
) -> Iterator[Look]:
    """Each address read as a feed, in the order of the answers."""
    if not jobs:
        return
    read_as = dict.fromkeys((job.key for job in jobs), _FEED)
    with (
        (progress or Silent()).stage(label, len(jobs)) as advance,
        Workers() as workers,
        closing(fetch(jobs, limits)) as answers,
    ):
        for fetched, parsed in workers.parsed(answers, read_as):
            yield Look(fetched, parsed)
            advance(1)


def feeds_in_order(urls: Sequence[str], limits: Limits) -> list[Look]:
    """Each address read as a feed, in the order of the addresses."""
    found = {look.fetched.key: look for look in feeds([FetchJob(url, url) for url in urls], limits)}
    return [found[url] for url in urls if url in found]


def declared(
    chosen: Sequence[Source], settings: Settings, now: datetime, progress: Progress | None = None
) -> Iterator[Look]:
    """Each source asked as the collect stage does, credentials included, in the answers' order.

    Of what a listing leads to, the first few documents are asked. What partners send in has no
    address: the desk fills it, and it is left out here.
    """
    asked = [source for source in chosen if source.kind is not Kind.CONTRIBUTION]
    remote = {source.id: source for source in asked if not source.kind.local}
    local = [rooted(source, settings) for source in asked if source.kind.local]
    limits = settings.collect.limits()
    secrets = credentials(settings)
    jobs = [
        FetchJob(source.id, source.url, accept=kinds.accept(source.kind))
        for source in remote.values()
    ]
    listed: Counter[SourceId] = Counter()

    with (
        (progress or Silent()).stage("Asking sources", len(asked)) as advance,
        Workers() as workers,
    ):

        def ask(wanted: Sequence[FetchJob]) -> Iterator[tuple[Fetched, ParsedFeed]]:
            signed = [_signed(job, secrets, remote) for job in wanted]
            with closing(fetch(signed, limits)) as answers:
                for fetched, parsed in workers.parsed(answers, remote):
                    listed[fetched.key] += len(parsed.follow)
                    yield fetched, replace(parsed, follow=parsed.follow[:_MOST_FOLLOWED])

        fresh = [(source, PollState(next_due=now)) for source in local]
        for fetched, parsed in chain(
            workers.gathered(fresh, now, preview=True), complete(jobs, ask, limits)
        ):
            yield Look(fetched, parsed, listed[fetched.key])
            advance(1)


def _signed(
    job: FetchJob, secrets: Mapping[SourceId, str], remote: Mapping[SourceId, Source]
) -> FetchJob:
    """With its source's credential, which goes to the declared host alone."""
    secret = secrets.get(job.key, "")
    return replace(job, auth=secret, auth_for=remote[job.key].url) if secret else job


def raw(urls: Sequence[str], limits: Limits) -> list[Fetched]:
    """Addresses fetched as pages are (robots.txt obeyed) and left unread, in their order."""
    with closing(fetch([FetchJob(url, url, accept="page") for url in urls], limits)) as answers:
        found = {fetched.key: fetched for fetched in answers}
    return [found[url] for url in urls if url in found]


def page(url: str, limits: Limits, auth: str = "", auth_for: str = "") -> Page:
    """An article's page, read for its text; `auth` goes to the host of `auth_for` alone."""
    job = FetchJob(url, url, accept="page", auth=auth, auth_for=auth_for)
    with Workers(1) as workers, closing(fetch([job], limits)) as answers:
        _, found = next(iter(workers.extracted(answers)))
    return found
