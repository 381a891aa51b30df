"""Which units rise: more texts than their past allows, of several publishers. Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from enrich.emerging import chance
from enrich.emerging.counting import (
    DAY,
    Hit,
    Tally,
    Unit,
    by_day,
    count,
    discounted,
    publisher,
    units,
)
from enrich.words import content_words
from vigie.model import EmergingItem, EmergingKind, SourceId
from vigie.schema import Emergence

SPANS = (1, 7)  # days that are compared with what was before
PAST = 2.0  # times the span that there must be of past, in texts
_WITHOUT_ONE = 1e-2  # the chance that must hold without the publisher that says most
_STILL = 0.01  # the chance at which what was told goes on, with a text of the last day
_COMMON = 2  # words of two titles that speak of one matter
_COMPARED = 60  # texts of a rise, the earliest
_NO_PAST = "no past to compare with yet"


@dataclass(frozen=True, slots=True)
class Rise:
    """A unit that rises, over the span in which it does so most."""

    unit: Unit
    span: int  # days
    texts: int
    expected: float
    chance: float
    threshold: float  # the chance below which it counts
    publishers: int
    active: int  # publishers that printed anything in the span
    carried: int  # publishers that carried one of the texts, copies included
    before: int  # texts in the same span before
    hits: tuple[Hit, ...]  # of the span, in order of publication

    @property
    def score(self) -> float:
        """Minus the decimal logarithm of the chance."""
        return round(-math.log10(self.chance), 2)


@dataclass(frozen=True, slots=True)
class Looked:
    """What one look found."""

    rises: tuple[Rise, ...]
    articles: int
    past_days: float  # of the shortest span
    tested: int
    said: str = ""  # why bursts were not looked for


def look(
    items: Sequence[EmergingItem],
    watched: Mapping[SourceId, datetime],
    now: datetime,
    settings: Emergence,
    lasting: Set[Unit] = frozenset(),
) -> Looked:
    """Look at a window's items, in order of publication. `lasting`: units told before."""
    days = settings.past_days
    enough = candidates(items, now, settings.min_sources)
    tally = count(items, watched, now, days, set().union(*enough.values()) | lasting)
    exposures = tally.exposures()
    past = _past_days(exposures, 1)
    if past < PAST:
        return Looked((), tally.articles, past, 0, _NO_PAST)
    best: dict[Unit, Rise] = {}
    allowed = [span for span in SPANS if _past_days(exposures, span) >= PAST]
    work = _Look(tally, exposures, settings, _elsewhere(items, now))
    for span in allowed:
        least = chance.threshold(
            settings.false_alarms_per_month / len(allowed),
            settings.looks_a_day,
            len(enough[span]),
        )
        for unit in sorted(tally.hits):
            rise = work.rise(unit, span, least, told=unit in lasting)
            if rise and (unit not in best or rise.chance < best[unit].chance):
                best[unit] = rise
    rises = sorted(best.values(), key=lambda rise: (rise.chance, rise.unit))
    tested = sum(len(enough[span]) for span in allowed)
    return Looked(tuple(rises), tally.articles, past, tested)


def candidates(
    items: Iterable[EmergingItem], now: datetime, min_sources: int
) -> dict[int, set[Unit]]:
    """By span, the units that enough publishers speak of: those that are tested."""
    seen: dict[int, dict[Unit, set[str]]] = {span: defaultdict(set) for span in SPANS}
    for item in items:
        age = (now - item.published) / DAY
        if not 0 <= age < max(SPANS):
            continue
        house, spoken_of = publisher(item.address, item.source), list(units(item))
        for span in SPANS:
            if age < span:
                for unit in spoken_of:
                    seen[span][unit].add(house)
    return {
        span: {unit for unit, publishers in each.items() if len(publishers) >= min_sources}
        for span, each in seen.items()
    }


