"""What grouping is compared with, in the same run: title, TF-IDF, MinHash, MiniLM. Labels out.

Thresholds: TF-IDF and MiniLM were chosen by B-cubed F1 on the development gold stories (433 items);
MinHashLSH has the 0.5 that its users take. Cosines are joined into connected components.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import numpy as np

from bench.quality.clusters import Union
from bench.quality.files import Pressed
from bench.quality.inforce import MINILM, NO_MINILM, minilm
from bench.quality.section import Sheet
from enrich.vectors import Matrix, SentenceTransformerEmbedder
from enrich.words import WORD, fold_long

STORY = {"TF-IDF": 0.22, MINILM: 0.66}
NEAR = {"TF-IDF": 0.88, MINILM: 0.98}
MOST_FOR_MINILM = 3_000  # items; about 70 a second on a core
_MINHASH = 0.5
_BLOCK = 2_000
# What carries no matter in French, so that two texts do not meet in it (spelt without accents).
_STOP = """
au aux avec ce ces cet cette c d dans de des du elle elles en est et eu il ils j je l la le les leur
leurs lui m ma mais me meme mes moi mon n ne nos notre nous on ont ou par pas plus pour qu que qui
s sa se ses son sont sur t un une vos votre vous y a ete etre fait apres
"""


def labels(
    items: Sequence[Pressed], sheet: Sheet, near: Sequence[str] = ("story", "near_dup")
) -> dict[tuple[str, str], list[int]]:
    """Labels by system and kind of grouping; what is not installed is told on the sheet."""
    texts = [f"{item.title} {item.summary}" for item in items]
    titles = by_title([item.title for item in items])
    found = {("exact title", kind): titles for kind in near}
    links = cosines(tfidf(texts))
    for kind in near:
        bar = (STORY if kind == "story" else NEAR)["TF-IDF"]
        found["TF-IDF", kind] = links(bar)
    hashed = minhash(texts)
    if hashed is None:
        sheet.lacks("MinHashLSH 0.5", "datasketch is not installed")
    else:
        found |= {("MinHashLSH 0.5", kind): hashed for kind in near}
    folder = minilm()
    if folder is None:
        sheet.lacks(MINILM, NO_MINILM)
        return found
    if len(items) > MOST_FOR_MINILM:
        sheet.lacks(MINILM, f"left out for {len(items)} items: it would take minutes")
        return found
    vectors = SentenceTransformerEmbedder(str(folder), "cpu").encode(
        [f"{item.title}. {item.summary}" for item in items]
    )
    links = cosines(vectors)
    for kind in near:
        found[MINILM, kind] = links((STORY if kind == "story" else NEAR)[MINILM])
    return found


def by_title(titles: Sequence[str]) -> list[int]:
    """One label for titles of the same words, whatever case and accents."""
    union, seen = Union(len(titles)), dict[str, int]()
    for number, title in enumerate(titles):
        key = " ".join(WORD.findall(fold_long(title)))
        union.join(seen.setdefault(key, number), number)
    return union.labels()


def tfidf(texts: Sequence[str]) -> Any:
    """Words and pairs of words, logarithmic counts, rows of length 1 (sparse)."""
    module: Any = import_module("sklearn.feature_extraction.text")
    vectorizer = module.TfidfVectorizer(
        ngram_range=(1, 2),
        strip_accents="unicode",
        stop_words=_STOP.split(),
        sublinear_tf=True,
        dtype=np.float32,
    )
    return vectorizer.fit_transform(texts)


def cosines(rows: Any) -> Callable[[float], list[int]]:
    """From a threshold to connected components; `rows` dense or sparse, of length 1."""

    def linked(bar: float) -> list[int]:
        union = Union(rows.shape[0])
        for start in range(0, rows.shape[0], _BLOCK):
            product = rows[start : start + _BLOCK] @ rows[start:].T
            if hasattr(product, "tocoo"):
                product = product.tocoo()
                kept = product.data >= bar
                ones, others = product.row[kept], product.col[kept]
            else:
                ones, others = np.nonzero(product >= bar)
            for one, other in zip(ones.tolist(), others.tolist(), strict=True):
                if other > one:
                    union.join(start + one, start + other)
        return union.labels()

    return linked


def minhash(texts: Sequence[str]) -> list[int] | None:
    """MinHashLSH over word triples, checked by the estimated Jaccard; None if not installed."""
    try:
        module: Any = import_module("datasketch")
    except ImportError:
        return None
    index = module.MinHashLSH(threshold=_MINHASH, num_perm=128)
    union = Union(len(texts))
    hashes: list[Any] = []
    for number, text in enumerate(texts):
        words = WORD.findall(fold_long(text))
        last = max(1, len(words) - 2)
        signature = module.MinHash(num_perm=128)
        signature.update_batch(
            [" ".join(words[start : start + 3]).encode() for start in range(last)]
        )
        for other in index.query(signature):
            if signature.jaccard(hashes[other]) >= _MINHASH:
                union.join(other, number)
        index.insert(number, signature)
        hashes.append(signature)
    return union.labels()


def pair_cosines(vectors: Matrix) -> list[float]:
    """Cosine of each two rows that follow each other: rows 0 and 1, 2 and 3."""
    return [float(value) for value in np.einsum("ij,ij->i", vectors[0::2], vectors[1::2])]
