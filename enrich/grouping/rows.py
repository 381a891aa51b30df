"""The items of the window in arrays, and how alike each is to new ones.

Rows are appended for ever (arrays double when full); what is looked at is cut by time. All figures
depend only on *which* items lie around, never on the order in which they came nor on what lies
further off, so that a run that was killed and taken up again finds what an undisturbed one does.
(Only where more items than the limits below are equally near does the order decide which of them
are looked at.)

Words weigh by rarity among the items of the days around: ln(1 + (N - n + 0.5) / (n + 0.5)), the
inverse document frequency of BM25 (Robertson and Zaragoza, 2009), the window taken as 20 items
larger than it is, so that in a small one chance is not taken for sense.

What an item costs does not grow with the window: its rarest words lead to the rows that share
them, and its vector is compared with the rows that came last.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from enrich.grouping.likeness import Profile, profile
from vigie.model import ArticleId, GroupingItem

Floats = NDArray[np.float32]
Ids = NDArray[np.int64]

DAY = 86_400.0
NEAREST = 24  # rows looked at closely, by vector and by words each
_LEADING_KEYS = 12  # the rarest keys of an item, by which its neighbours are found
_COMMON = 400  # rows that have a key, from which on it leads to none (but an item has few rarer)
_FEW = 6  # keys by which neighbours are found in any case, however common
_VECTOR_NUMBERS_AROUND = 4_194_304  # compared with each new vector: 4,096 rows of 1,024 numbers
_VECTORS_DAYS = 3.0  # and how far off they may lie
_PROFILES_KEPT = 12_288  # prepared texts, twice: those asked for of late, and those before
_NEAR = 0.2  # cosine below which a vector leads to no neighbour

TITLE, WORD, NAME, ENTITY = 1, 2, 4, 8  # what a key is in an item, as bits
KINDS = (TITLE, WORD, NAME, ENTITY)


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


class Rows:
    """All rows: items, vectors, the group and story of each, and where each word occurs."""

    def __init__(self, window_days: float) -> None:
        self.items: list[GroupingItem] = []
        self.row_of: dict[ArticleId, int] = {}
        self.titles: dict[str, list[int]] = {}
        self.at: NDArray[np.float64] = np.zeros(256)
        self.group: Ids = np.zeros(256, dtype=np.int64)  # the founder's article
        self.story: Ids = np.zeros(256, dtype=np.int64)
        self.window = window_days * DAY
        self._languages: dict[str, int] = {}
        self.language: NDArray[np.int16] = np.zeros(256, dtype=np.int16)
        self._vectors: NDArray[np.int8] = np.zeros((0, 0), dtype=np.int8)
        self._scales: Floats = np.zeros(256, dtype=np.float32)  # of the numbers in a vector
        self._ids: dict[str, int] = {}
        self._postings: list[array[int]] = []
        self._keys = array("i")  # of all rows, one after the other, sorted within a row
        self._bits = array("B")
        self._starts = array("q", [0])
        self._days: dict[int, int] = {}  # day number: its row of counts
        self._counts: NDArray[np.int32] = np.zeros((8, 4_096), dtype=np.int32)
        self._per_day: dict[int, int] = {}
        self._scratch: Floats = np.zeros(256, dtype=np.float32)
        self._known_rarities: tuple[tuple[int, list[int]], Floats, int] = (
            (0, []),
            np.zeros(0, dtype=np.float32),
            0,
        )
        self._marks: NDArray[np.uint8] = np.zeros(4_096, dtype=np.uint8)
        self._profiles: dict[int, Profile] = {}
        self._older: dict[int, Profile] = {}
        self._furniture: dict[int, frozenset[str]] = {}  # words of a row that do not count

    def __len__(self) -> int:
        return len(self.items)

    def profile_at(self, row: int) -> Profile:
        """The row's prepared text; prepared again where it was given back."""
        found = self._profiles.get(row)
        if found is None:
            found = self._older.pop(row, None)
            if found is None:
                found = profile(self.items[row], self._furniture.get(row, frozenset()))
            self._keep(row, found)
        return found

    def _keep(self, row: int, found: Profile) -> None:
        """Remember it; of those that nobody asked for since, half are given back at a time."""
        if len(self._profiles) >= _PROFILES_KEPT:
            self._older, self._profiles = self._profiles, {}
        self._profiles[row] = found

    # ------------------------------------------------------------------------------ adding

    def append(self, found: Profile, vector: Floats, group: ArticleId, story: ArticleId) -> int:
        """Take an item in; each article once. Its row."""
        item = found.item
        row = len(self.items)
        if item.article in self.row_of:
            raise ValueError(f"article {item.article} is in the window already")
        self._grow(row + 1, len(vector))
        self._scales[row], self._vectors[row] = _quantised(vector)
        self.at[row] = found.at
        self.group[row], self.story[row] = group, story
        self.language[row] = self._languages.setdefault(item.language, len(self._languages))
        self.items.append(item)
        self._keep(row, found)
        if found.furniture:
            self._furniture[row] = found.furniture
        self.row_of[item.article] = row
        if found.title:
            self.titles.setdefault(found.title, []).append(row)
        keys, bits = self._keys_of(found)
        self._keys.frombytes(keys.tobytes())
        self._bits.frombytes(bits.tobytes())
        self._starts.append(len(self._keys))
        self._count(found.at, keys, row)
        return row

    def _keys_of(self, found: Profile) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
        """Numbers of all its words, names, numbers and entities, sorted, and what each is."""
        marked = dict.fromkeys(found.words, WORD)
        for word in found.title_words:
            marked[word] = TITLE | WORD
        for name in found.names | found.numbers:
            marked[name] = marked.get(name, 0) | NAME
        for entity in found.item.entities:
            marked[f"@{entity}"] = ENTITY
        ids = self._ids
        fresh = sorted(key for key in marked if key not in ids)
        for key in fresh:
            ids[key] = len(ids)
            self._postings.append(array("i"))
        keys = np.fromiter((ids[key] for key in marked), dtype=np.int32, count=len(marked))
        bits = np.fromiter(marked.values(), dtype=np.uint8, count=len(marked))
        order = np.argsort(keys, kind="stable")
        return keys[order], bits[order]

    def _grow(self, rows: int, dims: int) -> None:
        if not len(self._vectors):
            self._vectors = np.zeros((256, dims), dtype=np.int8)
        if self._vectors.shape[1] != dims:
            raise ValueError(
                f"a vector of {dims} numbers among vectors of {self._vectors.shape[1]}"
            )
        if rows > len(self._vectors):
            self._vectors = np.concatenate([self._vectors, np.zeros_like(self._vectors)])
            self._scales = np.concatenate([self._scales, np.zeros_like(self._scales)])
            self.at = np.concatenate([self.at, np.zeros_like(self.at)])
            self.group = np.concatenate([self.group, np.zeros_like(self.group)])
            self.story = np.concatenate([self.story, np.zeros_like(self.story)])
            self.language = np.concatenate([self.language, np.zeros_like(self.language)])
            self._scratch = np.zeros(len(self.at), dtype=np.float32)

    def _count(self, at: float, keys: NDArray[np.int32], row: int) -> None:
        day = int(at // DAY)
        place = self._days.setdefault(day, len(self._days))
        self._fit_counts()
        self._counts[place, keys] += 1
        self._per_day[day] = self._per_day.get(day, 0) + 1
        postings = self._postings
        for key in keys.tolist():
            postings[key].append(row)

    def _fit_counts(self) -> None:
        days, keys = self._counts.shape
        wanted_days = days * 2 if len(self._days) > days else days
        wanted_keys = max(keys, 2 * len(self._ids)) if len(self._ids) > keys else keys
        if (wanted_days, wanted_keys) != (days, keys):
            larger = np.zeros((wanted_days, wanted_keys), dtype=np.int32)
            larger[:days, :keys] = self._counts
            self._counts = larger
            self._marks = np.zeros(wanted_keys, dtype=np.uint8)

    def keys_of(self, row: int) -> tuple[NDArray[np.int32], NDArray[np.uint8], Floats]:
        """The row's keys in order, what each is, and how rare it is in the days around."""
        keys, bits = self._keys_in(row)
        rarity, _ = self._rarities(float(self.at[row]))
        return keys, bits, rarity[keys]

    def key_names(self) -> list[str]:
        """What each key number stands for."""
        return list(self._ids)

    def vectors_of(self, rows: Ids) -> Floats:
        """Their vectors, shape (len(rows), dims), as they are kept: of length nearly 1."""
        found: Floats = self._vectors[rows].astype(np.float32) * self._scales[rows][:, None]
        return found

    # --------------------------------------------------------------------------- comparing

    def likenesses(self, first: int, count: int) -> list[Likenesses]:
        """Rows `first` and on beside their nearest earlier rows in reach, and these' founders.

        The `count` rows must lie in one UTC day: they share what is rare around them.
        """
        rarity, total = self._rarities(float(self.at[first]))
        near = self._by_vector(first, count)
        found = [
            self._with_founders(row, near[row - first] | self._by_words(row, rarity))
            for row in range(first, first + count)
        ]
        return self._compared(first, found, rarity, total)

    def beside(self, row: int, others: Sequence[int]) -> Likenesses:
        """One row beside rows that it is told to look at."""
        rarity, total = self._rarities(float(self.at[row]))
        return self._compared(row, [np.array(others, dtype=np.int64)], rarity, total)[0]

    def rarity(self, keys: Sequence[str], at: float) -> Floats:
        """How rare each word (or `@entity`) is in the days around, shape (len(keys),)."""
        table, total = self._rarities(at)
        unknown = float(_rarity(np.zeros(1), total)[0])
        return np.array(
            [table[self._ids[key]] if key in self._ids else unknown for key in keys],
            dtype=np.float32,
        )

    def leads_under(self, found: Profile) -> int:
        """How many other leads in reach stand under the very title."""
        rows = self.titles.get(found.title, [])
        leads = {
            self.items[row].lead for row in rows if abs(self.at[row] - found.at) <= self.window
        }
        return len(leads - {found.item.lead})

    def _around(self, at: float) -> list[int]:
        first, last = int((at - self.window) // DAY), int((at + self.window) // DAY)
        return [day for day in range(first, last + 1) if day in self._days]

    def _rarities(self, at: float) -> tuple[Floats, int]:
        """The rarity of every key in the days around, and how many items lie in them."""
        days = self._around(at)
        state = (len(self), days)
        if self._known_rarities[0] != state:
            places = [self._days[day] for day in days]
            holding = self._counts[places, : len(self._ids)].sum(axis=0)
            total = sum(self._per_day[day] for day in days)
            self._known_rarities = (state, _rarity(holding, total), total)
        return self._known_rarities[1:]

    def _keys_in(self, row: int) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
        start, end = self._starts[row], self._starts[row + 1]
        keys = np.frombuffer(self._keys, dtype=np.int32, count=end - start, offset=4 * start)
        bits = np.frombuffer(self._bits, dtype=np.uint8, count=end - start, offset=start)
        return keys, bits

    def _by_words(self, row: int, rarity: Floats) -> set[int]:
        """The earlier rows in reach that share most of the row's rarest keys."""
        keys, _ = self._keys_in(row)
        if not len(keys):
            return set()
        order = keys[np.lexsort((keys, -rarity[keys]))].tolist()
        touched: list[NDArray[np.int32]] = []
        for key in order:
            posting = self._postings[key]
            if len(posting) < 2:  # nobody else has it
                continue
            if len(posting) > _COMMON and len(touched) >= _FEW:
                break
            rows = np.frombuffer(posting, dtype=np.int32)
            self._scratch[rows] += rarity[key]
            touched.append(rows)
            if len(touched) == _LEADING_KEYS:
                break
        if not touched:
            return set()
        reached = np.concatenate(touched)
        scores = self._scratch[reached].round(3)
        self._scratch[reached] = 0.0
        inside = (reached < row) & (np.abs(self.at[reached] - self.at[row]) <= self.window)
        reached, scores = reached[inside], scores[inside]
        if len(reached) > 4 * _LEADING_KEYS * NEAREST:  # each row comes once for each shared key
            bar = np.partition(scores, -_LEADING_KEYS * NEAREST)[-_LEADING_KEYS * NEAREST]
            reached, scores = reached[scores >= bar], scores[scores >= bar]
        return _best(reached, scores)

    def _by_vector(self, first: int, count: int) -> list[set[int]]:
        """For each new row the earlier rows whose vectors are nearest."""
        at = self.at[first : first + count]
        reach = min(self.window, _VECTORS_DAYS * DAY)
        known = self.at[: first + count]
        rows = np.flatnonzero((known >= at.min() - reach) & (known <= at.max() + reach))
        rows = rows[-(_VECTOR_NUMBERS_AROUND // max(1, self._vectors.shape[1]) + count) :]
        others = self._vectors[rows].astype(np.float32)
        products = self._vectors[first : first + count].astype(np.float32) @ others.T
        products *= self._scales[rows]
        products *= self._scales[first : first + count, None]
        found = []
        for place in range(count):
            near = np.flatnonzero(products[place] >= _NEAR)
            near = near[(rows[near] < first + place)]
            near = near[np.abs(self.at[rows[near]] - at[place]) <= self.window]
            found.append(_best(rows[near], products[place][near].round(4)))
        return found

    def _with_founders(self, row: int, picked: set[int]) -> Ids:
        rows = np.array(sorted(picked), dtype=np.int64)
        at, row_of = self.at[row], self.row_of
        for article in {*self.story[rows].tolist(), *self.group[rows].tolist()}:
            other = row_of.get(article, row)
            if other < row and abs(self.at[other] - at) <= self.window:
                picked.add(other)
        return np.array(sorted(picked), dtype=np.int64)

    def _compared(
        self, first: int, found: Sequence[Ids], rarity: Floats, total: int
    ) -> list[Likenesses]:
        """Row `first + n` beside the rows `found[n]`, for every n."""
        sizes = np.array([len(rows) for rows in found])
        ends = np.cumsum(sizes)
        rows = np.concatenate(found) if len(found) else np.zeros(0, dtype=np.int64)
        mine = np.repeat(np.arange(first, first + len(found)), sizes)
        weight = rarity.astype(np.float64) ** 2
        rare = rarity >= _rare(total)
        every = np.unique(np.concatenate([rows, np.arange(first, first + len(found))]))
        lengths = self._lengths(every, weight)
        own = lengths[np.searchsorted(every, mine)]
        theirs = lengths[np.searchsorted(every, rows)]
        shared, counts = self._shared(first, found, weight, rare)
        cosines = np.divide(
            shared, np.sqrt(own * theirs), out=np.zeros_like(shared), where=shared > 0
        )
        smaller = np.minimum(own, theirs)[:, 1]
        contained = np.divide(
            shared[:, 1], smaller, out=np.zeros(len(rows)), where=shared[:, 1] > 0
        )
        products = self._products(first, found)
        days = np.abs(self.at[rows] - self.at[mine]) / DAY
        return [
            Likenesses(
                rows=rows[cut],
                cosine=np.clip(products[cut], 0.0, 1.0).round(4),
                title=_rounded(cosines[cut, 0]),
                words=_rounded(cosines[cut, 1]),
                contained=_rounded(contained[cut]),
                names=_rounded(cosines[cut, 2]),
                entities=_rounded(cosines[cut, 3]),
                shared_names=_rounded(counts[cut, 0]),
                shared_entities=_rounded(counts[cut, 1]),
                days=days[cut].astype(np.float32),
            )
            for cut in (slice(end - size, end) for end, size in zip(ends, sizes, strict=True))
        ]

    def _gathered(self, rows: Ids) -> tuple[Ids, NDArray[np.int32], NDArray[np.uint8]]:
        """The keys of these rows, one row after the other: whose, which, and what they are."""
        starts = np.frombuffer(self._starts, dtype=np.int64)
        sizes = starts[rows + 1] - starts[rows]
        owner = np.repeat(np.arange(len(rows)), sizes)
        ends = np.cumsum(sizes)
        places = np.arange(int(ends[-1]) if len(ends) else 0)
        places += np.repeat(starts[rows] - (ends - sizes), sizes)
        keys = np.frombuffer(self._keys, dtype=np.int32)[places]
        bits = np.frombuffer(self._bits, dtype=np.uint8)[places]
        return owner, keys, bits

    def _lengths(self, rows: Ids, weight: NDArray[np.float64]) -> NDArray[np.float64]:
        """The squared length of each row by kind of key, shape (len(rows), 4)."""
        owner, keys, bits = self._gathered(rows)
        weights = weight[keys]
        return np.stack(
            [np.bincount(owner, weights * ((bits & kind) > 0), len(rows)) for kind in KINDS], axis=1
        )

    def _shared(
        self, first: int, found: Sequence[Ids], weight: NDArray[np.float64], rare: NDArray[np.bool_]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What each pair shares: squared weight by kind (n, 4), rare names and entities (n, 2)."""
        kept_keys, kept_bits, kept_pairs = [], [], []
        offset = 0
        marks = self._marks
        for place, rows in enumerate(found):
            if not len(rows):
                continue
            mine, mine_bits = self._keys_in(first + place)
            marks[mine] = mine_bits
            owner, keys, bits = self._gathered(rows)
            both = marks[keys] & bits
            marks[mine] = 0
            hits = np.flatnonzero(both)
            kept_keys.append(keys[hits])
            kept_bits.append(both[hits])
            kept_pairs.append(owner[hits] + offset)
            offset += len(rows)
        if not kept_keys:
            return np.zeros((offset, 4)), np.zeros((offset, 2))
        keys, bits = np.concatenate(kept_keys), np.concatenate(kept_bits)
        pairs = np.concatenate(kept_pairs)
        weights, scarce = weight[keys], rare[keys]
        shared = [np.bincount(pairs, weights * ((bits & kind) > 0), offset) for kind in KINDS]
        counts = [
            np.bincount(pairs, scarce & ((bits & kind) > 0), offset) for kind in (NAME, ENTITY)
        ]
        return np.stack(shared, axis=1).astype(float), np.stack(counts, axis=1).astype(float)

    def _products(self, first: int, found: Sequence[Ids]) -> Floats:
        """Cosines of rows `first + n` with the rows `found[n]`, one after the other.

        Sums of whole numbers below 2**24 are exact in float32 whatever their order (so are those of
        1,024 numbers): the same pair has the same cosine whatever lies around.
        """
        parts = [np.zeros(0, dtype=np.float32)]
        for place, rows in enumerate(found):
            mine = self._vectors[first + place].astype(np.float32)
            sums = self._vectors[rows].astype(np.float32) @ mine
            parts.append(sums * self._scales[rows] * self._scales[first + place])
        return np.concatenate(parts)


def _quantised(vector: Floats) -> tuple[float, NDArray[np.int8]]:
    """A vector as whole numbers from -127 to 127, and what they are to be multiplied with.

    The cosine of two is off by 0.005 at most, measured on all pairs of 433 TF-IDF vectors.
    """
    scale = float(np.abs(vector).max(initial=0.0)) / 127.0
    if scale == 0.0:
        return 0.0, np.zeros(len(vector), dtype=np.int8)
    return scale, np.rint(vector / scale).astype(np.int8)


def _rarity(holding: Iterable[float] | NDArray[np.int32], total: int) -> Floats:
    count = np.asarray(holding, dtype=np.float32)
    rarity: Floats = np.log(1.0 + (total + 20 - count + 0.5) / (count + 0.5), dtype=np.float32)
    return rarity


def _rare(total: int) -> float:
    """What counts as rare: held by at most one item in fifty, or by eight (one wide story)."""
    return float(_rarity(np.array([max(8.0, total / 50.0)]), total)[0]) - 1e-6


def _rounded(values: NDArray[np.float64]) -> Floats:
    """Four decimals, so that the order of additions decides nothing."""
    return values.round(4).astype(np.float32)


def _best(rows: NDArray[np.integer], scores: Floats) -> set[int]:
    """The rows with the highest scores, each once; equals of the last one are taken, to a limit."""
    if len(rows) <= NEAREST:
        return set(rows.tolist())
    rows, places = np.unique(rows, return_index=True)
    scores = scores[places]
    if len(rows) > NEAREST:
        bar = np.partition(scores, -NEAREST)[-NEAREST]
        kept = np.flatnonzero(scores >= max(float(bar), 1e-4))
        if len(kept) > 8 * NEAREST:
            kept = kept[np.argsort(-scores[kept], kind="stable")][: 8 * NEAREST]
        rows = rows[kept]
    return set(rows.tolist())
