"""A source's health, said as a person would in the reader's language.

The sentences are made from the parts of a `Reason` and `app.health_words`, never translated from
English. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from http import HTTPStatus
from types import MappingProxyType

from babel.dates import format_date, format_timedelta

from app.health_words import Words
from vigie.model import Failure, Health, HealthState

# The command of `vigie sources` that helps with each state; the words for it are in `commands`.
COMMANDS: Mapping[HealthState, str] = MappingProxyType(
    {
        HealthState.ILL: "check",
        HealthState.REFUSED: "check",
        HealthState.MOVED: "settle",
        HealthState.PAUSED: "resume",
        HealthState.LATE: "show",
        HealthState.SILENT: "show",
        HealthState.RETIRED: "show",
    }
)


def sentence(words: Words, health: Health, before: HealthState, title: str) -> str:
    """How a source is, since when, and how it was."""
    since = words.since.format(date=_day(words, health.since)) if health.since else ""
    return words.line.format(
        title=title,
        id=health.source,
        state=words.states[health.state],
        since=since,
        before=words.before.format(state=words.states[before]),
    )


def reasons(words: Words, health: Health) -> list[str]:
    """Why, in sentences; [] for a source that is well."""
    reason, told = health.reason, []
    if reason is None or health.state is HealthState.WELL:
        return []
    if reason.failure:
        several = reason.times > 1
        told.append(
            _failure(words, reason.failure) + words.times[several].format(count=reason.times)
        )
        told.append(words.detail.format(detail=reason.failure.detail))
    elif health.state is HealthState.PAUSED:
        until = words.until.format(date=_day(words, reason.until)) if reason.until else ""
        told.append(until or words.until_resumed)
    if reason.quiet is not None and reason.norm is not None:
        spans = _span(words, reason.quiet), _span(words, reason.norm)
        told.append(words.quiet.format(quiet=spans[0], norm=spans[1]))
    if reason.moved_to:
        told.append(words.moved.format(url=reason.moved_to))
    if reason.note and not reason.failure:
        told.append(words.note.format(note=reason.note))
    return told


def _failure(words: Words, failure: Failure) -> str:
    if failure.kind in words.failures:
        return words.failures[failure.kind]
    exact = words.statuses.get(failure.status)
    if exact is None and failure.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        exact = words.statuses[HTTPStatus.INTERNAL_SERVER_ERROR]
    return (exact or words.any_status).format(status=failure.status)


def _day(words: Words, moment: datetime | date | None) -> str:
    return format_date(moment, "long", locale=words.locale)


def _span(words: Words, seconds: float) -> str:
    return format_timedelta(timedelta(seconds=seconds), threshold=1.5, locale=words.locale)
