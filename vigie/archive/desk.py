"""What desk.db holds of issues: drafts, and the ledger of deliveries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlite_utils import Database

from vigie.archive.connect import transaction
from vigie.archive.issues import from_json, to_json
from vigie.archive.moments import from_text, maybe, maybe_text, to_text
from vigie.errors import NotFoundError
from vigie.model import Delivery, DeliveryState, Issue, Recipient, Tlp
from vigie.schema import ALERTS


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


# Who may be written to: still there, of that edition, has confirmed, and does not bounce.
_MAY = """r.removed_at IS NULL AND r.suspended_at IS NULL AND NOT r.awaited
    AND EXISTS (SELECT 1 FROM subscriptions n
        WHERE n.recipient_id = r.id AND n.edition = :edition)"""
# Below, only constants of this module are joined: values are always parameters.
_THEIRS_MAY = f"""EXISTS (SELECT 1 FROM recipients r
    WHERE r.id = deliveries.recipient_id AND {_MAY})"""
_WITHDRAW = f"""UPDATE deliveries SET state = 'withdrawn', changed_at = :at,
        detail = 'left, or bounced, before it was sent'
    WHERE issue_id = :issue AND issue_revision = :revision AND state IN ('queued', 'deferred')
    AND NOT {_THEIRS_MAY}"""
_QUEUE = f"""INSERT INTO deliveries (issue_id, issue_revision, recipient_id, state, queued_at,
        changed_at)
    SELECT :issue, :revision, r.id, 'queued', :at, :at FROM recipients r WHERE {_MAY}
    AND (:again OR NOT EXISTS (SELECT 1 FROM deliveries o WHERE o.recipient_id = r.id
        AND o.issue_id = :issue AND o.issue_revision < :revision
        AND o.state IN ('claimed', 'sending', 'sent', 'in doubt')))
    ORDER BY r.id ON CONFLICT DO NOTHING"""
_REPLACED = """UPDATE deliveries SET state = 'withdrawn', changed_at = :at,
        detail = 'replaced by revision ' || :revision
    WHERE issue_id = :issue AND issue_revision < :revision AND state IN ('queued', 'deferred')"""


def queue(
    db: Database, issue: str, revision: int, edition: str, now: datetime, *, again: bool = False
) -> int:
    """One ledger row for each recipient of the edition; those already there stay as they are.

    Who has an earlier revision, or may have it, is not written to `again` unless that is asked for.
    Rows that wait for someone who left or bounced since are withdrawn, and those of an earlier
    revision that still wait. Returns how many were added.
    """
    values = {
        "issue": issue,
        "revision": revision,
        "edition": edition,
        "at": to_text(now),
        "again": again,
    }
    with transaction(db):
        db.execute(_WITHDRAW, values)
        db.execute(_REPLACED, values)
        cursor = db.execute(_QUEUE, values)
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


_DELIVERY = """SELECT d.*, r.name, r.address, r.language, r.clearance, r.format,
        p.name AS structure,
        (SELECT group_concat(s.theme, ',') FROM subscriptions s
         WHERE s.recipient_id = r.id AND s.edition = :edition) AS themes
    FROM deliveries d
    JOIN recipients r ON r.id = d.recipient_id JOIN partners p ON p.id = r.partner_id
    WHERE d.issue_id = :issue AND :revision IN (d.issue_revision, 0)"""
_DUE = f"""d.state IN ('queued', 'deferred') AND (d.next_try IS NULL OR d.next_try <= :now)
    AND {_MAY}"""
_WAITING = f"""SELECT count(*) FROM deliveries d JOIN recipients r ON r.id = d.recipient_id
    WHERE d.issue_id = :issue AND :revision IN (d.issue_revision, 0) AND {_DUE}"""


class DeskLedger:
    """The ledger of one issue revision over desk.db: each step is its own durable transaction.

    Revision 0 stands for all: so messages of alerts go, each of which is a revision of its own.
    """

    def __init__(
        self,
        db: Database,
        issue: str,
        revision: int,
        edition: str,
        now: Callable[[], datetime],
    ) -> None:
        self._db = db
        self._now = now
        self._issue = {"issue": issue, "revision": revision, "edition": edition}

    def waiting(self) -> int:
        """How many rows are to be sent now."""
        values = {**self._issue, "now": to_text(self._now())}
        (found,) = self._db.execute(_WAITING, values).fetchone()
        return int(found)

    def batch(self, after: int, limit: int) -> Sequence[Delivery]:
        """Rows that are due, in the order in which they were queued."""
        rows = self._db.query(
            f"{_DELIVERY} AND d.id > :after AND {_DUE} ORDER BY d.id LIMIT :limit",
            {**self._issue, "now": to_text(self._now()), "after": after, "limit": limit},
        )
        return [_delivery(row) for row in rows]

    def claim(self, delivery: Delivery) -> bool:
        """False when another process has it, when it is settled, or when its recipient left."""
        return self._move(delivery, ("queued", "deferred"), "state = 'claimed'", may=True)

    def sending(self, delivery: Delivery) -> bool:
        """Called just before DATA: from here on a crash leaves the row in doubt.

        False when the recipient has left since the claim: nothing may be sent then.
        """
        before = ("claimed", "sending")
        if self._move(delivery, before, "state = 'sending'", may=True):
            return True
        state = self._db.execute(
            "SELECT state FROM deliveries WHERE id = ?", [delivery.id]
        ).fetchone()
        if state and state[0] not in before:
            raise RuntimeError(f"delivery {delivery.id} was sent without being claimed")
        return False

    def settle(self, delivery: Delivery, how: Outcome) -> None:
        """Note how it ended. Nothing that could tell who they were is noted of who has left."""
        detail = """CASE WHEN EXISTS (SELECT 1 FROM recipients r WHERE r.id = recipient_id
            AND r.removed_at IS NULL) THEN :detail ELSE '' END"""
        self._move(
            delivery,
            ("claimed", "sending"),
            f"state = :state, detail = {detail}, deferred_at = :deferred, next_try = :next",
            {
                "state": how.state.value,
                "detail": how.detail,
                "deferred": maybe_text(how.deferred_at),
                "next": maybe_text(how.next_try),
            },
        )

    def _move(
        self,
        delivery: Delivery,
        before: tuple[str, ...],
        changes: str,
        values: dict[str, str | None] | None = None,
        *,
        may: bool = False,
    ) -> bool:
        states = ", ".join(f"'{state}'" for state in before)
        condition = f" AND {_THEIRS_MAY}" if may else ""
        with transaction(self._db):
            cursor = self._db.execute(
                f"""UPDATE deliveries SET {changes}, changed_at = :at
                    WHERE id = :id AND state IN ({states}){condition}""",  # ours
                {
                    **self._issue,
                    **(values or {}),
                    "at": to_text(self._now()),
                    "id": delivery.id,
                },
            )
            return bool(cursor.rowcount)


class Outcome(Protocol):
    """How a row ended, as whoever sends says it."""

    @property
    def state(self) -> DeliveryState: ...
    @property
    def detail(self) -> str: ...
    @property
    def deferred_at(self) -> datetime | None: ...
    @property
    def next_try(self) -> datetime | None: ...


def deliveries(db: Database, issue: str, revision: int) -> list[Delivery]:
    """The whole ledger of one issue revision."""
    values = {"issue": issue, "revision": revision, "edition": ""}
    return [_delivery(row) for row in db.query(f"{_DELIVERY} ORDER BY d.id", values)]


def unsettled(db: Database, issue: str, revision: int) -> list[Delivery]:
    """The rows that are not `sent`, nor withdrawn since their recipient left."""
    values = {"issue": issue, "revision": revision, "edition": ""}
    sql = f"{_DELIVERY} AND d.state <> 'sent' AND r.removed_at IS NULL ORDER BY d.state, d.id"
    return [_delivery(row) for row in db.query(sql, values)]


def tally(db: Database, issue: str, revision: int) -> Counter[DeliveryState]:
    """How many rows are in which state, those of erased people included."""
    rows = db.execute(
        """SELECT state, sum(number) FROM (
               SELECT state, count(*) AS number FROM deliveries
               WHERE issue_id = :issue AND issue_revision = :revision GROUP BY state
               UNION ALL SELECT state, number FROM delivery_counts
               WHERE issue_id = :issue AND issue_revision = :revision) GROUP BY state""",
        {"issue": issue, "revision": revision},
    )
    return Counter({DeliveryState(state): int(number) for state, number in rows})


def settle_by_hand(
    db: Database, issue: str, revision: int, address: str, *, resend: bool, who: str, now: datetime
) -> None:
    """A person's word on a row in doubt, or on one that ended badly. Raises NotFoundError.

    `resend` queues it again; otherwise it counts as sent.
    """
    state = "queued" if resend else "sent"
    from_states = ("in doubt", "refused", "bounced", "deferred", "withdrawn")
    marks = ", ".join(f"'{one}'" for one in (from_states if resend else from_states[:1]))
    with transaction(db):
        cursor = db.execute(
            f"""UPDATE deliveries SET state = ?, detail = ?, changed_at = ?, next_try = NULL,
                    deferred_at = NULL
                WHERE issue_id = ? AND issue_revision = ? AND state IN ({marks})
                AND recipient_id = (SELECT id FROM recipients
                    WHERE address = ? AND removed_at IS NULL)""",  # ours
            [state, f"as {who} said", to_text(now), issue, revision, address.strip()],
        )
        if not cursor.rowcount:
            what = "to send again" if resend else "in doubt"
            raise NotFoundError(
                f"nothing {what} for {address} in {issue}; `vigie digest status {issue}` lists it"
            )


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An issue whose sending has begun and is not over."""

    issue: str
    revision: int
    waiting: int  # rows that wait now, those of an interrupted sending included
    last: datetime  # when anything last happened to it, or was to happen


