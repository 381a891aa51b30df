"""BibTeX and RIS files to entries, by bibtexparser and rispy. Pure."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from typing import Any

import rispy  # type: ignore[import-untyped]  # it ships no types
from bibtexparser.entrypoint import parse_string
from pylatexenc.latex2text import LatexNodes2Text  # type: ignore[import-untyped]  # it ships no types

from collectors import documents
from collectors.items import SAMPLE, Raw
from vigie import dates
from vigie.model import Unparsed
from vigie.shapes import doi_of

# What these warn of is left as it stands, or goes to quarantine.
logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
logging.getLogger("pylatexenc").setLevel(logging.CRITICAL)

_END = re.compile(r"^ER  ?-.*$", re.MULTILINE)
_START = re.compile(r"^TY  - ", re.MULTILINE)
_LINK = re.compile(r"https?://[^\s{}\"]+")
_LONGEST_LATEX = 5_000  # characters of one value
_LONGEST = 200_000  # characters of one RIS record
_BRACES = re.compile(r"[{}]")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def bibtex(body: bytes, at: datetime, most: int) -> Iterator[Raw | Unparsed]:
    """Each entry of a BibTeX file; blocks that cannot be read as Unparsed."""
    text = documents.decoded(body, "")
    library = parse_string(text)
    for block in library.failed_blocks[:most]:
        reason = f"unreadable: {block.error}"[:300]
        yield Unparsed(
            f"line {(block.start_line or 0) + 1}", reason, (block.raw or "").encode()[:SAMPLE]
        )
    for count, entry in enumerate(library.entries):
        if count == most:
            yield Unparsed("file", f"more than {most} entries; the others are not read", b"")
            return
        said = {field.key.lower(): _plain(str(field.value)) for field in entry.fields}
        yield _of_bibtex(said, entry.key, at)


@cache
def _latex() -> Any:
    return LatexNodes2Text()


def _plain(value: str) -> str:
    """A value without LaTeX, which is read only where it is: reading it takes milliseconds."""
    if "\\" in value and len(value) <= _LONGEST_LATEX:
        with suppress(ValueError, LookupError, TypeError, AttributeError, RecursionError):
            value = _latex().latex_to_text(value, tolerant_parsing=True)
    return _BRACES.sub("", value).replace("~", " ")


def _of_bibtex(said: Mapping[str, str], key: str, at: datetime) -> Raw:
    doi = doi_of(said.get("doi", ""))
    links = _LINK.findall(said.get("url", "") + " " + said.get("howpublished", ""))
    month = said.get("month", "").lower()[:3]
    number = f"{_MONTHS.index(month) + 1:02}" if month in _MONTHS else month
    written = said.get("date") or "/".join(filter(None, (said.get("year"), number)))
    return Raw(
        link=next(iter(links), "") or _at_doi(doi),
        guid=doi or key,
        title=": ".join(filter(None, (said.get("title"), said.get("subtitle")))),
        summary=said.get("abstract", ""),
        author=", ".join(_name(name) for name in re.split(r"\s+and\s+", said.get("author", ""))),
        published=when(written, at),
        categories=re.split(r"[;,]", said.get("keywords", "")),
        language=_language(said.get("language") or said.get("langid") or ""),
    )


def ris(body: bytes, at: datetime, most: int) -> Iterator[Raw | Unparsed]:
    """Each record of a RIS file, read one by one: a broken one harms no other."""
    text = documents.decoded(body, "").replace("\r\n", "\n").replace("\r", "\n")
    count = 0
    for part in _END.split(text):
        start = _START.search(part)
        if not start:
            if part.strip():
                yield Unparsed(
                    f"record {count + 1}", "no TY line begins it", part.encode()[:SAMPLE]
                )
            continue
        count += 1
        if count > most:
            yield Unparsed("file", f"more than {most} records; the others are not read", b"")
            return
        record = part[start.start() :].rstrip()[:_LONGEST]
        try:
            found = rispy.loads(f"{record}\nER  - \n")
        except (OSError, ValueError, LookupError, AttributeError, TypeError) as error:
            reason = f"unreadable: {type(error).__name__}: {error}"[:300]
            yield Unparsed(f"record {count}", reason, record.encode()[:SAMPLE])
            continue
        for one in found:
            yield _of_ris(one, at)


def _of_ris(record: Mapping[str, Any], at: datetime) -> Raw:
    def said(*names: str) -> str:
        return next((_line(record[name]) for name in names if record.get(name)), "")

    doi = doi_of(said("doi"))
    links = _LINK.findall(said("urls", "url", "file_attachments1"))
    authors = record.get("authors") or record.get("first_authors") or []
    return Raw(
        link=next(iter(links), "") or _at_doi(doi),
        guid=doi or said("id", "accession_number"),
        title=said("title", "primary_title", "short_title"),
        summary=said("abstract", "notes_abstract"),
        author=", ".join(_name(str(name)) for name in authors),
        published=when(said("date", "publication_year", "year"), at),
        categories=[str(word) for word in record.get("keywords") or ()],
        language=_language(said("language")),
    )


def _line(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _at_doi(doi: str) -> str:
    return f"https://doi.org/{doi}" if doi else ""


def _name(name: str) -> str:
    """`Dupont, Marie` is Marie Dupont."""
    last, comma, first = name.partition(",")
    return f"{first.strip()} {last.strip()}" if comma else name.strip()


_NAMES = {"french": "fr", "dutch": "nl", "german": "de", "ngerman": "de", "english": "en"}
_NAMES |= {"francais": "fr", "français": "fr", "nederlands": "nl", "deutsch": "de"}


def _language(text: str) -> str:
    return _NAMES.get(text.strip().lower(), text.strip())


def when(text: str, at: datetime) -> datetime | None:
    """A reference's date: a day, a month (its first day), or a year that is over (its first day).

    The current year alone says nothing about what is new; then there is no date.
    """
    numbers = [int(number) for number in re.findall(r"\d+", text[:40])[:3]]
    if not numbers or not 1000 <= numbers[0] <= 9999:
        return dates.find(text, at)
    if len(numbers) == 1 and numbers[0] >= at.year:
        return dates.find(text, at)
    year, month, day = (*numbers, 1, 1)[:3]
    try:
        return datetime(year, month, day, tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
