"""What of each row's title shows that it may be a number of a series, many pairs at a time.

What decides is `likeness.series`, which reads the words; here is what must hold where it does.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from enrich.grouping.flat import Bools, Ids, doubled
from enrich.grouping.likeness import Profile
from enrich.grouping.overlaps import hash_of

_ROW = np.dtype(
    [
        ("kicker", "u4"),  # hash of the kicker, 0 for none
        ("kicker_ends", "u4", 2),  # hashes of its first and last word
        ("ends", "u4", 2),  # and of the title's, numbers left out
        ("kicker_size", "u2"),  # words
        ("size", "u2"),
        ("calendar", "?"),
        ("dated", "?"),
    ]
)
_REPLACED = 2  # words from which on one may stand for another


class Titles:
    """A line for each row; rows are appended for ever."""

    def __init__(self) -> None:
        self._rows = np.zeros(256, dtype=_ROW)

    def extend(self, first: int, profiles: Sequence[Profile]) -> None:
        """The next rows."""
        end = first + len(profiles)
        while end > len(self._rows):
            self._rows = doubled(self._rows)
        self._rows[first:end] = [_line(found) for found in profiles]

    def serial(self, one_publisher: Bools, mine: Ids, others: Ids) -> Bools:
        """Of which pairs `series` may hold."""
        one, other = self._rows[mine], self._rows[others]
        kickers = (one["kicker"] != other["kicker"]) & (one["kicker_size"] >= _REPLACED)
        kickers &= one["kicker_size"] == other["kicker_size"]
        kickers &= _meet(one["kicker_ends"], other["kicker_ends"])
        titles = (one["size"] >= _REPLACED) & (one["size"] == other["size"])
        titles &= _meet(one["ends"], other["ends"])
        titles |= one["calendar"] & other["calendar"]
        titles |= one["dated"] & (one["kicker"] == other["kicker"])
        found: Bools = kickers | (one_publisher & titles)
        return found


def _meet(one: NDArray[np.uint32], other: NDArray[np.uint32]) -> Bools:
    """Of which pairs of ends, shape (k, 2), one is the same."""
    same: Bools = (one[:, 0] == other[:, 0]) | (one[:, 1] == other[:, 1])
    return same


def _line(found: Profile) -> tuple[object, ...]:
    kicker, order = found.kicker, found.title_order
    return (
        hash_of(" ".join(kicker)) if kicker else 0,
        _ends(kicker),
        _ends(order),
        min(len(kicker), 65_535),
        min(len(order), 65_535),
        found.calendar,
        found.dated,
    )


def _ends(words: tuple[str, ...]) -> tuple[int, int]:
    return (hash_of(words[0]), hash_of(words[-1])) if words else (0, 0)
