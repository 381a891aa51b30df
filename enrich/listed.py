"""The gazetteer's names in a text: whole words, whatever the case and the accents. Pure.

Every language is cut alike: words, and each other character by itself. So l'Élysée, d'Anvers and
NAVO-top come apart, and a name begins and ends where words do. Acronyms (up to five capitals) and
entities marked `exact` keep their case: UE is not "ue". A one-word name written in lower case in a
text that knows capitals is the common word ("nice", "bergen"), not the name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from enrich.words import STOP, fold
from vigie.schema import Entity

# A word, any other character, or white space but the one space that parts two of these.
_PIECE = re.compile(
    r"[^\W_]+(?:[\u0300-\u036f]+[^\W_]*)*|\S|(?:(?<!\S)|(?<=\S)(?! ))\s+", re.UNICODE
)

# Between hyphens these make another place of a name: Neuilly-sur-Seine is not the Seine.
_BEFORE = frozenset(
    ("sur", "sous", "lès", "les", "en", "la", "le", "l", "de", "d", "du", "des", "aux", "lez")
)
_SAINTS = frozenset(("saint", "sainte"))


@dataclass(frozen=True, slots=True)
class ListedName:
    """Characters `start` to `end` of a text, and whose name they are."""

    start: int
    end: int
    entity: Entity
    why: str


class _Table:
    """Spellings as rows of pieces, by their first piece."""

    def __init__(self) -> None:
        self._lengths: dict[str, tuple[int, ...]] = {}
        self._entities: dict[tuple[str, ...], list[Entity]] = {}

    def add(self, pieces: Sequence[str], entity: Entity) -> None:
        if pieces:
            first, key = pieces[0], tuple(pieces)
            self._lengths[first] = tuple(sorted({*self._lengths.get(first, ()), len(key)}))
            meant = self._entities.setdefault(key, [])
            if entity not in meant:
                meant.append(entity)

    def find(self, pieces: Sequence[str]) -> Iterator[tuple[int, int, Entity]]:
        """First piece, piece after the last, and entity of every name, those within others too."""
        lengths = self._lengths
        for start in [place for place, piece in enumerate(pieces) if piece in lengths]:
            for length in lengths[pieces[start]]:
                name = tuple(pieces[start : start + length])
                if len(name) == length:
                    for entity in self._entities.get(name, ()):
                        yield start, start + length, entity


class Listed:
    """The gazetteer, compiled."""

    def __init__(self, gazetteer: Sequence[Entity]) -> None:
        self._folded, self._exact = _Table(), _Table()
        for entity in gazetteer:
            loose, strict = _spellings(entity)
            for spelling in loose:
                self._folded.add(list(map(fold, _cut(spelling)[0])), entity)
            for spelling in strict:
                self._exact.add(_cut(spelling)[0], entity)

    def find(self, text: str) -> Iterator[ListedName]:
        """Every name that stands in the text, those within others too; the exact ones last."""
        pieces, starts = _cut(text)
        capitals = any(map(str.isupper, text))
        for start, end, entity in self._folded.find(list(map(fold, pieces))):
            common = capitals and end - start == 1 and _common(entity, pieces[start])
            if not common and not _within_a_name(pieces, starts, start, end):
                yield _name(text, pieces, starts, start, end, entity, "")
        for start, end, entity in self._exact.find(pieces):
            if not _within_a_name(pieces, starts, start, end) and not _shouted(pieces, start, end):
                yield _name(text, pieces, starts, start, end, entity, " (exact case)")


def _name(
    text: str,
    pieces: Sequence[str],
    starts: Sequence[int],
    start: int,
    end: int,
    entity: Entity,
    how: str,
) -> ListedName:
    first, last = starts[start], starts[end - 1] + len(pieces[end - 1])
    return ListedName(first, last, entity, f"gazetteer: {text[first:last]}{how}")


def _cut(text: str) -> tuple[list[str], list[int]]:
    """The text's pieces and where each begins."""
    found = list(_PIECE.finditer(text))
    return [match[0] for match in found], [match.start() for match in found]


def _spellings(entity: Entity) -> tuple[set[str], set[str]]:
    """Spellings to find whatever the case, and those to find as they are."""
    loose: set[str] = set()
    strict: set[str] = set()
    for spelling in {*entity.names.values(), *entity.aliases}:
        if entity.exact or _acronym(spelling):
            strict.add(spelling)
            continue
        loose.add(spelling)
        if "-" in spelling:
            loose.add(spelling.replace("-", " "))
    names = {str(code): name for code, name in entity.names.items()}
    for code in ("nl", "de", "en"):
        name = names.get(code, "")
        if name in loose and name.isalpha() and len(name) > 3 and not name.endswith("s"):
            loose.add(f"{name}s")  # Antwerpens haven, Frankreichs Häfen
    return loose, strict


def _acronym(spelling: str) -> bool:
    return len(spelling) <= 5 and spelling.isalnum() and spelling == spelling.upper()


def _common(entity: Entity, surface: str) -> bool:
    """Whether a lower-case word is the common noun rather than the one-word name."""
    spelt = (*entity.names.values(), *entity.aliases)
    return surface.islower() and not any(fold(surface) == name for name in spelt)


def _shouted(pieces: Sequence[str], start: int, end: int) -> bool:
    """Whether an acronym that is a common word too stands among capitals: UN VIOLENT ORAGE."""
    if end - start > 1 or fold(pieces[start]) not in STOP:
        return False
    beside = [pieces[place] for place in (start - 1, end) if 0 <= place < len(pieces)]
    return any(len(word) > 1 and word.isupper() for word in beside)


def _within_a_name(pieces: Sequence[str], starts: Sequence[int], start: int, end: int) -> bool:
    """Whether hyphens and a particle make the span a part of another place's name."""

    def joined(place: int) -> bool:
        """Whether no space stands on either side of a hyphen."""
        before = starts[place - 1] + len(pieces[place - 1]) == starts[place]
        return before and starts[place] + 1 == starts[place + 1]

    if end + 1 < len(pieces) and pieces[end] == "-" and pieces[end + 1].lower() in _BEFORE:
        return joined(end)
    if start >= 2 and pieces[start - 1] == "-" and pieces[start - 2].lower() in _BEFORE | _SAINTS:
        return joined(start - 1)
    return False
