"""Which sections have a claim on a story: the doctrine in the head of `drafting`. Pure."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from digest import why
from digest.drafting.brief import Brief
from digest.drafting.cues import Announced, announced, launched
from digest.drafting.ranking import worth
from digest.drafting.wishes import Wish
from vigie.model import Candidate, Emerging, Notice, ThemeHit, Verdict

OTHER = "outside"  # the section of what no theme of the edition took
AHEAD = timedelta(days=366)  # what is further off than that stands in no agenda
GREW = 3  # articles of a story, of which a third came more than a day after the first
_SEVERITIES = ("low", "medium", "high", "critical")


@dataclass(frozen=True, slots=True)
class Placed:
    """A story as it is being placed, with what speaks for it."""

    candidate: Candidate
    wish: Wish
    hit: ThemeHit | None  # the theme of this edition that it scores highest in
    worth: float
    announces: Announced | None = None
    signal: Emerging | None = None  # in the section of signals: the one it stands for
    reasons: tuple[why.Reason, ...] = field(default=(), compare=False)

    @property
    def kept(self) -> bool:
        return self.wish.keeps or self.candidate.verdict is Verdict.KEEP

    @property
    def order(self) -> tuple[bool, float, float, str]:
        """First what is kept, then worth, the later story, and a name so that no tie is open."""
        candidate = self.candidate
        return (not self.kept, -self.worth, -candidate.published.timestamp(), candidate.story)


def placed(brief: Brief, candidate: Candidate, wish: Wish, now: datetime) -> Placed:
    """The candidate with its best theme, its worth and the day that it announces."""
    hit = best(candidate, [theme.id for theme in brief.themes])
    today = now.astimezone(brief.zone).date()
    return Placed(
        candidate,
        wish,
        hit,
        worth(candidate, hit, brief.start, brief.end),
        announced(candidate.title, candidate.dates, today, today + AHEAD),
    )


def best(candidate: Candidate, themes: Sequence[str]) -> ThemeHit | None:
    """The theme of this edition that the story scores highest in, the earlier section on a tie."""
    hits = [hit for hit in candidate.themes if hit.theme in themes]
    return min(hits, key=lambda hit: (-hit.score, themes.index(hit.theme)), default=None)


def wanted(brief: Brief, candidate: Candidate, wish: Wish) -> bool:
    """Whether a story may stand in this issue at all."""
    if wish.drops:
        return False
    if wish.keeps:
        return True
    inside = brief.start <= candidate.published < brief.end
    return inside and candidate.verdict is not Verdict.REJECT


def claims(brief: Brief, one: Placed, evidence: Set[int]) -> tuple[str, ...]:
    """The sections that have a claim on it, the firmest first; none: it stands nowhere.

    A theme's section is named by its id, the agenda's second claim `agenda?`. `evidence` holds the
    articles of what rises.
    """
    have = set(brief.edition.sections)
    themes = {theme.id for theme in brief.themes}
    if one.wish.section and one.wish.section in have | themes:
        return (one.wish.section,)
    if one.candidate.notice and "alerts" in have:
        return ("alerts",) if _grave(brief, one) else ()
    found = []
    if one.announces and one.announces.in_title:
        found.append("agenda")
    if one.hit and _elsewhere(brief, one.candidate):
        found.append("elsewhere")
    if one.hit:
        found.append(one.hit.theme)
    if not evidence.isdisjoint(one.candidate.articles):
        found.append("signals")
    if one.hit is None and (one.kept or moves(one.candidate)):
        found.append(OTHER)
    if one.announces and not one.announces.in_title:
        found.append("agenda?")
    known = [name for name in found if name.rstrip("?") in have | themes]
    # What a person kept has a place, even where the edition leaves out the section that fits.
    return tuple(known or ([OTHER] if one.kept else []))


def moves(candidate: Candidate) -> bool:
    """Several sources carried it, or it grew: a third of 3 articles or more came a day later."""
    return len(candidate.sources) > 1 or (
        len(candidate.carried) >= GREW and later(candidate) * 3 >= len(candidate.carried)
    )


def later(candidate: Candidate) -> int:
    """How many articles came more than a day after the story's first."""
    if not candidate.carried:
        return 0
    first = min(one.at for one in candidate.carried)
    return sum(one.at - first > timedelta(days=1) for one in candidate.carried)


def _grave(brief: Brief, one: Placed) -> bool:
    notice = one.candidate.notice
    if notice is None:
        return False
    if one.kept or notice.sent:
        return True
    least = _SEVERITIES.index(brief.edition.alerts_from)
    return one.hit is not None and _SEVERITIES.index(_severity(notice)) >= least


def _severity(notice: Notice) -> str:
    """The issuer's, or what stands for it: CERT-FR rates none, but calls the gravest "alerte"."""
    if notice.severity.lower() in _SEVERITIES:
        return notice.severity.lower()
    return "critical" if "-ALE-" in notice.reference else "low" if notice.severity else "medium"


def _elsewhere(brief: Brief, candidate: Candidate) -> bool:
    """It names places, none of which lies in the edition's territories nor around them."""
    own, named = brief.edition.territories, candidate.territories
    if not own or not named:
        return False
    if any(code.startswith(mine) or mine.startswith(code) for code in named for mine in own):
        return False
    return bool(launched(f"{candidate.title}\n{candidate.summary}"))
