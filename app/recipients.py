"""Recipients from a CSV file: each line is someone to add, or refused with field and reason."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NoReturn

from digest.addresses import address as checked_address
from vigie.archive.people import NewRecipient, RecipientRow
from vigie.archive.wishes import EVERY, Wish
from vigie.model import Severity, Tlp
from vigie.schema import ALERTS, LANGUAGES

REQUIRED = ("name", "address", "language", "structure")
ALERTING = ("alerts", "alert_vendors", "alert_themes", "alert_severity")
OPTIONAL = ("editions", "themes", "clearance", "format", "basis", "origin", "contact", *ALERTING)
NO_RULE = "-"  # in the column alerts: none of the rules, only what the others name
LONGEST = 200  # characters of a name
# The legal bases of the GDPR, article 6.1, that a bulletin can stand on; the first word decides.
BASES = {
    "consent": ("consent", "consentement", "toestemming", "einwilligung"),
    "legitimate interest": (
        *("legitimate interest", "intérêt légitime", "gerechtvaardigd belang"),
        "berechtigtes interesse",
    ),
    "public interest": (
        *("public interest", "mission d'intérêt public", "algemeen belang"),
        "öffentliches interesse",
    ),
    "contract": ("contract", "contrat", "overeenkomst", "vertrag"),
}


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that adds nobody."""

    line: int
    field: str  # "" where it is the whole line
    found: str
    expected: str

    def __str__(self) -> str:
        where = f"line {self.line}, {self.field}" if self.field else f"line {self.line}"
        return f"{where}: found {self.found}; expected {self.expected}"


@dataclass(frozen=True, slots=True)
class Listed:
    """Someone to add, and the line that says so."""

    line: int
    person: NewRecipient


@dataclass(frozen=True, slots=True)
class Read:
    """What a file says."""

    people: tuple[Listed, ...] = ()
    refused: tuple[Refused, ...] = ()


@dataclass(frozen=True, slots=True)
class Defaults:
    """What holds for lines that do not say otherwise, and what they may name."""

    edition: str
    basis: str
    origin: str
    editions: frozenset[str]
    themes: frozenset[str]
    alerts: frozenset[str] = frozenset()  # ids of rules


class _FieldError(Exception):
    def __init__(self, field: str, found: str, expected: str) -> None:
        self.field, self.found, self.expected = field, found, expected


def read_csv(text: str, defaults: Defaults) -> Read:
    """Read a file whose heading names at least `REQUIRED`; comma or semicolon between them."""
    heading = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text), delimiter=";" if ";" in heading else ",", strict=True)
    rows = _rows(reader)
    try:
        first = next(rows, (1, []))
    except _FieldError as error:
        return Read(refused=(Refused(1, error.field, error.found, error.expected),))
    columns = [column.strip().casefold() for column in first[1]]
    if wrong := _heading(columns):
        return Read(refused=(wrong,))
    people: dict[str, Listed] = {}
    refused: list[Refused] = []
    while True:
        try:
            line, cells = next(rows)
        except StopIteration:
            break
        except _FieldError as error:
            refused.append(Refused(reader.line_num, error.field, error.found, error.expected))
            break  # what follows a wrong quote cannot be told apart
        if not any(cell.strip() for cell in cells):
            continue
        try:
            person = _person(columns, cells, defaults)
            key = person.address.casefold()
            if key in people:
                _refuse(
                    "address", person.address, f"each once: it stands on line {people[key].line}"
                )
        except _FieldError as error:
            refused.append(Refused(line, error.field, error.found, error.expected))
        else:
            people[key] = Listed(line, person)
    return Read(tuple(people.values()), tuple(refused))


def write_csv(rows: Iterable[tuple[RecipientRow, Wish]]) -> str:
    """A list as a file that `read_csv` reads: themes are those of the first edition."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    columns = (*REQUIRED, "editions", "themes", "clearance", "format", *ALERTING)
    writer.writerow(columns)
    for row, wish in rows:
        editions = sorted(row.editions, key=lambda one: one == ALERTS)
        themes = next((s.themes for s in row.subscriptions if s.edition != ALERTS), ())
        alerts = ALERTS in editions
        writer.writerow(
            (
                *(row.name, row.address, row.language, row.structure, " ".join(editions)),
                *(" ".join(themes), row.clearance.value, row.format),
                *(" ".join(wish.rules) or NO_RULE if alerts else "",),
                *("|".join(wish.vendors) if alerts else "",),
                *(" ".join(wish.themes) if alerts else "",),
                *(wish.severity.value if alerts else "",),
            )
        )
    return out.getvalue()


def read_one(
    name: str, address: str, language: str, structure: str, defaults: Defaults
) -> NewRecipient | Refused:
    """One person, checked as a line of a file would be."""
    try:
        return _person(list(REQUIRED), [name, address, language, structure], defaults)
    except _FieldError as error:
        return Refused(1, error.field, error.found, error.expected)


def needs_confirmation(basis: str) -> bool:
    """Whether the basis is consent, which the person has to confirm."""
    return legal_basis(basis) == "consent"


def _rows(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line on which it begins."""
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _FieldError("", str(error), "CSV with its quotes in pairs") from error
        yield line, cells
        line = reader.line_num + 1  # type: ignore[attr-defined]  # csv's reader has it


