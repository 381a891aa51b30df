"""Sitemaps (sitemaps.org), news sitemaps and indexes of sitemaps. Pure: bytes in, values out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

from lxml import etree  # type: ignore[import-untyped]  # it ships no types

from collectors import documents
from collectors.items import MOST_ITEMS, SAMPLE, Raw, absolute, build, sensible
from vigie.kinds import SitemapRules
from vigie.model import Failure, FailureKind, Fetched, FetchJob, Item, ParsedFeed, Unparsed
from vigie.naming import from_address
from vigie.schema import Source

_MOST_BYTES = 20_000_000  # of one that comes as a .gz file; the protocol allows 50 MB
_MOST_CHILDREN = 8  # sitemaps of one index that are asked, the newest
_MOST_ADDRESSES = 60_000  # the protocol allows 50,000
_TEXT = 2_000  # characters of one element
_ROOT = re.compile(r"<(?:\w+:)?(urlset|sitemapindex)\b", re.IGNORECASE)
_NEWS = re.compile(r"news|actu|article|nieuws|nachricht|aktuell|presse?|post", re.IGNORECASE)
_NUMBERS = re.compile(r"\d+")


@dataclass(slots=True)
class _Entry:
    """An address of a sitemap, while it is read."""

    position: int
    address: str = ""
    lastmod: datetime | None = None
    news: dict[str, str] = field(default_factory=dict)  # what stands in news:news, by name

    @property
    def published(self) -> datetime | None:
        return _date(self.news.get("publication_date", "")) or self.lastmod


def parse(fetched: Fetched, source: Source) -> ParsedFeed:
    """The newest addresses of a sitemap as Items, or the newest sitemaps of an index to follow.

    Addresses older than `max_age_days` are left out. A date is `news:publication_date`, else
    lastmod. What has no `news:title` is titled by the words of its address, until its page is read.
    """
    if fetched.failure or fetched.not_modified:
        return ParsedFeed(failure=fetched.failure)
    body = documents.unpacked(fetched.body, _MOST_BYTES)
    if body is None:
        return _failed(FailureKind.HOSTILE, "gzip that grows without end", fetched.body)
    text = documents.decoded(body, fetched.content_type)
    failure = _refusal(text)
    if failure:
        return _failed(failure.kind, failure.detail, body)
    rules = source.sitemap or SitemapRules()
    base = fetched.final_url or fetched.url
    unparsed: list[Unparsed] = []
    children: list[_Entry] = []
    entries: list[_Entry] = []
    for kind, entry in _entries(text, base, unparsed):
        (children if kind == "sitemap" else entries).append(entry)
    oldest = fetched.at - timedelta(days=rules.max_age_days)
    items = _items(entries, rules, fetched.at, oldest, unparsed)
    follow = tuple(_job(source, fetched, entry) for entry in _newest(children, oldest))
    return ParsedFeed(items=tuple(items), unparsed=tuple(unparsed), follow=follow)


def _refusal(text: str) -> Failure | None:
    if not text.strip():
        return Failure(FailureKind.EMPTY, "an empty document")
    bomb = documents.bomb(text)
    if bomb:
        return Failure(FailureKind.HOSTILE, bomb)
    if not _ROOT.search(text[:20_000]):
        title = documents.html_title(text)
        what = "an HTML page" if title is not None else "something else"
        return Failure(FailureKind.NOT_A_FEED, f"{what}, not a sitemap")
    return None


def _failed(kind: FailureKind, detail: str, body: bytes) -> ParsedFeed:
    note = (Unparsed("sitemap", detail, body[:SAMPLE]),) if body else ()
    return ParsedFeed(unparsed=note, failure=Failure(kind, detail))


def _entries(text: str, base: str, unparsed: list[Unparsed]) -> Iterator[tuple[str, _Entry]]:
    """Each address with what is said of it, read as a stream: little memory for many addresses."""
    data = re.sub(r"^\s*<\?xml[^>]*\?>", "", text, count=1).encode()
    reader: Any = etree.iterparse(
        BytesIO(data),
        events=("end",),
        tag=("{*}url", "{*}sitemap"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        recover=True,
        huge_tree=False,
        encoding="utf-8",
    )
    count = 0
    try:
        for _, element in reader:
            count += 1
            if count > _MOST_ADDRESSES:
                reason = f"more than {_MOST_ADDRESSES} addresses; the others are not read"
                unparsed.append(Unparsed("sitemap", reason, b""))
                return
            entry = _entry(element, count, base)
            kind = _local(element)
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
            if entry.address:
                yield kind, entry
            else:
                unparsed.append(Unparsed(f"entry {count}", "no address of the web", b""))
    except etree.XMLSyntaxError as error:
        detail = f"malformed XML: {error.msg}; what could be read was read"
        unparsed.append(Unparsed("sitemap", detail[:300], data[:SAMPLE]))


def _entry(element: Any, position: int, base: str) -> _Entry:
    entry = _Entry(position)
    for part in element.iterchildren("{*}*"):
        match _local(part):
            case "loc":
                entry.address = absolute(_said(part), base)
            case "lastmod":
                entry.lastmod = _date(_said(part))
            case "news":
                for word in part.iter("{*}*"):
                    entry.news.setdefault(_local(word), _said(word))
    return entry


def _local(element: Any) -> str:
    """The name without its namespace; lxml's own way raises on names that a recovery made."""
    return str(element.tag).rpartition("}")[2]


