"""Lists of sources as CSV, read and written. Pure: bytes in, values out.

A spreadsheet must not take a cell for a formula: what begins like one gets an apostrophe before it,
which is taken away again on import.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence

from app.curating.entries import FIELDS, Entry, Listing, Refusal
from enrich.words import fold
from vigie.errors import CuratingError

MOST_BYTES = 20_000_000
_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
_MADE_INERT = re.compile(r"'+[=+\-@\t\r\n]")
_WEB = re.compile(r"https?://", re.IGNORECASE)
_COLUMNS = {
    **{name: name for name in FIELDS},
    **dict.fromkeys(("xmlurl", "feed", "feed url", "rss", "feed_url", "flux", "address"), "url"),
    **dict.fromkeys(("name", "nom", "titre", "titel", "naam"), "title"),
    **dict.fromkeys(("htmlurl", "site", "website", "home_page"), "homepage"),
    **dict.fromkeys(("lang", "langue", "taal", "sprache"), "language"),
    **dict.fromkeys(("category", "folder", "categorie", "theme", "rubrique"), "folders"),
}


def inert(text: str) -> str:
    """The cell that a spreadsheet takes for text."""
    return f"'{text}" if _FORMULA.match(text) else text


def restored(cell: str) -> str:
    """The text that `inert` was given."""
    return cell[1:] if _MADE_INERT.match(cell) else cell


def write(entries: Iterable[Entry]) -> bytes:
    """CSV in UTF-8 with a mark that spreadsheets know it by, a heading and a row a source."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(FIELDS)
    for entry in entries:
        writer.writerow([inert(getattr(entry, name)) for name in FIELDS])
    return out.getvalue().encode("utf-8-sig")


def read(data: bytes) -> Listing:
    """Every row of a CSV, with a heading or without. Raises CuratingError on what is none.

    Commas, semicolons and tabs are all understood, UTF-8 and Windows-1252 too. Without a heading
    the first cell that is a web address is the feed's, and the first that is none its title.
    """
    rows = _rows(data)
    columns = _columns(rows[0]) if rows else {}
    if "url" not in columns.values():
        columns = {}
        if rows and not any(_WEB.match(cell.strip()) for cell in rows[0]):
            named = ", ".join(cell[:40] for cell in rows[0][:20])
            raise CuratingError(f"no column `url` with the feeds' addresses; there are: {named}")
    entries: list[Entry] = []
    refused: list[Refusal] = []
    for number, row in enumerate(rows, 1):
        if (number == 1 and columns) or not any(cell.strip() for cell in row):
            continue
        entry = _named(number, row, columns) if columns else _guessed(number, row)
        if entry.url or entry.kind:
            entries.append(entry)
        else:
            what = entry.title[:80] or " ".join(row)[:80]
            refused.append(Refusal(entry.place, what, "no address of a feed"))
    return Listing(tuple(entries), tuple(refused))


def _rows(data: bytes) -> list[list[str]]:
    if len(data) > MOST_BYTES:
        raise CuratingError(f"a list of more than {MOST_BYTES} bytes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise CuratingError(f"not readable as CSV: {error}") from error


def _columns(heading: Sequence[str]) -> dict[int, str]:
    """Which column says what; of two that say the same, the first."""
    found: dict[int, str] = {}
    for place, cell in enumerate(heading):
        name = _COLUMNS.get(fold(cell).strip())
        if name and name not in found.values():
            found[place] = name
    return found


def _named(number: int, row: Sequence[str], columns: Mapping[int, str]) -> Entry:
    cells = {name: restored(row[place]) for place, name in columns.items() if place < len(row)}
    url, folder = cells.pop("url", "").strip(), cells.pop("folders", "").strip()
    return Entry(f"row {number}", url, folders=(folder,) if folder else (), **cells)


def _guessed(number: int, row: Sequence[str]) -> Entry:
    cells = [restored(cell).strip() for cell in row]
    url = next((cell for cell in cells if _WEB.match(cell)), "")
    title = next((cell for cell in cells if cell and not _WEB.match(cell)), "")
    return Entry(f"row {number}", url, title)
