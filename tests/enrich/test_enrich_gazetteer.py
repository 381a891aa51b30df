"""The shipped gazetteer: large enough, each form in one entity, aliases of four languages meet."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import pytest

from enrich.entities import EntityReader
from enrich.twins import Twins
from enrich.words import fold
from vigie import territories
from vigie.model import ReadingJob
from vigie.schema import Entity, GazetteerFile, Models

ROOT = Path(__file__).parents[2]
ALIASES = ROOT.parent / "shared" / "data" / "gold" / "aliases-dev.json"
PUBLIC = frozenset(
    (
        *("institution", "agency", "ministry", "court", "parliament", "cluster", "party"),
        *("company", "operator", "port", "region", "department", "province", "chamber"),
    )
)


@pytest.fixture(scope="module")
def gazetteer() -> tuple[Entity, ...]:
    text = (ROOT / "config" / "gazetteer.toml").read_text("utf-8")
    return GazetteerFile.model_validate(tomllib.loads(text)).entity


@pytest.fixture(scope="module")
def reader(gazetteer: tuple[Entity, ...]) -> EntityReader:
    return EntityReader(gazetteer, Models())


def forms(entity: Entity) -> set[str]:
    return {*entity.names.values(), *entity.aliases}


def test_it_is_large_enough(gazetteer: tuple[Entity, ...]) -> None:
    wanted = [
        e for e in gazetteer if e.kind in PUBLIC and e.country in ("FR", "BE", "NL", "DE", "EU")
    ]
    assert len(wanted) >= 600


def test_no_form_stands_under_two_entities(gazetteer: tuple[Entity, ...]) -> None:
    owner: dict[str, str] = {}
    for entity in gazetteer:
        if entity.exact:
            continue
        for form in forms(entity):
            acronym = len(form) <= 5 and form.isalnum() and form == form.upper()
            key = form if acronym else " ".join(re.findall(r"[^\W_]+", fold(form)))
            assert owner.setdefault(key, entity.id) == entity.id, form


def test_places_of_the_table_s_countries_have_codes_that_it_knows(
    gazetteer: tuple[Entity, ...],
) -> None:
    """2024's codes for the Netherlands are taken by the territory around them."""
    for entity in gazetteer:
        if entity.nuts[:2] in ("FR", "BE", "LU", "NL", "DE"):
            assert territories.nearest(entity.nuts), entity.id


MEET = (
    ("Sûreté de l'État", "Veiligheid van de Staat", "VSSE"),
    ("OTAN", "NAVO", "NATO", "Organisation du traité de l'Atlantique nord"),
    ("Service public fédéral Finances", "Federale Overheidsdienst Financiën", "FPS Finance"),
    ("Europese Centrale Bank", "Banque centrale européenne", "EZB", "European Central Bank"),
    ("Office européen des brevets", "Europäisches Patentamt", "Europees Octrooibureau"),
    ("Bundesamt für Sicherheit in der Informationstechnik", "BSI"),
)


@pytest.mark.parametrize("names", MEET)
def test_names_in_four_languages_meet(names: tuple[str, ...], reader: EntityReader) -> None:
    assert len(set.intersection(*found(reader, names))) == 1


def found(reader: EntityReader, forms: Sequence[str]) -> list[set[str]]:
    """The entities that each form names."""
    jobs = [ReadingJob(n, 1, f"Le {form} .", "", "") for n, form in enumerate(forms, 1)]
    return [
        {m.entity for m in mentions if m.surface.lower() == form.lower()}
        for form, mentions in zip(forms, reader.read(jobs, ["fr"] * len(jobs)), strict=True)
    ]


@pytest.mark.skipif(not ALIASES.exists(), reason=f"the list of aliases is not at {ALIASES}")
def test_the_share_of_alias_pairs_that_meet(reader: EntityReader) -> None:
    pairs = met = 0
    entries = []
    for entry in json.loads(ALIASES.read_text("utf-8"))["entries"]:
        acronyms = [a for row in entry.get("acronyms", {}).values() for a in row]
        entries.append({*entry["names"].values(), *acronyms, *entry.get("aliases", [])})
    names = sorted(set.union(*entries))
    ids = dict(zip(names, found(reader, names), strict=True))
    for entry in entries:
        for one, other in combinations(entry, 2):
            pairs += 1
            met += bool(ids[one] & ids[other])
    assert met / pairs >= 0.78, met / pairs


@pytest.mark.parametrize(
    ("text", "river"),
    [
        ("An der Weser bei Eupen steigt der Pegel", "vesdre"),
        ("An der Weser bei Bremen steigt der Pegel", "weser"),
        ("La Vesdre monte à Verviers", "vesdre"),
    ],
)
def test_a_river_of_two_countries_is_the_one_of_the_text(
    text: str, river: str, reader: EntityReader, gazetteer: tuple[Entity, ...]
) -> None:
    (found,) = reader.read([ReadingJob(1, 1, text, "", "")], ["de"])
    meant = {mention.entity for mention in Twins(gazetteer).settle(found)}
    assert meant & {"vesdre", "weser"} == {river}
