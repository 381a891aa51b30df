"""What arrays say of many pairs at a time is what the rules say of each pair."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from enrich.grouping.alike import Likenesses
from enrich.grouping.likeness import other_names, other_numbers, profile, series
from enrich.grouping.near import beside
from enrich.grouping.rows import Rows
from vigie.model import GroupingItem

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TITLES = (
    "Météo Var : vents forts attendus ce soir",
    "Météo Rhône : vents forts attendus ce soir",
    "Météo Var : vents forts attendus demain",
    "Horoscope Bélier du jour : une bonne nouvelle",
    "Horoscope Lion du jour : une rencontre",
    "JT du 29 janvier - Les agriculteurs bloquent la route",
    "JT du 29 janvier - Un musée rouvre ses portes",
    "Incendie à Rouen : 12 blessés",
    "Incendie à Rouen : quarante-huit blessés",
    "Incendie à Caen : 12 blessés",
    "Incendies dans les Vosges : douze blessés",
    "Incendie dans la Vosge : douze blessés",
    "Le maire de Lille démissionne",
    "Le maire de Lens démissionne",
    "Le direct",
    "",
    "CRUES À CALAIS",
    "Crue : 3 communes de l’Aa évacuées, 1 100 foyers sans courant",
    "Crue : trois communes de l’Yser évacuées, 1.100 foyers sans courant",
)
LEADS = ("", "La préfecture de Rouen en compte 12.", "Paul Durand parle de Lille et de 48 autres.")
SOURCES = ("https://www.un.example/a", "https://www.deux.example/a")
ITEMS = [
    GroupingItem(
        number,
        source,
        NOON + timedelta(minutes=number),
        "fr",
        title,
        f"{title}\n{lead}",
        frozenset(),
        f"{source}/{number}",
    )
    for number, (title, lead, source) in enumerate(
        (title, lead, source) for title in TITLES for lead in LEADS for source in SOURCES
    )
]
PROFILES = [profile(item) for item in ITEMS]
PAIRS = [(row, other) for row in range(len(ITEMS)) for other in range(row)]


@pytest.fixture(scope="module")
def said() -> dict[tuple[int, int], tuple[Likenesses, int]]:
    rows = Rows(7.0)
    rows.extend(PROFILES, np.ones((len(ITEMS), 1_280), dtype=np.float32))
    found = {row: beside(rows, row, range(row)) for row in range(1, len(ITEMS))}
    return {(row, other): (found[row], other) for row, other in PAIRS}


def test_numbers_stand_apart_where_each_text_has_one_that_the_other_lacks(said: dict) -> None:
    rules = {pair: bool(other_numbers(*(PROFILES[row] for row in pair))) for pair in PAIRS}
    assert {pair: bool(near.numbers_apart[at]) for pair, (near, at) in said.items()} == rules
    assert 0 < sum(rules.values()) < len(PAIRS)


def test_names_that_stand_apart_are_other_names(said: dict) -> None:
    apart = {pair for pair, (near, at) in said.items() if near.names_apart[at]}
    rules = {pair for pair in PAIRS if other_names(*(PROFILES[row] for row in pair))}
    assert apart <= rules
    assert len(apart) > len(rules) / 2


def test_no_series_is_overlooked(said: dict) -> None:
    may_be = {pair for pair, (near, at) in said.items() if near.serial[at]}
    rules = {pair for pair in PAIRS if series(*(PROFILES[row] for row in pair))}
    assert rules <= may_be
    assert 0 < len(rules) < len(may_be) < len(PAIRS) / 2
