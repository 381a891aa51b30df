"""Listing pages: found by themselves, or where a selector says."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.kinds import page
from vigie.kinds import PageRules
from vigie.model import Failure, FailureKind, Fetched, Kind, ParsedFeed
from vigie.schema import Source

AT = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)
URL = "https://www.exemple.fr/actus"
LISTINGS = Path(__file__).parent / "listings"
# Of each page: articles, the first title, its day, the last title, how many have summaries.
EXPECTED = {
    "wordpress-fr": (3, "Un nouveau quai électrifié", "2026-11-18", "Un exercice de lutte", 3),
    "drupal-views-nl": (3, "Walstroom voor alle", "2026-11-17", "Nieuwe baggerwerken", 3),
    "typo3-de": (3, "Neue Brücke über die Weser", "2026-11-18", "Polizei warnt vor", 3),
    "cards-en": (6, "Offshore grid report", "2026-11-19", "Satellites find ships", 1),
    "spip-latin1-fr": (4, "Vigilance orange", "2026-11-17", "Réunion sur l'avenir", 0),
    "table-fr": (4, "Arrêté portant", "2026-11-16", "Arrêté de mise en sécurité", 0),
    "divs-relative-fr": (4, "Le pont de Tancarville", "2026-11-20", "La région vote", 0),
}


def parse(body: bytes, **rules: str) -> ParsedFeed:
    source = Source(id="x", title="X", kind=Kind.PAGE, url=URL, page=PageRules(**rules))
    return page.parse(Fetched("x", URL, AT, URL, status=200, body=body), source)


def listing(name: str) -> bytes:
    return (LISTINGS / f"{name}.html").read_bytes()


@pytest.mark.parametrize("name", EXPECTED)
def test_the_list_is_found_by_itself(name: str) -> None:
    count, first, day, last, summaries = EXPECTED[name]
    found = parse(listing(name))
    titles = [item.title for item in found.items]
    assert found.failure is None
    assert len(titles) == count, titles
    assert titles[0].startswith(first)
    assert titles[-1].startswith(last)
    assert all(item.published for item in found.items)
    assert f"{found.items[0].published:%Y-%m-%d}" == day
    assert sum(bool(item.summary) for item in found.items) == summaries
    assert all(item.url.startswith("https://www.exemple.fr/") for item in found.items)


def test_menus_footers_and_chance_links_are_no_list() -> None:
    found = parse(listing("no-list"))
    assert found.items == ()
    assert found.failure is not None
    assert found.failure.kind is FailureKind.NO_LINKS
    assert "page.links" in found.failure.detail
    assert found.unparsed[0].where == "page"


def test_what_stands_beside_a_headline_is_kept_apart() -> None:
    first = parse(listing("wordpress-fr")).items[0]
    assert first.image == "https://www.exemple.fr/wp/quai.jpg"
    assert first.summary.endswith("6 mégawatts.")  # "Lire la suite" is no part of it
    assert first.language == "fr"
    assert first.published == datetime(2026, 11, 18, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "links",
    ["div.views-row", "div.views-row .views-field-title a", ".views-field-title .field-content"],
)
def test_a_selector_may_name_the_block_the_link_or_what_holds_it(links: str) -> None:
    found = parse(listing("drupal-views-nl"), links=links)
    assert len(found.items) == 3
    assert found.items[0].title.startswith("Walstroom")
    assert found.items[0].published == datetime(2026, 11, 17, 10, 12, tzinfo=UTC)
    assert found.items[0].summary.startswith("De haven bouwt")


def test_selectors_for_title_and_date_go_first() -> None:
    body = b"""<ul>
      <li><a href=/1>PDF</a> <b>Avis un</b> 01/02/2020 <i>02/02/2020</i></li>
      <li><a href=/2>PDF</a> <b>Avis deux</b> 01/03/2020 <i>03/03/2020</i></li></ul>"""
    found = parse(body, links="li", title="b", date="i")
    assert [(item.title, item.published.day) for item in found.items if item.published] == [
        ("Avis un", 2),
        ("Avis deux", 3),
    ]


def test_a_pattern_chooses_among_the_links() -> None:
    found = parse(listing("cards-en"), pattern=r"/2026/[a-z]+-l")
    assert [item.url for item in found.items] == ["https://www.exemple.fr/news/2026/drone-law"]
    nothing = parse(listing("cards-en"), pattern="/presse/")
    assert nothing.failure is not None
    assert "page.pattern" in nothing.failure.detail
    gone = parse(listing("cards-en"), links="li.news")
    assert gone.failure is not None
    assert "page.links = 'li.news'" in gone.failure.detail


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        (b"", FailureKind.EMPTY, "an empty page"),
        (b"bonjour", FailureKind.NO_LINKS, "plain text"),
        (b"<?xml version='1.0'?>\n<rss version='2.0'/>", FailureKind.NO_LINKS, 'kind = "feed"'),
        (b"<div>" * 200_000, FailureKind.HOSTILE, "never closed"),
    ],
)
def test_what_is_no_page_is_named(body: bytes, kind: FailureKind, said: str) -> None:
    found = parse(body)
    assert found.failure is not None
    assert found.failure.kind is kind
    assert said in found.failure.detail


def test_failures_and_unmodified_pass_through() -> None:
    source = Source(id="x", title="X", kind=Kind.PAGE, url=URL)
    failure = Failure(FailureKind.DNS, "x")
    assert page.parse(Fetched("x", URL, AT, failure=failure), source).failure is failure
    assert page.parse(Fetched("x", URL, AT, status=304), source) == ParsedFeed()


def test_links_are_absolute_of_this_site_and_once() -> None:
    rows = "".join(
        f'<li><h3><a href="{href}">Un titre assez long numéro {n}</a></h3>'
        f"<time datetime=2026-11-0{n + 1}></time>"
        for n, href in enumerate(
            ["a?utm_source=x", "/n/a", "//sub.exemple.fr/b", "https://autre.fr/c", "javascript:x"]
        )
    )
    found = parse(f"<base href='https://exemple.fr/n/'><ul>{rows}</ul>".encode())
    assert [item.canonical_url for item in found.items] == [
        "https://exemple.fr/n/a",
        "https://sub.exemple.fr/b",
    ]


def test_words_that_look_like_markup_stay_words() -> None:
    rows = "".join(
        f"<li><h3><a href=/n/{n}>R&amp;D : le &lt;int&gt; du code numéro {n}</a></h3></li>"
        for n in range(3)
    )
    assert parse(f"<ul>{rows}</ul>".encode()).items[0].title == "R&D : le <int> du code numéro 0"


@given(
    st.lists(
        st.sampled_from(
            [
                *"<>/=\"' &;a1",
                "<a href=/x>",
                "</a>",
                "<li>",
                "un deux trois quatre",
                "<time datetime='",
                "<h2>",
                "</h2>",
                "<table>",
                "18 novembre",
                "<!--",
            ]
        ),
        max_size=60,
    )
)
@settings(max_examples=150, deadline=None)
def test_any_soup_is_read_or_named(parts: list[str]) -> None:
    found = parse("".join(parts).encode())
    assert found.items or found.failure
