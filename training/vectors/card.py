"""The model's card: for a person (README.md), and its head for a program (card.json)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from enrich.models.shipped import FORM
from training.vectors.data import SETS, WIKINEWS, Pair
from training.vectors.measure import Figure, table
from training.vectors.model import Recipe

FILES = ("model.safetensors", "tokenizer.json", "modules.json", "config_sentence_transformers.json")
LICENCE = "CC BY-SA 4.0"
ABOUT = "Static vectors of one space for French, Dutch, German and English"


def data_of(recipe: Recipe, sets: Mapping[str, Sequence[Pair]], version: str) -> dict[str, object]:
    """The head of card.json, without figures and hashes."""
    return {
        "form": FORM,
        "task": "vectors",
        "version": version,
        "licence": LICENCE,
        "about": ABOUT,
        "recipe": asdict(recipe),
        "pairs": {name: len(members) for name, members in sets.items()},
    }


def page(
    recipe: Recipe,
    sets: Mapping[str, Sequence[Pair]],
    found: Sequence[Figure],
    teacher: Path,
    version: str,
) -> str:
    """README.md of the model folder."""
    weights = hashlib.sha256((teacher / "model.safetensors").read_bytes()).hexdigest()
    sources = "\n".join(
        f"| {one.name} | {len(sets[one.name]):,} | {one.licence} | {one.origin} |" for one in SETS
    )
    knobs = ", ".join(f"{name} {value}" for name, value in asdict(recipe).items())
    text = Path(__file__).with_name("card.md").read_text("utf-8")
    return text.format(
        about=ABOUT,
        version=version,
        dims=recipe.dims,
        licence=LICENCE,
        vocabulary=f"{recipe.vocabulary:,}",
        sources=sources,
        alone=f"| {WIKINEWS.name} | English alone | {WIKINEWS.licence} | {WIKINEWS.origin} |",
        taught=f"{recipe.taught:,}",
        weights=weights,
        knobs=knobs,
        figures=table(found),
    )
