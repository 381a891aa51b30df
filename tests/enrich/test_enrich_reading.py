"""The three readers together, on what feeds really send; and what `vigie doctor` is told."""

import subprocess
import sys
from pathlib import Path

import pytest

from enrich.models.inforce import NOT_FITTED, in_force
from enrich.reading import MAX_TEXT, Reader
from enrich.vectors import TfidfEmbedder
from vigie.mailing import Bounces, Mail
from vigie.model import ReadingJob
from vigie.schema import (
    Collect,
    Coordination,
    Edition,
    Emergence,
    Entity,
    General,
    Grouping,
    Models,
    Paths,
    Rules,
    Schedule,
    Serve,
    Theme,
)
from vigie.settings import Settings

LABELS = {"fr": "Mer", "nl": "Zee", "de": "Meer", "en": "Sea"}


def settings(models: Models | None = None) -> Settings:
    return Settings(
        home=Path("/nowhere"),
        general=General(),
        paths=Paths(),
        collect=Collect(),
        models=models or Models(entities="gazetteer"),
        grouping=Grouping(),
        emerging=Emergence(),
        coordination=Coordination(),
        mail=Mail(),
        bounces=Bounces(),
        serve=Serve(),
        schedule=Schedule(),
        editions=(Edition(id="essai", title=LABELS),),
        sources=(),
        themes=(Theme(id="mer", labels=LABELS, rules={"fr": Rules(any=("câble* sous-marin*",))}),),
        gazetteer=(Entity(id="dieppe", label="LOC", names={"fr": "Dieppe"}),),
    )


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(settings())


def test_reads_language_entities_and_themes(reader: Reader) -> None:
    jobs = [
        ReadingJob(
            7, 2, "Un câble sous-marin coupé devant Dieppe", "La réparation prendra dix jours", ""
        ),
        ReadingJob(8, 1, "", "", ""),
    ]
    first, second = reader.read(jobs)
    assert (first.article, first.revision, first.language.code) == (7, 2, "fr")
    assert [mention.entity for mention in first.mentions] == ["dieppe"]
    assert [hit.theme for hit in first.themes] == ["mer"]
    assert (second.article, second.language.code) == (8, "und")
    assert second.mentions == second.themes == ()


HOSTILE = {
    "two megabytes of one word": "x" * 2_000_000,
    "control characters": "\x00\x07 Dieppe \x1b[31m rouge \x9f",
    "right to left and emoji": "\u202eمرحبا 🎉 Dieppe \u200f",
    "HTML left-overs": "<p>Dieppe &amp; <br/>",
    "lone surrogates": "Dieppe \ud83d fin",
    "a million spaces": " " * 1_000_000 + "Dieppe",
    "a text beyond the cap": "Dieppe est une ville. " * 5_000,
    "combining marks": "D\u0301ie\u0300ppe " * 100,
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("field", ["title", "summary", "text"])
def test_any_text_is_read(name: str, field: str, reader: Reader) -> None:
    texts = {"title": "", "summary": "", "text": "", field: HOSTILE[name]}
    (reading,) = reader.read([ReadingJob(1, 1, **texts, declared_language="fr")])
    for mention in reading.mentions:
        assert mention.surface == HOSTILE[name][mention.start : mention.end]
        assert mention.entity == "dieppe"
        assert mention.end <= MAX_TEXT


def test_the_revision_is_short_and_of_all_three(reader: Reader) -> None:
    language, entities, references, themes = reader.revision.split("+")
    assert references.startswith("references-")
    assert language.startswith("py3langid-")
    assert entities.startswith("gazetteer-")
    assert themes.startswith("rules-")
    assert len(reader.revision) < 80


def test_the_doctor_is_told_what_is_in_force() -> None:
    told = {model.task: model for model in in_force(settings())}
    assert list(told) == ["language", "entities", "themes", "vectors", "grouping"]
    assert all(model.ok for model in told.values())
    assert told["vectors"].revision.startswith("vigie-vectors-")
    assert told["grouping"].revision == NOT_FITTED
    assert "1 entities" in told["entities"].origin
    state = TfidfEmbedder.fit(["une digue"]).state()
    fitted = {model.task: model for model in in_force(settings(), state)}
    assert fitted["grouping"].revision.startswith("tfidf-")


def test_the_doctor_is_told_what_cannot_be_loaded() -> None:
    missing = Models(entities="fr_nowhere_sm", vectors="/nowhere/model", device="cpu")
    told = {model.task: model for model in in_force(settings(missing))}
    assert not told["entities"].ok
    assert "fr_nowhere_sm" in told["entities"].error
    assert not told["vectors"].ok
    assert "/nowhere/model" in told["vectors"].error
    assert told["language"].ok


def test_importing_enrich_imports_nothing_heavy() -> None:
    code = (
        "import sys, enrich.reading, enrich.vectors, enrich.grouping\n"
        "import enrich.models.inforce, enrich.models.installed\n"
        "heavy = {'torch', 'spacy', 'sklearn', 'scipy', 'py3langid', 'sentence_transformers',"
        " 'tokenizers', 'safetensors'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root, timeout=60)
