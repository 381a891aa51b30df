"""What an English sentence model makes of the English texts. The model is given as a folder."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.vectors.data import read_tsv

_PART = 8_192  # texts between two writings of the cache
_MAX_TOKENS = 96


def in_order(english: Sequence[str], root: Path, seed: int) -> list[str]:
    """The English texts, those first from which most is learnt, and among equals by chance.

    First what is not from Tatoeba (long, and of the subjects of news), then what has several
    translations, a Dutch one among them, then the longer, then the shortest.
    """
    uses: Counter[str] = Counter()
    dutch: set[str] = set()
    for code in ("fr", "nl", "de"):
        sides = [row[0] for row in read_tsv(root / f"tatoeba/en-{code}.tsv")]
        uses.update(sides)
        if code == "nl":
            dutch.update(sides)
    chance = random.Random(seed)  # noqa: S311 (an order, no secret)

    def rank(text: str) -> float:
        if text not in uses:
            return chance.random()
        several = text in dutch and uses[text] > 1
        return (1.0 if several else 1.5 if len(text) > 25 else 3.0) + chance.random()

    return sorted(english, key={text: rank(text) for text in english}.__getitem__)


def embed(texts: Sequence[str], model: Path, cache: Path, threads: int) -> NDArray[np.float32]:
    """Vectors of `texts`, (n, dims), length 1; what the cache file holds is not made again."""
    import torch  # noqa: PLC0415 (seconds)
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 (the same)

    torch.set_num_threads(threads)
    name = hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]
    done = np.load(cache)["rows"] if cache.exists() and np.load(cache)["name"] == name else None
    rows = [] if done is None else [done]
    start = 0 if done is None else len(done)
    if start >= len(texts):
        return np.concatenate(rows).astype(np.float32)
    teacher = SentenceTransformer(str(model), device="cpu", local_files_only=True)
    teacher.max_seq_length = _MAX_TOKENS
    for at in range(start, len(texts), _PART):
        part = teacher.encode(
            list(texts[at : at + _PART]), batch_size=128, normalize_embeddings=True
        )
        rows.append(np.asarray(part, dtype=np.float16))
        np.savez(cache, rows=np.concatenate(rows), name=name)
        print(f"teacher: {at + len(part)} of {len(texts)}", flush=True)  # noqa: T201
    return np.concatenate(rows).astype(np.float32)
