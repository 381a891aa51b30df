"""How a source is, in words, from what is recorded of it. Pure: `now` is an argument."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import NamedTuple

from collectors.rhythm import DAY, HOUR, expected
from vigie.model import FailureKind, Health, HealthState, PollState, Reason, SourceFacts, SourceId

_LATE, _SILENT = 3, 10  # times the norm
_LATE_LEAST = DAY  # nobody is late within a night
_SILENT_LEAST = 3 * DAY  # nor silent over a weekend
_SILENT_MOST = 60 * DAY
_FOR_EVER = 9999  # the year of a pause that lasts until someone ends it
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
    state, since, reason = _judged(facts, now)
    return Health(
        facts.source,
        state,
        since,
        _words(state, reason),
        facts.state.last_item,
        expected(facts.state, facts.rhythm),
        facts.duplicates,
        facts.kept,
        reason,
    )


def changes(before: Mapping[SourceId, HealthState], after: Iterable[Health]) -> list[Change]:
    """Those whose state is another than it was. One never spoken of is thought to be well."""
    found = []
    for health in after:
        old = before.get(health.source, HealthState.WELL)
        if health.state not in (old, HealthState.NEW):
            found.append(Change(old, health))
    return found


def _judged(facts: SourceFacts, now: datetime) -> tuple[HealthState, datetime | None, Reason]:
    poll = facts.state
    if poll.retired_at:
        return (
            HealthState.RETIRED,
            poll.retired_at,
            Reason(poll.failure, poll.failures, note=poll.retired_why),
        )
    if not facts.active:
        return HealthState.RETIRED, facts.stopped_at, Reason(note=facts.note)
    if facts.paused_until and facts.paused_until > now.date():
        until = None if facts.paused_until.year >= _FOR_EVER else facts.paused_until
        return HealthState.PAUSED, facts.stopped_at, Reason(until=until, note=facts.note)
    if poll.failure:
        refused = poll.failure.kind is FailureKind.ROBOTS or poll.failure.status in _REFUSALS
        state = HealthState.REFUSED if refused else HealthState.ILL
        return state, poll.ill_since, Reason(poll.failure, poll.failures)
    if poll.last_polled is None:
        return HealthState.NEW, None, Reason()
    return _of_rhythm(facts, poll, now)


def _of_rhythm(
    facts: SourceFacts, poll: PollState, now: datetime
) -> tuple[HealthState, datetime | None, Reason]:
    norm = expected(poll, facts.rhythm)
    late = max(_LATE * norm, _LATE_LEAST)
    silent = max(min(_SILENT * norm, _SILENT_MOST), _SILENT_LEAST, late)
    last = poll.last_item or facts.added_at
    quiet = (now - last).total_seconds()
    reason = Reason(quiet=quiet, norm=norm)
    if quiet > silent:
        return HealthState.SILENT, last + timedelta(seconds=silent), reason
    if quiet > late:
        return HealthState.LATE, last + timedelta(seconds=late), reason
    if poll.url:
        return HealthState.MOVED, poll.moved_at, Reason(moved_to=poll.url)
    return HealthState.WELL, None, Reason(note=poll.notice)


def _words(state: HealthState, reason: Reason) -> str:
    """The reason in English; "" for a source that is well and has nothing amiss."""
    match state:
        case HealthState.RETIRED:
            return reason.note or "not declared in sources.toml, or set inactive there"
        case HealthState.PAUSED:
            until = f"until {reason.until}" if reason.until else "until it is resumed"
            return f"{until}: {reason.note}" if reason.note else until
        case HealthState.LATE | HealthState.SILENT:
            usual = f"usually something every {span(reason.norm or 0.0)}"
            return f"nothing new for {span(reason.quiet or 0.0)}; {usual}"
        case HealthState.MOVED:
            return f"moved for good to {reason.moved_to}: `vigie sources settle` changes its url"
    if reason.failure:
        times = "once" if reason.times == 1 else f"{reason.times} times in a row"
        return f"{reason.failure.detail} ({times})"
    return reason.note


def span(seconds: float) -> str:
    """A duration in words, to the precision that a person wants."""
    if seconds >= 2 * DAY:
        return f"{seconds / DAY:.0f} days"
    if seconds >= 2 * HOUR:
        return f"{seconds / HOUR:.0f} hours"
    return f"{seconds / 60:.0f} minutes" if seconds >= 90 else "a minute"
