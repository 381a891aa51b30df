"""What rises by itself, before any theme foresaw it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from vigie.model.words import ArticleId


class EmergingKind(StrEnum):
    ENTITY = "entity"  # a name that is spoken of far more than it was
    PHRASE = "phrase"  # a pair of words
    STORY = "story"
    OFF_THEME = "off theme"  # articles alike that no theme took
    NEW_ENTITY = "new entity"
    CROSSING = "crossing"  # a theme that reaches further territories


class Strength(StrEnum):
    WEAK = "weak"
    RISING = "rising"
    STRONG = "strong"


@dataclass(frozen=True, slots=True)
class Emerging:
    """Something that rises, with what shows it. The same `key` is the same signal, grown older."""

    key: str  # kind and subject, stable from run to run
    kind: EmergingKind
    label: str  # the name, the words, the story's title
    strength: Strength
    score: float
    first_seen: datetime
    last_seen: datetime
    why: str  # figures in words: how many, of how many sources, against what past
    articles: tuple[ArticleId, ...]  # the evidence, the best first
    sources: int  # how many different ones carried the evidence
    story: str = ""  # public id, where it is one story's
    territories: tuple[str, ...] = ()  # NUTS codes that it touches
    texts: int = 0  # of their own, in the time looked at: what its course is drawn from
    expected: float = 0.0  # texts that its past made likely in that time
