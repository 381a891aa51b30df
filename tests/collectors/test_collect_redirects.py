"""Where redirects lead, as a table; what both ways of fetching share."""

from __future__ import annotations

import sys

import pytest

from collectors import plain
from collectors.budgets import Budget, Ledger, Purse
from collectors.outcome import Refused
from collectors.redirects import Way, escaped, host_of, onward

HERE = "https://a.fr/x/feed"


@pytest.mark.parametrize(
    ("status", "location", "url", "moved_to"),
    [
        (301, b"https://b.fr/", "https://b.fr/", "https://b.fr/"),
        (308, b" /new ", "https://a.fr/new", "https://a.fr/new"),
        (302, b"new#part", "https://a.fr/x/new", ""),
        (307, b"//b.fr/new", "https://b.fr/new", ""),
        (303, "/é t".encode(), "https://a.fr/%C3%A9%20t", ""),
        (302, "https://é.fr/".encode(), "https://xn--9ca.fr/", ""),
        (302, b"http://a.fr/\xe9", "http://a.fr/%E9", ""),
    ],
)
def test_a_redirect_leads_on(status: int, location: bytes, url: str, moved_to: str) -> None:
    way = onward(Way(HERE), status, location, 5)
    assert way == Way(url, (HERE,), status in (301, 308), moved_to)


@pytest.mark.parametrize(("status", "location"), [(200, b"/new"), (304, b"/new"), (302, None)])
def test_what_is_no_redirect(status: int, location: bytes | None) -> None:
    assert onward(Way(HERE), status, location, 5) is None


def test_only_the_first_permanent_ones_say_where_a_source_moved() -> None:
    way = Way(HERE)
    for status, place in ((301, b"/1"), (302, b"/2"), (301, b"/3")):
        step = onward(way, status, place, 5)
        assert step is not None
        way = step
    assert (way.url, way.moved_to) == ("https://a.fr/3", "https://a.fr/1")


@pytest.mark.parametrize(
    ("location", "detail"),
    [
        (HERE.encode(), f"redirects in a circle: {HERE} -> {HERE}"),
        (b"ftp://a.fr/", "redirected to what is no web address: ftp://a.fr/"),
        (b"file:///etc/passwd", "redirected to what is no web address: file:///etc/passwd"),
        (b"https://someone:word@a.fr/", "redirected to an address with a user's name"),
    ],
)
def test_redirects_that_are_not_followed(location: bytes, detail: str) -> None:
    with pytest.raises(Refused) as refusal:
        onward(Way(HERE), 302, location, 5)
    assert refusal.value.failure.detail == detail


def test_redirects_end() -> None:
    with pytest.raises(Refused, match=r"more than 2 redirects, the last one to https://a\.fr/3"):
        onward(Way(HERE, ("https://a.fr/1", "https://a.fr/2")), 302, b"/3", 2)


@pytest.mark.parametrize("url", ["ftp://a.fr/", "https:///x", "//a.fr/", "https://u@a.fr/", "x"])
def test_what_is_no_web_address(url: str) -> None:
    with pytest.raises(ValueError, match=url):
        host_of(url)


def test_addresses_are_escaped_once() -> None:
    for url in (HERE, "https://a.fr/?a=1&b=%20", "https://a.fr:8443/~x/;y"):
        assert escaped(url) == url
    assert escaped("https://é.fr/à?ç") == "https://xn--9ca.fr/%C3%A0?%C3%A7"


def test_the_ledger_breaks_off_all_large_ones_but_the_first() -> None:
    ledger = Ledger(room=4_000_000)
    first, second, small = Budget(1, 30), Budget(2, 30), Budget(3, 30)
    assert ledger.received(first, 2_000_000)
    assert ledger.received(second, 2_000_000)
    assert not ledger.has_room
    assert ledger.received(small, 900_000)
    assert ledger.received(first, 1_000_000)
    assert not ledger.received(second, 1)
    ledger.release(second)
    ledger.release(first)
    assert ledger.has_room
    assert second.held == 0


def test_what_is_refunded_may_be_spent_again() -> None:
    purse = Purse(seconds=3.0, size=10)
    budget = Budget(1, 5.0, purse)
    budget.spend(2.0)
    assert (budget.left, purse.seconds) == (1.0, 1.0)
    budget.refund()
    assert (budget.left, budget.spent) == (3.0, 0.0)
    budget.pay(10)
    with pytest.raises(Refused, match="its source has led to too much already"):
        _ = budget.left


def test_no_white_space_or_control_is_printable_but_the_space() -> None:
    """On this rest the short cuts of `plain` and `decide`: what is printable needs no mending."""
    every = map(chr, range(sys.maxunicode + 1))
    odd = [
        one for one in every if one.isprintable() and (one.isspace() or not plain.printable(one))
    ]
    assert odd == [" "]
