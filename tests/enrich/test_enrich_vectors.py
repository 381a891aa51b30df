"""Vectors: the same for ever, of length one, near for like texts; models that are not there."""

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from enrich.vectors import (
    DIMS,
    SentenceTransformerEmbedder,
    TfidfEmbedder,
    _count,
    _vectorizers,
    by_length,
    needs_fitting,
    open_embedder,
    text_of,
)
from vigie.errors import ModelError
from vigie.schema import Models

TEXTS = (
    "Le port du Havre teste une grue électrique",
    "Une grue électrique à l'essai au port du Havre",
    "De haven van Gent krijgt een nieuwe sluis",
    "Der Rhein führt nach dem Regen wieder mehr Wasser",
    "A county court rules on the coastal path",
    "",
)


@pytest.fixture(scope="module")
def fitted() -> TfidfEmbedder:
    return TfidfEmbedder.fit(TEXTS)


def test_rows_have_length_one_and_an_empty_text_a_zero_row(fitted: TfidfEmbedder) -> None:
    rows = fitted.encode([*TEXTS, " \n\x00"])
    assert rows.shape == (7, DIMS)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows[:5], axis=1), 1.0, atol=1e-5)
    assert not rows[5:].any()


def test_cutting_each_word_once_counts_what_scikit_learn_counts() -> None:
    texts = [*TEXTS, "haven haven  de\u00a0haven", "a", "aa bbb cccccc"]
    _, chars = _vectorizers()
    counted, expected = _count(texts)[1], chars.transform(texts)
    assert expected.nnz > 300
    assert (counted.toarray() == expected.toarray()).all()


def test_no_text_gives_no_row(fitted: TfidfEmbedder) -> None:
    assert fitted.encode([]).shape == (0, DIMS)


def test_like_texts_are_nearer_than_others(fitted: TfidfEmbedder) -> None:
    rows = fitted.encode(TEXTS)
    likeness = rows @ rows.T
    assert likeness[0, 1] > 0.4
    assert likeness[0, 2:5].max() < 0.25


def test_accents_and_case_make_no_difference(fitted: TfidfEmbedder) -> None:
    rows = fitted.encode(["Éolienne à Fécamp", "EOLIENNE A FECAMP"])
    assert np.allclose(rows[0], rows[1])


def test_the_folding_keeps_inner_products(fitted: TfidfEmbedder) -> None:
    """Texts without a common word are orthogonal before folding, and nearly so after."""
    seeds = np.random.default_rng(7)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    texts = [" ".join("".join(seeds.choice(letters, 8)) for _ in range(10)) for _ in range(60)]
    rows = fitted.encode(texts)
    apart = (rows @ rows.T)[np.triu_indices(60, 1)]
    assert abs(float(apart.mean())) < 0.02
    assert float(apart.std()) < 0.06


def test_the_state_makes_the_same_embedder_again(fitted: TfidfEmbedder) -> None:
    again = TfidfEmbedder.from_state(fitted.state())
    assert again.revision == fitted.revision
    assert again.state() == fitted.state()
    assert np.array_equal(again.encode(TEXTS), fitted.encode(TEXTS))


def test_one_text_more_is_another_revision(fitted: TfidfEmbedder) -> None:
    assert TfidfEmbedder.fit(TEXTS[:-1]).revision == fitted.revision
    assert TfidfEmbedder.fit(TEXTS[:-2]).revision != fitted.revision


def test_the_same_fit_is_the_same_in_another_process(fitted: TfidfEmbedder) -> None:
    code = (
        "import sys, hashlib; from enrich.vectors import TfidfEmbedder\n"
        f"made = TfidfEmbedder.fit({list(TEXTS)!r})\n"
        f"rows = made.encode({list(TEXTS)!r})\n"
        "print(made.revision, hashlib.sha256(rows.tobytes()).hexdigest())\n"
        "assert 'torch' not in sys.modules and 'spacy' not in sys.modules\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        env={"PYTHONHASHSEED": "1", "PATH": ""},  # which is this process's one time in 2^32
    ).stdout
    rows = hashlib.sha256(fitted.encode(TEXTS).tobytes()).hexdigest()
    assert told.split() == [fitted.revision, rows]


