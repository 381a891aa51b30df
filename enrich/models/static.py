"""The shipped vectors: a table of one row for each token, whose mean is a text's vector.

The folder is one that sentence-transformers loads (a StaticEmbedding); read here with numpy and
tokenizers alone, it needs neither torch's memory nor the seconds that importing it takes. The table
is int8 with one scale a row; a text's vector is the mean of its tokens' rows, brought to length 1.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from functools import cached_property, lru_cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from enrich.models.shipped import VIGIE, folder_of, read_card, verified_once
from enrich.words import without_controls
from vigie.errors import ModelError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Matrix = NDArray[np.float32]

MAX_CHARS = 4_000  # what is embedded of a text
_BATCH = 1_024  # texts at a time
_EVERYDAY = 0.25  # of the vocabulary: 8,000 of the shipped one's 32,000 (docs/grouping.md)
_KNOWN_WORDS = 50_000  # remembered with their tokens: some 10 MB


class StaticVectors:
    """The vectors that come with Vigie, or any folder of that form. Loaded when first needed."""

    def __init__(self, folder: Path | None = None) -> None:
        self.name = VIGIE if folder is None else str(folder)
        self._known: dict[str, list[int]] = {}  # words met, and their tokens
        self._folder = folder_of("vectors") if folder is None else folder

    @cached_property
    def revision(self) -> str:
        """The card's version and hash. Raises ModelError."""
        return read_card(self._folder).revision

    @cached_property
    def dims(self) -> int:
        """Numbers in a vector. Raises ModelError."""
        return int(self._table.shape[1])

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Vectors of `texts`, shape (n, dims), rows of length 1, or 0 for an empty text.

        Raises ModelError where the folder is not what its card says.
        """
        rows = np.zeros((len(texts), self.dims), dtype=np.float32)
        for start in range(0, len(texts), _BATCH):
            part = [without_controls(text[:MAX_CHARS]) for text in texts[start : start + _BATCH]]
            rows[start : start + len(part)] = self._encode(part)
        return rows

    def everyday(self, words: Sequence[str]) -> NDArray[np.bool_]:
        """Which of some words everybody uses every day, whatever the matter; shape (n,).

        Those that are one token among the vocabulary's first: it was learnt in order of frequency.
        """
        most = int(_EVERYDAY * len(self._table))
        first = [len(tokens) == 1 and tokens[0] < most for tokens in self._tokens(list(words))]
        return np.array(first, dtype=np.bool_)

    def _encode(self, texts: list[str]) -> Matrix:
        from scipy.sparse import csr_matrix  # noqa: PLC0415 (only where it is used)

        tokens = self._tokens(texts)
        ends = np.cumsum([0, *map(len, tokens)])
        flat = np.fromiter(chain.from_iterable(tokens), dtype=np.int32, count=int(ends[-1]))
        ones = np.ones(len(flat), dtype=np.float32)
        # Cosines take no heed of length: the sum stands for the mean.
        counts = csr_matrix((ones, flat, ends), shape=(len(texts), len(self._table)))
        sums: Matrix = counts @ self._table
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        scaled: Matrix = np.divide(sums, lengths, out=np.zeros_like(sums), where=lengths > 1e-6)
        return scaled

    def _tokens(self, texts: list[str]) -> list[list[int]]:
        """Token numbers of each text. Words are cut once: no token spans a space."""
        words = [text.split() for text in texts]
        new = list({word for row in words for word in row} - self._known.keys())
        if len(self._known) + len(new) > _KNOWN_WORDS:
            self._known.clear()
            new = list({word for row in words for word in row})
        found = self._tokenizer.encode_batch_fast(new, add_special_tokens=False)
        self._known.update(zip(new, (one.ids for one in found), strict=True))
        return [list(chain.from_iterable([self._known[w] for w in row])) for row in words]

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        verified_once(self._folder)
        # One core is enough for texts as short as these; its threads do not live through a fork.
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        from tokenizers import Tokenizer as Fast  # noqa: PLC0415 (only where it is used)

        return Fast.from_file(str(self._folder / "tokenizer.json"))

    @cached_property
    def _table(self) -> Matrix:
        """One row for each token, shape (vocabulary, dims). Raises ModelError."""
        verified_once(self._folder)
        stored = read_tensors(self._folder / "model.safetensors")
        table: Matrix = stored["embeddings"].astype(np.float32)
        table *= stored["weights"][:, None].astype(np.float32)
        return table


@lru_cache(maxsize=1)
def shipped_vectors() -> StaticVectors:
    """Those that come with Vigie, held once for all that asks for them."""
    return StaticVectors()


def read_tensors(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of a safetensors file. Raises ModelError where it is none."""
    from safetensors import SafetensorError  # noqa: PLC0415 (only where it is used)
    from safetensors.numpy import load_file  # noqa: PLC0415 (the same)

    try:
        found: dict[str, NDArray[Any]] = load_file(path)
    except (OSError, SafetensorError, json.JSONDecodeError) as error:
        raise ModelError(f"{path} is no table of vectors ({error})") from error
    return found
