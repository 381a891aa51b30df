"""The desk's alerts: what was made of which advisories, to whom it goes, who said yes.

Each step is one transaction: an alert is stored with its articles' marks and everybody it goes to;
a message is made with the items that it takes. A stop in between loses and doubles nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import TypeAdapter
from sqlite_utils import Database

from vigie.archive import ids
from vigie.archive.connect import transaction
from vigie.archive.moments import from_text, to_text
from vigie.errors import NotFoundError
from vigie.model import (
    Addressed,
    Alert,
    Note,
    Seen,
    Standing,
    Tlp,
)
from vigie.schema import ALERTS

ALERT = TypeAdapter(Alert)
_KEPT = timedelta(days=90)  # of marks on articles that made nothing


def begun(db: Database, now: datetime, before: timedelta) -> datetime:
    """Since when articles are looked at; the first call says so: from `before` now on."""
    with transaction(db):
        db.execute(
            "INSERT INTO alert_begun VALUES (1, ?) ON CONFLICT DO NOTHING", [to_text(now - before)]
        )
    return from_text(db.execute("SELECT since FROM alert_begun").fetchone()[0])


def looked(db: Database, articles: Iterable[str]) -> dict[str, tuple[int, str]]:
    """In which revision, and with which text, each of these was looked at, where it was."""
    rows = db.execute(
        """SELECT article, revision, text_from FROM alert_looks
           WHERE article IN (SELECT value FROM json_each(?))""",
        [json.dumps(list(articles))],
    )
    return {article: (revision, text_from) for article, revision, text_from in rows}


def standing(db: Database, since: datetime, names: Iterable[str] = ()) -> list[Standing]:
    """Alerts to which something came since then, and those of these advisories, the earliest first.

    `names` are issuers and references.
    """
    rows = db.execute(
        """SELECT m.id, m.last_at, v.content FROM alert_matters m
           JOIN alert_versions v ON v.matter_id = m.id
               AND v.n = (SELECT max(x.n) FROM alert_versions x WHERE x.matter_id = m.id)
           WHERE m.last_at >= :since OR m.id IN (
               SELECT matter_id FROM alert_advisories
               WHERE name IN (SELECT value FROM json_each(:names)))
           ORDER BY m.id""",
        {"since": to_text(since), "names": json.dumps(list(names))},
    ).fetchall()
    return [
        Standing(ALERT.validate_json(content), _seen(db, matter), from_text(last))
        for matter, last, content in rows
    ]


def _seen(db: Database, matter: int) -> tuple[Seen, ...]:
    rows = db.execute("SELECT name, revision FROM alert_advisories WHERE matter_id = ?", [matter])
    return tuple(Seen(name, revision) for name, revision in rows)


def told(db: Database, key: str) -> dict[int, frozenset[str]]:
    """Who was told of that matter, or is about to be, and by which rules."""
    rows = db.execute(
        """SELECT i.recipient_id, i.rules FROM alert_items i
           JOIN alert_matters m ON m.id = i.matter_id
           WHERE m.key = ? AND i.state <> 'rejected'""",
        [key],
    )
    found: dict[int, frozenset[str]] = {}
    for recipient, rules in rows:
        found[recipient] = found.get(recipient, frozenset()) | frozenset(json.loads(rules))
    return found


def is_due(db: Database, now: datetime) -> bool:
    """Whether anything waits to be sent, or was stopped while it was."""
    row = db.execute(
        """SELECT EXISTS (SELECT 1 FROM alert_items WHERE state IN ('waiting', 'counted'))
           OR EXISTS (SELECT 1 FROM deliveries WHERE issue_id = :alerts AND (
               state IN ('queued', 'claimed', 'sending')
               OR (state = 'deferred' AND coalesce(next_try, '') <= :now)))
           OR EXISTS (SELECT 1 FROM alert_posts WHERE state IN ('queued', 'sending')
               OR (state = 'deferred' AND coalesce(next_try, '') <= :now))""",
        {"alerts": ALERTS, "now": to_text(now)},
    ).fetchone()
    return bool(row[0])


@dataclass(frozen=True, slots=True)
class Look:
    """An article that was looked at, in these words, and what came of it."""

    note: Note
    revision: int
    text_from: str


@dataclass(frozen=True, slots=True)
class Post:
    """That an alert's revision goes to a machine."""

    hook: str
    rules: tuple[str, ...]
    tlp: Tlp
    approval: bool


