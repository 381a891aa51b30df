"""Sitemaps: addresses, news, indexes, and what attacks look like."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest

from collectors.kinds import sitemap
from vigie.kinds import SitemapRules
from vigie.model import Failure, FailureKind, Fetched, Kind, ParsedFeed
from vigie.schema import Source

AT = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)
URL = "https://www.exemple.fr/sitemap.xml"
SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def parse(text: str | bytes, step: int = 0, **rules: object) -> ParsedFeed:
    body = text if isinstance(text, bytes) else text.encode()
    source = Source(
        id="x", title="X", kind=Kind.SITEMAP, url=URL, sitemap=SitemapRules.model_validate(rules)
    )
    return sitemap.parse(Fetched("x", URL, AT, URL, status=200, body=body, step=step), source)


def urlset(*entries: tuple[str, str]) -> str:
    rows = "".join(
        f"<url><loc>{loc}</loc>{f'<lastmod>{day}</lastmod>' if day else ''}</url>"
        for loc, day in entries
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {SPACE}>{rows}</urlset>'


def test_the_newest_come_first_and_the_old_not_at_all() -> None:
    found = parse(
        urlset(
            ("https://www.exemple.fr/actus/ancien-article-de-2019", "2019-01-01"),
            ("/actus/port-jerome-accueille-trois-barges_612.html", "2026-11-18"),
            ("https://www.exemple.fr/actus/2026/quai-electrifie", "2026-11-19T08:00:00+01:00"),
            ("https://www.exemple.fr/actus/sans-date", ""),
        )
    )
    assert [(item.title, item.published) for item in found.items] == [
        ("Quai electrifie", datetime(2026, 11, 19, 7, 0, tzinfo=UTC)),
        ("Port jerome accueille trois barges", datetime(2026, 11, 18, tzinfo=UTC)),
        ("Sans date", None),
    ]
    assert (
        found.items[1].url
        == "https://www.exemple.fr/actus/port-jerome-accueille-trois-barges_612.html"
    )


def test_a_news_sitemap_says_title_date_and_language() -> None:
    news = "http://www.google.com/schemas/sitemap-news/0.9"
    image = "http://www.google.com/schemas/sitemap-image/1.1"
    found = parse(
        f"""<urlset {SPACE} xmlns:n="{news}" xmlns:image="{image}"><url>
        <loc>https://www.exemple.fr/a-1</loc><lastmod>2026-11-20</lastmod>
        <image:image><image:loc>https://www.exemple.fr/i.jpg</image:loc>
        <image:title>Une image</image:title></image:image>
        <n:news><n:publication><n:name>L’Exemple</n:name><n:language>fr</n:language></n:publication>
        <n:publication_date>2026-11-19T10:00:00Z</n:publication_date>
        <n:title>R&amp;D : un quai &lt;neuf&gt; pour l'hiver</n:title>
        <n:keywords>port, énergie</n:keywords></n:news></url></urlset>"""
    )
    (item,) = found.items
    assert item.title.startswith("R&D : un quai")
    assert item.published == datetime(2026, 11, 19, 10, 0, tzinfo=UTC)
    assert item.updated == datetime(2026, 11, 20, tzinfo=UTC)
    assert (item.language, item.categories) == ("fr", ("port", "énergie"))
    assert item.url == "https://www.exemple.fr/a-1"


def index(*entries: tuple[str, str]) -> str:
    rows = "".join(
        f"<sitemap><loc>{loc}</loc>{f'<lastmod>{day}</lastmod>' if day else ''}</sitemap>"
        for loc, day in entries
    )
    return f"<sitemapindex {SPACE}>{rows}</sitemapindex>"


def test_an_index_leads_to_its_newest_sitemaps() -> None:
    found = parse(
        index(
            ("/s-2019.xml", "2019-05-01"),
            ("/s-a.xml", "2026-11-02"),
            ("/s-b.xml.gz", "2026-11-19"),
        )
    )
    assert found.items == ()
    assert [job.url for job in found.follow] == [
        "https://www.exemple.fr/s-b.xml.gz",
        "https://www.exemple.fr/s-a.xml",
    ]
    assert {(job.key, job.step) for job in found.follow} == {("x", 1)}


def test_an_index_without_dates_leads_to_news_and_to_the_highest_numbers() -> None:
    children = [(f"/pages-{number}.xml", "") for number in range(1, 20)] + [("/news.xml", "")]
    followed = [job.url.rpartition("/")[2] for job in parse(index(*children)).follow]
    assert followed[:3] == ["news.xml", "pages-19.xml", "pages-18.xml"]
    assert len(followed) == 8


def test_a_pattern_and_an_age_choose() -> None:
    text = urlset(("/fr/a-b", "2026-11-19"), ("/en/a-b", "2026-11-19"), ("/fr/c", "2026-11-10"))
    found = parse(text, pattern="/fr/", max_age_days=5)
    assert [item.url for item in found.items] == ["https://www.exemple.fr/fr/a-b"]


def test_gzip_as_the_body_is_unpacked() -> None:
    assert len(parse(gzip.compress(urlset(("/a-b-c", "2026-11-19")).encode(), mtime=0)).items) == 1


def test_what_is_broken_gives_what_it_can() -> None:
    text = urlset(("/a-b", "2026-11-19"), ("ftp://x/y", ""), ("/c-d", "hier"))
    found = parse(text.replace("</urlset>", "<url><loc>/e-f</loc>"))
    assert [item.title for item in found.items][:2] == ["A b", "C d"]
    assert found.unparsed[0].where == "entry 2"


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("", FailureKind.EMPTY, "empty"),
        ("<!DOCTYPE html><html><title>404</title></html>", FailureKind.NOT_A_FEED, "HTML page"),
        ("<rss/>", FailureKind.NOT_A_FEED, "something else"),
        (
            '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + urlset(("/a", "")),
            FailureKind.HOSTILE,
            "entities",
        ),
    ],
)
def test_what_is_no_sitemap_is_named(text: str, kind: FailureKind, said: str) -> None:
    found = parse(text)
    assert found.failure is not None
    assert found.failure.kind is kind
    assert said in found.failure.detail


def test_an_outside_entity_is_not_read() -> None:
    text = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>' + urlset(("/a-b-&e;", ""))
    found = parse(text.replace('<?xml version="1.0" encoding="UTF-8"?>\n', ""))
    assert all(item.url[-2:] == "b-" or item.url.endswith("/a-b") for item in found.items)


def test_a_bomb_of_gzip_is_refused() -> None:
    found = parse(gzip.compress(b" " * 30_000_000, mtime=0))
    assert found.failure is not None
    assert found.failure.kind is FailureKind.HOSTILE


def test_very_many_addresses_are_capped_and_said() -> None:
    found = parse(urlset(*((f"/article-{number}-x-y", "2026-11-19") for number in range(2_100))))
    assert len(found.items) == 2_000
    assert found.unparsed[0].reason == "2100 addresses, of which the newest 2000 are read"


def test_failures_and_unmodified_pass_through() -> None:
    source = Source(id="x", title="X", kind=Kind.SITEMAP, url=URL)
    failure = Failure(FailureKind.DNS, "x")
    assert sitemap.parse(Fetched("x", URL, AT, failure=failure), source).failure is failure
    assert sitemap.parse(Fetched("x", URL, AT, status=304), source) == ParsedFeed()


@pytest.mark.parametrize("root", ["urlset", "sitemapindex"])
def test_a_tag_that_recovery_makes_up_is_read_as_it_stands(root: str) -> None:
    """Found by fuzzing: a name that no document could have, out of broken XML."""
    text = f'<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    text += "<url}}sitemap/url xmlns='}}'><loc>https://a.example/quai-neuf</loc></url}}sitemap/url>"
    found = parse(f"{text}<}}}}url><loc>https://a.example/port-ouvert</loc></}}}}url></{root}>")
    assert found.failure or not found.items or found.unparsed
