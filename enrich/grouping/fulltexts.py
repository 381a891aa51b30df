"""What two whole texts have in common, where the archive may keep both. Pure but for its memory.

A title and a lead show little of an article: a dispatch that a desk re-titled and opened in words
of its own is the same dispatch. Where both texts are known they decide, and not the leads.
"""

from __future__ import annotations

import marshal
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from enrich.grouping.flat import Ids
from enrich.grouping.likeness import Profile, shared_share, spelt_apart
from enrich.grouping.overlaps import Words
from enrich.numerals import numbers_folded
from enrich.words import (
    WORD,
    content,
    contents,
    fold_long,
    names,
    without_controls,
)
from vigie.model import GroupingItem

_MAX_TEXT = 2_000  # characters: the start of an article holds what is new in it
_LEAST_WORDS = 30  # different content words, below which a text shows no more than a lead
_KEPT = 4_096  # texts at hand unpacked

# An edited text keeps most of its words, and many as they stood; one told anew keeps who, where
# and how many. Of 430 pairs of long texts in one language of SemEval-2022 task 8 six pass
# (docs/grouping.md), so far are two accounts of one event from one text.
_EDITED_WORDS, _EDITED_TRIPLES, _EDITED_NUMBERS, _EDITED_NAMES = 0.7, 0.4, 0.5, 0.7
_CHANGED = 2  # figures changed in their place, from which on an edited text is an update
_TITLE_KNOWN, _TITLE_KNOWN_ANEW = 0.3, 0.5  # how much of each title the other text must have
_ANEW_NAMED = 4  # names, below which those in common may be chance
_ANEW_WORDS, _ANEW_NUMBERS, _ANEW_NAMES = 0.5, 0.25, (0.6, 0.75)


@dataclass(frozen=True, slots=True)
class FullText:
    """A title and a text, cut into what is compared."""

    words: frozenset[str]
    triples: frozenset[int]
    names: frozenset[str]  # written as the words are
    numbers: frozenset[str]
    figures: dict[tuple[str, ...], set[str]]  # the numbers after two words and before a third


@dataclass(frozen=True, slots=True)
class Common:
    """Two texts side by side: shares from 0 to 1."""

    words: float  # of the words of the shorter those that the longer has
    triples: float  # the same of word triples
    numbers: float  # and of numbers; 1 where one has none
    names: tuple[float, float]  # of the names of each those that the other has, the lesser first
    named: int  # how many names the text has that has fewer

    @property
    def edited(self) -> float:
        """How nearly it is one text, edited: 1 and more for one."""
        return min(
            self.words / _EDITED_WORDS,
            self.triples / _EDITED_TRIPLES,
            self.numbers / _EDITED_NUMBERS,
            self.names[1] / _EDITED_NAMES,
        )

    @property
    def anew(self) -> float:
        """How nearly one tells what the other does, in other words, and nothing besides."""
        if self.named < _ANEW_NAMED:
            return 0.0
        return min(
            self.words / _ANEW_WORDS,
            self.numbers / _ANEW_NUMBERS,
            self.names[0] / _ANEW_NAMES[0],
            self.names[1] / _ANEW_NAMES[1],
        )

    def __str__(self) -> str:
        how = "one text, edited" if self.edited >= 1.0 else "the same told anew"
        return f"{how}: {self.words:.0%} of its words, {self.names[1]:.0%} of its names in common"


