"""Whose turn it is: requests in the order given, within what each host may be asked. Pure."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(eq=False, slots=True)
class _Host(Generic[T]):
    waiting: deque[tuple[int, T]] = field(default_factory=deque)  # order, request
    asked: int = 0  # now
    free_at: float = 0.0  # when the next request may begin
    queued: bool = False  # it stands in a heap


class Turns(Generic[T]):
    """Requests that wait. At most `per_host` of a host at once, `delay` seconds between two.

    Times are those of any clock that goes forward, in seconds.
    """

    def __init__(self, per_host: int, delay: float) -> None:
        self._per_host = per_host
        self._delay = delay
        self._hosts: defaultdict[str, _Host[T]] = defaultdict(_Host)
        self._ready: list[tuple[int, str]] = []  # order of its first request, host
        self._resting: list[tuple[float, str]] = []  # until when, host
        self._order = 0
        self._first = 0

    def add(self, host: str, request: T, *, first: bool = False) -> None:
        """Let a request wait: behind all others, or before them (a redirect, a second try)."""
        if first:
            self._first -= 1
            self._hosts[host].waiting.appendleft((self._first, request))
        else:
            self._order += 1
            self._hosts[host].waiting.append((self._order, request))
        self._queue(host)

    def next(self, now: float) -> tuple[str, T] | None:
        """The request that may begin now, with its host; None where none may."""
        while self._resting and self._resting[0][0] <= now:
            _, name = heappop(self._resting)
            heappush(self._ready, (self._hosts[name].waiting[0][0], name))
        if not self._ready:
            return None
        _, name = heappop(self._ready)
        host = self._hosts[name]
        host.queued = False
        _, request = host.waiting.popleft()
        host.asked += 1
        host.free_at = now + self._delay
        self._queue(name)
        return name, request

    def done(self, host: str) -> None:
        """One of a host's requests has ended."""
        self._hosts[host].asked -= 1
        self._queue(host)

    def rest(self, now: float) -> float | None:
        """Seconds until a request may begin; None where none will before one has ended."""
        if self._ready:
            return 0.0
        return max(0.0, self._resting[0][0] - now) if self._resting else None

    def _queue(self, name: str) -> None:
        host = self._hosts[name]
        if host.queued or not host.waiting or host.asked >= self._per_host:
            return
        host.queued = True
        if self._delay:
            heappush(self._resting, (host.free_at, name))
        else:
            heappush(self._ready, (host.waiting[0][0], name))
