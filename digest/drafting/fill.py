"""Which stories fill which section, and in which order. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from digest import why
from digest.drafting.brief import Brief, Material
from digest.drafting.claims import OTHER, Placed, claims, later, placed, wanted
from digest.drafting.cues import launched
from digest.drafting.wishes import Wish, wishes
from vigie import territories
from vigie.model import Candidate, Emerging

Filled = Mapping[str, Sequence[Placed]]  # by section, in order


def filled(brief: Brief, material: Material, now: datetime) -> Filled:
    """The issue's sections with their stories, each with the reasons why it is there."""
    evidence = {article for signal in material.signals for article in signal.articles}
    left = [(one, claims(brief, one, evidence)) for one in _stories(brief, material, now)]
    found: dict[str, list[Placed]] = {}
    for claim in _precedence(brief):
        section = claim.rstrip("?")
        mine = [one for one, claimed in left if claim in claimed]
        room = _size(brief, section) - len(found.get(section, ()))
        if claim == "signals":
            chosen = _risen(mine, material.signals, room)
        else:
            chosen = _best(mine, room, soonest=section == "agenda")
        gone = {one.candidate.story for one in chosen}
        left = [(one, claimed) for one, claimed in left if one.candidate.story not in gone]
        found.setdefault(section, []).extend(chosen)
    return {
        section: [replace(one, reasons=_reasons(brief, section, one)) for one in ordered]
        for section, ones in found.items()
        for ordered in (_ordered(section, ones),)
    }


def _precedence(brief: Brief) -> Sequence[str]:
    """The claims in the order in which they are met; `agenda?` is the agenda's second."""
    themes = (theme.id for theme in brief.themes)
    return ("alerts", "agenda", "elsewhere", *themes, "signals", OTHER, "agenda?")


def _size(brief: Brief, section: str) -> int:
    return int(getattr(brief.edition.sizes, section, brief.edition.items_per_theme))


def _stories(brief: Brief, material: Material, now: datetime) -> list[Placed]:
    """Each story that may stand in the issue, once, by its weightiest candidate; in order."""
    said = wishes(material.edits)
    ones = [
        placed(brief, candidate, wish, now)
        for candidate in material.candidates
        for wish in (said.get(candidate.story, Wish()),)
        if wanted(brief, candidate, wish)
    ]
    unique: dict[str, Placed] = {}
    for one in sorted(ones, key=lambda one: one.order):
        unique.setdefault(one.candidate.story, one)
    return list(unique.values())


def _firm(one: Placed) -> bool:
    """A person wants it: no section is too full for it."""
    return one.kept or bool(one.wish.section)


def _best(mine: Sequence[Placed], room: int, *, soonest: bool) -> list[Placed]:
    """All that a person wants, and the best of the rest while there is room."""
    firm = [one for one in mine if _firm(one)]
    rest = [one for one in mine if not _firm(one)]
    if soonest:
        rest.sort(key=_day)
    return firm + rest[: max(0, room - len(firm))]


def _risen(mine: Sequence[Placed], signals: Sequence[Emerging], room: int) -> list[Placed]:
    """One story for each signal, the strongest first; what a person wants besides."""
    taken: dict[str, Placed] = {}
    for signal in signals:
        free = {
            article: one
            for one in mine
            if one.candidate.story not in taken
            for article in one.candidate.articles
        }
        best = next((free[article] for article in signal.articles if article in free), None)
        if best and (len(taken) < room or _firm(best)):
            taken[best.candidate.story] = replace(best, signal=signal)
    rest = [one for one in mine if one.wish.section and one.candidate.story not in taken]
    return [*taken.values(), *rest]


def _ordered(section: str, ones: Sequence[Placed]) -> list[Placed]:
    """Kept first; the agenda by its days, signals as they came, all else by worth; then ranks."""
    result = list(ones)
    if section == "agenda":
        result.sort(key=lambda one: (not one.kept, _day(one), one.order))
    elif section == "signals":
        result.sort(key=lambda one: not one.kept)
    else:
        result.sort(key=lambda one: one.order)
    for one in sorted((one for one in ones if one.wish.rank), key=lambda one: one.wish.rank):
        result.remove(one)
        result.insert(one.wish.rank - 1, one)
    return result


def _day(one: Placed) -> date:
    return one.announces.day if one.announces else date.max


def _reasons(brief: Brief, section: str, one: Placed) -> tuple[why.Reason, ...]:
    """Why it stands there: who wanted it, what speaks for it, what the section is about."""
    candidate = one.candidate
    found = []
    if one.wish.keeps:
        found.append(why.pinned(one.wish.stands_by))
    elif one.kept:
        found.append(why.kept(candidate.verdict_by, candidate.verdict_why))
    if one.wish.section == section:
        found.append(why.moved(one.wish.section_by))
    if candidate.contributor:
        found.append(why.proposed(candidate.contributor))
    if len(candidate.sources) > 1:
        found.append(why.carried(len(candidate.sources)))
    return (*found, *_own(brief, section, one))


def _own(brief: Brief, section: str, one: Placed) -> Sequence[why.Reason]:
    """What makes it one of its section."""
    candidate, found = one.candidate, list[why.Reason]()
    if section == "alerts" and candidate.notice:
        notice = candidate.notice
        found += (
            [why.advisory(notice.reference, notice.severity.lower())] if notice.reference else []
        )
        found += [why.alerted()] if notice.sent else []
    elif section == "agenda" and one.announces:
        found.append(why.announced(one.announces.cue))
    elif section == "elsewhere":
        cue = launched(f"{candidate.title}\n{candidate.summary}")
        found += [why.elsewhere(_where(candidate), cue)] if cue and candidate.territories else []
    elif section == "signals" and one.signal:
        signal = one.signal
        found.append(why.signal(signal.strength, signal.label, max(1, signal.sources)))
    elif section == OTHER and len(candidate.sources) < 2 and later(candidate):
        found.append(why.grew(later(candidate)))
    return [*found, _theme(brief, one)]


def _theme(brief: Brief, one: Placed) -> why.Reason:
    if one.hit is None:
        return why.outside()
    label = next(theme.labels for theme in brief.themes if theme.id == one.hit.theme)
    return why.theme(label[brief.edition.language], one.hit.why)


def _where(candidate: Candidate) -> str:
    """The first place that has a code, by its own name."""
    if candidate.places and candidate.nuts == candidate.territories[0]:
        return candidate.places[0]
    found = territories.nearest(candidate.territories[0])
    return found.name if found else candidate.territories[0]
