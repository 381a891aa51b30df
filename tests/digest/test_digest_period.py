from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from digest import period

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026Q1", datetime(2025, 12, 31, 23, tzinfo=UTC), datetime(2026, 3, 31, 22, tzinfo=UTC)),
        ("2026Q4", datetime(2026, 9, 30, 22, tzinfo=UTC), datetime(2026, 12, 31, 23, tzinfo=UTC)),
    ],
)
def test_a_quarter_goes_from_local_midnight_to_local_midnight_summer_time_included(
    text: str, start: datetime, end: datetime
) -> None:
    assert period.bounds(text, PARIS) == (start, end)
    assert all(moment.tzinfo is UTC for moment in period.bounds(text, PARIS))


def test_one_quarter_ends_where_the_next_begins() -> None:
    names = [f"{year}Q{n}" for year in (2026, 2027) for n in (1, 2, 3, 4)]
    bounds = [period.bounds(name, PARIS) for name in names]
    assert [end for _, end in bounds[:-1]] == [start for start, _ in bounds[1:]]


@pytest.mark.parametrize(
    "text", ["", "2026", "2026Q5", "2026q4", "Q42026", "26Q4", "2026Q4 ", "0000Q1", "٢٠٢٦Q1"]
)
def test_any_other_shape_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match="a period is written like 2026Q4"):
        period.bounds(text, PARIS)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2026, 9, 30, 21, 59, tzinfo=UTC), "2026Q3"),
        (datetime(2026, 9, 30, 22, 0, tzinfo=UTC), "2026Q4"),
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), "2027Q1"),
    ],
)
def test_the_quarter_of_a_moment_is_that_of_the_clock_on_the_wall(
    now: datetime, expected: str
) -> None:
    assert period.current(now, PARIS) == expected


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", "4e trimestre 2026"),
        ("nl", "4e kwartaal 2026"),
        ("de", "4. Quartal 2026"),
        ("en", "4th quarter 2026"),
    ],
)
def test_a_quarter_is_said_in_each_language(language: str, said: str) -> None:
    assert period.words("2026Q4", language) == said
