"""Stories as wholes: the sums of their items' weighted words and vectors, and how alike two are.

The likeness of two stories is a story score's own mix of vectors, titles, words and names, each the
cosine of the two sums ("centroids"; Rocchio, 1971, for words). An item's row is of length 1 in each
kind, so that a long text weighs no more than a short one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from enrich.grouping.flat import Floats, Ids
from enrich.grouping.keys import DAY, NAME, TITLE, WORD
from enrich.grouping.rows import Rows
from enrich.grouping.rules import Thresholds

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_KINDS = (TITLE, WORD, NAME)
_BULK = 8_192  # pairs compared at once


class Wholes:
    """The rows of a window as sparse and dense matrices that sum up by label."""

    def __init__(self, rows: Rows, rule: Thresholds) -> None:
        self._rows = rows
        self._weights = (rule.title, rule.words, rule.names)
        self._vector_weight = rule.cosine
        self._matrices = _matrices(rows)

    def likeness(self, labels: Ids, pairs: Ids) -> NDArray[np.float64]:
        """How alike two labelled wholes are, `pairs` of labels of shape (k, 2): shape (k,).

        `labels`, shape (rows,), are numbers from 0 on.
        """
        wanted, places = np.unique(pairs, return_inverse=True)
        places = places.reshape(-1, 2)
        found = np.zeros(len(pairs))
        if not len(pairs):
            return found
        which = np.full(int(labels.max()) + 1, -1)
        which[wanted] = np.arange(len(wanted))
        member = np.flatnonzero(which[labels] >= 0)
        summing = _summing(which[labels[member]], len(wanted))
        for weight, matrix in zip(self._weights, self._matrices, strict=True):
            sums = _unit(summing @ matrix[member])
            for start in range(0, len(pairs), _BULK):
                cut = places[start : start + _BULK]
                products = sums[cut[:, 0]].multiply(sums[cut[:, 1]]).sum(axis=1)
                found[start : start + _BULK] += weight * np.asarray(products).ravel()
        found += self._vector_weight * self._cosines(member, summing, places)
        return found

    def _cosines(self, member: Ids, summing: csr_matrix, places: Ids) -> NDArray[np.float64]:
        """Cosines of summed vectors; sums are made for the pairs at hand only."""
        found = np.zeros(len(places))
        order = np.lexsort((places[:, 1], places[:, 0]))
        for start in range(0, len(places), _BULK):
            cut = order[start : start + _BULK]
            used, inner = np.unique(places[cut], return_inverse=True)
            inner = inner.reshape(-1, 2)
            part = summing[used]
            columns = np.unique(part.indices)
            sums = part[:, columns] @ self._rows.lexical.of(member[columns])
            lengths = np.linalg.norm(sums, axis=1)
            sums = sums / np.maximum(lengths, 1e-9)[:, None]
            found[cut] = np.einsum("ij,ij->i", sums[inner[:, 0]], sums[inner[:, 1]])
        return np.clip(found, 0.0, 1.0)


def _matrices(rows: Rows) -> Sequence[csr_matrix]:
    """For titles, words and names: each row's rarities, of length 1, shape (rows, keys)."""
    from scipy.sparse import csr_matrix as sparse  # noqa: PLC0415 (only a repair needs it)

    order = np.argsort(rows.at[: len(rows)] // DAY, kind="stable").tolist()
    found: list[list[tuple[NDArray[np.int32], Floats]]] = [[] for _ in range(len(rows))]
    for row in order:  # day by day: what is rare is looked up once a day
        keys, bits, rarity = rows.keys_of(row)
        for kind in _KINDS:
            has = (bits & kind) > 0
            weights = rarity[has]
            length = float(np.linalg.norm(weights)) or 1.0
            found[row].append((keys[has], weights / length))
    matrices = []
    for place in range(len(_KINDS)):
        sizes = [len(kinds[place][0]) for kinds in found]
        keys = np.concatenate([kinds[place][0] for kinds in found])
        data = np.concatenate([kinds[place][1] for kinds in found]).astype(np.float32)
        starts = np.concatenate([[0], np.cumsum(sizes)])
        matrices.append(sparse((data, keys, starts), shape=(len(rows), len(rows.keys.names()))))
    return matrices


def _summing(labels: Ids, count: int) -> csr_matrix:
    from scipy.sparse import csr_matrix as sparse  # noqa: PLC0415 (only a repair needs it)

    ones = np.ones(len(labels), dtype=np.float32)
    matrix: csr_matrix = sparse((ones, (labels, np.arange(len(labels)))), (count, len(labels)))
    return matrix


def _unit(sums: csr_matrix) -> csr_matrix:
    lengths = np.sqrt(np.asarray(sums.multiply(sums).sum(axis=1)).ravel())
    scale = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    scaled: csr_matrix = sums.multiply(scale[:, None]).tocsr()
    return scaled
