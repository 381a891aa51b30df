"""The fast way for clean feeds: RSS 2.0, RSS 1.0 and Atom, read by lxml. Pure.

feedparser is the reference. This module serves only documents of which it is sure to give the very
Items that `collectors.feeds` makes of feedparser's answer, and steps aside (None) at the first
thing that it does not know: another encoding than UTF-8, a document type, relative addresses,
markup that is not escaped, odd dates, elements that it has no rule for. A test compares both ways
on real feeds, another on invented ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from lxml import etree  # type: ignore[import-untyped]  # it ships no types

from collectors import documents, plain, skips
from collectors.items import MOST_ITEMS, TITLE, build, language
from collectors.strict_entry import Entry, read_child
from collectors.strict_xml import (
    ATOM,
    XML_LANG,
    Element,
    UnsureError,
    attributes,
    name_of,
    text_of,
)
from vigie.model import Fetched, Item, ParsedFeed

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF"
_RDF_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_DECLARATION = re.compile(
    rb"<\?xml\s+version\s*=\s*[\"']1\.0[\"'](?:\s+encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"'])?"
    rb"(?:\s+standalone\s*=\s*[\"'](?:yes|no)[\"'])?\s*\?>",
    re.IGNORECASE,
)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([^\s\"';]+)", re.IGNORECASE)
# What `documents.decoded` takes out (XML forbids it), and C1 controls, which feedparser maps.
_CONTROLS = bytes({*range(0x20)} - {0x09, 0x0A, 0x0D})
_C1 = re.compile(rb"\xc2[\x80-\x9f]")
_C1_REFERENCE = re.compile(rb"&#(?:0*(?:12[89]|1[345]\d)|[xX]0*[89][0-9a-fA-F]);")
_ENTRY_ENDS = (b"</item", b"</entry", b":item", b":entry")

# What a channel or feed says of itself that changes no item: passed over, with all it holds.
_PASSED = frozenset(
    [
        *("description", "copyright", "managingeditor", "webmaster", "pubdate", "lastbuilddate"),
        *("category", "generator", "docs", "cloud", "rating", "id", "updated", "subtitle", "link"),
        *("rights", "logo", "icon", "published", "modified", "tagline", "site"),
    ]
)
_PASSED_WHOLE = frozenset(["skiphours", "skipdays", "items", "author", "contributor"])
_BOXES = {
    "image": frozenset(["title", "link", "description", "url", "href", "width", "height"]),
    "textinput": frozenset(["title", "link", "description", "name"]),
}
_KEPT: dict[str, tuple[str, ...]] = {  # what is kept, with the attributes that it may have
    "title": ("type", XML_LANG),
    "language": (),
    "dc:language": (),
    "ttl": (),
    "sy:updateperiod": (),
    "sy:updatefrequency": (),
}
_MEANT = frozenset(["dc:title", "media:title", "content:encoded", "media:keywords"])
_SUMMARIES = frozenset(["itunes:summary", "dc:description", "media:description"])
_MOST_MARKS = 150_000


def parse(fetched: Fetched, body: bytes) -> ParsedFeed | None:
    """What a clean feed says, or None where feedparser is to read it.

    `body` is the document's bytes, out of any compression. Nothing here follows an entity or an
    address; elements nested deeper than 256 are libxml2's to refuse.
    """
    body = _in_utf8(body, fetched.content_type)
    if not _is_clean(body):
        return None
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(body, parser)
        return _feed(root, body, fetched.final_url or fetched.url, fetched.at)
    except (etree.XMLSyntaxError, UnsureError):
        return None


def _in_utf8(body: bytes, content_type: str) -> bytes:
    """The document in UTF-8, b"" for what is none with a plain declaration."""
    body = body.removeprefix(b"\xef\xbb\xbf").strip()
    found = _DECLARATION.match(body)
    if body[:1] != b"<" or (body[:5] == b"<?xml" and not found):
        return b""
    charset = _CHARSET.search(content_type)
    said = {charset[1].lower()} if charset else set()
    if found and found[1]:
        said.add(found[1].decode().lower())
    if said <= {"utf-8", "utf8"}:
        return body  # what of it is not UTF-8, the parser refuses
    return documents.decoded(body, content_type).encode()


def _is_clean(body: bytes) -> bool:
    if body.count(b"<!") != body.count(b"<!--") + body.count(b"<![CDATA["):
        return False  # a document type, with whatever it declares
    if len(body.translate(None, _CONTROLS)) != len(body) or _C1.search(body):
        return False
    if b"\xef\xbf\xbe" in body or b"\xef\xbf\xbf" in body or _C1_REFERENCE.search(body):
        return False
    ends = sum(body.count(end) for end in _ENTRY_ENDS)
    marks = body.count(b"<")
    return ends <= MOST_ITEMS and marks <= _MOST_MARKS


class _Head:
    """What the feed says of itself."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.said: dict[str, str] = {}
        self.lang = ""  # xml:lang in force
        self.summed_up = False
        self.items: list[Element] = []

    def keep(self, name: str, text: str) -> None:
        if name in self.said:
            raise UnsureError
        self.said[name] = text


