"""Strict F1: same start, same end, same label; by label and together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from training.ner.passages import KEPT

Spans = set[tuple[int, int, str]]


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of one label, or of all."""

    right: int
    found: int
    gold: int

    @property
    def f1(self) -> float:
        both = self.found + self.gold
        return 2 * self.right / both if both else 0.0


def score(gold: Sequence[Spans], found: Sequence[Spans]) -> dict[str, Score]:
    """By label, and "all": text for text, spans of the one against spans of the other."""
    counts: dict[str, Counter[str]] = {"right": Counter(), "found": Counter(), "gold": Counter()}
    for true, said in zip(gold, found, strict=True):
        for kind, spans in (("right", true & said), ("found", said), ("gold", true)):
            counts[kind].update(label for _, _, label in spans)
            counts[kind]["all"] += len(spans)
    return {
        label: Score(counts["right"][label], counts["found"][label], counts["gold"][label])
        for label in ("all", *sorted(KEPT))
    }
