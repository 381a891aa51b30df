"""What a part measures: rows of figures, what is absent, what is broken."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from app.progress import Progress, Silent
from bench.quality.files import BadFile


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. `count` says over how many `unit`s it was taken."""

    dataset: str  # the file, relative to the data folder
    of: str  # which slice: a language, a label, a direction
    system: str  # whose: `vigie` is what is in force
    figure: str
    value: float
    count: int
    unit: str
    note: str = ""

    @property
    def key(self) -> str:
        """Names the figure in one run: no two rows have the same."""
        return " | ".join((self.dataset, self.of, self.system, self.figure))


@dataclass(frozen=True, slots=True)
class Absent:
    """What could not be measured here, and why: a set that is missing, a library that is."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Section:
    """All that one part gives."""

    name: str
    title: str
    rows: tuple[Row, ...] = ()
    absent: tuple[Absent, ...] = ()
    broken: tuple[Absent, ...] = ()  # files that are there and cannot be read
    failed: str = ""  # a bug of ours, or a model that cannot be loaded
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_mb: float = 0.0

    @property
    def ok(self) -> bool:
        return not (self.broken or self.failed)


@dataclass(slots=True)
class Sheet:
    """Where a part writes while it measures, so that what it has found outlives what fails."""

    name: str
    title: str
    progress: Progress = field(default_factory=Silent)
    rows: list[Row] = field(default_factory=list)
    absent: list[Absent] = field(default_factory=list)
    broken: list[Absent] = field(default_factory=list)

    def row(  # a row has as many arguments as columns
        self,
        dataset: str,
        of: str,
        system: str,
        figure: str,
        value: float,
        count: int,
        unit: str,
        note: str = "",
    ) -> None:
        """Four decimals are kept: the sets are too small for more to mean anything."""
        self.rows.append(
            Row(dataset, of, system, figure, round(float(value), 4), int(count), unit, note)
        )

    def lacks(self, what: str, why: str) -> None:
        if Absent(what, why) not in self.absent:
            self.absent.append(Absent(what, why))

    @contextmanager
    def reading(self, name: str) -> Iterator[None]:
        """A file that cannot be read is named with its reason, and the others go on."""
        try:
            yield
        except BadFile as error:
            self.broken.append(Absent(name, str(error)))

    def section(self, failed: str = "") -> Section:
        return Section(
            self.name,
            self.title,
            tuple(self.rows),
            tuple(self.absent),
            tuple(self.broken),
            failed,
        )


def timed(section: Section, seconds: float, cpu_seconds: float, peak_mb: float) -> Section:
    return replace(
        section,
        seconds=round(seconds, 1),
        cpu_seconds=round(cpu_seconds, 1),
        peak_mb=round(peak_mb),
    )
