"""Signatures, footers and a medium's own name are marked; what the text speaks of is not."""

from __future__ import annotations

import pytest

from enrich.boilerplate import Boilerplate
from enrich.entities import EntityReader
from vigie.model import ReadingJob
from vigie.schema import Entity, Models

GAZETTEER = (
    Entity(id="afp", label="ORG", kind="press-agency", names={"fr": "AFP"}),
    Entity(id="belga", label="ORG", kind="press-agency", names={"fr": "Belga"}),
    Entity(id="dpa", label="ORG", kind="press-agency", names={"de": "dpa"}),
    Entity(id="reuters", label="ORG", kind="press-agency", names={"en": "Reuters"}),
    Entity(id="ouest-france", label="ORG", kind="media", names={"fr": "Ouest-France"}),
    Entity(id="phare", label="ORG", kind="media", names={"fr": "Le Phare dieppois"}),
    Entity(id="otan", label="ORG", names={"fr": "OTAN"}),
)
MARK = Boilerplate(GAZETTEER)
READ = EntityReader(GAZETTEER, Models(entities="gazetteer"))

CASES = {
    "in brackets": ("", "Le port a rouvert (AFP).", "", {"AFP": "signature of a press agency"}),
    "with an agency": ("", "", "Le port, avec AFP", {"AFP": "signature of a press agency"}),
    "Dutch source": (
        "", "", "De haven is dicht. Bron: Belga", {"Belga": "signature of a press agency"},
    ),
    "German": ("", "", "Der Hafen (dpa) - Er ist zu", {"dpa": "signature of a press agency"}),
    "a copyright": ("", "© Reuters", "", {"Reuters": "signature of a press agency"}),
    "at the very end": ("", "", "Le port a rouvert. AFP", {"AFP": "signature of a press agency"}),
    "an agency that acts": ("L'AFP supprime 50 postes", "", "", {"AFP": ""}),
    "an agency that says": ("", "", "a indiqué à Reuters le ministre", {"Reuters": ""}),
    "behind a title": (
        "Le port rouvre - Ouest-France", "", "",
        {"Ouest-France": "name of the medium behind the title"},
    ),
    "in a footer": (
        "", "", "Le port rouvre. Abonnez-vous à Ouest-France",
        {"Ouest-France": "name of a medium in a footer"},
    ),
    "its own name": (
        "Le port rouvre", "", "Joint par Le Phare dieppois, le maire se tait",
        {"Le Phare dieppois": "the source's own name"},
    ),
    "a title that speaks of it": (
        "Le Phare dieppois vendu", "", "Le Phare dieppois change de mains",
        {"Le Phare dieppois": ""},
    ),
    "another medium": ("", "", "Le maire a dit à Ouest-France que non", {"Ouest-France": ""}),
    "no medium at all": ("", "", "avec OTAN", {"OTAN": ""}),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_is_boilerplate(name: str) -> None:
    title, summary, text, expected = CASES[name]
    job = ReadingJob(1, 1, title, summary, text, source="Le Phare dieppois")
    (mentions,) = READ.read([job], ["fr"])
    marked = MARK.mark(job, mentions)
    assert {mention.surface: mention.boilerplate for mention in marked} == expected
