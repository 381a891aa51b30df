"""How alike new rows and the rows beside them are: all pairs of a batch together."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from enrich.grouping.flat import Bools, Floats, Ids, gathered
from enrich.grouping.keys import DAY, ENTITY, KINDS, NAME, NAMED, NUMBER, TITLE, WORD, Rarity
from enrich.grouping.rows import Rows
from enrich.grouping.translated import translations

_FEW = 32  # times as many others, from which on values are few
_AT_ONCE = 2_048  # pairs whose keys lie in a core's own memory
_NAMES = KINDS.index(NAME)
_SAID = 3  # things that two rows share, in a reason

Doubles = NDArray[np.float64]
_Bits = NDArray[np.uint8]


class Likenesses(NamedTuple):
    """New items beside rows, k pairs. Each array has shape (k,); likenesses are 0 to 1."""

    mine: Ids  # the new item's row
    rows: Ids
    cosine: Floats  # of the vectors
    title: Floats  # rarity-weighted cosine of the titles' words
    words: Floats  # rarity-weighted cosine of all words
    contained: Floats  # share of the smaller text's word weight that the other has
    names: Floats  # rarity-weighted cosine of capitalised words, numbers and translated words
    entities: Floats  # rarity-weighted cosine of canonical entities
    shared_names: Floats  # how many rare names, numbers and translated words are in both
    shared_entities: Floats  # how many rare entities are in both
    days: Floats  # between the two publications
    title_shared: Floats  # of all different words of both titles, how many both have
    numbers_apart: Bools  # each has a number that the other lacks
    names_apart: Bools  # each title names what the other lacks; where not, `other_names` may tell
    serial: Bools  # the titles may be two numbers of a series; where not, they are not


class Beside(NamedTuple):
    """One new item's pairs among those of its batch: from where to where they stand."""

    near: Likenesses
    start: int
    end: int

    @property
    def rows(self) -> Ids:
        return self.near.rows[self.start : self.end]

    def place_of(self, row: int) -> int | None:
        """Where the pair with that row stands, None where there is none."""
        place = self.start + int(np.searchsorted(self.rows, row))
        return place if place < self.end and self.near.rows[place] == row else None


@dataclass(frozen=True, slots=True)
class Shared:
    """The keys that both rows of a pair have, one pair after the other."""

    places: Ids  # which pair
    keys: NDArray[np.int32]
    its: _Bits  # what each key is in the new row
    theirs: _Bits  # and in the other


def compared(rows: Rows, pairs: Ids, rarity: Rarity) -> Likenesses:
    """How alike the rows of each pair (n, 2) are, in that order: those of one new row together."""
    mine, there = pairs[:, 0], pairs[:, 1]
    every, places = distinct(pairs.ravel(), len(rows))
    lengths = _lengths(rows, every, rarity)[places.reshape(-1, 2)]
    lengths, sizes = lengths[:, :, :-1], lengths[:, :, -1].sum(axis=1)
    shared, counts = _summed(shared_keys(rows, pairs), len(pairs), rarity)
    cosine: Floats = np.clip(_products(rows, pairs), 0.0, 1.0).round(4)
    for told in translations(rows, pairs, cosine, counts[:, :2].sum(axis=1), rarity):
        weights = np.stack([rarity[told.mine], rarity[told.others]]).astype(np.float64)
        shared[told.place, _NAMES] += weights.prod(axis=0).sum()
        lengths[told.place, :, _NAMES] += (weights**2).sum(axis=1)
        counts[told.place, 0] += len(told.mine)
    numbers, known_there, known_here = counts[:, 3], counts[:, 4], counts[:, 5]
    product = np.sqrt(lengths[:, 0] * lengths[:, 1])
    cosines = np.divide(shared, product, out=np.zeros_like(shared), where=shared > 0)
    smaller = np.minimum(lengths[:, 0, 1], lengths[:, 1, 1])
    words = shared[:, 1]
    contained = np.divide(words, smaller, out=np.zeros_like(words), where=words > 0)
    title, all_words, names, entities = _rounded(cosines.T)
    return Likenesses(
        mine=mine,
        rows=there,
        cosine=cosine,
        title=title,
        words=all_words,
        contained=_rounded(contained),
        names=names,
        entities=entities,
        shared_names=counts[:, 0],
        shared_entities=counts[:, 1],
        days=(np.abs(rows.at[there] - rows.at[mine]) / DAY).astype(np.float32),
        title_shared=(counts[:, 2] / np.maximum(sizes - counts[:, 2], 1.0)).astype(np.float32),
        numbers_apart=(rows.keys.numbers(mine) > numbers) & (rows.keys.numbers(there) > numbers),
        names_apart=(rows.keys.named(mine) > known_there) & (rows.keys.named(there) > known_here),
        serial=rows.titles.serial(rows.publisher[mine] == rows.publisher[there], mine, there),
    )


def strongest(rows: Rows, pairs: Ids) -> list[str]:
    """The three rarest things that each pair (n, 2) of one day's rows has in common, in words.

    Words that translate each other stand as "passeport = paspoort".
    """
    if not len(pairs):
        return []
    found, names = shared_keys(rows, pairs), rows.keys.names()
    rarity = rows.keys.rarities(float(rows.at[pairs[0, 0]]))
    weights = (-rarity[found.keys]).tolist()
    common = list(zip(weights, [names[key] for key in found.keys.tolist()], strict=True))
    cuts = np.searchsorted(found.places, np.arange(len(pairs) + 1)).tolist()
    said = [common[start:end] for start, end in pairwise(cuts)]
    across = np.flatnonzero(rows.language[pairs[:, 0]] != rows.language[pairs[:, 1]])
    things = _summed(found, len(pairs), rarity)[1][across, :2].sum(axis=1)
    cosine = _products(rows, pairs[across])
    for told in translations(rows, pairs[across], cosine, things, rarity):
        for one, other in zip(told.mine.tolist(), told.others.tolist(), strict=True):
            if one != other:  # which is said already
                weight = -float(rarity[np.array([one, other])].min())
                said[across[told.place]].append((weight, f"{names[one]} = {names[other]}"))
    rarest = [sorted(one)[:_SAID] for one in said]
    return [", ".join([key.removeprefix("@") for _, key in one]) or "no word" for one in rarest]


