"""Strict F1 of an entity model, by set and label.

    python -m training.ner.evaluate MODEL --data FOLDER [--news FOLDER] [--reading CONFIG]

MODEL is the folder of a model as shipped. DATA holds gold/ner-*.jsonl and ner/*.tsv. With
--reading, the names are those that Vigie says in the end: model, gazetteer and shapes together.
"""

from __future__ import annotations

import argparse
import json
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from enrich.entities import EntityReader
from enrich.models.shipped import VIGIE
from enrich.trained import TrainedReader
from training.ner.news import held_out, lines_of, read_news
from training.ner.passages import KEPT, Passage, joined, sentences
from training.ner.scoring import Score, score
from vigie.model import ArticleId, ReadingJob
from vigie.schema import Entity, Models

Spans = set[tuple[int, int, str]]
Read = Callable[[Sequence[Passage]], list[Spans]]
COLUMNS = ("all", "PER", "LOC", "ORG")


def sets_of(
    data: Path, news: Path | None, at_most: int, skipped: int = 0
) -> dict[str, list[Passage]]:
    """Each set to score, by its name; what is absent is left out.

    Of ner/*.tsv, `at_most` sentences after the first `skipped`.
    """
    sets: dict[str, list[Passage]] = {}
    gold: dict[str, list[Passage]] = defaultdict(list)
    titles: list[Passage] = []
    for path in sorted((data / "gold").glob("ner-*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            parts = lines_of(row)
            gold[row["lang"]] += parts
            if row["lang"] == "fr" and parts:
                titles.append(parts[0])
    sets |= {f"gold {language}": parts for language, parts in gold.items()}
    if titles:
        sets["titles fr"] = titles
        sets["titles fr, small"] = [_in_case(one, str.lower) for one in titles]
        sets["titles fr, capitals"] = [_in_case(one, str.upper) for one in titles]
    for path in sorted((data / "ner").glob("*.tsv")):
        name = path.stem.removesuffix("-val")
        language = next((code for code in ("fr", "nl", "de", "en") if f"-{code}" in name), "")
        if language:
            rows = list(sentences(path))[skipped : skipped + at_most]
            sets[name] = [joined(words, tags, language, name) for words, tags in rows]
    if news:
        for language in ("fr", "nl"):
            kept = held_out(read_news(news))[1]
            sets[f"news held out {language}"] = [one for one in kept if one.language == language]
    return sets


def _in_case(passage: Passage, case: Callable[[str], str]) -> Passage:
    text = case(passage.text)
    return replace(passage, text=text) if len(text) == len(passage.text) else passage


def by_model(folder: Path) -> Read:
    """The trained pipeline alone."""
    reader = TrainedReader(VIGIE, folder)

    def read(passages: Sequence[Passage]) -> list[Spans]:
        found = reader.read([passage.text for passage in passages])
        return [{(one.start, one.end, one.label) for one in names} for names in found]

    return read


def by_reading(config: Path) -> Read:
    """Model, gazetteer and shapes, as Vigie reads. The model is the one in the package."""
    rows = tomllib.loads((config / "gazetteer.toml").read_text("utf-8"))["entity"]
    reader = EntityReader([Entity(**row) for row in rows], Models(entities=VIGIE))

    def read(passages: Sequence[Passage]) -> list[Spans]:
        jobs = [ReadingJob(ArticleId(1), 1, one.text, "", "") for one in passages]
        found = reader.read(jobs, [one.language for one in passages])
        return [{(one.start, one.end, one.label) for one in names} for names in found]

    return read


def table(sets: Mapping[str, Sequence[Passage]], read: Read) -> dict[str, dict[str, Score]]:
    """The scores of each set, by label."""
    return {
        name: score([set(one.names) for one in passages], [_kept(one) for one in read(passages)])
        for name, passages in sets.items()
    }


def _kept(spans: Iterable[tuple[int, int, str]]) -> Spans:
    return {span for span in spans if span[2] in KEPT}


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--news", type=Path)
    parser.add_argument("--reading", type=Path, help="a folder with gazetteer.toml")
    parser.add_argument("--at-most", type=int, default=2000, help="sentences of each set")
    parser.add_argument("--skip", type=int, default=0, help="sentences of each set before those")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    read = by_reading(asked.reading) if asked.reading else by_model(asked.model)
    scores = table(sets_of(asked.data, asked.news, asked.at_most, asked.skip), read)
    print("".join(f"{head:>8}" for head in COLUMNS), "  names  set")  # noqa: T201
    for name, by_label in scores.items():
        cells = "".join(f"{by_label[label].f1:8.3f}" for label in COLUMNS)
        print(cells, f"{by_label['all'].gold:7d}  {name}")  # noqa: T201
    if asked.json:
        told = {
            name: {label: asdict(one) | {"f1": round(one.f1, 4)} for label, one in by.items()}
            for name, by in scores.items()
        }
        asked.json.write_text(json.dumps(told, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
