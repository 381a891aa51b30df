"""What drafting is given: what the issue is to be, and what there is to choose from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from vigie.model import Candidate, Edit, Emerging
from vigie.schema import Edition, Theme


@dataclass(frozen=True, slots=True)
class Brief:
    """Which issue: its edition, its themes in order, its days."""

    edition: Edition
    themes: tuple[Theme, ...]
    period: str  # 2026Q4
    start: datetime
    end: datetime  # not included
    timezone: str = "Europe/Paris"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


@dataclass(frozen=True, slots=True)
class Material:
    """What there is: stories, what rises, what people said of this issue, who sent something in."""

    candidates: tuple[Candidate, ...]
    signals: tuple[Emerging, ...] = ()  # the strongest first
    edits: tuple[Edit, ...] = ()  # in order of time
    contributors: tuple[str, ...] = ()
