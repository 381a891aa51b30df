"""What a job may cost: seconds, bytes, and the memory of all bodies on their way. Pure.

Shared by both ways of fetching; neither the network nor a clock is asked here.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from collectors.outcome import Refused
from vigie.model import FailureKind, FetchJob, Limits

ROOM = 48_000_000  # bytes of all bodies on their way
_SMALL = 1_000_000  # bytes that any one of them may hold all the same


@dataclass(eq=False, slots=True)
class Purse:
    """What is left to all jobs of one source together."""

    seconds: float
    size: float  # bytes, decoded


@dataclass(eq=False, slots=True)
class Budget:
    """What one job has used over all its requests: redirects, and its one retry."""

    number: int  # of the job
    seconds: float  # that it may take in transfers; waiting for its turn is not its fault
    purse: Purse | None = None
    spent: float = 0.0
    held: int = 0  # bytes received and not yet passed on

    @property
    def left(self) -> float:
        """Seconds. Raises Refused where its source has had all the bytes it may have."""
        if self.purse is None:
            return self.seconds - self.spent
        if self.purse.size <= 0:
            raise Refused(FailureKind.TOO_LARGE, "its source has led to too much already")
        return min(self.seconds - self.spent, self.purse.seconds)

    def spend(self, seconds: float) -> None:
        self.spent += seconds
        if self.purse:
            self.purse.seconds -= seconds

    def refund(self) -> None:
        """As if it had not begun."""
        if self.purse:
            self.purse.seconds += self.spent
        self.spent = 0.0

    def pay(self, size: int) -> None:
        """Raises Refused where the body is more than its source may still have."""
        if self.purse:
            self.purse.size -= size
            if self.purse.size < 0:
                raise Refused(FailureKind.TOO_LARGE, "more than its source may have in all")


class Purses:
    """The budget of each job; the jobs to which one source has led share its purse."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._by_key: dict[str, Purse] = {}

    def budget(self, number: int, job: FetchJob) -> Budget:
        seconds = min(job.seconds or inf, self._limits.seconds)
        purse = None
        if job.step:
            size = min(job.max_bytes or inf, self._limits.max_bytes)
            purse = self._by_key.setdefault(job.key, Purse(seconds, size))
        return Budget(number, seconds, purse)


class Ledger:
    """Keeps all bodies on their way within `room` bytes.

    Where they would not be, the transfers that hold most are broken off and asked again later. The
    one that grew large first is never broken off, so that each gets its turn.
    """

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._total = 0
        self._large: dict[Budget, None] = {}  # in the order in which they grew large

    def received(self, budget: Budget, size: int) -> bool:
        """Count what came; False where the transfer is to be broken off."""
        budget.held += size
        self._total += size
        if budget.held <= _SMALL:
            return True
        self._large.setdefault(budget)
        return self._total <= self._room or budget is next(iter(self._large))

    def release(self, budget: Budget) -> None:
        self._total -= budget.held
        budget.held = 0
        self._large.pop(budget, None)

    @property
    def has_room(self) -> bool:
        """Whether at least half of the room is free, so that what was broken off may go on."""
        return self._total <= self._room // 2
