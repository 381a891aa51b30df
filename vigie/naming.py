"""A title for what has none: the words of its address. Pure."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

_ENDING = re.compile(r"\.(?:x?html?|php\d?|aspx?|jsp|cfm|pdf)$", re.IGNORECASE)
_NUMBER = re.compile(r"^(?:[a-z]{0,4}\d[\d._]*|[0-9a-f]{8,})$", re.IGNORECASE)
_LONGEST = 2_000  # characters of an address that are looked at
_BREAK = re.compile(r"[-_+\s,;]+")


def from_address(url: str) -> str:
    """`/2026/11/port-jerome-accueille-3-barges_612.html` is "Port jerome accueille 3 barges".

    The longest segment of the path in words, without an ending and without ids at its ends; "" for
    an address that has no words.
    """
    try:
        path = urlsplit(url[:_LONGEST]).path
    except ValueError:
        return ""
    best: list[str] = []
    for segment in path.split("/"):
        words = _words(_ENDING.sub("", unquote(segment, errors="replace")))
        if len(words) >= len(best):
            best = words
    text = " ".join(best)
    return text[:1].upper() + text[1:300]


def _words(segment: str) -> list[str]:
    words = [word for word in _BREAK.split(segment) if word and word.isprintable()]
    while words and _NUMBER.match(words[-1]):
        del words[-1]
    while words and _NUMBER.match(words[0]) and len(words[0]) > 2:
        del words[0]
    return [word for word in words if any(letter.isalpha() or letter.isdigit() for letter in word)]
