"""One entry of a clean feed: what each of its elements says, as feedparser would have it. Pure.

Part of `collectors.strict`. Each rule below follows what feedparser 6 does with the element, in
the order in which elements come; where that is not certain, `UnsureError` hands the whole document
to feedparser.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from collectors.items import Raw, language

Element = Any  # lxml's, which has no types

ATOM = "http://www.w3.org/2005/Atom"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
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
_HTML = frozenset(["html", "xhtml", "text/html", "application/xhtml+xml"])
_ADDRESS = re.compile(r"https?://[A-Za-z0-9][A-Za-z0-9.-]*(?::\d{1,5})?(?:/[!-~]*)?", re.ASCII)
_OTHER_NAME = re.compile(r"(?!https?:)[A-Za-z][A-Za-z0-9.-]+:(?!/)[!-~]+", re.ASCII)
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


class Entry:
    """What was read of an entry so far. Only `read_child` changes it."""

    __slots__ = (
        *("author", "contents", "enclosures", "guid", "has_content", "lang", "language", "link"),
        *("links", "pictures", "published", "summary", "summary_depth", "tags", "thumbnail"),
        *("sourced", "title", "title_elsewhere", "title_lang", "updated"),
    )

    def __init__(self, guid: str, lang: str) -> None:
        self.guid = guid
        self.lang = lang  # xml:lang in force
        self.title: str | None = None
        self.title_lang = ""
        self.title_elsewhere = False  # media:title, which stands back behind the title
        self.sourced = False  # a source, after which it does not
        self.summary: str | None = None
        self.summary_depth = 0  # of the element that gave it; 0: a content's copy
        self.contents: list[str] = []
        self.has_content = False
        self.link: str | None = None
        self.author = ""
        self.language = ""
        self.published: datetime | None = None
        self.updated: datetime | None = None
        self.tags: list[list[str | None]] = []  # term, scheme, label
        self.thumbnail = ""
        self.pictures: list[str] = []
        self.enclosures: list[str] = []

    def raw(self, declared: str) -> Raw:
        """Raises UnsureError."""
        if self.title_elsewhere and (self.sourced or not self.title):
            raise UnsureError
        pictures = (*self.pictures, *self.enclosures)
        return Raw(
            link=self.link or "",
            guid=self.guid,
            title=self.title or "",
            summary=self.summary or "",
            content=max(self.contents, key=len, default=""),
            author=self.author,
            published=self.published or self.updated,
            updated=self.updated,
            categories=[term or label or "" for term, _, label in self.tags],
            language=language(self.language or self.title_lang) or declared,
            image=self.thumbnail or (pictures[0] if pictures else ""),
        )


def read_child(entry: Entry, element: Element, depth: int) -> None:
    """Take in one element of an entry, `depth` levels below it. Raises UnsureError."""
    rule = _RULES.get(name_of(element))
    if rule is not None:
        rule(entry, element, depth)
    else:
        _passed_over(entry, element, depth)


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


# ------------------------------------------------------------------------------ rules by element


def _title(entry: Entry, element: Element, depth: int) -> None:
    if entry.title is not None or depth != 1:
        raise UnsureError
    entry.title = text_of(element, "type", _XML_LANG)
    entry.title_lang = element.get(_XML_LANG, entry.lang)


def _media_title(entry: Entry, element: Element, depth: int) -> None:
    text_of(element, "type", _XML_LANG)
    entry.title_elsewhere = True


def _source(entry: Entry, element: Element, depth: int) -> None:
    if len(element):
        raise UnsureError
    entry.sourced = True


def _description(entry: Entry, element: Element, depth: int) -> None:
    """The second of two becomes a content; after a content, the less deep one stands."""
    text = text_of(element, "type", _XML_LANG)
    if entry.summary is not None and not entry.has_content:
        entry.has_content = True
        entry.contents.append(text)
    elif not entry.summary_depth or depth <= entry.summary_depth:
        entry.summary = text
        entry.summary_depth = depth


def _content(entry: Entry, element: Element, depth: int) -> None:
    text = text_of(element, "type", _XML_LANG)
    entry.has_content = True
    entry.contents.append(text)
    if entry.summary is None:
        entry.summary = text


def _link(entry: Entry, element: Element, depth: int) -> None:
    told = _lowered(element)
    href = told.get("url", told.get("uri", told.get("href")))
    if href is None:
        if told:
            raise UnsureError
        href = text_of(element)
    kind = told.get("type", "text/html").lower()
    relation = told.get("rel", "alternate").lower()
    if relation == "enclosure" and kind.startswith("image/"):
        entry.enclosures.append(_address(href))
    if relation == "alternate" and kind in _HTML:
        entry.link = _address(href)


def _guid(entry: Entry, element: Element, depth: int) -> None:
    told = _lowered(element)
    if len(element) or not told.keys() <= {"ispermalink"}:
        raise UnsureError
    text = mended(element.text)
    if told.get("ispermalink", "true") == "true":
        if not _OTHER_NAME.fullmatch(text):
            _address(text)
        if entry.link is None:
            entry.link = text
    entry.guid = text


def _address(text: str) -> str:
    """An address that is complete, and the same after any joining or mending."""
    if not _ADDRESS.fullmatch(text) or text[-1] in "?#" or ";" in text or "?#" in text:
        raise UnsureError
    return text


def _author(entry: Entry, element: Element, depth: int) -> None:
    """A text, or Atom's name and address. The last author stands."""
    if not len(element):
        entry.author = mended(element.text)
        return
    if (element.text or "").strip():
        raise UnsureError
    told = {"name": "", "email": ""}
    for child in element:
        name = name_of(child)
        if len(child) or (child.tail or "").strip():
            raise UnsureError
        if name in told:
            told[name] = (child.text or "").strip()
        elif name not in ("uri", "url") and not name.startswith("?:"):
            raise UnsureError
    name, mail = told["name"], told["email"]
    entry.author = f"{name} ({mail})" if name and mail else name or mail


