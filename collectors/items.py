"""Items made of whatever an entry says of itself, within their caps. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin, urlsplit

from collectors import plain
from collectors.urls import LONGEST, canonical
from vigie.model import Item

TITLE, SUMMARY, TEXT, NAME = 500, 5_000, 100_000, 300  # the most characters of each
MOST_ITEMS = 2_000
SAMPLE = 2_000  # bytes kept of what could not be read
_CATEGORIES = 20
_OLDEST = datetime(1990, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=1)
# Addresses that joining, and splitting and putting together, leave as they are: most of them.
COMPLETE = re.compile(
    r"https?://[a-z0-9][a-z0-9.-]{,250}(?::[1-9]\d{,4})?(?:/[\w/.~%,@+-]{,2000})?", re.ASCII
)
_LANGUAGE = re.compile(r"([a-z]{2})(?:[-_].*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Raw:
    """An entry's own words, as HTML or plain text, dates as aware datetimes or None."""

    link: str = ""
    guid: str = ""
    title: str = ""
    summary: str = ""
    content: str = ""
    author: str = ""
    published: datetime | None = None
    updated: datetime | None = None
    categories: Iterable[str] = ()
    language: str = ""
    image: str = ""


def build(raw: Raw, base: str, at: datetime) -> Item | None:
    """The item, or None for an entry without title, link and content.

    `base` makes relative links absolute; dates before 1990 or over a day after `at` are dropped.
    A description longer than a summary may be is also the item's text.
    """
    url = absolute(raw.link, base)
    title = plain.line(raw.title, TITLE)
    summary = plain.paragraphs(raw.summary, TEXT)
    text = plain.paragraphs(raw.content, TEXT)
    if not (url or title or summary or text):
        return None
    if not text and len(summary) > SUMMARY:
        text = summary
    summary = plain.cut(summary, SUMMARY)
    return Item(
        url=url,
        canonical_url=canonical(url),
        guid=" ".join(raw.guid.split())[:1000],
        title=title,
        summary=summary,
        text="" if text == summary else text,
        author=plain.line(raw.author, NAME),
        published=sensible(raw.published, at),
        updated=sensible(raw.updated, at),
        categories=_categories(raw.categories),
        language=language(raw.language),
        image=absolute(raw.image, base),
    )


def absolute(link: str, base: str) -> str:
    """An absolute http(s) address, or "" for any other."""
    if not link:
        return ""
    if COMPLETE.fullmatch(link):
        return link
    try:
        url = urljoin(base, "".join(link.split())) if link.strip() else ""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or len(url) > LONGEST:
            return ""
    except ValueError:
        return ""
    return parts.scheme + url[len(parts.scheme) :]  # in lower case


def sensible(moment: datetime | None, at: datetime) -> datetime | None:
    """The date, unless it is before 1990 or over a day in the future."""
    if moment is None or moment.tzinfo is None or not _OLDEST <= moment <= at + _AHEAD:
        return None
    return moment.astimezone(UTC)


def language(declared: str) -> str:
    """The ISO 639-1 code of a declaration such as fr-BE, or ""."""
    match = _LANGUAGE.fullmatch(declared.strip())
    return match[1].lower() if match else ""


def _categories(names: Iterable[str]) -> tuple[str, ...]:
    kept: dict[str, None] = {}
    for name in names:
        clean = plain.line(name, 100)
        if clean:
            kept.setdefault(clean)
        if len(kept) == _CATEGORIES:
            break
    return tuple(kept)
