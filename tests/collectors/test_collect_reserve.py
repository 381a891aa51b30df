"""What hosts ask of machines: robots.txt and reservations of text and data mining."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from collectors import outcome, reserve
from collectors.guard import may_carry
from vigie.model import Fetched, Item, Reservation, TdmRule

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
URL = "https://a.fr/feed"
ITEM = Item("https://a.fr/articles/1", "", "", "t", "")


def told(
    tdm: object = None, robots: bytes | None = None, known: Reservation | None = None, status=404
) -> Reservation:
    def answer(body: bytes | None) -> Fetched:
        if body is None:
            failure = outcome.of_status(status, False)
            return Fetched("", "", NOW, status=status, failure=failure)
        return Fetched("", "", NOW, status=200, body=body)

    raw = tdm if isinstance(tdm, bytes) or tdm is None else json.dumps(tdm).encode()
    keys = [job.key for job in reserve.jobs("https://a.fr")]
    answers = dict(zip(keys, [answer(raw), answer(robots)], strict=True))
    return reserve.heard(URL, answers, known, "Vigie/0.1", NOW)


RESERVED = {"location": "/", "tdm-reservation": 1, "tdm-policy": "https://a.fr/policy"}
FREE = {"location": "/articles/", "tdm-reservation": 0}
FILES = {
    "no file reserves nothing": (None, False, False),
    "a reservation of all is one of the feed and its articles": ([RESERVED], True, True),
    "a single object will do": (RESERVED, True, True),
    "the first rule that matches stands": ([FREE, {"location": "/a", "tdm-reservation": 1}], 0, 0),
    "and the later one is not looked at": ([RESERVED, FREE], True, True),
    "only the articles": ([{"location": "/articles/*", "tdm-reservation": 1}], False, True),
    "numbers written as texts": ([{"location": "/", "tdm-reservation": "1"}], True, True),
    "what cannot be read reserves nothing": (b"<html>", False, False),
    "a rule without a verdict is none": ([{"location": "/"}], False, False),
    "a file of something else is none": ([1, "x", None, {"tdm-reservation": [1]}], False, False),
}


@pytest.mark.parametrize("sentence", FILES)
def test_the_file_of_a_host(sentence: str) -> None:
    document, feed, item = FILES[sentence]
    found = told(document)
    assert found.tdm is bool(feed)
    assert reserve.reserves(found, URL, ITEM) is bool(item)
    assert not reserve.reserves(
        replace(found, tdm=False), URL, replace(ITEM, url="https://b.fr/articles/1")
    )


def test_a_host_that_does_not_answer_is_taken_at_its_last_word() -> None:
    known = Reservation(NOW - timedelta(days=7), rules=(TdmRule("/", True),))
    assert told(None, known=known, status=503).tdm
    assert not told(None, known=known, status=404).tdm


@pytest.mark.parametrize(
    ("location", "path", "matches"),
    [
        ("/", "/x", True),
        ("/a", "/ab", True),
        ("/a", "/b", False),
        ("/*.pdf$", "/x/y.pdf", True),
        ("/*.pdf$", "/x/y.pdf.html", False),
        ("/*.pdf", "/x/y.pdf.html", True),
        ("/a$", "/a", True),
        ("/a$", "/ab", False),
        ("*/private/*", "/x/private/y", True),
        ("/a*b*c", "/a1b2c3", True),
        ("/a*c*b", "/a1b2c3", False),
        ("/ab*b$", "/ab", False),
        ("/" + "*a" * 400, "/" + "a" * 300, False),
    ],
)
def test_locations(location: str, path: str, matches: bool) -> None:
    found = reserve.rule_for([TdmRule(location, True)], f"https://a.fr{path}")
    assert (found is not None) is matches


ROBOTS = {
    "none": (None, 404),
    "allows": (b"User-agent: *\nDisallow: /private", 200),
    "disallows": (b"User-agent: *\nDisallow: /feed", 200),
    "unknown": (None, 503),
}


@pytest.mark.parametrize("verdict", ROBOTS)
def test_robots(verdict: str) -> None:
    body, status = ROBOTS[verdict]
    assert told(None, body, status=status).robots == verdict


def test_a_header_goes_before_the_file_and_is_taken_back_when_it_is_gone() -> None:
    free = Reservation(NOW)
    fetched = Fetched("a", URL, NOW, status=200)
    reserved = reserve.by_header(free, replace(fetched, tdm="1", tdm_policy="p"))
    assert (reserved.tdm, reserved.tdm_from, reserved.tdm_policy) == (True, "header", "p")
    assert reserve.by_header(reserved, replace(fetched, status=304)) == reserved
    assert reserve.by_header(reserved, fetched) == free
    assert not reserve.by_header(
        replace(free, tdm=True, tdm_from="file"), replace(fetched, tdm="0")
    ).tdm


PAGES = {
    b'<meta name="tdm-reservation" content="1">': True,
    b"<META content=1 name='tdm-reservation' />": True,
    b'<meta name="tdm-reservation" content="0">': False,
    b'<meta name="tdm-policy" content="1">': False,
    b'<meta name="x" content="1"><p>tdm-reservation</p>': False,
}


@pytest.mark.parametrize("html", PAGES)
def test_meta_tags(html: bytes) -> None:
    assert bool(reserve.of_page(Fetched("", URL, NOW, body=html))) is PAGES[html]


def test_hosts_are_asked_with_the_first_poll_and_then_weekly() -> None:
    assert reserve.is_due(None, NOW)
    assert not reserve.is_due(Reservation(NOW - timedelta(days=6)), NOW)
    assert reserve.is_due(Reservation(NOW - timedelta(days=7)), NOW)


CARRIES = {
    "its own host over TLS": ("https://a.fr/feed", "https://a.fr/page", True),
    "another path and port 443 of a source declared elsewhere": (
        "http://a.fr:8080/feed", "https://a.fr/feed", True,
    ),
    "never without TLS": ("http://a.fr/feed", "http://a.fr/feed", False),
    "never to another host": ("https://a.fr/feed", "https://b.fr/feed", False),
    "never to a host below it": ("https://a.fr/feed", "https://x.a.fr/feed", False),
    "never to another port": ("https://a.fr/feed", "https://a.fr:8443/feed", False),
    "within this machine TLS is not needed": (
        "http://127.0.0.1:81/f", "http://127.0.0.1:81/g", True,
    ),
    "but the port is": ("http://127.0.0.1:81/f", "http://127.0.0.1:82/g", False),
    "nor to what is no address": ("https://a.fr/feed", "https://a.fr:port/", False),
}  # fmt: skip


@pytest.mark.parametrize("sentence", CARRIES)
def test_a_credential_may_go_to(sentence: str) -> None:
    declared, url, allowed = CARRIES[sentence]
    assert may_carry(declared, url) is allowed
