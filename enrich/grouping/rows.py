"""The items of the window in arrays: texts, vectors, keys, and the group and story of each.

Rows are appended for ever (arrays double when full); what is looked at is cut by time. How alike a
new row is to others, `near` says.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from enrich.grouping.flat import Floats, Ids, doubled
from enrich.grouping.keys import DAY, ENTITY, NAME, NAMED, NUMBER, TITLE, WORD, Keys
from enrich.grouping.likeness import Profile, packed, unpacked
from enrich.grouping.overlaps import Triples
from enrich.grouping.titles import Titles
from enrich.grouping.translated import Translator, Words
from enrich.grouping.vectors import Vectors
from vigie.model import ArticleId, GroupingItem

LEXICAL = 1_024  # numbers of a vector that stand for its words; the rest span languages
_PROFILES_KEPT = 512  # prepared texts, twice: those asked for of late, and those before


class Rows:
    """All rows."""

    def __init__(
        self, window_days: float, folder: Path | None = None, words: Words | None = None
    ) -> None:
        """`folder`: see `Vectors`; `words`: see `Translator`, None for no translation."""
        self.items: list[GroupingItem] = []
        self.row_of: dict[ArticleId, int] = {}
        self.window = window_days * DAY
        self.keys = Keys(self.window)
        self.at: NDArray[np.float64] = np.zeros(256)
        self.group: Ids = np.zeros(256, dtype=np.int64)  # the founder's article
        self.story: Ids = np.zeros(256, dtype=np.int64)
        self.language: NDArray[np.int16] = np.zeros(256, dtype=np.int16)
        self.publisher: Ids = np.zeros(256, dtype=np.int64)  # numbers of them
        self.titles = Titles()
        self.translator = Translator(words) if words else None
        self.lexical = Vectors(folder)  # nearer the truth within one language
        self.spanning = Vectors(folder)  # one space for all languages
        self._languages: dict[str, int] = {}
        self._publishers: dict[str, int] = {}
        self.titled: Ids = np.zeros(256, dtype=np.int64)  # the first row of that title, or itself
        self.triples = Triples()
        self._titles: dict[str, int] = {}
        self._under: dict[int, array[int]] = {}  # all rows of a title that several have
        self._leads: Ids = np.zeros(256, dtype=np.int64)  # hashes, good within this process
        self._profiles: dict[int, Profile] = {}
        self._older: dict[int, Profile] = {}
        self._packed: dict[int, bytes] = {}  # the others

    def __len__(self) -> int:
        return len(self.items)

    def extend(self, profiles: Sequence[Profile], vectors: Floats) -> int:
        """Take items in, `vectors` of shape (n, dims), each the founder of its own group.

        The first's row. Raises ValueError for one that is in already.
        """
        for found in profiles:
            if found.item.article in self.row_of:
                raise ValueError(f"article {found.item.article} is in the window already")
        first = len(self.items)
        self._grow(first + len(profiles))
        self.lexical.extend(first, vectors[:, :LEXICAL])
        self.spanning.extend(first, vectors[:, LEXICAL:])
        for row, found in enumerate(profiles, first):
            item = found.item
            self.at[row] = found.at
            self.group[row] = self.story[row] = item.article
            self.language[row] = self._languages.setdefault(item.language, len(self._languages))
            self.items.append(replace(item, lead=""))  # what counts of it is prepared
            self._keep(row, found)
            self.row_of[item.article] = row
            self.publisher[row] = self._publishers.setdefault(
                found.publisher, len(self._publishers)
            )
            self._leads[row] = hash(item.lead)
            self._title(row, found.title)
        self.titles.extend(first, profiles)
        self.triples.take([found.title_list + found.body_order for found in profiles])
        self.keys.extend([_marked(found) for found in profiles], [found.at for found in profiles])
        return first

    def _title(self, row: int, title: str) -> None:
        first = self._titles.setdefault(title, row) if title else row
        self.titled[row] = first
        if first < row:
            self._under.setdefault(first, array("i", [first])).append(row)

    def _grow(self, rows: int) -> None:
        while rows > len(self.at):
            self.at = doubled(self.at)
            self.group, self.story = doubled(self.group), doubled(self.story)
            self.language, self.publisher = doubled(self.language), doubled(self.publisher)
            self.titled, self._leads = doubled(self.titled), doubled(self._leads)

    # ------------------------------------------------------------------------------ reading

    def profile_at(self, row: int) -> Profile:
        """The row's prepared text; of its item the lead may be gone."""
        found = self._profiles.get(row)
        if found is None:
            found = self._older.pop(row, None)
            if found is None:
                found = unpacked(self.items[row], self._packed[row])
            self._keep(row, found)
        return found

    def _keep(self, row: int, found: Profile) -> None:
        """Have it at hand; those that nobody asked for of late are packed."""
        if len(self._profiles) >= _PROFILES_KEPT:
            for old, one in self._older.items():
                if old not in self._packed:
                    self._packed[old] = packed(one)
            self._older, self._profiles = self._profiles, {}
        self._profiles[row] = found

    def keys_of(self, row: int) -> tuple[NDArray[np.int32], NDArray[np.uint8], Floats]:
        """The row's keys in order, what each is, and how rare it is in the days around."""
        keys, bits = self.keys.of(row)
        return keys, bits, self.keys.rarities(float(self.at[row]))[keys]

    def leads_under(self, row: int) -> int:
        """How many other leads in reach stand under the row's very title."""
        under = self._under.get(int(self.titled[row]))
        if under is None:
            return 0
        rows = np.frombuffer(under, dtype=np.int32)
        leads = np.unique(self._leads[rows[np.abs(self.at[rows] - self.at[row]) <= self.window]])
        return int(np.count_nonzero(leads != self._leads[row]))


def _marked(found: Profile) -> dict[str, int]:
    """All its words, names, numbers and entities, and what each is."""
    marked = dict.fromkeys(found.words, WORD)
    marked.update(dict.fromkeys(found.title_words, TITLE | WORD))
    for name in found.names | found.numbers:
        marked[name] = marked.get(name, 0) | NAME
    for number in found.numbers:
        marked[number] |= NUMBER
    for name in found.plain_names:
        marked[name] |= NAMED
    for entity in found.item.entities:
        marked[f"@{entity}"] = ENTITY
    return marked
