"""JSON Feed 1.0 and 1.1 (jsonfeed.org), which feedparser does not read. Pure."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from collectors.items import MOST_ITEMS, SAMPLE, Raw, build, language
from vigie.model import Failure, FailureKind, ParsedFeed, Unparsed


def looks_like(text: str) -> bool:
    return text.lstrip()[:1] == "{"


def parse(text: str, base: str, at: datetime) -> ParsedFeed:
    """The feed that a JSON document holds; failures are values."""
    try:
        document: Any = json.loads(text)
    except json.JSONDecodeError as error:
        detail = f"malformed JSON, line {error.lineno}: {error.msg}"
        return ParsedFeed(failure=Failure(FailureKind.MALFORMED, detail))
    except (ValueError, RecursionError):  # absurd numbers, absurd depth
        detail = "JSON nested too deep, or numbers too long"
        return ParsedFeed(failure=Failure(FailureKind.HOSTILE, detail))
    entries = document.get("items") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        return ParsedFeed(failure=Failure(FailureKind.NOT_A_FEED, "JSON, but no JSON Feed"))
    items = []
    unparsed = []
    for number, entry in enumerate(entries[:MOST_ITEMS], 1):
        item = build(_raw(entry), base, at) if isinstance(entry, dict) else None
        if item:
            items.append(item)
        else:
            sample = json.dumps(entry).encode()[:SAMPLE]
            unparsed.append(Unparsed(f"entry {number}", "no title, link or content", sample))
    return ParsedFeed(
        title=_text(document, "title")[:500],
        language=language(_text(document, "language")),
        items=tuple(items),
        unparsed=tuple(unparsed),
    )


def _raw(entry: dict[str, Any]) -> Raw:
    authors = entry.get("authors") or [entry.get("author")]
    names = [_text(author, "name") for author in authors if isinstance(author, dict)]
    tags = entry.get("tags")
    return Raw(
        link=_text(entry, "url") or _text(entry, "external_url"),
        guid=_text(entry, "id"),
        title=_text(entry, "title"),
        summary=_text(entry, "summary"),
        content=_text(entry, "content_html") or _text(entry, "content_text"),
        author=", ".join(filter(None, names)),
        published=_date(_text(entry, "date_published")),
        updated=_date(_text(entry, "date_modified")),
        categories=[tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else (),
        language=_text(entry, "language"),
        image=_text(entry, "image") or _text(entry, "banner_image"),
    )


def _text(entry: dict[str, Any], key: str) -> str:
    value = entry.get(key)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)  # ids are numbers in some feeds
    return value if isinstance(value, str) else ""


def _date(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