def _category(entry: Entry, element: Element, depth: int) -> None:
    """Terms as attributes or text; a text fills the tag before it where that has no term."""
    if len(element):
        raise UnsureError
    told = _lowered(element)
    tag = [told.get("term"), told.get("scheme", told.get("domain")), told.get("label")]
    if any(tag) and tag not in entry.tags:
        entry.tags.append(tag)
    _text_tag(entry, mended(element.text))


def _text_tag(entry: Entry, text: str) -> None:
    if not text:
        return
    if entry.tags and not entry.tags[-1][0]:
        entry.tags[-1][0] = text
    elif [text, None, None] not in entry.tags:
        entry.tags.append([text, None, None])


def _keywords(entry: Entry, element: Element, depth: int) -> None:
    if element.attrib:
        raise UnsureError
    scheme = "http://www.itunes.com/" if name_of(element).startswith("itunes") else None
    for word in text_of(element).split(","):
        tag: list[str | None] = [word.strip(), scheme, None]
        if tag[0] and tag not in entry.tags:
            entry.tags.append(tag)


def _published(entry: Entry, element: Element, depth: int) -> None:
    entry.published = _moment(text_of(element))


def _updated(entry: Entry, element: Element, depth: int) -> None:
    entry.updated = _moment(text_of(element))


def _moment(text: str) -> datetime | None:
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


def _language(entry: Entry, element: Element, depth: int) -> None:
    entry.language = text_of(element)


def _enclosure(entry: Entry, element: Element, depth: int) -> None:
    told = _lowered(element)
    picture = told.get("medium") == "image" or told.get("type", "").lower().startswith("image/")
    href = told.get("url", told.get("uri", told.get("href"))) or told.get("href", "")
    if len(element):
        raise UnsureError
    if picture and href:
        entry.enclosures.append(href)


