"""Alerts: what is sent between two issues, and what speaks for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from vigie.model.words import ArticleId


class Severity(StrEnum):
    """How grave an advisory is, from the least on. The words are CVSS's own."""

    UNSAID = ""
    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 where nothing is said, higher the graver."""
        return list(Severity).index(self)


class AlertKind(StrEnum):
    ADVISORY = "advisory"
    STORY = "story"


@dataclass(frozen=True, slots=True)
class AdvisoryNamed:
    """An advisory as an alert names it."""

    issuer: str
    reference: str
    revision: str  # as the issuer counts
    url: str = ""


@dataclass(frozen=True, slots=True)
class Alerted:
    """An alert as it last went out: what a bulletin's "alerts of the quarter" can list."""

    id: str  # public: al-...
    kind: AlertKind
    revision: int  # 1 is the first; each later one went out as an update
    first_at: datetime  # when its first copy left
    last_at: datetime
    article: ArticleId  # the one that speaks for it
    article_revision: int
    title: str
    url: str
    source: str  # its title
    severity: Severity
    severity_why: str
    cves: tuple[str, ...] = ()
    vendors: tuple[str, ...] = ()
    advisories: tuple[AdvisoryNamed, ...] = ()
    story: str = ""  # public id, as it was named then
    sources: int = 0  # how many carried the story
