"""How nearly two items tell of one event, and what speaks against it."""

from __future__ import annotations

import numpy as np

from enrich.grouping.alike import Doubles, Likenesses
from enrich.grouping.duplicates import Duplicates
from enrich.grouping.flat import Ids
from enrich.grouping.likeness import Profile, series
from enrich.grouping.rows import Rows
from enrich.grouping.rules import Thresholds
from enrich.grouping.translated import ENOUGH

FOUNDER_FLOOR = 0.6  # of the threshold: what a joining item must reach with the founder
_TITLES_ALIKE = 0.6  # from which on it matters not that a source says the rest everywhere


def base_scores(rows: Rows, near: Likenesses, rule: Thresholds) -> Doubles:
    """Story score over its threshold before anything is said against it, shape (k,)."""
    proper = np.maximum(near.names, near.entities)
    within = (
        rule.cosine * near.cosine
        + rule.title * near.title
        + rule.words * near.words
        + rule.names * proper
    ) / rule.story
    both = np.where(near.entities > 0, (near.names + near.entities) / 2.0, near.names)
    both = np.maximum(both, near.names)
    across = (rule.across_cosine * near.cosine + (1.0 - rule.across_cosine) * both) / rule.across
    across = np.where(near.shared_names + near.shared_entities >= ENOUGH, across, 0.0)
    same = rows.language[near.rows] == rows.language[near.mine]
    decayed = np.where(same, within, across) * 0.5 ** (near.days / rule.half_life)
    rounded: Doubles = decayed.astype(np.float64).round(4)
    return rounded


def best_first(near: Likenesses, base: Doubles) -> Ids:
    """Where pairs may be of one event: in the order of the new rows, then the best first."""
    found = np.flatnonzero(base >= 1.0)  # a story's founder is never nearer than its nearest
    order = np.lexsort((near.rows[found], -base[found], near.mine[found]))
    best: Ids = found[order]
    return best


class Scores:
    """Story scores of one item beside rows, over the threshold: from 1 on, the same event.

    What speaks against a pair is looked at only where the pair is asked for.
    """

    def __init__(
        self,
        rows: Rows,
        duplicates: Duplicates,
        found: Profile,
        near: Likenesses,
        base: Doubles,
    ) -> None:
        self.base = base  # of all pairs, before anything is said against them, shape (k,)
        self._rows, self.duplicates, self._found, self._near = rows, duplicates, found, near
        self._known: dict[int, float] = {}

    def at(self, place: int) -> float:
        score = self._known.get(place)
        if score is None:
            score = self._known[place] = float(self.base[place])
            if score >= FOUNDER_FLOOR and self._refused(place):
                score = self._known[place] = 0.0
        return score

    def _refused(self, place: int) -> bool:
        rows, near = self._rows, self._near
        mine, there = int(near.mine[place]), int(near.rows[place])
        if not near.words[place] and rows.language[mine] == rows.language[there]:
            return True  # alike in nothing that has a meaning
        strangers = rows.publisher[mine] != rows.publisher[there]
        serial, one_title = near.serial[place], rows.titled[mine] == rows.titled[there]
        if strangers and not serial and not one_title:
            return False  # the rest is said of one publisher's items, of series, of one title
        other = rows.profile_at(there)
        if serial and series(self._found, other):
            return True
        if one_title and self.duplicates.one_rubric(mine, there):
            return True
        alike = near.title[place] >= _TITLES_ALIKE
        return not alike and not self.duplicates.own_sentences(self._found, other)
