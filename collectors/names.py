"""Names of hosts to addresses: each name once in a run, in threads that may hang. For the child.

libcurl's own threads for this are few, and a look-up that hangs would keep the others waiting.
"""

from __future__ import annotations

import re
import socket
import threading
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue

_NUMBERS = re.compile(r"[0-9.]+|[0-9a-f.]*:[0-9a-f:.]*")


def is_literal(host: str) -> bool:
    """Whether the host is written as an address in the usual form; there is nothing to look up."""
    return bool(_NUMBERS.fullmatch(host))


class Names:
    """Look-ups under way and their answers. Only `_work` runs in other threads."""

    def __init__(self, threads: int, wake: Callable[[], None]) -> None:
        """`wake` is called, from another thread, when there is an answer to `take`."""
        self._most = threads
        self._wake = wake
        self._threads = 0
        self._idle = 0  # threads without work, as far as known: one more starts where there is none
        self._asked: SimpleQueue[str] = SimpleQueue()
        self._answers: deque[tuple[str, tuple[str, ...]]] = deque()
        self._known: dict[str, tuple[str, ...]] = {}

    def known(self, host: str) -> tuple[str, ...] | None:
        """The host's addresses, none where it has none; None where it was not yet looked up."""
        return self._known.get(host)

    def ask(self, host: str) -> None:
        """Have a host looked up."""
        self._asked.put(host)
        if self._idle:
            self._idle -= 1
        elif self._threads < self._most:
            self._threads += 1
            threading.Thread(target=self._work, daemon=True).start()

    def take(self) -> list[str]:
        """The hosts that are known since the last call."""
        hosts = []
        while self._answers:
            host, addresses = self._answers.popleft()
            self._known[host] = addresses
            self._idle += 1
            hosts.append(host)
        return hosts

    def _work(self) -> None:
        while True:
            host = self._asked.get()
            self._answers.append((host, _addresses(host)))
            self._wake()


def _addresses(host: str) -> tuple[str, ...]:
    """In the order in which the system would have them tried."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return ()
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))