@dataclass(frozen=True, slots=True)
class Made:
    """An alert as it now stands, and to whom it goes."""

    alert: Alert
    to: tuple[Addressed, ...]
    posts: tuple[Post, ...] = ()


def store(db: Database, looks: Iterable[Look], made: Iterable[Made], now: datetime) -> None:
    """All that one look came to; a second time changes nothing."""
    at = to_text(now)
    with transaction(db):
        for one in made:
            _store_one(db, one, at)
        for look in looks:
            note = look.note
            if note.seen and _matter(db, note.key):
                db.execute(
                    "INSERT INTO alert_advisories VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                    [
                        *(note.seen.name, note.seen.revision, _matter(db, note.key)),
                        *(note.how.value, note.article, at),
                    ],
                )
            db.execute(
                "INSERT OR REPLACE INTO alert_looks VALUES (?, ?, ?, ?, ?, ?)",
                [note.article, look.revision, look.text_from, note.how.value, note.why, at],
            )
        db.execute(
            "DELETE FROM alert_looks WHERE how IN ('none', 'old') AND at < ?",
            [to_text(now - _KEPT)],
        )


def _matter(db: Database, key: str) -> int:
    row = db.execute("SELECT id FROM alert_matters WHERE key = ?", [key]).fetchone()
    return int(row[0]) if row else 0


def _store_one(db: Database, made: Made, at: str) -> None:
    alert = made.alert
    db.execute(
        """INSERT INTO alert_matters (public_id, key, kind, last_at) VALUES (?, ?, ?, ?)
           ON CONFLICT (key) DO UPDATE SET last_at = excluded.last_at""",
        [ids.alert(alert.key), alert.key, alert.kind.value, at],
    )
    matter = _matter(db, alert.key)
    approval = _store_version(db, matter, made)
    first = {"approved": "waiting", "rejected": "rejected"}.get(approval, "held")
    for one in made.to:
        db.execute(
            """INSERT INTO alert_items (matter_id, n, recipient_id, rules, tlp, state, since)
               VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING""",
            [
                *(matter, alert.revision, one.recipient, json.dumps(one.rules), one.tlp.value),
                *(first if one.approval else "waiting", at),
            ],
        )
    first = {"approved": "queued", "rejected": "rejected"}.get(approval, "held")
    for post in made.posts:
        db.execute(
            """INSERT INTO alert_posts (hook, matter_id, n, rules, tlp, state, since, changed_at)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING""",
            [
                *(post.hook, matter, alert.revision, json.dumps(post.rules), post.tlp.value),
                *(first if post.approval else "queued", at, at),
            ],
        )
    for table, before in _BEFORE.items():  # what nobody was sent yet of earlier revisions
        db.execute(
            f"""UPDATE {table} SET state = 'superseded'
                WHERE matter_id = ? AND n < ? AND state IN ({before})""",  # noqa: S608  # ours
            [matter, alert.revision],
        )


_BEFORE = {"alert_items": "'held', 'waiting'", "alert_posts": "'held', 'queued'"}


def _store_version(db: Database, matter: int, made: Made) -> str:
    """Write the alert as it stands; gives what a person said of this revision."""
    alert = made.alert
    held = any(one.approval for one in made.to) or any(post.approval for post in made.posts)
    db.execute(
        """INSERT INTO alert_versions (matter_id, n, at, content) VALUES (?, ?, ?, ?)
           ON CONFLICT DO UPDATE SET content = excluded.content""",
        [matter, alert.revision, to_text(alert.at), ALERT.dump_json(alert).decode()],
    )
    if held:
        db.execute(
            """UPDATE alert_versions SET approval = 'awaited'
               WHERE matter_id = ? AND n = ? AND approval = ''""",
            [matter, alert.revision],
        )
    row = db.execute(
        "SELECT approval FROM alert_versions WHERE matter_id = ? AND n = ?",
        [matter, alert.revision],
    ).fetchone()
    return str(row[0])


# ------------------------------------------------------------------------------- approval


