"""Recipients from a CSV file: every line is either someone to add or refused with its reason."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

from digest.message import address as checked_address
from vigie.archive.desk import NewRecipient
from vigie.settings import LANGUAGES

COLUMNS = ("name", "address", "language", "structure")


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that adds nobody."""

    line: int
    why: str


@dataclass(frozen=True, slots=True)
class Read:
    """What a file says."""

    people: tuple[NewRecipient, ...] = ()
    refused: tuple[Refused, ...] = ()


def read_csv(text: str, edition: str, legal_basis: str, origin: str) -> Read:
    """Read a file whose heading names at least `COLUMNS`; comma or semicolon between them."""
    heading = text.split("\n", 1)[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if ";" in heading else ",")
    missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        return Read(refused=(Refused(1, f"the heading lacks {', '.join(missing)}"),))
    people: dict[str, NewRecipient] = {}
    refused: list[Refused] = []
    for row in reader:
        try:
            person = _person(row, edition, legal_basis, origin)
            if person.address.casefold() in people:
                raise ValueError(f"{person.address} stands twice")
        except ValueError as error:
            refused.append(Refused(reader.line_num, str(error)))
        else:
            people[person.address.casefold()] = person
    return Read(tuple(people.values()), tuple(refused))


def _person(
    row: Mapping[str, str | None], edition: str, legal_basis: str, origin: str
) -> NewRecipient:
    values = {column: (row.get(column) or "").strip() for column in COLUMNS}
    empty = [column for column, value in values.items() if not value]
    if empty:
        raise ValueError(f"no {', no '.join(empty)}")
    if values["language"] not in LANGUAGES:
        raise ValueError(f"language {values['language']!r} is not one of {', '.join(LANGUAGES)}")
    return NewRecipient(
        name=values["name"],
        address=checked_address(values["address"]),
        language=values["language"],
        structure=values["structure"],
        edition=edition,
        legal_basis=legal_basis,
        origin=origin,
    )
