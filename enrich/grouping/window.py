"""The window: items placed one after the other among those of the days around. See the package."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby, islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from enrich.blas import one_thread
from enrich.grouping.alike import Beside, Likenesses, strongest
from enrich.grouping.duplicates import Duplicates, Likely, Match
from enrich.grouping.furniture import Furniture
from enrich.grouping.keys import DAY
from enrich.grouping.likeness import Profile, profile, said, without
from enrich.grouping.locks import FREE, Bond, Locks
from enrich.grouping.near import beside, likenesses
from enrich.grouping.rows import Rows
from enrich.grouping.rules import thresholds
from enrich.grouping.scores import FOUNDER_FLOOR, Scores, base_scores, best_first
from enrich.grouping.translated import Words
from vigie.model import ArticleId, GroupingItem, Placement
from vigie.schema import Grouping
from vigie.uncollected import uncollected

Floats = NDArray[np.float32]

_FOUNDER_SHARE = 0.4  # of a story's score; the nearest member has the rest
_BATCH = 256  # items whose words are prepared at a time
LINK = 0.5  # of the threshold: what a repair looks at again
_SHARED = "\0"  # in a reason, until it is known what two items share: no text has it


class Links:
    """Pairs of rows that are nearly, or surely, of one story, and how nearly (1: the threshold)."""

    def __init__(self) -> None:
        self.later, self.earlier, self.score = array("i"), array("i"), array("f")

    def add(self, later: int, earlier: int, score: float) -> None:
        self.later.append(later)
        self.earlier.append(earlier)
        self.score.append(score)


class Window:
    """The items that a new one is compared with.

    `add` those already placed, in any order; `place` new ones. A placement depends only on the
    items that lie within `reach` of the new one's date and on those placed together with it, not
    on the order in which the others came.
    """

    def __init__(
        self,
        grouping: Grouping,
        locks: Locks = FREE,
        folder: Path | None = None,
        words: Words | None = None,
    ) -> None:
        """`folder`: where a wide window may keep a file of its vectors; None for memory alone.

        `words`: what is known of words in the space that spans languages; with None, two languages
        share names and numbers alone.
        """
        self.thresholds = thresholds(grouping)
        self.rows = Rows(grouping.window_days, folder, words)
        self.links: Links | None = None  # set, they are kept for a repair
        self._days = grouping.window_days
        self._locks = locks
        self._bonds: dict[ArticleId, set[Bond]] = {}  # of each story that holds any
        self._bound: dict[Bond, int] = {}  # a bond's first row here
        self._furniture = Furniture()
        bar = self.thresholds.near_duplicate
        self.duplicates = Duplicates(self.rows, self._furniture, bar, self._may_join)

    def __len__(self) -> int:
        return len(self.rows)

    def __contains__(self, article: ArticleId) -> bool:
        return article in self.rows.row_of

    def reach(self, published: datetime) -> tuple[datetime, datetime]:
        """From when to when (not included) items matter to one of this date: whole UTC days."""
        midnight = {"hour": 0, "minute": 0, "second": 0, "microsecond": 0}
        margin = timedelta(days=self._days)
        start = (published - margin).replace(**midnight)  # type: ignore[arg-type]  # four of its keyword arguments
        end = (published + margin).replace(**midnight) + timedelta(days=1)  # type: ignore[arg-type]  # the same
        return start, end

    def add(self, item: GroupingItem, vector: Floats, placement: Placement) -> None:
        """Take in an item placed before. Raises ValueError for one that is in already."""
        self.add_many([item], np.asarray(vector)[None, :], [placement])

    def add_many(
        self, items: Sequence[GroupingItem], vectors: Floats, placements: Sequence[Placement]
    ) -> None:
        """Take in items placed before, `vectors` of shape (len(items), dims).

        Raises ValueError for an article that is in the window already.
        """
        first = self._take_in(items, vectors)
        for row, placement in enumerate(placements, first):
            self.rows.group[row], self.rows.story[row] = placement.group, placement.story
            self._hold(placement.article, row, placement.story)

    def place(self, item: GroupingItem, vector: Floats) -> Placement:
        """Place a new item, `vector` of shape (dims,) and length 1 or 0, and take it in.

        Raises ValueError for an article that is in the window already.
        """
        return self.place_many([item], np.asarray(vector)[None, :])[0]

    def foresee(self, items: Iterable[GroupingItem]) -> None:
        """Count what the items' sources put under everything, before any of them is placed."""
        left = iter(items)
        while some := list(islice(left, _BATCH)):
            self._furniture.count([said(item) for item in some])

    def place_many(self, items: Sequence[GroupingItem], vectors: Floats) -> list[Placement]:
        """Place new items, `vectors` of shape (len(items), dims), one after the other.

        What a batch has in common (which words are rare, what is furniture) is looked at once, the
        whole of it. Raises ValueError for an article that is in the window already.
        """
        for item in items:
            if item.article in self:
                raise ValueError(f"article {item.article} is in the window already")
        placements: list[Placement] = []
        numbered = enumerate(items)
        for _, group in groupby(numbered, lambda pair: pair[1].published.timestamp() // DAY):
            run = [place for place, _ in group]
            with one_thread(), uncollected():
                placements += self._place_day([items[place] for place in run], vectors[run])
        return placements

    def nearness(self, article: ArticleId, other: ArticleId) -> float:
        """Story score of two articles of the window over its threshold: from 1 on, one event.

        The score that `place` decides by, for any pair; nothing is placed. Raises KeyError.
        """
        row, second = self.rows.row_of[article], self.rows.row_of[other]
        near = beside(self.rows, row, [second])
        return self._scores(self.rows.profile_at(row), near).at(0)

    def _place_day(self, items: Sequence[GroupingItem], vectors: Floats) -> list[Placement]:
        first = self._take_in(items, vectors)
        profiles = [self.rows.profile_at(row) for row in range(first, len(self.rows))]
        near = likenesses(self.rows, first, len(items))
        base = base_scores(self.rows, near, self.thresholds)
        likely = self.duplicates.likely(near)
        new = np.arange(first, first + len(items) + 1)
        edges, best = np.searchsorted(near.mine, new), best_first(near, base)
        cuts, ends = np.searchsorted(likely.places, edges).tolist(), edges.tolist()
        order, asked = best.tolist(), np.searchsorted(near.mine[best], new).tolist()
        joins = [
            self._joins(
                first + place,
                found,
                Beside(near, ends[place], ends[place + 1]),
                likely.cut(cuts[place], cuts[place + 1]),
                Scores(self.rows, self.duplicates, found, near, base),
                order[asked[place] : asked[place + 1]],
            )
            for place, found in enumerate(profiles)
        ]
        return self._explained(first, joins)

    def _take_in(self, items: Sequence[GroupingItem], vectors: Floats) -> int:
        """Prepare items as rows, each in a group and a story of its own; the first's row."""
        first = len(self.rows)
        items = self.duplicates.take(first, items)
        profiles = [profile(item) for item in items]
        self._furniture.count(profiles)
        for place, covered in enumerate(self._furniture.words(profiles)):
            if covered:
                profiles[place] = without(profiles[place], covered)
        self.rows.extend(profiles, np.asarray(vectors, dtype=np.float32))
        for row, found in enumerate(profiles, first):
            self.duplicates.count(row, found)
        return first

    def _hold(self, article: ArticleId, row: int, story: ArticleId) -> None:
        """Remember which story holds what people put together."""
        if (bond := self._locks.bond(article)) is not None:
            self._bonds.setdefault(story, set()).add(bond)
            self._bound.setdefault(bond, row)

    def _may_join(self, article: ArticleId, story: ArticleId) -> bool:
        """Whether what people merged and split lets the article into that story."""
        bond = self._locks.bond(article)
        if bond is None:
            return True
        if (first := self._bound.get(bond)) is not None:
            return bool(self.rows.story[first] == story)
        return self._locks.apart(bond).isdisjoint(self._bonds.get(story, ()))

    def _told(self, article: ArticleId) -> Match | None:
        """The story that a person put the article into."""
        bond = self._locks.bond(article)
        first = None if bond is None else self._bound.get(bond)
        if first is None:
            return None
        story = int(self.rows.story[first])
        return Match(story, self._article(first), 1.0, "a person put them together")

    def _joins(
        self,
        row: int,
        found: Profile,
        pairs: Beside,
        likely: Likely,
        scores: Scores,
        joinable: list[int],
    ) -> tuple[Match | None, Match | None]:
        """The group and the story that a row joins; what is shared stands as `_SHARED` in both."""
        item = found.item
        group = self.duplicates.match(row, found, pairs, likely)
        if group:
            group = replace(group, why=f"{group.why}; shares {_SHARED}")
        story = self._told(item.article) or (
            self._copied(group) if group else self._story(row, found, pairs, scores, joinable)
        )
        self.rows.group[row] = group.founder if group else item.article
        self.rows.story[row] = story.founder if story else item.article
        self._hold(item.article, row, int(self.rows.story[row]))
        self._link(row, pairs, scores, int(self.rows.story[row]))
        return group, story

    def _explained(
        self, first: int, joins: Sequence[tuple[Match | None, Match | None]]
    ) -> list[Placement]:
        """The placements of the rows from `first` on, with what they share with their nearest."""
        nearest = {
            row: self.rows.row_of[one.neighbour]
            for row, (group, story) in enumerate(joins, first)
            if (one := group or story)
        }
        pairs = np.array(list(nearest.items()), dtype=np.int64).reshape(-1, 2)
        shared = dict(zip(nearest, strongest(self.rows, pairs), strict=True))
        return [
            _placement(self._article(row), *join, shared.get(row, ""))
            for row, join in enumerate(joins, first)
        ]

    # ----------------------------------------------------------------------------- stories

    def _copied(self, group: Match) -> Match:
        """The story of a near-duplicate."""
        story = int(self.rows.story[self.rows.row_of[group.neighbour]])
        return Match(story, group.neighbour, group.score, f"near-duplicate of {group.why}")

    def _story(
        self, row: int, found: Profile, pairs: Beside, scores: Scores, joinable: list[int]
    ) -> Match | None:
        """The story whose nearest member and whose founder are both near enough, the best one.

        `joinable`: where a nearest member may stand, as `best_first` gives them.
        """
        best: tuple[float, int, int] | None = None
        looked_at: set[int] = set()
        base, rows = scores.base, pairs.near.rows
        for place in joinable:
            founder = int(self.rows.story[rows[place]])
            if best and best[0] > base[place]:
                break
            if founder in looked_at or not scores.at(place):
                continue
            looked_at.add(founder)
            if not self._may_join(found.item.article, founder):
                continue
            core = self._core(row, found, pairs, scores, founder)
            score = (1 - _FOUNDER_SHARE) * float(base[place]) + _FOUNDER_SHARE * core
            if core < FOUNDER_FLOOR:
                continue
            if best is None or (score, -founder) > (best[0], -best[1]):
                best = (score, founder, place)
        if best is None or best[0] < 1.0:
            return None
        return self._joined(found, pairs.near, best)

    def _link(self, row: int, pairs: Beside, scores: Scores, story: ArticleId) -> None:
        """Keep for a repair what was nearly, or surely, of one story and is in another."""
        if self.links is None:
            return
        others = scores.base[pairs.start : pairs.end] >= LINK
        others &= self.rows.story[pairs.rows] != story
        for place in (np.flatnonzero(others) + pairs.start).tolist():
            if (score := scores.at(place)) >= LINK:
                self.links.add(row, int(pairs.near.rows[place]), score)

    def _core(
        self, row: int, found: Profile, pairs: Beside, scores: Scores, founder: ArticleId
    ) -> float:
        """How near the story's founder is, or its members looked at where that lies too far off."""
        root = self.rows.row_of.get(founder)
        if root is not None and abs(self.rows.at[root] - found.at) <= self.rows.window:
            if (place := pairs.place_of(root)) is not None:
                return scores.at(place)
            return self._scores(found, beside(self.rows, row, [root])).at(0)
        members = (np.flatnonzero(self.rows.story[pairs.rows] == founder) + pairs.start).tolist()
        return sum(map(scores.at, members)) / max(1, len(members))

    def _scores(self, found: Profile, near: Likenesses) -> Scores:
        return Scores(
            self.rows, self.duplicates, found, near, base_scores(self.rows, near, self.thresholds)
        )

    def _joined(self, found: Profile, near: Likenesses, best: tuple[float, int, int]) -> Match:
        score, founder, nearest = best
        other = self.rows.items[int(near.rows[nearest])]
        same = other.language == found.item.language
        bar = self.thresholds.story if same else self.thresholds.across
        features = {
            "vectors": float(near.cosine[nearest]),
            "titles": float(near.title[nearest]),
            "words": float(near.words[nearest]),
            "names": float(near.names[nearest]),
            "entities": float(near.entities[nearest]),
        }
        top = sorted(features, key=lambda name: -features[name])[:3]
        figures = ", ".join(f"{name} {features[name]:.2f}" for name in top if features[name])
        language = "" if same else f" in {other.language}"
        real = round(min(1.0, score * bar), 4)
        why = f"near its nearest{language} ({real:.2f}, needs {bar:.2f}): "
        why += f"shares {_SHARED}; {figures}"
        return Match(founder, other.article, real, why)

    def _article(self, row: int) -> ArticleId:
        return self.rows.items[row].article


def _placement(
    article: ArticleId, group: Match | None, story: Match | None, shared: str
) -> Placement:
    return Placement(
        article=article,
        group=group.founder if group else article,
        group_neighbour=group.neighbour if group else None,
        group_score=group.score if group else 0.0,
        group_why=_said_of(group, shared) or "no item in reach says the same",
        story=story.founder if story else article,
        story_neighbour=story.neighbour if story else None,
        story_score=story.score if story else 0.0,
        story_why=_said_of(story, shared) or "no item in reach tells of the same event",
    )


def _said_of(match: Match | None, shared: str) -> str:
    return match.why.replace(_SHARED, shared) if match else ""
