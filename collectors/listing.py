"""Finding the articles of a listing page by themselves. Pure.

A listing repeats itself: blocks of one shape, side by side, each with a headline that leads to a
page of the same site. Links are put in blocks, blocks of one shape in a group, and the groups that
look most like headlines are the list. Menus, footers and "most read" boxes are left out.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import sqrt
from urllib.parse import urlsplit

from collectors.items import absolute
from collectors.markup import Element, inside, names, select, words
from collectors.urls import canonical
from vigie import dates

LEAST_WORDS = 4  # of a headline
_LONGEST = 300  # characters of a headline
_MOST_LINKS = 5_000
_MOST_BLOCKS = 1_000
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_AWAY = frozenset({"nav", "footer", "form", "select", "button", "dialog"})
_ROLES = frozenset({"navigation", "contentinfo", "search", "menu", "menubar", "dialog", "banner"})
_AWAY_NAMES = re.compile(
    r"""(?:^|[\s_-])(?:nav(?:bar|igation)?|menus?|footer|pied(?:-de-page)?|breadcrumbs?|fil-ariane|ariane
    |kruimel(?:pad)?|brotkrumen|cookies?|consent|social|share|partage|skip|langu?ages?|lang-switch
    |pagination|pager|login|toolbar|legal|mentions)(?:$|[\s_-])""",
    re.IGNORECASE | re.VERBOSE,
)
_BESIDE_NAMES = re.compile(
    r"""(?:^|[\s_-])(?:sidebar|aside|related|most-?(?:read|viewed|popular)|popular|trending|plus-lus|meest-?gelezen
    |meistgelesen|a-lire|lees-?ook|promo|sponsor\w*|advert\w*|pub|banner|partners?|partenaires?
    |widget|tags?|tagcloud|newsletter)(?:$|[\s_-])""",
    re.IGNORECASE | re.VERBOSE,
)
_MORE_WORDS = r"""(?:
    lire\s(?:la\s)?(?:suite|plus|l['’]article)|en\ssavoir\splus|voir\s(?:plus|tout)
  | lees\s(?:meer|verder)|meer\slezen|naar\shet\sartikel
  | mehr\s(?:lesen|erfahren|dazu)|weiter\s?lesen|zum\sartikel
  | read\s(?:more|the|on)|learn\smore|continue\sreading|find\sout\smore|more\sabout
)"""
_MORE = re.compile(rf"^{_MORE_WORDS}", re.IGNORECASE | re.VERBOSE)
_MORE_AT_END = re.compile(rf"\s*{_MORE_WORDS}[\s»›→>.…]*$", re.IGNORECASE | re.VERBOSE)
_DATED = re.compile(r"date|time|publi|datum|posted|when|jour\b", re.IGNORECASE)
_SUMMARY = re.compile(
    r"summary|excerpt|chapo|chapeau|teaser|intro|description|desc\b|lead\b|resume|accroche|standfirst",
    re.IGNORECASE,
)
_ARTICLE_PATH = re.compile(r"/(?:19|20)\d{2}[/-]|\d{4,}|(?:[a-z0-9%]+-){3,}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One article as a listing shows it."""

    url: str
    title: str
    summary: str = ""
    published: datetime | None = None
    image: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """What reading a listing needs to know of the page."""

    base: str
    at: datetime
    language: str = ""


@dataclass(slots=True)
class _Block:
    """The part of a page that is about one article."""

    element: Element
    entry: Entry
    in_heading: bool
    beside: bool
    shape: tuple[str, ...] = ()

    @property
    def worth(self) -> float:
        """How much it looks like an article's headline."""
        count = len(self.entry.title.split())
        return (
            (1.0 if 5 <= count <= 30 else 0.4)
            + (1.0 if self.in_heading else 0.0)
            + (1.2 if self.entry.published else 0.0)
            + (0.6 if self.entry.summary else 0.0)
            + (0.8 if _ARTICLE_PATH.search(urlsplit(self.entry.url).path) else 0.0)
            - (2.0 if self.beside else 0.0)
        )


@dataclass(slots=True)
class _Group:
    blocks: list[_Block] = field(default_factory=list)

    @property
    def worth(self) -> float:
        return sum(block.worth for block in self.blocks) / len(self.blocks)

    @property
    def weight(self) -> float:
        """What speaks for it as the list: worth, and how often it repeats itself."""
        return self.worth * sqrt(min(len(self.blocks), 12))


def find(root: Element, setting: Setting) -> list[Entry]:
    """The articles that the page lists, in its order; empty where it lists none."""
    links = _headlines(root, setting)
    blocks = _blocks(links, setting)
    groups: dict[tuple[str, ...], _Group] = defaultdict(_Group)
    for block in blocks:
        groups[block.shape].blocks.append(block)
    chosen = _chosen(list(groups.values()))
    kept = {id(block) for group in chosen for block in group.blocks}
    return [block.entry for block in blocks if id(block) in kept]


def _chosen(groups: Sequence[_Group]) -> list[_Group]:
    """The best group, and those that are of its quality: a lead story, a second column."""
    lists = [group for group in groups if len(group.blocks) >= 3 and group.worth >= 1.2]
    if not lists:  # a short list is one only where it is plain that these are articles
        lists = [group for group in groups if len(group.blocks) == 2 and group.worth >= 2.8]
    best = max(lists, key=lambda group: group.weight, default=None)
    if best is None:
        return []
    dated = sum(1 for block in best.blocks if block.entry.published) / len(best.blocks)
    return [
        group
        for group in groups
        if group is best
        or (
            group.worth >= 0.8 * best.worth
            and (dated < 0.6 or all(block.entry.published for block in group.blocks))
            and (len(group.blocks) >= 3 or group.worth >= 2.6)
        )
    ]


# ------------------------------------------------------------------------------ links and blocks


def _headlines(root: Element, setting: Setting) -> dict[str, list[Element]]:
    """The links that may lead to articles: by canonical address, in the page's order."""
    here = canonical(setting.base)
    found: dict[str, list[Element]] = defaultdict(list)
    for count, link in enumerate(root.iter("a")):
        if count == _MOST_LINKS:
            break
        address = absolute(link.get("href", ""), setting.base)
        if not address or not same_site(address, setting.base):
            continue
        key = canonical(address)
        if key != here and urlsplit(key).path != "/" and not _is_away(link):
            found[key].append(link)
    return {key: links for key, links in found.items() if any(_is_headline(x) for x in links)}


def _is_headline(link: Element) -> bool:
    text = _title_of(link)
    return len(text.split()) >= LEAST_WORDS and len(text) <= _LONGEST and not _MORE.match(text)


def _title_of(link: Element) -> str:
    """A link's headline: the heading in it or around it, else its own words."""
    for heading in link.iter(*_HEADINGS):
        text = words(heading, _LONGEST + 1)
        if text:
            return text
    own = words(link, _LONGEST + 1)
    if not own or _MORE.match(own):
        return " ".join((link.get("title") or link.get("aria-label") or "").split())
    return own


def same_site(url: str, base: str) -> bool:
    """Whether two addresses are of one site: the same host, or one below the other."""
    one, other = (
        (urlsplit(address).hostname or "").removeprefix("www.") for address in (url, base)
    )
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


def _is_away(link: Element) -> bool:
    """Whether a link stands in a menu, a footer, a form or the like."""
    for around in (link, *inside(link)):
        if around.tag in ("main", "article", "body"):
            return False
        if around.tag in _AWAY or around.get("role", "").lower() in _ROLES:
            return True
        if _AWAY_NAMES.search(f"{around.get('class', '')} {around.get('id', '')}"):
            return True
    return False


def _is_beside(element: Element) -> bool:
    for around in (element, *inside(element)):
        if around.tag in ("main", "body"):
            return False
        if around.tag == "aside" or _BESIDE_NAMES.search(names(around)):
            return True
    return False


def _blocks(links: dict[str, list[Element]], setting: Setting) -> list[_Block]:
    """The block of each address: the largest part of the page that leads to no other headline."""
    owners: dict[Element, set[str]] = defaultdict(set)
    for key, group in links.items():
        for link in group:
            for around in (link, *inside(link)):
                owners[around].add(key)
    blocks: list[_Block] = []
    for group in links.values():
        if len(blocks) == _MOST_BLOCKS:
            break
        candidates = [_block(link, owners, setting) for link in group if _is_headline(link)]
        blocks.append(max(candidates, key=lambda block: block.worth))
    return blocks


def grown(element: Element, owners: dict[Element, set[str]]) -> Element:
    """The largest element around one that belongs to no other article."""
    block = element
    for around in inside(element):
        if len(owners[around]) > 1 or around.tag in ("body", "html", "main"):
            break
        block = around
    return block


def _block(link: Element, owners: dict[Element, set[str]], setting: Setting) -> _Block:
    block = grown(link, owners)
    url = absolute(link.get("href", ""), setting.base)
    title = _title_of(link)
    heading = next(link.iter(*_HEADINGS), None) is not None
    heading = heading or any(around.tag in _HEADINGS for around in inside(link))
    return _Block(
        block,
        described(block, Entry(url, title), setting),
        in_heading=heading,
        beside=_is_beside(block),
        shape=_shape(block, link),
    )


def _shape(block: Element, link: Element) -> tuple[str, ...]:
    """What blocks of one list have in common: where they hang, and what leads to their link."""
    above = [_named(around) for around in list(inside(block))[:4]]
    below = []
    for around in (link, *inside(link)):
        below.append(str(around.tag))
        if around is block:
            break
    return (*reversed(above), "/", *reversed(below))


def _named(element: Element) -> str:
    """Tag and first class, without numbers."""
    first = (element.get("class") or "").split()[:1]
    return f"{element.tag}.{re.sub(r'[0-9]+', '', first[0]) if first else ''}"


# ------------------------------------------------------------------------------ within a block


def described(block: Element, entry: Entry, setting: Setting) -> Entry:
    """The entry with the date, the paragraph and the picture of its block, where these are."""
    return Entry(
        entry.url,
        entry.title,
        entry.summary or summary(block, entry.title),
        entry.published or date(block, entry.title, setting),
        entry.image or image(block, setting.base),
    )


def date(block: Element, title: str, setting: Setting) -> datetime | None:
    """A block's date: a <time>, else what is named as a date, else a date in its other words."""
    for element in block.iter("time"):
        for text in (element.get("datetime", ""), words(element)):
            moment = dates.find(text, setting.at, setting.language)
            if moment:
                return moment
    for element in block.iter():
        if isinstance(element.tag, str) and _DATED.search(names(element)):
            said = element.get("content") or words(element, 200)
            moment = dates.find(said, setting.at, setting.language)
            if moment:
                return moment
    text = words(block, 1_500).replace(title, " ", 1)
    paragraph = summary(block, title)
    return dates.find(text.replace(paragraph, " ", 1), setting.at, setting.language)


def summary(block: Element, title: str) -> str:
    """The block's longest paragraph that is neither its headline nor a date, or ""."""
    best = ""
    for element in block.iter("p", "div", "span", "dd"):
        if element.tag != "p" and not _SUMMARY.search(names(element)):
            continue
        text = _MORE_AT_END.sub("", words(element))
        if len(text) > len(best) and len(text.split()) >= 6 and not _repeats(text, title):
            best = text
    return best


def _repeats(text: str, title: str) -> bool:
    return title in text or text in title or dates.is_date(text)


def image(block: Element, base: str) -> str:
    """The address of the block's first picture, or ""."""
    for element in block.iter("img"):
        for name in ("src", "data-src", "data-lazy-src"):
            found = absolute(element.get(name, ""), base)
            if found:
                return found
    return ""


def at_selector(
    root: Element, css: str, setting: Setting, title: str | None, dated: str | None
) -> Iterable[Entry]:
    """The articles at the places that a coordinator has named."""
    places = select(root, css)[:_MOST_BLOCKS]
    pairs = [(place, _link_of(place)) for place in places]
    owners: dict[Element, set[str]] = defaultdict(set)
    for number, (place, _) in enumerate(pairs):
        for around in (place, *inside(place)):
            owners[around].add(str(number))
    for place, link in pairs:
        url = absolute(link.get("href", ""), setting.base) if link is not None else ""
        if not url:
            continue
        block = grown(place, owners)
        named = [words(found, _LONGEST) for found in select(block, title)] if title else []
        heading = [words(found, _LONGEST) for found in block.iter(*_HEADINGS)]
        text = next(filter(None, [*named, _title_of(link), *heading]), "")
        moment = None
        for found in select(block, dated) if dated else ():
            said = found.get("datetime") or found.get("content") or words(found)
            moment = moment or dates.find(said, setting.at, setting.language)
        yield described(block, Entry(url, text, published=moment), setting)


def _link_of(place: Element) -> Element | None:
    """The place's own link: itself, the one around it, or the first in it, headlines before."""
    if place.tag == "a":
        return place
    inner = [link for link in place.iter("a") if link.get("href")]
    headlines = [link for link in inner if _is_headline(link)]
    around = [element for element in inside(place) if element.tag == "a"]
    return next(iter([*headlines, *inner, *around]), None)
