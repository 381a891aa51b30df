"""Scores of one clustering beside another. Pure.

B-cubed is of Bagga and Baldwin (1998); pairwise counts the pairs that both sides put together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from bench.quality.spans import f1


@dataclass(frozen=True, slots=True)
class Triple:
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        return f1(self.precision, self.recall)


@dataclass(frozen=True, slots=True)
class Clustering:
    items: int
    bcubed: Triple
    pairwise: Triple  # precision is 0 where nothing is paired
    gold_pairs: int
    found_pairs: int


def compared(gold: Sequence[Hashable], found: Sequence[Hashable]) -> Clustering:
    """Both give one label an item, in the same order."""
    size = len(gold)
    golden, seen = Counter(gold), Counter(found)
    both = Counter(zip(gold, found, strict=True))
    precision = sum(n * n / seen[pair[1]] for pair, n in both.items())
    recall = sum(n * n / golden[pair[0]] for pair, n in both.items())
    shared, there, given = pairs(both), pairs(golden), pairs(seen)
    return Clustering(
        items=size,
        bcubed=Triple(precision / max(1, size), recall / max(1, size)),
        pairwise=Triple(shared / given if given else 0.0, shared / there if there else 0.0),
        gold_pairs=there,
        found_pairs=given,
    )


def pairs(sizes: Counter[Hashable] | Counter[tuple[Hashable, Hashable]]) -> int:
    """How many pairs lie within groups of these sizes."""
    return sum(n * (n - 1) // 2 for n in sizes.values())


class Union:
    """Connected components: a label for each of `size` items."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))

    def find(self, item: int) -> int:
        while self._parent[item] != item:
            self._parent[item] = self._parent[self._parent[item]]
            item = self._parent[item]
        return item

    def join(self, one: int, other: int) -> None:
        first, second = sorted((self.find(one), self.find(other)))
        self._parent[second] = first

    def labels(self) -> list[int]:
        return [self.find(item) for item in range(len(self._parent))]
