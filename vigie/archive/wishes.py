"""What of the alerts someone wants: their own wishes, else those of their structure, else all."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from vigie.archive.connect import transaction
from vigie.archive.moments import to_text
from vigie.errors import NotFoundError
from vigie.model import Severity, Tlp
from vigie.schema import ALERTS

EVERY = "*"  # every rule of alerts.toml


@dataclass(frozen=True, slots=True)
class Wish:
    """Which alerts: those of some rules, and advisories and stories of one's own choice."""

    rules: tuple[str, ...] = (EVERY,)
    vendors: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    severity: Severity = Severity.UNSAID  # at least

    @property
    def empty(self) -> bool:
        return not (self.rules or self.vendors or self.themes)


@dataclass(frozen=True, slots=True)
class OnTheList:
    """Someone who may be sent alerts."""

    recipient: int
    clearance: Tlp
    wish: Wish


def on_the_list(db: Database) -> list[OnTheList]:
    """Everyone who may be sent alerts now: not those who left, bounce, or have not confirmed."""
    rows = db.query(
        """SELECT r.id, r.clearance, coalesce(o.rules, p.rules, :every) AS rules,
               coalesce(o.vendors, p.vendors, '[]') AS vendors,
               coalesce(o.themes, p.themes, '[]') AS themes,
               coalesce(o.severity, p.severity, '') AS severity
           FROM recipients r
           JOIN subscriptions s ON s.recipient_id = r.id AND s.edition = :alerts
           LEFT JOIN alert_wishes o ON o.recipient_id = r.id
           LEFT JOIN alert_wishes p ON p.partner_id = r.partner_id
           WHERE r.removed_at IS NULL AND r.suspended_at IS NULL AND NOT r.awaited
           GROUP BY r.id ORDER BY r.id""",
        {"alerts": ALERTS, "every": json.dumps([EVERY])},
    )
    return [OnTheList(row["id"], Tlp(row["clearance"]), _wish(row)) for row in rows]


def wish_of(db: Database, recipient: int) -> Wish:
    """What holds for them now."""
    return next((one.wish for one in _held(db, recipient)), Wish())


def _held(db: Database, recipient: int) -> Iterable[OnTheList]:
    rows = db.query(
        """SELECT w.* FROM alert_wishes w JOIN recipients r ON r.id = ?
           WHERE w.recipient_id = r.id OR w.partner_id = r.partner_id
           ORDER BY w.recipient_id IS NULL""",
        [recipient],
    )
    return [OnTheList(recipient, Tlp.CLEAR, _wish(row)) for row in rows]


def wish(db: Database, recipient: int, what: Wish, now: datetime) -> None:
    """Set what someone wants, in the place of what they wanted."""
    _set(db, "recipient_id", recipient, what, now)


def wish_where_none(db: Database, address: str, what: Wish, at: str) -> None:
    """The same for someone who is just added, within the caller's transaction."""
    db.execute(
        """INSERT INTO alert_wishes (recipient_id, rules, vendors, themes, severity, changed_at)
           SELECT id, ?, ?, ?, ?, ? FROM recipients WHERE address = ? AND removed_at IS NULL
           ON CONFLICT DO NOTHING""",
        [
            *map(_json, (what.rules, what.vendors, what.themes)),
            *(what.severity.value, at, address),
        ],
    )


def wish_for_structure(db: Database, name: str, what: Wish, now: datetime) -> None:
    """The same for those of a structure who say nothing themselves. Raises NotFoundError."""
    row = db.execute("SELECT id FROM partners WHERE name = ? AND name <> ''", [name]).fetchone()
    if row is None:
        raise NotFoundError(f"no structure {name!r}; `vigie digest recipients list` shows them")
    _set(db, "partner_id", row[0], what, now)


def _set(db: Database, column: str, number: int, what: Wish, now: datetime) -> None:
    values = [*map(_json, (what.rules, what.vendors, what.themes)), what.severity.value]
    with transaction(db):
        db.execute(
            f"""INSERT INTO alert_wishes ({column}, rules, vendors, themes, severity, changed_at)
                VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT ({column}) DO UPDATE SET
                rules = excluded.rules, vendors = excluded.vendors, themes = excluded.themes,
                severity = excluded.severity, changed_at = excluded.changed_at""",  # noqa: S608  # one of two names
            [number, *values, to_text(now)],
        )


def _json(names: Iterable[str]) -> str:
    return json.dumps(list(names), ensure_ascii=False)


def _wish(row: dict[str, str]) -> Wish:
    rules, vendors, themes = (tuple(json.loads(row[key])) for key in ("rules", "vendors", "themes"))
    return Wish(rules, vendors, themes, Severity(row["severity"]))
