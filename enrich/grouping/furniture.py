"""What a source puts under everything: programme blurbs, calls to subscribe, standing sentences.

Found by counting: a word triple, or a sentence, that one source has under three titles and more is
furniture, and says nothing of an item's matter. Counts are kept in two hashed tables (a count-min
sketch: Cormode and Muthukrishnan, 2005), so that their size does not grow with the window.
"""

from __future__ import annotations

from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from enrich.grouping.likeness import Profile

USES = 3  # titles of one source from which on what stands under them is furniture
_SIZE = 2**22


class Furniture:
    """Counts of what each source has said, by triple and by sentence."""

    def __init__(self) -> None:
        self._tables: NDArray[np.uint8] = np.zeros((2, _SIZE), dtype=np.uint8)
        self._titles: set[int] = set()

    def count(self, found: Profile) -> None:
        """Take in one item; a title that its source had before counts for nothing new."""
        source = crc32(found.publisher.encode())
        title = crc32(found.title.encode(), source)
        if title in self._titles:
            return
        self._titles.add(title)
        slots = _slots([*_triples(found), *found.sentences], source)
        for table, places in zip(self._tables, slots, strict=True):
            uses = table[places]
            table[places] = uses + (uses < 255)  # all that a byte holds

    def words(self, found: Profile) -> frozenset[str]:
        """The words of an item's lead that its source's standing triples cover."""
        triples = _triples(found)
        order = found.body_order
        covered: set[str] = set()
        for place in np.flatnonzero(self._uses(triples, found.publisher) >= USES).tolist():
            covered.update(order[place : place + 3])
        return frozenset(covered)

    def stands_under_others(self, found: Profile, sentence: str) -> bool:
        """Whether the source has this sentence under other titles too."""
        return bool(self._uses([sentence], found.publisher)[0] >= USES)

    def _uses(self, texts: list[str], source: str) -> NDArray[np.uint8]:
        if not texts:
            return np.zeros(0, dtype=np.uint8)
        one, other = _slots(texts, crc32(source.encode()))
        uses: NDArray[np.uint8] = np.minimum(self._tables[0, one], self._tables[1, other])
        return uses


def _triples(found: Profile) -> list[str]:
    order = found.body_order
    return list(map(" ".join, zip(order, order[1:], order[2:], strict=False)))


def _slots(texts: list[str], source: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    hashes = np.array([crc32(text.encode(), source) for text in texts], dtype=np.int64)
    return hashes % _SIZE, (hashes * 2_654_435_761 >> 13) % _SIZE
