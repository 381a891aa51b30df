"""What a text says, and where it stands among others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from vigie.model.words import ArticleId, SourceId


@dataclass(frozen=True, slots=True)
class ReadingJob:
    """An article to be read: the text of one revision."""

    article: ArticleId
    revision: int
    title: str
    summary: str
    text: str
    declared_language: str = ""
    text_from: str = ""  # where the text came from: "", "feed" or "page"
    published: datetime | None = None  # what "hier" in it counts from
    source: str = ""  # the title of the source that carried it first


@dataclass(frozen=True, slots=True)
class Language:
    code: str  # fr, nl, de, en, another ISO 639-1 code, or und
    confidence: float  # 0 to 1
    why: str


@dataclass(frozen=True, slots=True)
class Mention:
    """One name in one text. `field` is title, summary or text; offsets are in its characters."""

    entity: str  # canonical id: a gazetteer slug, or `label:folded surface` for what it lacks
    name: str  # the entity's display name
    label: str  # PER, LOC, ORG, MISC
    surface: str
    field: str
    start: int
    end: int
    why: str
    boilerplate: str = ""  # why it is not counted: a signature, a footer; "" where it is


class ReferenceKind(StrEnum):
    """What a reference refers to. The values stand in the archive."""

    CVE = "cve"
    CWE = "cwe"
    ADVISORY = "advisory"
    EU_ACT = "eu-act"
    LAW = "law"
    DOI = "doi"
    PATENT = "patent"
    TENDER = "tender"
    AMOUNT = "amount"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Reference:
    """One reference in one text: CVE-2024-1234, 32022L2555, EUR 2500000, 2026-11-21."""

    kind: ReferenceKind
    value: str  # canonical: the same for every way of writing it
    label: str  # as a person would write it
    surface: str
    field: str  # title, summary or text
    start: int
    end: int
    why: str
    number: float | None = None  # an amount, in units of its currency


class Signal(StrEnum):
    """What speaks for a theme, each by itself. The values stand in the archive."""

    RULES = "rules"
    LIKENESS = "likeness"  # to the theme's description and examples
    LEARNT = "learnt"  # from coordinators' decisions
    NOT = "not"  # a phrase that rules the theme out


@dataclass(frozen=True, slots=True)
class ThemeHit:
    theme: str
    score: float
    why: str  # the words, and where they stand


@dataclass(frozen=True, slots=True)
class ThemeSignal:
    """What one signal says of one article and theme. For `learnt` and `likeness`: 0 to 1."""

    theme: str
    signal: Signal
    score: float
    why: str


@dataclass(frozen=True, slots=True)
class Reading:
    """All that reading says of one article."""

    article: ArticleId
    revision: int
    language: Language
    mentions: tuple[Mention, ...]
    themes: tuple[ThemeHit, ...]
    references: tuple[Reference, ...] = ()
    ruled_out: tuple[ThemeHit, ...] = ()  # themes that a phrase of `not` keeps away, and which


@dataclass(frozen=True, slots=True)
class GroupingItem:
    """What grouping looks at. The vector is kept beside, row for row."""

    article: ArticleId
    source: SourceId
    published: datetime
    language: str
    title: str
    lead: str  # title and summary, or the text's start
    entities: frozenset[str] = frozenset()
    address: str = ""  # canonical URL, by which an edited article is known
    text: str = ""  # the text's start, where the archive keeps it


@dataclass(frozen=True, slots=True)
class Placement:
    """Where an article was put: a near-duplicate group and a story, each with its reason.

    A group or story is named by its founder: the article that was first placed in it.
    """

    article: ArticleId
    group: ArticleId
    group_neighbour: ArticleId | None
    group_score: float
    group_why: str
    story: ArticleId
    story_neighbour: ArticleId | None
    story_score: float
    story_why: str


@dataclass(frozen=True, slots=True)
class StoryAct:
    """What a person said of stories; appended, never changed, and never undone by a machine.

    `together`: all articles of both sides are one story. Otherwise `one` was taken out of a story:
    its articles are one story, and never in one with any of `other`.
    """

    together: bool
    one: tuple[ArticleId, ...]
    other: tuple[ArticleId, ...]
    who: str  # a handle, never an address
    at: datetime
    why: str = ""
