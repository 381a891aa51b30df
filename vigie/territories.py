"""Territories by NUTS code: France, Belgium, Luxembourg, the Netherlands, Germany.

Levels 0 to 3, Germany 0 to 2 (its 400 districts are left out). See the head of `territories.tsv`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Territory:
    """One territory. `lat` and `lon` are degrees near its middle."""

    code: str
    name: str
    lat: float
    lon: float

    @property
    def level(self) -> int:
        return len(self.code) - 2

    @property
    def parent(self) -> str:
        return self.code[:-1] if self.level else ""


@cache
def all_of_them() -> tuple[Territory, ...]:
    """In the order of the table: a territory before those within it."""
    text = resources.files("vigie").joinpath("territories.tsv").read_text("utf-8")
    rows = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    known = {code: (float(where[0]), float(where[1])) for code, _, *where in rows if where}
    found = []
    for code, name, *where in rows:
        within = [place for other, place in known.items() if other.startswith(code)]
        lat, lon = (
            known[code]
            if where
            else (sum(axis) / len(within) for axis in zip(*within, strict=True))
        )
        found.append(Territory(code, name, round(lat, 2), round(lon, 2)))
    return tuple(found)


@cache
def by_code() -> dict[str, Territory]:
    return {territory.code: territory for territory in all_of_them()}


def nearest(code: str) -> Territory | None:
    """The territory of a code, or the one around it that the table has."""
    known = by_code()
    while len(code) >= 2:
        if code in known:
            return known[code]
        code = code[:-1]
    return None
