"""Quarters of the year: what days an issue covers, and how that is said."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date

from digest.catalogue import locale

_QUARTER = re.compile(r"([0-9]{4})Q([1-4])")


def quarter(text: str, tz: ZoneInfo) -> tuple[datetime, datetime]:
    """Start (included) and end (not) of a quarter such as "2026Q4", as UTC.

    The quarter begins at midnight in `tz`. Raises ValueError for any other shape of text.
    """
    year, number = _parts(text)
    following = (year, number + 1) if number < 4 else (year + 1, 1)
    start, end = (
        datetime(y, 3 * n - 2, 1, tzinfo=tz).astimezone(UTC) for y, n in ((year, number), following)
    )
    return start, end


def quarter_of(now: datetime, tz: ZoneInfo) -> str:
    """The quarter that `now` (aware) falls in for the people of `tz`."""
    local = now.astimezone(tz)
    return f"{local.year:04}Q{(local.month + 2) // 3}"


def words(text: str, language: str) -> str:
    """The quarter as its readers say it: "4e trimestre 2026". Raises ValueError as `quarter`."""
    year, number = _parts(text)
    return str(format_date(date(year, 3 * number - 2, 1), "QQQQ y", locale=locale(language)))


def _parts(text: str) -> tuple[int, int]:
    match = _QUARTER.fullmatch(text)
    if match is None or not 1900 <= int(match[1]) <= 2999:
        raise ValueError(f"a quarter is written like 2026Q4, not {text!r}")
    return int(match[1]), int(match[2])