def _said(element: Any) -> str:
    return (element.text or "").strip()[:_TEXT]


def _items(
    entries: list[_Entry],
    rules: SitemapRules,
    at: datetime,
    oldest: datetime,
    unparsed: list[Unparsed],
) -> list[Item]:
    """The entries that may be new, the newest first; those without a date last, as they stand."""
    pattern = re.compile(rules.pattern or "")
    wanted = [
        entry
        for entry in entries
        if pattern.search(entry.address)
        and ((when := sensible(entry.published, at)) is None or when >= oldest)
    ]
    never = datetime.min.replace(tzinfo=UTC)
    wanted.sort(key=lambda entry: sensible(entry.published, at) or never, reverse=True)
    if len(wanted) > MOST_ITEMS:
        reason = f"{len(wanted)} addresses, of which the newest {MOST_ITEMS} are read"
        unparsed.append(Unparsed("sitemap", reason, b""))
    items = (build(_raw(entry), entry.address, at) for entry in wanted[:MOST_ITEMS])
    return [item for item in items if item]


def _raw(entry: _Entry) -> Raw:
    return Raw(
        link=entry.address,
        title=entry.news.get("title") or from_address(entry.address),
        published=entry.published,
        updated=entry.lastmod,
        categories=entry.news.get("keywords", "").split(","),
        language=entry.news.get("language", ""),
    )


def _newest(children: list[_Entry], oldest: datetime) -> list[_Entry]:
    """The sitemaps of an index that are worth asking, the newest first.

    By lastmod where the index says it; else those whose name speaks of news, then the highest
    numbers, since archives are numbered as they grow.
    """
    never = datetime.min.replace(tzinfo=UTC)

    def order(entry: _Entry) -> tuple[datetime, bool, tuple[int, ...], int]:
        path = entry.address.partition("://")[2].partition("/")[2]
        numbers = tuple(int(number[:9]) for number in _NUMBERS.findall(path))
        return entry.lastmod or never, bool(_NEWS.search(path)), numbers, -entry.position

    recent = [entry for entry in children if entry.lastmod is None or entry.lastmod >= oldest]
    return sorted(recent, key=order, reverse=True)[:_MOST_CHILDREN]


def _job(source: Source, fetched: Fetched, entry: _Entry) -> FetchJob:
    return FetchJob(source.id, entry.address, step=fetched.step + 1)


def _date(text: str) -> datetime | None:
    """W3C dates: a day or a moment; a day is midnight UTC, as is what states no zone."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        try:
            moment = datetime.strptime(text.strip()[:7], "%Y-%m")  # noqa: DTZ007  given one below
        except ValueError:
            return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
