"""Words as spaCy cuts, shapes and numbers them, without loading spaCy. Pure.

The shipped entity model was trained on words cut by spaCy's tokenizer and known by the hashes of
its string store. Both are followed here to the letter (spaCy 3.8, `tokenizer.pyx`, `strings.pyx`,
`lang/lex_attrs.py`); a test reads the same texts both ways.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

_RUN = re.compile(r"\S+|\s+")
_KNOWN = 65_536  # pieces between spaces that are remembered with their words: some 20 MB
_LONG = 100  # characters from which on a word's shape is not looked at
_SAME = 4  # signs of one kind that a shape keeps of a run
_MASK = (1 << 64) - 1

# Strings that spaCy numbers by a list of its own. Of its 457 these are the ones that a folded word,
# its ends or its shape can be; the numbers are those of 3.8 and part of what models are trained on.
_SYMBOLS = {
    "": 0,
    "X": 101, "acomp": 398, "advcl": 399, "advmod": 400, "agent": 401, "amod": 402, "appos":
    403, "attr": 404, "aux": 405, "auxpass": 406, "cc": 407, "ccomp": 408, "complm": 409,
    "conj": 410, "cop": 411, "csubj": 412, "csubjpass": 413, "dep": 414, "det": 415, "dobj":
    416, "expl": 417, "hmod": 418, "hyph": 419, "infmod": 420, "intj": 421, "iobj": 422, "mark":
    423, "meta": 424, "neg": 425, "nmod": 426, "nn": 427, "npadvmod": 428, "nsubj": 429,
    "nsubjpass": 430, "num": 431, "number": 432, "oprd": 433, "obj": 434, "obl": 435,
    "parataxis": 436, "partmod": 437, "pcomp": 438, "pobj": 439, "poss": 440, "possessive": 441,
    "preconj": 442, "prep": 443, "prt": 444, "punct": 445, "quantmod": 446, "rcmod": 448,
    "relcl": 447, "root": 449, "xcomp": 450, "acl": 451, "_": 456,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Affixes:
    """What a tokenizer cuts off before, behind and within: regular expressions."""

    prefix: str
    suffix: str
    infix: str


class Cutter:
    """Cuts texts into words. What stands between two spaces is cut once and remembered."""

    def __init__(self, affixes: Affixes) -> None:
        """Raises ValueError where an expression is none."""
        try:
            self._prefix = re.compile(affixes.prefix).search
            self._suffix = re.compile(affixes.suffix).search
            self._infix = re.compile(affixes.infix).finditer
        except re.error as error:
            raise ValueError(f"the tokenizer's expressions cannot be read ({error})") from error
        self._known: dict[str, tuple[tuple[str, int], ...]] = {}

    def cut(self, text: str) -> tuple[list[str], list[int]]:
        """The words in their order, and where each begins.

        One space between words is none; any other white space is a word of its own.
        """
        words: list[str] = []
        starts: list[int] = []
        pieces = text.split()
        if " ".join(pieces) == text:  # one space here and there: most texts
            at = 0
            for piece in pieces:
                for word, first in self._cut(piece):
                    words.append(word)
                    starts.append(at + first)
                at += len(piece) + 1
            return words, starts
        for run in _RUN.finditer(text):
            at, piece = run.start(), run.group()
            if piece[0] == " " and at:  # belongs to the word before it
                at, piece = at + 1, piece[1:]
            for word, first in self._cut(piece):
                words.append(word)
                starts.append(at + first)
        return words, starts

    def _cut(self, piece: str) -> tuple[tuple[str, int], ...]:
        known = self._known.get(piece)
        if known is None:
            if len(self._known) >= _KNOWN:
                self._known.clear()
            parts = self._parts(piece)
            ends = [0]
            for part in parts:
                ends.append(ends[-1] + len(part))
            known = self._known[piece] = tuple(zip(parts, ends[:-1], strict=True))
        return known

    def _parts(self, piece: str) -> Sequence[str]:
        """What is cut off before and behind, again and again, then within what is left."""
        before: list[str] = []
        behind: list[str] = []
        size = 0
        while piece and len(piece) != size:
            size = len(piece)
            found = self._prefix(piece)
            first = found.end() - found.start() if found else 0
            found = self._suffix(piece[first:])
            last = found.end() - found.start() if found else 0
            if first:
                before.append(piece[:first])
            if last:
                behind.append(piece[len(piece) - last :])
            piece = piece[first : len(piece) - last]
        return [*before, *self._within(piece), *reversed(behind)]

    def _within(self, piece: str) -> list[str]:
        parts = []
        end = 0
        for found in self._infix(piece):
            if found.start():
                parts += [piece[end : found.start()], found.group()]
                end = found.end()
        parts.append(piece[end:])
        return [part for part in parts if part]


@lru_cache(maxsize=65_536)
def number_of(text: str) -> int:
    """spaCy's number of a string: MurmurHash64A of its UTF-8 bytes with seed 1, or a symbol's.

    Source of the hash: A. Appleby, MurmurHash2.cpp.
    """
    if text in _SYMBOLS:
        return _SYMBOLS[text]
    data = text.encode("utf-8", "surrogatepass")
    factor, whole = 0xC6A4A7935BD1E995, len(data) & ~7
    state = (1 ^ len(data) * factor) & _MASK
    for place in range(0, whole, 8):
        part = int.from_bytes(data[place : place + 8], "little") * factor & _MASK
        state = (state ^ (part ^ part >> 47) * factor & _MASK) * factor & _MASK
    if len(data) > whole:
        state = (state ^ int.from_bytes(data[whole:], "little")) * factor & _MASK
    state = (state ^ state >> 47) * factor & _MASK
    return state ^ state >> 47


@lru_cache(maxsize=65_536)
def shape_of(word: str) -> str:
    """Xxxxx for Paris, dddd for 2026, X'xx for L'an: at most four signs of a kind in a run."""
    if len(word) >= _LONG:
        return "LONG"
    shape: list[str] = []
    last, same = "", 0
    for char in word:
        if char.isalpha():
            sign = "X" if char.isupper() else "x"
        else:
            sign = "d" if char.isdigit() else char
        same = same + 1 if sign == last else 0
        last = sign
        if same < _SAME:
            shape.append(sign)
    return "".join(shape)
