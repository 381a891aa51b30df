"""Words and word triples of each row, hashed, and what share of them two rows have in common.

Short texts are compared by triples ("shingles": Broder, "On the resemblance of documents", 1997).
Many pairs are looked at together: 32 bits a hash, so that one of two rows of twenty triples meets
another by chance in one pair of ten million.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from itertools import chain
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from enrich.grouping.flat import Hashes, Ids, gathered

MIX = tuple(np.uint64(odd) for odd in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9))
_WIDTH = 3  # words
_HALF = np.uint64(32)


class Sets:
    """A set of hashes for each row; rows are appended for ever."""

    def __init__(self) -> None:
        self._hashes = array("I")
        self._starts = array("q", [0])

    def extend(self, owner: Ids, hashes: Hashes, count: int) -> None:
        """The sets of the next `count` rows: whose each hash is (from 0 on), and the hash.

        The upper half of a hash counts.
        """
        codes = np.unique(owner.astype(np.uint64) << _HALF | hashes >> _HALF)
        sizes = np.bincount((codes >> _HALF).astype(np.int64), minlength=count)
        self._starts.frombytes((np.cumsum(sizes) + len(self._hashes)).tobytes())
        self._hashes.frombytes(codes.astype(np.uint32).tobytes())

    def shares(self, mine: Ids, others: Ids) -> NDArray[np.float64]:
        """The share of the smaller set that the other has, for each pair of rows."""
        rows, local = np.unique(mine, return_inverse=True)
        owner, hashes = self._gathered(rows)
        known = owner.astype(np.uint64) << _HALF | hashes
        pair, theirs = self._gathered(others)
        asked = local[pair].astype(np.uint64) << _HALF | theirs
        if not len(known) or not len(asked):
            return np.zeros(len(mine))
        places = np.minimum(np.searchsorted(known, asked), len(known) - 1)
        common = np.bincount(pair[known[places] == asked], minlength=len(mine))
        smaller = np.minimum(self._sizes(mine), self._sizes(others))
        return common / np.maximum(smaller, 1)

    def share(self, row: int, other: int) -> float:
        """`shares` of one pair."""
        return float(self.shares(np.array([row]), np.array([other]))[0])

    def _sizes(self, rows: Ids) -> Ids:
        starts = np.frombuffer(self._starts, dtype=np.int64)
        sizes: Ids = starts[rows + 1] - starts[rows]
        return sizes

    def _gathered(self, rows: Ids) -> tuple[Ids, Hashes]:
        owner, places = gathered(np.frombuffer(self._starts, dtype=np.int64), rows)
        return owner, np.frombuffer(self._hashes, dtype=np.uint32)[places].astype(np.uint64)


class Triples(Sets):
    """The word triples of each row; a text of one or two words is one."""

    def take(self, texts: Sequence[tuple[str, ...]]) -> None:
        """The next rows' words, as they stand."""
        full = [text if not 0 < len(text) < _WIDTH else (*text, "", "")[:_WIDTH] for text in texts]
        owner, hashes, _ = triples(full)
        self.extend(owner, hashes, len(texts))


class Words(Sets):
    """The words of each row."""

    def take(self, texts: Sequence[Collection[str]]) -> None:
        """The next rows' words."""
        sizes = [len(text) for text in texts]
        owner = np.repeat(np.arange(len(texts)), sizes)
        words = hashed(chain.from_iterable(texts), len(owner))
        self.extend(owner, words * MIX[0], len(texts))


def triples(texts: Sequence[tuple[str, ...]]) -> tuple[Ids, Hashes, Ids]:
    """Every three words that follow each other in a text: whose, their hash, and from where."""
    sizes = np.array([len(text) for text in texts], dtype=np.int64)
    owner = np.repeat(np.arange(len(texts)), sizes)
    words = hashed(chain.from_iterable(texts), len(owner))
    whole = np.flatnonzero(owner[2:] == owner[:-2])  # not over the end of one text
    mine = owner[whole]
    mixed = words[whole] * MIX[0] ^ words[whole + 1] * MIX[1] ^ words[whole + 2] * MIX[2]
    mixed ^= mixed >> _HALF
    return mine, mixed * MIX[1], whole - (np.cumsum(sizes) - sizes)[mine]


def hashed(texts: Iterable[str], count: int) -> Hashes:
    """A hash of each text, the same in every process; those of words are remembered."""
    return np.fromiter(map(hash_of, texts), np.uint64, count)


@lru_cache(maxsize=65_536)
def hash_of(text: str) -> int:
    return crc32(text.encode())
