"""A trained run as Vigie ships it: weights of 16 bits, and the hash of each file.

python -m training.ner.export RUN OUT [--version 2.0.0]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from enrich.models.shipped import FORM
from training.ner.pipeline import LABELS, blank


def export(run: Path, out: Path, version: str, told: dict[str, Any]) -> None:
    """Write out/pipeline, out/names.npz and out/card.json; `told`: what else the card says."""
    asked = json.loads((run / "run.json").read_text("utf-8"))
    # A fresh one: the run's own vocabulary lists the words of its texts.
    nlp = blank(asked["width"], asked["depth"], asked["rows"])
    ner = nlp.get_pipe("ner")
    ner.from_disk(run / "ner", exclude=["vocab"])
    parameters = 0
    for node in ner.model.walk():
        for name in node.param_names:
            if node.has_param(name):
                value = node.get_param(name)
                parameters += value.size
                node.set_param(name, value.astype("float16"))
    nlp.meta.update(name="entities", version=version, license="CC BY-SA 4.0", performance={})
    out.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(out / "pipeline", ignore_errors=True)
    nlp.to_disk(out / "pipeline")
    shutil.copyfile(run / "names.npz", out / "names.npz")
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


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--version", default="2.0.0")
    asked = parser.parse_args()
    run = json.loads((asked.run / "run.json").read_text("utf-8"))
    export(asked.run, asked.out, asked.version, {"stages": run["stages"]})


if __name__ == "__main__":
    main()
