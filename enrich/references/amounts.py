"""Amounts of money as four languages write them, in units of an ISO 4217 currency. Pure.

A comma before three digits is a decimal mark in French, Dutch and German where a "million" follows
("1,375 milliard"), and a full stop is in English; without such a word both part thousands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from enrich.references.found import Found
from vigie.model import ReferenceKind

_SPACE = "[ \u00a0\u202f\u2009]"
_CURRENCIES: tuple[tuple[str, str], ...] = (
    ("USD", r"US\$|\$US|USD|dollars?(?: américains)?|US-Dollar|\$"),
    ("GBP", r"£|GBP|livres?(?: sterling)|pounds?(?: sterling)?|pond(?: sterling)?|Pfund"),
    ("CHF", r"CHF|francs suisses|Schweizer Franken|Zwitserse frank"),
    ("EUR", r"€|EUR|[Ee]uros?|Euro"),
    ("CNY", r"CNY|RMB|yuans?|Yuan"),
    ("JPY", r"¥|JPY|yens?|Yen"),
)
_CURRENCY = "|".join(f"(?P<{code}{{}}>{shape})" for code, shape in _CURRENCIES)
_TIMES: tuple[tuple[str, float], ...] = (
    (r"trillions?|biljoen|Billionen", 1e12),
    (r"billion|billions", 0.0),  # by language: 1e9 in English, 1e12 elsewhere
    (r"milliards?|miljard|Milliarden?|Mrd\.?|mrd\.?|Mds?|mds?|Mia\.?|mld\.?|bn", 1e9),
    (r"millions?|miljoen|Millionen|Million|Mio\.?|mio\.?|mln\.?|Mln\.?|M|m", 1e6),
    (r"mille|milliers?|duizend|Tausend|tausend|thousand|k|K", 1e3),
)
_SCALE = "|".join(f"(?P<x{place}{{}}>{shape})" for place, (shape, _) in enumerate(_TIMES))
_WORDS = {
    **dict.fromkeys(("un", "une", "een", "één", "ein", "eine", "einer", "one", "a"), 1),
    **dict.fromkeys(("deux", "twee", "zwei", "two"), 2),
    **dict.fromkeys(("trois", "drie", "drei", "three"), 3),
    **dict.fromkeys(("quatre", "vier", "four"), 4),
    **dict.fromkeys(("cinq", "vijf", "fünf", "five"), 5),
    **dict.fromkeys(("six", "zes", "sechs"), 6),
    **dict.fromkeys(("sept", "zeven", "sieben", "seven"), 7),
    **dict.fromkeys(("huit", "acht", "eight"), 8),
    **dict.fromkeys(("neuf", "negen", "neun", "nine"), 9),
    **dict.fromkeys(("dix", "tien", "zehn", "ten"), 10),
    **dict.fromkeys(("vingt", "twintig", "zwanzig", "twenty"), 20),
    **dict.fromkeys(("cinquante", "vijftig", "fünfzig", "fifty"), 50),
    **dict.fromkeys(("cent", "honderd", "hundert"), 100),
}
_NUMBER = rf"\d+(?:{_SPACE}\d{{3}}(?!\d))*(?:[.,]\d+)*"
_SAID = "|".join(sorted(_WORDS, key=len, reverse=True))
_THESE_CURRENCIES = _CURRENCY.format(*"_" * len(_CURRENCIES))
_BEHIND = re.compile(
    rf"(?<![\w.,])(?:(?P<n>{_NUMBER})(?:{_SPACE}?(?:{_SCALE.format(*'_' * len(_TIMES))}))?"
    rf"|(?P<said>{_SAID}){_SPACE}(?:{_SCALE.format(*'w' * len(_TIMES))}))"
    rf"{_SPACE}?(?:d['’]\s?|de{_SPACE}|of{_SPACE})?(?:{_THESE_CURRENCIES})(?!\w)"
)
_BEFORE = re.compile(
    rf"(?<![\w])(?:{_THESE_CURRENCIES}){_SPACE}?(?P<n>{_NUMBER})"
    rf"(?:{_SPACE}?-?(?:{_SCALE.format(*'_' * len(_TIMES))})(?!\w))?(?![\w])"
)
_HINT = re.compile(
    r"[€$£¥]|EUR|[Ee]uro|USD|GBP|CHF|CNY|RMB|JPY|doll|livres|pound|pond|Pfund"
    r"|[Ff]ran[ck]|[Yy](?:ua|e)n"
)
_MOST = 1e15


def amounts(text: str, language: str) -> Iterator[Found]:
    """Each amount once; one written on both sides ("€ 3 Mio. Euro") is the first that fits."""
    if not _HINT.search(text):
        return
    for shape in (_BEFORE, _BEHIND):
        for match in shape.finditer(text):
            found = _read(match, language)
            if found:
                yield found


def _read(match: re.Match[str], language: str) -> Found | None:
    parts = match.groupdict()
    scale = 1.0
    scaled = False
    for place, (_, times) in enumerate(_TIMES):
        if parts.get(f"x{place}_") or parts.get(f"x{place}w"):
            scale, scaled = times or (1e9 if language == "en" else 1e12), True
    currency = next(code for code, _ in _CURRENCIES if parts[f"{code}_"])
    if parts.get("said"):
        number = float(_WORDS[parts["said"]])
    else:
        number = _number(parts["n"], language, scaled=scaled)
    total = round(number * scale, 2)
    if not 0 < total < _MOST:
        return None
    value = f"{currency} {total:.2f}".removesuffix(".00")
    label = f"{currency} {total:,.2f}".removesuffix(".00").replace(",", " ")
    return Found(*match.span(), ReferenceKind.AMOUNT, value, label, "number and currency", total)


def _number(written: str, language: str, *, scaled: bool) -> float:
    """1 200 000, 1.200.000, 1,200,000, 2,5 and 2.5: see the module."""
    plain = re.sub(_SPACE, "", written)
    marks = [mark for mark in plain if mark in ".,"]
    if not marks:
        return float(plain)
    if len(set(marks)) == 2:  # the last kind is the decimal mark
        last = marks[-1]
        other = "," if last == "." else "."
        return float(plain.replace(other, "").replace(last, "."))
    mark = marks[0]
    after = len(plain.rpartition(mark)[2])
    decimal = "." if language == "en" else ","
    if len(marks) > 1 or (after == 3 and not (scaled and mark == decimal)):
        return float(plain.replace(mark, ""))
    return float(plain.replace(mark, "."))
