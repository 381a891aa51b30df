"""A trained run as Vigie ships it: weights of 16 bits, and the hash of each file.

python -m training.ner.export RUN [EARLIER ...] OUT [--version 1.0.0]

EARLIER: the runs that RUN went on from, the last first.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
from pathlib import Path

from enrich.models.shipped import FORM
from training.ner.pipeline import LABELS, blank


def export(run: Path, out: Path, version: str, told: dict[str, object]) -> None:
    """Write out/pipeline and out/card.json; `told`: what else the card says."""
    nlp = blank()  # a fresh one: the run's vocabulary lists the words of its texts
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
    paths = sorted(path for path in (out / "pipeline").rglob("*") if path.is_file())
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
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("out", type=Path)
    parser.add_argument("--version", default="1.0.0")
    asked = parser.parse_args()
    told = [json.loads((run / "run.json").read_text("utf-8")) for run in reversed(asked.runs)]
    words = sum(run["words_seen"] for run in told)
    stages = [_stage(run) for run in told]
    export(asked.runs[0], asked.out, asked.version, {"words_seen": words, "stages": stages})


def _stage(run: dict[str, object]) -> str:
    return (
        f"{run['steps']} steps, seed {run['seed']}, rate {run['rate']}, dropout {run['dropout']}, "
        f"news {run['share_news']} and own sentences {run['share_own']} of the words"
        f"{run.get('remark', '')}"
    )


if __name__ == "__main__":
    main()
