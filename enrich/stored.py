"""A stored spaCy pipeline's weights and rules, read without spaCy: one second less for each start.

A pipeline of one entity recogniser over hashed words (`spacy.TransitionBasedParser.v2`,
`MultiHashEmbed.v2`, `MaxoutWindowEncoder.v2`), as spaCy 3 writes it: msgpack with numpy arrays.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np

from enrich.cutting import Affixes

Floats = np.ndarray[Any, np.dtype[np.float32]]
_SEEN = ["NORM", "PREFIX", "SUFFIX", "SHAPE", "TAG"]  # of a word, in the tables' order
_MOVES = "MBILUO"  # spaCy's BILUO moves, M for one that is missing


@dataclass(frozen=True, slots=True)
class Layer:
    """A maxout layer and its normalisation."""

    weight: Floats  # (wide, pieces, width)
    bias: Floats  # (wide, pieces)
    gain: Floats  # (wide,)
    shift: Floats  # (wide,)


@dataclass(frozen=True, slots=True)
class Linear:
    weight: Floats  # (out, in)
    bias: Floats


@dataclass(frozen=True, slots=True)
class Stored:
    """All that the network needs of the pipeline's folder."""

    affixes: Affixes
    tables: tuple[tuple[Floats, int], ...]  # (rows, width) and the seed of its hashes
    layers: tuple[Layer, ...]  # the one that mixes the tables, then those that see neighbours
    linear: Linear
    lower: tuple[Floats, Floats, Floats]  # weights (features, hidden, pieces, width), bias, pad
    upper: Linear
    moves: tuple[str, ...]  # B-PER, U-, O ... in the order of `upper`'s rows


def read(folder: Path) -> Stored:
    """The pipeline in `folder`. Raises OSError; ValueError or KeyError where it is another kind."""
    cut = _unpacked(folder / "tokenizer")
    rules = ("prefix_search", "suffix_search", "infix_finditer")
    if any(value for name, value in cut.items() if name not in (*rules, "faster_heuristics")):
        raise ValueError("its tokenizer has exceptions, which are not followed here")
    said = _unpacked(folder / "ner" / "model")
    nodes = [
        _Node(node, {key: _bytes(value) for key, value in attrs.items()}, params or {})
        for node, attrs, params in zip(said["nodes"], said["attrs"], said["params"], strict=True)
    ]
    if _named(nodes, "extract_features")[0].attrs["columns"] != _SEEN:
        raise ValueError(f"it sees something else of a word than {', '.join(_SEEN)}")
    refs = nodes[0].node["refs"]
    lower, upper = nodes[refs["lower"]], nodes[refs["upper"]]
    (linear,) = (node for node in _named(nodes, "linear") if node is not upper)
    return Stored(
        Affixes(*(str(cut[name]) for name in rules)),
        tuple((node["E"], int(node.attrs["seed"])) for node in _named(nodes, "hashembed")),
        tuple(
            Layer(maxout["W"], maxout["b"], norm["G"], norm["b"])
            for maxout, norm in zip(
                _named(nodes, "maxout"), _named(nodes, "layernorm"), strict=True
            )
        ),
        Linear(linear["W"], linear["b"]),
        (lower["W"], lower["b"], lower["pad"]),
        Linear(upper["W"], upper["b"]),
        _moves(json.loads(_unpacked(folder / "ner" / "moves")["moves"])),
    )


@dataclass(frozen=True)
class _Node:
    """One layer of thinc's; weights may be stored in 16 bits."""

    node: Mapping[str, Any]
    attrs: Mapping[str, Any]
    params: Mapping[str, Any]

    def __getitem__(self, name: str) -> Floats:
        return np.asarray(self.params[name]).astype("float32")


def _named(nodes: Sequence[_Node], name: str) -> list[_Node]:
    return [node for node in nodes if node.node["name"] == name]


def _moves(counts: Mapping[str, Mapping[str, int]]) -> tuple[str, ...]:
    """In spaCy's order (`transition_system.pyx`): those counted in training, by kind and count.

    Then, label by label, those that were added by name; their counts are below 0.
    """
    said = [(int(kind), labels) for kind, labels in counts.items()]
    rows = [(count, label, kind) for kind, labels in said for label, count in labels.items()]
    rows.sort(reverse=True)
    order = sorted(((kind, label) for count, label, kind in rows if count >= 0), key=itemgetter(0))
    added = [row for row in rows if row[0] < 0]
    for label in dict.fromkeys(label for _, label, _ in added):
        order += sorted((kind, own) for _, own, kind in added if own == label)
    return tuple("O" if _MOVES[kind] == "O" else f"{_MOVES[kind]}-{label}" for kind, label in order)


def _unpacked(path: Path) -> Any:
    return _bytes(path.read_bytes())


def _bytes(data: bytes) -> Any:
    # spaCy's own reader of msgpack. Only where a model is loaded.
    import srsly  # noqa: PLC0415

    return srsly.msgpack_loads(data)
