"""What holds for any bytes: readers raise nothing, and what they give keeps the rules."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import fuzz
from collectors.urls import canonical

PARTS = st.sampled_from(
    [
        b'<?xml version="1.0" encoding="latin-1"?>',
        b"<rss><channel>",
        b"<item>",
        b"</item>",
        b"<title>&lt;b&gt;T\x01&#1;</title>",
        b"<link>https://m.a.fr/1?utm_source=x</link>",
        b"<guid>1</guid>",
        b"<pubDate>Mon, 01 Jan 2091 00:00:00 GMT</pubDate>",
        b"<description><![CDATA[<script>x</script><p>\xe9</p>]]></description>",
        b"</channel></rss>",
        b'{"items":[{"id":1,"url":"//[","title":"T"}]}',
        b"<html><body><article><p>",
        b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj trailer<</Root 1 0 R>>",
        b"\xff\xfe",
    ]
)
DOCUMENTS = st.lists(PARTS | st.binary(max_size=30), max_size=12).map(b"".join)


@pytest.mark.parametrize("target", sorted(fuzz.TARGETS))
def test_any_bytes_are_read_by_the_rules(target: str) -> None:
    @settings(max_examples=25, deadline=None)
    @given(DOCUMENTS)
    def run(body: bytes) -> None:
        assert list(fuzz.TARGETS[target](body)) == []

    run()


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(["https://", "HTTP://", "//", "ftp://", ""]),
    st.sampled_from(
        ["a.fr", "m.a.fr", "www.é.fr", "[::1]", "10.0.0.1", "a.fr:443", "[", "x:y@a.fr"]
    ),
    st.text("aé1/%.&=;:@[] \t\x00", max_size=30),
    st.sampled_from(["", "?utm_source=a&id=1", "?fbclid=x", "#top", "?a=%zz"]),
)
def test_a_canonical_url_is_its_own_and_tracks_nobody(
    scheme: str, host: str, path: str, query: str
) -> None:
    found = canonical(f"{scheme}{host}/{path}{query}")
    assert canonical(found) == found
    assert not found or found.startswith(("http://", "https://"))
    if "?" not in path and "#" not in path:
        assert "utm_source=" not in found.partition("?")[2]
        assert "fbclid=" not in found.partition("?")[2]


def test_a_tag_that_a_recovering_parser_made_up_is_passed_over() -> None:
    body = (
        b"<urlset><url><loc>https://a.fr/1</loc><lastmod\x01I2026-10-30T10:00:00Z></url></urlset>"
    )
    for mark in (b"I2026-10-30T10:00:00Z", b":x", b"\xc2\xb72026:1"):
        document = body.replace(b"\x01I2026-10-30T10:00:00Z", mark)
        assert list(fuzz.TARGETS["sitemap"](document)) == []
