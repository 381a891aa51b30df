"""Finding the phrases of theme rules in a text: compiled once, each word looked up once. Pure.

A word of a text is looked for in four tables: as it is, by its beginnings and its ends (one look-up
for each length that a star stands behind), and by its stem. What a word may begin is remembered.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from enrich.words import WORD, fold, without_controls
from vigie.phrases import Near, parse

_SNOWBALL = {"fr": "french", "nl": "dutch", "de": "german", "en": "english"}
_REMEMBERED = 200_000  # words


@dataclass(frozen=True, slots=True)
class Rule:
    """A phrase of a theme, with what kind of evidence it is: any, two or none."""

    theme: str
    kind: str
    words: tuple[str, ...]  # folded, with their stars; a stem behind a tilde
    near: tuple[Near, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase where it stands."""

    rule: Rule
    field: int
    start: int  # in words
    surface: str

    @property
    def places(self) -> frozenset[tuple[int, int]]:
        end = self.start + len(self.rule.words)
        return frozenset((self.field, place) for place in range(self.start, end))


class Scanner:
    """All phrases of one language."""

    def __init__(self, code: str, phrases: Iterable[tuple[str, str, str]]) -> None:
        """`phrases`: theme, kind and the phrase as it is written. Raises ValueError."""
        self._stem = _stemmer(code)
        self._plain: dict[str, list[Rule]] = {}
        self._begins: dict[str, list[Rule]] = {}
        self._ends: dict[str, list[Rule]] = {}
        self._holds: dict[str, list[Rule]] = {}
        self._stems: dict[str, list[Rule]] = {}
        for theme, kind, text in phrases:
            phrase = parse(_composed(text))
            near = tuple(Near(self._marked(n.words), n.within, n.absent) for n in phrase.near)
            rule = Rule(theme, kind, self._marked(phrase.words), near)
            table, key = self._place(rule.words[0])
            table.setdefault(key, []).append(rule)
        self._lengths = sorted({len(key) for key in self._begins})
        self._tails = sorted({len(key) for key in self._ends})
        self._known: dict[str, tuple[Rule, ...]] = {}

    @property
    def empty(self) -> bool:
        return not (self._plain or self._begins or self._ends or self._holds or self._stems)

    def scan(self, text: str, field: int) -> list[Hit]:
        """Every phrase that stands in the text, in its order."""
        if not text or self.empty:
            return []
        clean = _composed(without_controls(text))
        matches = list(WORD.finditer(clean))
        raw = [match.group() for match in matches]
        found = []
        for place, word in enumerate(raw):
            for rule in self._beginning(word):
                size = len(rule.words)
                if size > 1 and not self._stands(rule.words, raw, place):
                    continue
                if rule.near and not all(self._nearby(n, raw, place, size) for n in rule.near):
                    continue
                surface = clean[matches[place].start() : matches[place + size - 1].end()]
                found.append(Hit(rule, field, place, " ".join(surface.split())))
        return found

    def _marked(self, words: Sequence[str]) -> tuple[str, ...]:
        return tuple(
            f"~{self._stem(word[:-1])}" if word.endswith("~") else fold(word) for word in words
        )

    def _place(self, word: str) -> tuple[dict[str, list[Rule]], str]:
        """The table that a phrase's first word belongs in, and its key there."""
        if word.startswith("~"):
            return self._stems, word[1:]
        bare = word.strip("*")
        if word.startswith("*"):
            return (self._holds if word.endswith("*") else self._ends), bare
        return (self._begins if word.endswith("*") else self._plain), bare

    def _beginning(self, raw: str) -> tuple[Rule, ...]:
        """The phrases that a word of a text may begin."""
        known = self._known.get(raw)
        if known is None:
            if len(self._known) > _REMEMBERED:
                self._known.clear()
            known = self._known[raw] = tuple(self._look_up(raw))
        return known

    def _look_up(self, raw: str) -> Iterable[Rule]:
        word = fold(raw)
        yield from self._plain.get(word, ())
        for length in self._lengths:
            if length > len(word):
                break
            yield from self._begins.get(word[:length], ())
        for length in self._tails:
            if length > len(word):
                break
            yield from self._ends.get(word[-length:], ())
        for key, rules in self._holds.items():
            if key in word:
                yield from rules
        if self._stems:
            yield from self._stems.get(self._stem(raw), ())

    def _stands(self, pattern: Sequence[str], words: Sequence[str], place: int) -> bool:
        if place < 0 or place + len(pattern) > len(words):
            return False
        return all(self._fits(part, words[place + step]) for step, part in enumerate(pattern))

    def _nearby(self, near: Near, words: Sequence[str], place: int, size: int) -> bool:
        """Whether the other words stand, or do not stand, within reach on either side."""
        first = place - near.within - len(near.words) + 1
        last = place + size - 1 + near.within
        stands = any(
            self._stands(near.words, words, start)
            for start in range(max(0, first), last + 1)
            if start + len(near.words) <= place or start >= place + size
        )
        return stands is not near.absent

    def _fits(self, pattern: str, raw: str) -> bool:
        if pattern.startswith("~"):
            return self._stem(raw) == pattern[1:]
        word, bare = fold(raw), pattern.strip("*")
        if pattern.startswith("*"):
            return bare in word if pattern.endswith("*") else word.endswith(bare)
        return word.startswith(bare) if pattern.endswith("*") else word == bare


@cache
def _stemmer(code: str) -> Callable[[str], str]:
    """Snowball's stem of a word, folded; it wants the accents that folding takes away."""
    module: Any = import_module("snowballstemmer")
    stemmer = module.stemmer(_SNOWBALL[code])

    @cache
    def stem(word: str) -> str:
        return fold(stemmer.stemWord(word.lower()))

    return stem


def _composed(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text)
