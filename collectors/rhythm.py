"""A source's own rhythm: what is usual for it, and how often it is therefore asked. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b
from itertools import pairwise
from statistics import median

from vigie.model import Item, PollState, SourceId

MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0  # seconds
SHORTEST, LONGEST = 10 * MINUTE, DAY
PRIOR = {"hourly": HOUR, "daily": DAY, "weekly": 7 * DAY, "monthly": 30 * DAY}
_JITTER = 0.1
_SAMPLE = 40  # items that are looked at
_BURST = 10 * MINUTE  # items closer than this came together
_ENOUGH = 3  # gaps that make a history
_QUIET = 3  # times its norm after which a silent source is asked less often


def learned(state: PollState, items: Sequence[Item], new: int, now: datetime) -> PollState:
    """The state with what a poll shows of the source's rhythm.

    Feeds without dates teach it too: by when something `new` came.
    """
    dates = [item.published for item in items if item.published and item.published <= now]
    newest = max(dates, default=now if new else None)
    if newest is None or (state.last_item and newest <= state.last_item):
        newest = state.last_item
    gap = norm(dates)
    if gap is None and newest and state.last_item and newest > state.last_item:
        step = (newest - state.last_item).total_seconds()
        gap = step if state.norm is None else (state.norm + step) / 2
    return replace(state, norm=gap or state.norm, last_item=newest)


def norm(dates: Iterable[datetime]) -> float | None:
    """The median gap in seconds between items; None where there are too few to say.

    Items that came together count as one, so that ten at eight o'clock are a daily source.
    """
    bursts: list[datetime] = []
    for date in sorted(dates)[-_SAMPLE:]:
        if not bursts or (date - bursts[-1]).total_seconds() > _BURST:
            bursts.append(date)
    gaps = [(late - early).total_seconds() for early, late in pairwise(bursts)]
    return median(gaps) if len(gaps) >= _ENOUGH else None


def expected(state: PollState, declared: str) -> float:
    """Seconds between two items: the source's own, else those of its declared rhythm."""
    return state.norm or PRIOR.get(declared, DAY)


def interval(
    source: SourceId, state: PollState, declared: str, now: datetime, fixed: float | None = None
) -> float:
    """Seconds until a source that is well is asked again: half its usual gap, or what is `fixed`.

    Between 10 minutes and 24 hours, jitter included. The longer a source says nothing beyond what
    is usual, the less often it is asked.
    """
    if fixed is not None:
        return fixed * jitter(source, now)
    gap = expected(state, declared)
    if state.last_item:
        gap = max(gap, (now - state.last_item).total_seconds() / _QUIET)
    shortest, longest = SHORTEST / (1 - _JITTER), LONGEST / (1 + _JITTER)
    return min(max(gap / 2, shortest), longest) * jitter(source, now)


def jitter(source: SourceId, now: datetime) -> float:
    """A factor between 0.9 and 1.1, the same for the same source and time."""
    digest = blake2b(f"{source} {now.isoformat()}".encode(), digest_size=4).digest()
    return 1 - _JITTER + 2 * _JITTER * int.from_bytes(digest) / 0xFFFF_FFFF
