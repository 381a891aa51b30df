"""Floors: what a figure must not fall under, on data that is known by its hash."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.quality.section import Section

TABLE = Path(__file__).parents[2] / "tests" / "quality" / "floors.toml"


@dataclass(frozen=True, slots=True)
class Floor:
    """One line of the table: the least that a figure may be, or the most."""

    part: str
    row: str  # a Row's key
    least: float | None
    most: float | None

    @property
    def dataset(self) -> str:
        """The file or folder that the figure is of, without what lies inside a packed file."""
        return self.row.split(" | ")[0].split(":")[0]

    def said(self) -> str:
        return f"at least {self.least}" if self.most is None else f"at most {self.most}"

    def holds(self, value: float) -> bool:
        if self.most is not None:
            return value <= self.most
        return self.least is None or value >= self.least


@dataclass(frozen=True, slots=True)
class Judged:
    """A floor beside what was measured; None where the row is missing."""

    floor: Floor
    value: float | None

    @property
    def held(self) -> bool:
        return self.value is not None and self.floor.holds(self.value)

    def said(self) -> str:
        found = "not measured" if self.value is None else str(self.value)
        return f"{self.floor.row}: {found}, floor {self.floor.said()}"


@dataclass(frozen=True, slots=True)
class Floors:
    """The table: hashes of the data, and the floors that stand on it."""

    data: Mapping[str, str]
    floors: tuple[Floor, ...]

    def of(self, part: str) -> tuple[Floor, ...]:
        return tuple(floor for floor in self.floors if floor.part == part)

    def judged(self, sections: Iterable[Section], files: Mapping[str, str]) -> list[Judged]:
        """The floors of these sections whose data has the pinned hashes, each with its figure.

        Floors on other data say nothing and are left out.
        """
        told = [(section, {row.key: row.value for row in section.rows}) for section in sections]
        return [
            Judged(floor, rows.get(floor.row))
            for section, rows in told
            for floor in self.of(section.name)
            if self._same(floor, files)
        ]

    def _same(self, floor: Floor, files: Mapping[str, str]) -> bool:
        names = [name for name in self.data if name.startswith(floor.dataset)]
        return bool(names) and all(files.get(name) == self.data[name] for name in names)


def load(path: Path = TABLE) -> Floors:
    """The table. Raises OSError, ValueError, KeyError: it is ours, and must be right."""
    table = tomllib.loads(path.read_text("utf-8"))
    floors = tuple(
        Floor(one["part"], one["row"], one.get("least"), one.get("most")) for one in table["floor"]
    )
    return Floors(table["data"], floors)
