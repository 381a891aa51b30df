"""The measure of what emerges: dates shuffled keep nothing that rose, and Kleinberg's automaton."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bench.emerging import shuffled
from bench.kleinberg import last_state
from vigie.model import EmergingItem
from vigie.schema import Emergence

START = datetime(2026, 11, 1, tzinfo=UTC)


def test_what_rises_on_one_day_is_gone_when_the_dates_are_shuffled() -> None:
    items = [
        EmergingItem(
            *(n, n, f"s-{n}", f"p{n % 5}", f"https://p{n % 5}.example/{n}"),
            published=START + n * timedelta(minutes=30),
            title=f"edf panne mot{n}" if n > 380 and n % 3 else f"mot{n} chose{n}",
        )
        for n in range(400)
    ]
    looks, raised = shuffled(items, Emergence(), 1, timedelta(days=1))
    assert (looks, raised) == (7, [])


@pytest.mark.parametrize(
    ("relevant", "state"),
    [
        ([0, 0, 0, 0, 0], 0),
        ([2, 2, 2, 2, 2], 0),
        ([0, 1, 0, 1, 9], 1),
        ([9, 1, 0, 1, 0], 0),
    ],
)
def test_the_automaton_is_high_where_the_last_day_is(relevant: list[int], state: int) -> None:
    assert last_state(relevant, [100.0] * 5, times=2.0, gamma=1.0) == state
