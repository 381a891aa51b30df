"""When and where a source is asked again, and since when it is ill. Pure: `now` is an argument."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import NamedTuple

from collectors.rhythm import SHORTEST
from vigie.model import Fetched, FetchJob, ParsedFeed, PollState, SourceId

HOUR, DAY = 3_600.0, 86_400.0  # seconds
LONGEST_WAIT = 7 * DAY  # the most that a server's Retry-After is followed
AFTER_OUTAGE = 300.0  # seconds until those whom a local outage kept from answering are due
CONFIRMATIONS = 3  # polls in a row that make a move sure, or the new address a mistake
_FULL_EVERY = 20  # polls; some servers keep a validator over changed content
_FULL_AFTER = timedelta(days=7)
_LONGEST_NOTICE = 300  # characters
_MOST_SKIPPED = 72  # hours in a row: a long weekend. Who skips more would be lost in silence


def job(source: SourceId, url: str, state: PollState, now: datetime, auth: str = "") -> FetchJob:
    """What is asked: the address in force, with validators unless a whole answer is due."""
    known = not _wants_all(state, now)
    return FetchJob(
        source,
        state.url or url,
        state.etag if known else "",
        state.last_modified if known else "",
        auth=auth,
        auth_for=url if auth else "",
    )


def _wants_all(state: PollState, now: datetime) -> bool:
    if state.last_full is None:
        return False  # never had: there is nothing to distrust yet
    return state.since_full >= _FULL_EVERY - 1 or now - state.last_full >= _FULL_AFTER


def after(
    state: PollState, fetched: Fetched, parsed: ParsedFeed, interval: float, now: datetime
) -> PollState:
    """The state of a source after a poll.

    `interval` is the source's own rhythm in seconds. A success asks again after it, or after the
    feed's ttl or the answer's freshness where these are longer (a day at most), and not in hours
    that the feed skips. A failure waits the interval (an hour at most) times 2 to the power of
    failures in a row less one, a day at most, for ever: no source is given up but one that says
    410 Gone. Retry-After is waited out, seven days at most; while failures are few it is believed,
    and the source asked right after it, ten minutes at least. Validators are kept only of what
    could be read, so that a "not modified" never vouches for a broken feed.
    """
    failure = fetched.failure or parsed.failure
    polled = replace(state, last_polled=now, failure=failure, spared_at=None)
    if not failure:
        return _well(polled, fetched, parsed, interval, now)
    failures = state.failures + 1
    ill = replace(
        polled,
        failures=failures,
        ill_since=state.ill_since or now,
        next_due=now + timedelta(seconds=_wait(interval, failures, fetched)),
    )
    gone = failure.status == HTTPStatus.GONE
    if state.url and (gone or failures >= CONFIRMATIONS):
        return _back(ill, now)
    if gone:
        return replace(ill, retired_at=now, retired_why=f"{failure.detail}: its server retired it")
    return ill


def spared(state: PollState, now: datetime) -> PollState:
    """The state of a source that a local outage kept from answering: nothing counts against it."""
    due = now + timedelta(seconds=AFTER_OUTAGE)
    return replace(state, next_due=due, spared_at=state.spared_at or now)


class Notice(NamedTuple):
    """What a poll changed that a coordinator wants to know."""

    kind: str  # as in the archive's source_events
    detail: str


def notice(url: str, before: PollState, state: PollState) -> Notice | None:
    """What to tell of a poll that took a source, declared at `url`, from one state to the next."""
    if state.retired_at and not before.retired_at:
        return Notice("retired", state.retired_why)
    if state.url == before.url:
        return None
    if state.url:
        said = f"{CONFIRMATIONS} polls in a row were redirected for good"
        return Notice("moved", f"{said}: now polled at {state.url}, declared as {url}")
    why = state.failure.detail if state.failure else "failed"
    return Notice("moved back", f"{before.url} failed ({why}): polled as declared again, {url}")


def _well(
    polled: PollState, fetched: Fetched, parsed: ParsedFeed, interval: float, now: datetime
) -> PollState:
    keeps = fetched.not_modified
    known = polled if keeps else parsed  # an unmodified feed still asks what it asked
    bounds = [min(asked or 0.0, DAY) for asked in (known.ttl, fetched.fresh_for)]
    due = now + timedelta(seconds=_patient(max(interval, *bounds), fetched))
    state = replace(
        polled,
        next_due=_unskipped(due, known.skip_hours, known.skip_days),
        failures=0,
        last_ok=now,
        ill_since=None,
        etag=fetched.etag or (polled.etag if keeps else ""),
        last_modified=fetched.last_modified or (polled.last_modified if keeps else ""),
        since_full=polled.since_full + 1 if keeps else 0,
        last_full=polled.last_full if keeps else now,
        ttl=known.ttl,
        skip_hours=known.skip_hours,
        skip_days=known.skip_days,
        notice=polled.notice if keeps or parsed.unchanged else _notice(parsed),
    )
    return _followed(state, fetched, now)


def _notice(parsed: ParsedFeed) -> str:
    """What could not be read of an answer that was read: the first, and how many more."""
    if not parsed.unparsed:
        return ""
    first = parsed.unparsed[0]
    more = f"; and {len(parsed.unparsed) - 1} more" if len(parsed.unparsed) > 1 else ""
    return f"{first.where}: {first.reason}"[:_LONGEST_NOTICE] + more


def _followed(state: PollState, fetched: Fetched, now: datetime) -> PollState:
    """Count where permanent redirects lead; adopt the new address when it is sure.

    One that would give up TLS is followed at each poll but never adopted.
    """
    target = fetched.moved_to
    seen = state.moved_seen + 1 if target and target == state.moved_to else int(bool(target))
    state = replace(state, moved_to=target, moved_seen=seen)
    weaker = fetched.url.startswith("https:") and not target.startswith("https:")
    if seen < CONFIRMATIONS or weaker:
        return state
    return replace(state, url=target, moved_at=now)


def _back(ill: PollState, now: datetime) -> PollState:
    """To the declared address, which may well answer: it is asked soon."""
    return replace(
        ill,
        next_due=now + timedelta(seconds=AFTER_OUTAGE),
        url="",
        moved_at=None,
        moved_to="",
        moved_seen=0,
        etag="",
        last_modified="",
    )


def _wait(interval: float, failures: int, fetched: Fetched) -> float:
    if fetched.retry_after is not None and failures <= CONFIRMATIONS:
        return _patient(SHORTEST, fetched)
    return _patient(_backoff(interval, failures), fetched)


def _patient(wait: float, fetched: Fetched) -> float:
    return max(wait, min(fetched.retry_after or 0.0, LONGEST_WAIT))


def _backoff(interval: float, failures: int) -> float:
    doublings = min(failures - 1, 32)  # 2**32 is far over the ceiling, and no overflow
    return float(min(min(interval, HOUR) * 2**doublings, DAY))


def _unskipped(due: datetime, hours: tuple[int, ...], days: tuple[int, ...]) -> datetime:
    """The first moment from `due` on that the feed does not ask to skip."""
    moment = due
    for _ in range(_MOST_SKIPPED):
        if moment.hour not in hours and moment.weekday() not in days:
            return moment
        moment = moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return due
