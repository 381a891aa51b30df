"""What a notice of a vulnerability is about."""

from __future__ import annotations

import time

import pytest

from enrich.affected import affected
from enrich.entities import EntityReader
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
        ("misc:courrier", "Courrier", "MISC"),
    ]
    assert read[1].why == "named as what is vulnerable"


def test_a_hostile_title_takes_no_time() -> None:
    start = time.process_time()
    for text in (
        "vulnérabilité " * 20_000,
        "faille dans " + "A " * 50_000,
        "faille a b c " * 9_000,
    ):
        list(affected(text))
    assert time.process_time() - start < 5