@pytest.mark.parametrize(
    "state", [b"", b"anything", b"vigie-tfidf-1\n", b"vigie-tfidf-1\n\xff" * 9]
)
def test_a_state_that_is_none_is_said_with_the_way_out(state: bytes) -> None:
    with pytest.raises(ModelError, match="vigie enrich --refit"):
        TfidfEmbedder.from_state(state)


def test_a_cut_state_is_damaged(fitted: TfidfEmbedder) -> None:
    with pytest.raises(ModelError, match="damaged"):
        TfidfEmbedder.from_state(fitted.state()[:-50])


def test_the_settings_say_which_embedder(fitted: TfidfEmbedder) -> None:
    lexical = Models(vectors="tfidf")
    assert needs_fitting(lexical)
    assert open_embedder(lexical, fitted.state()).revision == fitted.revision
    with pytest.raises(ModelError, match="not fitted yet"):
        open_embedder(lexical, None)
    assert not needs_fitting(Models(vectors="some/model"))
    assert not needs_fitting(Models())
    assert open_embedder(Models(), None).name == "vigie"


def test_batches_hold_many_short_texts_or_few_long_ones() -> None:
    texts = ["x" * 4_000] * 20 + ["y"] * 600 + [""]
    batches = by_length(texts)
    assert sorted(place for batch in batches for place in batch) == list(range(len(texts)))
    assert max(map(len, batches)) == 256
    assert all(
        len(batch) == 1 or len(batch) * max(len(texts[place]) for place in batch) <= 32_768
        for batch in batches
    )
    assert by_length([]) == []


def test_the_title_is_embedded_twice_and_the_text_only_without_a_summary() -> None:
    assert text_of("T", "S", "X") == "T\nT\nS"
    assert text_of("T", " ", "X") == "T\nT\nX"
    assert text_of("", "", "") == ""
    assert len(text_of("", "", "x" * 9_000)) == 600


# ---------------------------------------------------------------------- sentence-transformers


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of 8 numbers a word, made here: nothing is fetched."""
    sentences = pytest.importorskip("sentence_transformers")
    from sentence_transformers.sentence_transformer.modules import (  # noqa: PLC0415 (loads torch)
        StaticEmbedding,
    )
    from tokenizers import Tokenizer, models, pre_tokenizers  # noqa: PLC0415 (comes with it)

    words = ["[UNK]", *sorted({word for text in TEXTS for word in text.lower().split()})]
    vocabulary = {word: number for number, word in enumerate(words)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    weights = np.random.default_rng(3).normal(size=(len(words), 8)).astype(np.float32)
    module = StaticEmbedding(tokenizer, embedding_weights=weights)
    path = tmp_path_factory.mktemp("models") / "petit"
    sentences.SentenceTransformer(modules=[module], device="cpu").save(str(path))
    return path


@pytest.mark.slow  # torch takes seconds to load
def test_a_sentence_model_is_taken_from_a_folder(folder: Path) -> None:
    embedder = open_embedder(Models(vectors=str(folder), device="cpu"), None)
    rows = embedder.encode(["le port du", "", "le port du"])
    assert rows.shape == (3, 8)
    assert rows.dtype == np.float32
    assert embedder.dims == 8
    assert np.allclose(np.linalg.norm(rows[0]), 1.0, atol=1e-5)
    assert np.array_equal(rows[0], rows[2])
    assert not rows[1].any()
    assert embedder.name == str(folder)


@pytest.mark.slow
def test_its_revision_is_the_hash_of_its_files(folder: Path) -> None:
    first = SentenceTransformerEmbedder(str(folder), "cpu").revision
    assert first.startswith("petit-")
    assert SentenceTransformerEmbedder(str(folder), "cpu").revision == first
    (folder / "note.txt").write_text("another")
    assert SentenceTransformerEmbedder(str(folder), "cpu").revision != first


def test_a_model_that_is_not_there_is_said_with_the_way_out(tmp_path: Path) -> None:
    missing = SentenceTransformerEmbedder(str(tmp_path / "rien"), "cpu")
    with pytest.raises(ModelError, match=r"rien.*tfidf"):
        missing.encode(["texte"])
