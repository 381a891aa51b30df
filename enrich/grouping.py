"""Near-duplicate groups and stories, as items come in. Pure: data in, placements out.

The doctrine
------------
*Near-duplicate*: a reader who has seen one would find the other useless. The same text at two
addresses, re-titled, truncated, syndicated; one flash that became an article without a new fact.

* A false merge is worse than a miss, because a merged item is one that nobody reads: a follow-up
  with a new toll disappears behind the first dispatch, while a missed pair only costs a glance.
* What says something new is not a duplicate, however alike the words: where each text has a number
  that the other lacks, or each title a name that the other text lacks, they stay apart. A number
  that only one has is no objection, for texts are cut.
* A title alone proves little: "Le direct" or "Météo du jour" stands over other matter every day. A
  title of fewer than three content words, or one that several items bear over different leads,
  needs the lead to agree as well.
* A lead alone proves little within one source: publishers put one description under three
  interviews and one boilerplate sentence under everything. Sentences that a source repeats under
  other titles are not counted, and the titles must agree too. Between two sources the same lead is
  the same dispatch under another title, unless the numbers differ, or the texts know nothing of
  each other's titles and the lead names next to nothing.
* A group must not chain (A like B, B like C, C nothing like A): who joins is compared with the
  group's founder as well as with its nearest member.

*Story*: the same event and its immediate development. A theme is not a story: two matches are two
stories. An item joins where its nearest member is near enough *and* the story as a whole is not
far; it is compared with the story's founder so that a story of a thousand items cannot swallow the
day's news step by step. Nearness fades with the days between. A near-duplicate is always in its
neighbour's story.

Across languages words do not meet and TF-IDF vectors hardly do: entities, numbers and proper nouns
carry it, and at least two rare ones must be shared, because one shared town is not an event.

Each placement says why: the neighbour, the score and what the two have in common.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from enrich.likeness import Profile, other_names, other_numbers, profile, series, shared_share
from enrich.neighbours import Likenesses, Neighbourhood
from vigie.model import ArticleId, GroupingItem, Placement
from vigie.settings import Grouping

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which score on, and what the score is made of, for one kind of embedder.

    A story score within one language is the sum of the weights times the likenesses, times
    0.5 ** (days / half_life). Weights and thresholds were chosen on the development half of the
    French gold stories (433 items, ../shared/data/gold) by B-cubed F1.
    """

    near_duplicate: float
    story: float
    across: float  # the story threshold between two languages
    cosine: float  # weights of a story score: they sum to 1
    title: float
    words: float
    names: float  # the better of names and entities
    across_cosine: float  # weight of the vectors between two languages; names and entities share
    half_life: float  # days

    def changed(self, grouping: Grouping) -> Thresholds:
        """With what the settings say instead."""
        return replace(
            self,
            near_duplicate=grouping.near_duplicate or self.near_duplicate,
            story=grouping.story or self.story,
        )


# One line per kind of embedder. `sentences` stands for every sentence-transformers model.
TABLE: Mapping[str, Thresholds] = MappingProxyType(
    {
        "tfidf": Thresholds(0.62, 0.22, 0.24, 0.35, 0.2, 0.3, 0.15, 0.1, 7.0),
        "sentences": Thresholds(0.66, 0.32, 0.36, 0.35, 0.15, 0.3, 0.2, 0.4, 7.0),
    }
)
_FOUNDER_SHARE = 0.4  # of a story's score; the nearest member has the rest
_FOUNDER_FLOOR = 0.6  # of the threshold: what a joining item must reach with the founder
_SAME_TITLE_DAYS = 2.0
_GENERIC_WORDS = 3  # content words below which a title says too little
_GENERIC_USES = 3  # leads under one title from which on it is a rubric
_LEAD_WORDS = 8  # content words of a lead from which on it can show a dispatch re-titled
_LEAD_CONTAINED = 0.7  # and how much of the shorter text the longer one must have
_LEAD_TRIPLES = 0.45
_LEAD_SAME = 0.6  # and how many triples, where a title is strange to the other text
_LEAD_PROPER = 4  # names and numbers in common that make up for titles strange to the leads
_LEAD_TITLE = 0.3  # and how much of each title the other text must know
_BOILERPLATE_USES = 2  # other titles over one sentence of a source from which on it is furniture


