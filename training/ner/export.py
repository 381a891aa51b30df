"""A trained run as Vigie ships it: weights of 16 bits, and the hash of each file.

python -m training.ner.export RUN [RUN ...] OUT [--version 2.1.0]

Of several runs, each gone on from the one before, the mean of their weights is taken (model
soups, Wortsman et al. 2022, arXiv:2203.05482).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from enrich.models.shipped import FORM
from training.ner.pipeline import LABELS, blank


def export(runs: Sequence[Path], out: Path, version: str, told: dict[str, Any]) -> None:
    """Write out/pipeline, out/names.npz and out/card.json; `told`: what else the card says."""
    asked = json.loads((runs[0] / "run.json").read_text("utf-8"))
    # A fresh one: the run's own vocabulary lists the words of its texts.
    nlp = blank(*(asked[name] for name in ("width", "depth", "rows", "pieces")))
    ner = nlp.get_pipe("ner")
    sums: list[Any] = []
    for run in runs:
        ner.from_disk(run / "ner", exclude=["vocab"])
        values = [node.get_param(name).astype("float64") for node, name in _held(ner)]
        sums = [one + other for one, other in zip(sums, values, strict=True)] if sums else values
    for (node, name), total in zip(_held(ner), sums, strict=True):
        node.set_param(name, (total / len(runs)).astype("float16"))
    parameters = sum(total.size for total in sums)
    nlp.meta.update(name="entities", version=version, license="CC BY-SA 4.0", performance={})
    out.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(out / "pipeline", ignore_errors=True)
    nlp.to_disk(out / "pipeline")
    shutil.copyfile(runs[0] / "names.npz", out / "names.npz")
    paths = sorted(path for path in (out / "pipeline").rglob("*") if path.is_file())
    paths.append(out / "names.npz")
    files = {
        str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths
    }
    card = {
        "form": FORM,
        "task": "entities",
        "version": version,
        "licence": "CC BY-SA 4.0",
        "about": "People, places and organisations in French, Dutch, German and English news",
        "labels": LABELS,
        "parameters": parameters,
        "bytes": sum(path.stat().st_size for path in paths),
        **told,
        "figures": [],  # filled by training.ner.card
        "files": files,
    }
    (out / "card.json").write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _held(ner: Any) -> list[tuple[Any, str]]:
    return [
        (node, name)
        for node in ner.model.walk()
        for name in node.param_names
        if node.has_param(name)
    ]


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("out", type=Path)
    parser.add_argument("--version", default="2.1.0")
    asked = parser.parse_args()
    stages = json.loads((asked.runs[-1] / "run.json").read_text("utf-8"))["stages"]
    told = {"stages": stages, "mean_of": len(asked.runs)}
    export(asked.runs, asked.out, asked.version, told)


if __name__ == "__main__":
    main()
