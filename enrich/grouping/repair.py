"""The periodic repair: a window's items placed again, and stories merged as wholes. Pure.

What an item met when it came in is not what the window knows a day later. A repair therefore

1. counts what sources put under everything over all items first, then places the items again in
   order (what came before the window is held: new ones may join it, it does not move);
2. merges stories whose wholes are alike (`_MERGE` of the story threshold), the likest pair first,
   each pair the best of both its sides; candidates are the links seen while placing, so that the
   cost grows with the items and not with their pairs. Stories of one source need more, since a
   source's own phrases make its items alike, and a pair of which more than a fifth of the items are
   two numbers of a series is never merged;
3. looks for a day's dominant matter (see `dominant`).

What people merged is merged first; what they split is never merged, in any of the steps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from enrich.grouping.clusters import Wholes
from enrich.grouping.dominant import dominant
from enrich.grouping.flat import Ids
from enrich.grouping.likeness import publisher_of, series
from enrich.grouping.locks import FREE, Locks
from enrich.grouping.rows import Rows
from enrich.grouping.translated import Words
from enrich.grouping.window import Links, Window
from vigie.model import ArticleId, GroupingItem, Placement
from vigie.schema import Grouping

Floats = NDArray[np.float32]

_MERGE = 1.36  # times the story threshold
_MERGE_ONE_SOURCE = 1.82  # where both stories are of one source, or full of standing phrases
_STANDING = 0.8  # of the items that have standing phrases: publishers may share them
_SERIES_SHARE = 0.2
_SERIES_PAIRS = 100  # looked at, where two stories have more
_BATCH = 256


@dataclass(frozen=True, slots=True)
class Held:
    """An item before the window, its vector, and the place that it keeps."""

    item: GroupingItem
    vector: Floats
    placement: Placement


def regroup(
    items: Sequence[GroupingItem],
    vectors: Floats,
    grouping: Grouping,
    locks: Locks = FREE,
    held: Sequence[Held] = (),
    advance: Callable[[int], None] = lambda _: None,
    folder: Path | None = None,
    words: Words | None = None,
) -> list[Placement]:
    """Places of `items`, which come in order of publication; `vectors` of shape (items, dims).

    A story is named by its first item, which is a held one where it holds any. `advance` is told
    of every batch placed. `folder`, `words`: see `Window`.
    """
    window = Window(grouping, locks, folder, words)
    window.foresee(one.item for one in held)
    window.foresee(items)
    for start in range(0, len(held), _BATCH):
        some = held[start : start + _BATCH]
        known = np.stack([one.vector for one in some])
        window.add_many([one.item for one in some], known, [one.placement for one in some])
    window.links = Links()
    window.duplicates.bridges = []
    placements: list[Placement] = []
    for start in range(0, len(items), _BATCH):
        cut = slice(start, start + _BATCH)
        placements += window.place_many(items[cut], vectors[cut])
        advance(len(items[cut]))
    return _Repair(window, locks, len(held)).repaired(placements)


class _Repair:
    """Stories as labels of rows, merged step by step."""

    def __init__(self, window: Window, locks: Locks, held: int) -> None:
        self._rows: Rows = window.rows
        self._rule = window.thresholds
        self._duplicates = window.duplicates
        self._links = window.links or Links()
        self._locks = locks
        self._held = held
        stories = self._rows.story[: len(self._rows)]
        _, self._labels = np.unique(stories, return_inverse=True)
        self._why: dict[int, tuple[int, float, str]] = {}  # first row of what was merged away
        self._copies: dict[int, tuple[int, float, str]] = {}  # founder of what was merged away
        self._refused: dict[int, set[int]] = {}
        self._now = np.arange(int(self._labels.max(initial=0)) + 1)  # which label each label is in
        self._pairs: NDArray[np.int64] | None = None  # of labels, linked, shape (2, pairs)
        order = np.argsort(self._labels, kind="stable")
        cuts = np.flatnonzero(np.diff(self._labels[order])) + 1
        self._of: dict[int, Ids] = {
            int(self._labels[rows[0]]): rows for rows in np.split(order, cuts) if len(rows)
        }

    def repaired(self, placements: Sequence[Placement]) -> list[Placement]:
        if not placements:
            return []
        self._merge_groups()
        wholes = Wholes(self._rows, self._rule)
        self._merge_alike(wholes)
        for group in dominant(self._rows, self._labels, wholes):
            whole = group.labels[0]
            for other in group.labels[1:]:
                if not self._forbidden(whole, other):
                    whole = self._merge(whole, other, group.likeness, group.why)
        return [self._placement(place, self._held + n) for n, place in enumerate(placements)]

    # ------------------------------------------------------------------------- step by step

    def _merge_groups(self) -> None:
        """Make one of near-duplicate groups where an item is a copy of both, and most agree."""
        groups, row_of = self._rows.group[: len(self._rows)], self._rows.row_of
        members: dict[int, list[int]] = {}
        for row, founder in enumerate(groups.tolist()):
            members.setdefault(row_of.get(founder, -1), []).append(row)
        bridges = sorted(self._duplicates.bridges or (), key=lambda one: -one.score)
        refused: dict[tuple[int, int], tuple[int, int]] = {}  # at those sizes
        changed = True
        while changed:
            changed = False
            for bridge in bridges:
                ends = [row_of.get(int(groups[row]), -1) for row in (bridge.row, bridge.other)]
                first, second = sorted(ends)
                sizes = (len(members[first]), len(members[second]))
                if first == second or refused.get((first, second)) == sizes:
                    continue
                score = self._one_group(first, second, members)
                refused[first, second] = sizes
                if score:
                    why = f"near it ({score:.2f}), and one item is a copy of both"
                    self._join_groups(first, second, score, f"{why} ({bridge.score:.2f})")
                    groups[members[second]] = groups[first]
                    members[first] = sorted(members[first] + members.pop(second))
                    changed = True

    def _one_group(self, first: int, second: int, members: Mapping[int, Sequence[int]]) -> float:
        """How surely two groups are one, named by their founders' rows; 0 where they are not."""
        one, other = int(self._labels[first]), int(self._labels[second])
        if first < 0 or second < self._held or (one != other and self._forbidden(one, other)):
            return 0.0
        return self._duplicates.one_group(members[second], members[first])

    def _join_groups(self, first: int, second: int, score: float, why: str) -> None:
        one, other = int(self._labels[first]), int(self._labels[second])
        if one != other:
            self._merge(one, other, score, f"near-duplicate: {why}")
        self._copies[second] = (first, score, why)

    def _merge_alike(self, wholes: Wholes) -> None:
        """Merge the likest pairs, each the best of both sides, until none is alike enough."""
        known: dict[tuple[int, int], float] = {}
        while True:
            pairs = self._candidates()
            fresh = [pair for pair in pairs if pair not in known]
            if fresh:
                likeness = wholes.likeness(self._labels, np.array(fresh, dtype=np.int64))
                known.update(zip(fresh, likeness.round(4).tolist(), strict=True))
            changed = self._merge_best([(known[pair], pair) for pair in pairs])
            if not changed:
                return
            known = {
                pair: value
                for pair, value in known.items()
                if pair[0] not in changed and pair[1] not in changed
            }

    def _merge_best(self, scored: list[tuple[float, tuple[int, int]]]) -> set[int]:
        """One round; the labels that changed."""
        bar = _MERGE * self._rule.story
        alike = sorted((one for one in scored if one[0] >= bar), key=lambda one: (-one[0], one[1]))
        waiting: set[int] = set()  # had a nearer pair this round
        changed: set[int] = set()
        for likeness, (one, other) in alike:
            if one in waiting or other in waiting:
                waiting |= {one, other}
            elif not self._refuses(one, other, likeness):
                why = f"its story as a whole is like the other ({likeness:.2f}, needs {bar:.2f})"
                self._merge(one, other, likeness, why)
                changed |= {one, other}
                waiting |= {one, other}
        return changed

    def _candidates(self) -> list[tuple[int, int]]:
        """Pairs of labels with a link between them, each once, that nothing speaks against yet.

        Found from those of the round before: there are fewer of them than links.
        """
        if self._pairs is None:
            later = np.frombuffer(self._links.later, dtype=np.int32)
            earlier = np.frombuffer(self._links.earlier, dtype=np.int32)
            self._pairs = np.stack([self._labels[later], self._labels[earlier]])
        low, high = np.sort(self._now[self._pairs], axis=0)
        codes = np.unique((low * len(self._now) + high)[low != high])
        self._pairs = np.stack([codes // len(self._now), codes % len(self._now)])
        none: set[int] = set()
        return [
            (one, other)
            for one, other in self._pairs.T.tolist()
            if other not in self._refused.get(one, none)
        ]

    def _refuses(self, one: int, other: int, likeness: float) -> bool:
        """Whether something speaks against it, for as long as neither of the two changes."""
        mine, theirs = self._members(one), self._members(other)
        some = [*mine[:50].tolist(), *theirs[:50].tolist()]
        sources = {publisher_of(self._rows.items[row]) for row in some}
        standing = sum(bool(self._rows.profile_at(row).furniture) for row in some)
        repeating = len(sources) == 1 or standing >= _STANDING * len(some)
        against = (
            (repeating and likeness < _MERGE_ONE_SOURCE * self._rule.story)
            or self._forbidden(one, other)
            or self._series(mine, theirs)
        )
        if against:
            self._refused.setdefault(one, set()).add(other)
            self._refused.setdefault(other, set()).add(one)
        return against

    def _forbidden(self, one: int, other: int) -> bool:
        """Held stories do not move, and what people split stays apart."""
        mine, theirs = self._members(one), self._members(other)
        if mine[0] < self._held and theirs[0] < self._held:
            return True
        return self._locks.forbid(self._bonds(mine), self._bonds(theirs))

    def _series(self, mine: Ids, theirs: Ids) -> bool:
        """Whether many of the pairs are two numbers of a series, or stand under one rubric."""
        step = max(1, len(mine) * len(theirs) // _SERIES_PAIRS)
        places = range(0, len(mine) * len(theirs), step)
        found = 0
        for place in places:
            row, other = int(mine[place // len(theirs)]), int(theirs[place % len(theirs)])
            found += bool(
                series(self._rows.profile_at(row), self._rows.profile_at(other))
            ) or self._duplicates.one_rubric(row, other)
        return found > _SERIES_SHARE * len(places)

    def _merge(self, one: int, other: int, likeness: float, why: str) -> int:
        """The later story goes into the earlier one, whose label is given back."""
        mine, theirs = self._members(one), self._members(other)
        if theirs[0] < mine[0]:
            one, other, mine, theirs = other, one, theirs, mine
        self._why[int(theirs[0])] = (int(mine[0]), likeness, why)
        self._labels[theirs] = self._now[other] = one
        self._of[one] = np.sort(np.concatenate([mine, self._of.pop(other)]))
        for label in self._refused.pop(one, set()):
            self._refused[label].discard(one)
        return one

    # ------------------------------------------------------------------------------ reading

    def _members(self, label: int) -> Ids:
        return self._of[label]

    def _bonds(self, rows: Ids) -> frozenset[int]:
        return self._locks.bonds(self._article(row) for row in rows.tolist())

    def _article(self, row: int) -> ArticleId:
        return self._rows.items[row].article

    def _placement(self, place: Placement, row: int) -> Placement:
        first = int(self._members(int(self._labels[row]))[0])
        founder = self._article(first)
        if first < self._held:
            founder = int(self._rows.story[first])
        place = replace(place, group=int(self._rows.group[row]))
        if row in self._copies:
            neighbour, likeness, why = self._copies[row]
            place = replace(
                place,
                group_neighbour=self._article(neighbour),
                group_score=likeness,
                group_why=why,
            )
        if row in self._why:
            neighbour, likeness, why = self._why[row]
            return replace(
                place,
                story=founder,
                story_neighbour=self._article(neighbour),
                story_score=likeness,
                story_why=why,
            )
        return replace(place, story=founder)
