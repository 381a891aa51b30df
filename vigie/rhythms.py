"""Cron and RRULE: read, and asked for their next moments. Pure.

A crontab line has five fields (minute, hour, day, month, weekday), weekdays by name or, as in cron,
0 for Sunday. An RRULE is that of RFC 5545, section 3.3.10; where it has no DTSTART, it counts from
`EPOCH`. Both are told by the clock on the wall, so that 08:00 stays 08:00 in summer.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rruleset, rrulestr

EPOCH = datetime(2024, 1, 1, 8, 0)  # noqa: DTZ001  # a Monday, by the clock on the wall
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")


def crontab(text: str, timezone: str = "UTC") -> object:
    """The trigger of a crontab line. Raises ValueError in words."""
    from apscheduler.triggers.cron import CronTrigger  # noqa: PLC0415  # slow, and seldom needed

    fields = text.split()
    if len(fields) != 5:
        raise ValueError("five fields: minute hour day month weekday, such as 0 8 1 */3 *")
    # APScheduler counts weekdays from Monday, cron from Sunday.
    fields[4] = "".join(
        _WEEKDAYS[int(part)] if part.isdigit() and int(part) < 8 else part
        for part in _parts(fields[4])
    )
    minute, hour, day, month, weekday = fields
    return CronTrigger(
        minute=minute, hour=hour, day=day, month=month, day_of_week=weekday, timezone=timezone
    )


def _parts(field: str) -> list[str]:
    """Numbers and what stands between them; a step (*/2) is left as it is."""
    if "/" in field:
        return [field]
    return ["".join(group) for _, group in itertools.groupby(field, str.isdigit)]


def rule(text: str) -> rrule | rruleset:
    """The recurrence of an RRULE. Raises ValueError in words."""
    try:
        found = rrulestr(text, dtstart=EPOCH)
        first = next(iter(found), None)
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise ValueError(f"a rule such as FREQ=MONTHLY;BYMONTHDAY=1 ({error})") from error
    often = re.search("FREQ=(HOURLY|MINUTELY|SECONDLY)", text, re.IGNORECASE)
    if often or first is None or first.tzinfo is not None:
        raise ValueError("a rule of days or longer that happens, without UTC or a time zone")
    return found


def moments(cron: str, recurrence: str, after: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """When it is due after that moment (not included), in order, as UTC."""
    if cron:
        trigger = crontab(cron, zone.key)
        found = trigger.get_next_fire_time(after, after)  # type: ignore[attr-defined]  # no types
        while found is not None:
            if found > after:
                yield found.astimezone(UTC)
            found = trigger.get_next_fire_time(found, found)  # type: ignore[attr-defined]
        return
    local = after.astimezone(zone).replace(tzinfo=None)
    for found in rule(recurrence).xafter(local):
        yield found.replace(tzinfo=zone).astimezone(UTC)
