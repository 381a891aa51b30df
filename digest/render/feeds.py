"""The issue as an Atom feed (RFC 4287): an entry for each item, whole, with its source as author.

Ids are UUIDs made of the issue, the language and the item (RFC 4122, version 5): the same in every
revision and wherever the feed is served, so that a reader shows each item once. `updated` is when
this revision was drafted, `published` when the source published.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import nh3

from digest.render.template import attributes, facts, template
from digest.render.view import Copy, ItemView, PageView
from digest.render.words import Words

ATOM = "http://www.w3.org/2005/Atom"
_NAMESPACE = uuid.UUID("5d5a3c0e-6f6e-5c1f-9a53-8f3f0c6a7b11")  # Vigie's own, drawn once
_TAGS = {"p", "strong", "a"}
_ATTRIBUTES = {"a": {"href"}, "p": {"lang", "dir"}}


@dataclass(frozen=True, slots=True)
class Entry:
    """What both feeds say of an item."""

    id: str
    item: ItemView
    section: str  # its label
    title: str
    html: str


def draw(copy: Copy) -> bytes:
    """UTF-8 XML."""
    page = copy.page
    feed = ET.Element("feed", {"xmlns": ATOM, "xml:lang": page.language})
    _child(feed, "id", urn(page))
    _child(feed, "title", feed_title(page))
    _child(feed, "subtitle", f"{page.tlp} · {page.tlp_meaning} · {page.summary}")
    _child(feed, "updated", stamp(page.drafted_at))
    _child(feed, "rights", page.words.rights)
    _child(feed, "generator", "Vigie")
    _child(ET.SubElement(feed, "author"), "name", page.publisher or page.id)
    if page.web_href:
        ET.SubElement(feed, "link", {"rel": "alternate", "href": page.web_href})
    for entry in entries(page):
        _entry(feed, entry, page)
    ET.indent(feed)
    return bytes(ET.tostring(feed, encoding="utf-8", xml_declaration=True)) + b"\n"


def _entry(feed: ET.Element, entry: Entry, page: PageView) -> None:
    item = entry.item
    node = ET.SubElement(feed, "entry")
    if item.language:
        node.set("xml:lang", item.language)
    _child(node, "id", entry.id)
    _child(node, "title", entry.title)
    if item.href:
        ET.SubElement(node, "link", {"rel": "alternate", "href": item.href})
    _child(node, "published", stamp(item.published))
    _child(node, "updated", stamp(page.drafted_at))
    _child(ET.SubElement(node, "author"), "name", item.source or item.host or page.publisher)
    ET.SubElement(node, "category", {"term": entry.section})
    for label in item.themes:
        if label != entry.section:
            ET.SubElement(node, "category", {"term": label})
    _child(node, "content", entry.html, type="html")


def entries(page: PageView) -> Iterator[Entry]:
    """The items in the issue's order."""
    for section in page.sections:
        for item in section.items:
            title = f"[{item.tlp}] {item.title}" if item.tlp else item.title
            yield Entry(urn(page, item.key), item, section.label, title, _html(item, page.words))


def urn(page: PageView, item: str = "") -> str:
    """The id of the issue in this language, or of one of its items."""
    return f"urn:uuid:{uuid.uuid5(_NAMESPACE, f'{page.id}/{page.language}/{item}')}"


def feed_title(page: PageView) -> str:
    """The title, with the label of what is not for everyone."""
    return page.title if page.tlp == "TLP:CLEAR" else f"[{page.tlp}] {page.title}"


def stamp(moment: datetime) -> str:
    """RFC 3339, in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _html(item: ItemView, words: Words) -> str:
    """The item as markup: escaped once, then held to three elements by nh3 all the same."""
    text = template("entry.html.j2", markup=True).render(
        item=item, words=words, facts=facts, attributes=attributes
    )
    return nh3.clean(
        text, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes={"http", "https"}, link_rel=None
    ).strip()


def _child(parent: ET.Element, tag: str, text: str, **said: str) -> None:
    ET.SubElement(parent, tag, said).text = text
