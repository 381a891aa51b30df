"""The shipped entity network without spaCy: the same names, four times as quick.

spaCy decides word by word, a call into BLAS for each. Yet outside a name a word's decision hangs on
no other: all words of a batch are decided at once, and only open names are followed step by step.
What a word is before its neighbours are seen (its hashes, its tables, the first layer) is worked
out once for each word form and kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np

from enrich.blas import one_thread
from enrich.cutting import Cutter, number_of, shape_of
from enrich.names import Codes, NameList, coded, codes_of
from enrich.stored import Floats, Layer, Stored
from enrich.words import fold

Ints = np.ndarray[Any, np.dtype[np.int64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]

_KEPT = 16_384  # word forms; 25 MB
_CODES = 64  # more than enrich.names gives
_EPSILON = np.float32(1e-8)  # as in thinc's layer normalisation
_NEVER = np.float32(-1e9)
Name = tuple[int, int, str]  # first character, character after the last, label


class Block:
    """A maxout layer with layer normalisation; its pieces lie side by side."""

    def __init__(self, layer: Layer) -> None:
        self.wide, self.pieces, width = layer.weight.shape
        rows = np.ascontiguousarray(layer.weight.transpose(1, 0, 2)).reshape(-1, width)
        self.weight: Floats = np.ascontiguousarray(rows.T)
        self.bias: Floats = np.ascontiguousarray(layer.bias.T).reshape(-1)
        self._gain, self._shift = layer.gain, layer.shift

    def __call__(self, given: Floats) -> Floats:
        """(words, width) to (words, wide)."""
        pieces = given @ self.weight
        pieces += self.bias
        return self.after(pieces)

    def after(self, pieces: Floats) -> Floats:
        """What follows the multiplication."""
        wide = self.wide
        best = np.maximum(pieces[:, :wide], pieces[:, wide : 2 * wide])
        for piece in range(2, self.pieces):
            np.maximum(best, pieces[:, piece * wide : (piece + 1) * wide], out=best)
        best -= best.mean(axis=1, keepdims=True)
        spread = np.einsum("ij,ij->i", best, best) / np.float32(wide)
        best *= (1 / np.sqrt(spread + _EPSILON))[:, None]
        best *= self._gain
        best += self._shift
        return best


class _Forms:
    """What each word form is before its neighbours are seen, worked out once and kept."""

    def __init__(self, stored: Stored, mix: Block) -> None:
        self._tables = stored.tables[:-1]  # the last is that of the list's codes
        self._weight = mix.weight[: sum(table.shape[1] for table, _ in self._tables)]
        self._bias = mix.bias
        self._places: dict[str, int] = {}
        self._norms = np.empty(_KEPT, dtype=np.uint64)
        self._spaces = np.empty(_KEPT, dtype=bool)
        self._pieces: Floats = np.empty((_KEPT, mix.bias.size), dtype="float32")

    def of(self, words: Sequence[str]) -> tuple[Floats, Codes, Bools]:
        """Before the first maxout, codes left out; the folded words' numbers; which is space.

        Row for row as `words`.
        """
        known = self._places
        new = list({word for word in words if word not in known})
        if len(known) + len(new) > _KEPT:
            known.clear()
            new = list(set(words))
        if len(new) > _KEPT:  # more forms at once than are kept
            once = {word: place for place, word in enumerate(new)}
            rows = _rows(once, words)
            pieces, norms, spaces = self._worked_out(new)
            return pieces[rows], norms[rows], spaces[rows]
        if new:
            place = slice(len(known), len(known) + len(new))
            self._pieces[place], self._norms[place], self._spaces[place] = self._worked_out(new)
            known.update((word, place.start + count) for count, word in enumerate(new))
        rows = _rows(known, words)
        return self._pieces[rows], self._norms[rows], self._spaces[rows]

    def _worked_out(self, words: Sequence[str]) -> tuple[Floats, Codes, Bools]:
        """What the model sees of a word beside its shape is folded, of both its ends too.

        Accents and capitals, which titles often lack, then change the shape only.
        """
        seen = np.empty((len(words), len(self._tables)), dtype=np.uint64)
        for row, word in enumerate(words):
            norm = fold(word)
            ends = number_of(norm[:4]), number_of(norm[-3:])
            seen[row] = (number_of(norm), *ends, number_of(shape_of(word)))
        parts = [
            _hashed(table, seed, seen[:, column])
            for column, (table, seed) in enumerate(self._tables)
        ]
        pieces = np.asarray(np.concatenate(parts, axis=1) @ self._weight + self._bias)
        return pieces, seen[:, 0], np.fromiter(map(str.isspace, words), bool, len(words))


class NameNetwork:
    """Finds names as the pipeline's `ner` does. Not for use by two threads at once."""

    def __init__(self, stored: Stored, names: NameList) -> None:
        self._cutter = Cutter(stored.affixes)
        self._names = names
        self._mix, *self._layers = map(Block, stored.layers)
        self._pad = len(self._layers)
        self._forms = _Forms(stored, self._mix)
        table, seed = stored.tables[-1]
        summed = _hashed(table, seed, np.arange(_CODES, dtype=np.uint64))
        # What each code adds before the first layer's maxout.
        self._coded: Floats = summed @ self._mix.weight[-summed.shape[1] :]
        self._parser = _Parser(stored)

    def find(self, texts: Sequence[str]) -> list[list[Name]]:
        """The names of each text, as characters; texts do not see one another."""
        cut = [self._cutter.cut(text) for text in texts]
        lengths = [len(words) for words, _ in cut]
        words = list(chain.from_iterable(words for words, _ in cut))
        if not words:
            return [[] for _ in texts]
        starts = list(chain.from_iterable(starts for _, starts in cut))
        ends = np.cumsum(lengths)
        last = np.zeros(len(words), dtype=bool)
        last[ends[ends > 0] - 1] = True
        with one_thread():
            pieces, norms, space = self._forms.of(words)
            pieces += self._coded[self._codes(norms, texts, lengths)]
            tokens = self._encoded(self._mix.after(pieces), lengths)
            spans = self._parser.spans(tokens, last, space)
        found: list[list[Name]] = [[] for _ in texts]
        rows = np.searchsorted(ends, [start for start, _, _ in spans], side="right")
        for row, (start, end, label) in zip(rows.tolist(), spans, strict=True):
            found[row].append((starts[start], starts[end - 1] + len(words[end - 1]), label))
        return found

    def _codes(self, norms: Codes, texts: Sequence[str], lengths: Sequence[int]) -> Ints:
        """What the list says of each word; a 0 between texts keeps their names apart."""
        places = np.arange(len(norms)) + np.repeat(np.arange(len(texts)), lengths)
        spaced = np.zeros(len(norms) + len(texts), dtype=np.uint64)
        spaced[places] = norms
        codes = codes_of(self._names.runs(spaced), spaced.size)[places]
        capitals = np.repeat([text != text.lower() for text in texts], lengths)
        return np.where(capitals, coded(codes, True), coded(codes, False)).astype(np.int64)

    def _encoded(self, words: Floats, lengths: Sequence[int]) -> Floats:
        """Words with their neighbours seen. Empty rows keep texts apart, as spaCy's do."""
        wide = words.shape[1]
        before = np.repeat(np.arange(1, len(lengths) + 1) * self._pad, lengths)
        real = np.arange(len(words)) + before
        rows = len(words) + (len(lengths) + 1) * self._pad
        flat = np.zeros((rows, wide), dtype="float32")
        flat[real] = words
        near = np.zeros((rows, 3 * wide), dtype="float32")
        for layer in self._layers:
            near[1:, :wide] = flat[:-1]
            near[:, wide : 2 * wide] = flat
            near[:-1, 2 * wide :] = flat[1:]
            flat += layer(near)
        seen: Floats = flat[real]
        return seen


