"""Near-duplicate groups: which group a new row joins, through whom, and why.

The rules are those of the doctrine at the head of the package.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from enrich.grouping.alike import Beside, Likenesses
from enrich.grouping.flat import Ids
from enrich.grouping.fulltexts import Common, FullTexts, common, news
from enrich.grouping.furniture import Furniture
from enrich.grouping.likeness import (
    LEAD_CONTAINED,
    LEAD_TRIPLES,
    WIRE_SHARED,
    Profile,
    other_names,
    other_numbers,
    series,
    shared_share,
    syndicated,
    wire,
)
from enrich.grouping.near import beside
from enrich.grouping.rows import Rows
from vigie.model import ArticleId, GroupingItem

_TITLE, _WORDS, _TEXT, _COSINE = 0.45, 0.2, 0.2, 0.15  # what leads' likenesses count
_SAME_TITLE_DAYS = 2.0
_WIRE_DAYS = 1.0  # between two publishers' use of one wire title
_WIRE_NEARLY = WIRE_SHARED - 1e-3  # for rounding
_GENERIC_WORDS = 3  # content words below which a title says too little
_GENERIC_USES = 3  # leads under one title from which on it is a rubric
_RUBRIC_BODY = 0.2  # of the words under a rubric's title that two items of one matter share
_TITLES_AT_ONE_ADDRESS = 3  # from which on a title unlike all of them is another item's
_ALIKE_TITLE, _ALIKE_TEXT = 0.4, 0.7  # one of which a pair must reach to be looked at
_ALIKE_NAMES = 1  # rare names and entities in common that make two whole texts worth a look
_FOUNDER = 0.8  # of the threshold: what a joining item must reach with the founder
_NEARLY = 0.8  # of the threshold: what whole texts of two groups that are one must reach
_COMPARED = 5  # members of each of two groups that may be one
_LOOKED_AT = 32  # pairs at most, the likest
_AT_ONE_ADDRESS = 50  # rows that are looked at

Score = Callable[[Profile, Likenesses, int, float], float]  # of a pair: its place, triples shared
MayJoin = Callable[[ArticleId, ArticleId], bool]  # an article, and a story


@dataclass(frozen=True, slots=True)
class Match:
    """A group or story that an item may join, through its nearest member."""

    founder: ArticleId
    neighbour: ArticleId
    score: float
    why: str


@dataclass(frozen=True, slots=True)
class Bridge:
    """A row that is a duplicate of members of two groups: it joined one, and is like the other."""

    row: int
    other: int  # a row of the group that it did not join
    score: float


@dataclass(frozen=True, slots=True)
class Likely:
    """Pairs that can be near-duplicates."""

    places: Ids  # where they stand among all pairs, in order
    text: NDArray[np.float64]  # the share of word triples in common
    most: NDArray[np.float64]  # what they score at best

    def cut(self, start: int, end: int) -> Likely:
        return Likely(self.places[start:end], self.text[start:end], self.most[start:end])

    def best(self, near: Likenesses) -> Likely:
        """The likest of them, in order."""
        if len(self.places) <= _LOOKED_AT:
            return self
        some = self.places
        sure = (near.title[some] + near.contained[some] + near.names[some]).round(3)
        kept = np.sort(np.argsort(-sure, kind="stable")[:_LOOKED_AT])
        return Likely(self.places[kept], self.text[kept], self.most[kept])


def _wired(near: Likenesses) -> NDArray[np.bool_]:
    """Of which pairs the titles may be one wire title."""
    found: NDArray[np.bool_] = (near.title_shared >= _WIRE_NEARLY) & (near.days <= _WIRE_DAYS)
    return found


class _Scored:
    """Scores of one item beside its likely duplicates, each found when it is asked for."""

    def __init__(self, score: Score, found: Profile, near: Likenesses, likely: Likely) -> None:
        rows, places = near.rows[likely.places].tolist(), likely.places.tolist()
        self.at = dict(zip(rows, zip(places, likely.text.tolist(), strict=True), strict=True))
        self.known: dict[int, float] = {}
        self._score, self._found, self._near = score, found, near
        self._waiting = sorted(zip(likely.most.tolist(), rows, strict=True))
        self._best: list[tuple[float, ArticleId, int]] = []

    def in_order(
        self, bar: float, article: Callable[[int], ArticleId]
    ) -> Iterator[tuple[int, float]]:
        """Rows that reach the bar, the best first, then by article; with their scores."""
        given = 0
        while self._waiting or given < len(self._best):
            while self._waiting and (
                given == len(self._best) or self._waiting[-1][0] >= -self._best[given][0]
            ):
                _, row = self._waiting.pop()
                score = self.known[row] = self._score(self._found, self._near, *self.at[row])
                if score >= bar:
                    insort(self._best, (-score, article(row), row), lo=given)
            if given < len(self._best):
                yield self._best[given][2], -self._best[given][0]
                given += 1


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
        self._rubrics: dict[int, bool] = {}  # rows asked for since the last ones were taken
        self.bridges: list[Bridge] | None = None  # set, they are kept for a repair

    def count(self, row: int, found: Profile) -> None:
        """Remember at which address the row stands."""
        if found.address:
            self._addresses.setdefault(found.address, []).append(row)

    def take(self, first: int, items: Sequence[GroupingItem]) -> list[GroupingItem]:
        """Keep the texts of the rows from `first` on; the items without them."""
        self._rubrics.clear()
        return self._texts.take(first, items)

    def likely(self, near: Likenesses) -> Likely:
        """The pairs that can be duplicates at all, by what they could reach at best."""
        rows = self._rows
        whole = self._texts.known(near.mine, near.rows)
        alike = (near.title >= _ALIKE_TITLE) | (near.contained >= _ALIKE_TEXT)
        alike |= whole & (near.shared_names + near.shared_entities >= _ALIKE_NAMES)
        same = rows.language[near.rows] == rows.language[near.mine]
        places: Ids = np.flatnonzero(alike & same)
        mine, others = near.mine[places], near.rows[places]
        title, contained = near.title[places], near.contained[places]
        text = rows.triples.shares(mine, others)
        least = _TITLE * title + _WORDS * near.words[places] + _COSINE * near.cosine[places]
        most = np.maximum(least + _TEXT * text, 0.5 * title + 0.5 * text) + 1e-3  # for rounding
        leads = (contained >= LEAD_CONTAINED) & (text >= LEAD_TRIPLES)
        wired = _wired(near)[places]
        most[leads | wired | (rows.titled[mine] == rows.titled[others])] = 1.0
        leads &= rows.publisher[mine] != rows.publisher[others]
        apart = near.numbers_apart[places] & ~wired
        apart |= near.names_apart[places] & ~leads
        most[apart] = 0.0
        hopeful = self._texts.hopeful(mine, others, _FOUNDER)
        most = np.where(whole[places], 2.0 * hopeful, most)  # known whole texts decide
        kept = most >= _FOUNDER * self._bar
        return Likely(places[kept], text[kept], most[kept])

    def match(self, row: int, found: Profile, pairs: Beside, likely: Likely) -> Match | None:
        """The group that a new row joins; `likely`: which of its pairs can be duplicates."""
        return self._same_address(row, found) or self._group(row, found, pairs, likely)

    def own_sentences(self, found: Profile, other: Profile) -> bool:
        """Whether what the leads share is more than the source's furniture."""
        if found.publisher != other.publisher:
            return True
        common = found.sentences & other.sentences
        return not any(self._furniture.stands_under_others(found, sentence) for sentence in common)

    def one_rubric(self, row: int, other: int) -> bool:
        """Whether two items of one title have no matter in common: the title is a rubric's."""
        found, beside = self._rows.profile_at(row), self._rows.profile_at(other)
        if not found.title or found.title != beside.title:
            return False
        apart = shared_share(found.body_words, beside.body_words) < _RUBRIC_BODY
        return apart and self._generic(row, found)

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

    def _group(self, row: int, found: Profile, pairs: Beside, likely: Likely) -> Match | None:
        """The group of the best duplicate whose founder is a duplicate too, or nearly."""
        if not len(likely.places):
            return None
        near = pairs.near
        scored = _Scored(self._score, found, near, likely.best(near))
        for other, score in scored.in_order(self._bar, self._article):
            founder = int(self._rows.group[other])
            if not self._may_join(found.item.article, int(self._rows.story[other])):
                continue
            root = self._rows.row_of.get(founder, other)
            if self._founder_agrees(row, found, pairs, scored.known, root):
                why = self._why(found, near, *scored.at[other])
                why = f"like its nearest ({score:.2f}): {why}"
                self._bridge(row, founder, scored)
                return Match(founder, self._article(other), score, why)
        self._bridge(row, found.item.article, scored)
        return None

    def _bridge(self, row: int, founder: ArticleId, scored: _Scored) -> None:
        """Keep for a repair what the row is a duplicate of and that is in another group."""
        if self.bridges is not None:
            self.bridges += [
                Bridge(row, other, score)
                for other, score in scored.in_order(self._bar, self._article)
                if self._rows.group[other] != founder
            ]

    def one_group(self, rows: Sequence[int], others: Sequence[int]) -> float:
        """The mean score of two groups' members where the groups are one, else 0.

        Of leads the mean must be a duplicate's; of whole texts, which show more, nearly so.
        """
        rows, others = rows[:_COMPARED], others[:_COMPARED]
        total, whole = 0.0, True
        for row in rows:
            near = beside(self._rows, row, others)
            found = self._rows.profile_at(row)
            texts = self._rows.triples.shares(near.mine, near.rows).tolist()
            total += sum(self._score(found, near, *one) for one in enumerate(texts))
            whole &= bool(self._texts.known(near.mine, near.rows).all())
        mean = total / (len(rows) * len(others))
        return mean if mean >= (_NEARLY if whole else 1.0) * self._bar else 0.0

    def _founder_agrees(
        self, row: int, found: Profile, pairs: Beside, scores: dict[int, float], root: int
    ) -> bool:
        """Whether the group's founder is nearly a duplicate too, or too far off to compare."""
        if not self._in_reach(root, found):
            return True
        if root not in scores:
            near, place = pairs.near, pairs.place_of(root)
            if place is None:
                near, place = beside(self._rows, row, [root]), 0
            text = self._rows.triples.share(row, root)
            scores[root] = self._score(found, near, place, text)
        return scores[root] >= _FOUNDER * self._bar

    def _score(self, found: Profile, near: Likenesses, place: int, text: float) -> float:
        """How surely two items are near-duplicates, 0 to 1; `text`: word triples in common."""
        other = self._rows.profile_at(int(near.rows[place]))
        if found.item.language != other.item.language:
            return 0.0
        if (whole := self._whole(near, place)) is not None:
            return round(self._bar * self._alike(near, place, whole), 4)
        soon = near.days[place] <= _WIRE_DAYS
        if soon and near.title_shared[place] >= _WIRE_NEARLY and (share := wire(found, other)):
            return round(0.4 + 0.6 * share, 4)
        return self._of_leads(found, other, near, place, text)

    def _of_leads(
        self, found: Profile, other: Profile, near: Likenesses, place: int, text: float
    ) -> float:
        """`_score` where whole texts are not known and the title is no wire title."""
        if other_numbers(found, other):
            return 0.0
        own = self.own_sentences(found, other)
        text = text if own else 0.0
        contained = float(near.contained[place])
        if syndicated(found, other, contained, text):
            return round(0.4 + 0.3 * contained + 0.3 * text, 4)
        if (near.serial[place] and series(found, other)) or other_names(found, other):
            return 0.0
        if found.title and found.title == other.title and near.days[place] <= _SAME_TITLE_DAYS:
            body = shared_share(found.body_words, other.body_words) if own else 0.0
            generic = self._generic(int(near.mine[place]), found)
            return round(0.5 * body + 0.5 * contained if generic else 0.9 + 0.1 * body, 4)
        title = float(near.title[place])
        score = _TITLE * title + _WORDS * float(near.words[place]) + _TEXT * text
        score += _COSINE * float(near.cosine[place])
        if title >= 0.5 and text >= 0.6 and not self._generic(int(near.mine[place]), found):
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
        if not (text and its) or news((one, text), (other, its), edited=edited >= 1.0):
            return 0.0
        return max(edited, anew)

    def _why(self, found: Profile, near: Likenesses, place: int, text: float) -> str:
        """What `_score` saw, in words."""
        if (whole := self._whole(near, place)) is not None:
            return str(whole)
        other = self._rows.profile_at(int(near.rows[place]))
        if near.days[place] <= _WIRE_DAYS and (title := wire(found, other)):
            return f"two publishers under one wire title, {title:.0%} of its words in common"
        share = text if self.own_sentences(found, other) else 0.0
        said = f"{share:.0%} of the word triples in common"
        if syndicated(found, other, float(near.contained[place]), share):
            return f"another title over the same lead, {said}"
        if found.title and found.title == other.title and near.days[place] <= _SAME_TITLE_DAYS:
            rubric = ", a rubric's" if self._generic(int(near.mine[place]), found) else ""
            return f"the same title{rubric}; {said}"
        vectors = f"vectors {float(near.cosine[place]):.2f}"
        return f"titles {float(near.title[place]):.0%} alike; {said}; {vectors}"

    def _generic(self, row: int, found: Profile) -> bool:
        """Whether a row's title may stand over anything."""
        if row not in self._rubrics:
            few = len(found.title_words) < _GENERIC_WORDS
            self._rubrics[row] = few or self._rows.leads_under(row) >= _GENERIC_USES
        return self._rubrics[row]

    def _in_reach(self, row: int, found: Profile) -> bool:
        return bool(abs(self._rows.at[row] - found.at) <= self._rows.window)

    def _article(self, row: int) -> ArticleId:
        return self._rows.items[row].article
