"""An article page's text, by trafilatura. Pure: bytes in, values out."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import trafilatura

from collectors import plain, reserve
from collectors.items import NAME, TITLE, language, sensible
from vigie.model import Failure, FailureKind, Fetched, Page

TEXT = 200_000  # characters kept of one page
LEAST = 200  # characters; what is shorter is a notice or a menu, not an article
_MOST_BYTES = 2_000_000  # of HTML that are read: more is data, scripts or an attack
_LANGUAGE = re.compile(
    rb"<html\b[^>]{0,500}?\slang\s*=\s*[\"']?([A-Za-z]{2}(?:[-_][A-Za-z]+)?)",
    re.IGNORECASE,
)


def extract(fetched: Fetched) -> Page:
    """Text, title, author, date and language of a page, or why there is none.

    A failed or unmodified fetch gives an empty page that carries its failure.
    """
    if fetched.failure or fetched.not_modified:
        return Page(failure=fetched.failure)
    kind = fetched.content_type.partition(";")[0].strip().lower()
    if fetched.body[:5] == b"%PDF-" or kind == "application/pdf":
        return _none("a PDF document, which is not read")
    if kind and not ("html" in kind or "xml" in kind or kind == "text/plain"):
        return _none(f"{kind}, not a page")
    if not fetched.body.strip():
        return _none("an empty page")
    body = fetched.body[:_MOST_BYTES]
    found: Any = trafilatura.bare_extraction(
        body,
        url=fetched.final_url or fetched.url,
        favor_precision=True,
        include_comments=False,
        include_tables=False,
        with_metadata=True,
    )
    title = plain.line(found.title or "", TITLE) if found else ""
    text = (found.text or "").strip() if found else ""
    text = plain.cut(text.removeprefix(f"{title}\n"), TEXT)
    if len(text) < LEAST:
        return _none(f"{len(text)} characters of text found, fewer than {LEAST}")
    declared = _LANGUAGE.search(body[:20_000])
    return Page(
        title=title,
        text=text,
        author=plain.line(found.author or "", NAME),
        published=sensible(_date(found.date or ""), fetched.at),
        language=language(declared[1].decode("ascii")) if declared else "",
        reserved=reserve.of_page(fetched),
    )


def _none(detail: str) -> Page:
    return Page(failure=Failure(FailureKind.NO_TEXT, detail))


def _date(text: str) -> datetime | None:
    """trafilatura says days only; midnight UTC stands for the day."""
    try:
        return datetime.strptime(text[:10], "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return None
