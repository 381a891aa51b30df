"""Finding feeds: what pages, usual addresses and sitemaps say."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors import discover

BASE = "https://site.example/rubrique/page.html"


def urls(html: str, base: str = BASE) -> list[str]:
    return [candidate.url for candidate in discover.announced(html, base).feeds]


@pytest.mark.parametrize(
    ("html", "found"),
    [
        (
            '<link rel="alternate" type="application/rss+xml" href="/f">',
            ["https://site.example/f"],
        ),
        (
            "<LINK REL='Alternate' TYPE='application/atom+xml; charset=utf-8' HREF='a.xml'/>",
            ["https://site.example/rubrique/a.xml"],
        ),
        (
            '<link rel=alternate type=application/feed+json href="feed.json">',
            ["https://site.example/rubrique/feed.json"],
        ),
        ('<base href="/b/"><link rel="feed" href="x">', ["https://site.example/b/x"]),
        ('<link rel="alternate" hreflang="nl" href="/nl/">', []),
        ('<link rel="stylesheet" type="text/css" href="/rss.xml">', []),
        ('<link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">', []),
        ('<a href="/actualites/rss">RSS</a>', ["https://site.example/actualites/rss"]),
        ('<a href="https://other.example/feed/">feed</a>', []),
        ('<a href="/feedback">Contact</a>', []),
    ],
)
def test_a_page_announces_its_feeds(html: str, found: list[str]) -> None:
    assert urls(html) == found


def test_feeds_of_comments_come_last_and_each_feed_once() -> None:
    html = """<html lang="fr-BE"><head><title> Le  Port </title>
    <link rel="alternate" type="application/rss+xml" title="Port » Comments" href="/comments/feed/">
    <link rel="alternate" type="application/rss+xml" title="Port" href="/feed/">
    <link rel="alternate" type="application/rss+xml" title="Port" href="/feed/"></head>
    <a href="/feed/">RSS</a>"""
    page = discover.announced(html, BASE)
    assert (page.title, page.language) == ("Le Port", "fr")
    assert [candidate.url.removeprefix("https://site.example") for candidate in page.feeds] == [
        "/feed/",
        "/comments/feed/",
    ]


@given(st.text())
def test_no_page_breaks_the_reader(html: str) -> None:
    for candidate in discover.announced(
        f"<a href='{html}'><link rel=feed href={html}>", BASE
    ).feeds:
        assert candidate.url.startswith("http")


@pytest.mark.parametrize(
    ("url", "first", "among"),
    [
        (
            "https://a.example/",
            "https://a.example/feed/",
            "https://a.example/spip.php?page=backend",
        ),
        ("https://a.example", "https://a.example/feed/", "https://a.example/rss.xml"),
        (
            "https://a.example/blog/post",
            "https://a.example/blog/feed/",
            "https://a.example/feed.json",
        ),
    ],
)
def test_usual_addresses(url: str, first: str, among: str) -> None:
    found = discover.usual(url)
    assert found[0] == first
    assert among in found
    assert len(found) == len(set(found)) <= 14


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example/rss.xml", True),
        ("https://a.example/feed/", True),
        ("https://a.example/x/atom", True),
        ("https://a.example/spip.php?page=backend", True),
        ("https://a.example/?feed=rss2", True),
        ("https://a.example/atomkraft", False),
        ("https://a.example/feeding-the-world", False),
        ("https://a.example/", False),
    ],
)
def test_feedlike(url: str, expected: bool) -> None:
    assert discover.feedlike(url) is expected


def test_robots_names_sitemaps_else_the_usual_one() -> None:
    robots = "User-agent: *\nDisallow: /x\nSITEMAP: /s1.xml\nsitemap:https://b.example/s2.xml\n"
    assert discover.sitemaps_of(robots, BASE) == (
        "https://site.example/s1.xml",
        "https://b.example/s2.xml",
    )
    assert discover.sitemaps_of("", BASE) == ("https://site.example/sitemap.xml",)


@pytest.mark.parametrize("pack", [lambda body: body, gzip.compress])
def test_a_sitemap_gives_its_addresses(pack) -> None:
    body = (
        b'<?xml version="1.0"?><s:urlset xmlns:s="http://www.sitemaps.org/schemas/sitemap/0.9">'
        b"<s:url><s:loc> https://site.example/a?b=1&amp;c=2 </s:loc></s:url>"
        b"<s:url><s:loc><![CDATA[/feed/]]></s:loc></s:url></s:urlset>"
    )
    found = discover.sitemap(pack(body), "", BASE)
    assert found == discover.Sitemap(
        index=False, urls=("https://site.example/a?b=1&c=2", "https://site.example/feed/")
    )


def test_an_index_is_told_from_a_sitemap_and_from_a_page() -> None:
    index = discover.sitemap(b"<sitemapindex><sitemap><loc>/1.xml</loc></sitemap>", "", BASE)
    assert index
    assert index.index
    assert discover.sitemap(b"<html><title>404</title>", "text/html", BASE) is None
    assert discover.sitemap(gzip.compress(b" " * 50_000_000), "", BASE) is None
