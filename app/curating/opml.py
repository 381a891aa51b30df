"""OPML 2.0 (opml.org/spec2.opml), read and written.

What Vigie knows beyond OPML stands in attributes of its own namespace, so that a list comes back as
it went. Other programs leave these out or let them pass. Pure: bytes in, values out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from email.utils import format_datetime
from xml.etree import ElementTree as ET

from defusedxml import DefusedXmlException  # type: ignore[import-untyped]  # it ships no types
from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]  # the same

from app.curating.entries import FIELDS, Entry, Listing, Refusal
from collectors import documents
from vigie.errors import CuratingError

NAMESPACE = "urn:vigie:opml:1"
MOST_BYTES = 20_000_000
_DEEPEST = 30  # folders within folders
_OWN = tuple(name for name in FIELDS if name not in ("url", "title", "homepage", "language"))
_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);)")
_DECLARATION = re.compile(r"^<\?xml[^>]{0,300}\?>")
_NO_XML = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read(data: bytes) -> Listing:
    """Every outline of the list, folders opened. Raises CuratingError on what is no OPML."""
    if len(data) > MOST_BYTES:
        raise CuratingError(f"a list of more than {MOST_BYTES} bytes")
    root = _root(data.strip())
    body = root.find("body") if root.tag == "opml" else None
    if body is None:
        raise CuratingError(f"an XML document <{root.tag[:60]}>, but no OPML with a <body>")
    entries: list[Entry] = []
    refused: list[Refusal] = []
    for number, (outline, folders) in enumerate(_outlines(body), 1):
        place = f"outline {number}"
        if _said(outline, "xmlUrl") or outline.get(f"{{{NAMESPACE}}}kind"):
            entries.append(_entry(place, outline, folders))
        elif not len(outline):
            refused.append(Refusal(place, _name(outline), "no xmlUrl: not a feed"))
    return Listing(tuple(entries), tuple(refused))


def _root(data: bytes) -> ET.Element:
    """The document's element. Ampersands that nobody escaped, common in lists, are escaped."""
    try:
        try:
            root: ET.Element = fromstring(data)
        except ET.ParseError:
            text = documents.decoded(data, "")
            repaired = _AMPERSAND.sub("&amp;", _DECLARATION.sub("", text))
            if repaired == text:
                raise
            root = fromstring(repaired)
    except DefusedXmlException as error:
        raise CuratingError("the list declares XML entities, as attacks do: refused") from error
    except (ET.ParseError, ValueError, LookupError) as error:
        raise CuratingError(f"not readable as XML: {error}") from error
    return root


def write(entries: Iterable[Entry], title: str, now: datetime) -> bytes:
    """An OPML 2.0 document; characters that XML cannot hold are left out."""
    ET.register_namespace("vigie", NAMESPACE)
    root = ET.Element("opml", version="2.0")
    head = ET.SubElement(root, "head")
    ET.SubElement(head, "title").text = _clean(title)
    ET.SubElement(head, "dateCreated").text = format_datetime(now, usegmt=True)
    body = ET.SubElement(root, "body")
    for entry in entries:
        said = {
            "type": "rss",
            "text": entry.title,
            "title": entry.title,
            "xmlUrl": entry.url,
            "htmlUrl": entry.homepage,
            "language": entry.language,
            "category": ",".join(f"/{theme}" for theme in entry.themes.split()),
        }
        said |= {f"{{{NAMESPACE}}}{name}": getattr(entry, name) for name in _OWN}
        kept = {name: _clean(text) for name, text in said.items() if text}
        ET.SubElement(body, "outline", {"text": entry.title, **kept})
    ET.indent(root)
    data: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return data + b"\n"


def _outlines(body: ET.Element) -> Iterator[tuple[ET.Element, tuple[str, ...]]]:
    """Outlines in the document's order, each with the names of its folders."""
    waiting = [(outline, ()) for outline in reversed(body.findall("outline"))]
    stack: list[tuple[ET.Element, tuple[str, ...]]] = list(waiting)
    while stack:
        outline, folders = stack.pop()
        yield outline, folders
        inner = (*folders, _name(outline))[:_DEEPEST]
        stack.extend((child, inner) for child in reversed(outline.findall("outline")))


def _entry(place: str, outline: ET.Element, folders: tuple[str, ...]) -> Entry:
    own = {name: outline.get(f"{{{NAMESPACE}}}{name}", "") for name in _OWN}
    categories = re.split(r"[,/]", _said(outline, "category"))
    language = _said(outline, "language")
    return Entry(
        place=place,
        url=_said(outline, "xmlUrl"),
        title=outline.get("title") or outline.get("text") or "",
        homepage=_said(outline, "htmlUrl"),
        language=language[:2].lower() if re.fullmatch(r"[A-Za-z]{2}(-.*)?", language) else "",
        folders=tuple(filter(None, (name.strip() for name in (*reversed(folders), *categories)))),
        **own,
    )


def _said(outline: ET.Element, name: str) -> str:
    """An attribute, whatever its case: lists in the wild have xmlurl and XMLURL too."""
    exact = outline.get(name)
    if exact is not None:
        return exact.strip()
    wanted = name.lower()
    return next((text.strip() for key, text in outline.items() if key.lower() == wanted), "")


def _name(outline: ET.Element) -> str:
    text = _said(outline, "text") or _said(outline, "title")
    return " ".join(text.split())[:80] or "an outline without name"


def _clean(text: str) -> str:
    return _NO_XML.sub("", text)
