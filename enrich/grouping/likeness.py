"""An item as grouping compares it, and what can set two alike texts apart. Pure, without state."""

from __future__ import annotations

import marshal
import re
from collections.abc import Iterable, Set
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple
from urllib.parse import urlsplit
from zlib import crc32

from enrich.numerals import numbers_folded
from enrich.words import (
    STOP,
    WORD,
    content,
    content_words,
    contents,
    fold_long,
    names,
    without_controls,
)
from vigie.model import GroupingItem

_MAX_LEAD = 2_000  # characters; a lead is a title and a summary
_LEAD_WORDS = 8  # content words of a lead from which on it can show a dispatch re-titled
LEAD_CONTAINED = 0.7  # and how much of the shorter text the longer one must have
LEAD_TRIPLES = 0.45
_LEAD_SAME = 0.6  # and how many triples, where a title is strange to the other text
_LEAD_PROPER = 4  # names and numbers in common that make up for titles strange to the leads
_LEAD_TITLE = 0.3  # and how much of each title the other text must know
_WIRE_WORDS = 6  # content words from which on a title is a dispatch's, not a rubric's
_WIRE_CONTAINED, WIRE_SHARED = 0.85, 0.75  # of the shorter title; of all words of both
_ASKS = re.compile(
    r"\?|\b(?:pourquoi|comment|quel(?:le)?s?|ce qu\S*|waarom|hoe|welke?|wat|warum|wieso|welche[rs]?"
    r"|was|why|how|which|what)\b"
)
_ARTICLE_NUMBER = re.compile(r"\d{8,}")
_DATE = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])")  # a day's, not an article's
_PLAIN_HOST = re.compile(r"^(?:www|m|amp|mobile)\.")
_MONTHS = (
    "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre "
    "januari februari maart mei juni juli augustus oktober december "
    "januar februar marz juni juli august dezember "
    "january february march april may june july august september october november"
)
_DAYS = (
    "lundi mardi mercredi jeudi vendredi samedi dimanche jour demain soir "
    "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag dag morgen vandaag "
    "montag dienstag mittwoch donnerstag freitag samstag sonntag tag heute "
    "monday tuesday wednesday thursday friday saturday sunday day today tomorrow"
)
_CALENDAR = frozenset(f"{_MONTHS} {_DAYS}".split())
_CALENDAR_PAGE = re.compile(
    rf"\b(?:(?:{'|'.join(_MONTHS.split())}) (?:19|20)\d\d"
    r"|du jour|de demain|van de dag|van morgen|des tages|of the day)\b"
)
_CALENDAR_PARTS = (" 19", " 20", "jour", "demain", "dag", "morgen", "tages", "day")  # one it has
_SHARED_DOMAINS = frozenset(
    ["gouv", "gov", "fgov", "belgium", "europa", "ac", "co", "com", "edu", "net", "org", "asso"]
)
_SPACED = re.compile(r"[^\W_]+")
_MARK = re.compile(r"\s[-–—|]\s|\s?[:|]\s")
_MARKS = "-–—|:"  # one of which it has
_SENTENCE = re.compile(r"[.!?…]\s+|\n+")
_EDGES = " \t.,;:!?…\"'«»()[]-–—|>"  # which do not make a sentence another one


class _Prepared(NamedTuple):
    """What is kept of a profile: the rest can be told from it."""

    item: GroupingItem
    at: float  # seconds since 1970, UTC
    address: str  # `address_key`
    publisher: str  # whose phrases they are: several sources may be one publisher's
    title: str  # folded, words separated by one space
    kicker: tuple[str, ...]  # the title up to its first colon or dash, folded
    calendar: bool  # the title is a page of a calendar's
    title_list: tuple[str, ...]  # its content words
    title_numbers: frozenset[str]
    title_names: frozenset[str]
    body_order: tuple[str, ...]  # content words of the lead after the title, as they stand
    sentences: frozenset[int]  # of each of the lead's sentences after the title, its CRC-32
    numbers: frozenset[str]
    names: frozenset[str]
    furniture: frozenset[str]  # words of the lead that were left out


