"""How a source is, in words, from what is recorded of it. Pure: `now` is an argument."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import NamedTuple

from collectors.rhythm import DAY, HOUR, expected
from vigie.model import FailureKind, Health, HealthState, PollState, SourceFacts, SourceId

_LATE, _SILENT = 3, 10  # times the norm
_LATE_LEAST = DAY  # nobody is late within a night
_SILENT_LEAST = 3 * DAY  # nor silent over a weekend
_SILENT_MOST = 60 * DAY
_REFUSALS = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS,
)


class Change(NamedTuple):
    """A source whose state is another than when it was last told."""

    before: HealthState
    health: Health


def judge(facts: SourceFacts, now: datetime) -> Health:
    """The state of a source, since when and why. The gravest word that is true."""
    state, since, why = _judged(facts, now)
    return Health(
        facts.source,
        state,
        since,
        why,
        facts.state.last_item,
        expected(facts.state, facts.rhythm),
        facts.duplicates,
        facts.kept,
    )


def changes(before: Mapping[SourceId, HealthState], after: Iterable[Health]) -> list[Change]:
    """Those whose state is another than it was. One never spoken of is thought to be well."""
    found = []
    for health in after:
        old = before.get(health.source, HealthState.WELL)
        if health.state not in (old, HealthState.NEW):
            found.append(Change(old, health))
    return found


def _judged(facts: SourceFacts, now: datetime) -> tuple[HealthState, datetime | None, str]:
    poll = facts.state
    if poll.retired_at:
        return HealthState.RETIRED, poll.retired_at, poll.retired_why
    if not facts.active:
        return HealthState.RETIRED, None, "not declared in sources.toml, or set inactive there"
    if poll.failure:
        refused = poll.failure.kind is FailureKind.ROBOTS or poll.failure.status in _REFUSALS
        state = HealthState.REFUSED if refused else HealthState.ILL
        times = "once" if poll.failures == 1 else f"{poll.failures} times in a row"
        return state, poll.ill_since, f"{poll.failure.detail} ({times})"
    if poll.last_polled is None:
        return HealthState.NEW, None, ""
    return _of_rhythm(facts, poll, now)


def _of_rhythm(
    facts: SourceFacts, poll: PollState, now: datetime
) -> tuple[HealthState, datetime | None, str]:
    norm = expected(poll, facts.rhythm)
    late = max(_LATE * norm, _LATE_LEAST)
    silent = max(min(_SILENT * norm, _SILENT_MOST), _SILENT_LEAST, late)
    last = poll.last_item or facts.added_at
    quiet = (now - last).total_seconds()
    why = f"nothing new for {span(quiet)}; usually something every {span(norm)}"
    if quiet > silent:
        return HealthState.SILENT, last + timedelta(seconds=silent), why
    if quiet > late:
        return HealthState.LATE, last + timedelta(seconds=late), why
    if poll.url:
        return HealthState.MOVED, poll.moved_at, f"moved for good to {poll.url}: change its url"
    return HealthState.WELL, None, ""


def span(seconds: float) -> str:
    """A duration in words, to the precision that a person wants."""
    if seconds >= 2 * DAY:
        return f"{seconds / DAY:.0f} days"
    if seconds >= 2 * HOUR:
        return f"{seconds / HOUR:.0f} hours"
    return f"{seconds / 60:.0f} minutes" if seconds >= 90 else "a minute"
