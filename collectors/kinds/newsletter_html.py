"""A newsletter's HTML: its readable text, its "view online" link, its headlines. Pure.

Nothing is fetched and no link is followed: most lead through a counter that would take note.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from lxml import etree  # type: ignore[import-untyped]  # it ships no types

from collectors import plain
from collectors.items import TEXT, TITLE, absolute

MOST_LINKS = 200  # of one newsletter
_LONGEST = 1_000_000  # characters of HTML that are read
_AROUND = 600  # characters of text around a headline that may still belong to it
_CLIMB = 8  # elements up from a headline
_MOST_ANCHORS, _MOST_PIECES, _FAR = 2_000, 500, 100  # looked at, so that none takes for ever
_SHORT = 200  # characters of a block that only holds a housekeeping link

_DROPPED = ("script", "style", "head", "noscript", "template", "title", "svg", "form", "object")
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all"
    r"|max-height\s*:\s*0(?:px)?\s*(?:;|$)",
    re.IGNORECASE,
)
_HEADS = ("h1", "h2", "h3", "h4", "h5", "h6")
_CELLS = ("tr", "table", "tbody", "td", "th", "li", "ul", "ol", "dd", "dt")
_BLOCKS = frozenset(
    (*_HEADS, *_CELLS, "p", "div", "section", "article", "blockquote", "center", "body", "html")
)
_HEADINGS = frozenset((*_HEADS, "strong", "b"))

_ONLINE = re.compile(
    r"""(?: view | read | open | see ) \s (?: \w+ \s ){0,4}? (?:in|on) \s (?:\w+ \s){0,2}?
            (?: browser | app | web | website | internet )\b
      | (?: view | read ) \s (?: it \s )? (?: online | on \s the \s web )
      | (?: web | online | browser ) [ -]? (?: version | ansicht ) | webversie
      | voir \s (?: \w+ \s ){0,4}? (?: en \s ligne | dans \s (?:un|le|votre|mon) \s navigateur )
      | (?: version | lire | consulter | afficher | ouvrir ) \b .{0,40}?
            (?: en \s ligne | navigateur | \s web\b )
      | ne \s s['’] affiche \s pas | visuali[sz]er \s .{0,40}? (?: en \s ligne | navigateur )
      | bekijk \b .{0,40}? (?: online | browser ) | lees \s online | im \s browser
      | online \s (?: ansehen | lesen | bekijken ) | (?: trouble | problem ) \w* \s viewing
      | can (?: no | ['’] ) t \s (?: see | read | view ) \b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_HOUSEKEEPING = re.compile(
    r"""unsubscri | opt[ -]?out | d[ée]s(?:abonn|inscri) | me \s retirer | ne \s plus \s recevoir
      | uitschrijven | afmelden | abmelden | abbestell | austragen
      | pr[ée]f[ée]rences? | voorkeuren | e-?mail \s einstellungen | einstellungen \s [äa]ndern
      | (?: manage | update | g[ée]rer | modifier | mettre \s [àa] \s jour ) \b .{0,30}?
            (?: subscription | profile | abonnement | profil | inscription )
      | forward \s (?: to | this ) | tell \s a \s friend | transf[ée]rer \s .{0,20}? ami
      | doorsturen | weiterleiten | privacy \s (?: policy | notice ) | privacybeleid
      | datenschutz(?: erkl | $ ) | mentions \s l[ée]gales | politique \s de \s confidentialit
      | impressum | terms \s (?: of | and | & ) | conditions \s g[ée]n[ée]rales | cookie
      | add \s us \s to
      | carnet \s d['’] adresses | update \s your \s profile | refer \s a \s friend
    """,
    re.IGNORECASE | re.VERBOSE,
)
_HOUSE_LINKS = re.compile(
    r"unsubscri|opt-?out|desabonn|desinscri|uitschrij|abmeld|list-manage\d*\.com/(?:profile|about)"
    r"|/preferences|forward-to-friend|/subscription_?(?:center|preferences)|manage_?preferences",
    re.IGNORECASE,
)
_SOCIAL = re.compile(
    r"(?:^|\.)(?:facebook|twitter|x|instagram|linkedin|tiktok|pinterest|threads|whatsapp|flipboard)"
    r"\.(?:com|net)$|(?:^|\.)(?:t\.me|wa\.me|bsky\.app|fb\.me|lnkd\.in)$",
    re.IGNORECASE,
)
_HERE = re.compile(
    r"(?:cliquez?\s+)?(?:ici|l[àa])|(?:click\s+)?here|(?:klik\s+)?hier|(?:klicken\s+sie\s+)?hier"
    r"|(?:ce|this|dieser|deze)\s+(?:lien|link)|link|lien",
    re.IGNORECASE,
)
_LONGEST_HEADLINE = 500  # characters that are looked at: a hostile letter has megabytes
_MORE = re.compile(
    r"""[»>→\[(\s]* (?: (?: read | learn | find \s out | see | know ) \s (?: more | on | now | it
            | the \s (?: full \s )? (?: story | article | post ) ) .{0,15}
      | (?: en \s )? (?: lire | savoir ) \s plus \b .{0,40}
      | (?: lire | voir | en \s savoir | d[ée]couvrir | consulter ) \s (?: la \s suite | plus
            | l['’] (?: article | actualit[ée] ) (?: \s complet )? | davantage | le \s communiqu[ée]
            | le \s dossier ) .{0,15}
      | lees \s (?: meer | verder | het \s artikel ) .{0,15} | meer \s (?: info | lezen ) .{0,15}
      | (?: mehr | weiter ) \s? (?: lesen | erfahren | infos? | dazu ) .{0,15}
      | zum \s artikel | continue \s reading .{0,15} | full \s story | plus \s d['’] infos?.{0,15}
      ) [»>→\])….!\s]*""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Link:
    """A headline, the address that it leads to as given, and the words around it."""

    url: str
    title: str
    summary: str


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a newsletter's HTML says."""

    text: str
    online: str = ""  # where it can be read on the web; "" where it does not say
    links: tuple[Link, ...] = ()


def read(markup: str, base: str = "") -> Leaf:
    """The text and links of a newsletter; its own unsubscribe and profile lines are left out."""
    root = _tree(markup[:_LONGEST])
    _prune(root)
    base = _base(root) or base
    online = _online(root, base)
    _drop_housekeeping(root)
    links = tuple(_headlines(root, base, online))
    html = etree.tostring(root, encoding="unicode", method="html", with_tail=False)
    return Leaf(plain.paragraphs(html, TEXT), online, links)


def is_housekeeping(words: str, url: str) -> bool:
    """Whether a link serves the mailing itself: to leave the list, to share, to set it up."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return True
    return bool(_HOUSEKEEPING.search(words) or _HOUSE_LINKS.search(url) or _SOCIAL.search(host))


def is_headline(words: str, fewest: int = 4) -> bool:
    """Whether words are long enough to say what an article is about."""
    words = words[:_LONGEST_HEADLINE]
    letters = sum(character.isalpha() for character in words)
    return (
        letters >= 12
        and (len(words.split()) >= fewest or len(words) >= 25)
        and not _MORE.fullmatch(words)
        and not _ONLINE.search(words)
        and not words.lower().startswith(("http://", "https://", "www."))
    )


def _tree(markup: str) -> Any:
    """The document as libxml2 mends it, no deeper than its own limit."""
    parser = etree.HTMLParser(recover=True, encoding="utf-8")
    data = (markup.replace("\0", "").strip() or "<p></p>").encode("utf-8", "replace")
    root = etree.fromstring(data, parser)
    return etree.fromstring(b"<p></p>", parser) if root is None else root


def _prune(root: Any) -> None:
    """Take out what nobody sees: scripts, styles, comments, and what is styled away."""
    hidden = [
        element
        for element in root.iter()
        if not isinstance(element.tag, str)
        or element.tag in _DROPPED
        or element.get("hidden") is not None
        or _HIDDEN.search(element.get("style") or "")
    ]
    for element in hidden:
        _drop(element)


def _drop(element: Any) -> None:
    """Take the element out, and leave the text that follows it."""
    parent = element.getparent()
    if parent is None:
        return
    before = element.getprevious()
    if element.tail and before is not None:
        before.tail = (before.tail or "") + element.tail
    elif element.tail:
        parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def _base(root: Any) -> str:
    return next((absolute(base.get("href") or "", "") for base in root.iter("base")), "")


def _anchors(root: Any, base: str) -> Iterator[tuple[Any, str, str]]:
    """Each link to the web: its element, its address, its words (or its picture's)."""
    for anchor in islice(root.iter("a"), _MOST_ANCHORS):
        url = absolute(anchor.get("href") or "", base)
        if url:
            yield anchor, url, _words(anchor) or _picture(anchor)


def _words(element: Any, most: int = TITLE) -> str:
    """The element's text in one line, up to `most` characters, blocks set apart."""
    parts: list[str] = []
    length = 0
    for part in islice(_texts(element), _MOST_PIECES):
        parts.append(part)
        length += len(part.strip())
        if length > most:
            break
    return plain.cut(" ".join("".join(parts).split()), most)


def _texts(element: Any) -> Iterator[str]:
    """The element's text in its order, with a space wherever a block begins or ends."""
    for event, part in etree.iterwalk(element, events=("start", "end")):
        if part.tag in _BLOCKS or part.tag == "br":
            yield " "
        if event == "start":
            yield part.text or ""
        elif part is not element:
            yield part.tail or ""


def _picture(anchor: Any) -> str:
    return next((" ".join(image.get("alt", "").split()) for image in anchor.iter("img")), "")


def _block(element: Any) -> Any:
    """The nearest block around an element."""
    current = element.getparent()
    while current is not None and current.tag not in _BLOCKS:
        current = current.getparent()
    return current


def _line_of(anchor: Any, words: str) -> str:
    """The link's words; for a mere "here", those of the sentence that it stands in."""
    block = _block(anchor) if _HERE.fullmatch(words) else None
    line = _words(block, _SHORT + 1) if block is not None else ""
    return line if line and len(line) <= _SHORT else words


def _online(root: Any, base: str) -> str:
    for anchor, url, words in _anchors(root, base):
        line = _line_of(anchor, words)
        if len(line) <= _SHORT and _ONLINE.search(line) and not _HOUSE_LINKS.search(url):
            return url
    return ""


def _drop_housekeeping(root: Any) -> None:
    """Drop links that serve the mailing, with the short block that only leads to them."""
    doomed = []
    for anchor in islice(root.iter("a"), _MOST_ANCHORS):
        words = _words(anchor) or _picture(anchor)
        url = (anchor.get("href") or "").strip()
        line = _line_of(anchor, words)
        if is_housekeeping(line, url) or (len(line) <= _SHORT and _ONLINE.search(line)):
            block = _block(anchor)
            short = block is not None and len(_words(block, _SHORT + 1)) <= _SHORT
            alone = short and sum(1 for _ in block.iter("a")) <= 3
            doomed.append(block if alone and block.tag not in ("body", "html") else anchor)
    for element in doomed:
        _drop(element)


def _headlines(root: Any, base: str, online: str) -> Iterator[Link]:
    """One link for each address and each title, in the newsletter's order."""
    found: dict[str, tuple[Any, str]] = {}
    pictures: dict[str, tuple[Any, str]] = {}
    for anchor, url, words in _anchors(root, base):
        if url == online or url in found or is_housekeeping(words, url):
            continue
        fewest = 3 if _in_heading(anchor) else 4
        title = words if is_headline(words, fewest) and _leads(anchor) else ""
        if not title and _MORE.fullmatch(words):
            title = _heading_above(anchor)
        if title and _words(anchor):
            found[url] = (anchor, title)
        elif title:
            pictures.setdefault(url, (anchor, title))
    found = {**{url: at for url, at in pictures.items() if url not in found}, **found}
    heads = {anchor: url for url, (anchor, _) in found.items()}
    titles: set[str] = set()
    for anchor, title in list(found.values())[:MOST_LINKS]:
        if title.casefold() not in titles:
            titles.add(title.casefold())
            yield Link(heads[anchor], title, _around(anchor, title, heads))


def _leads(anchor: Any) -> bool:
    """Whether the link begins its block or is a heading, and is no aside within a sentence."""
    block = _block(anchor)
    if block is None or block.tag in _HEADS or any(True for _ in anchor.iter(*_HEADS)):
        return True
    before = 0
    for text in _before(block, anchor):
        before += sum(character.isalnum() for character in text)
        if before > 3:  # more than a bullet or a number
            return False
    return True


def _in_heading(anchor: Any) -> bool:
    """Whether the link is a heading, stands in one, or holds one."""
    if any(True for _ in anchor.iter(*_HEADINGS)):
        return True
    current = anchor.getparent()
    while current is not None and current.tag not in _BLOCKS | _HEADINGS:
        current = current.getparent()
    return current is not None and current.tag in _HEADINGS


def _before(block: Any, anchor: Any) -> Iterator[str]:
    """The text of a block on the line before a link, from the link backwards."""
    current = anchor
    while current is not None and current is not block:
        for before in islice(current.itersiblings(preceding=True), _FAR):
            yield before.tail or ""
            if before.tag == "br" or before.tag in _BLOCKS:
                return
            yield _words(before)
        current = current.getparent()
        if current is not None:
            yield current.text or ""


def _heading_above(anchor: Any) -> str:
    """The heading of the block that a "read more" ends, or ""."""
    current = anchor.getparent()
    for _ in range(_CLIMB):
        if current is None or len(_words(current, _AROUND * 2 + 1)) > _AROUND * 2:
            return ""
        headings = [_words(part) for part in islice(current.iter(*_HEADINGS), _FAR)]
        named = [words for words in headings if is_headline(words)]
        if named:
            return named[0] if len(named) == 1 else ""
        current = current.getparent()
    return ""


def _around(anchor: Any, title: str, heads: dict[Any, str]) -> str:
    """The words of the largest block around a headline that holds no other headline."""
    best = ""
    current = anchor.getparent()
    for _ in range(_CLIMB):
        if current is None:
            break
        others = islice(current.iter("a"), _FAR)
        if any(heads.get(other, heads[anchor]) != heads[anchor] for other in others):
            break
        words = _words(current, _AROUND + len(title) + 1)
        if len(words) > _AROUND + len(title):
            break
        best = words
        current = current.getparent()
    rest = best.replace(title, " ", 1)
    pieces = (piece for piece in re.split(r"\s{2,}|\n", rest) if not _MORE.fullmatch(piece.strip()))
    return _without_more(" ".join(" ".join(pieces).split()))


def _without_more(words: str) -> str:
    """The words without the "read more" at their end."""
    match = re.search(rf"\s*(?:{_MORE.pattern})$", words[-60:], _MORE.flags)
    return words[: len(words) - len(words[-60:]) + match.start()].rstrip() if match else words
