"""Numbers that a text says, in figures or in words, in one writing for four languages."""

from __future__ import annotations

import re
from functools import lru_cache

from enrich.words import WORD, fold_long

_DIGIT = re.compile(r"\d")
_THOUSANDS = re.compile(r"(\d)[ .\u00a0\u202f](?=\d{3}(?!\d))")

# Folded. One is left out: in most of these languages it is an article.
_FRENCH = (
    "deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize "
    "dix-sept dix-huit dix-neuf vingt"
)
_DUTCH = (
    "twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien "
    "zeventien achttien negentien twintig"
)
_GERMAN = (
    "zwei drei vier funf sechs sieben acht neun zehn elf zwolf dreizehn vierzehn funfzehn sechzehn "
    "siebzehn achtzehn neunzehn zwanzig"
)
_ENGLISH = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty"
)
_FRENCH_TENS = {
    "vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60, "septante": 70,
    "huitante": 80, "octante": 80, "quatre-vingt": 80, "quatre-vingts": 80, "nonante": 90,
}  # fmt: skip
_DUTCH_TENS = {
    "twintig": 20, "dertig": 30, "veertig": 40, "vijftig": 50, "zestig": 60, "zeventig": 70,
    "tachtig": 80, "negentig": 90,
}  # fmt: skip
_GERMAN_TENS = {
    "zwanzig": 20, "dreissig": 30, "vierzig": 40, "funfzig": 50, "sechzig": 60, "siebzig": 70,
    "achtzig": 80, "neunzig": 90,
}  # fmt: skip
_ENGLISH_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90,
}  # fmt: skip
_TENS = _FRENCH_TENS | _DUTCH_TENS | _GERMAN_TENS | _ENGLISH_TENS
_HUNDRED = dict.fromkeys(("cent", "honderd", "hundert", "hundred"), 100)


def _below_twenty(names: str) -> dict[str, int]:
    return {name: value for value, name in enumerate(names.split(), 2)}


def _ahead(ones: dict[str, int], joint: str, tens: dict[str, int]) -> dict[str, int]:
    """Ones before tens in one word, as Dutch and German write: "achtenveertig"."""
    return {
        f"{one}{joint}{ten}": value + number
        for one, value in ones.items()
        if value < 10
        for ten, number in tens.items()
    }


_SAID = {
    **_below_twenty(_FRENCH),
    **_below_twenty(_DUTCH),
    **_below_twenty(_GERMAN),
    **_below_twenty(_ENGLISH),
    **_ahead({"een": 1, **_below_twenty(_DUTCH)}, "en", _DUTCH_TENS),
    **_ahead({"ein": 1, **_below_twenty(_GERMAN)}, "und", _GERMAN_TENS),
    **_TENS,
    **_HUNDRED,
}
_NUMBERS = {word: str(value) for word, value in _SAID.items()}
_ONES = {**_below_twenty(_FRENCH), **_below_twenty(_ENGLISH), "un": 1, "une": 1, "one": 1}
_FIRST = frozenset(ten.split("-")[0] for ten in _TENS) | {"dix"}  # words that may begin a compound
_COMPOUND = re.compile(
    rf"\b({'|'.join(sorted(_TENS, key=len, reverse=True))})"
    rf"(?:-|(?:-| )et(?:-| )(?=une?\b|onze\b))({'|'.join(sorted(_ONES, key=len, reverse=True))})\b"
    r"|\b(?:quatre-vingts?|dix-(?:sept|huit|neuf))\b"
)


def numbers(text: str) -> frozenset[str]:
    """Numbers said in figures, or in words below a hundred and one, in one writing.

    Thousands are joined ("1 100" and "1.100" are "1100"); compounds are one number:
    "quarante-huit", "achtenveertig", "achtundvierzig" and "forty-eight" are "48".
    """
    return numbers_folded(fold_long(text))


def numbers_folded(text: str, words: list[str] | None = None) -> frozenset[str]:
    """`numbers` of a text that is folded already; `words`: all its words, where they are known."""
    if words is None:
        words = WORD.findall(text)
    joined = text
    if not _FIRST.isdisjoint(words):
        joined = _COMPOUND.sub(_value, joined)
    if _DIGIT.search(joined):
        joined = _THOUSANDS.sub(r"\1", joined)
    if joined != text:
        words = WORD.findall(joined)
    return frozenset(filter(None, map(_number, words)))


def _value(found: re.Match[str]) -> str:
    """A compound in figures."""
    tens, ones = found.groups()
    return str(_TENS[tens] + _ONES[ones]) if tens else _NUMBERS[found.group()]


@lru_cache(maxsize=65_536)
def _number(word: str) -> str:
    """The number that a folded word says, "" for none."""
    if word in _NUMBERS:
        return _NUMBERS[word]
    if word[0].isdigit() and word.replace(",", "").replace(".", "").isdigit():
        return word.replace(",", ".")
    return ""
