"""Dates of feeds with months named in French, Dutch or German, which no standard has. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_MONTHS = {
    "Jan": ("janv", "janvier", "januari", "januar", "jänner", "jan"),
    "Feb": ("févr", "fevr", "fév", "février", "fevrier", "februari", "februar", "feb"),
    "Mar": ("mars", "mrt", "maart", "mär", "märz", "maerz", "mar"),
    "Apr": ("avr", "avril", "april", "apr"),
    "May": ("mai", "mei"),
    "Jun": ("juin", "juni", "jun"),
    "Jul": ("juil", "juillet", "juli", "jul"),
    "Aug": ("août", "aout", "augustus", "august", "aug"),
    "Sep": ("sept", "septembre", "september", "sep"),
    "Oct": ("oct", "octobre", "oktober", "okt"),
    "Nov": ("nov", "novembre", "november"),
    "Dec": ("déc", "dec", "décembre", "decembre", "december", "dez", "dezember"),
}
_ENGLISH = {name: month for month, names in _MONTHS.items() for name in names}
_WRITTEN = re.compile(
    r"(?:[^\W\d_]{2,12}\.?,?\s+)?(\d{1,2})(?:er|\.)?\s+([^\W\d_]{3,12})\.?\s+(\d{4})"
    r"(?:,?\s+(\d{1,2}:\d{2}(?::\d{2})?)(?:\s+([+-]\d{4}|GMT|UTC|Z))?)?"
)


def read(text: str) -> datetime | None:
    """What such a date means, or None for any other; UTC where it states no zone."""
    found = _WRITTEN.fullmatch(" ".join(text.split())[:80])
    month = _ENGLISH.get(found[2].lower()) if found else None
    if not found or not month:
        return None
    time, zone = found[4] or "00:00:00", found[5] or "+0000"
    try:
        moment = parsedate_to_datetime(f"{found[1]} {month} {found[3]} {time} {zone}")
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
