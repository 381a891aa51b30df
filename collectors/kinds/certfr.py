"""CERT-FR: its RSS names the advisories, each of which has a JSON of its own. Pure.

https://www.cert.ssi.gouv.fr/avis/feed/ lists pages such as /avis/CERTFR-2026-AVI-0001/, whose JSON
stands at /avis/CERTFR-2026-AVI-0001/json/.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b
from typing import Any
from urllib.parse import urlsplit

from collectors import feeds, jsonfeed
from collectors.items import Raw, build
from collectors.kinds import loose
from collectors.kinds.loose import each, moment, said
from vigie.model import Advisory, Failure, FailureKind, Fetched, FetchJob, Item, ParsedFeed

_ISSUER = "CERT-FR"
_REFERENCE = re.compile(r"CERT(?:FR|A)-\d{4}-[A-Z]{3}-\d{3,5}")
_PAGE = re.compile(rf"(https?://[^?#]*/{_REFERENCE.pattern})/?(?:[?#].*)?")
_CVE = re.compile(r"CVE-\d{4}-\d{4,19}")
_NOT_SAID = frozenset({"", "n/a", "none"})
_MARKDOWN = re.compile(r"^#+\s+|\*\*|`+", re.MULTILINE)
_MARKDOWN_LINK = re.compile(r"\[([^\]]*)\]\([^)\s]*\)")


def parse(fetched: Fetched, source: str, text: str) -> ParsedFeed:
    """The RSS: what is to be followed. A JSON: its advisory."""
    if not jsonfeed.looks_like(text):
        return _listed(fetched, source)
    document = loose.load(text)
    if isinstance(document, Failure):
        return ParsedFeed(failure=document)
    item = _item(document, fetched)
    if item is None:
        failure = Failure(FailureKind.MALFORMED, "JSON, but no advisory of CERT-FR")
        return ParsedFeed(failure=failure)
    return ParsedFeed(items=(item,))


def _listed(fetched: Fetched, source: str) -> ParsedFeed:
    """The feed with its advisories as addresses to follow.

    They make no items yet: their few words in the RSS would be an edit of what their JSON says.
    """
    feed = feeds.parse(fetched)
    host = urlsplit(fetched.final_url or fetched.url).netloc
    others: list[Item] = []
    follow: dict[str, FetchJob] = {}
    for item in feed.items:
        page = _PAGE.fullmatch(item.url)
        if page and urlsplit(item.url).netloc == host:
            url = f"{page[1]}/json/"
            job = FetchJob(source, url, step=fetched.step + 1, stamp=_stamp(item))
            follow.setdefault(url, job)
        else:
            others.append(item)
    return replace(feed, items=tuple(others), follow=tuple(follow.values()))


def _stamp(item: Item) -> str:
    """What the RSS says of an advisory; while this is the same, its JSON is taken to be."""
    said = "\0".join((item.title, item.summary, str(item.published), str(item.updated)))
    return blake2b(said.encode(), digest_size=12).hexdigest()


def _item(document: Mapping[str, Any], fetched: Fetched) -> Item | None:
    reference = said(document, "reference").strip()
    if not _REFERENCE.fullmatch(reference):
        return None
    dates = sorted(filter(None, map(_revised, each(document, "revisions"))))
    last = moment(said(document, "last_revision_date")) or (dates[-1] if dates else None)
    advisory = Advisory(
        reference,
        _revision(last, dates),
        _ISSUER,
        cves=tuple(cve for cve in _names(document, "cves", "name") if _CVE.fullmatch(cve)),
        vendors=_named(said(system, "product", "vendor", "name") for system in _systems(document)),
        products=_named(said(system, "product", "name") for system in _systems(document)),
        risks=_names(document, "risks", "description"),
    )
    raw = Raw(
        link=fetched.url.removesuffix("/").removesuffix("/json") + "/",
        guid=reference,
        title=said(document, "title") or reference,
        summary=_paragraphs([said(document, "summary")]),
        content=_paragraphs(_words(document, advisory)),
        author=_ISSUER,
        published=dates[0] if dates else last,
        updated=last,
        categories=advisory.risks,
        language="fr",
    )
    item = build(raw, "", fetched.at)
    return item and replace(item, advisory=advisory)


def _words(document: Mapping[str, Any], advisory: Advisory) -> list[str]:
    """All that the advisory says, in the order of its page, as Markdown."""
    systems = "\n\n".join(said(system, "description") for system in _systems(document))
    links = (
        f"{said(link, 'title')} {said(link, 'url')}"
        for key in ("vendor_advisories", "links")
        for link in each(document, key)
    )
    revisions = (
        f"{said(entry, 'revision_date')[:10]} {said(entry, 'description')}"
        for entry in each(document, "revisions")
    )
    parts = [
        ("Risques", "\n\n".join(advisory.risks)),
        ("Systèmes affectés", systems),
        ("", said(document, "affected_systems_content")),
        ("Résumé", said(document, "summary")),
        ("", said(document, "content")),
        ("Documentation", "\n\n".join(links)),
        ("CVE", ", ".join(advisory.cves)),
        ("Révisions", "\n\n".join(revisions)),
        ("", f"Dernière révision : {advisory.revision}"),
    ]
    return [f"{heading}\n\n{words}" for heading, words in parts if words]


def _paragraphs(texts: Iterable[str]) -> str:
    """Markdown with some HTML in it, as HTML: its blocks, and nothing of its signs."""
    blocks: list[str] = []
    for text in texts:
        clean = _MARKDOWN_LINK.sub(r"\1", _MARKDOWN.sub("", text))
        blocks += re.split(r"\n\s*\n|\n(?=\s*[-*•] )", clean)
    return "".join(f"<p>{block.strip()}</p>" for block in blocks if block.strip())


def _systems(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return each(document, "affected_systems")


def _names(document: Mapping[str, Any], key: str, part: str) -> tuple[str, ...]:
    return loose.names(said(entry, part) for entry in each(document, key))


def _named(texts: Iterable[str]) -> tuple[str, ...]:
    """Names, without the `N/A` that stands where there is none."""
    return loose.names(text for text in texts if text.strip().lower() not in _NOT_SAID)


def _revised(entry: Mapping[str, Any]) -> datetime | None:
    return moment(said(entry, "revision_date"))


def _revision(last: datetime | None, dates: Sequence[datetime]) -> str:
    """The last revision's date; with its number where a day has several."""
    if last is None:
        return ""
    same = sum(date.date() == last.date() for date in dates)
    return last.date().isoformat() + (f".{same}" if same > 1 else "")
