"""A name that two countries share is the body of the country that the text speaks of."""

from __future__ import annotations

import pytest

from enrich.entities import EntityReader
from enrich.twins import Twins
from vigie.model import ReadingJob
from vigie.schema import Entity, Models

GAZETTEER = (
    Entity(id="comptes-fr", label="ORG", country="FR", names={"fr": "Cour des comptes"}),
    Entity(
        id="comptes-be", label="ORG", country="BE", names={"nl": "Rekenhof"},
        shared=("Cour des comptes",),
    ),
    Entity(id="namur", label="LOC", country="BE", names={"fr": "Namur"}),
    Entity(id="liege", label="LOC", country="BE", names={"fr": "Liège"}),
    Entity(id="rouen", label="LOC", country="FR", names={"fr": "Rouen"}),
)  # fmt: skip
CASES = {
    "alone, the usual one": ("La Cour des comptes alerte", "comptes-fr"),
    "in a Belgian text": ("À Namur, la Cour des comptes alerte", "comptes-be"),
    "in a French text": ("À Rouen, la Cour des comptes alerte", "comptes-fr"),
    "as much of either": ("De Namur à Rouen, la Cour des comptes", "comptes-fr"),
    "more of Belgium": ("De Namur et Liège à Rouen, la Cour des comptes", "comptes-be"),
}


@pytest.mark.parametrize("name", CASES)
def test_which_one_is_meant(name: str) -> None:
    text, expected = CASES[name]
    (found,) = EntityReader(GAZETTEER, Models()).read([ReadingJob(1, 1, text, "", "")], ["fr"])
    (court,) = [m for m in Twins(GAZETTEER).settle(found) if m.entity.startswith("comptes")]
    assert court.entity == expected
    assert ("BE is named" in court.why) is (expected == "comptes-be")