def _feed(root: Element, body: bytes, base: str, at: datetime) -> ParsedFeed:
    head = _Head(base)
    outline = _ROOTS.get(root.tag)
    if outline is None:
        raise UnsureError
    outline(head, root)
    if not 0 < len(head.items) <= MOST_ITEMS:
        raise UnsureError
    said = head.said
    declared = language(said.get("language") or said.get("root language", ""))
    items = tuple(_item(element, head, declared, at) for element in head.items)
    skipping = b"<skip" in body.lower()
    text = body.decode() if skipping else ""
    return ParsedFeed(
        title=plain.line(said.get("title", ""), TITLE),
        language=declared,
        items=items,
        ttl=skips.ttl(
            said.get("ttl", ""), said.get("sy:updateperiod", ""), said.get("sy:updatefrequency", "")
        ),
        skip_hours=skips.hours(text),
        skip_days=skips.days(text),
    )


def _rss(head: _Head, root: Element) -> None:
    told = attributes(root, "version", XML_LANG)
    head.lang = told.get(XML_LANG, "")
    head.said["root language"] = head.lang
    if len(root) != 1 or root[0].tag != "channel":
        raise UnsureError
    _channel(head, root[0], "item")


def _atom(head: _Head, root: Element) -> None:
    told = attributes(root, XML_LANG)
    head.lang = told.get(XML_LANG, "")
    head.said["root language"] = head.lang
    _children(head, root, "entry")


def _rdf(head: _Head, root: Element) -> None:
    head.lang = attributes(root, XML_LANG).get(XML_LANG, "")
    channels = 0
    for child in root:
        name = name_of(child)
        if name == "channel":
            channels += 1
            _channel(head, child, "")
        elif name == "item":
            head.items.append(child)
        elif name in _BOXES:
            _only(child, _BOXES[name])
        else:
            raise UnsureError
    if channels != 1:
        raise UnsureError


_ROOTS: dict[str, Callable[[_Head, Element], None]] = {
    "rss": _rss,
    f"{{{ATOM}}}feed": _atom,
    _RDF: _rdf,
}


def _channel(head: _Head, channel: Element, entry: str) -> None:
    attributes(channel, _RDF_ABOUT)
    _children(head, channel, entry)


def _children(head: _Head, parent: Element, entry: str) -> None:
    for child in parent:
        name = name_of(child)
        if name == entry:
            head.items.append(child)
        elif name in _KEPT:
            head.keep(name.removeprefix("dc:"), text_of(child, *_KEPT[name]))
        elif name in _BOXES:
            _only(child, _BOXES[name])
        else:
            _beside(head, name, child)


def _beside(head: _Head, name: str, element: Element) -> None:
    """What tells nothing of items."""
    if name in _PASSED:
        if len(element) or (name == "description" and head.summed_up):
            raise UnsureError
    elif name in _SUMMARIES:
        if len(element) or head.summed_up:
            raise UnsureError
        head.summed_up = True
    elif name not in _PASSED_WHOLE:
        _foreign(name, element)


def _foreign(name: str, element: Element) -> None:
    """An element of an extension, with others of extensions inside, tells nothing of items."""
    if ":" not in name or name in _MEANT:
        raise UnsureError
    for inner in element:
        _foreign(name_of(inner), inner)


def _only(element: Element, names: frozenset[str]) -> None:
    for child in element:
        if len(child) or (name_of(child) not in names and ":" not in name_of(child)):
            raise UnsureError


def _item(element: Element, head: _Head, declared: str, at: datetime) -> Item:
    told = attributes(element, _RDF_ABOUT, XML_LANG) if element.attrib else {}
    entry = Entry(guid=told.get(_RDF_ABOUT, ""), lang=told.get(XML_LANG, head.lang))
    for child in element:
        read_child(entry, child)
    item = build(entry.raw(declared), head.base, at)
    if item is None:
        raise UnsureError
    return item
