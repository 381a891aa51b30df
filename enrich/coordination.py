"""The same text at many sources within hours, with no agency credited. Pure.

What is shown is evidence, and a person judges: an embargoed release, a public body's communiqué, a
shared owner or an agency that nobody credits look the same as a campaign. Every doubt is said.

* *Near-identical*: articles of one near-duplicate group, where the shorter text has `SAME` of its
  word triples in common with an earlier one (containment: Broder, "On the resemblance of
  documents", 1997). Texts of fewer than `WORDS` content words, titles included, show nothing.
* *No credit*: none of the group names a press agency, in its text or as its author. One credit in
  the group clears all of it, for the others may have cut theirs.
* *Within hours*: counted from the first of the near-identical texts.
* *Publisher*: the domain of an address, else of the source's declared homepage. Sources of one
  publisher are one voice, and said to be; a common owner of two domains is not known here.
* *Order*: by stated date. What states none has no place in the network or the rates.
* *Edge*: from the earlier text that a later one is likest to (the first of equals). It says
  "after", not "copied": both may have it from a third.
* *Copying rate*: of all that a source printed, the share that had stood, near-identical and without
  a credit, at another publisher before.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from statistics import median

from enrich.grouping.likeness import publisher_at
from enrich.words import content_words, fold_long
from vigie.model import Appearance, CarriedText, Case, Coordinated, CopyingRate, Edge, SourceId
from vigie.schema import Coordination

SAME = 0.8
WORDS = 12  # content words of title and text together
_LOOKED_AT = 4_000  # characters of a text
_GROUP = 200  # texts of a group that are compared, the earliest: one text in thousands of outlets

Triples = frozenset[tuple[str, ...]]


def coordinated(
    texts: Iterable[CarriedText],
    printed: Mapping[SourceId, int],
    agencies: Iterable[str],
    settings: Coordination,
) -> Coordinated:
    """Look at the articles of near-duplicate groups. `printed`: articles of each source in that
    time; `agencies`: names of press agencies, as an author may be written."""
    known = tuple(fold_long(name) for name in agencies)
    groups: dict[str, list[CarriedText]] = defaultdict(list)
    for text in texts:
        groups[text.group].append(text)
    found: list[list[Appearance]] = []
    credited = 0
    for group in groups.values():
        if any(_credits(text, known) for text in group):
            credited += 1
            continue
        if appearances := _appearances(group, timedelta(hours=settings.hours)):
            found.append(appearances)
    cases = [_case(one) for one in found if _sources(one) >= settings.min_sources]
    cases.sort(key=lambda case: (-len(case.publishers), -len(case.appearances), case.group))
    return Coordinated(tuple(cases), _edges(found), _rates(found, printed), credited)


def _credits(text: CarriedText, agencies: Sequence[str]) -> bool:
    author = f" {fold_long(text.author)} "
    return bool(text.agencies) or any(
        f" {name} " in author.replace(",", " ").replace("/", " ") for name in agencies
    )


def _appearances(group: Sequence[CarriedText], within: timedelta) -> list[Appearance]:
    """The near-identical texts of a group in order, from the first one that another repeats."""
    order = sorted(group, key=lambda text: (text.published, text.public_id))[:_GROUP]
    triples = [_triples(text) for text in order]
    for start, first in enumerate(order):
        if not triples[start]:
            continue
        found = [Appearance(first, _publisher(first), _after(first, first), 1.0, "")]
        places = [start]
        for place in range(start + 1, len(order)):
            if order[place].published - first.published > within:
                break
            shares = [(_share(triples[place], triples[one]), -one) for one in places]
            share, nearest = max(shares)
            if share >= SAME:
                text = order[place]
                found.append(
                    Appearance(
                        text,
                        _publisher(text),
                        _after(first, text),
                        round(share, 3),
                        order[-nearest].public_id,
                    )
                )
                places.append(place)
        if _sources(found) > 1:
            return found
    return []


def _triples(text: CarriedText) -> Triples:
    """Word triples of the text, with its title where it is short; none where both are too short.

    A title is what an outlet changes first: a text that can speak for itself is compared alone.
    """
    words = content_words(text.text[:_LOOKED_AT])
    if len(words) < WORDS:
        words = content_words(text.title[:_LOOKED_AT]) + words
    if len(words) < WORDS:
        return frozenset()
    return frozenset(zip(words, words[1:], words[2:], strict=False))


def _share(one: Triples, other: Triples) -> float:
    smaller = min(len(one), len(other))
    return len(one & other) / smaller if smaller else 0.0


def _publisher(text: CarriedText) -> str:
    return publisher_at(text.address or text.homepage, text.source)


def _after(first: CarriedText, text: CarriedText) -> timedelta | None:
    return text.published - first.published if first.dated and text.dated else None


def _sources(found: Sequence[Appearance]) -> int:
    return len({one.text.source for one in found})


def _case(found: Sequence[Appearance]) -> Case:
    publishers = tuple(dict.fromkeys(one.publisher for one in found))
    return Case(
        group=found[0].text.group,
        title=found[0].text.title,
        appearances=tuple(found),
        publishers=publishers,
        why=_why(found, publishers),
        related=tuple(_related(found)),
    )


def _why(found: Sequence[Appearance], publishers: Sequence[str]) -> str:
    least = min((one.likeness for one in found[1:]), default=1.0)
    hours = (found[-1].text.published - found[0].text.published) / timedelta(hours=1)
    told = (
        f"near-identical at {_sources(found)} sources of {len(publishers)} "
        f"publisher{'s' if len(publishers) > 1 else ''} within {hours:.1f} hours "
        f"(at least {least:.0%} of the word triples in common); none names a press agency"
    )
    if len(publishers) == 1:
        told += "; all are of one publisher"
    elif len(publishers) < _sources(found):
        told += "; some are of one publisher"
    if undated := sum(not one.text.dated for one in found):
        told += f"; {undated} state no date, so that their place in the order is not known"
    return told


def _related(found: Sequence[Appearance]) -> Iterator[tuple[str, ...]]:
    """Titles of the sources that are of one publisher, where there are several."""
    each: dict[str, dict[str, None]] = defaultdict(dict)
    for one in found:
        each[one.publisher][one.text.source_title] = None
    return (tuple(titles) for titles in each.values() if len(titles) > 1)


def _edges(found: Iterable[Sequence[Appearance]]) -> tuple[Edge, ...]:
    lags: dict[tuple[str, str], list[float]] = defaultdict(list)
    for appearances in found:
        by_id = {one.text.public_id: one for one in appearances}
        for one in appearances:
            earlier = by_id.get(one.like)
            if earlier is None or earlier.publisher == one.publisher:
                continue
            if one.text.dated and earlier.text.dated:
                lag = one.text.published - earlier.text.published
                lags[earlier.publisher, one.publisher].append(lag.total_seconds())
    edges = [
        Edge(first, then, len(each), timedelta(seconds=median(each)))
        for (first, then), each in lags.items()
    ]
    return tuple(sorted(edges, key=lambda edge: (-edge.times, edge.first, edge.then)))


def _rates(
    found: Iterable[Sequence[Appearance]], printed: Mapping[SourceId, int]
) -> tuple[CopyingRate, ...]:
    later: Counter[SourceId] = Counter()
    first: Counter[SourceId] = Counter()
    titles: dict[SourceId, str] = {}
    for appearances in found:
        dated = [one for one in appearances if one.text.dated]
        for place, one in enumerate(dated):
            titles[one.text.source] = one.text.source_title
            others = [other for other in dated[:place] if other.publisher != one.publisher]
            if others:
                later[one.text.source] += 1
            elif any(other.publisher != one.publisher for other in dated[place + 1 :]):
                first[one.text.source] += 1
    rates = [
        CopyingRate(source, title, printed.get(source, 0), later[source], first[source])
        for source, title in titles.items()
        if later[source] or first[source]
    ]
    return tuple(sorted(rates, key=lambda one: (-one.later, -one.rate, one.source)))
