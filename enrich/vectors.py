"""Texts as vectors: one protocol, three ways.

* `StaticVectors` (enrich.models.static), the default: comes with Vigie, one space for all four.
* `TfidfEmbedder`: hashed TF-IDF fitted on the archive: the same words, in whatever language.
* `SentenceTransformerEmbedder`: any sentence-transformers model by name or path.

Rows are L2-normalised float32, so that an inner product is a cosine; an empty text has a zero row,
which is near nothing. Neither scikit-learn nor torch is imported before it is needed.
"""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from collections.abc import Sequence
from functools import cached_property
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from enrich.models.shipped import VIGIE
from enrich.models.static import shipped_vectors
from enrich.words import fold_long, without_controls
from vigie.errors import ModelError
from vigie.schema import Models

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Matrix = NDArray[np.float32]

TFIDF = "tfidf"
DIMS = 1024
_FEATURES = 2**17  # of each kind, words and character n-grams: 2**18 together
_MAGIC = b"vigie-tfidf-1\n"
_SEED = 20_260_101
_WORD_SHARE = 0.5  # of the squared length; the rest goes to character n-grams
_MAX_CHARS = 4_000  # what is embedded of a text: titles, summaries, a page's first paragraphs
_LEAD_CHARS = 600
_BATCH_CHARS = 32_768  # of a batch for a transformer, its longest text times their number
_BATCH_TEXTS = 256


class Embedder(Protocol):
    """What turns texts into vectors, and says which it is."""

    @property
    def name(self) -> str:
        """As the settings name it."""

    @property
    def revision(self) -> str:
        """Changes whenever the same text could get another vector."""

    @property
    def dims(self) -> int: ...

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Vectors of `texts`, shape (n, dims), rows of length 1, or 0 for an empty text."""


def text_of(title: str, summary: str, text: str) -> str:
    """What is embedded of an article: its title twice, its summary, or else its text's start.

    Title and summary are what every source gives, so that a full text and an excerpt of it stay
    near each other.
    """
    lead = summary.strip() or text.strip()[:_LEAD_CHARS]
    return "\n".join(part for part in (title.strip(), title.strip(), lead) if part)


def needs_fitting(models: Models) -> bool:
    """Whether `open_embedder` wants the state of an embedder fitted on the archive's texts."""
    return models.vectors == TFIDF


def open_embedder(models: Models, state: bytes | None) -> Embedder:
    """The embedder that the settings name. Raises ModelError; nothing is used in its stead."""
    if models.vectors == VIGIE:
        return shipped_vectors()
    if not needs_fitting(models):
        return SentenceTransformerEmbedder(models.vectors, models.device, models.threads)
    if state is None:
        raise ModelError(
            "models.vectors = 'tfidf' is not fitted yet: run `vigie enrich`, which fits it on the "
            "archive's texts first"
        )
    return TfidfEmbedder.from_state(state)


