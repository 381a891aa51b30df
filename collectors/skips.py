"""RSS's skipHours and skipDays, of which feedparser keeps the last entry only. Pure."""

from __future__ import annotations

import re

_HOURS = re.compile(r"<skipHours\b[^>]{0,200}>(.{0,2000}?)</skipHours", re.IGNORECASE | re.DOTALL)
_HOUR = re.compile(r"<hour\b[^>]{0,100}>\s*(\d{1,2})\s*</hour", re.IGNORECASE)
_DAYS = re.compile(r"<skipDays\b[^>]{0,200}>(.{0,2000}?)</skipDays", re.IGNORECASE | re.DOTALL)
_DAY = re.compile(r"<day\b[^>]{0,100}>\s*([a-z]{6,9})\s*</day", re.IGNORECASE)
_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


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
