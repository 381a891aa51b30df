"""Whose turn it is, as tables."""

from __future__ import annotations

import pytest

from collectors.turns import Turns


def started(turns: Turns[str], now: float) -> list[str]:
    """All that may begin at one moment."""
    found = []
    while (turn := turns.next(now)) is not None:
        found.append(turn[1])
    return found


def test_in_the_order_given_within_what_a_host_may_be_asked() -> None:
    turns: Turns[str] = Turns(per_host=2, delay=0)
    for request in ("a1", "a2", "a3", "b1", "a4", "c1"):
        turns.add(request[0], request)
    assert turns.rest(0) == 0.0
    assert started(turns, 0) == ["a1", "a2", "b1", "c1"]
    assert turns.rest(0) is None
    turns.done("b")
    assert started(turns, 0) == []
    turns.done("a")
    assert started(turns, 0) == ["a3"]
    turns.done("a")
    turns.done("a")
    assert started(turns, 0) == ["a4"]


def test_what_comes_again_goes_first() -> None:
    turns: Turns[str] = Turns(per_host=1, delay=0)
    for request in ("a1", "a2", "b1"):
        turns.add(request[0], request)
    assert started(turns, 0) == ["a1", "b1"]
    turns.done("a")
    turns.add("a", "redirected", first=True)
    assert started(turns, 0) == ["redirected"]


@pytest.mark.parametrize(
    ("now", "expected", "rest"),
    [(0.0, [], 0.5), (0.4, [], 0.1), (0.5, ["a2"], 0.5), (9.0, ["a2"], 0.5)],
)
def test_a_host_rests_between_two_requests(now: float, expected: list[str], rest: float) -> None:
    turns: Turns[str] = Turns(per_host=2, delay=0.5)
    for request in ("a1", "a2", "a3"):
        turns.add("a", request)
    assert turns.rest(0.0) == 0.0
    assert started(turns, 0.0) == ["a1"]
    turns.done("a")
    assert started(turns, now) == expected
    assert turns.rest(now) == pytest.approx(rest)


def test_nobody_rests_where_nothing_waits() -> None:
    turns: Turns[str] = Turns(per_host=1, delay=1)
    assert turns.rest(0.0) is None
    turns.add("a", "a1")
    assert started(turns, 0.0) == ["a1"]
    assert turns.rest(0.0) is None
