"""Looking at addresses without storing anything: fetched under guard, read in a worker.

The one place where curating meets the network.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from app.progress import Progress, Silent
from collectors import documents
from collectors.fetch import fetch
from collectors.workers import Workers
from vigie.model import Failure, Fetched, FetchJob, Limits, Page, ParsedFeed
from vigie.settings import Source

_FEED = Source(id="preview", title="preview", url="https://preview.invalid/")  # of kind feed


@dataclass(frozen=True, slots=True)
class Look:
    """One address as it answered, and what it says as a feed."""

    fetched: Fetched
    feed: ParsedFeed

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


def raw(urls: Sequence[str], limits: Limits) -> list[Fetched]:
    """Addresses fetched as pages are (robots.txt obeyed) and left unread, in their order."""
    with closing(fetch([FetchJob(url, url, accept="page") for url in urls], limits)) as answers:
        found = {fetched.key: fetched for fetched in answers}
    return [found[url] for url in urls if url in found]


def page(url: str, limits: Limits) -> Page:
    """An article's page, read for its text."""
    with (
        Workers(1) as workers,
        closing(fetch([FetchJob(url, url, accept="page")], limits)) as answers,
    ):
        _, found = next(iter(workers.extracted(answers)))
    return found