class FullTexts:
    """The texts of the rows that have one, cut and packed: a hundred thousand take 200 MB."""

    def __init__(self) -> None:
        self._packed: dict[int, bytes] = {}
        self._known: dict[int, FullText] = {}  # those asked for of late
        self._has: NDArray[np.bool_] = np.zeros(256, dtype=np.bool_)
        self._words = Words()

    def take(self, first: int, items: Sequence[GroupingItem]) -> list[GroupingItem]:
        """Keep the texts of the rows from `first` on; the items without them."""
        while first + len(items) > len(self._has):
            self._has = np.concatenate([self._has, np.zeros_like(self._has)])
        said: list[frozenset[str]] = []
        for row, item in enumerate(items, first):
            cut = _cut(item) if item.text else None
            said.append(frozenset(cut[0]) if cut else frozenset())
            if cut:
                self._packed[row] = marshal.dumps(cut)
                self._has[row] = True
        self._words.take(said)
        return [replace(item, text="") if item.text else item for item in items]

    def known(self, rows: Ids, others: Ids) -> NDArray[np.bool_]:
        """Of which pairs of rows both have a text that shows more than a lead, shape (k,)."""
        found: NDArray[np.bool_] = self._has[rows] & self._has[others]
        return found

    def hopeful(self, rows: Ids, others: Ids, least: float) -> NDArray[np.bool_]:
        """Of which pairs the texts could be as alike as `least` by their words, shape (k,)."""
        found = self.known(rows, others)
        some = np.flatnonzero(found)
        found[some] = self._words.shares(rows[some], others[some]) >= least * _ANEW_WORDS
        return found

    def of(self, row: int) -> FullText | None:
        """The row's text, None where it has none or next to none."""
        found = self._known.get(row)
        if found is None and row in self._packed:
            if len(self._known) >= _KEPT:
                self._known.clear()
            found = self._known[row] = _unpacked(self._packed[row])
        return found


_Cut = tuple[tuple[str, ...], frozenset[str], frozenset[str]]  # words as they stand, names, numbers


def _cut(item: GroupingItem) -> _Cut | None:
    text = without_controls(f"{item.title}\n{item.text}"[:_MAX_TEXT])
    folded = fold_long(text)
    every = WORD.findall(folded)
    words = contents(every)
    if len(set(words)) < _LEAST_WORDS:
        return None
    proper = frozenset(filter(None, map(content, names(text))))
    return tuple(words), proper, numbers_folded(folded, every)


def _unpacked(data: bytes) -> FullText:
    words, proper, figures = marshal.loads(data)  # noqa: S302 (its own bytes)
    placed: dict[tuple[str, ...], set[str]] = {}
    for place, word in enumerate(words):
        if word[0].isdigit():
            around = (*words[max(0, place - 2) : place], *words[place + 1 : place + 2])
            placed.setdefault(around, set()).add(word)
    return FullText(frozenset(words), _triples(words), proper, figures, placed)


def _triples(words: Sequence[str]) -> frozenset[int]:
    """Hashes of them, good within this process."""
    return frozenset(map(hash, zip(words, words[1:], words[2:], strict=False)))


def common(one: FullText, other: FullText) -> Common:
    """What two texts share."""
    shares = sorted((_known(one.names, other.words), _known(other.names, one.words)))
    without = not (one.numbers and other.numbers)
    return Common(
        words=shared_share(one.words, other.words),
        triples=shared_share(one.triples, other.triples),
        numbers=1.0 if without else shared_share(one.numbers, other.numbers),
        names=(shares[0], shares[1]),
        named=min(len(one.names), len(other.names)),
    )


def _known(proper: frozenset[str], words: frozenset[str]) -> float:
    """The share of names that are among the words, where they may begin a sentence."""
    return len(proper & words) / len(proper) if proper else 1.0


def news(one: tuple[Profile, FullText], other: tuple[Profile, FullText], *, edited: bool) -> bool:
    """Whether a title announces what the other text has not, or each a number or a name it lacks.

    Of two accounts in other words the leads' numbers are left aside, since each picks its figures;
    of one text that two publishers edited the names, since each has its own title.
    """
    (first, text), (second, its) = one, other
    titles = ((first.title_words, its.words), (second.title_words, text.words))
    least = _TITLE_KNOWN if edited else _TITLE_KNOWN_ANEW
    if any(len(title & words) < least * len(title) for title, words in titles):
        return True
    if first.title_numbers - its.numbers and second.title_numbers - text.numbers:
        return True
    if edited and first.numbers - its.numbers and second.numbers - text.numbers:
        return True
    changed = sum(
        text.figures[place].isdisjoint(its.figures[place])
        for place in text.figures.keys() & its.figures.keys()
    )
    if edited and changed >= _CHANGED:
        return True
    if edited and first.publisher != second.publisher:
        return False
    mine, theirs = first.title_names - its.words, second.title_names - text.words
    return bool(spelt_apart(mine, its.words) and spelt_apart(theirs, text.words))
