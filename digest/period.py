"""What days an issue covers, and how that is said.

A period is written 2026Q4, 2026-11, 2026W47 (ISO 8601) or 2026-11-01--2026-11-15, both days
included. It begins and ends at midnight, by the clock on the wall.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from babel.dates import format_date

from digest.catalogue import locale, translator

Unit = Literal["week", "month", "quarter"]

_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_SHAPES = (
    re.compile(r"(?P<year>[0-9]{4})Q(?P<quarter>[1-4])"),
    re.compile(r"(?P<year>[0-9]{4})W(?P<week>[0-9]{2})"),
    re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})"),
    re.compile(rf"(?P<first>{_DAY})--(?P<last>{_DAY})"),
)
_LONGEST = timedelta(days=400)  # of a range: a typing error in the year is one


def bounds(text: str, tz: ZoneInfo) -> tuple[datetime, datetime]:
    """Start (included) and end (not) of a period, as UTC.

    Raises ValueError for any other shape of text, or a day that there is not.
    """
    first, last = _days(text)
    start, end = (
        datetime.combine(day, time(), tz).astimezone(UTC)
        for day in (first, last + timedelta(days=1))
    )
    return start, end


def current(now: datetime, tz: ZoneInfo, unit: Unit = "quarter") -> str:
    """The period that `now` (aware) falls in for the people of `tz`."""
    local = now.astimezone(tz).date()
    if unit == "week":
        year, week, _ = local.isocalendar()
        return f"{year:04}W{week:02}"
    if unit == "month":
        return f"{local:%Y-%m}"
    return f"{local.year:04}Q{(local.month + 2) // 3}"


def before(now: datetime, tz: ZoneInfo, unit: Unit = "quarter") -> str:
    """The period that ended last before `now`."""
    start, _ = bounds(current(now, tz, unit), tz)
    return current(start - timedelta(hours=1), tz, unit)


def between(start: datetime, end: datetime, tz: ZoneInfo) -> str:
    """The days from `start` on and before that of `end`; one day where they are the same."""
    first, last = start.astimezone(tz).date(), end.astimezone(tz).date() - timedelta(days=1)
    return f"{first}--{max(first, last)}"


def words(text: str, language: str) -> str:
    """The period as its readers say it: "4e trimestre 2026". Raises ValueError as `bounds`."""
    first, last = _days(text)
    rules = locale(language)
    if "Q" in text:
        return str(format_date(first, "QQQQ y", locale=rules))
    if "W" in text:
        said = translator(language).gettext("week {week} of {year}")
        return said.format(week=int(text[5:]), year=text[:4])
    if len(text) == 7:
        return str(format_date(first, "LLLL y", locale=rules))
    if first == last:
        return _day(first, language)
    said = translator(language).gettext("{first} to {last}")
    return said.format(first=_day(first, language), last=_day(last, language))


def _day(day: date, language: str) -> str:
    text = str(format_date(day, "long", locale=locale(language)))
    return f"1er{text[1:]}" if language == "fr" and day.day == 1 else text


def _days(text: str) -> tuple[date, date]:
    """The first and the last day."""
    match = next((found for shape in _SHAPES if (found := shape.fullmatch(text))), None)
    try:
        if match is None or not text.isascii():
            raise ValueError
        first, last = _read({key: value for key, value in match.groupdict().items() if value})
        if not (1900 <= first.year <= 2999 and timedelta() <= last - first <= _LONGEST):
            raise ValueError
    except ValueError as error:
        raise ValueError(
            "a period is written like 2026Q4, 2026-11, 2026W47 or 2026-11-01--2026-11-15, "
            f"not {text!r}"
        ) from error
    return first, last


def _read(parts: dict[str, str]) -> tuple[date, date]:
    if "first" in parts:
        return date.fromisoformat(parts["first"]), date.fromisoformat(parts["last"])
    year = int(parts["year"])
    if "week" in parts:
        monday = date.fromisocalendar(year, int(parts["week"]), 1)
        return monday, monday + timedelta(days=6)
    if "month" in parts:
        month, months = int(parts["month"]), 1
    else:
        month, months = 3 * int(parts["quarter"]) - 2, 3
    after = date(year + (month + months > 12), (month + months - 1) % 12 + 1, 1)
    return date(year, month, 1), after - timedelta(days=1)
