"""Text of article pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from collectors import pages
from collectors.waits import PATIENCE, page_again
from vigie.kinds import ArticleRules
from vigie.model import Failure, FailureKind, Fetched, Page

AT = datetime(2026, 3, 1, tzinfo=UTC)
SENTENCES = " ".join(
    f"Le port numéro {number} a reçu davantage de navires que durant l'année précédente."
    for number in range(12)
)
HTML = f"""<!DOCTYPE html><html lang="fr-FR"><head><title>Les ports</title>
<meta property="og:title" content="Les ports normands"><meta name="author" content="Anne Martin">
<meta property="article:published_time" content="2026-02-27T08:00:00+01:00"></head>
<body><nav><a href="/">Accueil</a><a href="/x">Rubriques</a></nav>
<article><h1>Les ports normands</h1><p>{SENTENCES}</p><p>{SENTENCES}</p></article>
<script>var secret = 1;</script><footer>Mentions légales</footer></body></html>"""


def extract(
    body: bytes,
    content_type: str = "text/html; charset=utf-8",
    rules: ArticleRules | None = None,
) -> Page:
    url = "https://a.fr/ports"
    return pages.extract(
        Fetched("k", url, AT, url, status=200, content_type=content_type, body=body), rules
    )


def test_an_article() -> None:
    page = extract(HTML.encode())
    assert page.failure is None
    assert page.title == "Les ports normands"
    assert page.text.startswith("Le port numéro 0")
    assert "secret" not in page.text
    assert "Mentions" not in page.text
    assert page.author == "Anne Martin"
    assert page.published == datetime(2026, 2, 27, 7, tzinfo=UTC)
    assert page.language == "fr"


@pytest.mark.parametrize(
    ("body", "content_type", "words"),
    [
        (b"", "text/html", "an empty page"),
        (b"<html><body><p>Abonnez-vous.</p></body></html>", "text/html", "fewer than 200"),
        (b"\x00\xff<<<>>", "", "fewer than 200"),
        (b"%PDF-1.7 x", "text/html", "a broken PDF"),
        (b"x", "application/pdf", "a broken PDF"),
        (b"\x89PNG", "image/png", "image/png, not a page"),
    ],
)
def test_no_text(body: bytes, content_type: str, words: str) -> None:
    failure = extract(body, content_type).failure
    assert failure is not None
    assert failure.kind is FailureKind.NO_TEXT
    assert words in failure.detail


def test_a_failed_fetch_passes_through() -> None:
    failure = Failure(FailureKind.ROBOTS, "x")
    assert pages.extract(Fetched("k", "https://a.fr", AT, failure=failure)).failure is failure


def test_long_texts_are_capped() -> None:
    rows = (f"<p>Le {number}. {SENTENCES}</p>" for number in range(250))
    body = HTML.replace(f"<p>{SENTENCES}</p>", "".join(rows), 1).encode()
    assert pages.TEXT - 100 < len(extract(body).text) <= pages.TEXT


def with_head(head: str, body: str = f"<p>{SENTENCES}</p>") -> bytes:
    return f"<html><head>{head}</head><body><article>{body}</article></body></html>".encode()


LINKED = '<script type="application/ld+json">%s</script>'


@pytest.mark.parametrize(
    ("head", "author", "published"),
    [
        ('<meta name="author" content="Par Anne Martin">', "Anne Martin", None),
        ('<meta property="article:author" content="https://a.fr/anne">', "", None),
        (LINKED % '{"@type":"NewsArticle","author":[{"name":"A"},{"name":"B"}]}', "A, B", None),
        (LINKED % '{"@graph":[{"@type":"Person"},{"@type":["Article"],"author":"A"}]}', "A", None),
        (
            LINKED % '{"@type":"Article","datePublished":"2026-02-27T23:30:00-02:00"}',
            "",
            (28, 1, 30),
        ),
        ('<meta name="date" content="2026-02-27">', "", (27, 0, 0)),
        ('<meta name="date" content="2031-02-27">', "", None),
        (LINKED % '{"@type":"Article","datePublished":{"x":[1]},"author":{"name":7}}', "", None),
        (LINKED % ("[" * 5_000), "", None),
        (LINKED % "not json", "", None),
    ],
)
def test_author_and_date_come_from_what_the_page_says_of_itself(
    head: str, author: str, published: tuple[int, int, int] | None
) -> None:
    page = extract(with_head(head))
    assert page.failure is None
    assert page.author == author
    assert page.published == (datetime(2026, 2, *published, tzinfo=UTC) if published else None)


@pytest.mark.parametrize(
    ("head", "body", "words"),
    [
        (
            LINKED % '{"@type":"NewsArticle","isAccessibleForFree":"False"}',
            SENTENCES,
            "Free: false",
        ),
        (LINKED % '{"@type":"NewsArticle","isAccessibleForFree":true}', SENTENCES, ""),
        ('<meta property="article:content_tier" content="locked">', SENTENCES, "tier: locked"),
        ("", f"{SENTENCES[:600]} Cet article est réservé aux abonnés.", "réservé aux abonné"),
        ("", f"{SENTENCES * 3} Cet article est réservé aux abonnés.", ""),
    ],
)
def test_a_paywall_is_said(head: str, body: str, words: str) -> None:
    said = extract(with_head(head, f"<p>{body}</p>")).paywall
    assert words in said
    assert bool(said) is bool(words)


@pytest.mark.parametrize(
    "around",
    [
        "<nav><h2>Rubriques</h2>%s</nav>",  # left open, it swallows what follows
        "<nav><h1>Les ports</h1>%s</nav><p>Mot.</p>" + "<p>Autre mot.</p>" * 9,
        "<div>%s</div><nav><ul>"
        + "<li><a href='/x'>Une rubrique du site</a></li>" * 90
        + "</ul></nav>",
        "<div>%s</div><footer>" + "<p>Mentions légales du journal.</p>" * 2 + "</footer>",
    ],
)
def test_an_article_is_found_wherever_it_stands(around: str) -> None:
    rows = "".join(f"<p>Le {number}. {SENTENCES[:300]}</p>" for number in range(5))
    page = extract(f"<html><body>{around % rows}</body></html>".encode())
    assert page.failure is None
    assert "Le 4. Le port numéro 0" in page.text
    assert "rubrique" not in page.text
    assert "Mentions" not in page.text


def test_a_text_outside_paragraphs_is_looked_for_again_in_the_whole_page() -> None:
    page = extract(f"<html><body><nav><div>{SENTENCES}</div></nav></body></html>".encode())
    assert page.text.startswith("Le port numéro 0")


OTHER = "<div class='note'>" + "Une note de la rédaction, qui est longue. " * 9 + "</div>"


@pytest.mark.parametrize(
    ("rules", "begins", "has_note"),
    [
        (ArticleRules(content="div.note"), "Une note", True),
        (ArticleRules(content="article p, article"), "Le port", False),
        (ArticleRules(content="body", remove=(".note", "h1")), "Accueil", False),
        (ArticleRules(remove=("article",)), "Une note", True),
    ],
)
def test_a_sources_own_selectors_hold(rules: ArticleRules, begins: str, has_note: bool) -> None:
    page = extract(HTML.replace("</article>", f"</article>{OTHER}").encode(), rules=rules)
    text = page.text.removeprefix("Les ports normands\n")
    assert text.startswith(begins)
    assert ("rédaction" in text) is has_note
    assert "secret" not in text


def test_a_selector_that_finds_nothing_says_so() -> None:
    failure = extract(HTML.encode(), rules=ArticleRules(content="main.none")).failure
    assert failure is not None
    assert "main.none" in failure.detail


@pytest.mark.parametrize(
    ("status", "wait", "tries", "minutes"),
    [
        (429, None, 1, 10),
        (429, None, 3, 40),
        (429, 7_200.0, 1, 120),
        (503, 60.0, 2, 20),
        (429, 1e9, 1, 1_440),
        (429, None, PATIENCE, None),
        (403, 60.0, 1, None),
        (0, None, 1, None),
    ],
)
def test_a_busy_servers_page_waits(
    status: int, wait: float | None, tries: int, minutes: int | None
) -> None:
    found = page_again(Failure(FailureKind.HTTP, "x", status), wait, tries, AT)
    assert found == (AT + timedelta(minutes=minutes) if minutes else None)
