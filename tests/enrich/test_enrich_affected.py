"""What a notice of a vulnerability is about."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence

import pytest

from enrich.affected import affected
from enrich.entities import EntityReader
from enrich.trained import Found, TrainedReader
from vigie.model import ReadingJob
from vigie.schema import Entity, Models


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("Multiples vulnérabilités dans Fenêtra et Loutre Mail", ["Fenêtra", "Loutre Mail"]),
        ("Vulnérabilité dans les produits Balise", ["Balise"]),
        ("Vulnérabilité de type jour zéro dans le noyau Merle 6.1", ["Merle 6.1"]),
        ("Kwetsbaarheid in Portalix Edge (CVE-2026-990117): werk bij", ["Portalix Edge"]),
        ("Kritische Sicherheitslücke in TunnelMar VPN", ["TunnelMar VPN"]),
        ("Schwachstellen in Granith ERP und Phare 3", ["Granith ERP", "Phare 3"]),
        ("Critical vulnerability in the Granith ERP server", ["Granith ERP"]),
        ("Flaws in Balise, Fenêtra and Merle", ["Balise", "Fenêtra", "Merle"]),
        ("Une faille dans la défense de Rouen", []),
        ("Vulnérabilités dans le système de santé", []),
        ("La vulnérabilité des femmes dans 3 pays", []),
        ("Une faille dans Loutre Mail. Elle permet tout", ["Loutre Mail"]),
        ("Fenêtra et Loutre Mail mis à jour", []),
        ("", []),
    ],
)
def test_finds_what_is_vulnerable(title: str, names: list[str]) -> None:
    assert [title[start:end] for start, end in affected(title)] == names


def test_what_the_lists_know_keeps_its_name_and_the_rest_is_the_product() -> None:
    balise = Entity(id="balise", label="ORG", names={"fr": "Balise"})
    reader = EntityReader((balise,), Models(entities="gazetteer"))
    job = ReadingJob(1, 1, "Vulnérabilité dans Balise Courrier", "", "")
    (read,) = reader.read([job], ["fr"])
    assert [(one.entity, one.surface, one.label) for one in read] == [
        ("balise", "Balise", "ORG"),
        ("misc:balise-courrier", "Courrier", "MISC"),
    ]
    assert (read[1].name, read[1].why) == ("Balise Courrier", "named as what is vulnerable")


LISTED = {
    "a version": ("Loutre Mail version 1.2", ["Loutre Mail"]),
    "versions before one": ("Loutre Mail versions 9.1.x antérieures à 9.1.3", ["Loutre Mail"]),
    "all versions": ("Loutre Mail app toutes versions pour Linux", ["Loutre Mail app"]),
    "without a correction": ("Granith 8 sans le dernier correctif", ["Granith"]),
    "its acronym beside it": ("Balise Router Manager (BRM) version 1.2", ["Balise Router Manager"]),
    "a number alone": ("openPhare Leap 15.5", ["openPhare Leap"]),
    "a service pack": ("Phare Enterprise Server 15 SP5", ["Phare Enterprise Server"]),
    "a kind of machine": ("Phare Server - AUS 8.6 x86_64", ["Phare Server"]),
    "for another": (
        "Merle pour Balise vPort versions antérieures à 9",
        ["Merle pour Balise vPort"],
    ),
    "Dutch": ("Loutre Mail vóór 9.1", ["Loutre Mail"]),
    "German": ("Loutre Mail alle Versionen", ["Loutre Mail"]),
    "two lines": ("Merle 6.1\n\tPhare versions 3.x", ["Merle", "Phare"]),
    "a sentence": ("Les clients des versions antérieures doivent mettre à jour", []),
    "a bulletin": ("Bulletin de sécurité Balise du 12 mars 2026", []),
    "a number of a flaw": ("Référence CVE CVE-2026-990117", []),
    "within a line": ("On sait que Merle version 2 est touché", []),
}


@pytest.mark.parametrize("case", LISTED)
def test_finds_the_systems_of_a_list(case: str) -> None:
    lines, names = LISTED[case]
    text = f"De multiples vulnérabilités\n{lines}\nContournement"
    assert [text[start:end] for start, end in affected(text)] == names
    assert list(affected(lines)) == []  # no notice


def test_a_product_alone_is_the_one_that_has_its_maker_elsewhere() -> None:
    balise = Entity(id="balise", label="ORG", names={"fr": "Balise"})
    reader = EntityReader((balise,), Models(entities="gazetteer"))
    text = "Vulnérabilité\nCourrier versions 2.x\nMerle versions 3.x"
    job = ReadingJob(1, 1, "Vulnérabilité dans Balise Courrier", "", text)
    (read,) = reader.read([job], ["fr"])
    assert [one.entity for one in read] == [
        *("balise", "misc:balise-courrier"),
        *("misc:balise-courrier", "misc:merle"),
    ]


class Said(TrainedReader):
    """A pipeline that takes every word with a capital for a body."""

    def read(self, texts: Sequence[str]) -> list[tuple[Found, ...]]:
        return [
            tuple(Found(*m.span(), "ORG") for m in re.finditer(r"[A-Z]\w+", text)) for text in texts
        ]


def test_a_pipeline_does_not_cut_a_product(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("enrich.entities.TrainedReader", Said)
    balise = Entity(id="balise", label="ORG", names={"fr": "Balise"})
    reader = EntityReader((balise,), Models(entities="said"))
    texts = "faille dans Balise Loutre Mail", "faille dans Fenêtra Loutre Mail"
    jobs = [ReadingJob(n, 1, text, "", "") for n, text in enumerate(texts)]
    known, unknown = reader.read(jobs, ["fr", "fr"])
    assert [one.surface for one in known] == ["Balise", "Loutre Mail"]
    assert [(one.surface, one.label) for one in unknown] == [
        ("Fenêtra", "ORG"),
        ("Loutre Mail", "MISC"),
    ]


def test_a_hostile_title_takes_no_time() -> None:
    start = time.process_time()
    for text in (
        "vulnérabilité " * 20_000,
        "faille dans " + "A " * 50_000,
        "faille a b c " * 9_000,
        "faille\n" + "A a " * 20_000,
        "faille\n" + "A - " * 20_000,
        "faille\n" + "A (b" * 20_000,
    ):
        list(affected(text))
    assert time.process_time() - start < 5