@dataclass(frozen=True, slots=True)
class Pending:
    """An alert that waits for a person's yes, and how many it would go to."""

    alert: Alert
    since: datetime
    recipients: int
    hooks: int


def pending(db: Database) -> list[Pending]:
    """The earliest first."""
    rows = db.execute(
        """SELECT v.content, v.at,
               (SELECT count(*) FROM alert_items i
                WHERE i.matter_id = v.matter_id AND i.n = v.n AND i.state = 'held'),
               (SELECT count(*) FROM alert_posts p
                WHERE p.matter_id = v.matter_id AND p.n = v.n AND p.state = 'held')
           FROM alert_versions v WHERE v.approval = 'awaited' AND v.n = (
               SELECT max(x.n) FROM alert_versions x WHERE x.matter_id = v.matter_id)
           ORDER BY v.at, v.matter_id"""
    )
    return [
        Pending(ALERT.validate_json(content), from_text(at), people, hooks)
        for content, at, people, hooks in rows
    ]


def settle_pending(
    db: Database, alert: Alert, who: str, now: datetime, *, yes: bool, why: str = ""
) -> int:
    """A person's word on an alert that waits; gives how many copies it lets go, or stops."""
    matter = _matter(db, alert.key)
    at = to_text(now)
    with transaction(db):
        cursor = db.execute(
            """UPDATE alert_versions SET approval = ?, who = ?, decided_at = ?, why = ?
               WHERE matter_id = ? AND n = ? AND approval = 'awaited'""",
            ["approved" if yes else "rejected", who, at, why, matter, alert.revision],
        )
        if not cursor.rowcount:
            raise NotFoundError(f"{alert.key} waits for nobody; `vigie alerts pending` lists")
        count = 0
        for table, after in (("alert_items", "waiting"), ("alert_posts", "queued")):
            count += db.execute(
                f"UPDATE {table} SET state = ?, since = ? "  # noqa: S608  # one of two names
                "WHERE matter_id = ? AND n = ? AND state = 'held'",
                [after if yes else "rejected", at, matter, alert.revision],
            ).rowcount
    return count


# --------------------------------------------------------------------------------- looking


@dataclass(frozen=True, slots=True)
class Line:
    """One alert's revision in the log: how many copies stand how."""

    alert: Alert
    at: datetime
    approval: str
    who: str
    copies: Mapping[str, int]  # by state: of the item, and of the message once it has one


def log(db: Database, limit: int) -> list[Line]:
    """The latest first. It names nobody."""
    rows = db.execute(
        """SELECT v.matter_id, v.n, v.content, v.at, v.approval, v.who FROM alert_versions v
           ORDER BY v.at DESC, v.matter_id DESC, v.n DESC LIMIT ?""",
        [limit],
    ).fetchall()
    return [
        Line(ALERT.validate_json(content), from_text(at), approval, who, _copies(db, matter, n))
        for matter, n, content, at, approval, who in rows
    ]


def _copies(db: Database, matter: int, n: int) -> dict[str, int]:
    rows = db.execute(
        """SELECT how, count(*) FROM (
               SELECT CASE i.state WHEN 'told' THEN d.state WHEN 'number' THEN 'counted'
                   ELSE i.state END AS how
               FROM alert_items i LEFT JOIN deliveries d ON d.id = i.delivery_id
               WHERE i.matter_id = :matter AND i.n = :n
               UNION ALL
               SELECT 'hook ' || p.state FROM alert_posts p
               WHERE p.matter_id = :matter AND p.n = :n) GROUP BY how ORDER BY how""",
        {"matter": matter, "n": n},
    )
    return dict(rows.fetchall())


def find(db: Database, name: str) -> Alert:
    """The alert of that public id, or of an advisory's reference, as it stands. NotFoundError."""
    row = db.execute(
        """SELECT v.content FROM alert_versions v JOIN alert_matters m ON m.id = v.matter_id
           WHERE m.public_id = :name OR m.id IN (
               SELECT matter_id FROM alert_advisories a
               WHERE substr(a.name, -length(:name) - 1) = ' ' || lower(:name))
           ORDER BY v.n DESC LIMIT 1""",
        {"name": name.strip()},
    ).fetchone()
    if row is None:
        raise NotFoundError(f"no alert {name}; `vigie alerts log` lists them")
    return ALERT.validate_json(row[0])
