"""EU acts by number, by CELEX and by name; French and Belgian laws and decrees. Pure.

An EU act's canonical value is its CELEX number: sector 3, year, R, L or D, four digits (EUR-Lex,
"Celex numbers"). Since 2015 all acts are numbered year/number; before, a regulation was
number/year and a directive year/number. National acts have `fr/loi/2016-1691`, or a date where
they have no number: `loi/2018-07-30` (a "wet" of that date is the same act).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from enrich.references.found import Found
from enrich.references.known import EU_ACTS, EU_ACTS_IN, FRENCH_LAWS, Known, may_name
from enrich.references.spoken import month_number
from vigie.dates import MONTHS
from vigie.model import ReferenceKind

_UNION = r"(?:UE|EU|CE|EG|EC|CEE|EEG|EWG|EEC|PESC|GBVB|CFSP|GASP|Euratom)"
_EU = re.compile(
    rf"""(?<![\w-])(?:
        (?P<L>directives?(?:\s+(?:d[ée]l[ée]gu[ée]e|d['’]ex[ée]cution))?
          | (?:(?:uitvoerings|gedelegeerde\s)?richtlijn(?:en)?)
          | (?:(?:durchführungs|delegierte\s)?richtlinien?) )
      | (?P<R>r[èe]glements?(?:\s+(?:d[ée]l[ée]gu[ée]|d['’]ex[ée]cution))?
          | (?:(?:uitvoerings|gedelegeerde\s)?verordening(?:en)?)
          | (?:(?:durchführungs|delegierte\s?)?verordnung(?:en)?)
          | (?:implementing\s|delegated\s)?regulations?)
      | (?P<D>d[ée]cisions?(?:[-\s]cadre)?(?:\s+d['’]ex[ée]cution)?
          | (?:uitvoerings|kader)?beslui?t(?:en)? | (?:durchführungs|rahmen)?beschlu(?:ss|sses)
          | (?:implementing\s|framework\s)?decisions?)
    )\s+
    (?P<marks>(?:\(\s*{_UNION}(?:\s*[,/]\s*{_UNION})*\s*\)\s*)?(?P<no>(?:n\s?[°ºo.]|no\.?|nr\.?|nummer)\s*)?)
    (?P<a>\d{{1,4}})\s?/\s?(?P<b>\d{{1,4}})(?P<tail>/(?:{_UNION}|JAI|JHA|JBZ|JI))?(?!\d)""",
    re.IGNORECASE | re.VERBOSE,
)
_CELEX = re.compile(r"(?<![\dA-Za-z])3(?P<year>19[5-9]\d|20\d\d)(?P<type>[LRD])(?P<n>\d{4})(?!\d)")
_FOUR = re.compile(r"\d{4}|\d-\d")
_NAMES = {"R": "Regulation", "L": "Directive", "D": "Decision"}

_WRITTEN_DAY = rf"(?P<day>\d{{1,2}})(?:\s?er|\.)?\s+(?P<month>{MONTHS})\s+(?P<year>\d{{4}})"
_FRENCH = re.compile(
    rf"""(?<![\w-])(?P<type>loi(?:\s+(?:organique|constitutionnelle|de\s+finances))?
        |d[ée]cret|ordonnance|arr[êe]t[ée])\s+(?:n\s?[°ºo]\.?|num[ée]ro)\s*
        (?P<number>\d{{2,4}}\s?[-‐‑–]\s?\d{{1,5}})(?!\d)
        (?:\s+(?:du|de)\s+{_WRITTEN_DAY})?""",
    re.IGNORECASE | re.VERBOSE,
)
_DATED = re.compile(
    rf"""(?<![\w-])(?:
        (?P<ar>arr[êe]t[ée]\s+royal | koninklijk\s+besluit | königlicher\s+erlass | royal\s+decree
          | (?-i:A\.?R\.?|K\.?B\.?))
      | (?P<am>arr[êe]t[ée]\s+minist[ée]riel | ministerieel\s+besluit | ministerieller\s+erlass
          | ministerial\s+decree)
      | (?P<gov>arr[êe]t[ée]\s+du\s+gouvernement(?:\s+(?:wallon|flamand|bruxellois))?
          | besluit\s+van\s+de\s+(?:vlaamse|waalse)\s+regering)
      | (?P<loi>loi(?:s?\s+(?:organique|sp[ée]ciale|ordinaire|programme|coordonn[ée]e))?
          | (?:bijzondere\s+)?wet | gesetz(?:es)? | (?:act|law)(?=\s+of))
      | (?P<decret>d[ée]cret(?:\s+(?:wallon|flamand|royal))? | decreet | dekret)
      | (?P<ordonnance>ordonnance|ordonnantie)
      | (?P<arrete>arr[êe]t[ée])
    )(?:\s+(?-i:[A-Z][\w-]{{1,12}}))?\s+(?:du|de\s+la|van|vom|of|dd\.?)\s+{_WRITTEN_DAY}""",
    re.IGNORECASE | re.VERBOSE,
)
_DATED_NAMES = {
    "ar": ("be/arrete-royal", "Arrêté royal (BE) du"),
    "am": ("be/arrete-ministeriel", "Arrêté ministériel (BE) du"),
    "gov": ("be/arrete-gouvernement", "Arrêté du gouvernement (BE) du"),
    "loi": ("loi", "Loi du"),
    "decret": ("decret", "Décret du"),
    "ordonnance": ("ordonnance", "Ordonnance du"),
    "arrete": ("arrete", "Arrêté du"),
}


def eu_acts(text: str, language: str) -> Iterator[Found]:
    for match in _CELEX.finditer(text):
        yield _act(match, match["type"], int(match["year"]), int(match["n"]), "CELEX number")
    if "/" in text:
        for match in _EU.finditer(text):
            kind = next(name for name in "LRD" if match[name])
            numbers = _year_and_number(match, kind)
            if numbers:
                yield _act(match, kind, *numbers, "type and number of an EU act")
    if may_name(text):
        for act in (*EU_ACTS, *EU_ACTS_IN.get(language, ())):
            yield from _by_name(act, text, ReferenceKind.EU_ACT, act.number)


def _by_name(act: Known, text: str, kind: ReferenceKind, value: str) -> Iterator[Found]:
    for match in act.shape.finditer(text):
        yield Found(*match.span(), kind, value, act.name, f"known by name: {match[0]}")


def _act(match: re.Match[str], kind: str, year: int, number: int, why: str) -> Found:
    label = f"{_NAMES[kind]} {year}/{number}"
    celex = f"3{year}{kind}{number:04}"
    return Found(*match.span(), ReferenceKind.EU_ACT, celex, label, why)


def _year_and_number(match: re.Match[str], kind: str) -> tuple[int, int] | None:
    """Year and number of an act; None where the figures, or what is missing around them, say that
    it is something else.
    """
    first, second = match["a"], match["b"]
    plain = not match["marks"] and not match["tail"]
    if plain and not (len(first) == 4 and kind in "LR"):
        return None  # "décision 3/4" and the like
    regulation_before_2015 = kind == "R" and (match["no"] or _year(first) is None)
    if kind == "D" and match["no"] and _year(second):
        regulation_before_2015 = True
    order = (second, first) if regulation_before_2015 else (first, second)
    for year, number in (order, order[::-1]):
        found = _year(year)
        if found is not None and int(number):
            return found, int(number)
    return None


def _year(text: str) -> int | None:
    if len(text) == 4:
        return int(text) if 1952 <= int(text) <= 2099 else None
    return 1900 + int(text) if len(text) == 2 and 58 <= int(text) <= 99 else None


def national_acts(text: str) -> Iterator[Found]:
    if _FOUR.search(text):
        yield from _with_numbers(text)
    if "loi " in text or "Loi " in text or "LPM" in text:
        for act in FRENCH_LAWS:
            yield from _by_name(act, text, ReferenceKind.LAW, f"fr/loi/{act.number}")


def _with_numbers(text: str) -> Iterator[Found]:
    """Acts whose number or date stands with them: none is without four figures or a hyphen."""
    for match in _FRENCH.finditer(text):
        kind = match["type"].lower().split()[0].replace("é", "e").replace("ê", "e")
        number = re.sub(r"\s", "", match["number"]).replace("‐", "-").replace("‑", "-")
        number = number.replace("–", "-")
        label = f"{match['type'].capitalize()} n° {number}"
        yield Found(
            *match.span(), ReferenceKind.LAW, f"fr/{kind}/{number}", label, "type and number"
        )
    for match in _DATED.finditer(text):
        kind = next(name for name in _DATED_NAMES if match[name])
        day = _day(match)
        if day:
            value, label = _DATED_NAMES[kind]
            told = f"{label} {day}"
            yield Found(*match.span(), ReferenceKind.LAW, f"{value}/{day}", told, "type and date")


def _day(match: re.Match[str]) -> date | None:
    try:
        return date(int(match["year"]), month_number(match["month"]), int(match["day"]))
    except ValueError:
        return None