class Profile(_Prepared):
    """An item's words, prepared once."""

    @cached_property
    def dated(self) -> bool:
        """Whether the kicker has a figure."""
        return any(map(str.isdigit, "".join(self.kicker)))

    @cached_property
    def title_words(self) -> frozenset[str]:
        return frozenset(self.title_list)

    @property
    def plain_names(self) -> frozenset[str]:
        """The title's words that are names there, and that texts know by no other spelling."""
        plain = [
            name if name[-1] not in "sx" else word
            for name in self.title_names
            if (word := name.rstrip("sx")) == content(name)
        ]
        return self.title_words.intersection(plain)

    @cached_property
    def title_order(self) -> tuple[str, ...]:
        """The title's content words as they stand, without numbers."""
        return tuple([word for word in self.title_list if not word[0].isdigit()])

    @cached_property
    def words(self) -> frozenset[str]:
        """Content words of title and lead."""
        return frozenset(self.title_list + self.body_order)

    @cached_property
    def body_words(self) -> frozenset[str]:
        return frozenset(self.body_order)


@dataclass(frozen=True, slots=True)
class Said:
    """What of an item its source may say under everything."""

    publisher: str
    title: str  # as in `Profile`, and so are the others
    body_order: tuple[str, ...]
    sentences: frozenset[int]


def said(item: GroupingItem) -> Said:
    """That part of a profile, for less."""
    title, body = _texts(item)
    folded = fold_long(body)
    order = tuple(contents(WORD.findall(folded)))
    return Said(publisher_of(item), _spaced(fold_long(title)), order, _sentences(folded))


def profile(item: GroupingItem, furniture: frozenset[str] = frozenset()) -> Profile:
    """Prepare an item for comparison. Any text is accepted, empty ones too.

    `furniture`: words of the lead that its source puts under everything; they do not count.
    """
    title, body = _texts(item)
    title_folded, body_folded = fold_long(title), fold_long(body)
    title_all, body_all = WORD.findall(title_folded), WORD.findall(body_folded)
    title_list, body_list = contents(title_all), contents(body_all)
    title_names = names(title)
    title_numbers = numbers_folded(title_folded, title_all)
    mark = _MARK.search(title) if any(map(title.__contains__, _MARKS)) else None
    spaced = _spaced(title_folded)
    kicker = _spaced(fold_long(title[: mark.start()])) if mark else ""
    found = Profile(
        item=item,
        at=item.published.timestamp(),
        address=address_key(item.address),
        publisher=publisher_of(item),
        title=spaced,
        kicker=tuple(kicker.split()),
        calendar=_is_calendar(spaced),
        title_list=tuple(title_list),
        title_numbers=title_numbers,
        title_names=title_names,
        body_order=tuple(body_list),
        sentences=_sentences(body_folded),
        numbers=title_numbers | numbers_folded(body_folded, body_all),
        names=title_names | names(body),
        furniture=frozenset(),
    )
    return without(found, furniture) if furniture else found


def packed(found: Profile) -> bytes:
    """A profile without its item, in a tenth of the room; for this process alone."""
    return marshal.dumps(found[1:])


def unpacked(item: GroupingItem, data: bytes) -> Profile:
    """What was packed, in a tenth of the time that `profile` takes."""
    return Profile(item, *marshal.loads(data))  # noqa: S302 (its own bytes)


def without(found: Profile, furniture: frozenset[str]) -> Profile:
    """The same item as `profile(item, furniture)` prepares it."""
    return found._replace(
        body_order=tuple([word for word in found.body_order if word not in furniture]),
        furniture=furniture,
        names=(found.title_names | found.names) - furniture,
    )


