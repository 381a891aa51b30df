"""Text of PDF documents, made here by typst."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
import typst
from pypdf import PdfReader, PdfWriter

from collectors import pages, pdf
from vigie.model import FailureKind, Fetched, Page

AT = datetime(2026, 3, 1, tzinfo=UTC)
WORDS = "Le port a reçu davantage de navires cette année, et la digue sera rehaussée. "


@pytest.fixture(scope="module")
def document() -> bytes:
    text = f"""#set document(title: "Étude des ports", author: "Anne Martin",
        date: datetime(year: 2026, month: 2, day: 27))
    #set text(lang: "fr")
    #set page(width: 12cm)
    = Étude des ports
    {WORDS * 6}

    {WORDS * 6}"""
    return typst.compile(text.encode())


def read(body: bytes, content_type: str = "application/pdf") -> Page:
    return pages.extract(
        Fetched("k", "https://a.fr/e.pdf", AT, status=200, body=body, content_type=content_type)
    )


def encrypted(document: bytes, password: str) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(document)))
    writer.encrypt(user_password=password, owner_password="owner", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize("content_type", ["application/pdf", "text/html", ""])
def test_text_title_author_date_and_language(document: bytes, content_type: str) -> None:
    page = read(document, content_type)
    assert page.failure is None
    assert page.text.count("davantage de navires cette année") == 12
    assert page.title == "Étude des ports"
    assert page.author == "Anne Martin"
    assert page.published == datetime(2026, 2, 27, tzinfo=UTC)
    assert page.language == "fr"


def test_a_document_that_opens_without_a_password_is_read(document: bytes) -> None:
    assert "navires" in read(encrypted(document, "")).text


def test_a_document_that_asks_for_a_password_says_so(document: bytes) -> None:
    failure = read(encrypted(document, "secret")).failure
    assert failure is not None
    assert "password" in failure.detail


@pytest.mark.parametrize("part", [5, 100, 1_000])
def test_a_broken_document_says_so(document: bytes, part: int) -> None:
    failure = read(document[:part]).failure
    assert failure is not None
    assert failure.kind is FailureKind.NO_TEXT
    assert "PDF" in failure.detail


def test_a_document_of_pictures_says_so() -> None:
    failure = read(typst.compile(b"#rect()")).failure
    assert failure is not None
    assert "characters of text" in failure.detail


def test_long_documents_are_capped(document: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "TEXT", 200)
    assert 100 < len(read(document).text) <= 200
