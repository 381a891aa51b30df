"""A list of names, kept as hashes: where a text says one of them, longest first.

The entity model sees it as one more feature of each word (a gazetteer as an embedding). A list of
150,000 names takes 1 MB, and all words of a batch are looked up at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

PER, LOC, ORG = 1, 2, 4  # kinds of a name, summed where it has several
LONGEST = 6  # words of a name
ALONE, FIRST, WITHIN, LAST = range(4)  # a word's place in its name
KINDS = 7
SMALL = 1 + 4 * KINDS  # added to the codes of a text without capitals

_FACTOR = np.uint64(0x9E3779B97F4A7C15)  # the golden ratio's, as in Fibonacci hashing
_HALF = np.uint64(32)
_SIEVE = 21  # bits: a table of booleans that most words do not pass

Codes = np.ndarray[Any, np.dtype[np.uint64]]


@dataclass(frozen=True, slots=True)
class Run:
    """Words `start` to `end` of a text that are one name of the list."""

    start: int
    end: int
    key: int
    kinds: int


@dataclass(frozen=True)
class NameList:
    """Keys of names in rising order (uint32), and the kinds of each (uint8)."""

    keys: np.ndarray[Any, np.dtype[np.uint32]]
    kinds: np.ndarray[Any, np.dtype[np.uint8]]

    @classmethod
    def load(cls, path: Path) -> NameList:
        """From a file of `save`. Raises OSError, ValueError or KeyError."""
        with np.load(path, allow_pickle=False) as said:
            return cls(said["keys"], said["kinds"])

    def save(self, path: Path) -> None:
        """Write both tables to one file."""
        np.savez_compressed(path, keys=self.keys, kinds=self.kinds)

    @cached_property
    def _sieve(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        table = np.zeros(1 << _SIEVE, dtype=bool)
        table[self.keys >> np.uint32(32 - _SIEVE)] = True
        return table

    def runs(self, norms: Codes) -> list[Run]:
        """Names in the text, left to right, the longest first, without overlap.

        `norms`: spaCy's hash of each folded word; 0 between two texts.
        """
        best: dict[int, Run] = {}
        for length, keys in enumerate(_keys(norms), 1):
            passed = np.flatnonzero(self._sieve[keys >> np.uint32(32 - _SIEVE)])
            if not passed.size:
                continue
            asked = keys[passed]
            rows = np.searchsorted(self.keys, asked)
            rows[rows == self.keys.size] = 0
            for place in np.flatnonzero(self.keys[rows] == asked).tolist():
                start = int(passed[place])
                if norms[start : start + length].all():
                    kinds = int(self.kinds[rows[place]])
                    best[start] = Run(start, start + length, int(asked[place]), kinds)
        found: list[Run] = []
        end = 0
        for start in sorted(best):
            if start >= end:
                found.append(best[start])
                end = best[start].end
        return found


def key_of(norms: Codes) -> int:
    """The key of a name of at most LONGEST words."""
    return int(list(_keys(norms))[-1][0])


def codes_of(runs: Sequence[Run], words: int) -> Codes:
    """Each word's code: 0 in no name, else kinds and place; see `in_small`."""
    codes = np.zeros(words, dtype=np.uint64)
    for run in runs:
        first = 1 + 4 * (run.kinds - 1)
        if run.end - run.start == 1:
            codes[run.start] = first + ALONE
        else:
            codes[run.start : run.end] = first + WITHIN
            codes[run.start] = first + FIRST
            codes[run.end - 1] = first + LAST
    return codes


def coded(codes: Codes, capitals: bool) -> Codes:
    """What the model sees as a word's TAG: 0 is left for a word whose code is not known."""
    return codes + np.uint64(1 if capitals else 1 + SMALL)


def _keys(norms: Codes) -> list[np.ndarray[Any, np.dtype[np.uint32]]]:
    """For one word, two words, ...: the key of the name that would begin at each word."""
    state = norms * _FACTOR
    keys = []
    for length in range(1, min(LONGEST, norms.size) + 1):
        if length > 1:
            state = (state[:-1] ^ norms[length - 1 :]) * _FACTOR
        keys.append(((state ^ (state >> _HALF)) & np.uint64(0xFFFFFFFF)).astype(np.uint32))
    return keys
