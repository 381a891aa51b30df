"""One entry of a clean feed: what each of its elements says, as feedparser would have it. Pure.

Part of `collectors.strict`. Each rule below follows what feedparser 6 does with the element, in
the order in which elements come; where that is not certain, `UnsureError` hands the whole document
to feedparser.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from collectors.items import Raw, language
from collectors.strict_xml import (
    XML_LANG,
    Element,
    UnsureError,
    address_of,
    lowered,
    mended,
    moment_of,
    name_of,
    text_of,
)

_HTML = frozenset(["html", "xhtml", "text/html", "application/xhtml+xml"])
_OTHER_NAME = re.compile(r"(?!https?:)[A-Za-z][A-Za-z0-9.-]+:(?!/)[!-~]+", re.ASCII)


class Entry:
    """What was read of an entry so far. Only `read_child` changes it."""

    __slots__ = (
        *(
            "author",
            "contents",
            "depth",
            "enclosures",
            "guid",
            "has_content",
            "lang",
            "language",
            "link",
        ),
        *("links", "pictures", "published", "summary", "summary_depth", "tags", "thumbnail"),
        *("sourced", "title", "title_elsewhere", "title_lang", "updated"),
    )

    def __init__(self, guid: str, lang: str) -> None:
        self.depth = 1  # of the element that is read, below the entry
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


def read_child(entry: Entry, element: Element) -> None:
    """Take in one element of an entry. Raises UnsureError."""
    rule = _RULES.get(name_of(element))
    if rule is not None:
        rule(entry, element)
    else:
        _passed_over(entry, element)


# ------------------------------------------------------------------------------ rules by element


def _title(entry: Entry, element: Element) -> None:
    if entry.title is not None or entry.depth != 1:
        raise UnsureError
    entry.title = text_of(element, "type", XML_LANG)
    entry.title_lang = element.get(XML_LANG, entry.lang)


def _media_title(entry: Entry, element: Element) -> None:
    text_of(element, "type", XML_LANG)
    entry.title_elsewhere = True


def _source(entry: Entry, element: Element) -> None:
    if len(element):
        raise UnsureError
    entry.sourced = True


def _description(entry: Entry, element: Element) -> None:
    """The second of two becomes a content; after a content, the less deep one stands."""
    text = text_of(element, "type", XML_LANG)
    if entry.summary is not None and not entry.has_content:
        entry.has_content = True
        entry.contents.append(text)
    elif not entry.summary_depth or entry.depth <= entry.summary_depth:
        entry.summary = text
        entry.summary_depth = entry.depth


def _content(entry: Entry, element: Element) -> None:
    text = text_of(element, "type", XML_LANG)
    entry.has_content = True
    entry.contents.append(text)
    if entry.summary is None:
        entry.summary = text


def _link(entry: Entry, element: Element) -> None:
    told = lowered(element)
    href = told.get("url", told.get("uri", told.get("href")))
    if href is None:
        if told:
            raise UnsureError
        href = text_of(element)
    kind = told.get("type", "text/html").lower()
    relation = told.get("rel", "alternate").lower()
    if relation == "enclosure" and kind.startswith("image/"):
        entry.enclosures.append(address_of(href))
    if relation == "alternate" and kind in _HTML:
        entry.link = address_of(href)


def _guid(entry: Entry, element: Element) -> None:
    told = lowered(element)
    if len(element) or not told.keys() <= {"ispermalink"}:
        raise UnsureError
    text = mended(element.text)
    if told.get("ispermalink", "true") == "true":
        if not _OTHER_NAME.fullmatch(text):
            address_of(text)
        if entry.link is None:
            entry.link = text
    entry.guid = text


def _author(entry: Entry, element: Element) -> None:
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


def _category(entry: Entry, element: Element) -> None:
    """Terms as attributes or text; a text fills the tag before it where that has no term."""
    if len(element):
        raise UnsureError
    told = lowered(element)
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


def _keywords(entry: Entry, element: Element) -> None:
    if element.attrib:
        raise UnsureError
    scheme = "http://www.itunes.com/" if name_of(element).startswith("itunes") else None
    for word in text_of(element).split(","):
        tag: list[str | None] = [word.strip(), scheme, None]
        if tag[0] and tag not in entry.tags:
            entry.tags.append(tag)


def _published(entry: Entry, element: Element) -> None:
    entry.published = moment_of(text_of(element))


def _updated(entry: Entry, element: Element) -> None:
    entry.updated = moment_of(text_of(element))


def _language(entry: Entry, element: Element) -> None:
    entry.language = text_of(element)


def _enclosure(entry: Entry, element: Element) -> None:
    told = lowered(element)
    picture = told.get("medium") == "image" or told.get("type", "").lower().startswith("image/")
    href = told.get("url", told.get("uri", told.get("href"))) or told.get("href", "")
    if len(element):
        raise UnsureError
    if picture and href:
        entry.enclosures.append(href)


def _media_content(entry: Entry, element: Element) -> None:
    told = lowered(element)
    picture = told.get("medium") == "image" or told.get("type", "").lower().startswith("image/")
    if picture and told.get("url"):
        entry.pictures.append(told["url"])
    _media_group(entry, element)


def _media_group(entry: Entry, element: Element) -> None:
    entry.depth += 1
    for child in element:
        if not name_of(child).startswith("media:"):
            raise UnsureError
        read_child(entry, child)
    entry.depth -= 1


def _thumbnail(entry: Entry, element: Element) -> None:
    address = lowered(element).get("url")
    if not address or len(element):
        raise UnsureError
    entry.thumbnail = entry.thumbnail or address


def _itunes_category(entry: Entry, element: Element) -> None:
    if len(element):
        raise UnsureError
    tag = [lowered(element).get("text"), "http://www.itunes.com/", None]
    if tag not in entry.tags:
        entry.tags.append(tag)
    _text_tag(entry, mended(element.text))


def _passed_over(entry: Entry, element: Element) -> None:
    """An element that says nothing that an Item holds, and holds nothing that does."""
    name = name_of(element)
    if name.startswith("media:") and name != "media:category":
        return _media_group(entry, element)
    known = name in _PASSED or name.startswith(_PASSED_SPACES)
    own = ":" not in name and "_" not in name and name not in _MEANT
    if len(element) or not (known or own):
        raise UnsureError
    return None


_Rule = Callable[[Entry, Element], None]
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
    [
        *("comments", "rights", "feedburner:origlink", "feedburner:origenclosurelink"),
        *("itunes:duration", "itunes:explicit", "itunes:episode", "itunes:season", "itunes:block"),
        *("itunes:episodetype", "itunes:image", "itunes:title", "itunes:subtitle"),
        *("dc:identifier", "dc:format", "dc:type", "dc:source", "dc:rights", "dc:publisher"),
        *("dcterms:created", "dcterms:alternative", "dcterms:abstract"),
        *("georss:point", "georss:featurename"),
    ]
)
_PASSED_SPACES = (
    *("?:", "slash:", "thr:", "wfw:", "sy:", "trackback:", "pingback:", "prism:", "geo:"),
    *("admin:", "cc:", "creativecommons:"),
)
# Elements without a prefix that feedparser knows and we do not, or keys under which it keeps more.
_MEANT = frozenset(
    [
        *("abstract", "authors", "body", "channel", "cloud", "contributor", "copyright", "created"),
        *("email", "enclosures", "entry", "expirationdate", "feed", "fullitem", "generator"),
        *("height", "homepage", "href", "image", "info", "issued", "item", "keywords", "language"),
        *("lastbuilddate", "links", "managingeditor", "modified", "name", "newlocation", "rss"),
        *("subtitle", "tagline", "tags", "textinput", "uri", "url", "webmaster", "where", "width"),
    ]
)
