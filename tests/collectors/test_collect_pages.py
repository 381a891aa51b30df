"""Text of article pages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from collectors import pages
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


def extract(body: bytes, content_type: str = "text/html; charset=utf-8") -> Page:
    url = "https://a.fr/ports"
    return pages.extract(
        Fetched("k", url, AT, url, status=200, content_type=content_type, body=body)
    )


def test_an_article() -> None:
    page = extract(HTML.encode())
    assert page.failure is None
    assert page.title == "Les ports normands"
    assert page.text.startswith("Le port numéro 0")
    assert "secret" not in page.text
    assert "Mentions" not in page.text
    assert page.author == "Anne Martin"
    assert page.published == datetime(2026, 2, 27, tzinfo=UTC)
    assert page.language == "fr"


@pytest.mark.parametrize(
    ("body", "content_type", "words"),
    [
        (b"", "text/html", "an empty page"),
        (b"<html><body><p>Abonnez-vous.</p></body></html>", "text/html", "fewer than 200"),
        (b"\x00\xff<<<>>", "", "fewer than 200"),
        (b"%PDF-1.7 x", "text/html", "PDF"),
        (b"x", "application/pdf", "PDF"),
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
