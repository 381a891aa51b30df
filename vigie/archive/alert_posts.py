"""The desk's posts of alerts to machines: each kept until it is taken or refused."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from vigie.archive.alerts import ALERT
from vigie.archive.connect import transaction
from vigie.archive.moments import from_text, maybe, to_text
from vigie.model import Alert, Tlp


@dataclass(frozen=True, slots=True)
class PostRow:
    """One post to a machine, as it stands."""

    id: int
    hook: str
    alert: Alert
    rules: tuple[str, ...]
    tlp: Tlp
    state: str
    tries: int
    since: datetime
    next_try: datetime | None = None
    detail: str = ""


def posts_due(db: Database, now: datetime) -> list[PostRow]:
    """What is to be posted now, also what was interrupted: its key tells that it is the same."""
    return _posts(
        db,
        "state IN ('queued', 'sending', 'deferred') AND (next_try IS NULL OR next_try <= ?)",
        [to_text(now)],
    )


def posts(db: Database) -> list[PostRow]:
    """Every post that is not settled well."""
    return _posts(db, "state IN ('queued', 'sending', 'deferred', 'refused')", [])


def _posts(db: Database, where: str, values: list[str]) -> list[PostRow]:
    rows = db.query(
        f"""SELECT p.*, v.content FROM alert_posts p
            JOIN alert_versions v ON v.matter_id = p.matter_id AND v.n = p.n
            WHERE {where} ORDER BY p.id""",  # noqa: S608  # ours
        values,
    )
    return [
        PostRow(
            id=row["id"],
            hook=row["hook"],
            alert=ALERT.validate_json(row["content"]),
            rules=tuple(json.loads(row["rules"])),
            tlp=Tlp(row["tlp"]),
            state=row["state"],
            tries=row["tries"],
            since=from_text(row["since"]),
            next_try=maybe(row["next_try"]),
            detail=row["detail"],
        )
        for row in rows
    ]


def settle_post(
    db: Database,
    post: PostRow,
    state: str,
    detail: str,
    now: datetime,
    next_try: datetime | None = None,
) -> None:
    """Note where a post stands; `sending` before it is tried, which counts the tries."""
    with transaction(db):
        db.execute(
            """UPDATE alert_posts SET state = ?, detail = ?, next_try = ?, changed_at = ?,
                   tries = tries + (? = 'sending') WHERE id = ?""",
            [state, detail, next_try and to_text(next_try), to_text(now), state, post.id],
        )
