"""The window: items placed one after the other among those of the days around. See the package."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from enrich.grouping.furniture import Furniture
from enrich.grouping.likeness import (
    Profile,
    address_key,
    other_names,
    other_numbers,
    profile,
    series,
    shared_share,
    syndicated,
    without,
)
from enrich.grouping.locks import FREE, Bond, Locks
from enrich.grouping.rows import DAY, Likenesses, Rows
from enrich.grouping.rules import thresholds
from vigie.model import ArticleId, GroupingItem, Placement
from vigie.schema import Grouping

Floats = NDArray[np.float32]

_FOUNDER_SHARE = 0.4  # of a story's score; the nearest member has the rest
_FOUNDER_FLOOR = 0.6  # of the threshold: what a joining item must reach with the founder
LINK = 0.5  # of the threshold: what a repair looks at again
_SAME_TITLE_DAYS = 2.0
_GENERIC_WORDS = 3  # content words below which a title says too little
_GENERIC_USES = 3  # leads under one title from which on it is a rubric
_TITLES_AT_ONE_ADDRESS = 3  # from which on a title unlike all of them is another item's


@dataclass(frozen=True, slots=True)
class _Match:
    """A group or story that an item may join, through its nearest member."""

    founder: ArticleId
    neighbour: ArticleId
    score: float
    why: str


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

    def __init__(self, grouping: Grouping, embedder: str, locks: Locks = FREE) -> None:
        """`embedder` is the Embedder's name: it decides which thresholds hold."""
        self.thresholds = thresholds(embedder, grouping)
        self.rows = Rows(grouping.window_days)
        self.links: Links | None = None  # set, they are kept for a repair
        self._days = grouping.window_days
        self._locks = locks
        self._bonds: dict[ArticleId, set[Bond]] = {}  # of each story that holds any
        self._bound: dict[Bond, int] = {}  # a bond's first row here
        self._furniture = Furniture()
        self._addresses: dict[str, list[int]] = {}

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
        found = profile(item)
        self._furniture.count(found)
        covered = self._furniture.words(found)
        self._append(without(found, covered) if covered else found, vector, placement)

    def place(self, item: GroupingItem, vector: Floats) -> Placement:
        """Place a new item, `vector` of shape (dims,) and length 1 or 0, and take it in.

        Raises ValueError for an article that is in the window already.
        """
        return self.place_many([item], np.asarray(vector)[None, :])[0]

    def foresee(self, items: Iterable[GroupingItem]) -> None:
        """Count what the items' sources put under everything, before any of them is placed."""
        for item in items:
            self._furniture.count(profile(item))

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
            placements += self._place_day([items[place] for place in run], vectors[run])
        return placements

    def nearness(self, article: ArticleId, other: ArticleId) -> float:
        """Story score of two articles of the window over its threshold: from 1 on, one event.

        The score that `place` decides by, for any pair; nothing is placed. Raises KeyError.
        """
        row, second = self.rows.row_of[article], self.rows.row_of[other]
        near = self.rows.beside(row, [second])
        return float(self._story_scores(row, self.rows.profile_at(row), near)[0])

    def _place_day(self, items: Sequence[GroupingItem], vectors: Floats) -> list[Placement]:
        first = len(self.rows)
        profiles = [profile(item) for item in items]
        for found in profiles:
            self._furniture.count(found)
        for place, found in enumerate(profiles):
            if covered := self._furniture.words(found):
                profiles[place] = without(found, covered)
        for found, vector in zip(profiles, vectors, strict=True):
            self._append(found, vector, None)
        likenesses = self.rows.likenesses(first, len(items))
        return [
            self._placed(first + place, found, likenesses[place])
            for place, found in enumerate(profiles)
        ]

    def _append(self, found: Profile, vector: Floats, placement: Placement | None) -> None:
        item = found.item
        group = placement.group if placement else item.article
        story = placement.story if placement else item.article
        row = self.rows.append(found, np.asarray(vector, dtype=np.float32), group, story)
        if key := address_key(item.address):
            self._addresses.setdefault(key, []).append(row)
        if placement:
            self._hold(item.article, row, placement.story)

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

    def _told(self, article: ArticleId) -> _Match | None:
        """The story that a person put the article into."""
        bond = self._locks.bond(article)
        first = None if bond is None else self._bound.get(bond)
        if first is None:
            return None
        story = int(self.rows.story[first])
        return _Match(story, self._article(first), 1.0, "a person put them together")

    def _placed(self, row: int, found: Profile, near: Likenesses) -> Placement:
        item = found.item
        group = self._same_address(row, found) or self._group(row, found, near)
        story = self._told(item.article) or self._story(row, found, near, group)
        self.rows.group[row] = group.founder if group else item.article
        self.rows.story[row] = story.founder if story else item.article
        self._hold(item.article, row, int(self.rows.story[row]))
        return Placement(
            article=item.article,
            group=group.founder if group else item.article,
            group_neighbour=group.neighbour if group else None,
            group_score=group.score if group else 0.0,
            group_why=group.why if group else "no item in reach says the same",
            story=story.founder if story else item.article,
            story_neighbour=story.neighbour if story else None,
            story_score=story.score if story else 0.0,
            story_why=story.why if story else "no item in reach tells of the same event",
        )

    # --------------------------------------------------------------------- near-duplicates

    def _same_address(self, row: int, found: Profile) -> _Match | None:
        """The article that stood at this address before, edited since."""
        key = address_key(found.item.address)
        others = [
            other
            for other in self._addresses.get(key, [])
            if other < row
            and abs(self.rows.at[other] - found.at) <= self.rows.window
            and self.rows.items[other].source == found.item.source
            and self._may_join(found.item.article, int(self.rows.story[other]))
        ]
        if not key or not others:
            return None
        others = others[-50:]
        titles = {self.rows.profile_at(other).title_words for other in others}
        strange = not any(title & found.title_words for title in titles)
        if strange and len(titles) >= _TITLES_AT_ONE_ADDRESS:
            return None  # a page that many items link to
        nearest = max(
            others,
            key=lambda other: (
                len(self.rows.profile_at(other).title_words & found.title_words),
                other,
            ),
        )
        founder = int(self.rows.group[nearest])
        why = "at the same address: one article, edited"
        return _Match(founder, self._article(nearest), 1.0, why)

    def _group(self, row: int, found: Profile, near: Likenesses) -> _Match | None:
        """The group of the best duplicate whose founder is a duplicate too, or nearly."""
        same = self.rows.language[near.rows] == self.rows.language[row]
        alike = same & ((near.title >= 0.4) | (near.contained >= 0.7))
        scores = {
            int(near.rows[place]): self._duplicate(found, near, place)
            for place in np.flatnonzero(alike).tolist()
        }
        bar = self.thresholds.near_duplicate
        order = sorted(scores, key=lambda other: (-scores[other][0], self._article(other)))
        for other in order:
            score, why = scores[other]
            if score < bar:
                break
            founder = int(self.rows.group[other])
            if not self._may_join(found.item.article, int(self.rows.story[other])):
                continue
            if self._founder_agrees(row, found, near, scores, self.rows.row_of.get(founder, other)):
                neighbour = self._article(other)
                common = self._strongest(found, self.rows.profile_at(other))
                why = f"like its nearest ({score:.2f}): {why}; shares {common}"
                return _Match(founder, neighbour, score, why)
        return None

    def _founder_agrees(
        self,
        row: int,
        found: Profile,
        near: Likenesses,
        scores: dict[int, tuple[float, str]],
        root: int,
    ) -> bool:
        """Whether the group's founder is nearly a duplicate too, or too far off to compare."""
        if root not in scores and self._in_reach(root, found) and root not in near.rows:
            beside = self.rows.beside(row, [root])
            scores[root] = self._duplicate(found, beside, 0)
        if not self._in_reach(root, found):
            return True
        return scores.get(root, (0.0, ""))[0] >= 0.8 * self.thresholds.near_duplicate

    def _in_reach(self, row: int, found: Profile) -> bool:
        return bool(abs(self.rows.at[row] - found.at) <= self.rows.window)

    def _duplicate(self, found: Profile, near: Likenesses, place: int) -> tuple[float, str]:
        """How surely two items are near-duplicates, 0 to 1, and why in words."""
        other = self.rows.profile_at(int(near.rows[place]))
        if found.item.language != other.item.language:
            return 0.0, "another language"
        if apart := other_numbers(found, other):
            return 0.0, apart
        own = self._own_sentences(found, other)
        text = shared_share(found.shingles, other.shingles) if own else 0.0
        contained = float(near.contained[place])
        if syndicated(found, other, contained, text):
            score = 0.4 + 0.3 * contained + 0.3 * text
            return round(score, 4), f"another title over the same lead, {_percent(text)}"
        if apart := other_names(found, other) or series(found, other):
            return 0.0, apart
        body = shared_share(found.body_words, other.body_words) if own else 0.0
        generic = self._generic(found)
        if found.title and found.title == other.title and near.days[place] <= _SAME_TITLE_DAYS:
            score = 0.5 * body + 0.5 * contained if generic else 0.9 + 0.1 * body
            rubric = ", a rubric's" if generic else ""
            return round(score, 4), f"the same title{rubric}; {_percent(text)}"
        title = float(near.title[place])
        score = 0.45 * title + 0.2 * float(near.words[place]) + 0.2 * text
        score += 0.15 * float(near.cosine[place])
        if title >= 0.5 and text >= 0.6 and not generic:
            score = max(score, 0.5 * title + 0.5 * text)
        vectors = f"vectors {float(near.cosine[place]):.2f}"
        return round(score, 4), f"titles {title:.0%} alike; {_percent(text)}; {vectors}"

    def _own_sentences(self, found: Profile, other: Profile) -> bool:
        """Whether what the leads share is more than the source's furniture."""
        common = found.sentences & other.sentences
        if not common or found.publisher != other.publisher:
            return True
        return not any(self._furniture.stands_under_others(found, sentence) for sentence in common)

    def _generic(self, found: Profile) -> bool:
        if len(found.title_words) < _GENERIC_WORDS:
            return True
        return self.rows.leads_under(found) >= _GENERIC_USES

    # ----------------------------------------------------------------------------- stories

    def _story(
        self, row: int, found: Profile, near: Likenesses, group: _Match | None
    ) -> _Match | None:
        """The story whose nearest member and whose founder are both near enough, the best one."""
        if group:
            if self.links is not None:
                self._link(row, near, self._story_scores(row, found, near))
            other = self.rows.row_of[group.neighbour]
            story = int(self.rows.story[other])
            return _Match(story, group.neighbour, group.score, f"near-duplicate of {group.why}")
        scores = self._story_scores(row, found, near)
        self._link(row, near, scores)
        founders = self.rows.story[near.rows]
        best: tuple[float, int, int] | None = None
        looked_at: set[int] = set()
        for place in np.lexsort((near.rows, -scores)).tolist():
            founder = int(founders[place])
            if scores[place] < 1.0:
                break  # the founder is never nearer than the nearest
            if founder in looked_at:
                continue
            looked_at.add(founder)
            if not self._may_join(found.item.article, founder):
                continue
            core = self._core(row, found, near, scores, founder)
            score = (1 - _FOUNDER_SHARE) * float(scores[place]) + _FOUNDER_SHARE * core
            if core < _FOUNDER_FLOOR:
                continue
            if best is None or (score, -founder) > (best[0], -best[1]):
                best = (score, founder, place)
        if best is None or best[0] < 1.0:
            return None
        return self._joined(found, near, best)

    def _link(self, row: int, near: Likenesses, scores: NDArray[np.float64]) -> None:
        """Keep for a repair what was nearly, or surely, of one story."""
        if self.links is not None:
            for place in np.flatnonzero(scores >= LINK).tolist():
                self.links.add(row, int(near.rows[place]), float(scores[place]))

    def _core(
        self,
        row: int,
        found: Profile,
        near: Likenesses,
        scores: NDArray[np.float64],
        founder: ArticleId,
    ) -> float:
        """How near the story's founder is, or its members looked at where that lies too far off."""
        root = self.rows.row_of.get(founder)
        if root is not None and self._in_reach(root, found):
            place = int(np.searchsorted(near.rows, root))
            if place < len(near.rows) and near.rows[place] == root:
                return float(scores[place])
            beside = self.rows.beside(row, [root])
            return float(self._story_scores(row, found, beside)[0])
        return float(np.mean(scores[self.rows.story[near.rows] == founder]))

    def _story_scores(self, row: int, found: Profile, near: Likenesses) -> NDArray[np.float64]:
        """Story score over its threshold, shape (k,): from 1 on, the same event."""
        rule = self.thresholds
        proper = np.maximum(near.names, near.entities)
        within = (
            rule.cosine * near.cosine
            + rule.title * near.title
            + rule.words * near.words
            + rule.names * proper
        ) / rule.story
        both = np.where(near.entities > 0, (near.names + near.entities) / 2.0, near.names)
        both = np.maximum(both, near.names)
        across = (
            rule.across_cosine * near.cosine + (1.0 - rule.across_cosine) * both
        ) / rule.across
        across = np.where(near.shared_names + near.shared_entities >= 2, across, 0.0)
        same = self.rows.language[near.rows] == self.rows.language[row]
        decayed = np.where(same, within, across) * 0.5 ** (near.days / rule.half_life)
        for place in np.flatnonzero(decayed >= _FOUNDER_FLOOR).tolist():
            other = self.rows.profile_at(int(near.rows[place]))
            furniture = not self._own_sentences(found, other) and near.title[place] < 0.6
            if furniture or series(found, other):
                decayed[place] = 0.0
        rounded: NDArray[np.float64] = decayed.astype(np.float64).round(4)
        return rounded

    def _joined(self, found: Profile, near: Likenesses, best: tuple[float, int, int]) -> _Match:
        score, founder, nearest = best
        other = self.rows.profile_at(int(near.rows[nearest]))
        same = other.item.language == found.item.language
        bar = self.thresholds.story if same else self.thresholds.across
        neighbour = other.item.article
        common = self._strongest(found, other)
        features = {
            "vectors": float(near.cosine[nearest]),
            "titles": float(near.title[nearest]),
            "words": float(near.words[nearest]),
            "names": float(near.names[nearest]),
            "entities": float(near.entities[nearest]),
        }
        top = sorted(features, key=lambda name: -features[name])[:3]
        figures = ", ".join(f"{name} {features[name]:.2f}" for name in top if features[name])
        language = "" if same else f" in {other.item.language}"
        real = round(min(1.0, score * bar), 4)
        why = f"near its nearest{language} ({real:.2f}, needs {bar:.2f}): "
        why += f"shares {common}; {figures}"
        return _Match(founder, neighbour, real, why)

    def _strongest(self, found: Profile, other: Profile) -> str:
        """The three rarest things that two items share, in words."""
        marked = {f"@{entity}" for entity in found.item.entities & other.item.entities}
        common = (found.words & other.words) | (found.names & other.names) | marked
        keys = sorted(common | (found.numbers & other.numbers))
        if not keys:
            return "no word"
        weights = self.rows.rarity(keys, found.at)
        order = sorted(range(len(keys)), key=lambda place: (-float(weights[place]), keys[place]))
        return ", ".join(keys[place].removeprefix("@") for place in order[:3])

    def _article(self, row: int) -> ArticleId:
        return self.rows.items[row].article


def _percent(text: float) -> str:
    return f"{text:.0%} of the word triples in common"