class _Parser:
    """The decisions. Of its state a word's decision sees three words; see training.ner.network."""

    def __init__(self, stored: Stored) -> None:
        weight, bias, padding = stored.lower
        self._linear = stored.linear.weight.T.copy(), stored.linear.bias
        features, self._hidden, self._pieces, width = weight.shape
        by_piece = weight.transpose(0, 2, 1, 3).reshape(features, -1, width)
        self._seen = [np.ascontiguousarray(feature.T) for feature in by_piece]
        pad = padding[0].transpose(0, 2, 1).reshape(features, -1)
        self._bias = bias.T.reshape(-1)
        self._closed_bias = self._bias + pad[1] + pad[2]
        self._upper = stored.upper.weight.T.copy(), stored.upper.bias
        moves = stored.moves
        self._labels = sorted({move[2:] for move in moves if move[2:]})
        label = {name: place for place, name in enumerate(self._labels)}
        self._label = np.array([label.get(move[2:], -1) for move in moves])
        self._begins = np.array([move[0] == "B" for move in moves])
        self._names = np.array([move[0] in "BU" and bool(move[2:]) for move in moves])
        outside = np.array([move == "O" for move in moves])
        allowed = self._names | outside
        self._never: Floats = np.where(allowed, 0, _NEVER).astype("float32")
        self._within = np.array([moves.index(f"I-{name}") for name in self._labels])
        self._last = np.array([moves.index(f"L-{name}") for name in self._labels])

    def spans(self, tokens: Floats, last: Any, space: Any) -> list[tuple[int, int, str]]:
        """First word, word after the last and label of each name, in their order.

        `last`: whether a word is its text's last, which begins no name of several; `space`: whether
        it is none, which begins no name.
        """
        weight, bias = self._linear
        told = tokens @ weight + bias
        here = told @ self._seen[0]
        scores = self._scored(here + self._closed_bias)
        scores += self._never
        scores[np.ix_(last, self._begins)] = _NEVER
        scores[np.ix_(space, self._names)] = _NEVER
        move = scores.argmax(axis=1)
        first = np.flatnonzero(self._names[move])
        label = self._label[move[first]]
        end = first + 1
        several = np.flatnonzero(self._begins[move[first]])
        end[several] = self._ends(told, here, last, first[several], label[several])
        found: list[tuple[int, int, str]] = []
        free = 0
        for a, b, kind in zip(first.tolist(), end.tolist(), label.tolist(), strict=True):
            if a >= free:
                found.append((a, b, self._labels[kind]))
                free = b
        return found

    def _ends(self, told: Any, here: Any, last: Any, first: Ints, label: Ints) -> Ints:
        """The word after the last of each name, were it open."""
        end = first + 1
        open_ = np.arange(first.size)
        opened = told[first] @ self._seen[1] + self._bias
        while open_.size:
            word = end[open_]
            seen = here[word] + opened[open_] + told[word - 1] @ self._seen[2]
            scores = self._scored(seen)
            rows = np.arange(open_.size)
            kind = label[open_]
            on = scores[rows, self._within[kind]] > scores[rows, self._last[kind]]
            # Of equals spaCy takes the first move, I.
            on |= scores[rows, self._within[kind]] == scores[rows, self._last[kind]]
            on &= ~last[word]
            end[open_] += 1
            open_ = open_[on]
        return end

    def _scored(self, seen: Floats) -> Floats:
        best = seen[:, : self._hidden]
        for piece in range(1, self._pieces):
            best = np.maximum(best, seen[:, piece * self._hidden : (piece + 1) * self._hidden])
        weight, bias = self._upper
        return np.asarray(best @ weight + bias)


