"""When an edition's next issue is due to be drafted, and which days it covers. Pure.

By rhythm, an issue is due at the start of a week, month or quarter and covers the one before. By
cron or RRULE it is due when these say, and covers the days since it was last due, unless `covers`
names a unit: then the last whole one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from digest import period as periods
from vigie import rhythms
from vigie.schema import Calendar

LATE = timedelta(days=14)  # what was due longer ago is not drafted by itself any more
_BACK = timedelta(days=800)  # how far back a former due date is looked for
_RULES = {
    "weekly": ("FREQ=WEEKLY;BYDAY=MO", "week"),
    "monthly": ("FREQ=MONTHLY;BYMONTHDAY=1", "month"),
    "quarterly": ("FREQ=YEARLY;BYMONTH=1,4,7,10;BYMONTHDAY=1", "quarter"),
}


_UNITS: dict[str, periods.Unit] = {"week": "week", "month": "month", "quarter": "quarter"}


@dataclass(frozen=True, slots=True)
class Due:
    """An issue that is to be drafted at a moment."""

    at: datetime
    period: str  # 2026Q4


def upcoming(calendar: Calendar, now: datetime, zone: ZoneInfo) -> Iterator[Due]:
    """What is due after `now`, the next first; nothing for a calendar that says never."""
    before = next(_last_two(calendar, now, zone), None)
    for at in _moments(calendar, now, zone):
        yield Due(at, _period(calendar, at, before, zone))
        before = at


def last_due(calendar: Calendar, now: datetime, zone: ZoneInfo) -> Due | None:
    """What was due last, up to `now`; None where nothing ever was."""
    times = list(_last_two(calendar, now, zone))
    if not times:
        return None
    return Due(times[0], _period(calendar, times[0], times[1] if times[1:] else None, zone))


def _last_two(calendar: Calendar, now: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """The last due moments up to `now`, the latest first."""
    past: list[datetime] = []
    for at in _moments(calendar, now - _BACK, zone):
        if at > now:
            break
        past = [*past[-1:], at]
    yield from reversed(past)


def _moments(calendar: Calendar, after: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    if calendar.cron or calendar.rrule:
        return rhythms.moments(calendar.cron, calendar.rrule, after, zone)
    if calendar.rhythm == "never":
        return iter(())
    hour, minute = calendar.at.split(":")
    rule = f"{_RULES[calendar.rhythm][0]};BYHOUR={hour};BYMINUTE={minute};BYSECOND=0"
    return rhythms.moments("", rule, after, zone)


def _period(calendar: Calendar, at: datetime, before: datetime | None, zone: ZoneInfo) -> str:
    plain = not (calendar.cron or calendar.rrule)
    unit = _UNITS.get(calendar.covers or (_RULES[calendar.rhythm][1] if plain else "between"))
    if unit:
        return periods.before(at, zone, unit)
    return periods.between(before or at - timedelta(days=30), at, zone)
