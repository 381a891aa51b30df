"""What the gazetteer finds and what it leaves, name by name; trained pipelines."""

import subprocess
import sys
from pathlib import Path

import pytest

from enrich.entities import EntityReader
from vigie.errors import ModelError
from vigie.model import Mention, ReadingJob
from vigie.schema import Entity, Models

RULES = Models(entities="gazetteer")
GAZETTEER = (
    Entity(id="otan", label="ORG", names={"fr": "OTAN", "nl": "NAVO", "en": "NATO"}),
    Entity(id="ue", label="ORG", names={"fr": "Union européenne"}, aliases=("UE", "EU")),
    Entity(id="eu-ville", label="LOC", names={"fr": "Eu"}, aliases=("Ville d'Eu",), exact=True),
    Entity(id="elysee", label="ORG", names={"fr": "Élysée"}),
    Entity(
        id="antwerpen",
        label="LOC",
        names={"fr": "Anvers", "nl": "Antwerpen", "en": "Antwerp"},
    ),
    Entity(id="port-anvers", label="ORG", names={"fr": "Port d'Anvers", "nl": "Haven Antwerpen"}),
    Entity(id="nice", label="LOC", names={"fr": "Nice"}),
    Entity(id="seine", label="LOC", names={"fr": "Seine"}),
    Entity(id="neuilly", label="LOC", names={"fr": "Neuilly-sur-Seine"}),
    Entity(id="saint-lo", label="LOC", names={"fr": "Saint-Lô"}),
    Entity(id="orange", label="ORG", names={"fr": "Orange"}, exact=True),
    Entity(id="skeyes", label="ORG", names={"fr": "skeyes"}),
    Entity(id="onu", label="ORG", names={"fr": "ONU", "en": "United Nations"}, aliases=("UN",)),
    Entity(id="vsse", label="ORG", names={"fr": "Sûreté de l'État", "nl": "Staatsveiligheid"}),
)

FOUND = {
    "a name": ("Une visite à Anvers.", {"Anvers": "antwerpen"}),
    "an alias in another language meets in one entity": (
        "De NAVO-top in Antwerpen",
        {"NAVO": "otan", "Antwerpen": "antwerpen"},
    ),
    "elision": ("Le conseiller de l'Élysée parle", {"Élysée": "elysee"}),
    "elision with a curly apostrophe": ("près d’Anvers et l’OTAN", {"Anvers": "antwerpen"}),
    "no accent": ("L'Elysee se tait", {"Elysee": "elysee"}),
    "all capitals": ("L'UNION EUROPEENNE DECIDE", {"UNION EUROPEENNE": "ue"}),
    "all lower case": ("un train pour nice ce soir", {"nice": "nice"}),
    "the longest wins": ("Le port d'Anvers grandit", {"port d'Anvers": "port-anvers"}),
    "several words in lower case": ("selon la sûreté de l’état", {"sûreté de l’état": "vsse"}),
    "an acronym in its case": ("L'UE et l'OTAN", {"UE": "ue", "OTAN": "otan"}),
    "a place within another is the other": (
        "À Neuilly-sur-Seine",
        {"Neuilly-sur-Seine": "neuilly"},
    ),
    "a space for a hyphen": ("La mairie de Saint Lô", {"Saint Lô": "saint-lo"}),
    "a genitive in Dutch": ("Antwerpens burgemeester", {"Antwerpens": "antwerpen"}),
    "a genitive in English": ("NATO's summit", {"NATO": "otan"}),
    "an exact name": ("Orange coupe le cuivre", {"Orange": "orange"}),
    "a name spelt in lower case": ("Le contrôleur skeyes recrute", {"skeyes": "skeyes"}),
    "an acronym that is a common word": ("Die UN tagt", {"UN": "onu"}),
    "an acronym among capitals": ("L'ONU DIT NON", {"ONU": "onu"}),
    "an exact town": ("La ville d'Eu et l'EU", {"Eu": "eu-ville", "EU": "ue"}),
    "across a line": ("Union\neuropéenne", {}),
}

NOT_FOUND = {
    "a common word in lower case where capitals are known": "Have a nice day in Gent",
    "an acronym in lower case": "il a eu le temps, l'ue non",
    "an exact name in another case": "Une orange et un citron; ORANGE",
    "a common word among capitals": "UN VIOLENT ORAGE, dit-on",
    "a common word in capitals": "ENTRE LIEN ET LOUP, UN FILM",
    "a part of a word": "Anversois, Niceto",
    "a part of a hyphened place": "Épinay-sur-Seine et Vitry-sur-Seine",
    "a CVE number, which is a reference": "CVE-2026-12345",
    "nothing": "",
    "spaces": " \n\t ",
}


def job(title: str = "", summary: str = "", text: str = "") -> ReadingJob:
    return ReadingJob(1, 1, title, summary, text)


@pytest.fixture(scope="module")
def reader() -> EntityReader:
    return EntityReader(GAZETTEER, RULES)


def surfaces(mentions: tuple[Mention, ...]) -> dict[str, str]:
    return {mention.surface: mention.entity for mention in mentions}


