"""What the archive holds of each source's declaration, to be compared with sources.toml."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

from sqlite_utils import Database

from vigie.archive.connect import transaction
from vigie.model import SourceId
from vigie.settings import Source


@dataclass(frozen=True, slots=True)
class Declared:
    """A source's declaration, in the spelling of sources.toml."""

    title: str
    kind: str
    url: str
    homepage: str
    language: str
    territory: str
    themes: tuple[str, ...]
    rights: str
    reliability: str
    rhythm: str
    editions: tuple[str, ...]
    active: bool
    paused_until: date | None
    note: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """A source as the archive has it."""

    id: SourceId
    origin: str  # file or desk
    declared: Declared


def of_source(source: Source) -> Declared:
    """The declaration that the file makes."""
    return Declared(
        title=source.title,
        kind=source.kind.value,
        url=source.url,
        homepage=source.homepage,
        language=source.language,
        territory=source.territory,
        themes=source.themes,
        rights=source.rights.value,
        reliability=source.reliability,
        rhythm=source.rhythm,
        editions=source.editions,
        active=source.active,
        paused_until=source.paused_until,
        note=source.note,
    )


def recorded(db: Database) -> list[Recorded]:
    """Every source of the archive, retired ones included, by id."""
    return [
        Recorded(
            row["id"],
            row["origin"],
            Declared(
                title=row["title"],
                kind=row["kind"],
                url=row["url"],
                homepage=row["homepage"],
                language=row["language"],
                territory=row["territory"],
                themes=tuple(json.loads(row["themes"])),
                rights=row["rights"],
                reliability=row["reliability"],
                rhythm=row["rhythm"],
                editions=tuple(json.loads(row["editions"])),
                active=bool(row["active"]),
                paused_until=_day(row["paused_until"]),
                note=row["note"],
            ),
        )
        for row in db.query("SELECT * FROM sources ORDER BY id")
    ]


def retire(db: Database, source: SourceId) -> None:
    """No longer polled; its articles stay."""
    with transaction(db):
        db.execute("UPDATE sources SET active = 0 WHERE id = ?", [source])


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
