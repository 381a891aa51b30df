"""The sources as declared: what sources.toml and the desk say, brought in, and read back whole.

Each field of a source's declaration has its place: a column of `sources`, a key of its `rules`, or,
where it is not to be published with the archive, a row of the desk's `source_private`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, TypeVar

from pydantic import ValidationError
from sqlite_utils import Database

from vigie import kinds
from vigie.archive.connect import transaction
from vigie.archive.moments import to_text
from vigie.archive.sources import add_event, save_state, state_of
from vigie.errors import ArchiveError
from vigie.model import Kind, PollState, SourceId
from vigie.schema import Source

# Where each field stands that has no column of its own.
RULES = ("page", "sitemap", "advisory", "file", "article")
PRIVATE = ("mailbox", "auth_env")
_T = TypeVar("_T", bound=kinds.Table)

NEVER_ENDS = date(9999, 12, 31)  # the day of a pause that lasts until someone ends it


@dataclass(frozen=True, slots=True)
class Declared:
    """A source's declaration, in the spelling of sources.toml: every field but its id."""

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
    responsible: str
    auth_env: str
    tdm_override: str
    page: kinds.PageRules | None
    sitemap: kinds.SitemapRules | None
    advisory: kinds.AdvisoryRules | None
    mailbox: kinds.MailboxRules | None
    file: kinds.FileRules | None
    article: kinds.ArticleRules | None


FIELDS = tuple(part.name for part in fields(Declared))


@dataclass(frozen=True, slots=True)
class Recorded:
    """A source as the archive has it."""

    id: SourceId
    origin: str  # file or desk
    declared: Declared
    polled_at: str = ""  # the address in force since a confirmed move; "": the declared one


def of_source(source: Source) -> Declared:
    """The declaration that a source makes."""
    said = {name: getattr(source, name) for name in FIELDS}
    return Declared(**said | {"kind": source.kind.value, "rights": source.rights.value})


def to_source(source: SourceId, said: Declared) -> Source:
    """The source that a declaration makes. Raises pydantic's ValidationError."""
    values = {name: getattr(said, name) for name in FIELDS}
    return Source.model_validate({"id": source, **values})


# --------------------------------------------------------------------------------- bringing in


def declare(db: Database, sources: Sequence[Source], now: datetime) -> None:
    """Bring the declared sources into the archive; those that left the file are retired.

    Sources that were added at the desk are left as they are until the file declares them too.
    """
    with transaction(db):
        db.execute(
            """UPDATE sources SET active = 0, stopped_at = ?
               WHERE origin = 'file' AND active = 1
                 AND id NOT IN (SELECT value FROM json_each(?))""",
            [to_text(now), json.dumps([source.id for source in sources])],
        )
        for source in sources:
            _declare_one(db, source, now)


def bring_in(db: Database, sources: Iterable[Source], now: datetime) -> None:
    """Bring some declared sources into the archive, and leave the others as they are."""
    with transaction(db):
        for source in sources:
            _declare_one(db, source, now)


def add_from_desk(db: Database, source: Source, now: datetime) -> None:
    """Add a source that the file does not declare; `sources settle` writes it there."""
    with transaction(db):
        _declare_one(db, source, now, "desk")


def retire(db: Database, source: SourceId, now: datetime) -> None:
    """No longer polled; its articles stay."""
    with transaction(db):
        db.execute(
            "UPDATE sources SET active = 0, stopped_at = ? WHERE id = ?", [to_text(now), source]
        )


def stay(db: Database, source: SourceId, now: datetime) -> None:
    """Give up the address that a source moved to, and ask the declared one again."""
    with transaction(db):
        row = next(iter(db.query("SELECT * FROM polls WHERE source_id = ?", [source])))
        save_state(db, source, PollState(next_due=now, last_item=state_of(row).last_item))
        add_event(db, source, now, "moved back", "settled: polled as declared again")


def keep_private(desk: Database, sources: Iterable[Source]) -> None:
    """What these sources say that is not published; of the others, what is known stays."""
    known = private(desk)
    said = {source.id: _private(source) for source in sources}
    changed = [(source, text) for source, text in said.items() if text != known.get(source, "")]
    if not changed:
        return
    with transaction(desk):
        for source, text in changed:
            desk.execute("DELETE FROM source_private WHERE source_id = ?", [source])
            if text:
                desk.execute("INSERT INTO source_private VALUES (?, ?)", [source, text])


def _private(source: Source) -> str:
    said = source.model_dump(mode="json", include=set(PRIVATE), exclude_defaults=True)
    return json.dumps(said, ensure_ascii=False, sort_keys=True) if said else ""


