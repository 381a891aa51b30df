"""Scores of names found in texts: strict (start, end, label) and overlap. Pure.

Micro-averages over all spans, as the CoNLL shared tasks count (Tjong Kim Sang, 2002). Overlap pairs
spans one to one, the longest overlap first, whatever their labels.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from bench.quality.files import Span


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of one comparison."""

    right: int
    found: int
    gold: int

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        return self.right / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        return f1(self.precision, self.recall)


def f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def strict(
    gold: Sequence[Collection[Span]],
    found: Sequence[Collection[Span]],
    labels: Collection[str] | None = None,
) -> Score:
    """Text by text; only the spans of `labels`, or all of them."""
    right = seen = there = 0
    for true, given in zip(gold, found, strict=True):
        mine, theirs = _of(given, labels), _of(true, labels)
        right += len(mine & theirs)
        seen += len(mine)
        there += len(theirs)
    return Score(right, seen, there)


def overlap(gold: Sequence[Collection[Span]], found: Sequence[Collection[Span]]) -> Score:
    """Spans that share a character, labels ignored."""
    right = seen = there = 0
    for true, given in zip(gold, found, strict=True):
        right += _pairs(_of(true, None), _of(given, None))
        seen += len(set(given))
        there += len(set(true))
    return Score(right, seen, there)


def _of(spans: Iterable[Span], labels: Collection[str] | None) -> set[Span]:
    return {span for span in spans if labels is None or span.label in labels}


def _pairs(gold: Iterable[Span], found: Iterable[Span]) -> int:
    def key(span: Span) -> tuple[int, int, str]:
        return span.start, span.end, span.label

    shared = sorted(
        (-(min(one.end, other.end) - max(one.start, other.start)), key(one), key(other))
        for one in gold
        for other in found
        if min(one.end, other.end) > max(one.start, other.start)
    )
    used: tuple[set[object], set[object]] = (set(), set())
    for _, one, other in shared:
        if one not in used[0] and other not in used[1]:
            used[0].add(one)
            used[1].add(other)
    return len(used[0])
