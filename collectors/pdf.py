"""A PDF document's text, by pypdf. Pure: bytes in, values out.

Meant for a worker process: a hostile document may take all the memory and seconds it is given.
"""

from __future__ import annotations

import io
import logging
import re
from datetime import UTC, datetime

from pypdf import PasswordType, PdfReader
from pypdf.errors import DependencyError, PyPdfError

from collectors import plain
from collectors.items import NAME, TITLE, language, sensible
from vigie.model import Failure, FailureKind, Page

TEXT = 200_000  # characters kept of one document
MOST_PAGES = 300  # that are read of one document
LEAST = 100  # characters; what is less is a picture of a text, or a form
_HYPHEN = re.compile(r"(?<=[^\W\d_])[-\u00ad]\n(?=[a-zà-ÿ])")
_ROW = re.compile(r"(?<![.!?:;\n])\n(?=\S)")
# What pypdf raises on documents that are broken, beside its own errors.
_ITS_FAULTS = (
    PyPdfError,
    DependencyError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    RecursionError,
    NotImplementedError,
    OSError,
)

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it tells of each fault of each document


def read(body: bytes, at: datetime) -> Page:
    """Text, title, author, date and language of a PDF document, or why there is none."""
    try:
        reader = PdfReader(io.BytesIO(body))
        if reader.is_encrypted and reader.decrypt("") is PasswordType.NOT_DECRYPTED:
            return _none("a PDF document that asks for a password")
        text = _text(reader)
        if len(text) < LEAST:
            return _none(f"a PDF document with {len(text)} characters of text, fewer than {LEAST}")
        return _page(reader, text, at)
    except _ITS_FAULTS as error:
        return _none(f"a broken PDF document: {type(error).__name__}: {error}"[:300])


def _text(reader: PdfReader) -> str:
    parts: list[str] = []
    size = 0
    for number in range(min(len(reader.pages), MOST_PAGES)):
        part = reader.pages[number].extract_text()
        parts.append(part)
        size += len(part)
        if size > TEXT:
            break
    text = _HYPHEN.sub("", "\n".join(parts))
    rows = (" ".join(row.split()) for row in _ROW.sub(" ", plain.printable(text)).split("\n"))
    return plain.cut("\n".join(filter(None, rows)), TEXT)


def _page(reader: PdfReader, text: str, at: datetime) -> Page:
    said = reader.metadata
    return Page(
        title=plain.line(str(said.title or ""), TITLE) if said else "",
        text=text,
        author=plain.line(str(said.author or ""), NAME) if said else "",
        published=sensible(_moment(said.creation_date) if said else None, at),
        language=language(str(reader.root_object.get("/Lang", ""))),
    )


def _moment(moment: datetime | None) -> datetime | None:
    if moment is None or moment.tzinfo:
        return moment
    return moment.replace(tzinfo=UTC)


def _none(detail: str) -> Page:
    return Page(failure=Failure(FailureKind.NO_TEXT, detail))
