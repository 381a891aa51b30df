"""Elements of a clean feed, named and mended as feedparser would. Pure; see `collectors.strict`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

Element = Any  # lxml's, which has no types

ATOM = "http://www.w3.org/2005/Atom"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"  # all addresses here are absolute
_XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"

# Namespaces by feedparser's names for them; "" stands for the formats' own elements.
_NAMES = {
    "": "",
    ATOM.lower(): "",
    "http://purl.org/rss/1.0/": "",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/rss/1.0/modules/syndication/": "sy",
    "http://purl.org/rss/1.0/modules/slash/": "slash",
    "http://purl.org/rss/1.0/modules/threading/": "thr",
    "http://search.yahoo.com/mrss/": "media",
    "http://search.yahoo.com/mrss": "media",
    "http://wellformedweb.org/commentapi/": "wfw",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://webns.net/mvcb/": "admin",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://madskills.com/public/xml/rss/module/trackback/": "trackback",
    "http://madskills.com/public/xml/rss/module/pingback/": "pingback",
    "http://prismstandard.org/namespaces/1.2/basic/": "prism",
    "http://www.georss.org/georss": "georss",
    "http://www.w3.org/2003/01/geo/wgs84_pos#": "geo",
    "http://purl.org/rss/1.0/modules/taxonomy/": "taxo",
    "http://backend.userland.com/creativecommonsrssmodule": "creativecommons",
    "http://web.resource.org/cc/": "cc",
}
# Prefixes by which feedparser goes even where the namespace is none that it knows.
_RESERVED = frozenset(["dc", "dcterms", "content", "media", "itunes", "feedburner", "sy", "xml"])
_RESERVED |= {
    "xhtml",
    "cc",
    "creativecommons",
    "psc",
    "gml",
    "georss",
    "admin",
    "title",
    "published",
}

_TYPES = frozenset(["text", "plain", "html", "text/plain", "text/html"])
_ADDRESS = re.compile(r"https?://[A-Za-z0-9][A-Za-z0-9.-]*(?::\d{1,5})?(?:/[!-~]*)?", re.ASCII)
_RFC_822 = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), +)?"
    r"(\d{1,2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d{4})"
    r" (\d\d):(\d\d):(\d\d) (?:([ECMP][SD]T|GMT|UTC|UT|Z)|([+-])(\d\d)(\d\d))",
    re.ASCII,
)
_HOURS_WEST = {"E": 5, "C": 6, "M": 7, "P": 8}  # of North America's zones in winter
_ISO_8601 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class UnsureError(Exception):
    """Not sure of reading this as feedparser would: it is to read the document."""


_known: dict[str, str] = {}  # lxml's names of elements to feedparser's


def name_of(element: Element) -> str:
    """feedparser's name of an element: `title`, `dc:date`; `?:x` in a namespace unknown to us."""
    tag = element.tag
    name = _known.get(tag)
    if name is None:
        if not isinstance(tag, str):
            raise UnsureError  # an entity
        namespace, _, local = tag.rpartition("}")
        prefix = _NAMES.get(namespace.removeprefix("{").lower())
        local = local.lower()
        if prefix is None:
            if element.prefix is None:
                return str(local)  # feedparser goes by the prefix: by none
            if element.prefix.lower() in _RESERVED:
                raise UnsureError
            return f"?:{local}"
        if ":" in local or len(_known) > 5_000:
            raise UnsureError  # a prefix that was never declared; or an attacker's many names
        name = _known[tag] = f"{prefix}:{local}" if prefix else local
    return name


def attributes(element: Element, *expected: str) -> dict[str, str]:
    """The element's attributes. Raises UnsureError where there are others than `expected`."""
    told = dict(element.items())
    if not told.keys() <= {*expected, _XML_BASE}:
        raise UnsureError
    return told


def text_of(element: Element, *expected: str) -> str:
    """The text of an element that holds nothing else, as feedparser would mend it."""
    if len(element):
        raise UnsureError
    if (
        element.attrib
        and attributes(element, *expected, _XML_SPACE).get("type", "text") not in _TYPES
    ):
        raise UnsureError
    return mended(element.text)


def mended(text: str | None) -> str:
    """Stripped, and decoded once more where it was UTF-8 read as Latin-1 by its publisher."""
    if not text:
        return ""
    text = text.strip()
    if text.isascii():
        return text
    try:
        return text.encode("iso-8859-1").decode("utf-8")
    except UnicodeError:
        return text


def address_of(text: str) -> str:
    """An address that is complete, and the same after any joining or mending."""
    if not _ADDRESS.fullmatch(text) or text[-1] in "?#" or ";" in text or "?#" in text:
        raise UnsureError
    return text


def moment_of(text: str) -> datetime | None:
    """A date of the two common forms. Raises UnsureError for any other."""
    if not text:
        return None
    try:
        found = _RFC_822.fullmatch(text)
        if found:
            day, month, year, hour, minute, second, zone, sign, hours, minutes = found.groups()
            moment = datetime(
                *(int(year), _MONTHS.index(month) + 1, int(day)),
                *(int(hour), int(minute), int(second)),
                tzinfo=UTC,
            )
            if zone:
                west = _HOURS_WEST.get(zone[0], 0) - (zone[1] == "D")
                return moment + timedelta(hours=west) if west > 0 else moment
            offset = timedelta(hours=int(hours), minutes=int(minutes))
            return moment - offset if sign == "+" else moment + offset
        if _ISO_8601.fullmatch(text):
            return datetime.fromisoformat(text).astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        pass  # a 31 June, an hour 25
    raise UnsureError


def lowered(element: Element) -> dict[str, str]:
    """Attributes by their names in lower case."""
    return {name.lower(): value for name, value in element.items()}
