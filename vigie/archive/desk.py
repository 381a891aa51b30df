"""What desk.db holds: drafts, recipients and the ledger of deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from vigie.archive.connect import transaction
from vigie.archive.issues import from_json, to_json
from vigie.archive.moments import from_text, to_text
from vigie.errors import NotFoundError
from vigie.model import Delivery, DeliveryState, Issue, Recipient


def save_draft(db: Database, issue: Issue) -> None:
    """A draft replaces the one before it of the same issue."""
    db.execute(
        "INSERT OR REPLACE INTO drafts VALUES (?, ?, ?, ?, ?)",
        [issue.id, issue.edition, issue.period, to_json(issue), to_text(issue.drafted_at)],
    )


def draft(db: Database, issue: str) -> Issue:
    """The draft of that issue. Raises NotFoundError."""
    row = db.execute("SELECT content FROM drafts WHERE issue_id = ?", [issue]).fetchone()
    if row is None:
        raise NotFoundError(f"no draft of {issue}; `vigie digest draft` makes one")
    return from_json(row[0])


def drop_draft(db: Database, issue: str) -> None:
    db.execute("DELETE FROM drafts WHERE issue_id = ?", [issue])


@dataclass(frozen=True, slots=True)
class DraftRow:
    id: str
    drafted_at: datetime


def drafts(db: Database) -> list[DraftRow]:
    rows = db.execute("SELECT issue_id, drafted_at FROM drafts ORDER BY drafted_at DESC")
    return [DraftRow(issue, from_text(at)) for issue, at in rows]


@dataclass(frozen=True, slots=True)
class NewRecipient:
    """Someone to add to an edition's list."""

    name: str
    address: str
    language: str
    structure: str
    edition: str
    legal_basis: str
    origin: str


def add_recipient(db: Database, new: NewRecipient, now: datetime) -> None:
    """Add a person once, whatever the number of calls; their structure is made where it is new."""
    at = to_text(now)
    with transaction(db):
        db.execute(
            "INSERT INTO partners (name, added_at) VALUES (?, ?) ON CONFLICT DO NOTHING",
            [new.structure, at],
        )
        db.execute(
            """INSERT INTO recipients (partner_id, name, address, language, legal_basis, origin,
                   added_at) SELECT id, ?, ?, ?, ?, ?, ? FROM partners WHERE name = ?
               ON CONFLICT DO NOTHING""",
            [
                *(new.name, new.address, new.language, new.legal_basis, new.origin, at),
                new.structure,
            ],
        )
        db.execute(
            """INSERT INTO subscriptions (recipient_id, edition, added_at)
               SELECT id, ?, ? FROM recipients WHERE address = ? ON CONFLICT DO NOTHING""",
            [new.edition, at, new.address],
        )


@dataclass(frozen=True, slots=True)
class RecipientRow:
    """Someone on a list, as a coordinator sees them."""

    name: str
    address: str
    language: str
    structure: str
    editions: tuple[str, ...]
    removed: bool


def recipients(db: Database) -> list[RecipientRow]:
    """Everyone, by structure and name."""
    rows = db.execute(
        """SELECT r.name, r.address, r.language, p.name,
               (SELECT group_concat(s.edition, ',') FROM subscriptions s
                WHERE s.recipient_id = r.id), r.removed_at IS NOT NULL
           FROM recipients r JOIN partners p ON p.id = r.partner_id ORDER BY p.name, r.name"""
    )
    return [
        RecipientRow(name, address, language, structure, tuple((editions or "").split(",")), gone)
        for name, address, language, structure, editions, gone in rows
    ]


def remove_recipient(db: Database, address: str, now: datetime) -> None:
    """Nothing is sent to this address again. Raises NotFoundError for one that is not there."""
    cursor = db.execute(
        "UPDATE recipients SET removed_at = ? WHERE address = ? AND removed_at IS NULL",
        [to_text(now), address],
    )
    if not cursor.rowcount:
        raise NotFoundError(f"no recipient {address}; `vigie digest recipients list` shows them")


