"""Where a site's feeds are: link tags, usual addresses, sitemaps. Pure: texts in, addresses out.

What is found here is a guess until it was fetched and read as a feed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from collectors import documents, plain
from collectors.items import absolute, language

MOST_TEXT = 400_000  # characters of a page that are looked at: announcements stand at its head
_MOST = 50  # addresses of each sort
_TYPES = {
    "application/rss+xml": "RSS",
    "application/atom+xml": "Atom",
    "application/feed+json": "JSON Feed",
    "application/rdf+xml": "RDF",
    "text/xml": "XML",
    "application/xml": "XML",
}
# What a path of a feed's address ends with. "backend" is SPIP's, common in France.
_FEEDLIKE = re.compile(
    r"(?:^|[/._=-])(?:rss\d?|atom|feeds?|flux|backend|rdf)(?:[/_.-]?(?:rss|atom|\d|all|fr|nl|de|en))*"
    r"(?:\.(?:xml|json|php|rdf|aspx?))?/?$",
    re.IGNORECASE,
)
_COMMENTS = re.compile(r"comment|kommentar|reactie|reply|replies", re.IGNORECASE)
_PATHS = (
    *("feed/", "rss.xml", "feed.xml", "atom.xml", "rss", "index.xml", "feed.json", "rss/"),
    *("spip.php?page=backend", "feeds/posts/default", "?feed=rss2"),
)
_LOC = re.compile(
    r"<(?:\w{1,20}:)?loc>(?:([^<]{1,4100})|\s{0,100}<!\[CDATA\[([^\]]{1,4100})\]\]>\s{0,100})</"
)
_SITEMAP_ROOT = re.compile(r"<(?:\w{1,20}:)?(urlset|sitemapindex)\b")
_SITEMAP_LINE = re.compile(r"^\s*sitemap\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address that may be a feed."""

    url: str
    title: str = ""  # as the page calls it
    why: str = ""


@dataclass(frozen=True, slots=True)
class Announced:
    """What a page says of itself and of its feeds, the likeliest feed first."""

    title: str = ""
    language: str = ""
    feeds: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class Sitemap:
    """A sitemap's addresses; those of an index lead to further sitemaps."""

    index: bool
    urls: tuple[str, ...]


def announced(html: str, base: str) -> Announced:
    """The feeds that a page's link tags name; then those that its own links lead to.

    Feeds of comments come last: nobody means these.
    """
    reader = _Head(base)
    reader.feed(html[:MOST_TEXT])
    tags = _once(reader.tags)
    known = {candidate.url for candidate in tags}
    links = [candidate for candidate in _once(reader.links) if candidate.url not in known]
    found = sorted([*tags, *links], key=_is_of_comments)
    return Announced(plain.line(reader.title, 300), reader.language, tuple(found[:_MOST]))


def usual(url: str) -> tuple[str, ...]:
    """Addresses where feeds often are: below the page's own folder, then below the site's root."""
    parts = urlsplit(url)
    root = f"{parts.scheme}://{parts.netloc}/"
    folder = urljoin(root, parts.path.rpartition("/")[0].lstrip("/") + "/") if parts.path else root
    below = [urljoin(folder, path) for path in _PATHS[:3]] if folder != root else []
    return tuple(dict.fromkeys([*below, *(urljoin(root, path) for path in _PATHS)]))


def robots_of(url: str) -> str:
    """The address of the site's robots.txt."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/robots.txt"


def sitemaps_of(robots: str, base: str) -> tuple[str, ...]:
    """The sitemaps that a robots.txt names; else where one usually is."""
    named = (absolute(match[1], base) for match in _SITEMAP_LINE.finditer(robots[:MOST_TEXT]))
    found = tuple(dict.fromkeys(filter(None, named)))[:_MOST]
    return found or (urljoin(base, "/sitemap.xml"),)


def sitemap(body: bytes, content_type: str, base: str) -> Sitemap | None:
    """A sitemap's addresses, or None for what is none."""
    unpacked = documents.unpacked(body, 20_000_000)
    text = documents.decoded(unpacked, content_type) if unpacked else ""
    root = _SITEMAP_ROOT.search(text[:5_000])
    if root is None:
        return None
    locs = (match[2] or match[1].replace("&amp;", "&") for match in _LOC.finditer(text))
    urls = (absolute(loc, base) for loc in locs)
    return Sitemap(root[1] == "sitemapindex", tuple(dict.fromkeys(filter(None, urls))))


def feedlike(url: str) -> bool:
    """Whether an address reads like one of a feed."""
    parts = urlsplit(url)
    return bool(_FEEDLIKE.search(parts.path) or (parts.query and _FEEDLIKE.search(parts.query)))


def _is_of_comments(candidate: Candidate) -> bool:
    return bool(_COMMENTS.search(candidate.title) or _COMMENTS.search(urlsplit(candidate.url).path))


def _once(candidates: list[Candidate]) -> list[Candidate]:
    first: dict[str, Candidate] = {}
    for candidate in candidates:
        first.setdefault(candidate.url, candidate)
    return list(first.values())


class _Head(HTMLParser):
    """Collects what a page announces, whatever else stands in it."""

    def __init__(self, base: str) -> None:
        super().__init__(convert_charrefs=True)
        self._base = base
        self._host = urlsplit(base).hostname
        self._in_title = False
        self.title = ""
        self.language = ""
        self.tags: list[Candidate] = []
        self.links: list[Candidate] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = language(said.get("lang", ""))
        elif tag == "base":
            self._base = absolute(said.get("href", ""), self._base) or self._base
        elif tag == "link":
            self._link(said)
        elif tag == "a":
            self._anchor(said)
        self._in_title = tag == "title" and not self.title

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        self._in_title = self._in_title and tag != "title"

    def handle_data(self, data: str) -> None:
        if self._in_title and len(self.title) < 1000:
            self.title += data

    def _link(self, said: dict[str, str]) -> None:
        relations = said.get("rel", "").lower().split()
        kind = _TYPES.get(said.get("type", "").partition(";")[0].strip().lower(), "")
        if not ("feed" in relations or ("alternate" in relations and kind)):
            return
        url = absolute(said.get("href", ""), self._base)
        if url:
            title = plain.line(said.get("title", ""), 200)
            self.tags.append(Candidate(url, title, f"announced by the page ({kind or 'feed'})"))

    def _anchor(self, said: dict[str, str]) -> None:
        url = absolute(said.get("href", ""), self._base)
        if url and urlsplit(url).hostname == self._host and feedlike(url):
            self.links.append(Candidate(url, plain.line(said.get("title", ""), 200), "linked"))
