"""Rises to signals: one for one matter, with its strength, its reason and its age. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from enrich.emerging.counting import Hit, Unit
from enrich.emerging.rising import Rise
from enrich.emerging.wording import label, typical, why
from vigie.model import ArticleId, Emerging, EmergingKind, Strength, key_of, subject_of

EVIDENCE = 12  # articles that show a signal, at most
RISING = 10.0  # times rarer than what counts as no accident
STRONG = 100.0
MANY = 4  # publishers
_HALF = 0.5
_SPEAKS = 3  # texts of one story from which on a signal speaks of that story
_THEMED = 1 / 3  # share of a story's texts with a theme, below which no theme took it

# One subject may be told under two kinds as it ages: a new name is a name, a day later.
_FAMILY = {
    EmergingKind.NEW_ENTITY: EmergingKind.ENTITY,
    EmergingKind.OFF_THEME: EmergingKind.STORY,
}


@dataclass(frozen=True, slots=True)
class Lasting:
    """A signal that was told and has not ended."""

    signal: Emerging
    looked: datetime  # when it was last found to rise

    @property
    def unit(self) -> Unit:
        """What is counted of it; of a story that was merged away, the one that stands for it."""
        kind, subject, _ = subject_of(self.signal.key)
        return _FAMILY.get(kind, kind), self.signal.story or subject


@dataclass(frozen=True, slots=True)
class Facts:
    """What the archive knows of the units that rise."""

    names: Mapping[str, str] = field(default_factory=dict)  # of entities, by id
    old: Set[str] = frozenset()  # entities that were named before they could be new
    numbers: Mapping[tuple[EmergingKind, str], int] = field(default_factory=dict)  # last episodes


@dataclass(slots=True)
class _Matter:
    """A rise that is told, and those that say the same."""

    rise: Rise
    lasting: Lasting | None
    groups: frozenset[int]
    stories: frozenset[str]
    others: list[Rise]


def tell(
    rises: Sequence[Rise],
    lasting: Sequence[Lasting],
    facts: Facts,
    now: datetime,
    quiet: timedelta,
) -> tuple[list[Emerging], list[str]]:
    """The signals of one look, and the keys of those that have ended.

    A rise half of whose texts are those of a surer one, or of its stories, is told with that one.
    What was told before comes first: it keeps its key, and takes in what joins it.
    """
    known: dict[Unit, Lasting] = {}
    for one in lasting:
        known.setdefault(one.unit, one)  # two stories that became one: the surer signal stays
    known |= _renamed(rises, known)
    order = sorted(rises, key=lambda rise: (rise.unit not in known, rise.chance, rise.unit))
    matters: list[_Matter] = []
    for rise in order:
        told = known.get(rise.unit)
        around = None if told else next((one for one in matters if _same(one, rise.hits)), None)
        if around:
            around.others.append(rise)
        else:
            matters.append(_matter(rise, told))
    signals = [_signal(one, facts) for one in matters]
    found = {signal.key for signal in signals}
    ended = [
        one.signal.key
        for one in lasting
        if one.signal.key not in found and (now - one.looked >= quiet or known[one.unit] != one)
    ]
    return signals, ended


def strength(rise: Rise) -> Strength:
    """Weak, rising or strong, as the package's head defines them."""
    many = rise.publishers >= max(MANY, rise.active / 2)
    if many and rise.chance * STRONG <= rise.threshold:
        return Strength.STRONG
    counts = rise.chance <= rise.threshold
    if counts and (rise.chance * RISING <= rise.threshold or 0 < rise.before < rise.texts):
        return Strength.RISING
    return Strength.WEAK


def _renamed(rises: Sequence[Rise], known: Mapping[Unit, Lasting]) -> dict[Unit, Lasting]:
    """Stories that rise under another id, as what they were told: most of its evidence is theirs.

    A night's regrouping may put a story's articles into another one that is as old.
    """
    story, rising = EmergingKind.STORY, {rise.unit for rise in rises}
    waiting = [one for unit, one in known.items() if unit[0] is story and unit not in rising]
    found: dict[Unit, Lasting] = {}
    for rise in rises:
        if rise.unit[0] is not story or rise.unit in known:
            continue
        here = {hit.item.article for hit in rise.hits}
        for one in waiting:
            if len(here.intersection(one.signal.articles)) > _HALF * len(one.signal.articles):
                found[rise.unit] = one
                waiting.remove(one)
                break
    return found


def _matter(rise: Rise, told: Lasting | None) -> _Matter:
    each = Counter(hit.item.story for hit in rise.hits)
    least = min(_SPEAKS, max(2, len(rise.hits) // 2))
    stories = frozenset(story for story, number in each.items() if story and number >= least)
    return _Matter(rise, told, frozenset(hit.item.group for hit in rise.hits), stories, [])


def _same(matter: _Matter, hits: Sequence[Hit]) -> bool:
    inside = sum(
        hit.item.group in matter.groups or hit.item.story in matter.stories for hit in hits
    )
    return inside >= _HALF * len(hits)


def _signal(matter: _Matter, facts: Facts) -> Emerging:
    rise = matter.rise
    kind, key = _kind(rise, facts), ""
    if matter.lasting:
        key = matter.lasting.signal.key
        kind = matter.lasting.signal.kind
    subject = rise.unit[1]
    return Emerging(
        key=key or key_of(kind, subject, facts.numbers.get((kind, subject), 0) + 1),
        kind=kind,
        label=label(rise, facts.names),
        strength=strength(rise),
        score=rise.score,
        first_seen=min(hit.item.published for hit in rise.hits),
        last_seen=max(hit.item.published for hit in rise.hits),
        why=why(rise, [label(other, facts.names) for other in matter.others]),
        articles=evidence(rise.hits),
        sources=rise.carried,
        story=subject if rise.unit[0] is EmergingKind.STORY else "",
        territories=_territories(rise.hits),
        texts=rise.texts,
        expected=rise.expected,
    )


def _kind(rise: Rise, facts: Facts) -> EmergingKind:
    kind, subject = rise.unit
    if kind is EmergingKind.ENTITY and subject not in facts.old:
        return EmergingKind.NEW_ENTITY
    if kind is EmergingKind.STORY:
        themed = sum(bool(hit.item.themes) for hit in rise.hits)
        return EmergingKind.OFF_THEME if themed < _THEMED * len(rise.hits) else kind
    return kind


def evidence(hits: Sequence[Hit]) -> tuple[ArticleId, ...]:
    """The most typical text of each publisher, then the others, the most typical first."""
    scores = typical([hit.item.title for hit in hits])
    order = sorted(range(len(hits)), key=lambda place: (-scores[place], place))
    firsts: dict[str, int] = {}
    for place in order:
        firsts.setdefault(hits[place].publisher, place)
    best = list(firsts.values())
    rest = [place for place in order if place not in set(best)]
    return tuple(hits[place].item.article for place in (best + rest)[:EVIDENCE])


def _territories(hits: Sequence[Hit]) -> tuple[str, ...]:
    """Codes that two texts and a quarter of them name, the commonest first."""
    each = Counter(code for hit in hits for code in set(hit.item.territories))
    least = max(2.0, len(hits) / 4)
    return tuple(
        code
        for code, number in sorted(each.items(), key=lambda one: (-one[1], one[0]))
        if number >= least
    )[:5]