def thresholds(embedder: str, grouping: Grouping) -> Thresholds:
    """Those in force: `embedder` is an Embedder's name."""
    return TABLE.get(embedder, TABLE["sentences"]).changed(grouping)


@dataclass(frozen=True, slots=True)
class _Match:
    """A group or story that an item may join, through its nearest member."""

    founder: ArticleId
    neighbour: ArticleId
    score: float
    why: str


class Window:
    """The items that a new one is compared with.

    `add` those already placed, in any order; `place` new ones. A placement depends only on the
    items that lie within `reach` of the new one's date, not on the order in which they came.
    """

    def __init__(self, grouping: Grouping, embedder: str) -> None:
        """`embedder` is the Embedder's name: it decides which thresholds hold."""
        self.thresholds = thresholds(embedder, grouping)
        self._days = grouping.window_days
        self._near = Neighbourhood(grouping.window_days)

    def __len__(self) -> int:
        return len(self._near)

    def __contains__(self, article: ArticleId) -> bool:
        return article in self._near.row_of

    def reach(self, published: datetime) -> tuple[datetime, datetime]:
        """From when to when (not included) items matter to one of this date: whole UTC days."""
        midnight = {"hour": 0, "minute": 0, "second": 0, "microsecond": 0}
        margin = timedelta(days=self._days)
        start = (published - margin).replace(**midnight)  # type: ignore[arg-type]  # four of its keyword arguments
        end = (published + margin).replace(**midnight) + timedelta(days=1)  # type: ignore[arg-type]  # the same
        return start, end

    def add(self, item: GroupingItem, vector: Floats, placement: Placement) -> None:
        """Take in an item placed before. Raises ValueError for one that is in already."""
        self._near.append(profile(item), np.asarray(vector, dtype=np.float32), placement)

    def place(self, item: GroupingItem, vector: Floats) -> Placement:
        """Place a new item, `vector` of shape (dims,) and length 1 or 0, and take it in.

        Raises ValueError for an article that is in the window already.
        """
        found = profile(item)
        row = np.asarray(vector, dtype=np.float32)
        likenesses = self._near.likenesses(found, row)
        group = self._group(found, likenesses)
        story = self._story(found, likenesses, group)
        placement = Placement(
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
        self._near.append(found, row, placement)
        return placement

    def nearness(self, article: ArticleId, other: ArticleId) -> float:
        """Story score of two articles of the window over its threshold: from 1 on, one event.

        The score that `place` decides by, for any pair; nothing is placed. Raises KeyError.
        """
        row = self._near.row_of[article]
        found = self._near.profiles[row]
        only = np.array([self._near.row_of[other]], dtype=np.int64)
        near = self._near.likenesses(found, self._near.vector(row), only)
        return float(self._story_scores(found, near)[0])

    # --------------------------------------------------------------------- near-duplicates

    def _group(self, found: Profile, near: Likenesses) -> _Match | None:
        """The group of the best duplicate whose founder is a duplicate too, or nearly."""
        scores: dict[int, tuple[float, str]] = {}
        for place in np.flatnonzero((near.title >= 0.4) | (near.contained >= 0.7)).tolist():
            scores[int(near.rows[place])] = self._duplicate(found, near, place)
        bar = self.thresholds.near_duplicate
        looked_at = set(near.rows.tolist())
        order = sorted(scores, key=lambda row: (-scores[row][0], self._article(row)))
        for row in order:
            score, why = scores[row]
            if score < bar:
                break
            founder = self._near.placements[row].group
            root = self._near.row_of.get(founder, row)
            if root not in looked_at:  # too long ago to be compared with
                root = row
            if scores.get(root, (0.0, ""))[0] >= 0.8 * bar:
                neighbour = self._article(row)
                return _Match(founder, neighbour, score, f"like its nearest ({score:.2f}): {why}")
        return None

    def _duplicate(self, found: Profile, near: Likenesses, place: int) -> tuple[float, str]:
        """How surely two items are near-duplicates, 0 to 1, and why in words."""
        other = self._near.profiles[int(near.rows[place])]
        if found.item.language != other.item.language:
            return 0.0, "another language"
        if apart := other_numbers(found, other):
            return 0.0, apart
        own = self._own_sentences(found, other)
        text = shared_share(found.shingles, other.shingles) if own else 0.0
        contained = float(near.contained[place])
        if _syndicated(found, other, contained, text):
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
        return round(score, 4), f"titles {title:.0%} alike; {_percent(text)}"

    def _own_sentences(self, found: Profile, other: Profile) -> bool:
        """Whether what the leads share is more than the source's furniture."""
        common = found.sentences & other.sentences
        if not common or found.item.source != other.item.source:
            return True
        return not any(
            self._near.boilerplate(found, sentence, _BOILERPLATE_USES) for sentence in common
        )

    def _generic(self, found: Profile) -> bool:
        if len(found.title_words) < _GENERIC_WORDS:
            return True
        return self._near.leads_under(found) >= _GENERIC_USES

    # ----------------------------------------------------------------------------- stories

    def _story(self, found: Profile, near: Likenesses, group: _Match | None) -> _Match | None:
        if group:
            row = self._near.row_of[group.neighbour]
            story = self._near.placements[row].story
            return _Match(story, group.neighbour, group.score, f"near-duplicate of {group.why}")
        scores = self._story_scores(found, near)
        best: tuple[float, int, int] | None = None
        members: dict[ArticleId, list[int]] = {}
        for place, row in enumerate(near.rows.tolist()):
            members.setdefault(self._near.placements[row].story, []).append(place)
        for founder, places in members.items():
            nearest = max(places, key=lambda place: (scores[place], -self._article_at(near, place)))
            root = [place for place in places if self._article_at(near, place) == founder]
            core = float(scores[root[0]]) if root else float(np.mean(scores[places]))
            score = (1 - _FOUNDER_SHARE) * float(scores[nearest]) + _FOUNDER_SHARE * core
            if core < _FOUNDER_FLOOR:
                continue
            if best is None or (score, -founder) > (best[0], -best[1]):
                best = (score, founder, nearest)
        if best is None or best[0] < 1.0:
            return None
        return self._joined(found, near, best)

    def _story_scores(self, found: Profile, near: Likenesses) -> NDArray[np.float64]:
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
        others = [self._near.profiles[row] for row in near.rows.tolist()]
        same = np.array([o.item.language == found.item.language for o in others], dtype=bool)
        decayed = np.where(same, within, across) * 0.5 ** (near.days / rule.half_life)
        for place in np.flatnonzero(decayed >= _FOUNDER_FLOOR).tolist():
            furniture = not self._own_sentences(found, others[place]) and near.title[place] < 0.6
            if furniture or series(found, others[place]):
                decayed[place] = 0.0
        rounded: NDArray[np.float64] = decayed.astype(np.float64).round(4)
        return rounded

    def _joined(self, found: Profile, near: Likenesses, best: tuple[float, int, int]) -> _Match:
        score, founder, nearest = best
        other = self._near.profiles[int(near.rows[nearest])]
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
        weights = self._near.rarity(keys, found.at)
        order = sorted(range(len(keys)), key=lambda place: (-float(weights[place]), keys[place]))
        return ", ".join(keys[place].removeprefix("@") for place in order[:3])

    def _article(self, row: int) -> ArticleId:
        return self._near.profiles[row].item.article

    def _article_at(self, near: Likenesses, place: int) -> ArticleId:
        return self._article(int(near.rows[place]))


def _percent(text: float) -> str:
    return f"{text:.0%} of the word triples in common"


def _syndicated(found: Profile, other: Profile, contained: float, text: float) -> bool:
    """Whether two sources give one dispatch under titles of their own: the leads are the same.

    Within one source, or where each text knows nothing of the other's title and the lead names
    next to nothing, it is rather a description that stands under several matters.
    """
    if contained < _LEAD_CONTAINED or text < _LEAD_TRIPLES:
        return False
    if found.item.source == other.item.source:
        return False
    if min(len(found.body_words), len(other.body_words)) < _LEAD_WORDS:
        return False
    pairs = ((found.title_words, other.words), (other.title_words, found.words))
    known = sum(len(title & words) >= _LEAD_TITLE * len(title) for title, words in pairs)
    proper = len(found.names & other.names) + len(found.numbers & other.numbers)
    if known == 2:
        return True
    return text >= _LEAD_SAME and (proper >= 2 if known else proper >= _LEAD_PROPER)
