"""Dates as people write them in French, Dutch, German and English, found in running text. Pure.

Where a date stands is found by the patterns here; what it means is read by dateparser.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from importlib import import_module
from typing import Any, Literal

LANGUAGES = ("fr", "nl", "de", "en")
MONTHS = r"""(?:
    janv(?:ier)?|f[ée]v(?:r|rier)?|mars|avr(?:il)?|mai|juin|juil(?:let)?|ao[ûu]t|sept?(?:embre)?
  | oct(?:obre)?|nov(?:embre)?|d[ée]c(?:embre)?
  | jan(?:uari|uary|uar)?|j[äa]nner|feb(?:ruari|ruary|ruar)?|maart|mrt|m[äa]r(?:z|ch)?|apr(?:il)?
  | mei|may|june?|juni|july?|juli|aug(?:ustus|ust)?|sept?(?:ember)?|okt(?:ober)?|oct(?:ober)?
  | nov(?:ember)?|de[cz](?:ember)?
)\b\.?"""
_HOUR = r"(?:\s*(?:,|à|om|um|at|[-–|]|uhr)?\s*\d{1,2}\s?(?:[:h.]|uhr)\s?\d{2}(?:\s?[ap]m)?)?"
_UNITS = r"""(?:
    minutes?|heures?|jours?|semaines?|mois
  | minuten|minuut|uur|dagen|dag|weken|week|maanden?
  | stunden?|tage?n?|wochen?|monate?n?|minute
  | hours?|days?|weeks?|months?|mins?|h|min
)\b"""
_WRITTEN = re.compile(
    rf"""
    (?P<iso>\b\d{{4}}-\d{{2}}-\d{{2}}
        (?:[T ]\d{{2}}:\d{{2}}(?::\d{{2}}(?:\.\d+)?)?(?:Z|[+-]\d{{2}}:?\d{{2}})?)?)
  | (?P<number>\b\d{{1,2}}(?P<mark>[./-])\d{{1,2}}(?P=mark)(?:\d{{4}}|\d{{2}})\b{_HOUR})
  | (?P<words>\b\d{{1,2}}(?:er|st|nd|rd|th|\.)?\s+(?:of\s+)?{MONTHS}(?:,?\s+\d{{4}}\b)?{_HOUR})
  | (?P<english>\b{MONTHS}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+\d{{4}})\b{_HOUR})
  | (?P<ago>(?:\bil\s+y\s+a|\bvor)\s+(?:\d{{1,3}}|une?|einem?|einer)\s+{_UNITS}
           |\b(?:\d{{1,3}}|an?|één|een)\s+{_UNITS}\s+(?:ago|geleden))
  | (?P<day>\b(?:aujourd['’]hui|hier|vandaag|gisteren|heute|gestern|today|yesterday)\b)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_LONGEST = 400  # characters of text that are looked at


def find(text: str, at: datetime, language: str = "") -> datetime | None:
    """The first date that stands in the text, or None.

    What is relative counts from `at`; a day without a year is the last one that has been. Days come
    before months, as all over Europe. What states no zone is taken as UTC.
    """
    match = _WRITTEN.search(" ".join(text[:_LONGEST].split()))
    return read(match[0], at, language) if match else None


Prefer = Literal["past", "future", "current_period"]


def read(text: str, at: datetime, language: str = "", prefer: Prefer = "past") -> datetime | None:
    """What a date means; None for what is none. See `find`; `prefer` is for what leaves it open."""
    text = " ".join(text.split())[:80]
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return _by_dateparser(text.lower().replace("’", "'"), at, language, prefer)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@lru_cache(maxsize=2_000)  # a listing says the same day many times
def _by_dateparser(text: str, at: datetime, language: str, prefer: Prefer) -> datetime | None:
    order = [language] if language in LANGUAGES else []
    parser: Any = import_module("dateparser")  # 0.3 s: only where a date needs it
    found = parser.parse(
        text,
        languages=[*order, *(code for code in LANGUAGES if code not in order)],
        settings={
            "RELATIVE_BASE": at.replace(tzinfo=None),
            "TIMEZONE": "UTC",
            "RETURN_AS_TIMEZONE_AWARE": True,
            "DATE_ORDER": "DMY",
            "PREFER_LOCALE_DATE_ORDER": False,
            "PREFER_DATES_FROM": prefer,
            "REQUIRE_PARTS": ["day"],
        },
    )
    if not isinstance(found, datetime):
        return None
    return found.astimezone(UTC).replace(microsecond=0)


def is_date(text: str) -> bool:
    """Whether a line is a date and nothing else of weight."""
    rest = _WRITTEN.sub("", text)
    return rest != text and sum(letter.isalpha() for letter in rest) <= 12
