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
        ("2026-10", datetime(2026, 9, 30, 22, tzinfo=UTC), datetime(2026, 10, 31, 23, tzinfo=UTC)),
        ("2026-12", datetime(2026, 11, 30, 23, tzinfo=UTC), datetime(2026, 12, 31, 23, tzinfo=UTC)),
        ("2026W47", datetime(2026, 11, 15, 23, tzinfo=UTC), datetime(2026, 11, 22, 23, tzinfo=UTC)),
        (
            "2026-11-01--2026-11-01",
            datetime(2026, 10, 31, 23, tzinfo=UTC),
            datetime(2026, 11, 1, 23, tzinfo=UTC),
        ),
    ],
)
def test_a_period_goes_from_local_midnight_to_local_midnight_summer_time_included(
    text: str, start: datetime, end: datetime
) -> None:
    assert period.bounds(text, PARIS) == (start, end)
    assert all(moment.tzinfo is UTC for moment in period.bounds(text, PARIS))


def test_one_quarter_ends_where_the_next_begins() -> None:
    names = [f"{year}Q{n}" for year in (2026, 2027) for n in (1, 2, 3, 4)]
    bounds = [period.bounds(name, PARIS) for name in names]
    assert [end for _, end in bounds[:-1]] == [start for start, _ in bounds[1:]]


@pytest.mark.parametrize(
    "text",
    [
        *("", "2026", "2026Q5", "2026q4", "Q42026", "26Q4", "2026Q4 ", "0000Q1", "٢٠٢٦Q1"),
        *("2026-13", "2026-00", "2026W54", "2026W0", "2026-11-01", "2026-01-01--2028-01-01"),
        *("2026-11-02--2026-11-01", "2026-02-30--2026-03-01"),
    ],
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


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-11", ("novembre 2026", "november 2026", "November 2026", "November 2026")),
        (
            "2026W07",
            ("semaine 7 de 2026", "week 7 van 2026", "Kalenderwoche 7/2026", "week 7 of 2026"),
        ),
        (
            "2026-11-01--2026-11-15",
            (
                "du 1er novembre 2026 au 15 novembre 2026",
                "1 november 2026 tot 15 november 2026",
                "1. November 2026 bis 15. November 2026",
                "1 November 2026 to 15 November 2026",
            ),
        ),
        (
            "2026-11-01--2026-11-01",
            ("1er novembre 2026", "1 november 2026", "1. November 2026", "1 November 2026"),
        ),
    ],
)
def test_other_periods_are_said_in_each_language(text: str, said: tuple[str, ...]) -> None:
    assert tuple(period.words(text, code) for code in ("fr", "nl", "de", "en")) == said


@pytest.mark.parametrize(
    ("unit", "present", "before"),
    [
        ("week", "2026W53", "2026W52"),
        ("month", "2027-01", "2026-12"),
        ("quarter", "2027Q1", "2026Q4"),
    ],
)
def test_the_present_period_and_the_one_before(
    unit: period.Unit, present: str, before: str
) -> None:
    now = datetime(2027, 1, 1, 8, 0, tzinfo=UTC)
    assert period.current(now, PARIS, unit) == present
    assert period.before(now, PARIS, unit) == before