def queue(db: Database, issue: str, revision: int, edition: str, now: datetime) -> int:
    """One ledger row for each recipient of the edition; those already there stay as they are.

    Returns how many rows were added.
    """
    at = to_text(now)
    with transaction(db):
        cursor = db.execute(
            """INSERT INTO deliveries (issue_id, issue_revision, recipient_id, state, queued_at,
                   changed_at)
               SELECT ?, ?, r.id, 'queued', ?, ? FROM recipients r
               WHERE r.removed_at IS NULL AND EXISTS (SELECT 1 FROM subscriptions s
                   WHERE s.recipient_id = r.id AND s.edition = ?)
               ORDER BY r.id ON CONFLICT DO NOTHING""",
            [issue, revision, at, at, edition],
        )
        return int(cursor.rowcount)


def recover(db: Database, now: datetime) -> int:
    """After a crash: what never reached DATA is queued again, what may have been taken is in doubt.

    Returns how many are now in doubt. To be called with the folder's lock held.
    """
    at = to_text(now)
    with transaction(db):
        db.execute(
            "UPDATE deliveries SET state = 'queued', changed_at = ? WHERE state = 'claimed'", [at]
        )
        cursor = db.execute(
            """UPDATE deliveries SET state = 'in doubt', changed_at = ?,
                   detail = 'stopped while the message was handed over; ask the recipient'
               WHERE state = 'sending'""",
            [at],
        )
        return int(cursor.rowcount)


_DELIVERY = """SELECT d.*, r.name, r.address, r.language, p.name AS structure FROM deliveries d
    JOIN recipients r ON r.id = d.recipient_id JOIN partners p ON p.id = r.partner_id"""


class DeskLedger:
    """The ledger over desk.db: each step is its own durable transaction."""

    def __init__(self, db: Database, issue: str, revision: int, now: datetime) -> None:
        self._db = db
        self._issue = issue
        self._revision = revision
        self._now = now

    def queued(self) -> Sequence[Delivery]:
        """Rows that wait to be sent, in the order in which they were queued."""
        rows = self._db.query(
            f"""{_DELIVERY} WHERE d.issue_id = ? AND d.issue_revision = ?
                AND d.state IN ('queued', 'deferred') AND r.removed_at IS NULL ORDER BY d.id""",
            [self._issue, self._revision],
        )
        return [_delivery(row) for row in rows]

    def claim(self, delivery: Delivery) -> bool:
        """False when another process has it, or when it is already settled."""
        return self._move(delivery, ("queued", "deferred"), DeliveryState.CLAIMED, "")

    def sending(self, delivery: Delivery) -> None:
        """Called just before DATA: from here on a crash leaves the row in doubt."""
        if not self._move(delivery, ("claimed", "sending"), DeliveryState.SENDING, ""):
            raise RuntimeError(f"delivery {delivery.id} was sent without being claimed")

    def settle(self, delivery: Delivery, state: DeliveryState, detail: str) -> None:
        self._move(delivery, ("claimed", "sending"), state, detail)

    def _move(
        self, delivery: Delivery, before: tuple[str, ...], state: DeliveryState, detail: str
    ) -> bool:
        marks = ",".join("?" * len(before))
        with transaction(self._db):
            cursor = self._db.execute(
                f"""UPDATE deliveries SET state = ?, detail = ?, changed_at = ?
                    WHERE id = ? AND state IN ({marks})""",  # noqa: S608  # question marks only
                [state.value, detail, to_text(self._now), delivery.id, *before],
            )
            return bool(cursor.rowcount)


def deliveries(db: Database, issue: str, revision: int) -> list[Delivery]:
    """The whole ledger of one issue revision."""
    rows = db.query(
        f"{_DELIVERY} WHERE d.issue_id = ? AND d.issue_revision = ? ORDER BY d.id",
        [issue, revision],
    )
    return [_delivery(row) for row in rows]


def _delivery(row: dict[str, object]) -> Delivery:
    text = {key: str(value) for key, value in row.items()}
    return Delivery(
        id=int(text["id"]),
        issue=text["issue_id"],
        revision=int(text["issue_revision"]),
        recipient=Recipient(
            id=int(text["recipient_id"]),
            name=text["name"],
            address=text["address"],
            language=text["language"],
            structure=text["structure"],
        ),
        state=DeliveryState(text["state"]),
        detail=text["detail"],
    )
