"""The phrases of theme rules, as coordinators write them. Pure.

rançongiciel              a word; case and accents do not count
fuite de données          words in this order
cyberattaque*  *windpark  a word that begins, or ends, so
vulnérabilité~            a word of the same stem: vulnérabilités, vulnérable ...
drone* NEAR/5 port~       both, at most five words from the one to the other, in any order
pont NOT NEAR/2 week-end  the first, where the second does not stand so near
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

MOST_APART = 50  # words: more is a whole paragraph
_WORD = re.compile(r"\*?[^\W_]+(?:[.,](?=\d)[^\W_]+)*[*~]?")
_NEAR = re.compile(r"\s+((?:NOT\s+)?NEAR\S*)\s+")


@dataclass(frozen=True, slots=True)
class Near:
    """What must, or must not, stand within so many words of the phrase."""

    words: tuple[str, ...]
    within: int
    absent: bool


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words with their marks (a star or a tilde), and what must be near."""

    words: tuple[str, ...]
    near: tuple[Near, ...] = ()


@lru_cache(maxsize=32_768)  # the settings check what the scanners then compile
def parse(text: str) -> Phrase:
    """Raises ValueError, which says what is wrong and how it is written."""
    head, *rest = _NEAR.split(f" {text} ".replace("\u00a0", " "))
    near = []
    for operator, words in zip(rest[::2], rest[1::2], strict=True):
        match = re.fullmatch(r"(NOT\s+)?NEAR/(\d{1,3})", operator)
        if not match or not 1 <= int(match[2]) <= MOST_APART:
            raise ValueError(f"NEAR/5 or NOT NEAR/5, from 1 to {MOST_APART} words, in {text!r}")
        near.append(Near(_words(words, text), int(match[2]), bool(match[1])))
    return Phrase(_words(head, text), tuple(near))


def _words(part: str, whole: str) -> tuple[str, ...]:
    if "NEAR" in whole and not part.strip():
        raise ValueError(f"words on both sides of NEAR, in {whole!r}")
    words = tuple(_WORD.findall(part))
    if not words:
        raise ValueError(f"a word to look for, in {whole!r}")
    left = _WORD.sub("", part)
    inside = re.search(r"\w[*~]+\w", part) or "*" in left or "~" in left
    if inside or any(word[0] == "*" and word[-1] == "~" for word in words):
        raise ValueError(
            f"a star at the beginning or the end of a word, a tilde at its end, in {whole!r}"
        )
    if any(word.endswith("~") and len(word) < 4 for word in words):
        raise ValueError(f"three letters or more before a tilde, in {whole!r}")
    return words
