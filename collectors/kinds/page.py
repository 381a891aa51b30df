"""Listing pages: a site's news page read as if it were a feed. Pure: bytes in, values out.

An article that no longer stands on the page is not gone: a listing shows the newest only.
"""

from __future__ import annotations

import re

from collectors import documents, listing, markup
from collectors.items import SAMPLE, TITLE, Raw, absolute, build, language
from collectors.listing import Entry, Setting
from collectors.urls import canonical
from vigie.kinds import PageRules
from vigie.model import Failure, FailureKind, Fetched, ParsedFeed, Unparsed
from vigie.schema import Source

_FEED = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:rss|feed|rdf:RDF)\b", re.DOTALL)


def parse(fetched: Fetched, source: Source) -> ParsedFeed:
    """The articles that a page lists: where `page.links` says, else found by themselves."""
    if fetched.failure or fetched.not_modified:
        return ParsedFeed(failure=fetched.failure)
    refusal = _refusal(fetched)
    root = None if refusal else markup.tree(fetched.body, fetched.content_type)
    if root is None:
        failure = refusal or Failure(FailureKind.NO_LINKS, "plain text, not a page")
        return _failed(failure, fetched.body)
    declared = language(root.get("lang") or "") or source.language
    setting = Setting(_base(root, fetched), fetched.at, declared)
    rules = source.page or PageRules()
    entries = _entries(root, setting, rules)
    if not entries:
        return _failed(Failure(FailureKind.NO_LINKS, _nothing(rules)), fetched.body)
    items = [build(_raw(entry, declared), setting.base, fetched.at) for entry in entries]
    return ParsedFeed(
        title=next((markup.words(found, TITLE) for found in root.iter("title")), ""),
        language=declared,
        items=tuple(item for item in items if item),
    )


def _refusal(fetched: Fetched) -> Failure | None:
    """Why the document is not even given to a parser."""
    if not fetched.body.strip():
        return Failure(FailureKind.EMPTY, "an empty page")
    start = fetched.body[:4_000].decode("utf-8", "replace").lstrip("\ufeff")
    if _FEED.match(start):
        return Failure(FailureKind.NO_LINKS, 'a feed, not a page: kind = "feed" reads it')
    text = documents.decoded(fetched.body[: markup.MOST_BYTES], fetched.content_type)
    bomb = documents.bomb(text)
    return Failure(FailureKind.HOSTILE, bomb) if bomb else None


def _base(root: markup.Element, fetched: Fetched) -> str:
    here = fetched.final_url or fetched.url
    for element in root.iter("base"):
        return absolute(element.get("href", ""), here) or here
    return here


def _entries(root: markup.Element, setting: Setting, rules: PageRules) -> list[Entry]:
    """The entries that match the rules, each address once."""
    if rules.links:
        found = listing.at_selector(root, rules.links, setting, rules.title, rules.date)
    else:
        found = listing.find(root, setting)
    pattern = re.compile(rules.pattern or "")
    by_address: dict[str, Entry] = {}
    for entry in found:
        if entry.title and pattern.search(entry.url):
            by_address.setdefault(canonical(entry.url), entry)
    return list(by_address.values())


def _nothing(rules: PageRules) -> str:
    if rules.links:
        return f"nothing with a link and a title at page.links = {rules.links!r}"[:300]
    if rules.pattern:
        return f"no list of articles whose links match page.pattern = {rules.pattern!r}"[:300]
    return "no list of articles was found on the page; page.links can say where it is"


def _raw(entry: Entry, declared: str) -> Raw:
    return Raw(
        link=entry.url,
        title=_escaped(entry.title),
        summary=_escaped(entry.summary),
        published=entry.published,
        language=declared,
        image=entry.image,
    )


def _escaped(text: str) -> str:
    """Words taken out of a tree are no markup, whatever they look like."""
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _failed(failure: Failure, body: bytes) -> ParsedFeed:
    note = (Unparsed("page", failure.detail, body[:SAMPLE]),) if body.strip() else ()
    return ParsedFeed(unparsed=note, failure=failure)
