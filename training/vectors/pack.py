"""From a trained table to the model folder: what is folded in, int8, the files and their card."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import Tokenizer

from training.vectors.model import UNKNOWN, Recipe, Texts

Matrix = NDArray[np.float32]
_SAMPLE = 20_000  # texts from which the components are taken
_MODULE = "sentence_transformers.sentence_transformer.modules.static_embedding.StaticEmbedding"


def fold(table: Matrix, tokenizer: Tokenizer, texts: Texts, recipe: Recipe) -> Matrix:
    """The table with the mean and the first components of real texts taken out of each row.

    (Mu and Viswanath, "All-but-the-Top", ICLR 2018, done for texts.) Means of rows are linear, so
    what is taken from each row is taken from each text. Unknown tokens and padding get zeros.
    """
    random = np.random.default_rng(recipe.seed)
    picked = random.choice(len(texts.sizes), min(_SAMPLE, len(texts.sizes)), replace=False)
    means = np.stack(
        [table[texts.tokens[texts.starts[i] :][: texts.sizes[i]]].mean(0) for i in picked]
    )
    centre = means.mean(0)
    values, axes = np.linalg.eigh(np.cov((means - centre).T))
    sizes = np.maximum(values[::-1], 1e-12) ** (-recipe.whiten / 2)
    sizes /= sizes.mean()
    sizes[: recipe.components] = 0.0
    axes = axes[:, ::-1]
    folded = ((table - centre) @ axes) * sizes[None, :] @ axes.T
    for token in ("[PAD]", UNKNOWN):
        folded[tokenizer.token_to_id(token)] = 0.0
    found: Matrix = folded.astype(np.float32)
    return found


def write(folder: Path, table: Matrix, tokenizer: Tokenizer) -> None:
    """What sentence-transformers reads: int8 rows with a scale each, tokenizer, modules."""
    folder.mkdir(parents=True, exist_ok=True)
    scales = np.maximum(np.abs(table).max(1), 1e-9) / 127.0
    rows = np.round(table / scales[:, None]).astype(np.int8)
    save_file(
        {"embeddings": rows, "weights": scales.astype(np.float32)}, folder / "model.safetensors"
    )
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    module = {"idx": 0, "name": "0", "path": "", "type": _MODULE}
    _json(folder / "modules.json", [module])
    _json(
        folder / "config_sentence_transformers.json",
        {"similarity_fn_name": "cosine", "prompts": {}, "default_prompt_name": None},
    )


def write_card(folder: Path, card: dict[str, object], page: str, names: tuple[str, ...]) -> None:
    """`card.json` with the files' hashes, and the page for a person."""
    (folder / "README.md").write_text(page, encoding="utf-8")
    files = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in sorted(names)
    }
    _json(folder / "card.json", {**card, "files": files})


def _json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
