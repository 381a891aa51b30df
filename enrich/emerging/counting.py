"""What is counted: units, and the texts that speak of them, day by day. Pure.

* A *text* is a near-duplicate group, counted once, on the day and for the publisher that had it
  first; what bears the very title of another counts as the same text.
* A *unit* is a name, a pair of words of a title, a story, or a theme in a territory.
* A publisher is a domain. Of one unit it has at most `MOST_OF_ONE` texts a day, whatever it prints.
* A publisher's day weighs at most `SURGE` times its usual one: an archive that is printed again
  does not make the day look large.
* A source's texts count from a day before it was first asked, and not yet while it has been asked
  for less than `WATCHED`: what a new feed brings with it is no news of the day.
* Days are spans of 24 hours that end now. A date ahead of now is a wrong one, and not counted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from statistics import median

from enrich.emerging.chance import DISCOUNT
from enrich.grouping.likeness import publisher_at
from enrich.words import content_words, fold_long
from vigie.model import EmergingItem, EmergingKind, SourceId

DAY = timedelta(days=1)
MOST_OF_ONE = 3  # texts of one publisher, a day and unit
SURGE = 3.0  # times a publisher's usual day
WATCHED = 2 * DAY
_APART = 2  # places between two words of a pair, at most
_NUTS = 4  # characters of a code of level 2
_TITLE = 300  # characters of a title that are looked at

Unit = tuple[EmergingKind, str]


@dataclass(frozen=True, slots=True)
class Hit:
    """One text that speaks of a unit."""

    day: int  # 0 is the last 24 hours
    publisher: str
    item: EmergingItem


@dataclass(slots=True)
class Tally:
    """What was counted: volumes by day and publisher, stories by day, texts of the wanted units."""

    days: int
    volume: dict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    hits: dict[Unit, list[Hit]] = field(default_factory=lambda: defaultdict(list))
    carried: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    articles: int = 0  # that were looked at

    def exposures(self, leave_out: str = "") -> list[float]:
        """By day, the number of texts, surges cut."""
        usual = self._usual()
        return [
            sum(
                min(float(count), SURGE * usual[publisher])
                for publisher, count in self.volume[day].items()
                if publisher != leave_out
            )
            for day in range(self.days)
        ]

    def _usual(self) -> dict[str, float]:
        """Each publisher's median day, of those on which it printed at all."""
        by_publisher: dict[str, list[int]] = defaultdict(list)
        for day in range(self.days):
            for publisher, count in self.volume[day].items():
                by_publisher[publisher].append(count)
        return {publisher: float(median(counts)) for publisher, counts in by_publisher.items()}


def units(item: EmergingItem) -> Iterator[Unit]:
    """What an article speaks of, each once."""
    for entity in dict.fromkeys(item.entities):
        yield EmergingKind.ENTITY, entity
    for pair in pairs(item.title):
        yield EmergingKind.PHRASE, pair
    if item.story:
        yield EmergingKind.STORY, item.story
    around = dict.fromkeys(code[:_NUTS] for code in item.territories if len(code) >= _NUTS)
    for theme in item.themes:
        for code in around:
            yield EmergingKind.CROSSING, f"{theme}@{code}"


@lru_cache(maxsize=32_768)
def pairs(title: str) -> tuple[str, ...]:
    """Pairs of content words that stand near each other in a title, in alphabetical order."""
    words = [word for word in content_words(title[:_TITLE]) if not word[0].isdigit()]
    found = {
        f"{word}+{other}" if word < other else f"{other}+{word}": None
        for place, word in enumerate(words)
        for other in words[place + 1 : place + 1 + _APART]
        if word != other
    }
    return tuple(found)


publisher = lru_cache(maxsize=32_768)(publisher_at)


def count(
    items: Iterable[EmergingItem],
    watched: Mapping[SourceId, datetime],
    now: datetime,
    days: int,
    wanted: Set[Unit],
) -> Tally:
    """Count the texts of `items`, which come in order of publication.

    `watched`: since when each source is asked. Only the hits of `wanted` are kept.
    """
    tally = Tally(days)
    groups: set[int] = set()
    titles: set[str] = set()
    for item in items:
        since = watched.get(item.source, now)
        age = now - item.published
        if age < timedelta(0) or age >= days * DAY:
            continue
        tally.articles += 1
        if item.published < since - DAY or since > now - WATCHED:
            continue
        house = publisher(item.address, item.source)
        tally.carried[item.group].add(house)
        title = fold_long(item.title[:_TITLE]).strip()
        if item.group in groups or title in titles:
            continue
        groups.add(item.group)
        titles.add(title)
        day = age // DAY
        tally.volume[day][house] += 1
        for unit in units(item):
            if unit in wanted:
                tally.hits[unit].append(Hit(day, house, item))
    return tally


def by_day(hits: Iterable[Hit], days: int, leave_out: str = "") -> list[int]:
    """How many texts count on each day: of one publisher at most `MOST_OF_ONE`."""
    each: Counter[tuple[int, str]] = Counter(
        (hit.day, hit.publisher) for hit in hits if hit.publisher != leave_out
    )
    found = [0] * days
    for (day, _), number in each.items():
        found[day] += min(number, MOST_OF_ONE)
    return found


def discounted(values: Sequence[float], start: int) -> float:
    """The sum of the days from `start` on, older ones counting less."""
    return sum(
        value * DISCOUNT ** (day - start) for day, value in enumerate(values) if day >= start
    )
