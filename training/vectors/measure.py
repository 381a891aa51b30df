"""Figures of a model folder: likeness of sentences, finding translations, speed.

    python -m training.vectors.measure --model FOLDER --sts FOLDER --data FOLDER

The vectors are those that Vigie itself would give (int8, numpy). `--data` is the unpacked training
archive: its ntrex sentences are for measuring only.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections.abc import Sequence
from itertools import permutations
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr

from enrich.models.static import StaticVectors
from enrich.vectors import Embedder, TfidfEmbedder
from training.vectors.data import read_tsv

Figure = dict[str, object]
LANGUAGES = ("fr", "nl", "de", "en")


def likeness(model: Embedder, folder: Path, part: str = "dev") -> dict[str, float]:
    """Spearman's rank correlation of cosines with people's scores, each language of STSb."""
    found = {}
    for code in LANGUAGES:
        with (folder / f"stsb-{code}-{part}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        one = model.encode([row[0] for row in rows])
        other = model.encode([row[1] for row in rows])
        scores = [float(row[2]) for row in rows]
        found[code] = round(float(spearmanr((one * other).sum(1), scores)[0]), 3)
    return found


def translations(
    model: StaticVectors, rows: Sequence[Sequence[str]], codes: Sequence[str]
) -> dict[str, float]:
    """Share of sentences whose nearest in another language is their translation, each direction."""
    vectors = {code: model.encode([row[n] for row in rows]) for n, code in enumerate(codes)}
    found = {}
    for one, other in permutations(codes, 2):
        nearest = (vectors[one] @ vectors[other].T).argmax(1)
        found[f"{one}-{other}"] = round(float((nearest == np.arange(len(rows))).mean()), 3)
    return found


def titles_per_second(model: StaticVectors, titles: Sequence[str]) -> float:
    """Titles for one second of processor time, the best of three, the model loaded."""
    model.encode(titles[:100])
    best = 0.0
    for _ in range(3):
        start = time.process_time()
        model.encode(titles)
        best = max(best, len(titles) / (time.process_time() - start))
    return round(best)


def figures(model: StaticVectors, sts: Path, data: Path) -> list[Figure]:
    """The table of the card."""
    ntrex = read_tsv(data / "ntrex/en-fr-nl-de.tsv")
    titles = [row[1] for row in ntrex]
    plain = TfidfEmbedder.fit([text for row in ntrex for text in row])
    found: list[Figure] = [
        {"what": "STSb dev, 1,500 pairs a language, Spearman", "values": likeness(model, sts)},
        {
            "what": "the same by Vigie's TF-IDF, fitted on ntrex",
            "values": likeness(plain, sts),
        },
        {
            "what": f"ntrex, {len(ntrex):,} sentences, accuracy at 1",
            "values": translations(model, ntrex, ("en", "fr", "nl", "de")),
        },
        {
            "what": "French news sentences of ntrex a second of one core",
            "values": {"fr": titles_per_second(model, titles)},
        },
    ]
    return found


def table(rows: Sequence[Figure]) -> str:
    """The figures as Markdown."""
    lines = ["| what | figures |", "|---|---|"]
    for row in rows:
        values = row["values"]
        if isinstance(values, dict):
            said = ", ".join(f"{name} {_number(value)}" for name, value in values.items())
            lines.append(f"| {row['what']} | {said} |")
    return "\n".join(lines)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value > 1.5 else f"{value:.3f}".lstrip("0")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=None, help="default: the shipped one")
    parser.add_argument("--sts", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    asked = parser.parse_args()
    rows = figures(StaticVectors(asked.model), asked.sts, asked.data)
    print(table(rows))  # noqa: T201  a command prints
    print(json.dumps(rows, indent=2))  # noqa: T201  the same


if __name__ == "__main__":
    main()
