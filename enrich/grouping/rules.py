"""From which likeness on two items belong together, for each kind of vectors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from vigie.schema import Grouping


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which score on, and what the score is made of, for one kind of embedder.

    A story score within one language is the sum of the weights times the likenesses, times
    0.5 ** (days / half_life). Weights and thresholds were chosen on the development half of the
    French gold stories (433 items, ../shared/data/gold) by B-cubed F1.
    """

    near_duplicate: float
    story: float
    across: float  # the story threshold between two languages
    cosine: float  # weights of a story score: they sum to 1
    title: float
    words: float
    names: float  # the better of names and entities
    across_cosine: float  # weight of the vectors between two languages; names and entities share
    half_life: float  # days

    def changed(self, grouping: Grouping) -> Thresholds:
        """With what the settings say instead."""
        return replace(
            self,
            near_duplicate=grouping.near_duplicate or self.near_duplicate,
            story=grouping.story or self.story,
        )


# One line per kind of embedder. `sentences` stands for every sentence-transformers model.
TABLE: Mapping[str, Thresholds] = MappingProxyType(
    {
        "vigie": Thresholds(0.66, 0.285, 0.36, 0.25, 0.25, 0.35, 0.15, 0.4, 7.0),
        "tfidf": Thresholds(0.62, 0.22, 0.24, 0.35, 0.2, 0.3, 0.15, 0.1, 7.0),
        "sentences": Thresholds(0.66, 0.32, 0.36, 0.35, 0.15, 0.3, 0.2, 0.4, 7.0),
    }
)


def thresholds(embedder: str, grouping: Grouping) -> Thresholds:
    """Those in force: `embedder` is an Embedder's name."""
    return TABLE.get(embedder, TABLE["sentences"]).changed(grouping)
