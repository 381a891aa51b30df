"""The shipped table of territories, and what the archive makes of it."""

from __future__ import annotations

from pathlib import Path

from vigie import territories
from vigie.archive import connect, readings
from vigie.schema import Entity


def test_every_territory_stands_in_another_and_on_the_map() -> None:
    known = territories.by_code()
    assert len(known) == len(territories.all_of_them()) > 300
    for territory in territories.all_of_them():
        assert territory.level in (0, 1, 2, 3)
        assert not territory.level or territory.parent in known, territory
        around = known[territory.code[:2]]
        if not territory.code.startswith("FRY"):
            assert abs(territory.lat - around.lat) < 7, territory
            assert abs(territory.lon - around.lon) < 8, territory
    assert sum(t.level == 3 and t.code.startswith("FR") for t in known.values()) == 101
    assert sum(t.level == 3 and t.code.startswith("BE") for t in known.values()) == 44
    assert sum(t.level == 3 and t.code.startswith("NL") for t in known.values()) == 40
    assert sum(t.level == 2 and t.code.startswith("DE") for t in known.values()) == 38
    assert (known["FRD2"].name, known["FRD"].name) == ("Haute-Normandie", "Normandie")


def test_codes_are_those_of_2024() -> None:
    known = territories.by_code()
    assert (known["NL35"].name, known["NL366"].name) == ("Utrecht", "Groot-Rijnmond")
    assert not {"NL31", "NL310", "NL33", "NL33C", "NL329", "NL413"} & known.keys()


def test_a_code_beyond_the_table_has_the_territory_around_it() -> None:
    assert territories.nearest("DE212").code == "DE21"  # type: ignore[union-attr]
    assert territories.nearest("PL911") is None
    assert territories.nearest("") is None


def test_an_entity_without_coordinates_has_those_of_its_territory(tmp_path: Path) -> None:
    own = Entity(id="rouen", label="LOC", names={"fr": "Rouen"}, nuts="FRD22", lat=49.44, lon=1.1)
    body = Entity(id="arsen", label="ORG", names={"fr": "Agence"}, nuts="FRD")
    far = Entity(id="osaka", label="LOC", names={"fr": "Osaka"})
    db = connect.open_archive(tmp_path / "archive.db")
    readings.declare_taxonomy(db, (), (own, body, far))
    where = {row[0]: row[1:] for row in db.execute("SELECT id, lat, lon FROM entities")}
    assert where["rouen"] == (49.44, 1.1)
    assert where["arsen"][0] is not None
    assert abs(where["arsen"][0] - 49.1) < 0.4
    assert where["osaka"] == (None, None)
    assert db.table("territories").count == len(territories.all_of_them())
    db.close()
