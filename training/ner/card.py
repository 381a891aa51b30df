"""The model card, README.md beside the model, and the figures in its card.json, as measured.

    python -m training.ner.card MODEL --alone FILE --reading FILE [--without FILE] [--rest FILE]

The files are those of `training.ner.evaluate --json`; --rest is of the sentences after those that
were looked at while settings were chosen (evaluate --skip).
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from enrich.models.shipped import read_card
from enrich.names import NameList

Scores = Mapping[str, Mapping[str, Mapping[str, float]]]

TEMPLATE = Path(__file__).with_name("card.txt")


def table(columns: Mapping[str, Scores]) -> str:
    """Sets as rows, and for each column of scores: F1 of all, PER, LOC, ORG."""
    heads = [f"{name}: all / PER / LOC / ORG" for name in columns]
    lines = [f"| set | names | {' | '.join(heads)} |", f"|---|---|{'---|' * len(heads)}"]
    first = next(iter(columns.values()))
    for name, labels in first.items():
        cells = []
        for scores in columns.values():
            by = scores.get(name)
            f1 = [f"{by[label]['f1']:.3f}" for label in ("all", "PER", "LOC", "ORG")] if by else []
            cells.append(" / ".join(f1) or "not measured")
        lines.append(f"| {name} | {int(labels['all']['gold'])} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _stage(run: Mapping[str, Any]) -> str:
    return (
        f"{run['steps']:,} steps of {run['words']:,} words (seed {run['seed']}, "
        f"rate {run['rate']}, dropout {run['dropout']}, doubt {run['doubt']}; of the words, "
        f"news {run['share_news']}, at the end {run['share_last']}, "
        f"and own sentences {run['share_own']})"
    )


def _recipe(stages: Sequence[Mapping[str, Any]], mean_of: int) -> str:
    told = ", then from there ".join(map(_stage, stages))
    return f"{told}; the mean of the weights at {mean_of} stages' ends" if mean_of > 1 else told


def _of_rest(scores: Scores) -> str:
    wiki = [name for name in scores if name.startswith("wikineural-")]
    return ", ".join(f"{name[-2:]} {scores[name]['all']['f1']:.3f}" for name in sorted(wiki))


def card(model: Path, columns: Mapping[str, Scores], sentences: int, rest: Scores) -> str:
    """The text of README.md."""
    meta: dict[str, Any] = json.loads((model / "card.json").read_text("utf-8"))
    weights = hashlib.sha256((model / "pipeline/ner/model").read_bytes()).hexdigest()
    return TEMPLATE.read_text("utf-8").format(
        version=read_card(model).revision,
        megabytes=f"{meta['bytes'] / 1e6:.1f}",
        parameters=f"{meta['parameters'] / 1e6:.2f} million",
        names=f"{len(NameList.load(model / 'names.npz').keys):,}",
        recipe=_recipe(meta["stages"], meta["mean_of"]),
        weights=weights,
        sentences=f"{sentences:,}",
        table=table(columns),
        rest=_of_rest(rest),
        **{name: meta["stages"][0][name] for name in ("width", "depth", "pieces")},
    )


def figures(columns: Mapping[str, Scores]) -> list[dict[str, object]]:
    """What card.json says: strict F1 of all labels; first the gold by language, as Vigie reads."""
    gold = {
        name.partition(" ")[2]: round(labels["all"]["f1"], 3)
        for name, labels in list(columns.values())[-1].items()
        if name.startswith("gold ")
    }
    first = {"what": "names in press, strict F1 over PER, LOC, ORG, as Vigie reads", "values": gold}
    return [first] + [
        {
            "what": f"strict F1 over PER, LOC, ORG, {name}",
            "values": {part: round(labels["all"]["f1"], 3) for part, labels in scores.items()},
        }
        for name, scores in columns.items()
    ]


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--alone", type=Path, required=True)
    parser.add_argument("--reading", type=Path, required=True)
    parser.add_argument("--without", type=Path, help="of a run without the labelled news")
    parser.add_argument("--rest", type=Path, help="of the sentences after those, as Vigie reads")
    parser.add_argument("--sentences", type=int, default=2000, help="as evaluate --at-most")
    asked = parser.parse_args()
    columns = {"model alone": asked.alone}
    if asked.without:
        columns["trained without the news"] = asked.without
    columns["as Vigie reads"] = asked.reading
    scores = {name: json.loads(path.read_text("utf-8")) for name, path in columns.items()}
    rest = json.loads(asked.rest.read_text("utf-8")) if asked.rest else {}
    text = card(asked.model, scores, asked.sentences, rest)
    (asked.model / "README.md").write_text(text, "utf-8")
    head: dict[str, Any] = json.loads((asked.model / "card.json").read_text("utf-8"))
    head["figures"] = figures(scores)
    text = json.dumps(head, indent=1, ensure_ascii=False) + "\n"
    (asked.model / "card.json").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
