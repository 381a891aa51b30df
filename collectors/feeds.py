"""RSS 0.9x to 2.0, RDF, Atom and JSON Feed to Items. Pure: bytes in, values out.

Clean documents are read by `collectors.strict`, all others by feedparser, which is the reference.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from io import BytesIO
from time import struct_time
from typing import Any
from xml.sax import SAXParseException

from collectors import documents, jsonfeed, plain, skips, strict, written
from collectors.items import MOST_ITEMS, SAMPLE, TITLE, Raw, build, language
from vigie.model import Failure, FailureKind, Fetched, Item, ParsedFeed, Unparsed

_MOST_BYTES = 20_000_000  # of a feed that comes gzipped once more
# What feedparser raises on some broken documents instead of saying that they are broken.
_ITS_FAULTS = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    RecursionError,
)
_ROOT = re.compile(r"<([A-Za-z][\w:.-]{0,40})")


def parse(fetched: Fetched) -> ParsedFeed:
    """What a fetched feed says; a failure where nothing could be read.

    A failed or unmodified fetch gives an empty feed that carries its failure. A malformed document
    in which items were found is no failure; what is wrong with it stands in `unparsed`, as do the
    entries that say nothing.
    """
    if fetched.failure or fetched.not_modified:
        return ParsedFeed(failure=fetched.failure)
    body = documents.unpacked(fetched.body, _MOST_BYTES)
    if body is None:
        return _failed(FailureKind.HOSTILE, "gzip in gzip that grows without end", fetched.body)
    return strict.parse(fetched, body) or by_reference(fetched, body)


def by_reference(fetched: Fetched, body: bytes) -> ParsedFeed:
    """The same of any document, clean or not; `body` is `fetched.body` out of its gzip."""
    text = documents.decoded(body, fetched.content_type)
    if not text.strip():
        return _failed(FailureKind.EMPTY, "an empty document", b"")
    base = fetched.final_url or fetched.url
    if jsonfeed.looks_like(text):
        return jsonfeed.parse(text, base, fetched.at)
    failure = _refusal(text)
    if failure:
        return _failed(failure.kind, failure.detail, body)
    return _by_feedparser(text, body, base, fetched.at)


def _refusal(text: str) -> Failure | None:
    """Why the document is not even given to a parser."""
    bomb = documents.bomb(text)
    if bomb:
        return Failure(FailureKind.HOSTILE, bomb)
    title = documents.html_title(text)
    if title is not None:
        named = f"titled {title!r}" if title else "without a title"
        return Failure(FailureKind.NOT_A_FEED, f"an HTML page {named}, not a feed")
    if not _ROOT.search(text):
        return Failure(FailureKind.NOT_A_FEED, "plain text, not a feed")
    return None


def _by_feedparser(text: str, body: bytes, base: str, at: datetime) -> ParsedFeed:
    import feedparser  # type: ignore[import-untyped]  # noqa: PLC0415  it is slow to load, has no types

    # Relative links and markup within texts are settled below, links of entries by feedparser,
    # which knows xml:base.
    text, count = documents.shortened(text, MOST_ITEMS)
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": base}
    try:
        document = feedparser.parse(
            BytesIO(_declared(text).encode()),
            response_headers=headers,
            resolve_relative_uris=False,
            sanitize_html=False,
        )
    except _ITS_FAULTS as error:
        detail = f"the feed reader gave up: {type(error).__name__}: {error}"[:300]
        return _failed(FailureKind.MALFORMED, detail, body)
    feed, entries = document.feed, document.entries
    fault = _fault(document)
    if not entries and fault:
        return _failed(FailureKind.MALFORMED, fault, body)
    if not entries and not document.get("version"):
        root = _ROOT.search(text)
        found = root[1] if root else ""
        return _failed(FailureKind.NOT_A_FEED, f"<{found}>, not a feed", body)
    declared = language(_said(feed, "language"))
    items, unparsed = _items(entries, base, at, declared)
    if count > MOST_ITEMS:
        reason = f"{count} entries, of which the first {MOST_ITEMS} are read"
        unparsed.append(Unparsed("feed", reason, b""))
    if fault:
        note = f"{fault}; what could be read was read"
        unparsed.insert(0, Unparsed("feed", note, _around(body, document)))
    return ParsedFeed(
        title=plain.line(_said(feed, "title"), TITLE),
        language=declared,
        items=tuple(items),
        unparsed=tuple(unparsed),
        ttl=skips.ttl(
            _said(feed, "ttl"), _said(feed, "sy_updateperiod"), _said(feed, "sy_updatefrequency")
        ),
        skip_hours=skips.hours(text),
        skip_days=skips.days(text),
    )


def _declared(text: str) -> str:
    """The text with an XML declaration, on its first line: else feedparser adds a line."""
    text = text.lstrip()
    return text if text.startswith("<?xml") else f'<?xml version="1.0" encoding="utf-8"?>{text}'


def _failed(kind: FailureKind, detail: str, body: bytes) -> ParsedFeed:
    note = (Unparsed("feed", detail, body[:SAMPLE]),) if body else ()
    return ParsedFeed(unparsed=note, failure=Failure(kind, detail))


def _fault(document: Any) -> str:
    """What is wrong with the document's XML, with its line, or ""."""
    if not document.get("bozo"):
        return ""
    error = document.get("bozo_exception")
    if isinstance(error, SAXParseException):
        return f"malformed XML, line {error.getLineNumber()}: {error.getMessage()}"
    return f"malformed: {error}"[:300]


