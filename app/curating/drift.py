"""Where sources.toml and the archive differ, and how that is settled.

The file declares and the desk may add: unless told otherwise, what the desk added is written to the
file, and so is the address that a source moved to for good; in everything else the file is right.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pydantic import ValidationError

from app.curating.tomlfile import Value
from vigie.archive.declared import FIELDS, Declared, Recorded, of_source, to_source
from vigie.errors import CuratingError
from vigie.kinds import Table
from vigie.model import SourceId
from vigie.schema import Source

Side = str  # "file" or "archive"
_ALWAYS = ("title", "url", "rights", "reliability", "rhythm")  # written even where the default


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of a source that both have, or a source that one of them lacks."""

    source: SourceId
    field: str  # "" where the whole source is on one side only; "page.links" within a table
    file: str
    archive: str
    origin: str = "file"
    moved: bool = False  # the archive's is the address that the source moved to for good

    def __str__(self) -> str:
        if self.moved:
            return f"{self.source}.url: file {self.file}, moved for good to {self.archive}"
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
    stay: tuple[SourceId, ...] = ()  # in the archive: asked at the declared address again
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
    mine, theirs = _flat(of_source(source)), _flat(row.declared)
    found = [
        Difference(source.id, name, _shown(mine.get(name)), _shown(theirs.get(name)), row.origin)
        for name in sorted({*mine, *theirs})
        if mine.get(name) != theirs.get(name)
    ]
    if row.polled_at and row.polled_at != source.url:
        shown = _shown(source.url), _shown(row.polled_at)
        found.append(Difference(source.id, "url", *shown, row.origin, moved=True))
    return found


def _flat(said: Declared) -> dict[str, object]:
    """Every field by its name, those of tables as "page.links"."""
    flat: dict[str, object] = {}
    for name in FIELDS:
        value = getattr(said, name)
        if isinstance(value, Table):
            flat |= {f"{name}.{key}": part for key, part in value.model_dump().items()}
        else:
            flat[name] = value
    return flat


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(map(str, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return repr(str(value)) if isinstance(value, str) else "none" if value is None else str(value)


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
    stay: list[SourceId] = []
    for source_id in chosen:
        source, row = mine.get(source_id), rows.get(source_id)
        if source and row and side == "archive":
            change[source_id] = _changes(source, row)
        elif source:
            declare.append(source)
            if row and row.polled_at and side == "file":
                stay.append(source_id)
            elif row and row.polled_at:
                change[source_id] = {"url": row.polled_at}
        elif row and (side == "archive" or (not side and row.origin == "desk")):
            add.append(_source(row))
        elif row:
            retire.append(source_id)
    return Settlement(tuple(add), change, tuple(declare), tuple(stay), tuple(retire))


def _changes(source: Source, row: Recorded) -> dict[str, Value | None]:
    """The keys of the file's block that have to change; a default goes by leaving its key out."""
    mine, theirs = of_source(source), row.declared
    if row.polled_at:
        theirs = replace(theirs, url=row.polled_at)
    default = of_source(Source(id=source.id, title="-", url="https://-"))
    found: dict[str, Value | None] = {}
    for name in FIELDS:
        value = getattr(theirs, name)
        if value == getattr(mine, name):
            continue
        if isinstance(value, Table):
            found[name] = value.model_dump(mode="json", exclude_defaults=True)
        else:
            default_goes = name not in _ALWAYS and value == getattr(default, name)
            found[name] = None if default_goes else value
    return found


def _source(row: Recorded) -> Source:
    try:
        return to_source(row.id, row.declared)
    except ValidationError as error:
        raise CuratingError(f"{row.id}: the archive alone cannot say all of it: {error}") from error
