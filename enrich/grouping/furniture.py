"""What a source puts under everything: programme blurbs, calls to subscribe, standing sentences.

Found by counting: a word triple, or a sentence, that one source has under three titles and more is
furniture, and says nothing of an item's matter. Counts are kept in two hashed tables (a count-min
sketch: Cormode and Muthukrishnan, 2005), so that their size does not grow with the window.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from enrich.grouping.likeness import Profile

Hashes = NDArray[np.uint64]

USES = 3  # titles of one source from which on what stands under them is furniture
_SIZE = 2**24  # two million triples of a window of 100,000 leave it nearly empty
_MIX = tuple(np.uint64(odd) for odd in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9))
_TOP = np.uint64(40)  # the bits above are a place in a table


class Furniture:
    """Counts of what each source has said, by triple and by sentence."""

    def __init__(self) -> None:
        self._tables: NDArray[np.uint8] = np.zeros((2, _SIZE), dtype=np.uint8)
        self._titles: set[int] = set()

    def count(self, profiles: Sequence[Profile]) -> None:
        """Take in items; a title that its source had before counts for nothing new."""
        new = [found for found in profiles if self._is_new(found)]
        if not new:
            return
        sources = _sources(new)
        owner, triples, _ = _triples(new, sources)
        sizes = [len(found.sentences) for found in new]
        whose = np.repeat(np.arange(len(new)), sizes)
        said = chain.from_iterable(found.sentences for found in new)
        sentences = _crcs(said, len(whose)) * _MIX[0] + sources[whose]
        hashes, items = np.concatenate([triples, sentences]), np.concatenate([owner, whose])
        for table, slots in zip(self._tables, _slots(hashes), strict=True):
            once = np.unique(items * _SIZE + slots) % _SIZE  # said twice in one item is said once
            places, uses = np.unique(once, return_counts=True)
            table[places] = np.minimum(table[places] + uses, 255)  # all that a byte holds

    def words(self, profiles: Sequence[Profile]) -> list[frozenset[str]]:
        """The words of each item's lead that its source's standing triples cover."""
        owner, triples, first = _triples(profiles, _sources(profiles))
        covered: list[set[str]] = [set() for _ in profiles]
        for at in np.flatnonzero(self._uses(triples) >= USES).tolist():
            item = int(owner[at])
            place = int(first[at])
            covered[item].update(profiles[item].body_order[place : place + 3])
        return list(map(frozenset, covered))

    def stands_under_others(self, found: Profile, sentence: str) -> bool:
        """Whether the source has this sentence under other titles too."""
        hashes = _crcs([sentence], 1) * _MIX[0] + _sources([found])
        return bool(self._uses(hashes)[0] >= USES)

    def _is_new(self, found: Profile) -> bool:
        title = crc32(found.title.encode(), _crc(found.publisher))
        new = title not in self._titles
        self._titles.add(title)
        return new

    def _uses(self, hashes: Hashes) -> NDArray[np.uint8]:
        one, other = _slots(hashes)
        uses: NDArray[np.uint8] = np.minimum(self._tables[0, one], self._tables[1, other])
        return uses


@lru_cache(maxsize=65_536)
def _crc(text: str) -> int:
    return crc32(text.encode())


def _crcs(texts: Iterable[str], count: int) -> Hashes:
    return np.fromiter(map(_crc, texts), np.uint64, count)


def _sources(profiles: Sequence[Profile]) -> Hashes:
    return _crcs([found.publisher for found in profiles], len(profiles)) * _MIX[1]


def _triples(
    profiles: Sequence[Profile], sources: Hashes
) -> tuple[NDArray[np.int64], Hashes, NDArray[np.int64]]:
    """Every three words of each lead that follow each other: whose, their hash, and from where."""
    sizes = np.array([len(found.body_order) for found in profiles])
    owner = np.repeat(np.arange(len(profiles)), sizes)
    words = _crcs(chain.from_iterable(found.body_order for found in profiles), len(owner))
    whole = np.flatnonzero(owner[2:] == owner[:-2])  # not over the end of one lead
    mine = owner[whole]
    hashes = words[whole] * _MIX[0] ^ words[whole + 1] * _MIX[1] ^ words[whole + 2] * _MIX[2]
    return mine, hashes + sources[mine], whole - (np.cumsum(sizes) - sizes)[mine]


def _slots(hashes: Hashes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """A place in each of the two tables, from the upper bits of a product (Knuth, 6.4)."""
    one, other = (hashes * _MIX[2]) >> _TOP, ((hashes ^ (hashes >> _TOP)) * _MIX[1]) >> _TOP
    return one.astype(np.int64), other.astype(np.int64)
