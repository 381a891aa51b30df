"""In how many messages what waits for someone goes, and when. Pure.

* In quiet hours, and on weekends where these are quiet, all waits but what is grave enough to break
  through (`through`). That is never put off by anything else here.
* At most `together` messages within a window: what comes on top waits until the window is over,
  and then goes as one. More than `together` at once go as one at once.
* At most `per_day` alerts are told in a day (in the desk's time zone). The rest is told as a
  number, in the first message of a later day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from vigie.alerting import Quiet, When
from vigie.model import Mailbag, Packed, Parcel, Severity, Waiting

_SATURDAY = 5


def is_quiet(quiet: Quiet, now: datetime, timezone: str) -> bool:
    """Whether alerts wait at that moment. Hours may run over midnight."""
    local = now.astimezone(ZoneInfo(timezone))
    if quiet.weekends and local.weekday() >= _SATURDAY:
        return True
    if quiet.start is None:
        return False
    at = local.time()
    if quiet.start <= quiet.until:
        return quiet.start <= at < quiet.until
    return at >= quiet.start or at < quiet.until


def pack(bags: Iterable[Mailbag], when: When, now: datetime, timezone: str) -> Packed:
    """What goes to each of them now, and what goes beyond their day's limit."""
    quiet = is_quiet(when.quiet, now, timezone)
    parcels: list[Parcel] = []
    over: list[int] = []
    for bag in bags:
        made, beyond = _pack_one(bag, when, now, quiet=quiet)
        parcels += made
        over += beyond
    return Packed(tuple(parcels), tuple(over))


def _pack_one(
    bag: Mailbag, when: When, now: datetime, *, quiet: bool
) -> tuple[list[Parcel], list[int]]:
    ordered = sorted(bag.waiting, key=lambda one: (-one.severity.rank, one.since, one.item))
    urgent = [one for one in ordered if _breaks_through(one, when.quiet.through)]
    others = [] if quiet else [one for one in ordered if one not in urgent]
    room = max(0, when.per_day - bag.told - len(urgent))
    others, beyond = others[:room], others[room:]
    groups = _groups(urgent, when.together)
    groups += _in_time(others, bag, when, now, len(groups))
    parcels = [Parcel(bag.recipient, tuple(one.item for one in group)) for group in groups]
    if bag.counted and not quiet:
        if parcels:
            parcels[0] = Parcel(bag.recipient, parcels[0].items, bag.counted)
        elif not others:
            parcels = [Parcel(bag.recipient, (), bag.counted)]
    return parcels, [one.item for one in beyond]


def _breaks_through(one: Waiting, through: Severity) -> bool:
    return bool(through) and one.severity.rank >= through.rank


def _groups(items: Sequence[Waiting], together: int) -> list[list[Waiting]]:
    """Each by itself, or all as one where they are many."""
    if len(items) > together:
        return [list(items)]
    return [[one] for one in items]


def _in_time(
    items: Sequence[Waiting], bag: Mailbag, when: When, now: datetime, going: int
) -> list[list[Waiting]]:
    """The groups that may go now, with regard to what went within the window."""
    if not items:
        return []
    window = timedelta(minutes=when.window_minutes)
    recent = going + sum(now - at < window for at in bag.sent)
    if recent + len(items) <= when.together:
        return [[one] for one in items]
    if not recent or now - min(one.since for one in items) >= window:
        return _groups(items, when.together) if not recent else [list(items)]
    return []
