"""A rise in words: what it is called, and why it is told. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from enrich.emerging.rising import Rise
from enrich.words import WORD, content, content_words, fold
from vigie import territories
from vigie.model import EmergingKind

_LONGEST = 80  # characters of the words of a title that stand for a pair
_OTHERS = 4  # that are named beside


def label(rise: Rise, names: Mapping[str, str]) -> str:
    """The name, the words as titles have them, or the title that says most of the others."""
    kind, subject = rise.unit
    titles = [hit.item.title for hit in rise.hits]
    match kind:
        case EmergingKind.ENTITY:
            return names.get(subject, subject)
        case EmergingKind.PHRASE:
            return _as_written(subject, titles)
        case EmergingKind.CROSSING:
            theme, _, code = subject.rpartition("@")
            place = territories.nearest(code)
            return f"{theme}: {place.name if place else code}"
    return _middle(titles)


def why(rise: Rise, others: Sequence[str]) -> str:
    """The figures in words: how many, of how many publishers, against what past."""
    span = "the last day" if rise.span == 1 else f"the last {rise.span} days"
    told = (
        f"{rise.texts} texts of {rise.publishers} publishers in {span}, where their volume and "
        f"the past made {rise.expected:.1f} likely (by chance {_odds(rise.chance)})"
    )
    if rise.carried > rise.publishers:
        told += f"; carried by {rise.carried} publishers, copies included"
    told += f"; {rise.before} in the same time before" if rise.before else "; none just before"
    beside = list(dict.fromkeys(others))[:_OTHERS]
    return told + (f"; also {', '.join(beside)}" if beside else "")


def _odds(chance: float) -> str:
    """1 in 12,000, to two figures."""
    times = 1 / chance
    if times >= 1e9:
        return "less than 1 in a billion"
    digits = len(f"{times:.0f}")
    return f"1 in {round(times, 2 - digits):,.0f}"


def _as_written(pair: str, titles: Sequence[str]) -> str:
    """The commonest span of a title from one word of the pair to the other."""
    spans = Counter(span for title in titles if (span := _span(frozenset(pair.split("+")), title)))
    return max(spans, key=lambda span: (spans[span], -len(span), span), default=pair)


def _span(pair: frozenset[str], title: str) -> str:
    places = [(match, content(fold(match.group()))) for match in WORD.finditer(title)]
    best = ""
    for at, (first, word) in enumerate(places):
        for second, other in places[at + 1 :]:
            if {word, other} == pair:
                span = title[first.start() : second.end()]
                if len(span) <= _LONGEST and (not best or len(span) < len(best)):
                    best = span
    return best


def _middle(titles: Sequence[str]) -> str:
    """The title that has most words in common with the others, the first of equals."""
    scores = typical(titles)
    return titles[scores.index(max(scores))]


def typical(titles: Sequence[str]) -> list[float]:
    """How much of each title the others have too: what stands apart was put there by error."""
    bags = [frozenset(content_words(title)) for title in titles]
    every = Counter(word for bag in bags for word in bag)
    return [sum(every[word] - 1 for word in bag) / (len(bag) + 4) if bag else -1.0 for bag in bags]