def unfinished(db: Database, now: datetime) -> list[Unfinished]:
    """Issues with what was put off and is due again, and what was interrupted. Alerts are none."""
    rows = db.execute(
        """SELECT issue_id, issue_revision, sum(
                   state IN ('queued', 'claimed', 'sending')
                   OR (state = 'deferred' AND coalesce(next_try, '') <= :now)) AS waiting,
               max(changed_at, coalesce(max(next_try) FILTER (WHERE next_try <= :now), ''))
           FROM (SELECT issue_id, issue_revision, state, next_try,
                     max(changed_at) OVER (PARTITION BY issue_id, issue_revision) AS changed_at
                 FROM deliveries WHERE issue_id <> :alerts)
           GROUP BY issue_id, issue_revision HAVING waiting > 0 ORDER BY 1, 2""",
        {"now": to_text(now), "alerts": ALERTS},
    )
    return [Unfinished(str(a), int(b), int(c), from_text(d)) for a, b, c, d in rows]


def _delivery(row: dict[str, object]) -> Delivery:
    text = {key: str(value) for key, value in row.items()}
    themes = set(str(row["themes"] or "").split(","))
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
            clearance=Tlp(text["clearance"]),
            themes=() if "" in themes else tuple(sorted(themes)),
            format=text["format"],
        ),
        state=DeliveryState(text["state"]),
        detail=text["detail"],
        deferred_at=maybe(str(row["deferred_at"] or "") or None),
        next_try=maybe(str(row["next_try"] or "") or None),
    )
