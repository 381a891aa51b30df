"""Canonical URLs."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.urls import canonical

TABLE = [
    ("http://Example.FR", "http://example.fr/"),
    ("HTTPS://www.Example.fr:443/A", "https://www.example.fr/A"),
    ("http://example.fr:80/", "http://example.fr/"),
    ("http://example.fr:8080/", "http://example.fr:8080/"),
    ("  https://example.fr/a\n", "https://example.fr/a"),
    ("https://user:secret@example.fr/a", "https://example.fr/a"),
    ("https://example.fr./a", "https://example.fr/a"),
    ("https://société.example.fr/é", "https://xn--socit-esab.example.fr/%C3%A9"),
    ("https://example.fr/a#part", "https://example.fr/a"),
    ("https://example.fr/a#", "https://example.fr/a"),
    ("https://example.fr/a?", "https://example.fr/a"),
    ("https://example.fr/%7euser/%c3%a9", "https://example.fr/~user/%C3%A9"),
    ("https://example.fr/a b", "https://example.fr/a%20b"),
    ("https://example.fr/100%", "https://example.fr/100%25"),
    ("https://example.fr/a/./b/../c", "https://example.fr/a/c"),
    ("https://example.fr/a/..", "https://example.fr/"),
    ("https://example.fr/a/", "https://example.fr/a/"),
    ("https://example.fr/a;jsessionid=1A2B?x=1", "https://example.fr/a?x=1"),
    # parameters: the order is kept, only campaigns go
    ("https://example.fr/a?b=2&a=1", "https://example.fr/a?b=2&a=1"),
    ("https://example.fr/a?id=7&utm_source=rss&utm_medium=x", "https://example.fr/a?id=7"),
    ("https://example.fr/a?xtor=RSS-1", "https://example.fr/a"),
    ("https://example.fr/a?at_medium=rss&at_campaign=7", "https://example.fr/a"),
    ("https://example.fr/a?fbclid=x&page=2&gclid=y", "https://example.fr/a?page=2"),
    ("https://example.fr/a?UTM_Source=x", "https://example.fr/a"),
    ("https://example.fr/a?utm%5Fsource=x", "https://example.fr/a"),
    ("https://example.fr/a?source=rss", "https://example.fr/a"),
    ("https://example.fr/a?source=insee", "https://example.fr/a?source=insee"),
    ("https://example.fr/?q=a+b&x=", "https://example.fr/?q=a+b&x="),
    ("https://example.fr/?attention=1", "https://example.fr/?attention=1"),
    # AMP and mobile twins
    ("https://example.fr/a/amp/", "https://example.fr/a"),
    ("https://example.fr/a.amp.html", "https://example.fr/a.html"),
    ("https://example.fr/a?amp=1", "https://example.fr/a"),
    ("https://example.fr/amp/", "https://example.fr/amp/"),
    ("https://example.fr/trump", "https://example.fr/trump"),
    ("https://www.google.com/amp/s/www.example.fr/a", "https://www.example.fr/a"),
    ("https://example-fr.cdn.ampproject.org/c/s/example.fr/a", "https://example.fr/a"),
    ("https://m.example.fr/a", "https://www.example.fr/a"),
    ("https://mobile.example.fr/", "https://mobile.example.fr/"),
    ("https://fr.m.wikipedia.org/wiki/Caen", "https://fr.wikipedia.org/wiki/Caen"),
    ("https://mobile.de/a", "https://mobile.de/a"),
    ("http://127.0.0.1:8000/a", "http://127.0.0.1:8000/a"),
    ("http://[2A00::1]:80/a", "http://[2a00::1]/a"),
    # what is no address of the web
    ("", ""),
    ("/a", ""),
    ("example.fr/a", ""),
    ("mailto:a@example.fr", ""),
    ("javascript:alert(1)", ""),
    ("data:text/html,x", ""),
    ("ftp://example.fr/a", ""),
    ("http://", ""),
    ("http:///a", ""),
    ("http://[::1", ""),
    ("http://example.fr:99999/", ""),
    ("http://exa mple.fr/", ""),
    ("https://example.fr/" + "a" * 5000, ""),
]


@pytest.mark.parametrize(("url", "expected"), TABLE)
def test_canonical(url: str, expected: str) -> None:
    assert canonical(url) == expected


@pytest.mark.parametrize("url", [url for url, _ in TABLE])
def test_canonical_twice_is_canonical_once(url: str) -> None:
    assert canonical(canonical(url)) == canonical(url)


PIECES = st.sampled_from(
    [
        *[
            "/",
            "//",
            ".",
            "..",
            "amp",
            ".amp",
            ".html",
            "m.",
            "www.",
            "?",
            "&",
            "=",
            "%",
            "%2",
            "#",
        ],
        *["%2e", "%2F", "%25", "%c3%a9", "é", " ", "+", ";jsessionid=1", "utm_source=x", "amp=1"],
        *["https://", "www.google.com/amp/s/", "cdn.ampproject.org/c/", ":80", "@", "[", "a", "B"],
        *["\ud800", "\x00", "ı", "ß", "。", "xn--", "\\", "'", '"', "<"],
    ]
)


@settings(max_examples=600, deadline=None)
@given(st.lists(PIECES | st.text(max_size=3), max_size=12).map("".join))
def test_any_text_gives_an_idempotent_http_address_or_nothing(tail: str) -> None:
    for start in ("https://example.fr/", "http://m.example.fr", "https://", ""):
        once = canonical(start + tail)
        assert canonical(once) == once
        assert once == "" or once.startswith(("http://", "https://"))
        assert once.isascii()