def _media_content(entry: Entry, element: Element, depth: int) -> None:
    told = _lowered(element)
    picture = told.get("medium") == "image" or told.get("type", "").lower().startswith("image/")
    if picture and told.get("url"):
        entry.pictures.append(told["url"])
    _media_group(entry, element, depth)


def _media_group(entry: Entry, element: Element, depth: int) -> None:
    for child in element:
        if not name_of(child).startswith("media:"):
            raise UnsureError
        read_child(entry, child, depth + 1)


def _thumbnail(entry: Entry, element: Element, depth: int) -> None:
    address = _lowered(element).get("url")
    if not address or len(element):
        raise UnsureError
    entry.thumbnail = entry.thumbnail or address


def _lowered(element: Element) -> dict[str, str]:
    """Attributes by their names in lower case."""
    return {name.lower(): value for name, value in element.items()}


def _itunes_category(entry: Entry, element: Element, depth: int) -> None:
    if len(element):
        raise UnsureError
    tag = [_lowered(element).get("text"), "http://www.itunes.com/", None]
    if tag not in entry.tags:
        entry.tags.append(tag)
    _text_tag(entry, mended(element.text))


def _passed_over(entry: Entry, element: Element, depth: int) -> None:
    """An element that says nothing that an Item holds, and holds nothing that does."""
    name = name_of(element)
    if name.startswith("media:") and name != "media:category":
        return _media_group(entry, element, depth)
    known = name in _PASSED or name.startswith(_PASSED_SPACES)
    own = ":" not in name and "_" not in name and name not in _MEANT
    if len(element) or not (known or own):
        raise UnsureError
    return None


_Rule = Callable[[Entry, Element, int], None]
_RULES: dict[str, _Rule] = {
    "title": _title,
    "media:title": _media_title,
    "source": _source,
    "description": _description,
    "dc:description": _description,
    "itunes:summary": _description,
    "summary": _description,
    "media:description": _description,
    "content": _content,
    "content:encoded": _content,
    "link": _link,
    "guid": _guid,
    "id": _guid,
    "author": _author,
    "dc:creator": _author,
    "itunes:author": _author,
    "category": _category,
    "dc:subject": _category,
    "media:keywords": _keywords,
    "itunes:keywords": _keywords,
    "itunes:category": _itunes_category,
    "pubdate": _published,
    "published": _published,
    "updated": _updated,
    "dc:date": _updated,
    "dcterms:modified": _updated,
    "dc:language": _language,
    "enclosure": _enclosure,
    "media:content": _media_content,
    "media:group": _media_group,
    "media:thumbnail": _thumbnail,
}
_PASSED = frozenset(
    ["comments", "rights", "itunes:duration", "itunes:explicit", "itunes:episode"]
    + ["itunes:season", "itunes:episodetype", "itunes:block", "itunes:image", "itunes:title"]
    + ["itunes:subtitle", "dc:identifier", "dc:format", "dc:type", "dc:source", "dc:rights"]
    + ["dc:publisher", "dcterms:created", "feedburner:origlink", "feedburner:origenclosurelink"]
    + ["georss:point", "georss:featurename", "dcterms:alternative", "dcterms:abstract"]
)
# Elements without a prefix that feedparser knows and we do not, or keys under which it keeps things.
_MEANT = frozenset(
    ["abstract", "authors", "body", "channel", "contributor", "copyright", "created", "email"]
    + ["enclosures", "entry", "expirationdate", "feed", "fullitem", "height", "homepage", "href"]
    + ["image", "info", "issued", "item", "keywords", "language", "lastbuilddate", "links"]
    + ["managingeditor", "modified", "name", "newlocation", "rss", "subtitle", "tagline", "tags"]
    + ["textinput", "uri", "url", "webmaster", "where", "width", "cloud", "generator"]
)
_PASSED_SPACES = ("?:", "slash:", "thr:", "wfw:", "sy:", "trackback:", "pingback:")
_PASSED_SPACES += ("prism:", "geo:", "admin:", "cc:", "creativecommons:")
