"""What rises by itself, before any theme foresaw it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from vigie.model.words import ArticleId, SourceId


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


def key_of(kind: EmergingKind, subject: str, episode: int = 1) -> str:
    """`kind:subject`, with `~2`, `~3` for an episode that came after a quiet time."""
    return f"{kind.replace(' ', '-')}:{subject}" + (f"~{episode}" if episode > 1 else "")


def subject_of(key: str) -> tuple[EmergingKind, str, int]:
    """Kind, subject and episode of a key. Raises ValueError for what is none."""
    kind, _, rest = key.partition(":")
    subject, mark, number = rest.rpartition("~")
    if mark and number.isdigit() and subject:
        return EmergingKind(kind.replace("-", " ")), subject, int(number)
    return EmergingKind(kind.replace("-", " ")), rest, 1


@dataclass(frozen=True, slots=True)
class EmergingItem:
    """An article as bursts are counted of it. What is boilerplate in it is left out."""

    article: ArticleId
    group: int  # of near-duplicates: alike means one text
    story: str  # public id; "" where it stands in none yet
    source: SourceId
    address: str  # canonical URL, whose domain is the publisher
    published: datetime
    title: str
    entities: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    territories: tuple[str, ...] = ()  # NUTS codes of its places, and of its source
