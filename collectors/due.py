"""When a source is asked again, and since when it is ill. Pure: `now` is an argument."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from vigie.model import Fetched, ParsedFeed, PollState

DAY = 86_400.0  # seconds
LONGEST_WAIT = 7 * DAY  # the most that a server's Retry-After is followed


def after(
    state: PollState, fetched: Fetched, parsed: ParsedFeed, interval: float, now: datetime
) -> PollState:
    """The state of a source after a poll.

    `interval` is the source's own rhythm in seconds. A success asks again after the interval, or
    the feed's ttl where that is longer (a day at most). A failure waits interval times 2 to the
    power of failures in a row less one, a day at most, for ever: no source is given up. Retry-After
    is waited out, seven days at most. Validators are kept only of what could be read, so that a
    "not modified" never vouches for a broken feed. A permanent move is counted in `moved_seen`;
    whoever stores the state follows it when it is sure.
    """
    failure = fetched.failure or parsed.failure
    failures = state.failures + 1 if failure else 0
    wait = _backoff(interval, failures) if failure else max(interval, min(parsed.ttl or 0.0, DAY))
    if fetched.retry_after is not None:
        wait = max(wait, min(fetched.retry_after, LONGEST_WAIT))
    polled = replace(
        state,
        next_due=now + timedelta(seconds=wait),
        last_polled=now,
        failures=failures,
        failure=failure,
    )
    if failure:
        return replace(polled, ill_since=state.ill_since or now)
    keeps = fetched.not_modified
    seen_again = state.moved_seen + 1 if fetched.moved_to == state.moved_to else 1
    return replace(
        polled,
        last_ok=now,
        ill_since=None,
        etag=fetched.etag or (state.etag if keeps else ""),
        last_modified=fetched.last_modified or (state.last_modified if keeps else ""),
        moved_to=fetched.moved_to,
        moved_seen=seen_again if fetched.moved_to else 0,
    )


def _backoff(interval: float, failures: int) -> float:
    doublings = min(failures - 1, 32)  # 2**32 is far over the ceiling, and no overflow
    return float(min(interval * 2**doublings, DAY))
