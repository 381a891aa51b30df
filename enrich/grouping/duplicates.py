"""Near-duplicate groups: which group a new row joins, through whom, and why.

The rules are those of the doctrine at the head of the package.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from enrich.grouping.fulltexts import Common, FullTexts, common, news
from enrich.grouping.furniture import Furniture
from enrich.grouping.likeness import (
    Profile,
    other_names,
    other_numbers,
    series,
    shared_share,
    syndicated,
)
from enrich.grouping.near import Likenesses, beside
from enrich.grouping.rows import Rows
from vigie.model import ArticleId

_SAME_TITLE_DAYS = 2.0
_GENERIC_WORDS = 3  # content words below which a title says too little
_GENERIC_USES = 3  # leads under one title from which on it is a rubric
_TITLES_AT_ONE_ADDRESS = 3  # from which on a title unlike all of them is another item's
_ALIKE_TITLE, _ALIKE_TEXT = 0.4, 0.7  # one of which a pair must reach to be looked at
_ALIKE_NAMES = 2  # rare names and entities in common that make two whole texts worth a look
_FOUNDER = 0.8  # of the threshold: what a joining item must reach with the founder
_LOOKED_AT = 16  # pairs at most, the likest
_AT_ONE_ADDRESS = 50  # rows that are looked at

MayJoin = Callable[[ArticleId, ArticleId], bool]  # an article, and a story


@dataclass(frozen=True, slots=True)
class Match:
    """A group or story that an item may join, through its nearest member."""

    founder: ArticleId
    neighbour: ArticleId
    score: float
    why: str


class Duplicates:
    """Finds the group of a new row; what people split, `may_join` forbids."""

    def __init__(self, rows: Rows, furniture: Furniture, bar: float, may_join: MayJoin) -> None:
        """`bar`: the score from which on two items are near-duplicates."""
        self._rows = rows
        self._furniture = furniture
        self._bar = bar
        self._may_join = may_join
        self._addresses: dict[str, list[int]] = {}
        self._texts = FullTexts()

    def count(self, row: int, found: Profile) -> None:
        """Remember at which address the row stands, and its text."""
        self._texts.keep(row, found.item)
        if found.address:
            self._addresses.setdefault(found.address, []).append(row)

    def match(self, row: int, found: Profile, near: Likenesses) -> Match | None:
        return self._same_address(row, found) or self._group(row, found, near)

    def own_sentences(self, found: Profile, other: Profile) -> bool:
        """Whether what the leads share is more than the source's furniture."""
        if found.publisher != other.publisher:
            return True
        common = found.sentences & other.sentences
        return not any(self._furniture.stands_under_others(found, sentence) for sentence in common)

    def _same_address(self, row: int, found: Profile) -> Match | None:
        """The article that stood at this address before, edited since."""
        others = [
            other
            for other in self._addresses.get(found.address, [])
            if other < row
            and self._in_reach(other, found)
            and self._rows.items[other].source == found.item.source
            and self._may_join(found.item.article, int(self._rows.story[other]))
        ]
        if not others:
            return None
        others = others[-_AT_ONE_ADDRESS:]
        titles = {self._rows.profile_at(other).title_words for other in others}
        strange = not any(title & found.title_words for title in titles)
        if strange and len(titles) >= _TITLES_AT_ONE_ADDRESS:
            return None  # a page that many items link to
        nearest = max(
            others,
            key=lambda other: (
                len(self._rows.profile_at(other).title_words & found.title_words),
                other,
            ),
        )
        founder = int(self._rows.group[nearest])
        why = "at the same address: one article, edited"
        return Match(founder, self._article(nearest), 1.0, why)

    def _group(self, row: int, found: Profile, near: Likenesses) -> Match | None:
        """The group of the best duplicate whose founder is a duplicate too, or nearly."""
        places = self._likely(row, near)
        scores = {int(near.rows[place]): self._score(found, near, place) for place in places}
        place_of = {int(near.rows[place]): place for place in places}
        order = sorted(scores, key=lambda other: (-scores[other], self._article(other)))
        for other in order:
            if scores[other] < self._bar:
                break
            founder = int(self._rows.group[other])
            if not self._may_join(found.item.article, int(self._rows.story[other])):
                continue
            root = self._rows.row_of.get(founder, other)
            if self._founder_agrees(row, found, near, scores, root):
                why = self._why(found, near, place_of[other])
                why = f"like its nearest ({scores[other]:.2f}): {why}"
                return Match(founder, self._article(other), scores[other], why)
        return None

    def _likely(self, row: int, near: Likenesses) -> list[int]:
        """Where the rows stand that can be duplicates at all, the likest of them."""
        alike = (near.title >= _ALIKE_TITLE) | (near.contained >= _ALIKE_TEXT)
        if self._texts.of(row):
            alike |= near.shared_names + near.shared_entities >= _ALIKE_NAMES
        places = np.flatnonzero(alike)
        if not len(places):
            return []
        places = places[self._rows.language[near.rows[places]] == self._rows.language[row]]
        if len(places) > _LOOKED_AT:
            sure = (near.title + near.contained)[places].round(3)
            places = np.sort(places[np.argsort(-sure, kind="stable")[:_LOOKED_AT]])
        return places.tolist()

    def _founder_agrees(
        self, row: int, found: Profile, near: Likenesses, scores: dict[int, float], root: int
    ) -> bool:
        """Whether the group's founder is nearly a duplicate too, or too far off to compare."""
        if not self._in_reach(root, found):
            return True
        if root not in scores:
            place = int(np.searchsorted(near.rows, root))
            if place < len(near.rows) and near.rows[place] == root:
                scores[root] = self._score(found, near, place)
            else:
                scores[root] = self._score(found, beside(self._rows, row, [root]), 0)
        return scores[root] >= _FOUNDER * self._bar

    def _score(self, found: Profile, near: Likenesses, place: int) -> float:
        """How surely two items are near-duplicates, 0 to 1."""
        other = self._rows.profile_at(int(near.rows[place]))
        if found.item.language != other.item.language:
            return 0.0
        if (whole := self._whole(near, place)) is not None:
            return round(self._bar * self._alike(near, place, whole), 4)
        if other_numbers(found, other):
            return 0.0
        contained = float(near.contained[place])
        text = self._text(found, other)
        if syndicated(found, other, contained, text):
            return round(0.4 + 0.3 * contained + 0.3 * text, 4)
        if series(found, other) or other_names(found, other):
            return 0.0
        generic = self._generic(found)
        if found.title and found.title == other.title and near.days[place] <= _SAME_TITLE_DAYS:
            own = self.own_sentences(found, other)
            body = shared_share(found.body_words, other.body_words) if own else 0.0
            return round(0.5 * body + 0.5 * contained if generic else 0.9 + 0.1 * body, 4)
        title = float(near.title[place])
        score = 0.45 * title + 0.2 * float(near.words[place]) + 0.2 * text
        score += 0.15 * float(near.cosine[place])
        if title >= 0.5 and text >= 0.6 and not generic:
            score = max(score, 0.5 * title + 0.5 * text)
        return round(score, 4)

    def _whole(self, near: Likenesses, place: int) -> Common | None:
        """What the whole texts share; None unless both are known."""
        one = self._texts.of(int(near.mine[place]))
        other = self._texts.of(int(near.rows[place])) if one else None
        return common(one, other) if one and other else None

    def _alike(self, near: Likenesses, place: int, whole: Common) -> float:
        """How nearly two whole texts say the same, from 1 on; 0 where one says something new."""
        edited, anew = whole.edited, whole.anew
        mine, there = int(near.mine[place]), int(near.rows[place])
        one, other = self._rows.profile_at(mine), self._rows.profile_at(there)
        if one.publisher == other.publisher:  # which may put one text under several matters
            anew = 0.0
            if near.title[place] < _ALIKE_TITLE and near.contained[place] < _ALIKE_TEXT:
                return 0.0
            if series(one, other):
                return 0.0
        text, its = self._texts.of(mine), self._texts.of(there)
        if not (text and its) or news((one, text), (other, its), lead=edited >= 1.0):
            return 0.0
        return max(edited, anew)

    def _text(self, found: Profile, other: Profile) -> float:
        """The share of word triples in common, of what is not the source's furniture."""
        if not self.own_sentences(found, other):
            return 0.0
        return shared_share(found.shingles, other.shingles)

    def _why(self, found: Profile, near: Likenesses, place: int) -> str:
        """What `_score` saw, in words."""
        if (whole := self._whole(near, place)) is not None:
            return str(whole)
        other = self._rows.profile_at(int(near.rows[place]))
        share = self._text(found, other)
        text = f"{share:.0%} of the word triples in common"
        if syndicated(found, other, float(near.contained[place]), share):
            return f"another title over the same lead, {text}"
        if found.title and found.title == other.title and near.days[place] <= _SAME_TITLE_DAYS:
            rubric = ", a rubric's" if self._generic(found) else ""
            return f"the same title{rubric}; {text}"
        vectors = f"vectors {float(near.cosine[place]):.2f}"
        return f"titles {float(near.title[place]):.0%} alike; {text}; {vectors}"

    def _generic(self, found: Profile) -> bool:
        if len(found.title_words) < _GENERIC_WORDS:
            return True
        return self._rows.leads_under(found) >= _GENERIC_USES

    def _in_reach(self, row: int, found: Profile) -> bool:
        return bool(abs(self._rows.at[row] - found.at) <= self._rows.window)

    def _article(self, row: int) -> ArticleId:
        return self._rows.items[row].article
