"""From which likeness on two items belong together, and what likeness is made of."""

from __future__ import annotations

from dataclasses import dataclass

from vigie.schema import Grouping

RULES = 3  # raised where the same figures come to decide otherwise


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which score on, and what a score is made of, with Vigie's own vectors.

    A story score within one language is the sum of the weights times the likenesses, times
    0.5 ** (days / half_life). Weights and thresholds were chosen on the development half of the
    French gold stories (433 items) and on a second window of French press (493 items) by B-cubed
    F1; `across` on the 67 German and English pairs of SemEval-2022 task 8 (see docs/grouping.md).
    """

    near_duplicate: float = 0.62
    story: float = 0.22
    across: float = 0.33  # the story threshold between two languages
    cosine: float = 0.35  # weights of a story score: they sum to 1
    title: float = 0.2
    words: float = 0.3
    names: float = 0.15  # the better of names and entities
    across_cosine: float = 0.4  # weight of the vectors between two languages; names have the rest
    half_life: float = 7.0  # days


def thresholds(grouping: Grouping) -> Thresholds:
    """Those in force: what the settings say, else our own."""
    own = Thresholds()
    return Thresholds(
        near_duplicate=grouping.near_duplicate or own.near_duplicate,
        story=grouping.story or own.story,
    )


def revision(grouping: Grouping) -> str:
    """What the placements made now are told apart by from those of other rules or figures."""
    return f"rules {RULES}, {thresholds(grouping)}"
