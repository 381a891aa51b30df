"""Words of two texts in two languages that say the same: each other's likest in one space.

A title of six words often shares no name and no number with an account in another language, yet
says "passeport numérique" where that says "digitaal paspoort". Such words count like names, but
only where names and numbers do not suffice, where the texts' own vectors are alike, where there are
two of them, and where few items have them and they are no everyday words: what two texts of one
kind share are the common words. How the figures below were chosen, docs/grouping.md says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from enrich.grouping.flat import Bools, Floats, Ids
from enrich.grouping.keys import ENTITY, NAME, WORD, Rarity
from enrich.numerals import numbers_folded

if TYPE_CHECKING:
    from enrich.grouping.rows import Rows

Keys = NDArray[np.int32]

ENOUGH = 2  # things in common without which two languages never meet
_NEAR = 0.3  # cosine of the texts from which on it is worth a look
_LIKE = 0.6  # cosine from which on two words may be one another's translation
_LETTERS = 3  # of a word that is looked at
_ROOM = 16_384  # words whose vectors are remembered: 16 MB with the shipped ones


class Words(Protocol):
    """What is known of words, in a space that spans languages."""

    def encode(self, texts: Sequence[str]) -> Floats:
        """Vectors of length 1 or 0, shape (n, dims)."""

    def everyday(self, words: Sequence[str]) -> Bools:
        """Which of them everybody uses, whatever the matter, shape (n,)."""


class Translations(NamedTuple):
    """Words of one row that translate words of another."""

    place: int  # of the two rows, among the pairs asked about
    mine: Keys
    others: Keys


class Translator:
    """Vectors of words in a space that spans languages, each found once."""

    def __init__(self, words: Words, room: int = _ROOM) -> None:
        """`room`: how many words are remembered, unless more are asked for at once."""
        self._words, self._room = words, room
        self._places: NDArray[np.int32] = np.zeros(0, dtype=np.int32)  # each key's, or -1
        self._vectors: Floats = np.zeros((0, 0), dtype=np.float32)
        self._known = 0

    def places(self, keys: Keys, names: Sequence[str]) -> NDArray[np.int32]:
        """Where the words' vectors are until this is asked again; `names`: what keys stand for."""
        if len(names) > len(self._places):
            more = 2 * len(names) - len(self._places)
            self._places = np.pad(self._places, (0, more), constant_values=-1)
        wanted = np.unique(keys)
        new = wanted[self._places[wanted] < 0]
        if self._known + len(new) > len(self._vectors):
            self._places[:] = -1
            self._known, new = 0, wanted
        if len(new):
            self._remember(new, names)
        return self._places[keys]

    def vectors(self, places: NDArray[np.int32]) -> Floats:
        """Shape (len(places), dims)."""
        found: Floats = self._vectors[places]
        return found

    def mutual(self, mine: NDArray[np.int32], others: NDArray[np.int32]) -> tuple[Ids, Ids]:
        """Of two texts' words, by `places`, those that are each other's likest, and like enough."""
        products = self.vectors(mine) @ self.vectors(others).T
        likest, here = products.argmax(axis=1), np.arange(len(mine))
        found = products.argmax(axis=0)[likest] == here
        found &= products[here, likest] >= _LIKE
        return here[found], likest[found]

    def _remember(self, keys: Keys, names: Sequence[str]) -> None:
        words = [names[key] for key in keys.tolist()]
        vectors = self._words.encode(words)
        vectors[[not _is_word(word) for word in words]] = 0.0  # like nothing
        vectors[self._words.everyday(words)] = 0.0
        end = self._known + len(keys)
        if end > len(self._vectors):
            self._vectors = np.zeros((max(self._room, end), vectors.shape[1]), dtype=np.float32)
        self._vectors[self._known : end] = vectors
        self._places[keys] = np.arange(self._known, end)
        self._known = end


def translations(
    rows: Rows, pairs: Ids, cosine: Floats, things: Floats, rarity: Rarity
) -> Iterator[Translations]:
    """Of which pairs (n, 2) scarce words translate each other, and which words.

    `cosine` of their texts; `things`: how many rare names, numbers and entities they share.
    """
    if rows.translator is None:
        return
    across = rows.language[pairs[:, 0]] != rows.language[pairs[:, 1]]
    asked = np.flatnonzero(across & (cosine >= _NEAR) & (things < ENOUGH))
    every, which = np.unique(pairs[asked], return_inverse=True)
    owner, keys = _scarce(rows, every, rarity)
    places = rows.translator.places(keys, rows.keys.names())
    ends = np.searchsorted(owner, np.arange(len(every) + 1))
    spans = np.stack([ends[:-1], ends[1:]], axis=1)[which.reshape(-1, 2)]
    hopeful = np.flatnonzero((spans[:, :, 1] - spans[:, :, 0] >= ENOUGH).all(axis=1))
    for place, (mine, other) in zip(asked[hopeful].tolist(), spans[hopeful].tolist(), strict=True):
        one, two = slice(*mine), slice(*other)
        here, there = rows.translator.mutual(places[one], places[two])
        if len(here) >= ENOUGH:
            yield Translations(place, keys[one][here], keys[two][there])


def _scarce(rows: Rows, which: Ids, rarity: Rarity) -> tuple[Ids, Keys]:
    """The rows' scarce words that are no names: whose, from 0 on, and which."""
    owner, keys, bits = rows.keys.gathered(which)
    plain = np.flatnonzero((bits & (WORD | NAME | ENTITY)) == WORD)
    plain = plain[rarity.is_scarce(keys[plain])]
    return owner[plain], keys[plain]


def _is_word(word: str) -> bool:
    """Whether it has letters and is no number: numbers are compared as such."""
    return word.isalpha() and len(word) >= _LETTERS and not numbers_folded(word, [word])
