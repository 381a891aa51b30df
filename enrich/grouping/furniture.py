"""What a source puts under everything: programme blurbs, calls to subscribe, standing sentences.

Found by counting: a word triple, or a sentence, that one source has under three titles and more is
furniture, and says nothing of an item's matter. Counts are kept in two hashed tables (a count-min
sketch: Cormode and Muthukrishnan, 2005), so that their size does not grow with the window.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from enrich.grouping.flat import Hashes, Ids
from enrich.grouping.likeness import Profile, Said
from enrich.grouping.overlaps import MIX, hash_of, hashed, triples

USES = 3  # titles of one source from which on what stands under them is furniture
_SIZE = 2**24  # two million triples of a window of 100,000 leave it nearly empty
_SHIFT = 40  # the bits above are a place in a table
_ODD = tuple(map(int, MIX))
_ALL = 2**64 - 1


class Furniture:
    """Counts of what each source has said, by triple and by sentence."""

    def __init__(self) -> None:
        self._bytes = (bytearray(_SIZE), bytearray(_SIZE))
        self._tables = tuple(np.frombuffer(table, dtype=np.uint8) for table in self._bytes)
        self._titles: set[int] = set()

    def count(self, profiles: Sequence[Profile | Said]) -> None:
        """Take in items; a title that its source had before counts for nothing new."""
        new = [found for found in profiles if self._is_new(found)]
        if not new:
            return
        sources = _sources(new)
        owner, spoken, _ = _triples(new, sources)
        sizes = [len(found.sentences) for found in new]
        whose = np.repeat(np.arange(len(new)), sizes)
        said = chain.from_iterable(found.sentences for found in new)
        sentences = np.fromiter(said, np.uint64, len(whose)) * MIX[0] + sources[whose]
        hashes, items = np.concatenate([spoken, sentences]), np.concatenate([owner, whose])
        for table, slots in zip(self._tables, _slots(hashes), strict=True):
            said_there = items * _SIZE + slots.astype(np.int64)
            once = np.unique(said_there) % _SIZE  # said twice in one item is said once
            places, uses = np.unique(once, return_counts=True)
            table[places] = np.minimum(table[places] + uses, 255)  # all that a byte holds

    def words(self, profiles: Sequence[Profile]) -> list[frozenset[str]]:
        """The words of each item's lead that its source's standing triples cover."""
        owner, spoken, first = _triples(profiles, _sources(profiles))
        covered: list[set[str]] = [set() for _ in profiles]
        for at in np.flatnonzero(self._uses(spoken) >= USES).tolist():
            item = int(owner[at])
            place = int(first[at])
            covered[item].update(profiles[item].body_order[place : place + 3])
        return list(map(frozenset, covered))

    def stands_under_others(self, found: Profile, sentence: int) -> bool:
        """Whether the source has this sentence, a CRC-32, under other titles too."""
        mixed = sentence * _ODD[0] + hash_of(found.publisher) * _ODD[1]
        one, other = _slots(mixed & _ALL)
        return bool(self._bytes[0][one] >= USES and self._bytes[1][other] >= USES)

    def _is_new(self, found: Profile | Said) -> bool:
        title = crc32(found.title.encode(), hash_of(found.publisher))
        new = title not in self._titles
        self._titles.add(title)
        return new

    def _uses(self, hashes: Hashes) -> NDArray[np.uint8]:
        one, other = _slots(hashes)
        uses: NDArray[np.uint8] = np.minimum(self._tables[0][one], self._tables[1][other])
        return uses


def _sources(profiles: Sequence[Profile | Said]) -> Hashes:
    return hashed([found.publisher for found in profiles], len(profiles)) * MIX[1]


def _triples(profiles: Sequence[Profile | Said], sources: Hashes) -> tuple[Ids, Hashes, Ids]:
    """Every three words of each lead that follow each other: whose, their hash, and from where."""
    owner, hashes, first = triples([found.body_order for found in profiles])
    return owner, hashes + sources[owner], first


def _slots(hashes: Any) -> tuple[Any, Any]:
    """A place in each of the two tables, from the upper bits of a product (Knuth, 6.4).

    Of a whole number below 2**64, or of an array of them.
    """
    mixed = hashes ^ (hashes >> _SHIFT)
    return (hashes * _ODD[2] & _ALL) >> _SHIFT, (mixed * _ODD[0] & _ALL) >> _SHIFT
