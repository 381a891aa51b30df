"""Which earlier rows a new one is compared with; how alike they are, `alike` says.

All figures depend only on *which* items lie around, never on the order in which they came nor on
what lies further off, so that a run that was killed and taken up again finds what an undisturbed
one does. (Only where more items than the limits below are equally near does the order decide which
of them are looked at.)

What an item costs does not grow with the window: its rarest words lead to the rows that share
them, and its vector is compared with the rows that came last. New rows are looked at a batch at a
time: what is one step for each of them costs more than what they are compared with.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from enrich.grouping.alike import Likenesses, compared, distinct
from enrich.grouping.flat import Bools, Floats, Ids
from enrich.grouping.keys import DAY, ENTITY, Rarity
from enrich.grouping.rows import Rows

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

NEAREST = 12  # rows that words lead to, and as many that vectors do
_LEADING_KEYS = 12  # the rarest keys of an item, by which its neighbours are found
_ENTITIES = 4  # of an item's rarest, by which they are found in any case
_COMMON = 400  # rows that have a key, from which on it leads to none (but an item has few rarer)
_FEW = 4  # keys by which neighbours are found in any case, however common
_LATEST = 1_024  # rows that a key leads to at most: the last ones
_VECTORS_AROUND = 4_096  # rows compared with each new vector: the last ones
_VECTORS_DAYS = 3.0  # and how far off they may lie
_NEAR = 0.3  # cosine below which a vector leads to no neighbour
_SCORES = 20  # bits of a score in whole parts


def likenesses(rows: Rows, first: int, count: int) -> Likenesses:
    """Rows `first` and on beside their nearest earlier rows in reach, and these' founders.

    The `count` rows must lie in one UTC day: they share what is rare around them. Pairs come in
    order of `mine`, then of `rows`.
    """
    rarity = rows.keys.rarities(float(rows.at[first]))
    picked = np.concatenate([_by_vector(rows, first, count), _by_words(rows, first, count, rarity)])
    return compared(rows, _with_founders(rows, picked), rarity)


def beside(rows: Rows, row: int, others: Sequence[int]) -> Likenesses:
    """One row beside rows that it is told to look at."""
    rarity = rows.keys.rarities(float(rows.at[row]))
    there = np.array(others, dtype=np.int64)
    return compared(rows, np.stack([np.full(len(there), row), there], axis=1), rarity)


# -------------------------------------------------------------------------------- candidates


def _by_words(rows: Rows, first: int, count: int, rarity: Rarity) -> Ids:
    """Pairs (n, 2) of a new row and an earlier row in reach that shares most of its rarest keys."""
    shared = _shared_weight(rows, first, count, rarity)
    if shared is None:
        return np.zeros((0, 2), dtype=np.int64)
    mine = np.repeat(np.arange(first, first + count, dtype=np.int32), np.diff(shared.indptr))
    there = shared.indices
    inside = _in_reach(rows, first, count)[there]
    doubtful = np.flatnonzero(~inside)
    apart = np.abs(rows.at[there[doubtful]] - rows.at[mine[doubtful]])
    inside[doubtful] = apart <= rows.window
    inside &= there < mine
    mine, there, scores = mine[inside], there[inside], _counted(shared.data[inside], 3)
    places = _best_of_each(mine - np.int32(first), scores, count)
    return np.stack([mine[places], there[places]], axis=1).astype(np.int64)


def _in_reach(rows: Rows, first: int, count: int) -> Bools:
    """Which rows are surely in reach of all the new ones."""
    new, at = rows.at[first : first + count], rows.at[: first + count]
    found: Bools = (at >= new.max() - rows.window) & (at <= new.min() + rows.window)
    return found


def _shared_weight(rows: Rows, first: int, count: int, rarity: Rarity) -> csr_matrix | None:
    """The weight of the leading keys that each new row shares with each row; None for nothing."""
    from scipy.sparse import csr_matrix as sparse  # noqa: PLC0415 (half a second to import)

    owner, keys = _leading(rows, first, count, rarity)
    if not len(keys):
        return None
    used, columns = np.unique(keys, return_inverse=True)
    there, sizes = rows.keys.postings(used.tolist(), _LATEST)
    weights = np.repeat(rarity[used], sizes)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    having = sparse((weights, there, starts), shape=(len(used), len(rows)))
    ends = np.searchsorted(owner, np.arange(count + 1))
    asked = sparse((np.ones(len(keys), dtype=np.float32), columns, ends), shape=(count, len(used)))
    product: csr_matrix = asked @ having
    return product


def _leading(rows: Rows, first: int, count: int, rarity: Rarity) -> tuple[Ids, NDArray[np.int32]]:
    """The rarest keys of each new row that others have too: whose (from 0 on), and which.

    Its rarest entities are among them, for words lead to no other language.
    """
    owner, keys, bits = rows.keys.gathered(np.arange(first, first + count))
    held = rows.keys.held(keys)
    shared = held >= 2
    owner, keys, held, bits = owner[shared], keys[shared], held[shared], bits[shared]
    order = np.lexsort((keys, -rarity[keys], owner))
    owner, keys, held, entity = owner[order], keys[order], held[order], bits[order] == ENTITY
    begins = np.searchsorted(owner, owner)
    rank = np.arange(len(owner)) - begins
    common = np.concatenate([[0], np.cumsum((held > _COMMON) & (rank >= _FEW))])
    kept = (rank < _LEADING_KEYS) & (common[1:] == common[begins])
    entities = np.concatenate([[0], np.cumsum(entity)])
    kept |= entity & (entities[:-1] - entities[begins] < _ENTITIES) & (held <= _COMMON)
    return owner[kept], keys[kept]


def _by_vector(rows: Rows, first: int, count: int) -> Ids:
    """Pairs (n, 2) of a new row and an earlier row whose vector is among the nearest."""
    at = rows.at[first : first + count]
    reach = min(rows.window, _VECTORS_DAYS * DAY)
    known = rows.at[: first + count]
    around = np.flatnonzero((known >= at.min() - reach) & (known <= at.max() + reach))
    around = around[-(_VECTORS_AROUND + count) :]
    new = np.arange(first, first + count)
    products = rows.spanning.products(new, around)
    own = int(np.searchsorted(around, first))  # where the new rows themselves begin
    products[:, own:][around[None, own:] >= new[:, None]] = 0.0
    near = np.flatnonzero(products.ravel() >= _NEAR)
    mine, there = near // len(around), around[near % len(around)]
    kept = _best_of_each(mine, _counted(products.ravel()[near], 4), count)
    mine, there = mine[kept], there[kept]
    inside = np.abs(rows.at[there] - at[mine]) <= rows.window
    return np.stack([mine[inside] + first, there[inside]], axis=1)


def _with_founders(rows: Rows, pairs: Ids) -> Ids:
    """The pairs in order, each once, and each new row beside the founders of what it met."""
    size = len(rows)
    mine, (met, places) = pairs[:, 0], distinct(pairs[:, 1], size)
    founders = []
    for table in (rows.story, rows.group):
        articles, which = np.unique(table[met], return_inverse=True)
        found = np.array([rows.row_of.get(one, size) for one in articles.tolist()], dtype=np.int64)
        other = found[which][places]
        ahead = other < mine
        founders.append(np.stack([mine[ahead], other[ahead]], axis=1))
    extra = np.concatenate(founders)
    near = np.abs(rows.at[extra[:, 1]] - rows.at[extra[:, 0]]) <= rows.window
    every = np.concatenate([pairs, extra[near]])
    codes = np.unique(every[:, 0] * size + every[:, 1])
    return np.stack([codes // size, codes % size], axis=1)


def _counted(scores: Floats, decimals: int) -> Ids:
    """Scores in whole parts, so that the order of additions decides nothing."""
    found: Ids = np.rint(scores * np.float32(10**decimals)).astype(np.int64)
    return found


def _best_of_each(mine: Ids | NDArray[np.int32], scores: Ids, count: int) -> Ids:
    """Where the `NEAREST` best of each new row stand, and as many equals of the last one at most.

    `mine`: whose each score is, in order, from 0 on. Scores are below 2**20.
    """
    if not len(scores):
        return np.zeros(0, dtype=np.int64)
    bits = len(scores).bit_length()
    order = mine.astype(np.int64) << _SCORES  # one number each: they sort quicker than places do
    order -= scores
    order <<= bits
    order += np.arange(len(scores))
    order.sort()
    order &= (1 << bits) - 1
    sizes = np.bincount(mine, minlength=count)
    begins, few = np.cumsum(sizes) - sizes, np.minimum(sizes, 2 * NEAREST)
    rank = np.arange(few.sum()) - np.repeat(np.cumsum(few) - few, few)
    best = order[np.repeat(begins, few) + rank]
    last = order[begins + np.minimum(sizes, NEAREST) - 1]
    found: Ids = best[scores[best] >= np.repeat(scores[last], few)]
    return found
