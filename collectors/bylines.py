"""Who signed a page, by its byline: where no data says it, the markup often does. Pure.

Taken are elements that are marked as the author's: by `rel`, by schema.org's `itemprop`, or by a
class whose last word is "author", "auteur", "autor" or "byline". Those of comments, teasers and
photographs are somebody else's.
"""

from __future__ import annotations

import re
from itertools import takewhile

from lxml import etree  # type: ignore[import-untyped]  # it ships no types

from collectors import markup, plain
from collectors.items import NAME

_MOST = 300  # elements looked at
_LONGEST = 100  # characters of a byline; what is longer tells of its author
_MOST_AUTHORS = 8
_MOST_WORDS = 12
# By attributes: several times as fast as asking each element for its own.
_MARKED = etree.XPath(
    "//@rel[contains(concat(' ', ., ' '), ' author ')]/.. | //@itemprop[contains(., 'author')]/.."
    " | //@class[contains(., 'utho') or contains(., 'uteu') or contains(., 'utor')"
    " or contains(., 'yline') or contains(., 'submitted')]/.."
)
_NAMED = etree.XPath(".//*[@itemprop='name']")
_SIGNED = re.compile(
    r"(?:^|[-_]|(?<=[a-z]))(?:[Aa]uthors?|[Aa]uteurs?|[Aa]utor(?:in|en)?|[Bb]yline|submitted)"
    r"(?:[-_]*(?:[Nn]ames?|[Ll]inks?|vcard))?$"
)
_ELSEWHERE = re.compile(
    r"comment|reaction|reactie|kommentar|related|teaser|sidebar|widget|recommend|recent|popular"
    r"|caption|credit|copyright|avatar|quote|newsletter|carousel|(?<!v)card|citation",
    re.IGNORECASE,
)
_TEASER = re.compile(r"teaser|preview|-card\b", re.IGNORECASE)
_NOT_ITS = frozenset({"nav", "aside", "figure", "figcaption", "blockquote"})
_BY = re.compile(
    r"^(?:(?:text(?: und interview| et photos)?|source|bron|quelle|autor(?:in|en)?"
    r"|auteurs?|authors?|submitted|posted|written|published|publié|écrit|rédigé"
    r"|propos recueillis|geschrieben|verfasst|veröffentlicht|geschreven|gepubliceerd|geplaatst"
    r"|(?:un |ein |een )?(?:article(?: de)?|artikel|beitrag))\b\s*:?\s*)?"
    r"(?:(?:by|par|von|door)\b\s*:?\s*)?",
    re.IGNORECASE,
)
_END = re.compile(
    r"\s*(?:[|•·/]|\s[-\u2013\u2014]\s|\d|\(|@|https?:|,\s*\d"
    # Small letters only, and no article after "op": Le Goff and Op de Beeck are names.
    r"|\s(?-i:am|on|op(?!\sde|\sten?\s)|le|il y a|at|um|à)\s|\s(?:posted|published|updated|publié"
    r"|mis à jour|veröffentlicht|aktualisiert|gepubliceerd|bijgewerkt)(?:\s|:)).*",
    re.IGNORECASE | re.DOTALL,
)
_NOBODY = re.compile(
    r"(?:name|follow|authors?|auteurs?|autor(?:en|in)?|by|par|von|door|admin|administrator|share"
    r"|anonymous|submitted)$|copyright\b|©",
    re.IGNORECASE,
)


def of(root: markup.Element) -> str:
    """The names in the page's byline, with commas between them, or ""."""
    ranked: dict[int, list[markup.Element]] = {}
    for element in _MARKED(root)[:_MOST]:
        sure = _sureness(element)
        if sure and not _belongs_elsewhere(element):
            ranked.setdefault(sure, []).append(element)
    for sure in sorted(ranked, reverse=True):
        found = _names(ranked[sure])
        if found:
            return plain.line(", ".join(found), NAME)
    return ""


def _sureness(element: markup.Element) -> int:
    said = f"{element.get('rel') or ''} {element.get('itemprop') or ''}".split()
    if "author" in said:
        return 2
    return int(any(map(_SIGNED.search, (element.get("class") or "").split())))


def _belongs_elsewhere(element: markup.Element) -> bool:
    around = [element, *takewhile(_is_part, element.iterancestors())]
    article = next(element.iterancestors("article"), None)
    if article is not None and _TEASER.search(article.get("class") or ""):
        return True
    return any(
        one.tag in _NOT_ITS or _ELSEWHERE.search(f"{one.get('class') or ''} {one.get('id') or ''}")
        for one in around
    )


def _is_part(element: markup.Element) -> bool:
    """Below the article: its own classes, and those of the page, say nothing of a byline."""
    return element.tag not in ("article", "main", "body", "html")


def _names(elements: list[markup.Element]) -> list[str]:
    """Of the first that names somebody, and of those beside it that are marked alike."""
    names: list[str] = []
    first = None
    for element in elements:
        if first is not None and not _is_beside(element, first):
            continue
        found = name(_words(element))
        if found:
            first = element if first is None else first
            if not any(found in one for one in names):
                names.append(found)
    return names[:_MOST_AUTHORS]


def _is_beside(element: markup.Element, first: markup.Element) -> bool:
    """In the same line: with the same mark, below the same element or the one above it."""
    marks = ("class", "rel", "itemprop")
    if any(element.get(mark) != first.get(mark) for mark in marks):
        return False
    above = {id(one) for one in list(first.iterancestors())[:2]}
    return any(id(one) in above for one in list(element.iterancestors())[:2])


def _words(element: markup.Element) -> str:
    for inner in _NAMED(element):
        said = inner.get("content") or markup.words(inner, _LONGEST + 1)
        if said.strip():
            return str(said)
    return str(element.get("content") or markup.words(element, _LONGEST + 1))


def name(text: str) -> str:
    """A byline without "by", date and place; "" for what names nobody."""
    if len(text) > _LONGEST:
        return ""
    found = _END.sub("", _BY.sub("", " ".join(text.split()), count=1)).strip(" ,;:.-\u2013")
    words = found.split()
    if not 1 <= len(words) <= _MOST_WORDS or len(found) < 3 or _NOBODY.match(found):
        return ""
    return found if found[0].isalpha() and not found.endswith(("?", "!")) else ""
