"""The story of a source's polls, in sentences."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from app.cli import story
from vigie.archive.sources import FetchRow

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)


def poll(
    hours: int, status: int = 200, items: int = 40, new: int = 0, failure: str = ""
) -> FetchRow:
    return FetchRow(NOW - timedelta(hours=hours), 0.31, status, items, new, 0, failure)


def test_polls_that_are_alike_share_a_sentence() -> None:
    polls = [
        poll(0, new=2),
        poll(1, 304, 0),
        poll(2, 304, 0),
        poll(3, 304, 0),
        poll(4, 404, 0, failure="404 Not Found"),
        poll(5, 404, 0, failure="404 Not Found"),
        poll(6, items=1),
        poll(7, items=0),
        poll(8, new=40),
    ]
    assert story.summary(polls) == (
        "Its last 9 polls, the latest first: 7 went well, 2 brought something new, 2 failed."
    )
    assert list(story.told(polls)) == [
        "2026-11-20 08:00  answered in 0.3 s with 40 items, 2 new",
        "2026-11-20 07:00  nothing had changed: 3 polls, since 2026-11-20 05:00",
        "2026-11-20 04:00  failed: 404 Not Found: 2 polls, since 2026-11-20 03:00",
        "2026-11-20 02:00  answered in 0.3 s with 1 item, none of them new",
        "2026-11-20 01:00  answered in 0.3 s, with no item at all",
        "2026-11-20 00:00  answered in 0.3 s with 40 items, 40 new",
    ]


def test_what_was_never_polled_says_so() -> None:
    assert story.summary([]) == "It was never polled."
    assert list(story.told([])) == []
