"""Themes on labelled news: prototypes alone, and after 50 and 200 labelled examples.

    rows = measure_topics(Path("../shared/data/topics"), embedder)

Each set has one category for each text. A category is a theme with a description written here (and
a label where the set has one that is not described); the theme with the best score is the answer.
With labelled examples each theme has the model that decisions would give it, beside the prototypes,
combined as `enrich.signals` does. Macro F1: the mean of the categories' F1.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.quality.theme_words import DESCRIPTIONS
from enrich.learning import fit
from enrich.prototypes import Prototypes
from enrich.vectors import Embedder, Matrix, text_of
from vigie.schema import Theme

LABELLED = (0, 50, 200)
DRAWS = 5  # of the labelled examples; the figure is the mean
_LANGUAGES = (
    ("-fr", "fr"),
    ("-fra", "fr"),
    ("-de", "de"),
    ("-eng", "en"),
    ("-en", "en"),
    ("-nl", "nl"),
)
_SEED = 20_261_121


@dataclass(frozen=True, slots=True)
class TopicRow:
    """One figure."""

    data: str  # the file's name
    language: str
    labelled: int  # examples that the models learnt from; 0: prototypes alone
    items: int  # texts that the figure is of
    categories: int
    macro_f1: float
    spread: float  # standard deviation over the draws; 0 where there is one


@dataclass(frozen=True, slots=True)
class _Set:
    name: str
    language: str
    texts: tuple[str, ...]
    truth: NDArray[np.int64]
    categories: tuple[str, ...]


def measure_topics(folder: Path, embedder: Embedder) -> list[TopicRow]:
    """All sets of the folder; empty where it holds none. Raises ModelError."""
    rows = []
    for path in sorted(folder.glob("*.jsonl")):
        data = _read(path)
        if data is None:
            continue
        vectors = embedder.encode(data.texts)
        prototypes = Prototypes(_themes(data), embedder, vectors)
        likeness = _standard(prototypes.cosines(vectors))
        for labelled in LABELLED:
            found = _measured(data, vectors, likeness, labelled)
            if found:
                rows.append(
                    TopicRow(
                        data=data.name,
                        language=data.language,
                        labelled=labelled,
                        items=len(data.texts) - labelled,
                        categories=len(data.categories),
                        macro_f1=round(float(np.mean(found)), 4),
                        spread=round(float(np.std(found)), 4),
                    )
                )
    return rows


def _measured(data: _Set, vectors: Matrix, likeness: Matrix, labelled: int) -> list[float]:
    """Macro F1 of each draw; empty where too few texts would be left to measure on."""
    if not labelled:
        return [_macro_f1(data.truth, likeness.argmax(axis=1), len(data.categories))]
    if len(data.texts) < labelled + 50:
        return []
    scores = []
    for draw in range(DRAWS):
        order = np.random.default_rng(_SEED + draw).permutation(len(data.texts))
        known, rest = order[:labelled], order[labelled:]
        answer = _answers(data, vectors, likeness, known)[rest].argmax(axis=1)
        scores.append(_macro_f1(data.truth[rest], answer, len(data.categories)))
    return scores


def _answers(
    data: _Set, vectors: Matrix, likeness: Matrix, known: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Each text's score for each category: likeness a third, what was learnt two thirds."""
    sure = 1.0 / (1.0 + np.exp(-likeness.astype(np.float64)))
    for column in range(len(data.categories)):
        truth = data.truth[known] == column
        if min(truth.sum(), (~truth).sum()) >= 2:
            learnt = fit(vectors[known], truth).chances(vectors)
            sure[:, column] = sure[:, column] / 3.0 + learnt * 2.0 / 3.0
        else:
            sure[:, column] /= 3.0
    return sure


def _standard(cosines: Matrix) -> Matrix:
    """Each theme's cosines as deviations from their mean, as `enrich.prototypes` does."""
    deviation = np.maximum(cosines.std(axis=0), 1e-3)
    standard: Matrix = (cosines - cosines.mean(axis=0)) / deviation
    return standard


def _macro_f1(truth: NDArray[np.int64], answer: NDArray[np.int64], categories: int) -> float:
    scores = []
    for column in range(categories):
        right = int(((truth == column) & (answer == column)).sum())
        wrong = int(((truth == column) != (answer == column)).sum())
        scores.append(2 * right / (2 * right + wrong) if right + wrong else 0.0)
    return sum(scores) / len(scores)


def _read(path: Path) -> _Set | None:
    language = next((code for end, code in _LANGUAGES if end in path.stem), "")
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    rows = [row for row in rows if row.get("category") in DESCRIPTIONS]
    if not rows or not language:
        return None
    texts = tuple(_text(row) for row in rows)
    categories = tuple(sorted({row["category"] for row in rows}))
    truth = np.array([categories.index(row["category"]) for row in rows])
    return _Set(path.name, language, texts, truth, categories)


def _text(row: dict[str, str]) -> str:
    title = row.get("headline") or row.get("title") or ""
    body = row.get("text") or ""
    if not title:
        title, _, body = body.partition(". ")
    return text_of(title, body[:1_000], "")


def _themes(data: _Set) -> Sequence[Theme]:
    def one(number: int, category: str) -> Theme:
        words = DESCRIPTIONS[category]
        name = dict.fromkeys(("fr", "nl", "de", "en"), category.capitalize())
        return Theme.model_validate(
            {"id": f"c{number}", "labels": name, "description": dict(words)}
        )

    return [one(number, category) for number, category in enumerate(data.categories)]


def told(rows: Iterable[TopicRow]) -> Iterable[str]:
    """The figures as lines."""
    for row in rows:
        how = f"after {row.labelled} examples" if row.labelled else "prototypes alone"
        yield (
            f"{row.data:<28}{row.language}  {how:<20}macro F1 {row.macro_f1:.3f}"
            f"  ({row.categories} categories, {row.items} texts)"
        )