@pytest.mark.parametrize("name", FOUND)
def test_finds(name: str, reader: EntityReader) -> None:
    text, expected = FOUND[name]
    (mentions,) = reader.read([job(text)], ["fr"])
    found = surfaces(mentions)
    assert expected.items() <= found.items()
    if not expected:
        assert not found
    for mention in mentions:
        assert text[mention.start : mention.end] == mention.surface
        assert mention.why
        assert mention.field == "title"


@pytest.mark.parametrize("name", NOT_FOUND)
def test_does_not_find(name: str, reader: EntityReader) -> None:
    assert reader.read([job(NOT_FOUND[name])], ["xx"]) == [()]


def test_fields_are_read_apart_and_in_their_order(reader: EntityReader) -> None:
    (mentions,) = reader.read([job("L'Union", "européenne et l'OTAN", "Anvers  et   Nice")], ["fr"])
    assert [(m.field, m.surface) for m in mentions] == [
        ("summary", "OTAN"),
        ("text", "Anvers"),
        ("text", "Nice"),
    ]
    assert [m.name for m in mentions] == ["OTAN", "Anvers", "Nice"]
    assert [m.label for m in mentions] == ["ORG", "LOC", "LOC"]


def test_mentions_never_overlap(reader: EntityReader) -> None:
    (mentions,) = reader.read([job("Port d'Anvers, Anvers, Neuilly-sur-Seine, Seine")], ["fr"])
    ends = [0, *(mention.end for mention in mentions)]
    assert all(mention.start >= end for mention, end in zip(mentions, ends, strict=False))
    assert len(mentions) == 4


def test_the_revision_follows_the_gazetteer(reader: EntityReader) -> None:
    assert reader.revision == EntityReader(GAZETTEER, RULES).revision
    assert reader.revision != EntityReader(GAZETTEER[1:], RULES).revision
    assert reader.revision.startswith("gazetteer-")


def test_a_missing_pipeline_is_said_with_the_way_out() -> None:
    missing = EntityReader(GAZETTEER, Models(entities={"fr": "fr_nowhere_sm"}))
    assert surfaces(missing.read([job("Antwerpen")], ["nl"])[0]) == {"Antwerpen": "antwerpen"}
    with pytest.raises(ModelError, match=r"fr_nowhere_sm.*spacy download"):
        missing.read([job("Anvers")], ["fr"])
    with pytest.raises(ModelError, match="fr_nowhere_sm"):
        _ = missing.revision


def test_a_pipeline_adds_what_the_gazetteer_lacks(tmp_path: Path) -> None:
    """A pipeline with a ruler of its own stands for a trained one."""
    import spacy  # noqa: PLC0415 (after enrich.blank in this process, like everywhere)

    nlp = spacy.blank("xx")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns(
        [
            {"label": "PERSON", "pattern": "Aline Brédeville"},
            {"label": "GPE", "pattern": "Anvers"},
            {"label": "DATE", "pattern": "lundi"},
        ]
    )
    nlp.to_disk(tmp_path / "maison")
    reader = EntityReader(GAZETTEER, Models(entities=str(tmp_path / "maison")))
    (mentions,) = reader.read([job("Aline Brédeville à Anvers lundi")], ["fr"])
    assert [(m.entity, m.label, m.surface) for m in mentions] == [
        ("per:aline-bredeville", "PER", "Aline Brédeville"),
        ("antwerpen", "LOC", "Anvers"),
    ]
    assert reader.revision != EntityReader(GAZETTEER, RULES).revision


@pytest.mark.slow
def test_the_shipped_model_needs_no_spacy_which_comes_without_torch() -> None:
    code = (
        "import sys, enrich.entities as e, enrich.blank as b\n"
        "reader = e.EntityReader((), e.Models())\n"
        "job = e.ReadingJob(1, 1, 'Emmanuel Macron à Dieppe', '', '')\n"
        "assert reader.revision and reader.read([job], ['fr'])[0]\n"
        "assert not {'spacy', 'thinc', 'torch', 'sklearn', 'pandas'} & sys.modules.keys()\n"
        "b.spacy_without_torch()\n"
        "assert 'spacy' in sys.modules and 'torch' not in sys.modules\n"
        "import torch, sentence_transformers\n"
        "assert torch.zeros(2).sum() == 0\n"
    )
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root, timeout=60)


def test_a_large_gazetteer_misses_nothing() -> None:
    letters = "bcdfglmnprstvz"
    made = tuple(
        Entity(
            id=f"e{number}",
            label="ORG",
            names={
                "fr": f"Agence {letters[number % 14]}{number}ville",
                "nl": f"Dienst {number}stad",
            },
            aliases=(f"Office du {number}val", f"Bureau-{number}"),
        )
        for number in range(1_500)
    )
    reader = EntityReader((*GAZETTEER, *made), RULES)
    text = "Le sommet de l'OTAN près d'Anvers réunit des ministres qui parlent longtemps . " * 1_500
    (mentions,) = reader.read([job(text=text)], ["fr"])
    assert len(mentions) == 3_000
