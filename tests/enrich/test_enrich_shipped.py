"""The models that come with Vigie: whole, as in sentence-transformers, refused when changed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from enrich.models import shipped
from enrich.models.static import StaticVectors, read_tensors
from vigie.errors import ModelError

FOLDER = shipped.folder_of("vectors")
TEXTS = (
    "Un câble sous-marin a été coupé près du port de Dieppe",
    "In de haven van Dieppe is een onderzeese kabel doorgesneden",
    "Nahe dem Hafen von Dieppe wurde ein Seekabel durchtrennt",
    "An undersea cable was cut near the port of Dieppe",
    "Le conseil municipal vote le budget des écoles",
    "De gemeenteraad keurt de begroting voor de scholen goed",
)
ODD = (
    "",
    " \n\t",
    "a",
    "l’œuvre ; « ÉTÉ » Straße, no-break",
    "日本語 🎉 مرحبا",
    "x" * 5_000,
    "١٢٣ e\u0301 ﬁn ½",
)


@pytest.fixture(scope="module")
def vectors() -> StaticVectors:
    return StaticVectors()


def copied(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "copie"))


def test_the_same_event_is_nearest_across_four_languages(vectors: StaticVectors) -> None:
    rows = vectors.encode(TEXTS)
    assert rows.shape == (6, vectors.dims)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)
    likeness = rows @ rows.T
    assert likeness[:4, :4].min() > likeness[:4, 4:].max()
    assert likeness[4, 5] > likeness[4, :4].max()


def test_case_and_accents_make_no_difference(vectors: StaticVectors) -> None:
    rows = vectors.encode(["Éolienne à Fécamp", "EOLIENNE A FECAMP"])
    assert np.allclose(rows[0], rows[1])


def test_a_batch_changes_nothing(vectors: StaticVectors) -> None:
    texts = [*ODD, *TEXTS] * 100
    together = vectors.encode(texts)
    assert np.allclose(together[:13], StaticVectors().encode(texts[:13]), atol=1e-6)
    assert np.allclose(together[:13], together[13:26], atol=1e-6)
    assert vectors.encode([]).shape == (0, vectors.dims)


def test_an_empty_text_and_one_of_unknown_signs_are_near_nothing(vectors: StaticVectors) -> None:
    rows = vectors.encode(["", " \x00", "日本語"])
    assert not rows.any()


@pytest.mark.slow  # loads torch
def test_sentence_transformers_gives_the_same_vectors(vectors: StaticVectors) -> None:
    sentences = pytest.importorskip("sentence_transformers")
    model = sentences.SentenceTransformer(str(FOLDER), device="cpu", local_files_only=True)
    texts = [text[:4_000] for text in (*TEXTS, *ODD) if text.strip()]
    theirs = model.encode(texts, normalize_embeddings=True)
    ours = vectors.encode(texts)
    assert np.allclose(ours, theirs, atol=1e-5), np.abs(ours - theirs).max(1)


def test_neither_torch_nor_transformers_is_loaded() -> None:
    code = (
        "import sys; from enrich.models.static import StaticVectors\n"
        "StaticVectors().encode(['Dieppe'])\n"
        "assert not {'torch', 'transformers', 'sentence_transformers'} & set(sys.modules)\n"
    )
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root, timeout=60)


@pytest.mark.parametrize("task", [t for t in shipped.TASKS if shipped.is_shipped(t)])
def test_every_shipped_folder_is_what_its_card_says(task: str) -> None:
    card = shipped.verified(shipped.folder_of(task))
    assert card.task == task
    assert card.licence == "CC BY-SA 4.0"
    assert card.figures
    names = {path.name for path in shipped.folder_of(task).iterdir()}
    assert names == {name for name, _ in card.files} | {"card.json", "README.md"}
    assert len(shipped.card_text(shipped.folder_of(task))) > 2_000


def test_the_shipped_models_are_small() -> None:
    files = [path for task in shipped.TASKS for path in shipped.folder_of(task).rglob("*")]
    assert sum(path.stat().st_size for path in files if path.is_file()) < 30_000_000


def missing(folder: Path) -> None:
    shutil.rmtree(folder)


def without_table(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def cut_short(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def one_bit(folder: Path) -> None:
    path = folder / "tokenizer.json"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def another_form(folder: Path) -> None:
    card = json.loads((folder / "card.json").read_text("utf-8"))
    (folder / "card.json").write_text(json.dumps({**card, "form": 99}), "utf-8")


def no_json(folder: Path) -> None:
    (folder / "card.json").write_text("{", "utf-8")


def a_list(folder: Path) -> None:
    (folder / "card.json").write_text("[]", "utf-8")


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (missing, "no card.json"),
        (without_table, "model.safetensors cannot be read"),
        (cut_short, "SHA-256 differs"),
        (one_bit, "SHA-256 differs"),
        (another_form, "form 99"),
        (no_json, "cannot be read"),
        (a_list, "cannot be read"),
    ],
)
def test_a_folder_that_is_not_whole_is_refused_by_name(harm, said, tmp_path: Path) -> None:
    folder = copied(tmp_path)
    harm(folder)
    with pytest.raises(ModelError, match=said) as refused:
        StaticVectors(folder).encode(["Dieppe"])
    assert str(folder) in str(refused.value)
    assert "[models] in vigie.toml" in str(refused.value)


def test_a_table_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "x.safetensors").write_bytes(b"no table at all")
    with pytest.raises(ModelError, match="no table of vectors"):
        read_tensors(tmp_path / "x.safetensors")