def _heading(columns: list[str]) -> Refused | None:
    missing = [column for column in REQUIRED if column not in columns]
    if missing:
        return Refused(1, "heading", ", ".join(columns) or "nothing", f"{', '.join(missing)} too")
    unknown = [column for column in columns if column not in REQUIRED + OPTIONAL]
    if unknown:
        known = ", ".join(REQUIRED + OPTIONAL)
        return Refused(1, "heading", ", ".join(map(repr, unknown)), f"only {known}")
    twice = sorted({column for column in columns if columns.count(column) > 1})
    return Refused(1, "heading", f"{twice[0]} twice", "each column once") if twice else None


def _person(columns: list[str], cells: list[str], defaults: Defaults) -> NewRecipient:
    if len(cells) != len(columns):
        _refuse("", f"{len(cells)} fields", f"{len(columns)}, as in the heading")
    values = {column: cell.strip() for column, cell in zip(columns, cells, strict=True)}
    for column in REQUIRED:
        if not values[column]:
            _refuse(column, "nothing", "a value")
    for column in ("name", "structure", "basis", "origin"):
        _one_line(column, values.get(column, ""))
    if values["language"] not in LANGUAGES:
        _refuse("language", repr(values["language"]), f"one of {', '.join(LANGUAGES)}")
    basis = values.get("basis") or defaults.basis
    if not legal_basis(basis):
        _refuse("basis", repr(basis), f"to begin with one of {', '.join(BASES)}")
    editions = _names(values, "editions", defaults.editions) or (defaults.edition,)
    wish = _wish(values, defaults)
    if wish and ALERTS not in editions:
        editions = (*editions, ALERTS)
    return NewRecipient(
        name=values["name"],
        address=_address("address", values["address"]),
        language=values["language"],
        structure=values["structure"],
        editions=editions,
        legal_basis=basis,
        origin=values.get("origin") or defaults.origin,
        themes=_names(values, "themes", defaults.themes),
        clearance=_clearance(values.get("clearance", "")),
        format=_one_of("format", values.get("format", "") or "html", ("html", "text")),
        contact=_address("contact", values["contact"]) if values.get("contact") else "",
        awaited=needs_confirmation(basis),
        wish=wish,
    )


def _wish(values: Mapping[str, str], defaults: Defaults) -> Wish | None:
    """Which alerts; None where none of their columns says anything."""
    if not any(values.get(column) for column in ALERTING):
        return None
    said = values.get("alerts", "")
    rules: tuple[str, ...] = () if said == NO_RULE else _names(values, "alerts", defaults.alerts)
    vendors = tuple(
        dict.fromkeys(v.strip() for v in values.get("alert_vendors", "").split("|") if v.strip())
    )
    _one_line("alert_vendors", "".join(vendors))
    themes = _names(values, "alert_themes", defaults.themes)
    words = tuple(one.value for one in Severity)
    severity = Severity(_one_of("alert_severity", values.get("alert_severity", ""), words))
    every = said != NO_RULE and not rules and (said or not (vendors or themes))
    return Wish((EVERY,) if every else rules, vendors, themes, severity)


def _one_line(field: str, text: str) -> None:
    """Refuse what could become a header of its own, or is no name."""
    if not text.isprintable():
        _refuse(field, repr(text), "one line without control characters")
    if len(text) > LONGEST:
        _refuse(field, f"{len(text)} characters", f"at most {LONGEST}")
    if field == "name" and ("@" in text or "<" in text or ">" in text):
        _refuse(field, repr(text), "a name, without @ < >")


def _address(field: str, text: str) -> str:
    try:
        return checked_address(text)
    except ValueError as error:
        _refuse(field, str(error), "an address that RFC 5321 or RFC 6531 allows")


def _clearance(text: str) -> Tlp:
    if not text:
        return Tlp.CLEAR
    label = text.upper() if text.upper().startswith("TLP:") else f"TLP:{text.upper()}"
    return Tlp(_one_of("clearance", label, tuple(Tlp)))


def _one_of(field: str, text: str, allowed: tuple[str, ...]) -> str:
    if text not in allowed:
        _refuse(field, repr(text), f"one of {', '.join(allowed)}")
    return text


def _names(values: Mapping[str, str], field: str, known: frozenset[str]) -> tuple[str, ...]:
    """Ids between spaces, commas or bars; "*" or nothing stands for none named."""
    names = [name for name in re.split(r"[\s,|]+", values.get(field, "")) if name and name != "*"]
    for name in names:
        if name not in known:
            _refuse(field, repr(name), f"one of {', '.join(sorted(known))}")
    return tuple(dict.fromkeys(names))


def legal_basis(text: str) -> str:
    """The canonical name of a legal basis, "" for what is none."""
    folded = text.casefold().replace("’", "'")
    return next(
        (
            name
            for name, words in BASES.items()
            if any(re.match(rf"{re.escape(word)}\b", folded) for word in words)
        ),
        "",
    )


def _refuse(field: str, found: str, expected: str) -> NoReturn:
    raise _FieldError(field, found, expected)
