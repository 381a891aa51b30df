"""The desk's messages of alerts: which items each takes, and what it tells."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlite_utils import Database

from vigie.archive.alerts import ALERT
from vigie.archive.connect import transaction
from vigie.archive.moments import from_text, to_text
from vigie.model import Alert, Mailbag, Packed, Severity, Tlp, Waiting
from vigie.schema import ALERTS

# Who may be written to: on the list, and neither suspended nor unconfirmed.
_MAY = """r.removed_at IS NULL AND r.suspended_at IS NULL AND NOT r.awaited AND EXISTS (
    SELECT 1 FROM subscriptions s WHERE s.recipient_id = r.id AND s.edition = 'alerts')"""


def bags(db: Database, now: datetime, midnight: datetime) -> list[Mailbag]:
    """All that waits, with what each was sent of late; `midnight` is when their day began."""
    waiting: dict[int, list[Waiting]] = {}
    counted: dict[int, list[int]] = {}
    rows = db.execute(
        f"""SELECT i.id, i.recipient_id, i.since, i.state, v.content FROM alert_items i
            JOIN alert_versions v ON v.matter_id = i.matter_id AND v.n = i.n
            JOIN recipients r ON r.id = i.recipient_id
            WHERE (i.state = 'waiting' OR (i.state = 'counted' AND i.since < ?)) AND {_MAY}
            ORDER BY i.recipient_id, i.id""",  # noqa: S608  # constants
        [to_text(midnight)],
    )
    for item, recipient, since, state, content in rows:
        if state == "counted":
            counted.setdefault(recipient, []).append(item)
        else:
            severity = Severity(json.loads(content)["severity"])
            one = Waiting(item, severity, from_text(since))
            waiting.setdefault(recipient, []).append(one)
    return [
        Mailbag(
            recipient,
            tuple(waiting.get(recipient, ())),
            _sent(db, recipient, now),
            _told_since(db, recipient, midnight),
            tuple(counted.get(recipient, ())),
        )
        for recipient in sorted({*waiting, *counted})
    ]


def expire(db: Database, before: datetime) -> int:
    """Give up what has waited since before then: its reader was suspended, or it is no news."""
    with transaction(db):
        cursor = db.execute(
            "UPDATE alert_items SET state = 'expired' WHERE state IN ('waiting', 'counted') "
            "AND since < ?",
            [to_text(before)],
        )
        return int(cursor.rowcount)


def _sent(db: Database, recipient: int, now: datetime) -> tuple[datetime, ...]:
    rows = db.execute(
        """SELECT queued_at FROM deliveries WHERE recipient_id = ? AND issue_id = ?
           AND queued_at >= ?""",
        [recipient, ALERTS, to_text(now - timedelta(days=2))],
    )
    return tuple(from_text(at) for (at,) in rows)


def _told_since(db: Database, recipient: int, midnight: datetime) -> int:
    row = db.execute(
        """SELECT count(*) FROM alert_items i JOIN deliveries d ON d.id = i.delivery_id
           WHERE i.recipient_id = ? AND i.state = 'told' AND d.queued_at >= ?""",
        [recipient, to_text(midnight)],
    ).fetchone()
    return int(row[0])


def queue(db: Database, packed: Packed, now: datetime) -> int:
    """Make the messages, each with its items, in one transaction; gives how many."""
    at = to_text(now)
    with transaction(db):
        for item in packed.over:
            db.execute(
                "UPDATE alert_items SET state = 'counted', since = ? WHERE id = ?", [at, item]
            )
        for parcel in packed.parcels:
            (number,) = db.execute(
                "SELECT coalesce(max(issue_revision), 0) + 1 FROM deliveries WHERE issue_id = ?",
                [ALERTS],
            ).fetchone()
            cursor = db.execute(
                """INSERT INTO deliveries (issue_id, issue_revision, recipient_id, state,
                       queued_at, changed_at) VALUES (?, ?, ?, 'queued', ?, ?)""",
                [ALERTS, number, parcel.recipient, at, at],
            )
            for state, items in (("told", parcel.items), ("number", parcel.counted)):
                for item in items:
                    db.execute(
                        "UPDATE alert_items SET state = ?, delivery_id = ? WHERE id = ?",
                        [state, cursor.lastrowid, item],
                    )
    return len(packed.parcels)


@dataclass(frozen=True, slots=True)
class Told:
    """An alert in someone's message."""

    alert: Alert
    rules: tuple[str, ...]
    tlp: Tlp
    update: bool  # they were told of the matter before


def message(db: Database, delivery: int) -> tuple[list[Told], int]:
    """What a message tells, the gravest first, and how many further alerts it only counts."""
    rows = db.execute(
        """SELECT v.content, i.rules, i.tlp, EXISTS (
               SELECT 1 FROM alert_items b JOIN deliveries d ON d.id = b.delivery_id
               WHERE b.matter_id = i.matter_id AND b.recipient_id = i.recipient_id AND b.n < i.n
               AND b.state = 'told')
           FROM alert_items i JOIN alert_versions v ON v.matter_id = i.matter_id AND v.n = i.n
           WHERE i.delivery_id = ? AND i.state = 'told' ORDER BY i.id""",
        [delivery],
    )
    found = [
        Told(ALERT.validate_json(content), tuple(json.loads(rules)), Tlp(tlp), bool(update))
        for content, rules, tlp, update in rows
    ]
    (number,) = db.execute(
        "SELECT count(*) FROM alert_items WHERE delivery_id = ? AND state = 'number'", [delivery]
    ).fetchone()
    return sorted(found, key=lambda one: -one.alert.severity.rank), int(number)


# ------------------------------------------------------------------------- for the archive


def unpublished(db: Database) -> list[tuple[Alert, datetime]]:
    """Revisions that went out under TLP:CLEAR, and when, of which the archive was not told."""
    rows = db.execute(
        """SELECT v.content, min(coalesce(d.changed_at, p.changed_at)) FROM alert_versions v
           LEFT JOIN alert_items i ON i.matter_id = v.matter_id AND i.n = v.n
               AND i.state = 'told' AND i.tlp = :clear
           LEFT JOIN deliveries d ON d.id = i.delivery_id AND d.state IN ('sent', 'bounced')
           LEFT JOIN alert_posts p ON p.matter_id = v.matter_id AND p.n = v.n
               AND p.state = 'sent' AND p.tlp = :clear
           WHERE v.public_at IS NULL GROUP BY v.matter_id, v.n
           HAVING min(coalesce(d.changed_at, p.changed_at)) IS NOT NULL ORDER BY 2""",
        {"clear": Tlp.CLEAR.value},
    )
    return [(ALERT.validate_json(content), from_text(at)) for content, at in rows]


def note_published(db: Database, alerts: Sequence[Alert], now: datetime) -> None:
    with transaction(db):
        for alert in alerts:
            db.execute(
                """UPDATE alert_versions SET public_at = ? WHERE n = ? AND matter_id =
                       (SELECT id FROM alert_matters WHERE key = ?)""",
                [to_text(now), alert.revision, alert.key],
            )


def unsettled(db: Database) -> list[tuple[int, str, str, str]]:
    """Messages that were refused, put off or are in doubt: (number, address, state, detail)."""
    rows = db.execute(
        """SELECT d.issue_revision, r.address, d.state, d.detail FROM deliveries d
           JOIN recipients r ON r.id = d.recipient_id
           WHERE d.issue_id = ? AND d.state IN ('refused', 'deferred', 'in doubt')
           AND r.removed_at IS NULL ORDER BY d.id""",
        [ALERTS],
    )
    return list(rows.fetchall())
