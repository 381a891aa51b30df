"""Where sources.toml and the archive differ, and how that is settled.

The file declares and the desk may add: unless told otherwise, what the desk added is written to the
file, and in everything else the file is right.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace

from pydantic import ValidationError

from app.curating.tomlfile import Value
from vigie.archive.declared import Declared, Recorded, of_source
from vigie.errors import CuratingError
from vigie.model import SourceId
from vigie.settings import Source

Side = str  # "file" or "archive"
_FIELDS = tuple(part.name for part in fields(Declared))


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of a source that both have, or a source that one of them lacks."""

    source: SourceId
    field: str  # "" where the whole source is on one side only
    file: str
    archive: str
    origin: str = "file"

    def __str__(self) -> str:
        if self.field:
            return f"{self.source}.{self.field}: file {self.file}, archive {self.archive}"
        if self.file:
            return f"{self.source}: in the file only; the next run brings it in"
        if self.origin == "desk":
            return f"{self.source}: added at the desk, not in the file yet"
        return f"{self.source}: has left the file; the next run retires it"


@dataclass(frozen=True, slots=True)
class Settlement:
    """What has to be written so that both say the same."""

    add: tuple[Source, ...] = ()  # to the file
    change: Mapping[SourceId, Mapping[str, Value | None]] = field(default_factory=dict)  # in it
    declare: tuple[Source, ...] = ()  # in the archive, as the file says
    retire: tuple[SourceId, ...] = ()  # in the archive

    @property
    def touches_file(self) -> bool:
        return bool(self.add or self.change)


def differences(sources: Iterable[Source], recorded: Iterable[Recorded]) -> list[Difference]:
    """Every difference, by source and field. A retired source that the file lacks is none."""
    there = {row.id: row for row in recorded}
    found: list[Difference] = []
    for source in sources:
        row = there.pop(source.id, None)
        if row is None:
            found.append(Difference(source.id, "", "there", ""))
        else:
            found += _by_field(source, row)
    found += [
        Difference(row.id, "", "", "there", row.origin)
        for row in there.values()
        if row.declared.active
    ]
    return sorted(found, key=lambda one: (one.source, one.field))


def _by_field(source: Source, row: Recorded) -> list[Difference]:
    mine = of_source(source)
    return [
        Difference(source.id, name, _shown(a), _shown(b), row.origin)
        for name in _FIELDS
        if (a := getattr(mine, name)) != (b := getattr(row.declared, name))
    ]


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(map(str, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, str) else "none" if value is None else str(value)


def settled(
    sources: Sequence[Source],
    recorded: Sequence[Recorded],
    chosen: Iterable[SourceId],
    side: Side = "",
) -> Settlement:
    """What to write for the `chosen` sources, by what `side` says, or by the rule above if ""."""
    mine = {source.id: source for source in sources}
    rows = {row.id: row for row in recorded}
    add: list[Source] = []
    change: dict[SourceId, Mapping[str, Value | None]] = {}
    declare: list[Source] = []
    retire: list[SourceId] = []
    for source_id in chosen:
        source, row = mine.get(source_id), rows.get(source_id)
        if source and (row is None or side != "archive"):
            declare.append(source)
        elif source and row:
            change[source_id] = _changes(source, row)
        elif row and (side == "archive" or (not side and row.origin == "desk")):
            add.append(_source(row))
        elif row:
            retire.append(source_id)
    return Settlement(tuple(add), change, tuple(declare), tuple(retire))


def _changes(source: Source, row: Recorded) -> dict[str, Value | None]:
    """The keys of the file's block that have to change; a default goes by leaving its key out."""
    mine = of_source(source)
    default = _defaults(source)
    return {
        name: None if value == getattr(default, name) else value
        for name in _FIELDS
        if (value := getattr(row.declared, name)) != getattr(mine, name)
    }


def _defaults(source: Source) -> Declared:
    bare = of_source(Source(id=source.id, title=source.title, url=source.url))
    return replace(bare, title="", url="", rights="", reliability="", rhythm="")  # always written


def _source(row: Recorded) -> Source:
    values = {name: getattr(row.declared, name) for name in _FIELDS}
    try:
        return Source.model_validate({"id": row.id, **values})
    except ValidationError as error:
        raise CuratingError(f"{row.id}: the archive alone cannot say all of it: {error}") from error
