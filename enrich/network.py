"""The shipped entity network without spaCy's parser: the same names, four times as quick.

spaCy decides word by word, a call into BLAS for each. Yet outside a name a word's decision hangs on
no other: all words of a batch are decided at once, and only open names are followed step by step.
What a word is before its neighbours are seen (its hashes, its tables, the first layer) is worked
out once for each word form and kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from enrich.blank import spacy_without_torch
from enrich.names import NameList, coded, codes_of

Floats = np.ndarray[Any, np.dtype[np.float32]]
Ints = np.ndarray[Any, np.dtype[np.int64]]

_KEPT = 16_384  # word forms; 25 MB
_CODES = 64  # more than enrich.names gives
_EPSILON = np.float32(1e-8)  # as in thinc's layer normalisation
_NEVER = np.float32(-1e9)
Name = tuple[int, int, str]  # first character, character after the last, label


class Block:
    """A maxout layer with layer normalisation; its pieces lie side by side."""

    def __init__(self, maxout: Any, norm: Any) -> None:
        weight = maxout.get_param("W").astype("float32")  # (wide, pieces, width)
        self.wide, self.pieces, width = weight.shape
        rows = np.ascontiguousarray(weight.transpose(1, 0, 2)).reshape(-1, width)
        self.weight: Floats = np.ascontiguousarray(rows.T)
        bias = maxout.get_param("b").astype("float32")
        self.bias: Floats = np.ascontiguousarray(bias.T).reshape(-1)
        self._gain: Floats = norm.get_param("G").astype("float32")
        self._shift: Floats = norm.get_param("b").astype("float32")

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


class NameNetwork:
    """Finds names as the pipeline's `ner` does. Not for use by two threads at once."""

    def __init__(self, nlp: Any, names: NameList) -> None:
        """From a loaded pipeline whose tables may be of 16 bits; takes its `ner` apart."""
        spacy = spacy_without_torch()
        self._nlp = nlp
        self._names = names
        attrs = spacy.attrs
        self._attrs = [attrs.ORTH, attrs.NORM, attrs.PREFIX, attrs.SUFFIX, attrs.SHAPE]
        self._attrs.append(attrs.IS_SPACE)
        ner = nlp.get_pipe("ner")
        nodes = list(ner.model.walk(order="dfs_pre"))
        self._ops = ner.model.ops
        embeds = [node for node in nodes if node.name == "hashembed"]
        self._tables = [(n.get_param("E").astype("float32"), n.attrs["seed"]) for n in embeds]
        blocks = [
            Block(maxout, norm)
            for maxout, norm in zip(
                [node for node in nodes if node.name == "maxout"],
                [node for node in nodes if node.name == "layernorm"],
                strict=True,
            )
        ]
        self._mix, self._layers = blocks[0], blocks[1:]
        self._pad = len(self._layers)
        self._coded = self._of_codes()
        self._forms: dict[int, int] = {}
        self._form_rows: Floats = np.empty((_KEPT, self._mix.bias.size), dtype="float32")
        self._parser = _Parser(ner, nodes)

    def find(self, texts: Sequence[str]) -> list[list[Name]]:
        """The names of each text, as characters; texts do not see one another."""
        docs = [self._nlp.make_doc(text) for text in texts]
        lengths = [len(doc) for doc in docs]
        if not any(lengths):
            return [[] for _ in texts]
        values = np.concatenate([doc.to_array(self._attrs) for doc in docs if len(doc)])
        ends = np.cumsum(lengths)
        codes = self._codes(values[:, 1], texts, lengths)
        tokens = self._encoded(self._embedded(values, codes), lengths)
        last = np.zeros(len(values), dtype=bool)
        last[ends[ends > 0] - 1] = True
        spans = self._parser.spans(tokens, last, values[:, 5] > 0)
        found: list[list[Name]] = [[] for _ in texts]
        rows = np.searchsorted(ends, [start for start, _, _ in spans], side="right")
        for row, (start, end, label) in zip(rows.tolist(), spans, strict=True):
            first = int(ends[row]) - lengths[row]
            doc = docs[row]
            word = doc[end - 1 - first]
            found[row].append((doc[start - first].idx, word.idx + len(word), label))
        return found

    def _codes(self, norms: Any, texts: Sequence[str], lengths: Sequence[int]) -> Ints:
        """What the list says of each word; a 0 between texts keeps their names apart."""
        places = np.arange(len(norms)) + np.repeat(np.arange(len(texts)), lengths)
        spaced = np.zeros(len(norms) + len(texts), dtype=np.uint64)
        spaced[places] = norms
        codes = codes_of(self._names.runs(spaced), spaced.size)[places]
        capitals = np.repeat([text != text.lower() for text in texts], lengths)
        return np.where(capitals, coded(codes, True), coded(codes, False)).astype(np.int64)

    def _of_codes(self) -> Floats:
        """What each code adds before the first layer's maxout."""
        table, seed = self._tables[-1]
        hashed = self._ops.hash(np.arange(_CODES, dtype=np.uint64), seed) % len(table)
        summed = table[hashed].sum(axis=1)
        return np.asarray(summed @ self._mix.weight[-summed.shape[1] :], dtype="float32")

    def _embedded(self, values: Any, codes: Ints) -> Floats:
        forms, first, places = np.unique(values[:, 0], return_index=True, return_inverse=True)
        asked = forms.tolist()
        known = self._forms
        new = [row for row, form in enumerate(asked) if form not in known]
        if len(known) + len(new) > _KEPT:
            known.clear()
            new = list(range(len(asked)))
        if len(new) > _KEPT:  # more forms at once than are kept
            return self._mix.after(self._before(values) + self._coded[codes])
        if new:
            place = len(known)
            self._form_rows[place : place + len(new)] = self._before(values[first[new]])
            known.update((asked[row], place + count) for count, row in enumerate(new))
        rows = np.fromiter((known[form] for form in asked), dtype=np.int64, count=len(asked))
        pieces = self._form_rows[rows[places]]
        pieces += self._coded[codes]
        return self._mix.after(pieces)

    def _before(self, values: Any) -> Floats:
        """Word forms before the first layer's maxout, their codes left out."""
        parts = []
        for column, (table, seed) in enumerate(self._tables[:-1], 1):
            keys = self._ops.hash(np.ascontiguousarray(values[:, column]), seed) % len(table)
            parts.append(table[keys[:, 0]])
            for other in range(1, 4):
                parts[-1] += table[keys[:, other]]
        given = np.concatenate(parts, axis=1)
        return np.asarray(given @ self._mix.weight[: given.shape[1]] + self._mix.bias)

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

    def __init__(self, ner: Any, nodes: Sequence[Any]) -> None:
        linear, upper = (node for node in nodes if node.name == "linear")
        lower = next(node for node in nodes if node.name == "precomputable_affine")
        self._linear = _floats(linear, "W").T.copy(), _floats(linear, "b")
        weight = _floats(lower, "W")  # (features, hidden, pieces, width)
        features, self._hidden, self._pieces, width = weight.shape
        by_piece = weight.transpose(0, 2, 1, 3).reshape(features, -1, width)
        self._seen = [np.ascontiguousarray(feature.T) for feature in by_piece]
        pad = _floats(lower, "pad")[0].transpose(0, 2, 1).reshape(features, -1)
        self._bias = _floats(lower, "b").T.reshape(-1)
        self._closed_bias = self._bias + pad[1] + pad[2]
        self._upper = _floats(upper, "W").T.copy(), _floats(upper, "b")
        moves = [ner.moves.get_class_name(row) for row in range(ner.moves.n_moves)]
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


def _floats(node: Any, name: str) -> Floats:
    return np.asarray(node.get_param(name).astype("float32"))
