"""Vectors: likeness of sentences (STS), and the same sentence found in another language (ntrex)."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from bench.quality.files import BadFile, Data, cells, language_of, packed, sampled, text
from bench.quality.inforce import MINILM, NO_MINILM, InForce, minilm
from bench.quality.section import Sheet
from enrich.vectors import Embedder, Matrix
from vigie.schema import LANGUAGES

MOST = 2_000  # sentences of ntrex (it has 1,997)
_PACK = "train/*.tar.xz"
_INSIDE = "ntrex/en-fr-nl-de.tsv"


def measure(data: Data, force: InForce, sheet: Sheet) -> None:
    """sts/stsb-LANG-*.csv; ntrex/*.tsv, or ntrex inside train/*.tar.xz."""
    if force.compare and not minilm():
        sheet.lacks(MINILM, NO_MINILM)
    files = data.find("sts/stsb-*.csv")
    if not files:
        sheet.lacks("sts/stsb-LANG-*.csv", "no such file")
    with sheet.progress.stage("vectors", len(files) + 1) as advance:
        for path in files:
            with sheet.reading(data.name(path)):
                _likeness(sheet, data.name(path), cells(path), force)
            advance(1)
        _retrieval(data, sheet, force)
        advance(1)


def _likeness(sheet: Sheet, name: str, rows: Sequence[Sequence[str]], force: InForce) -> None:
    pairs, scores = _pairs(rows)
    language = language_of(name.rsplit("/", 1)[-1]) or "?"
    texts = [sentence for pair in pairs for sentence in pair]
    for system, embedder in force.embedders(texts):
        vectors = embedder.encode(texts)
        cosines = np.einsum("ij,ij->i", vectors[0::2], vectors[1::2])
        value = spearman(cosines, np.array(scores))
        sheet.row(name, language, system, "Spearman", value, len(pairs), "pairs")


def _pairs(rows: Sequence[Sequence[str]]) -> tuple[list[tuple[str, str]], list[float]]:
    """Two sentences and a score a row; a first row without a number is a heading."""
    pairs, scores = [], []
    for number, row in enumerate(rows, 1):
        try:
            first, second, score = row[0], row[1], float(row[2])
        except (IndexError, ValueError) as error:
            if number == 1:
                continue
            raise BadFile(f"row {number}: not two sentences and a number") from error
        pairs.append((first, second))
        scores.append(score)
    if not pairs:
        raise BadFile("no row of two sentences and a number")
    return pairs, scores


def spearman(one: NDArray[np.float32], other: NDArray[np.float64]) -> float:
    """Spearman's rank correlation, 0 where one side is constant."""
    from scipy.stats import spearmanr  # noqa: PLC0415  # 1 s: only where it is asked for

    if len(one) < 2 or np.ptp(one) == 0 or np.ptp(other) == 0:
        return 0.0
    return float(spearmanr(one, other).statistic)


# ----------------------------------------------------------------------------------- retrieval


def _retrieval(data: Data, sheet: Sheet, force: InForce) -> None:
    for name, sentences in parallel(data, sheet):
        _directions(sheet, name, sentences, force)


def parallel(data: Data, sheet: Sheet) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """The same sentences by language: of ntrex/*.tsv, or of ntrex inside train/*.tar.xz."""
    files, packs = data.find("ntrex/*.tsv", "*/ntrex/*.tsv"), data.find(_PACK)
    if files:
        name = data.name(files[0])
        with sheet.reading(name):
            yield name, _columns(files[0].name, text(files[0]))
        return
    for pack in packs:
        name = f"{data.name(pack)}:{_INSIDE}"
        with sheet.reading(name):
            try:
                content = packed(pack, _INSIDE)
            except LookupError:
                continue
            yield name, _columns(_INSIDE, content)
            return
    if not any(broken.what.startswith("train/") for broken in sheet.broken):
        sheet.lacks("ntrex", f"neither ntrex/*.tsv nor {_INSIDE} inside {_PACK}")


def _columns(name: str, content: str) -> dict[str, list[str]]:
    """Sentences by language; the order of the columns stands in the file's name."""
    codes = name.rsplit("/", 1)[-1].removesuffix(".tsv").split("-")
    if len(codes) < 2 or not set(codes) <= set(LANGUAGES):
        raise BadFile("its name does not tell the languages of its columns, as en-fr-nl-de.tsv")
    rows = [line.split("\t") for line in content.split("\n") if line.strip()]
    for number, row in enumerate(rows, 1):
        if len(row) < len(codes):
            raise BadFile(f"line {number}: {len(row)} columns of {len(codes)}")
    if not rows:
        raise BadFile("nothing in it")
    kept = sampled(rows, MOST)
    return {code: [row[place].strip() for row in kept] for place, code in enumerate(codes)}


def _directions(sheet: Sheet, name: str, sentences: dict[str, list[str]], force: InForce) -> None:
    everything = [one for some in sentences.values() for one in some]
    for system, embedder in force.embedders(everything):
        vectors, speed = _encoded(embedder, sentences)
        sheet.row(name, "all", system, "texts/s", round(speed), len(everything), "sentences")
        hits = []
        for source, target in permutations(sentences, 2):
            found = (vectors[source] @ vectors[target].T).argmax(axis=1)
            share = float((found == np.arange(len(found))).mean())
            hits.append(share)
            of = f"{source} to {target}"
            sheet.row(name, of, system, "accuracy@1", share, len(found), "sentences")
        for label, value in (("lowest", min(hits)), ("mean", sum(hits) / len(hits))):
            of = f"{label} of the {len(hits)} directions"
            sheet.row(name, of, system, "accuracy@1", value, len(everything), "sentences")


def _encoded(
    embedder: Embedder, sentences: dict[str, list[str]]
) -> tuple[dict[str, Matrix], float]:
    embedder.encode(next(iter(sentences.values()))[:8])  # the model is loaded
    start = time.process_time()
    vectors = {code: embedder.encode(some) for code, some in sentences.items()}
    count = sum(map(len, sentences.values()))
    return vectors, count / max(1e-9, time.process_time() - start)
