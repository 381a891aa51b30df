"""Finding a site's feeds: the address, link tags, usual addresses, sitemaps, in turn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.curating import look
from app.curating.look import Look
from collectors import discover
from collectors.discover import Announced, Candidate
from vigie.model import FailureKind, Limits

_NO_PAGE = Announced()
_MOST_TRIED = 8  # announced feeds that are looked at
_MOST_SITEMAPS = 4


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """A feed that was fetched and read."""

    look: Look
    why: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What there is at an address: feeds, the best first, or what was met instead."""

    asked: str
    feeds: tuple[FoundFeed, ...] = ()
    page: Announced = _NO_PAGE
    page_url: str = ""
    sitemaps: tuple[str, ...] = ()  # those that could be read, where no feed was found
    met: str = ""  # why the address itself is no feed


def find(url: str, limits: Limits) -> Finding:
    """Ask the address, then whatever may lead to a feed; stop at the first way that does."""
    first = look.feeds_in_order([url], limits)[0]
    if first.failure is None:
        return Finding(url, (FoundFeed(first, "the address itself"),))
    met = first.failure.detail
    if first.fetched.failure and first.fetched.failure.kind is not FailureKind.HTTP:
        return Finding(url, met=met)  # no answer at all: other addresses there have none either
    page = discover.announced(first.html(), first.url) if first.fetched.body else _NO_PAGE
    finding = Finding(url, page=page, page_url=first.url, met=met)
    feeds = _read(page.feeds[:_MOST_TRIED], limits)
    if not feeds:
        feeds = _read(_guesses(discover.usual(first.url), "a usual address"), limits)
    if feeds:
        return Finding(url, feeds, page, first.url, met=met)
    return _by_sitemaps(finding, limits)


def _by_sitemaps(finding: Finding, limits: Limits) -> Finding:
    robots = look.raw([discover.robots_of(finding.page_url)], limits)[0]
    text = "" if robots.failure else robots.body.decode("utf-8", "replace")
    readable, urls = _sitemaps(discover.sitemaps_of(text, finding.page_url), limits)
    candidates = [url for url in urls if discover.feedlike(url)][:_MOST_TRIED]
    feeds = _read(_guesses(candidates, "named in the sitemap"), limits)
    return Finding(finding.asked, feeds, finding.page, finding.page_url, readable, finding.met)


def _sitemaps(addresses: Sequence[str], limits: Limits) -> tuple[tuple[str, ...], list[str]]:
    """The sitemaps that could be read, and the pages that they name; indexes are followed once."""
    readable: list[str] = []
    pages: list[str] = []
    waiting = list(addresses[:_MOST_SITEMAPS])
    for _ in range(2):
        further: list[str] = []
        for fetched in look.raw(waiting, limits) if waiting else ():
            address = fetched.final_url or fetched.url
            read = discover.sitemap(fetched.body, fetched.content_type, address)
            if fetched.failure or read is None:
                continue
            readable.append(address)
            (further if read.index else pages).extend(read.urls)
        waiting = further[:_MOST_SITEMAPS]
    return tuple(readable), pages


def _guesses(urls: Iterable[str], why: str) -> list[Candidate]:
    return [Candidate(url, why=why) for url in urls]


def _read(candidates: Sequence[Candidate], limits: Limits) -> tuple[FoundFeed, ...]:
    """Those that are feeds; the same feed under two addresses stands once."""
    if not candidates:
        return ()
    why = {candidate.url: candidate.why for candidate in candidates}
    kept: dict[object, FoundFeed] = {}
    for seen in look.feeds_in_order(list(why), limits):
        if seen.failure is None:
            first = tuple(item.url for item in seen.feed.items[:5])
            kept.setdefault(first or seen.url, FoundFeed(seen, why[seen.fetched.url]))
    return tuple(kept.values())
