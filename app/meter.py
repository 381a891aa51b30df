"""Seconds and peak memory of a stage, its child processes included."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil

_EVERY = 0.05  # seconds between two looks


@dataclass(slots=True)
class Meter:
    """What each stage took. Memory is the sum of resident sizes: shared pages count twice."""

    seconds: dict[str, float] = field(default_factory=dict)
    peak_bytes: dict[str, int] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        stop = threading.Event()
        peaks: list[int] = [_resident()]

        def watch() -> None:
            while not stop.wait(_EVERY):
                peaks[0] = max(peaks[0], _resident())

        watcher = threading.Thread(target=watch, daemon=True)
        start = time.perf_counter()
        watcher.start()
        try:
            yield
        finally:
            self.seconds[name] = time.perf_counter() - start
            stop.set()
            watcher.join()
            self.peak_bytes[name] = max(peaks[0], _resident())


def _resident() -> int:
    process = psutil.Process()
    own = process.cmdline()
    total: int = process.memory_info().rss
    for child in process.children(recursive=True):
        try:
            # Between fork and exec a child is its parent's shadow, and takes nothing of its own.
            if child.cmdline() != own:
                total += child.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total
