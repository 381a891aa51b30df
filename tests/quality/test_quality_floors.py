"""Floors of quality: what ../shared/data gave when they were pinned, less a margin for noise.

`floors.toml` holds them beside the hash of the data. They are measured anew here, ours alone; a
floor that is under what is measured by more than its margin is worth raising. `make quality` writes
all figures.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from bench.quality import report
from bench.quality.files import digest
from bench.quality.inforce import InForce
from bench.quality.runner import measured

HERE = Path(__file__).parent
DATA = HERE.parents[1].parent / "shared" / "data"
TABLE: dict[str, Any] = tomllib.loads((HERE / "floors.toml").read_text("utf-8"))
HASHES: dict[str, str] = TABLE["data"]
FLOORS: list[dict[str, Any]] = TABLE["floor"]
PARTS = list(dict.fromkeys(floor["part"] for floor in FLOORS))


def test_each_floor_names_a_set_whose_hash_is_pinned() -> None:
    assert FLOORS
    for floor in FLOORS:
        assert ("least" in floor) != ("most" in floor), floor
        assert any(name.startswith(floor["row"].split(" | ")[0].split(":")[0]) for name in HASHES)


@pytest.mark.slow
@pytest.mark.skipif(not DATA.is_dir(), reason=f"the data of the floors is not at {DATA}")
@pytest.mark.parametrize("name", HASHES)
def test_the_data_is_what_the_floors_were_pinned_on(name: str) -> None:
    if not (DATA / name).exists():
        pytest.skip(f"{name} is not in {DATA}")
    assert digest(DATA / name) == HASHES[name], "other data: measure again and pin the floors anew"


@pytest.fixture(scope="module")
def force() -> InForce:
    return InForce.of(None, compare=False)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(not DATA.is_dir(), reason=f"the data of the floors is not at {DATA}")
@pytest.mark.parametrize("part", PARTS)
def test_quality_is_not_under_its_floor(part: str, force: InForce) -> None:
    floors = [floor for floor in FLOORS if floor["part"] == part]
    section = measured(part, DATA, lambda: force)
    assert section.ok, (section.failed, section.broken)
    rows = report.rows_of(section)
    told = {(one.what, one.why) for one in section.absent}
    under = []
    for floor in floors:
        found = rows.get(floor["row"])
        if found is None:
            under.append(f"{floor['row']}: not measured; absent: {told}")
        elif "least" in floor and found.value < floor["least"]:
            under.append(f"{floor['row']}: {found.value}, floor {floor['least']}")
        elif "most" in floor and found.value > floor["most"]:
            under.append(f"{floor['row']}: {found.value}, ceiling {floor['most']}")
    assert not under, "\n".join(under)