class GroupingVectors:
    """What articles are grouped by: TF-IDF beside the shipped vectors, each of length 1 or 0."""

    def __init__(self, lexical: TfidfEmbedder) -> None:
        self._lexical, self._spanning = lexical, shipped_vectors()

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Shape (n, DIMS + dims of the shipped): within a language the first part is compared."""
        return np.hstack([self._lexical.encode(texts), self._spanning.encode(texts)])


# ------------------------------------------------------------------------------------ TF-IDF


class TfidfEmbedder:
    """Hashed TF-IDF of folded words (1-2-grams) and character 3-5-grams, folded to 1,024 numbers.

    Weights: (1 + ln tf) x (1 + ln((1 + n) / (1 + df))), as scikit-learn's TfidfTransformer with
    sublinear tf. Features are hashed (Weinberger et al., "Feature Hashing for Large Scale
    Multitask Learning", ICML 2009), then folded by a count sketch with a fixed seed (Charikar,
    Chen, Farach-Colton, "Finding Frequent Items in Data Streams", 2002): inner products are kept
    in expectation, with a standard deviation of at most sqrt(2 / 1024) = 0.044 for unit vectors.
    """

    name = TFIDF
    dims = DIMS

    def __init__(self, documents: int, frequencies: NDArray[np.uint32]) -> None:
        """`frequencies`: in how many of the `documents` each feature occurs, shape (2**18,)."""
        self._documents = documents
        self._frequencies = frequencies
        idf = 1.0 + np.log((1.0 + documents) / (1.0 + frequencies.astype(np.float64)))
        self._idf: Matrix = idf.astype(np.float32)

    @classmethod
    def fit(cls, texts: Sequence[str]) -> TfidfEmbedder:
        """Count in how many of `texts` each feature occurs; empty texts do not count."""
        frequencies = np.zeros(2 * _FEATURES, dtype=np.uint32)
        documents = 0
        for start in range(0, len(texts), 1_000):
            batch = [text for text in map(_prepared, texts[start : start + 1_000]) if text]
            documents += len(batch)
            if not batch:
                continue
            for offset, counts in zip((0, _FEATURES), _count(batch), strict=True):
                columns = np.bincount(counts.indices, minlength=_FEATURES)
                frequencies[offset : offset + _FEATURES] += columns.astype(np.uint32)
        return cls(documents, frequencies)

    @classmethod
    def from_state(cls, state: bytes) -> TfidfEmbedder:
        """The embedder that `state()` came from. Raises ModelError where it is something else."""
        way_out = "run `vigie enrich --refit`, which fits it anew on the archive's texts"
        if not state.startswith(_MAGIC):
            raise ModelError(f"the stored TF-IDF state is not one that this Vigie reads: {way_out}")
        try:
            (size,) = struct.unpack_from("<I", state, len(_MAGIC))
            start = len(_MAGIC) + 4
            header = json.loads(state[start : start + size])
            raw = zlib.decompress(state[start + size :])
            frequencies = np.frombuffer(raw, dtype="<u4").astype(np.uint32)
            documents = int(header["documents"])
        except (struct.error, ValueError, KeyError, zlib.error) as error:
            raise ModelError(f"the stored TF-IDF state is damaged ({error}): {way_out}") from error
        if frequencies.shape != (2 * _FEATURES,):
            raise ModelError(f"the stored TF-IDF state has another shape: {way_out}")
        return cls(documents, frequencies)

    def state(self) -> bytes:
        """All that is needed to make the same embedder again; the same bytes for the same fit."""
        header = json.dumps({"documents": self._documents, "dims": DIMS}, sort_keys=True).encode()
        body = zlib.compress(self._frequencies.astype("<u4").tobytes(), 6)
        return _MAGIC + struct.pack("<I", len(header)) + header + body

    @cached_property
    def revision(self) -> str:
        """`tfidf-` and the first 12 digits of the SHA-256 of what was counted."""
        digest = hashlib.sha256(_MAGIC + str((self._documents, DIMS, _SEED, _WORD_SHARE)).encode())
        digest.update(self._frequencies.astype("<u4").tobytes())
        return f"{TFIDF}-{digest.hexdigest()[:12]}"

    def encode(self, texts: Sequence[str]) -> Matrix:
        """See `Embedder.encode`."""
        rows = np.zeros((len(texts), DIMS), dtype=np.float32)
        for start in range(0, len(texts), 1_000):
            batch = [_prepared(text) for text in texts[start : start + 1_000]]
            rows[start : start + len(batch)] = self._encode(batch)
        return rows

    def _encode(self, texts: Sequence[str]) -> Matrix:
        parts = []
        shares = (_WORD_SHARE, 1.0 - _WORD_SHARE)
        for offset, share, counts in zip((0, _FEATURES), shares, _count(texts), strict=True):
            counts.data = (1.0 + np.log(counts.data)).astype(np.float32)
            counts.data *= self._idf[offset : offset + _FEATURES][counts.indices]
            folded = counts @ _sketch()[offset : offset + _FEATURES]
            parts.append(_unit(folded.toarray().astype(np.float32)) * np.float32(share**0.5))
        return _unit(parts[0] + parts[1])


def _prepared(text: str) -> str:
    return fold_long(without_controls(text[:_MAX_CHARS])).strip()


def _count(texts: Sequence[str]) -> tuple[csr_matrix, csr_matrix]:
    """Counts of hashed features, words then character n-grams, each (n, 2**17)."""
    words, chars = _vectorizers()
    return words.transform(texts), _by_word(texts, chars)


def _by_word(texts: Sequence[str], chars: Any) -> csr_matrix:
    """`chars.transform(texts)`, each different word cut once: character n-grams end with it."""
    from scipy.sparse import csr_matrix as sparse  # noqa: PLC0415 (half a second to import)

    known: dict[str, int] = {}
    places = [[known.setdefault(word, len(known)) for word in text.split()] for text in texts]
    starts = np.cumsum([0, *map(len, places)])
    columns = np.fromiter(chain.from_iterable(places), np.int64, int(starts[-1]))
    having = sparse(
        (np.ones(len(columns)), columns, starts), shape=(len(texts), max(1, len(known)))
    )
    counts: csr_matrix = having @ chars.transform(list(known) or [""])
    counts.sort_indices()
    return counts


_CACHE: dict[str, Any] = {}


def _vectorizers() -> tuple[Any, Any]:
    if "vectorizers" not in _CACHE:
        module = import_module("sklearn.feature_extraction.text")  # 1 s: only where it is used
        vectorizer: Any = module.HashingVectorizer

        common = {
            "n_features": _FEATURES,
            "norm": None,
            "lowercase": False,
            "alternate_sign": False,
        }
        words = vectorizer(ngram_range=(1, 2), **common)
        chars = vectorizer(analyzer="char_wb", ngram_range=(3, 5), **common)
        _CACHE["vectorizers"] = (words, chars)
    pair: tuple[Any, Any] = _CACHE["vectorizers"]
    return pair


def _sketch() -> csr_matrix:
    """The count sketch: one random column and sign for each feature, the same for ever."""
    if "sketch" not in _CACHE:
        from scipy.sparse import csr_matrix as sparse  # noqa: PLC0415 (only where TF-IDF is used)

        rows = 2 * _FEATURES
        random = np.random.Generator(np.random.PCG64(_SEED))
        columns = random.integers(0, DIMS, size=rows)
        signs = random.choice(np.array([-1.0, 1.0], dtype=np.float32), size=rows)
        _CACHE["sketch"] = sparse((signs, columns, np.arange(rows + 1)), shape=(rows, DIMS))
    matrix: csr_matrix = _CACHE["sketch"]
    return matrix


def _unit(rows: Matrix) -> Matrix:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled: Matrix = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
    return scaled


# --------------------------------------------------------------------- sentence-transformers


class SentenceTransformerEmbedder:
    """A sentence-transformers model by name (from the local Hugging Face cache) or by path.

    Nothing is fetched: a name that is not in the cache is an error that says how to fetch it.
    The model is loaded when first needed; `device` is "auto", "cpu", "cuda" or "mps"; `threads`
    are torch's on a CPU, 0 for its own choice.
    """

    def __init__(self, name: str, device: str = "auto", threads: int = 0) -> None:
        self.name = name
        self._device = None if device == "auto" else device
        self._threads = threads

    @cached_property
    def _model(self) -> Any:
        if self.name.startswith(("/", "./", "../")) and not Path(self.name).is_dir():
            raise self._refused("there is no such folder")
        try:
            import torch  # noqa: PLC0415 (seconds)
            from sentence_transformers import SentenceTransformer  # noqa: PLC0415 (loads torch)

            if self._threads:
                torch.set_num_threads(self._threads)
            return SentenceTransformer(self.name, device=self._device, local_files_only=True)
        except Exception as error:
            first = (str(error).strip() or type(error).__name__).splitlines()[0][:300]
            raise self._refused(first) from error

    def _refused(self, why: str) -> ModelError:
        return ModelError(
            f"models.vectors = {self.name!r} cannot be loaded ({why}). Fetch it once where the "
            f"network allows (`vigie models pull {self.name}`), or give the path of a folder that "
            "holds it, or set models.vectors = 'vigie' or 'tfidf'"
        )

    @cached_property
    def dims(self) -> int:
        """Numbers in a vector. Raises ModelError."""
        return len(self._raw(["Vigie"])[0])

    @cached_property
    def revision(self) -> str:
        """The model's commit on its hub, or the hash of its folder's files. Raises ModelError."""
        folder = Path(self.name)
        if folder.is_dir():
            return f"{folder.name}-{_folder_hash(folder)[:12]}"
        card = getattr(self._model, "model_card_data", None)
        commit = getattr(card, "base_model_revision", None)
        for module in self._model:
            config = getattr(getattr(module, "auto_model", None), "config", None)
            commit = commit or getattr(config, "_commit_hash", None)
        if not commit:
            commit = hashlib.sha256(self._raw(["Vigie"]).tobytes()).hexdigest()
        return f"{self.name.rsplit('/', 1)[-1]}-{str(commit)[:12]}"

    def encode(self, texts: Sequence[str]) -> Matrix:
        """See `Embedder.encode`. Raises ModelError."""
        prepared = [without_controls(text[:_MAX_CHARS]).strip() for text in texts]
        full = [place for place, text in enumerate(prepared) if text]
        rows = np.zeros((len(texts), self.dims), dtype=np.float32)
        if full:
            rows[full] = _unit(self._raw([prepared[place] for place in full]))
        return rows

    def _raw(self, texts: list[str]) -> Matrix:
        rows: list[Matrix] = [np.zeros(0, dtype=np.float32)] * len(texts)
        for places in by_length(texts):
            found = self._model.encode(
                [texts[place] for place in places],
                batch_size=len(places),
                convert_to_numpy=True,
                show_progress_bar=False,
            )
            for place, row in zip(places, np.asarray(found, dtype=np.float32), strict=True):
                rows[place] = row
        return np.stack(rows)


def by_length(texts: Sequence[str]) -> list[list[int]]:
    """Places of the texts in batches of like length: many short ones or few long ones.

    A transformer pads each batch to its longest text and its memory grows with both.
    """
    batches: list[list[int]] = []
    for place in sorted(range(len(texts)), key=lambda place: len(texts[place])):
        longest = max(len(texts[place]), 1)
        size = len(batches[-1]) + 1 if batches else 0
        if not batches or size > _BATCH_TEXTS or size * longest > _BATCH_CHARS:
            batches.append([])
        batches[-1].append(place)
    return batches


def _folder_hash(folder: Path) -> str:
    """SHA-256 over the names and contents of a model folder's files."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not any(part.startswith(".") for part in path.parts):
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()