def other_numbers(one: Profile, other: Profile) -> str:
    """Numbers that each text has and the other lacks, in words; "" for none.

    A new toll, another day, another draw. A number that only one text gives sets nothing apart,
    for texts are cut.
    """
    mine, theirs = one.title_numbers - other.numbers, other.title_numbers - one.numbers
    if not (mine and theirs):
        mine, theirs = one.numbers - other.numbers, other.numbers - one.numbers
    if mine and theirs:
        return f"the numbers differ ({listed(mine)} / {listed(theirs)})"
    return ""


def other_names(one: Profile, other: Profile) -> str:
    """Names in each title that the other text lacks, in words; "" for none.

    Another town, another sign, another speaker.
    """
    mine, theirs = one.title_names - other.words, other.title_names - one.words
    if not (mine and theirs):
        return ""
    mine, theirs = spelt_apart(mine, other.words), spelt_apart(theirs, one.words)
    if mine and theirs:
        return f"the titles name others ({listed(mine)} / {listed(theirs)})"
    return ""


def series(one: Profile, other: Profile) -> str:
    """Why two titles are two numbers of a series: another sign, another guest, another town; or "".

    * In one source, one content word put for another and nothing else changed but numbers (where
      only numbers change it is the same story: a new toll).
    * A kicker with one word put for another ("Météo Var: ", "Météo Rhône: ").
    * In one source, pages of a calendar ("of the day", "of tomorrow", or a date with its year,
      which news leaves out) where each title has a word or a number that the other lacks.
    * In one source, a dated kicker ("JT du 29 janvier - ") over titles without a common word.
    """
    if one.title == other.title:
        return ""
    changed = _replaced(one.kicker, other.kicker)
    if not changed and one.publisher != other.publisher:
        return ""
    if changed := changed or _replaced(one.title_order, other.title_order):
        return f"a series ({changed[0]} / {changed[1]})"
    if _calendar(one, other):
        return "a series (pages of a calendar)"
    if _dated_kicker(one, other):
        return f"a series ({' '.join(one.kicker)})"
    return ""


def _is_calendar(title: str) -> bool:
    """Whether a folded title is a page of a calendar's; looked at closely where it may be."""
    if not any(map(title.__contains__, _CALENDAR_PARTS)):
        return False
    return _CALENDAR_PAGE.search(title) is not None


def _dated_kicker(one: Profile, other: Profile) -> bool:
    if not one.dated or one.kicker != other.kicker:
        return False
    kicker = frozenset(content_words(" ".join(one.kicker)))
    return not (one.title_words - kicker) & (other.title_words - kicker)


def _calendar(one: Profile, other: Profile) -> bool:
    if not (one.calendar and other.calendar):
        return False
    if one.title_numbers - other.title_numbers and other.title_numbers - one.title_numbers:
        return True  # of another day
    mine = {word for word in one.title_words - other.title_words if not word[0].isdigit()}
    theirs = {word for word in other.title_words - one.title_words if not word[0].isdigit()}
    return bool(mine - _CALENDAR) and bool(theirs - _CALENDAR)


def _replaced(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, str] | None:
    """The one word that stands for another, where two rows of two words and more differ in one."""
    if len(one) != len(other) or len(one) < 2:
        return None
    if one[0] != other[0] and one[-1] != other[-1]:
        return None
    changed = [pair for pair in zip(one, other, strict=True) if pair[0] != pair[1]]
    if len(changed) != 1 or any(word in STOP or word[0].isdigit() for word in changed[0]):
        return None
    return changed[0]