def shared_keys(rows: Rows, pairs: Ids) -> Shared:
    """What each pair (n, 2) has in common, in the order of the pairs and of the keys' numbers."""
    new, mine = distinct(pairs[:, 0], len(rows))
    others, there = distinct(pairs[:, 1], len(rows))
    table, used = _table(rows, new)
    owner, keys, bits = rows.keys.gathered(others)
    column = rows.keys.room
    column[used] = np.arange(1, len(used) + 1)
    columns = column[keys]
    column[used] = 0
    kept = np.flatnonzero(columns)  # what no new row has is of no interest
    owner, keys, bits, columns = owner[kept], keys[kept], bits[kept], columns[kept]
    starts = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=len(others)))])
    flat, begins = table.ravel(), mine * table.shape[1]
    parts = []
    for start in range(0, max(1, len(pairs)), _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        places, at = gathered(starts, there[some])
        its, theirs = flat[begins[some][places] + columns[at]], bits[at]
        hits = np.flatnonzero(its & theirs)
        parts.append((places[hits] + start, keys[at[hits]], its[hits], theirs[hits]))
    return Shared(*[np.concatenate(part) for part in zip(*parts, strict=True)])


def distinct(values: Ids | NDArray[np.int32], size: int) -> tuple[Ids, Ids]:
    """The different values, in order, and which of them each is; all are from 0 to `size` - 1."""
    if len(values) * _FEW < size:  # to sort them is less than to go through all
        return np.unique(values, return_inverse=True)
    there = np.zeros(size, dtype=np.bool_)
    there[values] = True
    found: Ids = np.flatnonzero(there)
    places = np.empty(size, dtype=np.int64)
    places[found] = np.arange(len(found))
    return found, places[values]


def _table(rows: Rows, new: Ids) -> tuple[_Bits, Ids]:
    """What each key is in each of these rows, a column for each key that any has; and which keys.

    The first column is empty.
    """
    owner, keys, bits = rows.keys.gathered(new)
    used, columns = distinct(keys, len(rows.keys.room))
    table = np.zeros((len(new), len(used) + 1), dtype=np.uint8)
    table[owner, columns + 1] = bits
    return table, used


def _lengths(rows: Rows, which: Ids, rarity: Rarity) -> Doubles:
    """The squared length of each row by kind of key, and its title's words: (len(which), 5)."""
    owner, keys, bits = rows.keys.gathered(which)
    weights = rarity[keys].astype(np.float64) ** 2
    lengths = [np.bincount(owner, weights * ((bits & kind) > 0), len(which)) for kind in KINDS]
    return np.stack([*lengths, np.bincount(owner, (bits & TITLE) > 0, len(which))], axis=1)


def _summed(found: Shared, size: int, rarity: Rarity) -> tuple[Doubles, Floats]:
    """What each of `size` pairs shares.

    Squared weight by kind, shape (size, 4); and, (size, 6), how many rare names, rare entities,
    words of titles, numbers, of the one's `NAMED` that are words of the other, and of the other's.
    """
    places, its, theirs = found.places, found.its, found.theirs
    bits = its & theirs
    weights, scarce = rarity[found.keys].astype(np.float64) ** 2, rarity.is_rare(found.keys)
    shared = [np.bincount(places, weights * ((bits & kind) > 0), size) for kind in KINDS]
    which = [scarce & ((bits & kind) > 0) for kind in (NAME, ENTITY)]
    which += [(bits & kind) > 0 for kind in (TITLE, NUMBER)]
    which += [
        ((one & NAMED) > 0) & ((other & WORD) > 0) for one, other in ((its, theirs), (theirs, its))
    ]
    counts = [np.bincount(places[one], minlength=size) for one in which]
    return np.stack(shared, axis=1).astype(float), np.stack(counts, axis=1).astype(np.float32)


def _products(rows: Rows, pairs: Ids) -> Floats:
    """The cosine of each pair: of the words within a language, of the shared space between two."""
    found = np.zeros(len(pairs), dtype=np.float32)
    for start, end in _runs(pairs):
        mine, there = pairs[start : start + 1, 0], pairs[start:end, 1]
        same = rows.language[there] == rows.language[mine]
        if same.all():
            found[start:end] = rows.lexical.products(mine, there)[0]
            continue
        for table, which in ((rows.lexical, same), (rows.spanning, ~same)):
            if which.any():
                found[start:end][which] = table.products(mine, there[which])[0]
    return found


def _runs(pairs: Ids) -> list[tuple[int, int]]:
    """From where to where the pairs of one new row stand."""
    cuts = np.flatnonzero(np.diff(pairs[:, 0])) + 1
    ends = [0, *cuts.tolist(), len(pairs)]
    return list(pairwise(ends)) if len(pairs) else []


def _rounded(values: Doubles) -> Floats:
    """Four decimals, so that the order of additions decides nothing."""
    return values.round(4).astype(np.float32)
