"""Which words, names, numbers and entities each row has, where each occurs, and how rare it is.

Words weigh by rarity among the items of the days around: ln(1 + (N - n + 0.5) / (n + 0.5)), the
inverse document frequency of BM25 (Robertson and Zaragoza, 2009), the window taken as 20 items
larger than it is, so that in a small one chance is not taken for sense.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from enrich.grouping.flat import Floats, Ids, gathered

DAY = 86_400.0
TITLE, WORD, NAME, ENTITY = 1, 2, 4, 8  # what a key is in a row, as bits
NUMBER, NAMED = 16, 32  # a number; one of the title's `plain_names`
_FEW = 8  # items of one wide story
_RARE_SHARE = 50.0  # rare: one item in so many has it, or a few
KINDS = (TITLE, WORD, NAME, ENTITY)
_HALF = 32  # bits of a key's number


class Rarity:
    """How rare each key is among `total` items; what many have costs no more than what few have."""

    def __init__(self, holding: NDArray[np.int32], total: int) -> None:
        """`holding`: how many of the items have each key."""
        self._holding = holding
        counts = np.arange(int(holding.max(initial=0)) + 1)
        self._of_count = _rarity(counts, total)
        self._rare = counts <= max(_FEW, total / _RARE_SHARE)

    def __getitem__(self, keys: NDArray[np.int32]) -> Floats:
        """Of these keys, in any shape."""
        found: Floats = self._of_count[self._holding[keys]]
        return found

    def is_rare(self, keys: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Whether few of the items have them."""
        found: NDArray[np.bool_] = self._rare[self._holding[keys]]
        return found

    def is_scarce(self, keys: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Whether so few have them that even common nouns tell a matter."""
        found: NDArray[np.bool_] = self._holding[keys] <= _FEW
        return found


def _rarity(counts: Ids, total: int) -> Floats:
    count = counts.astype(np.float32)
    rarity: Floats = np.log(1.0 + (total + 20 - count + 0.5) / (count + 0.5), dtype=np.float32)
    return rarity


class Keys:
    """The keys of all rows, appended for ever; counts are by day, so that rarity is local."""

    def __init__(self, window: float) -> None:
        """`window`: seconds, to each side, within which rarity is counted."""
        self._window = window
        self._ids: dict[str, int] = {}
        self._names: list[str] = []
        self._postings: list[array[int]] = []
        self._keys = array("i")  # of all rows, one after the other, sorted within a row
        self._bits = array("B")
        self._starts = array("q", [0])
        self._numbers, self._named = array("H"), array("H")  # how many of each row's keys are such
        self._days: dict[int, int] = {}  # day number: its row of counts
        self._counts: NDArray[np.int32] = np.zeros((8, 4_096), dtype=np.int32)
        self._held: NDArray[np.int32] = np.zeros(4_096, dtype=np.int32)  # by how many rows
        self._per_day: dict[int, int] = {}
        self._holding: NDArray[np.int32] = np.zeros(4_096, dtype=np.int32)  # in the days asked of
        self._around_of: list[int] = []  # those days
        self._asked: tuple[tuple[int, int, int], list[int]] = ((0, 0, 0), [])
        self._rarity: tuple[int, Rarity] | None = None  # of so many rows
        self.room: NDArray[np.int32] = np.zeros(4_096, dtype=np.int32)  # a number for each key

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self._starts) - 1

    def extend(self, marked: Sequence[Mapping[str, int]], at: Sequence[float]) -> None:
        """The next rows' keys with what each is in them, and when the rows are from."""
        first = len(self)
        ids = self._ids
        for one in marked:
            for key in sorted([key for key in one if key not in ids]):
                ids[key] = len(ids)
                self._names.append(key)
                self._postings.append(array("i"))
        sizes = np.array([len(one) for one in marked], dtype=np.int64)
        count = int(sizes.sum())
        keys = np.fromiter(map(ids.__getitem__, chain.from_iterable(marked)), np.int32, count)
        bits = np.fromiter(chain.from_iterable(one.values() for one in marked), np.uint8, count)
        owner = np.repeat(np.arange(len(marked)), sizes)
        order = np.argsort(owner << _HALF | keys)  # each key is in a row once
        keys, bits = keys[order], bits[order]
        self._starts.frombytes((np.cumsum(sizes) + len(self._keys)).tobytes())
        self._keys.frombytes(keys.tobytes())
        self._bits.frombytes(bits.tobytes())
        for counts, kind in ((self._numbers, NUMBER), (self._named, NAMED)):
            held = np.bincount(owner[(bits & kind) > 0], minlength=len(marked))
            counts.frombytes(held.astype(np.uint16).tobytes())
        self._count(keys, owner, [int(time // DAY) for time in at])
        self._post(keys, owner + first)

    def _count(self, keys: NDArray[np.int32], owner: Ids, days: Sequence[int]) -> None:
        for day in days:
            self._days.setdefault(day, len(self._days))
            self._per_day[day] = self._per_day.get(day, 0) + 1
        self._fit()
        places = np.array([self._days[day] for day in days], dtype=np.int64)
        np.add.at(self._counts, (places[owner], keys), 1)
        np.add.at(self._held, keys, 1)
        around = np.array([day in self._around_of for day in days], dtype=np.bool_)
        np.add.at(self._holding, keys[around[owner]], 1)

    def _post(self, keys: NDArray[np.int32], rows: Ids) -> None:
        """Note at each key the rows that have it."""
        if not len(keys):
            return
        order = np.argsort(keys, kind="stable")
        sorted_keys = keys[order]
        there = rows[order].astype(np.int32).tobytes()
        starts = np.flatnonzero(np.diff(sorted_keys, prepend=-1))
        ends = np.append(starts[1:], len(keys))
        postings = self._postings
        for key, start, end in zip(
            sorted_keys[starts].tolist(), (4 * starts).tolist(), (4 * ends).tolist(), strict=True
        ):
            postings[key].frombytes(there[start:end])

    def _fit(self) -> None:
        days, keys = self._counts.shape
        wanted_days = 2 * len(self._days) if len(self._days) > days else days
        wanted_keys = max(keys, 2 * len(self._ids)) if len(self._ids) > keys else keys
        if (wanted_days, wanted_keys) == (days, keys):
            return
        larger = np.zeros((wanted_days, wanted_keys), dtype=np.int32)
        larger[:days, :keys] = self._counts
        self._counts = larger
        self._held = np.pad(self._held, (0, wanted_keys - keys))
        self._holding = np.pad(self._holding, (0, wanted_keys - keys))
        self.room = np.zeros(wanted_keys, dtype=np.int32)

    # ------------------------------------------------------------------------------ reading

    def names(self) -> list[str]:
        """What each key number stands for."""
        return self._names

    def of(self, row: int) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
        """The row's keys in order, and what each is."""
        start, end = self._starts[row], self._starts[row + 1]
        keys = np.frombuffer(self._keys, dtype=np.int32, count=end - start, offset=4 * start)
        bits = np.frombuffer(self._bits, dtype=np.uint8, count=end - start, offset=start)
        return keys, bits

    def gathered(self, rows: Ids) -> tuple[Ids, NDArray[np.int32], NDArray[np.uint8]]:
        """The keys of these rows, one row after the other: whose, which, and what they are."""
        owner, places = gathered(np.frombuffer(self._starts, dtype=np.int64), rows)
        keys = np.frombuffer(self._keys, dtype=np.int32)[places]
        bits = np.frombuffer(self._bits, dtype=np.uint8)[places]
        return owner, keys, bits

    def numbers(self, rows: Ids) -> NDArray[np.uint16]:
        """How many numbers each of these rows has."""
        return np.frombuffer(self._numbers, dtype=np.uint16)[rows]

    def named(self, rows: Ids) -> NDArray[np.uint16]:
        """How many keys of each of these rows are `NAMED`."""
        return np.frombuffer(self._named, dtype=np.uint16)[rows]

    def held(self, keys: NDArray[np.int32]) -> NDArray[np.int32]:
        """How many rows have each of these keys."""
        return self._held[keys]

    def postings(self, keys: Sequence[int], latest: int) -> tuple[NDArray[np.int32], list[int]]:
        """The last rows that have each key, `latest` of each at most: in one row, and how many."""
        found = [self._postings[key] for key in keys]
        cut = [one if len(one) <= latest else one[-latest:] for one in found]
        return np.frombuffer(b"".join(cut), dtype=np.int32), list(map(len, cut))

    def rarities(self, at: float) -> Rarity:
        """How rare each key is in the days around; it holds until rows are added."""
        days = self._around(at)
        if self._rarity and self._rarity[0] == len(self) and self._around_of == days:
            return self._rarity[1]
        if self._around_of != days:
            self._around_of = days
            places = [self._days[day] for day in days]
            self._holding = self._counts[places].sum(axis=0, dtype=np.int32)
        rarity = Rarity(self._holding, sum(self._per_day[day] for day in days))
        self._rarity = (len(self), rarity)
        return rarity

    def _around(self, at: float) -> list[int]:
        first, last = int((at - self._window) // DAY), int((at + self._window) // DAY)
        if self._asked[0] != (first, last, len(self._days)):
            days = [day for day in range(first, last + 1) if day in self._days]
            self._asked = ((first, last, len(self._days)), days)
        return self._asked[1]
