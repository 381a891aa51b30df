"""Which passage is seen next, and in which case of letters."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from training.ner.passages import CORPORA, Passage

# Of the words seen of the open sets, and of the news.
LANGUAGES = {"fr": 0.35, "nl": 0.28, "de": 0.18, "en": 0.19}
NEWS_LANGUAGES = {"fr": 0.62, "nl": 0.38}

# Of the passages seen. News titles in capitals and searches in small letters are read too.
SMALL = 0.12
CAPITALS = 0.005
TITLE_CASE = 0.01
CAPITALS_AT_THE_START = 0.015


@dataclass(frozen=True, slots=True)
class Group:
    """Passages that are drawn with one weight."""

    name: str
    weight: float
    passages: Sequence[Passage]


@dataclass(frozen=True, slots=True)
class Shares:
    """Of the words seen; the rest is of the open sets."""

    news: float
    own: float


def groups_of(
    open_sets: Sequence[Passage],
    news: Sequence[Passage],
    own: Sequence[Passage],
    items: Sequence[Passage],
    shares: Shares,
) -> list[Group]:
    """Open sets by language and set, news by language, our own sentences."""
    of_news, of_own = (shares.news if news else 0.0), (shares.own if own else 0.0)
    groups = [
        Group(f"news-{code}", of_news * part, [one for one in news if one.language == code])
        for code, part in NEWS_LANGUAGES.items()
        if of_news
    ]
    if of_own:
        groups += [Group("own templates", of_own / 2, own), Group("own items", of_own / 2, items)]
    worth = {corpus.folder: corpus.share for corpus in CORPORA}
    by: dict[tuple[str, str], list[Passage]] = defaultdict(list)
    for passage in open_sets:
        by[passage.language, passage.origin].append(passage)
    for language, part in LANGUAGES.items():
        total = sum(worth[origin] for code, origin in by if code == language)
        for (code, origin), passages in by.items():
            if code == language:
                weight = (1 - of_news - of_own) * part * worth[origin] / total
                groups.append(Group(f"{origin}-{code}", weight, passages))
    return groups


class Sampler:
    """Passages without end: each group has its share of letters, each round of it is shuffled."""

    def __init__(self, groups: Sequence[Group], seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 (no secret)
        self._groups = groups
        self._left: list[list[Passage]] = [[] for _ in groups]
        self._seen = [0.0] * len(groups)
        self._weights = [group.weight for group in groups]

    def weigh(self, times: float) -> None:
        """Give the news so many times its share from now on, the others what is left."""
        news = [group.name.startswith("news-") for group in self._groups]
        first = sum(group.weight for group, so in zip(self._groups, news, strict=True) if so)
        rest = (1 - times * first) / (1 - first)
        weights = [
            group.weight * (times if so else rest)
            for group, so in zip(self._groups, news, strict=True)
        ]
        if weights != self._weights:
            # What each has had counts as had at the new shares, so that none must catch up.
            total = sum(self._seen)
            self._seen = [total * weight for weight in weights]
            self._weights = weights

    def next(self) -> Passage:
        """A passage of the group that is furthest behind its share, in one case or another."""
        place = min(range(len(self._groups)), key=lambda row: self._seen[row] / self._weights[row])
        if not self._left[place]:
            self._left[place] = list(self._groups[place].passages)
            self._random.shuffle(self._left[place])
        passage = self._left[place].pop()
        self._seen[place] += len(passage.text)
        return self._recased(passage)

    def _recased(self, passage: Passage) -> Passage:
        roll = self._random.random()
        for chance, text in (
            (SMALL, passage.text.lower),
            (CAPITALS, passage.text.upper),
            (TITLE_CASE, passage.text.title),
            (CAPITALS_AT_THE_START, lambda: self._loud_start(passage.text)),
        ):
            if roll < chance:
                changed = text()
                same = len(changed) == len(passage.text)
                return replace(passage, text=changed) if same else passage
            roll -= chance
        return passage

    def _loud_start(self, text: str) -> str:
        words = text.split(" ")
        head = " ".join(words[: self._random.randint(1, min(6, len(words)))])
        return head.upper() + text[len(head) :]
