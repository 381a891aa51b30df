"""When a feed asks to be polled: ttl, skipHours, skipDays. Pure.

Of the last two feedparser keeps one entry only, so they are read from the text.
"""

from __future__ import annotations

import re

_HOURS = re.compile(r"<skipHours\b[^>]{0,200}>(.{0,2000}?)</skipHours", re.IGNORECASE | re.DOTALL)
_HOUR = re.compile(r"<hour\b[^>]{0,100}>\s*(\d{1,2})\s*</hour", re.IGNORECASE)
_DAYS = re.compile(r"<skipDays\b[^>]{0,200}>(.{0,2000}?)</skipDays", re.IGNORECASE | re.DOTALL)
_DAY = re.compile(r"<day\b[^>]{0,100}>\s*([a-z]{6,9})\s*</day", re.IGNORECASE)
_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_MINUTE, _HOUR_LONG, _DAY_LONG = 60.0, 3_600.0, 86_400.0  # seconds
_PERIODS = {
    "hourly": _HOUR_LONG,
    "daily": _DAY_LONG,
    "weekly": 7 * _DAY_LONG,
    "monthly": 30 * _DAY_LONG,
    "yearly": 365 * _DAY_LONG,
}


def ttl(minutes: str, period: str, frequency: str) -> float | None:
    """Seconds between two polls, from RSS's ttl, or sy:updatePeriod and sy:updateFrequency."""
    asked = _number(minutes)
    if asked:
        return asked * _MINUTE
    length = _PERIODS.get(period.strip().lower())
    return length / (_number(frequency) or 1.0) if length else None


def _number(text: str) -> float:
    text = text.strip()
    return float(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0.0


def hours(text: str) -> tuple[int, ...]:
    """Hours of the day (UTC) without polls; none where all 24 are named. 24 means midnight."""
    found = _HOURS.search(text)
    named = {int(hour) % 24 for hour in _HOUR.findall(found[1]) if int(hour) <= 24} if found else ()
    return tuple(sorted(named)) if len(named) < 24 else ()


def days(text: str) -> tuple[int, ...]:
    """Days of the week without polls, 0 is Monday; none where all seven are named."""
    found = _DAYS.search(text)
    named = {day.lower() for day in _DAY.findall(found[1])} if found else set()
    numbers = tuple(number for number, name in enumerate(_NAMES) if name in named)
    return numbers if len(numbers) < 7 else ()
