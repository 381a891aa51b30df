"""File and archive: what differs, and who is right."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.curating import drift
from vigie.archive.declared import Recorded, of_source
from vigie.schema import Source

PHARE = Source(id="phare", title="Le Phare", url="https://phare.example/f", themes=("energy",))
CAP = Source(id="cap", title="Le Cap", url="https://cap.example/f")


def row(source: Source, origin: str = "file", **changes: object) -> Recorded:
    return Recorded(source.id, origin, replace(of_source(source), **changes))  # type: ignore[arg-type]


def told(sources: list[Source], rows: list[Recorded]) -> list[str]:
    return [str(one) for one in drift.differences(sources, rows)]


def test_alike_is_no_difference_and_a_retired_row_is_none_either() -> None:
    assert told([PHARE], [row(PHARE), row(CAP, active=False)]) == []


def test_each_field_is_told_with_both_values() -> None:
    assert told([PHARE], [row(PHARE, title="Phare", themes=(), active=False)]) == [
        "phare.active: file true, archive false",
        "phare.themes: file [energy], archive []",
        "phare.title: file 'Le Phare', archive 'Phare'",
    ]


@pytest.mark.parametrize(
    ("sources", "rows", "words"),
    [
        ([CAP], [], "cap: in the file only; the next run brings it in"),
        ([], [row(CAP)], "cap: has left the file; the next run retires it"),
        ([], [row(CAP, "desk")], "cap: added at the desk, not in the file yet"),
    ],
)
def test_a_source_on_one_side_only(sources, rows, words: str) -> None:
    assert told(sources, rows) == [words]


@pytest.mark.parametrize(
    ("side", "sources", "rows", "expected"),
    [
        ("", [CAP], [], drift.Settlement(declare=(CAP,))),
        ("archive", [CAP], [], drift.Settlement(declare=(CAP,))),
        ("", [CAP], [row(CAP, title="x")], drift.Settlement(declare=(CAP,))),
        ("file", [CAP], [row(CAP, "desk", title="x")], drift.Settlement(declare=(CAP,))),
        (
            "archive",
            [PHARE],
            [row(PHARE, title="x", themes=(), rights="link")],
            drift.Settlement(change={"phare": {"title": "x", "themes": None}}),
        ),
        ("", [], [row(CAP, "desk")], drift.Settlement(add=(CAP,))),
        ("archive", [], [row(CAP)], drift.Settlement(add=(CAP,))),
        ("", [], [row(CAP)], drift.Settlement(retire=("cap",))),
        ("file", [], [row(CAP, "desk")], drift.Settlement(retire=("cap",))),
    ],
)
def test_who_is_right(side: str, sources, rows, expected: drift.Settlement) -> None:
    chosen = [source.id for source in [*sources, *rows]][:1]
    assert drift.settled(sources, rows, chosen, side) == expected


def test_only_the_chosen_are_settled() -> None:
    assert drift.settled([CAP, PHARE], [], ["cap"]).declare == (CAP,)
