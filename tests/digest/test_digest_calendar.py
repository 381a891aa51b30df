from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from digest.calendar import last_due, upcoming
from vigie.schema import Calendar, Edition

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("case", "said", "last", "following"),
    [
        (
            "by default on the first day of a quarter, for the one before",
            {},
            ("2026-10-01T06:00", "2026Q3"),
            [("2027-01-01T07:00", "2026Q4"), ("2027-04-01T06:00", "2027Q1")],
        ),
        (
            "eight o'clock stays eight o'clock in summer",
            {"rhythm": "monthly", "at": "07:30"},
            ("2026-11-01T06:30", "2026-10"),
            [("2026-12-01T06:30", "2026-11"), ("2027-01-01T06:30", "2026-12")],
        ),
        (
            "weekly on Mondays",
            {"rhythm": "weekly"},
            ("2026-11-16T07:00", "2026W46"),
            [("2026-11-23T07:00", "2026W47"), ("2026-11-30T07:00", "2026W48")],
        ),
        (
            "by cron, for the days since it was last due",
            {"cron": "0 8 1,15 * *"},
            ("2026-11-15T07:00", "2026-11-01--2026-11-14"),
            [
                ("2026-12-01T07:00", "2026-11-15--2026-11-30"),
                ("2026-12-15T07:00", "2026-12-01--2026-12-14"),
            ],
        ),
        (
            "cron counts weekdays from Sunday",
            {"cron": "0 8 * * 1"},
            ("2026-11-16T07:00", "2026-11-09--2026-11-15"),
            [
                ("2026-11-23T07:00", "2026-11-16--2026-11-22"),
                ("2026-11-30T07:00", "2026-11-23--2026-11-29"),
            ],
        ),
        (
            "by rule, for the last whole month",
            {"rrule": "FREQ=MONTHLY;BYDAY=1MO;BYHOUR=9;BYMINUTE=0", "covers": "month"},
            ("2026-11-02T08:00", "2026-10"),
            [("2026-12-07T08:00", "2026-11"), ("2027-01-04T08:00", "2026-12")],
        ),
    ],
)
def test_when_an_issue_is_due_and_what_it_covers(
    case: str,
    said: dict[str, str],
    last: tuple[str, str],
    following: list[tuple[str, str]],
) -> None:
    calendar = Calendar.model_validate(said)
    found = last_due(calendar, NOW, PARIS)
    assert found is not None
    assert (f"{found.at:%Y-%m-%dT%H:%M}", found.period) == last, case
    coming = list(islice(upcoming(calendar, NOW, PARIS), 2))
    assert [(f"{one.at:%Y-%m-%dT%H:%M}", one.period) for one in coming] == following, case


def test_a_calendar_that_says_never_is_never_due() -> None:
    calendar = Calendar(rhythm="never")
    assert last_due(calendar, NOW, PARIS) is None
    assert list(upcoming(calendar, NOW, PARIS)) == []


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"cron": "0 8 * *"}, "five fields"),
        ({"cron": "99 8 * * *"}, "99"),
        ({"rrule": "FREQ=OFTEN"}, "FREQ=MONTHLY"),
        ({"rrule": "monday"}, "FREQ=MONTHLY"),
        ({"rrule": "FREQ=MINUTELY"}, "days or longer"),
        ({"rrule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}, "that happens"),
        ({"cron": "0 8 1 * *", "rrule": "FREQ=DAILY"}, "not both"),
        ({"at": "24:00"}, "at"),
    ],
)
def test_what_cannot_be_read_is_told(said: dict[str, str], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Calendar.model_validate(said)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"color": "#ffee00"}, "darker"),
        ({"color": "navy"}, "#12355b"),
        ({"sections": ["agenda"]}, "themes among them"),
        ({"sections": ["themes", "themes"]}, "each section once"),
        ({"sizes": {"signals": 0}}, "signals"),
        ({"territories": ["Normandie"]}, "territories"),
    ],
)
def test_what_an_edition_may_not_say(said: dict[str, object], told: str) -> None:
    title = dict.fromkeys(("fr", "nl", "de", "en"), "Bulletin")
    with pytest.raises(ValidationError, match=told):
        Edition.model_validate({"id": "nord", "title": title, **said})