def _declare_one(db: Database, source: Source, now: datetime, origin: str = "file") -> None:
    before = db.execute(
        "SELECT url, active, paused_until, stopped_at FROM sources WHERE id = ?", [source.id]
    ).fetchone()
    rules = source.model_dump(mode="json", include=set(RULES), exclude_none=True)
    values = {
        "id": source.id,
        "title": source.title,
        "kind": source.kind.value,
        "url": source.address,
        "homepage": source.homepage,
        "language": source.language,
        "territory": source.territory,
        "rights": source.rights.value,
        "reliability": source.reliability,
        "rhythm": source.rhythm,
        "themes": json.dumps(source.themes),
        "editions": json.dumps(source.editions),
        "active": int(source.active),
        "paused_until": str(source.paused_until or ""),
        "note": source.note,
        "origin": origin,
        "tdm_override": source.tdm_override,
        "responsible": source.responsible,
        "rules": json.dumps(rules, ensure_ascii=False, sort_keys=True),
        "stopped_at": _stopped(db, source, before, now),
        "added_at": to_text(now),
    }
    kept = ", ".join(
        f"{name} = excluded.{name}" for name in values if name not in ("id", "added_at")
    )
    db.execute(
        f"""INSERT INTO sources ({", ".join(values)}) VALUES ({", ".join("?" * len(values))})
            ON CONFLICT (id) DO UPDATE SET {kept}""",  # noqa: S608  names of ours alone
        list(values.values()),
    )
    if before is None:
        row = [source.id, to_text(now)]
        db.execute("INSERT INTO polls (source_id, next_due) VALUES (?, ?)", row)
    elif before[0] != source.address:
        _readdress(db, source, now)


def _stopped(db: Database, source: Source, before: Any, now: datetime) -> str:
    """Since when a source is paused or taken out, "" where it is neither; a change is noted."""
    today = now.date().isoformat()
    until = str(source.paused_until or "")
    is_now = "retired" if not source.active else "paused" if until > today else ""
    if before is None:
        return to_text(now) if is_now else ""
    _, active, was_until, stopped_at = before
    was = "retired" if not active else "paused" if was_until > today else ""
    if was == is_now:
        return stopped_at if is_now else ""
    day = "" if source.paused_until in (None, NEVER_ENDS) else f"until {until}"
    words = ": ".join(filter(None, [day if is_now == "paused" else "", source.note]))
    add_event(db, source.id, now, is_now or "resumed", words)
    return to_text(now) if is_now else ""


def _readdress(db: Database, source: Source, now: datetime) -> None:
    """A new address has nothing to do with the validators and faults of the old one, nor with what
    its host asked; unless the source was polled there already, having moved.
    """
    row = next(iter(db.query("SELECT * FROM polls WHERE source_id = ?", [source.id])))
    if row["url"] == source.address:
        db.execute(
            """UPDATE polls SET url = '', moved_at = NULL, moved_to = '', moved_seen = 0
               WHERE source_id = ?""",
            [source.id],
        )
        return
    if row["retired_at"]:
        detail = f"declared at a new address: {source.address}"
        add_event(db, source.id, now, "revived", detail)
    save_state(db, source.id, PollState(next_due=now))
    db.execute("DELETE FROM reservations WHERE source_id = ?", [source.id])
    db.execute("DELETE FROM followed WHERE source_id = ?", [source.id])


# -------------------------------------------------------------------------------- reading back


def private(desk: Database) -> dict[SourceId, str]:
    """What the desk alone knows of sources' declarations, as JSON."""
    return dict(desk.execute("SELECT source_id, said FROM source_private"))


def recorded(db: Database, known: Mapping[SourceId, str] | None = None) -> list[Recorded]:
    """Every source of the archive, retired ones included, by id; `known`: the desk's `private`.

    Raises ArchiveError on a row that no Vigie wrote.
    """
    rows = db.query(
        """SELECT s.*, p.url AS polled_at FROM sources s LEFT JOIN polls p ON p.source_id = s.id
           ORDER BY s.id"""
    )
    found = []
    for row in rows:
        said = json.loads(row["rules"]) | json.loads((known or {}).get(row["id"], "{}"))
        try:
            declared = _declared(row, said)
        except ValidationError as error:
            raise ArchiveError(f"the archive's source {row['id']}: {error}") from error
        found.append(Recorded(row["id"], row["origin"], declared, row["polled_at"] or ""))
    return found


def _declared(row: Mapping[str, Any], said: Mapping[str, Any]) -> Declared:
    file = _table(kinds.FileRules, said.get("file"))
    return Declared(
        title=row["title"],
        kind=row["kind"],
        url=_url(row["kind"], row["url"], file),
        homepage=row["homepage"],
        language=row["language"],
        territory=row["territory"],
        themes=tuple(json.loads(row["themes"])),
        rights=row["rights"],
        reliability=row["reliability"],
        rhythm=row["rhythm"],
        editions=tuple(json.loads(row["editions"])),
        active=bool(row["active"]),
        paused_until=date.fromisoformat(row["paused_until"]) if row["paused_until"] else None,
        note=row["note"],
        responsible=row["responsible"],
        auth_env=said.get("auth_env", ""),
        tdm_override=row["tdm_override"],
        page=_table(kinds.PageRules, said.get("page")),
        sitemap=_table(kinds.SitemapRules, said.get("sitemap")),
        advisory=_table(kinds.AdvisoryRules, said.get("advisory")),
        mailbox=_table(kinds.MailboxRules, said.get("mailbox")),
        file=file,
        article=_table(kinds.ArticleRules, said.get("article")),
    )


def _table(model: type[_T], said: object) -> _T | None:
    return None if said is None else model.model_validate(said)


def _url(kind: str, address: str, file: kinds.FileRules | None) -> str:
    """The declared url of a source that is polled at `address`: see Source.address."""
    if kind in (Kind.MAILBOX, Kind.CONTRIBUTION):
        return ""
    if kind == Kind.FILE:
        return address.removesuffix(f"/{(file or kinds.FileRules()).glob}")
    return address
