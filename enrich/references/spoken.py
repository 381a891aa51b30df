"""Dates that a text speaks of: where they stand by patterns here, what they mean by dateparser.

A day that is stated in full is read here; what counts from the day of publication ("il y a trois
jours", "volgende maandag") and a day without its year go to dateparser, once for each wording and
day. A bare weekday or year says too little and is left. Values: 2026-11-21, 2026-11 or 2026.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache

from enrich.references.found import Found
from vigie.dates import LANGUAGES, MONTHS, read
from vigie.model import ReferenceKind

_FIRST = {
    "jan": 1, "jän": 1, "fév": 2, "fev": 2, "feb": 2, "mar": 3, "mär": 3, "maa": 3, "mrt": 3,
    "avr": 4, "apr": 4, "mai": 5, "mei": 5, "may": 5, "jun": 6, "aoû": 8, "aou": 8, "aug": 8,
    "sep": 9, "oct": 10, "okt": 10, "nov": 11, "déc": 12, "dec": 12, "dez": 12,
}  # fmt: skip
_COUNT = r"""(?:\d{1,3}|une?|deux|trois|quatre|cinq|six|dix|een|één|twee|drie|vier|vijf|zes|tien
    |einem|einer|zwei|drei|fünf|sechs|zehn|an?|one|two|three|four|five|ten)"""
_UNIT = r"""(?:jours?|semaines?|mois|ans?|dagen|dag|we[ek]+en?|week|maanden?|jaar|tage?n?|wochen?
    |monate?n?|jahre?n?|days?|weeks?|months?|years?)\b"""
_WEEKDAYS = (
    ("lundi", "maandag", "montag", "monday"),
    ("mardi", "dinsdag", "dienstag", "tuesday"),
    ("mercredi", "woensdag", "mittwoch", "wednesday"),
    ("jeudi", "donderdag", "donnerstag", "thursday"),
    ("vendredi", "vrijdag", "freitag", "friday"),
    ("samedi", "zaterdag", "samstag", "saturday"),
    ("dimanche", "zondag", "sonntag", "sunday"),
)
_WEEKDAY = "(?:" + "|".join(name for names in _WEEKDAYS for name in names) + ")"
_YEAR = r"(?:19|20)\d\d"
_SINCE = r"""(?:en|in|d['’]ici(?:\sà)?|depuis|horizon|dès|fin|début|tegen|sinds|vanaf|bis|seit|ab|by
    |since|from|until|eind|begin|ende|anfang|late|early)"""
_NO_YEAR = r"""(?!\w|[%/-]|[.,]\d|\s?(?:euro|personnes|mens|people|menschen|€|\$
    |m[eè]t(?:er|re)s?n?\b|kilom|km\b|tonn|hectar|jobs|emplois|banen|f[aä]ll|cas\b|gevallen|cases))"""
_DIGITS = re.compile(r"\d+")
_DAY_FIRST = re.compile(
    rf"""(?<![\w./-])(?:
    (?P<iso>\d{{4}}-\d{{2}}-\d{{2}})(?![\d-])
  | (?P<d>\d{{1,2}})(?P<mark>[./])(?P<m>\d{{1,2}})(?P=mark)(?P<y>{_YEAR})(?!\.?\d)
  | (?P<day>\d{{1,2}})(?:\s?(?:er|st|nd|rd|th)|\.)?\s+(?:of\s+)?(?P<month>{MONTHS})
        (?:,?\s+(?P<year>{_YEAR})\b)?
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_YEAR_HERE = re.compile(rf"{_YEAR}(?!\d)")
_ALONE = re.compile(_NO_YEAR, re.IGNORECASE | re.VERBOSE)
_BEFORE_A_YEAR = re.compile(
    rf"""(?<![\w./-])(?:(?P<month>{MONTHS})\s+(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+)?
    | {_SINCE}\s+)\Z""",
    re.IGNORECASE | re.VERBOSE,
)
_LONGEST = 24  # characters that "September 23rd, " and the like take
_COUNTED = re.compile(
    rf"""(?<![\w./-])(?:il\s+y\s+a\s+{_COUNT}\s+{_UNIT} | (?:dans|vor|in|over)\s+{_COUNT}\s+{_UNIT}
      | {_COUNT}\s+{_UNIT}\s+(?:ago|geleden))""",
    re.IGNORECASE | re.VERBOSE,
)
_COUNTED_HINT = ("il y a", "dans ", "vor ", "in ", "over ", " ago", "geleden")
_BY_NAME = re.compile(
    rf"""(?<![\w./-])(?:
    (?P<wday>{_WEEKDAY})\s+(?P<wdir>dernier|prochain)\b
  | (?P<ndir>vorige|afgelopen|volgende|komende|letzten|vergangenen|nächsten|kommenden|last|next)
        \s+(?P<nday>{_WEEKDAY})\b
  | (?P<near>avant-hier|après-demain|aujourd['’]hui|hier|demain|eergisteren|overmorgen|vandaag
        |gisteren|vorgestern|übermorgen|heute|gestern|today|yesterday|tomorrow)\b
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_BY_NAME_HINT = (
    *("dernier", "prochain", "vorige", "afgelopen", "volgende", "komende", "letzten", "gangenen"),
    *("chsten", "kommenden", "last", "next", "hier", "demain", "aujourd", "gisteren", "morgen"),
    *("vandaag", "gestern", "heute", "today", "yesterday", "tomorrow"),
)
_NEAR = {
    "aujourd'hui": 0, "vandaag": 0, "heute": 0, "today": 0,
    "hier": -1, "gisteren": -1, "gestern": -1, "yesterday": -1, "demain": 1, "tomorrow": 1,
    "avant-hier": -2, "eergisteren": -2, "vorgestern": -2, "après-demain": 2, "overmorgen": 2,
    "übermorgen": 2,
}  # fmt: skip
# dateparser reads these words in some languages only: figures, it reads in all.
_COUNTS = {
    **dict.fromkeys(("un", "une", "een", "één", "einem", "einer", "a", "an", "one"), "1"),
    **dict.fromkeys(("deux", "twee", "zwei", "two"), "2"),
    **dict.fromkeys(("trois", "drie", "drei", "three"), "3"),
    **dict.fromkeys(("quatre", "vier", "four"), "4"),
    **dict.fromkeys(("cinq", "vijf", "fünf", "five"), "5"),
    **dict.fromkeys(("six", "zes", "sechs"), "6"),
    **dict.fromkeys(("dix", "tien", "zehn", "ten"), "10"),
}
_ONLY_IN = {"hier": "fr", "demain": "fr", "heute": "de", "gestern": "de", "today": "en"}
_AHEAD = frozenset(("prochain", "volgende", "komende", "nächsten", "kommenden", "next"))


def month_number(word: str) -> int:
    """1 to 12 for a month's name in one of the four languages. Raises ValueError."""
    name = unicodedata.normalize("NFC", word).lower().rstrip(".")
    if name.startswith(("juil", "jul")):
        return 7
    if name.startswith("juin"):
        return 6
    found = _FIRST.get(name[:3])
    if found is None:
        raise ValueError(f"{word!r} is no month")
    return found


def spoken_dates(text: str, language: str, published: datetime | None) -> Iterator[Found]:
    """Dates in a text; those that count from its publication only where that is known."""
    yield from _with_figures(text, language, published)
    if published is None:
        return
    low = text.lower()
    if any(hint in low for hint in _BY_NAME_HINT):
        for match in _BY_NAME.finditer(text):
            yield from _relative(match, _by_name(match, language, published.date()))
    if any(hint in low for hint in _COUNTED_HINT):
        for match in _COUNTED.finditer(text):
            yield from _relative(match, _parsed(_in_figures(match[0]), _noon(published), language))


def _relative(match: re.Match[str], value: str) -> Iterator[Found]:
    if value:
        why = f"{match[0]}, from publication"
        yield Found(*match.span(), ReferenceKind.DATE, value, value, why)


def _with_figures(text: str, language: str, published: datetime | None) -> Iterator[Found]:
    """What stands around figures: a search from each is far cheaper than one from each letter."""
    end = 0
    for digits in _DIGITS.finditer(text):
        if digits.start() < end:
            continue
        match = _DAY_FIRST.match(text, digits.start())
        if match:
            found, end = _day_first(match, language, published), match.end()
        else:
            found = _year_last(text, digits.start())
        if found:
            end = found.end
            yield found


def _day_first(match: re.Match[str], language: str, published: datetime | None) -> Found | None:
    """The day that was written; None where there is no such day."""
    why = "a date as stated"
    if match["iso"]:
        value = _checked(match["iso"])
    elif match["y"]:
        value = _of(match["y"], int(match["m"]), match["d"])
    elif match["year"]:
        value = _of(match["year"], month_number(match["month"]), match["day"])
    elif published:
        value = _parsed(" ".join(match[0].lower().split()), _noon(published), language)
        why = f"{match[0].rstrip('.')}, nearest to publication"
    else:
        value = ""
    end = match.end() - match[0].endswith(".")  # the sentence's, or that of "3 déc."
    return Found(match.start(), end, ReferenceKind.DATE, value, value, why) if value else None


def _year_last(text: str, start: int) -> Found | None:
    """`March 3, 2026`, `mars 2026`, `d'ici 2030`, from where the year stands."""
    year = _YEAR_HERE.match(text, start)
    before = year and _BEFORE_A_YEAR.search(text, max(0, start - _LONGEST), start)
    if not year or not before:
        return None
    if before["day"]:
        value, why = _of(year[0], month_number(before["month"]), before["day"]), "a date as stated"
    elif before["month"]:
        value, why = f"{year[0]}-{month_number(before['month']):02}", "a month as stated"
    else:
        alone = _ALONE.match(text, year.end())
        value, why = (year[0] if alone else ""), "a year as stated"
    return (
        Found(before.start(), year.end(), ReferenceKind.DATE, value, value, why) if value else None
    )


def _by_name(match: re.Match[str], language: str, day: date) -> str:
    if near := match["near"]:
        word = near.lower().replace("’", "'")
        if _ONLY_IN.get(word, language) != language and language in LANGUAGES:
            return ""  # nl "hier" is a place
        return str(day + timedelta(days=_NEAR[word]))
    name = (match["wday"] or match["nday"]).lower()
    ahead = (match["wdir"] or match["ndir"]).lower() in _AHEAD
    wanted = next(n for n, names in enumerate(_WEEKDAYS) if name in names)
    step = (wanted - day.weekday()) % 7
    if ahead:
        return str(day + timedelta(days=step or 7))
    return str(day + timedelta(days=step - 7))


def _noon(moment: datetime) -> datetime:
    """One moment for all of a day, so that the same words of a day are parsed once."""
    return moment.replace(hour=12, minute=0, second=0, microsecond=0)


def _in_figures(written: str) -> str:
    words = written.lower().split()
    return " ".join(w if w == "a" and words[0] == "il" else _COUNTS.get(w, w) for w in words)


@lru_cache(maxsize=20_000)
def _parsed(written: str, at: datetime, language: str) -> str:
    """What dateparser makes of a wording; of a day without its year, the one nearest to `at`."""
    try:
        found = read(written, at, language, "current_period")
    except OverflowError:
        return ""
    if found is None:
        return ""
    day = found.date()
    if re.match(r"\d{1,2}\D", written) and abs((day - at.date()).days) > 183:
        year = day.year + (1 if day < at.date() else -1)
        return _checked(f"{year}-{day.month:02}-{day.day:02}")
    return str(day)


def _of(year: str, month: int, day: str) -> str:
    return _checked(f"{year}-{month:02}-{int(day):02}")


def _checked(text: str) -> str:
    """The day, where there is such a day."""
    try:
        return str(date.fromisoformat(text))
    except ValueError:
        return ""
