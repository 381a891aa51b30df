"""What a story weighs among those of its section. Pure.

    worth = log2(1 + sources) + reliability + theme / (1 + theme) + freshness / 2

sources      how many sources carried the story: 1 counts 1, 3 count 2, 7 count 3
reliability  Admiralty A 1, B 0.8, C 0.6, F (cannot be judged) 0.5, D 0.3, E 0.1
theme        the score of the story's best theme, so that a firm match leads a weak one
freshness    0 at the period's start, 1 at its end
"""

from __future__ import annotations

import math
from datetime import datetime

from vigie.model import Candidate, ThemeHit

RELIABILITY = {"A": 1.0, "B": 0.8, "C": 0.6, "D": 0.3, "E": 0.1, "F": 0.5}


def worth(candidate: Candidate, hit: ThemeHit | None, start: datetime, end: datetime) -> float:
    """See the head of this module."""
    sources = max(1, len(candidate.sources))
    theme = max(0.0, hit.score) if hit else 0.0
    freshness = (candidate.published - start) / (end - start)
    return (
        math.log2(1 + sources)
        + RELIABILITY.get(candidate.reliability, RELIABILITY["F"])
        + theme / (1 + theme)
        + min(1.0, max(0.0, freshness)) / 2
    )