def _around(body: bytes, document: Any) -> bytes:
    """A sample from where the XML goes wrong."""
    error = document.get("bozo_exception")
    line = error.getLineNumber() if isinstance(error, SAXParseException) else 1
    rows = body.split(b"\n", (line or 1) + 1)
    return b"\n".join(rows[max(0, (line or 1) - 2) : (line or 1) + 1])[:SAMPLE]


def _items(
    entries: list[Any], base: str, at: datetime, declared: str
) -> tuple[list[Item], list[Unparsed]]:
    items: list[Item] = []
    unparsed: list[Unparsed] = []
    for number, entry in enumerate(entries[:MOST_ITEMS], 1):
        item = build(_raw(entry, declared), base, at)
        if item:
            items.append(item)
        else:
            sample = str(dict(entry)).encode("utf-8", "replace")[:SAMPLE]
            unparsed.append(Unparsed(f"entry {number}", "no title, link or content", sample))
    return items, unparsed


def _raw(entry: Any, declared: str) -> Raw:
    contents = [_said(content, "value") for content in entry.get("content") or ()]
    # entry.get would fall back to published
    updated = _date(dict.get(entry, "updated_parsed")) or written.read(_own(entry, "updated"))
    return Raw(
        link=_said(entry, "link"),
        guid=_said(entry, "id"),
        title=_said(entry, "title"),
        summary=_said(entry, "summary"),
        content=max(contents, key=len, default=""),
        author=_said(entry, "author"),
        published=_date(entry.get("published_parsed"))
        or written.read(_own(entry, "published"))
        or updated,  # dc:date is read as updated
        updated=updated,
        categories=[_said(tag, "term") or _said(tag, "label") for tag in entry.get("tags") or ()],
        language=_language(entry) or declared,
        image=_image(entry),
    )


def _said(part: Mapping[str, Any], key: str) -> str:
    value = part.get(key)
    return value if isinstance(value, str) else ""


def _own(entry: Any, key: str) -> str:
    """A text that the entry itself holds under this key; others may stand in for it."""
    value = dict.get(entry, key)
    return value if isinstance(value, str) else ""


def _language(entry: Any) -> str:
    detail = entry.get("title_detail") or {}
    return language(_said(entry, "language") or _said(detail, "language"))


def _date(parsed: struct_time | None) -> datetime | None:
    """feedparser's dates are UTC; what they cannot be, such as a 31 June, is none."""
    if not parsed:
        return None
    try:
        return datetime(*parsed[:5], second=min(parsed[5], 59), tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _image(entry: Any) -> str:
    """The first picture among thumbnails, media and enclosures."""
    for thumbnail in entry.get("media_thumbnail") or ():
        if _said(thumbnail, "url"):
            return _said(thumbnail, "url")
    found = _first_picture(entry.get("media_content") or (), lambda part: _said(part, "url"))
    return found or _first_picture(entry.get("enclosures") or (), lambda part: _said(part, "href"))


def _first_picture(parts: Iterable[Any], address: Callable[[Any], str]) -> str:
    for part in parts:
        picture = _said(part, "medium") == "image" or _said(part, "type").startswith("image/")
        if picture and address(part):
            return address(part)
    return ""
