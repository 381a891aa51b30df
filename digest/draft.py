"""From candidates to an issue: which stories, in which section, in which order. Pure.

A story stands once, in the section of the theme that it scores highest in. In a section the kept
stories come first and are never cut; the others fill it up to the edition's `items_per_theme`.
Both are ranked by

    worth = log2(1 + sources) + reliability + theme / (1 + theme) + freshness / 2

sources      how many sources carried the story: 1 counts 1, 3 count 2, 7 count 3
reliability  Admiralty A 1, B 0.8, C 0.6, F (cannot be judged) 0.5, D 0.3, E 0.1
theme        the score of the story's best theme, so that a firm match leads a weak one
freshness    0 at the period's start, 1 at its end
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from digest import period as periods
from digest import quote, why
from digest.catalogue import translator
from digest.clean import line
from vigie.model import Candidate, Issue, IssueItem, Section, ThemeHit, Verdict
from vigie.schema import LANGUAGES, Edition, Theme

OTHER = "other"  # the section of kept stories that no theme of the edition took
TITLE_JOINT = "\u00a0– "
RELIABILITY = {"A": 1.0, "B": 0.8, "C": 0.6, "D": 0.3, "E": 0.1, "F": 0.5}


@dataclass(frozen=True, slots=True)
class _Placed:
    candidate: Candidate
    hit: ThemeHit | None  # None: in the last section
    worth: float

    @property
    def kept(self) -> bool:
        return self.candidate.verdict is Verdict.KEEP

    @property
    def order(self) -> tuple[bool, float, float, str]:
        """First what is kept, then worth, the later story, and a name so that no tie is open."""
        candidate = self.candidate
        return (not self.kept, -self.worth, -candidate.published.timestamp(), candidate.story)


def draft(
    edition: Edition,
    sections: Sequence[Theme],
    candidates: Sequence[Candidate],
    period: str,
    start: datetime,
    end: datetime,
    revision: int,
    now: datetime,
) -> Issue:
    """The issue that these candidates make; `now` is when it is drafted.

    Candidates published before `start` or from `end` on are left out, kept or not: their issue is
    another one. All sections are in the issue, so that every theme's label is; empty ones are not
    shown. Raises ValueError when `period` is not written like 2026Q4.
    """
    order = {theme.id: place for place, theme in enumerate(sections)}
    inside = (c for c in candidates if start <= c.published < end)
    placed = [
        _Placed(c, hit, worth(c, hit, start, end))
        for c in inside
        if c.verdict is not Verdict.REJECT
        for hit in (_best(c, order),)
        if hit is not None or c.verdict is Verdict.KEEP
    ]
    unique = _once(placed)
    labels: dict[str, dict[str, str]] = {
        theme.id: {code: theme.labels[code] for code in LANGUAGES} for theme in sections
    }
    if any(one.hit is None for one in unique):
        labels[OTHER] = {
            code: translator(code).gettext("Outside the categories") for code in LANGUAGES
        }
    items = [
        _item(edition, theme, label[edition.language], rank, one)
        for theme, label in labels.items()
        for rank, one in enumerate(_section(edition, theme, unique), start=1)
    ]
    return Issue(
        id=f"{edition.id}-{period}",
        edition=edition.id,
        title=_titles(edition, period),
        period=period,
        start=start,
        end=end,
        revision=revision,
        sections=tuple(Section(theme, label) for theme, label in labels.items()),
        items=tuple(items),
        drafted_at=now,
        publisher=edition.publisher,
        contact=edition.contact,
    )


def _titles(edition: Edition, period: str) -> dict[str, str]:
    return {
        code: edition.title[code] + TITLE_JOINT + periods.words(period, code) for code in LANGUAGES
    }


def worth(candidate: Candidate, hit: ThemeHit | None, start: datetime, end: datetime) -> float:
    """What a story weighs among those of its section; see the head of this module."""
    sources = max(1, len(candidate.sources))
    theme = max(0.0, hit.score) if hit else 0.0
    freshness = (candidate.published - start) / (end - start)
    return (
        math.log2(1 + sources)
        + RELIABILITY.get(candidate.reliability, RELIABILITY["F"])
        + theme / (1 + theme)
        + min(1.0, max(0.0, freshness)) / 2
    )


def _best(candidate: Candidate, order: dict[str, int]) -> ThemeHit | None:
    """The theme of this edition that the story scores highest in, the earlier section on a tie."""
    hits = [hit for hit in candidate.themes if hit.theme in order]
    return min(hits, key=lambda hit: (-hit.score, order[hit.theme]), default=None)


def _once(placed: Iterable[_Placed]) -> list[_Placed]:
    """Each story once, by its weightiest candidate; the whole in order."""
    stories: dict[str, _Placed] = {}
    for one in sorted(placed, key=lambda one: one.order):
        stories.setdefault(one.candidate.story, one)
    return list(stories.values())


def _section(edition: Edition, theme: str, placed: Sequence[_Placed]) -> list[_Placed]:
    mine = [one for one in placed if (one.hit.theme if one.hit else OTHER) == theme]
    kept = sum(one.kept for one in mine)
    return mine[: max(kept, edition.items_per_theme)]


def _item(edition: Edition, theme: str, label: str, rank: int, one: _Placed) -> IssueItem:
    candidate = one.candidate
    others = sorted(candidate.themes, key=lambda hit: (-hit.score, hit.theme))
    themes = dict.fromkeys([theme, *(hit.theme for hit in others)])
    return IssueItem(
        article=candidate.article,
        revision=candidate.revision,
        story=candidate.story,
        section=theme,
        rank=rank,
        title=line(candidate.title),
        excerpt=quote.excerpt(candidate, edition.excerpt_words),
        url=candidate.url,
        source=line(candidate.source),
        reliability=candidate.reliability,
        published=candidate.published,
        language=candidate.language,
        place=line(candidate.places[0]) if candidate.places else "",
        themes=tuple(themes),
        sources=candidate.sources,
        why=why.tell(candidate, one.hit, label, edition.language),
    )