def _rows(places: Mapping[str, int], words: Sequence[str]) -> Ints:
    return np.fromiter(map(places.__getitem__, words), dtype=np.int64, count=len(words))


def _hashed(table: Floats, seed: int, keys: Codes) -> Floats:
    """The sum of the four rows that each key is hashed to.

    thinc's MurmurHash3_x86_128_uint64, four hashes of 32 bits for a number of 64.
    """
    first: Codes = keys * np.uint64(0x87C37B91114253D5)
    first = (first << np.uint64(31) | first >> np.uint64(33)) * np.uint64(0x4CF5AD432745937F)
    salt = np.uint64(seed ^ 8)
    first = (first ^ salt) + salt
    second = _stirred(first + salt)
    first = _stirred(first) + second
    second = first + second
    summed: Floats = table[_row(first, table)]
    summed += table[_row(first >> np.uint64(32), table)]
    summed += table[_row(second, table)]
    summed += table[_row(second >> np.uint64(32), table)]
    return summed


def _stirred(state: Codes) -> Codes:
    state = (state ^ state >> np.uint64(33)) * np.uint64(0xFF51AFD7ED558CCD)
    state = (state ^ state >> np.uint64(33)) * np.uint64(0xC4CEB9FE1A85EC53)
    return state ^ state >> np.uint64(33)


def _row(number: Codes, table: Floats) -> Codes:
    return (number & np.uint64(0xFFFFFFFF)) % np.uint64(len(table))
