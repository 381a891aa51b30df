"""The same text at several sources: what a person looks at to judge whether it is coordinated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from vigie.model.words import ArticleId, SourceId


@dataclass(frozen=True, slots=True)
class CarriedText:
    """One article of a near-duplicate group of two or more."""

    article: ArticleId
    public_id: str
    group: str  # public id of the near-duplicate group
    source: SourceId
    source_title: str
    address: str  # canonical URL, whose domain is the publisher
    homepage: str  # of the source, as declared
    published: datetime
    dated: bool  # whether the source stated the date: else nothing says who was first
    title: str
    text: str  # summary and text, as far as rights keep them
    author: str = ""
    agencies: tuple[str, ...] = ()  # press agencies that its text names


@dataclass(frozen=True, slots=True)
class Appearance:
    """One source's text in a case, in the order of appearance."""

    text: CarriedText
    publisher: str
    after: timedelta | None  # since the first; None where its date is not stated
    likeness: float  # share of the shorter text's word triples that both have, 0 to 1
    like: str  # public id of the earlier article that it is likest to; "" for the first


@dataclass(frozen=True, slots=True)
class Case:
    """Near-identical texts of several sources within hours, none of which credits an agency."""

    group: str
    title: str
    appearances: tuple[Appearance, ...]
    publishers: tuple[str, ...]
    why: str  # what was found, in words; never a verdict
    related: tuple[tuple[str, ...], ...] = ()  # sources of one publisher, by title


@dataclass(frozen=True, slots=True)
class Edge:
    """How often texts of one publisher stood at another before."""

    first: str  # the publisher whose text appeared earlier
    then: str
    times: int
    lag: timedelta  # the median


@dataclass(frozen=True, slots=True)
class CopyingRate:
    """How much of what a source printed had stood, near-identical, at another publisher before."""

    source: SourceId
    title: str
    texts: int  # in the time looked at
    later: int  # of these, that came after another publisher's
    first: int  # that others had later

    @property
    def rate(self) -> float:
        return self.later / self.texts if self.texts else 0.0


@dataclass(frozen=True, slots=True)
class Coordinated:
    """What one look found: evidence for a person."""

    cases: tuple[Case, ...]  # of most publishers first
    edges: tuple[Edge, ...]
    rates: tuple[CopyingRate, ...]
    credited: int  # groups that are left out since one of their texts credits an agency
