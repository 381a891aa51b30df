"""Floors of quality: what ../shared/data gave when they were pinned, less a margin for noise.

`floors.toml` holds them beside the hash of the data. Here they are measured anew, ours alone;
`make quality` measures all, and judges by the same table.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.quality import report
from bench.quality.files import digest
from bench.quality.floors import TABLE, Floor, Floors, load
from bench.quality.inforce import InForce
from bench.quality.runner import measured
from bench.quality.section import Row, Section

DATA = Path(__file__).parents[2].parent / "shared" / "data"
FLOORS = load()
PARTS = list(dict.fromkeys(floor.part for floor in FLOORS.floors))
here = pytest.mark.skipif(not DATA.is_dir(), reason=f"the data of the floors is not at {DATA}")


@pytest.mark.parametrize("floor", FLOORS.floors, ids=lambda floor: floor.row)
def test_each_floor_stands_on_data_whose_hash_is_pinned(floor: Floor) -> None:
    assert (floor.least is None) != (floor.most is None)
    assert any(name.startswith(floor.dataset) for name in FLOORS.data)


@pytest.mark.slow
@here
@pytest.mark.parametrize("name", FLOORS.data)
def test_the_data_is_what_the_floors_were_pinned_on(name: str) -> None:
    if not (DATA / name).exists():
        pytest.skip(f"{name} is not in {DATA}")
    assert digest(DATA / name) == FLOORS.data[name], f"other data: pin {TABLE.name} anew"


@pytest.fixture(scope="module")
def force() -> InForce:
    return InForce.of(None, compare=False)


@pytest.mark.slow
@pytest.mark.timeout(900)
@here
@pytest.mark.parametrize("part", PARTS)
def test_quality_is_not_under_its_floor(part: str, force: InForce) -> None:
    section = measured(part, DATA, lambda: force)
    assert section.ok, (section.failed, section.broken)
    judged = FLOORS.judged([section], report.hashes(DATA, [part]))
    assert judged, "the floors of this part stand on other data"
    assert not [one.said() for one in judged if not one.held]


# --------------------------------------------------------------------------- how it is judged

LEAST = Floor("language", "lid/titles.jsonl | all | vigie | accuracy", 0.9, None)
MOST = Floor("language", "lid/titles.jsonl | all | vigie | errors", None, 3.0)
SMALL = Floors({"lid/titles.jsonl": "abc"}, (LEAST, MOST))


def section(accuracy: float, errors: float) -> Section:
    rows = (
        Row("lid/titles.jsonl", "all", "vigie", "accuracy", accuracy, 10, "texts"),
        Row("lid/titles.jsonl", "all", "vigie", "errors", errors, 10, "texts"),
    )
    return Section("language", "Language", rows)


@pytest.mark.parametrize(
    ("accuracy", "errors", "held"),
    [(0.9, 3.0, [True, True]), (0.89, 3.0, [False, True]), (1.0, 3.1, [True, False])],
)
def test_a_floor_is_held_from_its_value_on(
    accuracy: float, errors: float, held: list[bool]
) -> None:
    judged = SMALL.judged([section(accuracy, errors)], {"lid/titles.jsonl": "abc"})
    assert [one.held for one in judged] == held


def test_a_figure_that_is_missing_is_under_its_floor() -> None:
    empty = Section("language", "Language")
    judged = SMALL.judged([empty], {"lid/titles.jsonl": "abc"})
    assert [one.held for one in judged] == [False, False]
    assert "not measured, floor at most 3.0" in judged[1].said()


def test_floors_say_nothing_of_other_data() -> None:
    assert SMALL.judged([section(0.1, 9.0)], {"lid/titles.jsonl": "other"}) == []
    assert SMALL.judged([section(0.1, 9.0)], {}) == []
