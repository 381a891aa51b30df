"""Sending what a ledger has queued, over one SMTP connection, each row settled before the next.

The order of events is what makes "never twice, never lost" hold:

    claim(row)      it is ours; nothing has been said to the server about it
    MAIL, RCPT      a crash, or a lost connection, up to here costs nothing: the row is sent again
    sending(row)    written down before DATA: from here on the server may have taken it
    DATA ... .      the answer settles the row; no answer after the final dot leaves it in doubt
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from digest.addresses import address
from digest.pace import Pace
from digest.smtp import Line, LostError, Outgoing, ServerError
from vigie.mailing import Mail
from vigie.model import Delivery, DeliveryState

State = DeliveryState
BATCH = 200  # rows read at a time: memory does not grow with the list
MOST_LOST = 5  # rows in a row that lose the connection: then it is the server, not the messages


@dataclass(frozen=True, slots=True)
class Settled:
    """How a row ended, or when it is tried again."""

    state: DeliveryState
    detail: str = ""
    deferred_at: datetime | None = None
    next_try: datetime | None = None


class Ledger(Protocol):
    """Where each delivery stands. Every method is one transaction, on disk when it returns.

    After a crash it is the ledger's duty, before `batch` is asked again, to put rows found
    `claimed` back to `queued` (they never reached DATA: safe to send), and rows found `sending` to
    `in doubt` (the server may have taken them: a person decides).
    """

    def waiting(self) -> int:
        """How many rows are to be sent now."""
        ...

    def batch(self, after: int, limit: int) -> Sequence[Delivery]:
        """At most `limit` of the rows to send now whose id is above `after`, in order of id."""
        ...

    def claim(self, delivery: Delivery) -> bool:
        """Take a queued row; False when another process has it, or its recipient has left."""
        ...

    def sending(self, delivery: Delivery) -> bool:
        """Note that DATA is about to be said; False when the recipient has left meanwhile."""
        ...

    def settle(self, delivery: Delivery, how: Settled) -> None:
        """Note how it ended; `queued` gives a claim back."""
        ...


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of one run of `send`."""

    counts: Counter[DeliveryState] = field(default_factory=Counter)
    left: int = 0  # rows still queued, because of `error`
    error: str = ""  # why the run stopped before the end, "" when it did not


class _GoneError(Exception):
    """The recipient left between the claim and DATA."""


def send(
    ledger: Ledger,
    compose: Callable[[Delivery], Outgoing | None],
    mail: Mail,
    password: str = "",
    progress: Callable[[Delivery, DeliveryState], None] = lambda _delivery, _state: None,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Summary:
    """Send every row that is due, once; `progress` is told of each as it is settled.

    A refused or unreachable recipient ends its own row only. When the server itself cannot be used
    the rest stays queued and `Summary.error` says why. `compose` gives None for who has nothing to
    read in the issue; what it raises passes through and its row stays `claimed`.
    """
    counts: Counter[DeliveryState] = Counter()
    pace = Pace(mail.per_minute, mail.per_domain, sleep, clock)
    line_to = Line(mail, password)
    lost = 0
    try:
        for row in pace.rows(_rows(ledger)):
            try:
                line_to.open()
                how = _serve(ledger, line_to, row, compose)
                if how is None:
                    continue
                lost = lost + 1 if how.state is State.QUEUED else 0
                final = _later(row, how, mail, now())
                ledger.settle(row, final)
                counts[final.state] += 1
                progress(row, final.state)
                if lost >= MOST_LOST:
                    raise ServerError(f"connection lost with {lost} recipients in a row")
            except ServerError as error:
                return Summary(counts, ledger.waiting(), str(error))
    finally:
        line_to.close()
    return Summary(counts)


def _rows(ledger: Ledger) -> Iterator[Delivery]:
    after = -1
    while rows := ledger.batch(after, BATCH):
        yield from rows
        after = rows[-1].id


def _serve(
    ledger: Ledger,
    line_to: Line,
    row: Delivery,
    compose: Callable[[Delivery], Outgoing | None],
) -> Settled | None:
    """One row from claim to its answer; None when it is not ours. `queued`: the line was lost."""
    if not ledger.claim(row):
        return None
    try:
        recipient = address(row.recipient.address)
    except ValueError as error:
        return Settled(State.REFUSED, str(error))
    message = compose(row)
    if message is None:
        return Settled(State.WITHDRAWN, "nothing in this issue is for their themes and clearance")
    try:
        return _twice(ledger, line_to, row, recipient, message)
    except _GoneError:
        return Settled(State.WITHDRAWN, "left, or bounced, before it was sent")
    except ServerError as error:
        ledger.settle(row, Settled(State.QUEUED, str(error)))
        raise


def _twice(
    ledger: Ledger, line_to: Line, row: Delivery, recipient: str, message: Outgoing
) -> Settled:
    """A second connection for a row whose first was lost before anything could be taken."""

    def before_data() -> None:
        if not ledger.sending(row):
            raise _GoneError

    for last in (False, True):
        try:
            line_to.open()
            return Settled(*line_to.deliver(recipient, message, before_data))
        except LostError as error:
            line_to.close()
            if last:
                return Settled(State.QUEUED, f"connection lost twice: {error}")
        except _GoneError:
            line_to.close()  # in the middle of an envelope
            raise
    raise AssertionError("unreachable")


def _later(row: Delivery, how: Settled, mail: Mail, now: datetime) -> Settled:
    """When a row that was put off is tried again, or that it is given up.

    The deadline runs from the first "later" that a server said. A lost connection is nobody's
    fault: it is tried again, and the deadline does not run.
    """
    again = now + timedelta(minutes=mail.retry_minutes)
    if how.state is State.QUEUED:
        return Settled(State.DEFERRED, how.detail, row.deferred_at, again)
    if how.state is not State.DEFERRED:
        return how
    first = row.deferred_at or now
    if again > first + timedelta(hours=mail.retry_hours):
        why = f"given up after {mail.retry_hours} h of trying; last {how.detail}"
        return Settled(State.REFUSED, why, first)
    return Settled(State.DEFERRED, how.detail, first, again)
