"""From candidates to an issue: which stories, in which section, in which order. Pure.

A story stands once, in the first section that has a claim on it and room:

1. where a person moved it to;
2. *alerts*: it went out as an alert; or all of it is security advisories, of a theme of the edition
   and at least as severe as it asks, or kept by a person; other advisories stand nowhere;
3. *agenda*: its title announces something (a conference, a call) and it speaks of a day to come;
4. *elsewhere*: it has a theme of the edition, the places that it names lie outside the edition's
   territories, and its title or summary tells of something launched or tried;
5. the section of the theme of the edition that it scores highest in;
6. *signals*: it is evidence of something that rises, one story for each signal;
7. *outside*: no theme took it, and several sources carried it or it grew; or a person kept it;
8. *agenda* again: it speaks of a day to come, in one breath with something to attend.

A section that the edition leaves out claims nothing. What a person kept, or put into this issue,
comes first and is never cut; the others fill the section up to its size. Both are ranked by worth,
see `ranking`; the agenda by its days.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from digest import period as periods
from digest.catalogue import translator
from digest.drafting.brief import Brief, Material
from digest.drafting.claims import OTHER
from digest.drafting.fill import Filled, filled
from digest.drafting.items import item
from digest.drafting.ranking import worth
from vigie.model import Issue, IssueItem, Section, SectionKind
from vigie.schema import LANGUAGES

__all__ = ["Brief", "Material", "draft", "worth"]

TITLE_JOINT = "\u00a0– "


def draft(brief: Brief, material: Material, revision: int, now: datetime) -> Issue:
    """The issue that these candidates make; `now` is when it is drafted.

    Candidates published before the period's start or from its end on are left out, but for those
    that a person put into this issue. Every theme is a section, so that its label is there; the
    other sections are there where they hold something.
    """
    found = filled(brief, material, now)
    sections = tuple(_sections(brief, found))
    items: list[IssueItem] = []
    for section in sections:
        places = found.get(section.theme, ())
        items += [item(brief, one, section.theme, rank) for rank, one in enumerate(places, start=1)]
    return Issue(
        id=f"{brief.edition.id}-{brief.period}",
        edition=brief.edition.id,
        title=titles(brief),
        period=brief.period,
        start=brief.start,
        end=brief.end,
        revision=revision,
        sections=sections,
        items=tuple(items),
        drafted_at=now,
        publisher=brief.edition.publisher,
        contact=brief.edition.contact,
        contributors=tuple(sorted(set(material.contributors))),
        timezone=brief.timezone,
        color=brief.edition.color,
        header=brief.edition.header,
    )


def titles(brief: Brief) -> dict[str, str]:
    """The issue's title in each language: the edition's, and the period."""
    return {
        code: brief.edition.title[code] + TITLE_JOINT + periods.words(brief.period, code)
        for code in LANGUAGES
    }


def _sections(brief: Brief, found: Filled) -> Sequence[Section]:
    """In the edition's order; a section that is no theme only where it holds something."""
    result = []
    for name in brief.edition.sections:
        if name == "themes":
            result += [Section(t.id, {c: t.labels[c] for c in LANGUAGES}) for t in brief.themes]
        elif found.get(name):
            result.append(_section(SectionKind(name), brief))
    if found.get(OTHER) and OTHER not in brief.edition.sections:  # kept, and with no place else
        result.append(_section(SectionKind.OUTSIDE, brief))
    return result


def _section(kind: SectionKind, brief: Brief) -> Section:
    return Section(kind.value, {code: _label(kind, code, brief) for code in LANGUAGES}, kind)


def _label(kind: SectionKind, language: str, brief: Brief) -> str:
    _ = translator(language).gettext
    match kind:
        case SectionKind.SIGNALS:
            return _("Emerging signals")
        case SectionKind.ELSEWHERE:
            return _("Initiatives from elsewhere")
        case SectionKind.ALERTS:
            return _("Alerts of the quarter") if "Q" in brief.period else _("Alerts of the period")
        case SectionKind.AGENDA:
            return _("Agenda")
        case _:
            return _("Outside the categories")
