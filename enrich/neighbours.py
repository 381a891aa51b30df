"""The items of the window in arrays, and how alike each is to a new one.

Rows are appended for ever (arrays double when full); what is looked at is cut by time. All figures
depend only on *which* items lie around, never on the order in which they came nor on what lies
further off, so that a run that was killed and taken up again finds what an undisturbed one does.
(Only where over 250 items are equally near does the order decide which of them are looked at.)

Words weigh by rarity among the items of the days around: ln(1 + (N - n + 0.5) / (n + 0.5)), the
inverse document frequency of BM25 (Robertson and Zaragoza, 2009), the window taken as 20 items
larger than it is, so that in a small one chance is not taken for sense.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from enrich.likeness import Profile
from vigie.model import ArticleId, Placement

Floats = NDArray[np.float32]
Ids = NDArray[np.int64]

_DAY = 86_400.0
_NEAREST = 32  # rows looked at closely, by vector and by words each
_COMMON = 0.1  # a word that more of the rows have is no way to find a neighbour
_FLOOR = 200  # rows below which every word is


@dataclass(frozen=True, slots=True)
class Likenesses:
    """A new item beside k rows. Each array has shape (k,); likenesses are 0 to 1."""

    rows: Ids
    cosine: Floats  # of the vectors
    title: Floats  # rarity-weighted cosine of the titles' words
    words: Floats  # rarity-weighted cosine of all words
    contained: Floats  # share of the smaller text's word weight that the other has
    names: Floats  # rarity-weighted cosine of capitalised words and numbers
    entities: Floats  # rarity-weighted cosine of canonical entities
    shared_names: Floats  # how many rare names and numbers are in both
    shared_entities: Floats  # how many rare entities are in both
    days: Floats  # between the two publications


class Neighbourhood:
    """All rows: profiles, vectors, placements, and where each word occurs."""

    def __init__(self, window_days: float) -> None:
        self.profiles: list[Profile] = []
        self.placements: list[Placement] = []
        self.row_of: dict[ArticleId, int] = {}
        self.titles: dict[str, list[int]] = {}
        self._sentences: dict[tuple[str, str], list[int]] = {}
        self._window = window_days * _DAY
        self._ids: dict[str, int] = {}
        self._postings: list[array[int]] = []
        self._keys: list[tuple[Ids, Ids, Ids, Ids]] = []
        self._vectors: Floats = np.zeros((0, 0), dtype=np.float32)
        self._at: NDArray[np.float64] = np.zeros(0)
        self._days: dict[int, int] = {}  # day number: its row of counts
        self._counts: NDArray[np.int32] = np.zeros((8, 4_096), dtype=np.int32)
        self._per_day: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self.profiles)

    # ------------------------------------------------------------------------------ adding

    def append(self, profile: Profile, vector: Floats, placement: Placement) -> None:
        """Take an item in; each article once."""
        row = len(self.profiles)
        if profile.item.article in self.row_of:
            raise ValueError(f"article {profile.item.article} is in the window already")
        keys = self._key_ids(profile)
        self._grow(row + 1, len(vector))
        self._vectors[row] = vector
        self._at[row] = profile.at
        self.profiles.append(profile)
        self.placements.append(placement)
        self.row_of[profile.item.article] = row
        self._keys.append(keys)
        if profile.title:
            self.titles.setdefault(profile.title, []).append(row)
        for sentence in profile.sentences:
            self._sentences.setdefault((profile.item.source, sentence), []).append(row)
        self._count(profile.at, keys, row)

    def _key_ids(self, profile: Profile) -> tuple[Ids, Ids, Ids, Ids]:
        """Numbers of the title's words, all words, names and numbers, and entities."""
        entities = (f"@{entity}" for entity in profile.item.entities)
        sets: Sequence[Iterable[str]] = (
            profile.title_words,
            profile.words,
            profile.names | profile.numbers,
            entities,
        )
        title, words, names, marked = (
            np.array(sorted(map(self._id, keys)), dtype=np.int64) for keys in sets
        )
        return title, words, names, marked

    def _id(self, key: str) -> int:
        found = self._ids.get(key)
        if found is None:
            found = self._ids[key] = len(self._ids)
            self._postings.append(array("i"))
        return found

    def _grow(self, rows: int, dims: int) -> None:
        if not len(self._vectors):
            self._vectors = np.zeros((256, dims), dtype=np.float32)
            self._at = np.zeros(256)
        if self._vectors.shape[1] != dims:
            raise ValueError(
                f"a vector of {dims} numbers among vectors of {self._vectors.shape[1]}"
            )
        if rows > len(self._vectors):
            self._vectors = np.vstack([self._vectors, np.zeros_like(self._vectors)])
            self._at = np.concatenate([self._at, np.zeros_like(self._at)])

    def _count(self, at: float, keys: tuple[Ids, ...], row: int) -> None:
        day = int(at // _DAY)
        place = self._days.setdefault(day, len(self._days))
        self._fit_counts()
        everything = np.unique(np.concatenate(keys))
        self._counts[place, everything] += 1
        self._per_day[day] = self._per_day.get(day, 0) + 1
        for key in everything.tolist():
            self._postings[key].append(row)

    def _fit_counts(self) -> None:
        days, keys = self._counts.shape
        wanted_days = days * 2 if len(self._days) > days else days
        wanted_keys = max(keys, 2 * len(self._ids)) if len(self._ids) > keys else keys
        if (wanted_days, wanted_keys) != (days, keys):
            larger = np.zeros((wanted_days, wanted_keys), dtype=np.int32)
            larger[:days, :keys] = self._counts
            self._counts = larger

    def vector(self, row: int) -> Floats:
        """A row's vector, shape (dims,)."""
        found: Floats = self._vectors[row]
        return found

    # --------------------------------------------------------------------------- comparing

    def likenesses(self, profile: Profile, vector: Floats, only: Ids | None = None) -> Likenesses:
        """The new item beside its nearest rows in reach and their founders, or beside `only`."""
        keys = self._key_ids(profile)
        self._fit_counts()
        around = self._around(profile.at)
        if only is None:
            reach = np.abs(self._at[: len(self)] - profile.at) <= self._window
            rows = self._candidates(vector, keys, reach, around)
        else:
            rows = only
        title, words, names, entities = (
            self._compared(part, rows, index, around) for index, part in enumerate(keys)
        )
        vectors = _products(self._vectors[rows], vector)
        return Likenesses(
            rows=rows,
            cosine=np.clip(vectors, 0.0, 1.0).round(4),
            title=title[0],
            words=words[0],
            contained=words[1],
            names=names[0],
            entities=entities[0],
            shared_names=names[2],
            shared_entities=entities[2],
            days=(np.abs(self._at[rows] - profile.at) / _DAY).astype(np.float32),
        )

    def rarity(self, keys: Sequence[str], at: float) -> Floats:
        """How rare each word (or `@entity`) is in the days around, shape (len(keys),)."""
        around = self._around(at)
        known = [self._ids.get(key, -1) for key in keys]
        ids = np.array([key for key in known if key >= 0], dtype=np.int64)
        rarities = np.full(len(keys), _rarity(np.zeros(1), around[1])[0], dtype=np.float32)
        rarities[[place for place, key in enumerate(known) if key >= 0]] = self._rarity(ids, around)
        return rarities

    def leads_under(self, profile: Profile) -> int:
        """How many other leads in reach stand under the very title."""
        rows = self.titles.get(profile.title, [])
        near = (row for row in rows if abs(self._at[row] - profile.at) <= self._window)
        return len({self.profiles[row].item.lead for row in near} - {profile.item.lead})

    def boilerplate(self, profile: Profile, sentence: str, at_least: int) -> bool:
        """Whether the source has put this sentence under that many other titles around."""
        rows = self._sentences.get((profile.item.source, sentence), [])
        titles = {
            self.profiles[row].title
            for row in rows
            if abs(self._at[row] - profile.at) <= self._window
        }
        return len(titles - {profile.title}) >= at_least

    def _around(self, at: float) -> tuple[Ids, int]:
        """The rows of counts of the days around, and how many items lie in them."""
        first, last = int((at - self._window) // _DAY), int((at + self._window) // _DAY)
        days = [day for day in range(first, last + 1) if day in self._days]
        places = np.array([self._days[day] for day in days], dtype=np.int64)
        return places, sum(self._per_day.get(day, 0) for day in days)

    def _holding(self, ids: Ids, around: tuple[Ids, int]) -> NDArray[np.int64]:
        """How many items of the days around have each key."""
        holding: NDArray[np.int64] = self._counts[around[0][:, None], ids[None, :]].sum(axis=0)
        return holding

    def _rarity(self, ids: Ids, around: tuple[Ids, int]) -> Floats:
        return _rarity(self._holding(ids, around), around[1])

    def _candidates(
        self,
        vector: Floats,
        keys: tuple[Ids, ...],
        reach: NDArray[np.bool_],
        around: tuple[Ids, int],
    ) -> Ids:
        inside = np.flatnonzero(reach)
        if not len(inside):
            return inside
        first, last = int(inside[0]), int(inside[-1]) + 1
        near = np.where(
            reach[first:last], _products(self._vectors[first:last], vector), np.float32(-1.0)
        ).round(4)
        shared = np.zeros(len(reach), dtype=np.float32)
        every = np.unique(np.concatenate(keys))
        holding = self._holding(every, around)
        useful = (holding > 0) & (holding <= max(_FLOOR, _COMMON * around[1]))
        weights = _rarity(holding, around[1])
        for key, weight in zip(every[useful].tolist(), weights[useful].tolist(), strict=True):
            shared[np.frombuffer(self._postings[key], dtype=np.int32)] += weight
        shared = np.where(reach, shared, -1.0)[first:last].round(3)
        picked = {first + int(row) for score in (near, shared) for row in _top(score, _NEAREST)}
        founders = {
            self.row_of[founder]
            for row in picked
            for founder in (self.placements[row].story, self.placements[row].group)
            if founder in self.row_of and reach[self.row_of[founder]]
        }
        return np.array(sorted(picked | founders), dtype=np.int64)

    def _compared(
        self, mine: Ids, rows: Ids, kind: int, around: tuple[Ids, int]
    ) -> tuple[Floats, Floats, Floats]:
        """Cosine, containment and number of rare shared keys, of one kind of key."""
        zeros = np.zeros(len(rows), dtype=np.float32)
        parts = [self._keys[row][kind] for row in rows.tolist()]
        flat = np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
        if not len(mine) or not len(flat):
            return zeros, zeros, zeros
        owner = np.repeat(np.arange(len(rows)), [len(part) for part in parts])
        rarity = self._rarity(flat, around)
        weight = rarity.astype(np.float64) ** 2
        common = np.isin(flat, mine, kind="table")
        own = float((self._rarity(mine, around).astype(np.float64) ** 2).sum())
        theirs = np.bincount(owner, weight, len(rows))
        shared = np.bincount(owner, weight * common, len(rows))
        held = (common & (rarity >= _rare(around[1]))).astype(np.float64)
        rare = np.bincount(owner, held, len(rows))
        smaller = np.minimum(theirs, own)
        cosine = np.divide(shared, np.sqrt(theirs * own), out=np.zeros(len(rows)), where=theirs > 0)
        contained = np.divide(shared, smaller, out=np.zeros(len(rows)), where=smaller > 0)
        return _rounded(cosine), _rounded(contained), _rounded(rare)


def _rarity(holding: NDArray[np.int64] | Floats | NDArray[np.float64], total: int) -> Floats:
    count = np.asarray(holding, dtype=np.float64)
    rarity: Floats = np.log(1.0 + (total + 20 - count + 0.5) / (count + 0.5)).astype(np.float32)
    return rarity


def _rare(total: int) -> float:
    """What counts as rare: held by at most one item in fifty, or by eight (one wide story)."""
    return float(_rarity(np.array([max(8.0, total / 50.0)]), total)[0]) - 1e-6


def _rounded(values: NDArray[np.float64] | NDArray[np.int_]) -> Floats:
    """Four decimals, so that the order of additions decides nothing."""
    return values.round(4).astype(np.float32)


def _products(rows: Floats, vector: Floats) -> Floats:
    """Each row's inner product with the vector, added in one order whatever lies around it.

    Without BLAS, whose threads cost more than they bring for one vector and whose sums may depend
    on a row's place.
    """
    if not len(rows):
        return np.zeros(0, dtype=np.float32)
    found: Floats = np.einsum("ij,j->i", rows, vector)
    return found


def _top(scores: NDArray[np.float32] | NDArray[np.float64], count: int) -> list[int]:
    """Places of the highest positive scores; equals of the last one are all taken, to a limit."""
    if len(scores) > count:
        bar = np.partition(scores, -count)[-count]
        places = np.flatnonzero(scores >= max(bar, 1e-4))[: 8 * count]
    else:
        places = np.flatnonzero(scores > 0)
    return [int(place) for place in places]
