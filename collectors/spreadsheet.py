"""CSV files to entries; delimiter, encoding and headings are found where not said. Pure."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime
from io import StringIO

from collectors import documents
from collectors.items import SAMPLE, Raw
from vigie import dates
from vigie.model import Unparsed

_DELIMITERS = ";\t,|"
# What people and programs call these columns, folded; the first that stands in the file counts.
_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "url": (
        "url",
        "link",
        "links",
        "lien",
        "adresse",
        "uri",
        "webadresse",
        "koppeling",
        "source url",
    ),
    "id": ("id", "guid", "identifiant", "reference", "key", "cle", "doi", "kennung"),
    "title": ("title", "titre", "titel", "headline", "objet", "intitule", "onderwerp", "betreff"),
    "summary": (
        *("summary", "resume", "description", "abstract", "chapo", "samenvatting"),
        *("zusammenfassung", "beschreibung", "omschrijving", "extrait"),
    ),
    "text": ("text", "texte", "content", "contenu", "body", "tekst", "inhalt", "inhoud", "notes"),
    "author": ("author", "authors", "auteur", "auteurs", "autor", "autoren", "by"),
    "published": (
        *("published", "date", "publication date", "date de publication", "publie le", "datum"),
        *("pubdate", "publicatiedatum", "veroffentlicht", "publication year", "date published"),
    ),
    "updated": ("updated", "modified", "mis a jour", "date modified", "gewijzigd", "geandert"),
    "categories": ("categories", "category", "categorie", "tags", "mots cles", "keywords", "theme"),
    "language": ("language", "langue", "taal", "sprache", "lang"),
    "image": ("image", "picture", "photo", "bild", "afbeelding"),
}
_SEVERAL = re.compile(r"[;|,]")


def read(
    body: bytes, columns: Mapping[str, str], at: datetime, language: str, most: int
) -> Iterator[Raw | Unparsed]:
    """Each row as an entry; what cannot be read as Unparsed.

    `columns` says the heading of a column by Vigie's own name for it; the others are recognised by
    what they are usually called. UTF-8 or Windows-1252, whichever the bytes are.
    """
    text = documents.decoded(body, "").strip("\n\r")
    if not text.strip():
        yield Unparsed("file", "an empty file", b"")
        return
    rows = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        where = _places(next(rows), columns)
        missing = [heading for name, heading in columns.items() if name not in where]
        if missing:
            yield Unparsed("row 1", f"no column headed {', '.join(map(repr, missing))}", b"")
        if not ({"title", "url"} & where.keys()):
            yield Unparsed("row 1", "no column of titles or links", body[:SAMPLE])
            return
        for number, row in enumerate(rows, 1):
            if number > most:
                yield Unparsed("file", f"more than {most} rows; the others are not read", b"")
                return
            if any(cell.strip() for cell in row):
                yield _entry(row, where, at, language)
    except (csv.Error, StopIteration) as error:
        yield Unparsed("file", f"malformed CSV, line {rows.line_num}: {error}"[:300], body[:SAMPLE])


def _delimiter(text: str) -> str:
    """The sign that cuts the first line, outside quotes, into most columns."""
    first = re.sub(r'"[^"]*"', "", text[:10_000].splitlines()[0])
    return max(_DELIMITERS, key=first.count)


def _places(headings: list[str], columns: Mapping[str, str]) -> dict[str, int]:
    by_name: dict[str, int] = {}
    for number, heading in enumerate(headings):
        by_name.setdefault(_folded(heading), number)
    found: dict[str, int] = {}
    for name, usual in _HEADINGS.items():
        wanted = (_folded(columns[name]),) if name in columns else usual
        place = next((by_name[heading] for heading in wanted if heading in by_name), None)
        if place is not None:
            found[name] = place
    return found


def _folded(heading: str) -> str:
    plain = unicodedata.normalize("NFKD", heading.casefold())
    kept = (letter if letter.isalnum() else " " for letter in plain if not _is_accent(letter))
    return " ".join("".join(kept).split())


def _is_accent(letter: str) -> bool:
    return unicodedata.combining(letter) != 0


def _entry(row: list[str], where: Mapping[str, int], at: datetime, language: str) -> Raw:
    said = {name: row[place].strip() for name, place in where.items() if place < len(row)}
    return Raw(
        link=said.get("url", ""),
        guid=said.get("id", ""),
        title=said.get("title", ""),
        summary=said.get("summary", ""),
        content=said.get("text", ""),
        author=said.get("author", ""),
        published=dates.find(said.get("published", ""), at, language),
        updated=dates.find(said.get("updated", ""), at, language),
        categories=[part.strip() for part in _SEVERAL.split(said.get("categories", ""))],
        language=said.get("language", "") or language,
        image=said.get("image", ""),
    )