def syndicated(found: Profile, other: Profile, contained: float, text: float) -> bool:
    """Whether two sources give one dispatch under titles of their own: the leads are the same.

    Within one source, or where each text knows nothing of the other's title and the lead names
    next to nothing, it is rather a description that stands under several matters.
    """
    if contained < LEAD_CONTAINED or text < LEAD_TRIPLES:
        return False
    if found.publisher == other.publisher:
        return False
    if min(len(found.body_words), len(other.body_words)) < _LEAD_WORDS:
        return False
    pairs = ((found.title_words, other.words), (other.title_words, found.words))
    known = sum(len(title & words) >= _LEAD_TITLE * len(title) for title, words in pairs)
    proper = len(found.names & other.names) + len(found.numbers & other.numbers)
    if known == 2:
        return True
    return text >= _LEAD_SAME and (proper >= 2 if known else proper >= _LEAD_PROPER)


def wire(one: Profile, other: Profile) -> float:
    """How much two publishers' titles share where they are one wire title, else 0.

    Nearly word for word, with a name or a number in common and no number set against another. What
    explains ("pourquoi", a question) is not what tells.
    """
    if one.publisher == other.publisher or one.title == other.title:
        return 0.0
    mine, theirs = one.title_words, other.title_words
    common, smaller = len(mine & theirs), min(len(mine), len(theirs))
    if smaller < _WIRE_WORDS or common < _WIRE_CONTAINED * smaller:
        return 0.0
    if one.title_numbers - other.numbers and other.title_numbers - one.numbers:
        return 0.0
    if not (one.title_names & other.title_names or one.title_numbers & other.title_numbers):
        return 0.0
    share = common / len(mine | theirs)
    if share < WIRE_SHARED or series(one, other) or other_names(one, other):
        return 0.0
    return share if _says(one) and _says(other) else 0.0


def _says(one: Profile) -> bool:
    return not _ASKS.search(fold_long(one.item.title))


def address_key(address: str) -> str:
    """Host and article number where the path has one of eight digits or more, else host and path.

    Publishers change the words of an address with the title and keep the number.
    """
    if not address:
        return ""
    parts = urlsplit(address)
    host = _PLAIN_HOST.sub("", parts.netloc.lower())
    numbers = [one for one in _ARTICLE_NUMBER.findall(parts.path) if not _DATE.fullmatch(one)]
    if numbers:
        return f"{host} {max(numbers, key=len)}"
    path = parts.path.rstrip("/")
    return f"{host}{path}?{parts.query}" if path else ""


def publisher_of(item: GroupingItem) -> str:
    """The domain of its address, or its source where it has none.

    "sport.paper.example" and "www.paper.example" are one publisher; under "gouv.fr", "co.uk" and
    the like each name is one.
    """
    return publisher_at(item.address, item.source)


def publisher_at(address: str, source: str) -> str:
    """`publisher_of` an address and a source alone."""
    host = urlsplit(address).netloc.lower().split(":")[0] if address else ""
    labels = host.split(".")
    if len(labels) < 2 or labels[-1].isdigit():  # a machine's name or number
        return source
    return ".".join(labels[-3 if labels[-2] in _SHARED_DOMAINS else -2 :])


def shared_share(one: Set[object], other: Set[object]) -> float:
    """The share of the smaller set that the larger has, 0 where one is empty."""
    smaller = min(len(one), len(other))
    return len(one & other) / smaller if smaller else 0.0


def listed(words: Iterable[str]) -> str:
    """At most three words, in one order."""
    return ", ".join(sorted(words)[:3])


def spelt_apart(found: frozenset[str], words: frozenset[str]) -> frozenset[str]:
    """Names without those that the words have in the plural or the singular."""
    return frozenset([name for name in found if name.rstrip("sx") not in words])


def _texts(item: GroupingItem) -> tuple[str, str]:
    """Title and lead without the title."""
    title = without_controls(item.title[:_MAX_LEAD])
    lead = without_controls(item.lead[:_MAX_LEAD])
    return title, lead.removeprefix(title)


def _sentences(folded: str) -> frozenset[int]:
    said = [one.strip(_EDGES) for one in _SENTENCE.split(folded)]
    return frozenset([crc32(one.encode()) for one in said if one])


def _spaced(folded: str) -> str:
    return " ".join(_SPACED.findall(folded))
