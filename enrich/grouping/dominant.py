"""A day's dominant matter: the one chain of events that half the front pages are about.

A farmers' blockade is told in sixty items that share little but a word: a toll here, a minister
there, a portrait. Pair by pair they are a theme; over one day, and for the one word that stands in
a twelfth of all titles at several publishers, they are one matter and its development.

* The word: in at least `_SHARE` of a day's titles of one language, of `_SOURCES` publishers
  or more. Only the commonest such word is taken.
* Its companions: words that stand with it in at least `_WITH` of their own items, and `_TIMES` or
  more (the word means one thing: "agriculteurs" with "blocage", not with "salon").
* A story is of the matter where at least half of its items have the word in the title and a
  companion anywhere, and where the story as a whole is not far from the rest of the matter.
* A large story that owns a name of its own is a distinct act and stays apart.

The figures were set on two days of January 2024; see docs/grouping.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from enrich.grouping.clusters import Wholes
from enrich.grouping.flat import Ids
from enrich.grouping.keys import DAY, NAME, TITLE, WORD
from enrich.grouping.likeness import publisher_of
from enrich.grouping.rows import Rows

_SHARE = 0.08
_SOURCES = 3
_ITEMS = 100  # of a day and language, below which no word can be said to dominate
_WITH = 0.6
_TIMES = 4
_NEED = 1
_HALF = 0.5
_NEAR = 0.16
_LARGE = 5  # items from which on a story can be a distinct act
_OWN_NAMED = 0.4  # of its items have the name within a sentence,
_OWN_MEMBERS = 0.7  # and so many have it anywhere,
_OWN_USES = 0.6  # which is this share of all its uses


@dataclass(frozen=True, slots=True)
class Matter:
    labels: tuple[int, ...]  # of the stories that are one
    likeness: float  # the least of them has to the rest
    why: str


def dominant(rows: Rows, labels: Ids, wholes: Wholes) -> Iterator[Matter]:
    """For each day and language the stories that its dominant matter joins. Labels may change
    between two of them."""
    for day in _days(rows):
        for language in np.unique(rows.language[day]):
            some = day[rows.language[day] == language]
            if len(some) >= _ITEMS and (found := _Day(rows, labels, some, wholes).matter()):
                yield found


def _days(rows: Rows) -> list[Ids]:
    """Rows by day of 24 hours, back from the last; what spans less than a day and a half is one."""
    at = rows.at[: len(rows)]
    age = (at.max() - at) // DAY if at.max() - at.min() > 1.5 * DAY else np.zeros(len(at))
    return [np.flatnonzero(age == one) for one in np.unique(age)[::-1]]


class _Day:
    def __init__(self, rows: Rows, labels: Ids, some: Ids, wholes: Wholes) -> None:
        self._rows, self._labels, self._some, self._wholes = rows, labels, some, wholes
        self._names = rows.keys.names()
        found = [rows.keys_of(int(row))[:2] for row in some]
        self._title = [set(keys[(bits & TITLE) > 0].tolist()) for keys, bits in found]
        self._words = [set(keys[(bits & WORD) > 0].tolist()) for keys, bits in found]
        self._proper = [set(keys[(bits & NAME) > 0].tolist()) for keys, bits in found]

    def matter(self) -> Matter | None:
        word = self._word()
        if word is None:
            return None
        has = np.array([word in title for title in self._title])
        companions = self._companions(word, has)
        sure = np.array(
            [
                own and len(words & companions) >= _NEED
                for own, words in zip(has, self._words, strict=True)
            ]
        )
        here = self._labels[self._some]
        wanted = [
            label
            for label in np.unique(here[sure]).tolist()
            if sure[here == label].mean() >= _HALF and not self._distinct(here == label, word)
        ]
        near = self._near(wanted, here, has)
        if len(near) < 2:
            return None
        name = self._names[word]
        share = float(has.mean())
        why = f"the day's dominant matter: {name!r} stands in {share:.0%} of the titles"
        return Matter(tuple(near), round(min(near.values()), 4), why)

    def _word(self) -> int | None:
        counts: dict[int, int] = {}
        sources: dict[int, set[str]] = {}
        titles: set[str] = set()
        for row, title in zip(self._some.tolist(), self._title, strict=True):
            if self._rows.items[row].title in titles:
                continue  # a rubric's title is no matter, however often it stands
            titles.add(self._rows.items[row].title)
            for key in title:
                counts[key] = counts.get(key, 0) + 1
                sources.setdefault(key, set()).add(publisher_of(self._rows.items[row]))
        common = [
            key
            for key, count in counts.items()
            if count >= _SHARE * len(self._some)
            and len(sources[key]) >= _SOURCES
            and not self._names[key][0].isdigit()
        ]
        return max(common, key=lambda key: (counts[key], self._names[key]), default=None)

    def _companions(self, word: int, has: np.ndarray) -> set[int]:
        beside: dict[int, int] = {}
        everywhere: dict[int, int] = {}
        for own, words in zip(has, self._words, strict=True):
            for key in words:
                everywhere[key] = everywhere.get(key, 0) + 1
                if own:
                    beside[key] = beside.get(key, 0) + 1
        return {
            key
            for key, count in beside.items()
            if key != word and count >= _TIMES and count >= _WITH * everywhere[key]
        }

    def _distinct(self, member: np.ndarray, word: int) -> bool:
        """Whether a large story owns a name: most of its items have it, and few others."""
        places = np.flatnonzero(member)
        if len(places) < _LARGE:
            return False
        named: dict[int, int] = {}
        for place in places.tolist():
            for key in self._proper[place] - {word}:
                named[key] = named.get(key, 0) + 1
        for key, times in named.items():
            if times < _OWN_NAMED * len(places):
                continue
            inside = sum(key in self._words[place] for place in places.tolist())
            # Whether a word that begins a sentence is a name nobody knows: all its uses count.
            uses = sum(key in words for words in self._words)
            if inside >= max(_OWN_MEMBERS * len(places), _OWN_USES * uses):
                return True
        return False

    def _near(self, wanted: list[int], here: Ids, has: np.ndarray) -> dict[int, float]:
        """Of the stories those that are not far from the rest of the matter, and how near."""
        found: dict[int, float] = {}
        core = np.isin(here, wanted) & has
        for label in wanted:
            mine = here == label
            split = np.full(len(self._rows), 2)
            split[self._some[core & ~mine]] = 1
            split[self._some[mine]] = 0
            if not (core & ~mine).any():
                continue
            likeness = float(self._wholes.likeness(split, np.array([[0, 1]]))[0])
            if likeness >= _NEAR:
                found[label] = likeness
        return found
