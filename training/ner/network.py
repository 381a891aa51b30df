"""The pipeline's network in torch, weight for weight, for training many times quicker than spaCy.

spaCy's `ner` decides word by word: outside a name, which of B, U (with a label) or O; within one, I
or L. What it sees of its state is the word, the first word of the open name and the word before. So
with the right decisions given, all words of a batch are learnt at once; what a state sees stays
that of spaCy's own parser, and the weights go back into the pipeline (`store`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from enrich.blank import spacy_without_torch

NOISE = 1 << 22  # numbers drawn at once
PAD = 4  # rows between two texts: as many as layers, see with_array(pad=...)


@dataclass(frozen=True, slots=True)
class Batch:
    """Words of several texts with PAD empty rows before, between and after them."""

    keys: list[Tensor]  # of each feature: rows of its table, (words, 4)
    real: Tensor  # places of the words among the rows
    rows: int
    begin: Tensor  # of each word: place of the first word of its open name, or -1
    move: Tensor  # of each word: the right move's column
    weight: Tensor
    doubt: Tensor  # how far a word's label may be wrong: 0 or DOUBT


class Network:
    """Parameters and forward pass."""

    def __init__(self, nlp: Any) -> None:
        self._ner = nlp.get_pipe("ner")
        nodes = list(self._ner.model.walk(order="dfs_pre"))
        self._holders = [
            (node, name)
            for node in nodes
            for name in node.param_names
            if node.has_param(name) and node.name != "noop"
        ]
        self.weights = [
            torch.tensor(np.array(node.get_param(name), dtype="float32"), requires_grad=True)
            for node, name in self._holders
        ]
        held = zip(self._holders, self.weights, strict=True)
        by = {(id(node), name): weight for (node, name), weight in held}
        self.embeds = [node for node in nodes if node.name == "hashembed"]
        self._tables = [by[id(node), "E"] for node in self.embeds]
        self._blocks = [
            (by[id(m), "W"], by[id(m), "b"], by[id(n), "G"], by[id(n), "b"])
            for m, n in zip(
                [node for node in nodes if node.name == "maxout"],
                [node for node in nodes if node.name == "layernorm"],
                strict=True,
            )
        ]
        self._linear, self._upper = [
            (by[id(node), "W"], by[id(node), "b"]) for node in nodes if node.name == "linear"
        ]
        lower = next(node for node in nodes if node.name == "precomputable_affine")
        self._lower = tuple(by[id(lower), name] for name in ("W", "b", "pad"))
        moves = self._ner.moves
        self.moves: list[str] = [moves.get_class_name(row) for row in range(moves.n_moves)]
        self._noise = torch.empty(0)
        closed = [name == "O" or (name[0] in "BU" and bool(name[2:])) for name in self.moves]
        self._closed = torch.where(torch.tensor(closed), 0.0, -1e9)
        self._open = _within(self.moves)

    def store(self, weights: Sequence[Tensor]) -> None:
        """Put weights like `self.weights` into the pipeline."""
        for (node, name), weight in zip(self._holders, weights, strict=True):
            node.set_param(name, weight.detach().numpy().copy())

    def tokens(self, batch: Batch, drop: float, blind: float) -> Tensor:
        """Of each word, what the parser is told: (words, hidden)."""
        parts = []
        for keys, table in zip(batch.keys, self._tables, strict=True):
            part = functional.embedding_bag(keys, table, mode="sum")
            if blind:
                part = part * (torch.rand(part.shape[0], 1) >= blind)
            parts.append(self._dropped(part, drop))
        words = self._block(torch.cat(parts, 1), 0, drop)
        flat = words.new_zeros(batch.rows, words.shape[1]).index_copy(0, batch.real, words)
        edge = flat.new_zeros(1, flat.shape[1])
        for layer in range(1, len(self._blocks)):
            wide = torch.cat([torch.cat([edge, flat[:-1]]), flat, torch.cat([flat[1:], edge])], 1)
            flat = flat + self._block(wide, layer, drop)
        weight, bias = self._linear
        return functional.linear(flat[batch.real], weight, bias)

    def _block(self, given: Tensor, layer: int, drop: float) -> Tensor:
        weight, bias, gain, shift = self._blocks[layer]
        wide, pieces, width = weight.shape
        out = functional.linear(given, weight.view(wide * pieces, width), bias.view(-1))
        best = out.view(-1, wide, pieces).max(2).values
        return self._dropped(functional.layer_norm(best, (wide,), gain, shift, 1e-8), drop)

    def stir(self, drop: float) -> None:
        """New noise for the steps to come: drawing it for each layer takes a tenth of a step."""
        self._noise = (torch.rand(NOISE) >= drop).float() / (1 - drop)

    def _dropped(self, given: Tensor, drop: float) -> Tensor:
        if not drop:
            return given
        place = int(torch.randint(NOISE - given.numel(), (1,)))
        return given * self._noise[place : place + given.numel()].view_as(given)

    def scores(self, tokens: Tensor, begin: Tensor, drop: float) -> Tensor:
        """Of each word with its state, the score of each move: (words, moves)."""
        weight, bias, pad = self._lower
        features, hidden, pieces, width = weight.shape
        told = functional.linear(tokens, weight.view(-1, width)).view(-1, features, hidden * pieces)
        empty = pad.view(features, hidden * pieces)
        opened = (begin >= 0).unsqueeze(1)
        first = torch.where(opened, told[begin.clamp(min=0), 1], empty[1])
        before = torch.cat([empty[2:3], told[:-1, 2]])
        before = torch.where(opened, before, empty[2])
        total = told[:, 0] + first + before + bias.view(-1)
        best = total.view(-1, hidden, pieces).max(2).values
        return functional.linear(self._dropped(best, drop), *self._upper)

    def loss(self, batch: Batch, drop: float, blind: float) -> Tensor:
        """Mean loss of the right moves among those that the state allows.

        Cross-entropy; where labels are in doubt the generalised one, which learns less from what it
        finds least likely (Zhang and Sabuncu 2018, arXiv:1805.07836).
        """
        scores = self.scores(self.tokens(batch, drop, blind), batch.begin, drop)
        opened = (batch.begin >= 0).unsqueeze(1)
        allowed = torch.where(opened, self._open[batch.move], self._closed)
        lost = functional.cross_entropy(scores + allowed, batch.move, reduction="none")
        doubt = batch.doubt.clamp(min=1e-3)
        lost = torch.where(batch.doubt > 0, (1 - torch.exp(-doubt * lost)) / doubt, lost)
        return (lost * batch.weight).sum() / batch.weight.sum()


def _within(moves: Sequence[str]) -> Tensor:
    """For each move within a name the moves that the state allows: I and L of its label."""
    table = torch.full((len(moves), len(moves)), -1e9)
    for row, name in enumerate(moves):
        for column, other in enumerate(moves):
            if name[0] in "IL" and other[0] in "IL" and name[2:] == other[2:]:
                table[row, column] = 0.0
    return table


def rows_of(embeds: Sequence[Any], values: np.ndarray[Any, Any]) -> list[Tensor]:
    """The rows of each feature's table for each word, as spaCy hashes them."""
    from thinc.api import NumpyOps  # noqa: PLC0415 (after spacy_without_torch)

    spacy_without_torch()
    ops = NumpyOps()
    rows = []
    for place, node in enumerate(embeds):
        hashed = ops.hash(np.ascontiguousarray(values[:, place]), node.attrs["seed"])
        rows.append(torch.from_numpy((hashed % node.get_dim("nV")).astype("int64")))
    return rows