def of_one_matter(hits: Sequence[Hit]) -> bool:
    """Whether more than half of the texts speak of what another publisher's text speaks of.

    That is: in one story, or with `_COMMON` words of their titles in common. A county that is named
    in an accident, a recipe and a survey on one day does not rise.
    """
    some = hits[:_COMPARED]
    words = [frozenset(content_words(hit.item.title)) for hit in some]
    linked = sum(
        any(
            one.publisher != other.publisher
            and (one.item.story == other.item.story or len(words[at] & words[place]) >= _COMMON)
            for place, other in enumerate(some)
        )
        for at, one in enumerate(some)
    )
    return 2 * linked > len(some)


def _elsewhere(items: Iterable[EmergingItem], now: datetime) -> set[str]:
    """Themes that were told of some territory before the last day."""
    return {
        theme
        for item in items
        if item.themes and item.territories and now - item.published > DAY
        for theme in item.themes
    }


def _past_days(exposures: Sequence[float], span: int) -> float:
    """How many spans of past there are, by their texts."""
    now = sum(exposures[:span])
    return sum(exposures[span:]) / now if now else 0.0


class _Look:
    """One tally, asked for one unit after the other."""

    def __init__(
        self, tally: Tally, exposures: list[float], settings: Emergence, elsewhere: set[str]
    ) -> None:
        self._tally = tally
        self._exposures = exposures
        self._settings = settings
        self._elsewhere = elsewhere
        self._without: dict[str, list[float]] = {}
        self._active = {
            span: {name for day in range(span) for name in tally.volume[day]} for span in SPANS
        }

    def rise(self, unit: Unit, span: int, threshold: float, *, told: bool) -> Rise | None:
        """The unit's rise over the span, or None where it does not rise."""
        every = self._tally.hits[unit]
        hits = [hit for hit in every if hit.day < span]
        publishers = {hit.publisher for hit in hits}
        if len(publishers) < self._settings.min_sources:
            return None
        counts = by_day(every, self._tally.days)
        texts, exposure = sum(counts[:span]), sum(self._exposures[:span])
        past, past_exposure = discounted(counts, span), discounted(self._exposures, span)
        likely = chance.expected(past, past_exposure, exposure)
        by_chance = chance.tail(texts, past, past_exposure, exposure)
        rise = Rise(
            unit=unit,
            span=span,
            texts=texts,
            expected=likely,
            chance=by_chance,
            threshold=threshold,
            publishers=len(publishers),
            active=len(self._active[span]),
            carried=len(set().union(*(self._tally.carried[hit.item.group] for hit in hits))),
            before=sum(counts[span : 2 * span]),
            hits=tuple(hits),
        )
        if told:
            return rise if by_chance <= _STILL and counts[0] else None
        return rise if self._rises(rise, every, counts) else None

    def _rises(self, rise: Rise, every: Sequence[Hit], counts: Sequence[int]) -> bool:
        if rise.chance > rise.threshold or rise.texts < self._settings.times * rise.expected:
            return False
        highest = max(
            (
                sum(counts[day : day + rise.span])
                for day in range(rise.span, len(counts) - rise.span + 1)
            ),
            default=0,
        )
        if rise.texts <= highest:
            return False
        kind, subject = rise.unit
        if kind is EmergingKind.CROSSING and (
            any(counts[rise.span :]) or subject.rpartition("@")[0] not in self._elsewhere
        ):
            return False
        # A theme in a territory is many matters by its nature.
        one = kind is EmergingKind.CROSSING or of_one_matter(rise.hits)
        return one and self._without_one(rise, every)

    def _without_one(self, rise: Rise, every: Sequence[Hit]) -> bool:
        """Whether it would still be improbable without the publisher that says most of it now."""
        each: dict[str, int] = defaultdict(int)
        for hit in rise.hits:
            each[hit.publisher] += 1
        most = max(sorted(each), key=lambda name: each[name])
        if most not in self._without:
            self._without[most] = self._tally.exposures(leave_out=most)
        exposures, counts = self._without[most], by_day(every, self._tally.days, leave_out=most)
        left = sum(counts[: rise.span])
        by_chance = chance.tail(
            left,
            discounted(counts, rise.span),
            discounted(exposures, rise.span),
            sum(exposures[: rise.span]),
        )
        return left >= self._settings.min_sources and by_chance <= _WITHOUT_ONE
