"""An HTML document as a tree, and what its parts say in words. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree, html  # type: ignore[import-untyped]  # it ships no types
from parsel import Selector
from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding

from collectors import documents

Element = Any  # lxml's, which has no types

MOST_BYTES = 3_000_000  # of HTML that are read: more is data, scripts or an attack
_SILENT = frozenset({"script", "style", "noscript", "template", "svg", "iframe", "object"})
_TEXT = {"p", "div", "br", "hr", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "time"}
_LISTS = {"li", "ul", "ol", "dl", "dd", "dt", "tr", "td", "th", "table", "figure", "figcaption"}
_PARTS = {"section", "article", "aside", "header", "footer", "main", "nav"}
_BLOCKS = frozenset(_TEXT | _LISTS | _PARTS)
_XML = re.compile(r"^\s*<\?xml[^>]*\?>")
# One class for all elements: lxml.html's own lookup calls Python for each element met.
_ONE_CLASS = etree.ElementDefaultClassLookup(element=html.HtmlElement, comment=html.HtmlComment)


def tree(body: bytes, content_type: str) -> Element | None:
    """The document's root element, None where there is none."""
    text = _decoded(body, content_type)
    if "<" not in text:
        return None
    root: Element = Selector(text=text, type="html").root
    return root


def lean_tree(body: bytes, content_type: str) -> Element | None:
    """The same without comments and without an index of ids: quicker to read and to copy.

    Forms and inputs have no class of their own in it.
    """
    text = _decoded(body, content_type)
    if "<" not in text:
        return None
    parser = etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False
    )
    parser.set_element_class_lookup(_ONE_CLASS)
    try:
        root: Element = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except etree.ParserError:  # nothing but white space and stray marks
        return None
    return root


def _decoded(body: bytes, content_type: str) -> str:
    body = body[:MOST_BYTES]
    declared = http_content_type_encoding(content_type) or html_body_declared_encoding(body)
    text = documents.decoded(body, f"text/html; charset={declared}" if declared else "")
    return _XML.sub("", text)


def select(element: Element, css: str) -> list[Element]:
    """What a CSS selector finds below an element, as elements, in the document's order."""
    return [found.root for found in Selector(root=element, type="html").css(css)]


def words(element: Element, most: int = 4_000) -> str:
    """All that an element shows, in one line; blocks are apart, scripts are silent."""
    parts: list[str] = []
    size = 0
    for part in _shown(element):
        parts.append(part)
        size += len(part)
        if size > most:
            break
    return " ".join("".join(parts).split())[:most]


def _shown(element: Element) -> Iterator[str]:
    """The texts of an element in order, with a space at the edges of blocks; without recursion."""
    stack: list[tuple[Element | None, str]] = [(element, "")]
    while stack:
        current, text = stack.pop()
        if current is None:
            yield text
            continue
        if not isinstance(current.tag, str) or current.tag in _SILENT:
            continue
        edge = " " if current.tag in _BLOCKS else ""
        yield edge + (current.text or "")
        stack.append((None, edge))
        for child in reversed(current):
            stack.append((None, child.tail or ""))
            stack.append((child, ""))


def names(element: Element) -> str:
    """Class, id and role of an element, for what they give away."""
    return " ".join(element.get(name, "") for name in ("class", "id", "role", "itemprop")).lower()


def inside(element: Element) -> Iterator[Element]:
    """The elements around one, from the nearest to the root."""
    return element.iterancestors()  # type: ignore[no-any-return]
