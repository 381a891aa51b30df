"""What a page says of itself beside its text: title, authors, date, language, paywall. Pure.

Read from schema.org's JSON-LD, then from meta elements and microdata, which most news pages have;
who wrote it also from its byline. A person goes before the site that published it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lxml import etree  # type: ignore[import-untyped]  # it ships no types

from collectors import bylines, markup, plain
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
_AUTHORS = (
    "author",
    "authors",
    "article:author",
    "og:article:author",
    "article:author_name",
    "parsely-author",
    "citation_author",
    "dc.creator",
    "dc:creator",
    "dcterms.creator",
    "sailthru.author",
    "shareaholic:article_author_name",
)
# How WordPress's cards for Twitter label the author's name, in the four languages.
_WRITTEN_BY = re.compile(
    r"^(?:written|by|author|posted|écrit|rédigé|par|auteur|verfasst|geschrieben|von|autor"
    r"|geschreven|door)\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?://|@|^www\.", re.IGNORECASE)
_BY = re.compile(r"^(?:by|par|von|door)\s+", re.IGNORECASE)
_LANG = etree.XPath("/html/@lang | /html/@xml:lang")
_DATED = [
    etree.XPath("string(//*[@itemprop='datePublished'][@content][1]/@content)"),
    etree.XPath("string(//*[@itemprop='datePublished'][@datetime][1]/@datetime)"),
    etree.XPath("string(//article//time[@pubdate or @itemprop][1]/@datetime)"),
]

Metas = dict[str, list[str]]  # what meta elements say, by their names in lower case


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
    title = _first(metas, "og:title") or next(
        filter(None, (_word(thing.get("headline")) for thing in things)), ""
    )
    return Facts(
        title=plain.line(title, TITLE),
        author=_author(root, things, metas),
        published=next(filter(None, map(_moment, _said_dates(root, things, metas))), None),
        language=_language(root, things, metas),
        paywall=_paywall(things, metas),
    )


def _said_dates(root: markup.Element, things: list[dict[str, Any]], metas: Metas) -> Iterator[str]:
    """From the surest to the dearest to find."""
    yield from (_word(thing.get("datePublished")) for thing in things)
    yield from (_first(metas, name) for name in _DATES)
    yield from (find(root) for find in _DATED)


def _metas(root: markup.Element) -> Metas:
    found: Metas = {}
    for element in root.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or ""
        content = element.get("content") or ""
        if name and content.strip() and element.get("itemprop") != "author":  # see bylines
            found.setdefault(name.strip().lower(), []).append(content.strip())
    return found


def _first(metas: Metas, name: str) -> str:
    return metas[name][0] if name in metas else ""


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


def _author(root: markup.Element, things: list[dict[str, Any]], metas: Metas) -> str:
    """Persons in data, persons in the byline, and only then the site in their place."""
    sites = {
        _folded(one)
        for one in (
            *metas.get("og:site_name", ()),
            *(_person(one, {}) for thing in things for one in _listed(thing.get("publisher"))),
        )
    }
    said = [*_linked_authors(things), *_meta_authors(metas)]
    persons = [names for names, is_person in said if is_person and _folded(names) not in sites]
    found = persons[0] if persons else bylines.of(root) or next((names for names, _ in said), "")
    return plain.line(found, NAME)


def _linked_authors(things: list[dict[str, Any]]) -> Iterator[tuple[str, bool]]:
    """The authors each object of the JSON-LD names, and whether they are persons."""
    known = {thing["@id"]: thing for thing in things if isinstance(thing.get("@id"), str)}
    for thing in things:
        authors = _listed(thing.get("author"))
        names = [_person(one, known) for one in authors]
        found = ", ".join(dict.fromkeys(filter(None, names)))
        if found:
            yield found, not all(map(_is_body, authors))


def _meta_authors(metas: Metas) -> Iterator[tuple[str, bool]]:
    for key in _AUTHORS:
        found = ", ".join(dict.fromkeys(filter(None, map(_name, metas.get(key, ())))))
        if found:
            yield found, True
    if _WRITTEN_BY.match(_first(metas, "twitter:label1")):
        yield _name(_first(metas, "twitter:data1")), True


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _person(value: Any, known: dict[str, dict[str, Any]]) -> str:
    """The name of somebody who stands in an object, or elsewhere and is pointed to."""
    if not isinstance(value, dict):
        return _name(value)
    there = known.get(value["@id"], {}) if isinstance(value.get("@id"), str) else {}
    return _name(value.get("name")) or _name(there.get("name"))


def _is_body(value: Any) -> bool:
    kinds = _listed(value.get("@type")) if isinstance(value, dict) else []
    return any(isinstance(kind, str) and kind.endswith("Organization") for kind in kinds)


def _folded(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _name(value: Any) -> str:
    """A person's name; "" for an address in its place, and for an e-mail address."""
    name = plain.line(_word(value), NAME)
    return "" if _ADDRESS.search(name) else _BY.sub("", name)


def _language(root: markup.Element, things: Iterable[dict[str, Any]], metas: Metas) -> str:
    said = [
        *_LANG(root)[:1],
        *(_word(thing.get("inLanguage")) for thing in things if _is_article(thing)),
        *(_first(metas, name) for name in ("og:locale", "content-language", "dc.language")),
    ]
    return next(filter(None, map(language, said)), "")


def _paywall(things: Iterable[dict[str, Any]], metas: Metas) -> str:
    """schema.org's isAccessibleForFree, or the tiers that social networks ask for."""
    for thing in things:
        said = thing.get("isAccessibleForFree") if _is_article(thing) else None
        if said is False or (isinstance(said, str) and said.strip().lower() == "false"):
            return "isAccessibleForFree: false"
    tier = _first(metas, "article:content_tier").lower()
    return f"article:content_tier: {tier}" if tier == "locked" else ""
