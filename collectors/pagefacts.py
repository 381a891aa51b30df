"""What a page says of itself beside its text: title, authors, date, language, paywall. Pure.

Read from schema.org's JSON-LD, then from meta elements and microdata, which most news pages have.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from collectors import markup, plain
from collectors.items import NAME, TITLE, language

_MOST_JSON = 300_000  # characters of one JSON-LD block
_MOST_THINGS = 500  # objects of a page that are looked at
_ARTICLE = re.compile(r"(?:Article|Posting|Report|WebPage|Review|Recipe)$")
_DATES = (
    "article:published_time",
    "og:article:published_time",
    "datepublished",
    "date",
    "dc.date",
    "dc.date.issued",
    "dcterms.created",
    "dcterms.date",
    "parsely-pub-date",
    "sailthru.date",
    "pubdate",
    "publish-date",
    "publish_date",
)
_AUTHORS = ("author", "article:author", "parsely-author", "dc.creator", "sailthru.author")
_ADDRESS = re.compile(r"https?://|@|^www\.", re.IGNORECASE)
_BY = re.compile(r"^(?:by|par|von|door)\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is said; "" or None where nothing is."""

    title: str = ""
    author: str = ""
    published: datetime | None = None
    language: str = ""
    paywall: str = ""  # what says that the text is not free to read


def of(root: markup.Element) -> Facts:
    """The facts of an HTML document, by its root element."""
    things = sorted(_things(root), key=lambda thing: not _is_article(thing))
    metas = _metas(root)
    said_date = [_word(thing.get("datePublished")) for thing in things]
    said_date += [metas.get(name, "") for name in _DATES]
    said_date += root.xpath("//*[@itemprop='datePublished']/@content")[:1]
    said_date += root.xpath("//*[@itemprop='datePublished']/@datetime")[:1]
    said_date += root.xpath("//article//time[@pubdate or @itemprop]/@datetime")[:1]
    title = metas.get("og:title") or next(
        filter(None, (_word(thing.get("headline")) for thing in things)), ""
    )
    return Facts(
        title=plain.line(title, TITLE),
        author=_author(things, metas),
        published=next(filter(None, map(_moment, said_date)), None),
        language=_language(root, things, metas),
        paywall=_paywall(things, metas),
    )


def _metas(root: markup.Element) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in root.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or ""
        content = element.get("content") or ""
        if name and content.strip():
            found.setdefault(name.strip().lower(), content.strip())
    return found


def _things(root: markup.Element) -> Iterator[dict[str, Any]]:
    """The objects of the page's JSON-LD, without recursion, the outer ones first."""
    count = 0
    for script in root.iter("script"):
        text = script.text or ""
        if "ld+json" not in (script.get("type") or "") or len(text) > _MOST_JSON:
            continue
        try:
            waiting: list[Any] = [json.loads(text, strict=False)]
        except (ValueError, RecursionError):
            continue
        while waiting and count < _MOST_THINGS:
            thing = waiting.pop(0)
            count += 1
            if isinstance(thing, list):
                waiting = thing[:_MOST_THINGS] + waiting
            elif isinstance(thing, dict):
                waiting += [thing[key] for key in ("@graph", "mainEntity") if key in thing]
                yield thing


def _is_article(thing: dict[str, Any]) -> bool:
    kinds = thing.get("@type")
    return any(
        isinstance(kind, str) and _ARTICLE.search(kind)
        for kind in (kinds if isinstance(kinds, list) else [kinds])
    )


def _word(value: Any) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    return value if isinstance(value, str) else ""


def _moment(text: str) -> datetime | None:
    """An ISO 8601 moment; a day alone is its midnight, and what names no zone is UTC."""
    try:
        moment = datetime.fromisoformat(text.strip())
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _author(things: Iterable[dict[str, Any]], metas: dict[str, str]) -> str:
    for thing in things:
        authors = thing.get("author")
        names = [
            _name(one.get("name") if isinstance(one, dict) else one)
            for one in (authors if isinstance(authors, list) else [authors])
        ]
        found = ", ".join(dict.fromkeys(filter(None, names)))
        if found:
            return plain.line(found, NAME)
    return next(filter(None, (_name(metas.get(name, "")) for name in _AUTHORS)), "")


def _name(value: Any) -> str:
    """A person's name; "" for an address in its place, and for an e-mail address."""
    name = plain.line(_word(value), NAME)
    return "" if _ADDRESS.search(name) else _BY.sub("", name)


def _language(root: markup.Element, things: Iterable[dict[str, Any]], metas: dict[str, str]) -> str:
    said = [
        *(root.xpath("//html/@lang | //html/@xml:lang", namespaces=_XML)[:1]),
        *(_word(thing.get("inLanguage")) for thing in things if _is_article(thing)),
        *(metas.get(name, "") for name in ("og:locale", "content-language", "dc.language")),
    ]
    return next(filter(None, map(language, said)), "")


_XML = {"xml": "http://www.w3.org/XML/1998/namespace"}


def _paywall(things: Iterable[dict[str, Any]], metas: dict[str, str]) -> str:
    """schema.org's isAccessibleForFree, or the tiers that social networks ask for."""
    for thing in things:
        said = thing.get("isAccessibleForFree") if _is_article(thing) else None
        if said is False or (isinstance(said, str) and said.strip().lower() == "false"):
            return "isAccessibleForFree: false"
    tier = metas.get("article:content_tier", "").lower()
    return f"article:content_tier: {tier}" if tier == "locked" else ""
