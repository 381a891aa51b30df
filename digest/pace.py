"""How fast mail leaves: so many a minute in all, and so many a minute to one domain.

Evenly: an idle spell is not made up for. A row whose domain has to wait is held aside, so that the
others are not kept waiting by it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

from vigie.model import Delivery

MOST_HELD = 500  # rows held aside at a time: memory does not grow with the list


class Pace:
    """Gives rows one by one, each when it may go."""

    def __init__(
        self,
        per_minute: int,
        per_domain: int,
        sleep: Callable[[float], None],
        clock: Callable[[], float],
    ) -> None:
        self._interval, self._between = 60 / per_minute, 60 / per_domain
        self._sleep, self._clock = sleep, clock
        self._next = clock()
        self._free: dict[str, float] = {}  # when a domain may be written to again
        self._held: dict[str, deque[Delivery]] = {}

    def rows(self, coming: Iterator[Delivery]) -> Iterator[Delivery]:
        """Every row of `coming`, in its order as far as domains allow."""
        while (row := self._take(coming)) is not None:
            now = self._clock()
            if now < self._next:
                self._sleep(self._next - now)
            self._next = max(now, self._next) + self._interval
            self._free[domain(row)] = self._clock() + self._between
            yield row

    def _take(self, coming: Iterator[Delivery]) -> Delivery | None:
        while True:
            if (row := self._released()) is not None:
                return row
            fresh = next(coming, None) if self._count() < MOST_HELD else None
            if fresh is None and not self._held:
                return None
            if fresh is None:
                first = min(self._free[name] for name in self._held)
                self._sleep(max(0.0, first - self._clock()))
            elif domain(fresh) in self._held or self._waits(domain(fresh)):
                self._held.setdefault(domain(fresh), deque()).append(fresh)
            else:
                return fresh

    def _released(self) -> Delivery | None:
        for name, rows in self._held.items():
            if not self._waits(name):
                row = rows.popleft()
                if not rows:
                    del self._held[name]
                return row
        return None

    def _waits(self, name: str) -> bool:
        # a microsecond of grace: a sleep may end that much before its time
        return self._free.get(name, 0.0) > max(self._clock(), self._next) + 1e-6

    def _count(self) -> int:
        return sum(map(len, self._held.values()))


def domain(row: Delivery) -> str:
    """The recipient's domain in small letters, "" where there is none."""
    return row.recipient.address.rpartition("@")[2].casefold()
