"""Reading in processes of their own: what a hostile document can break is thrown away.

Feeds and pages are parsed by pebble's workers, each with a limit of memory and of seconds for a
document. A worker that dies or is too slow costs that one document; the others go on.
"""

from __future__ import annotations

import ctypes
import gc
import logging
import multiprocessing
import multiprocessing.connection
import os
import resource
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures import TimeoutError as TooSlow
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from collectors import kinds
from vigie.model import (
    Failure,
    FailureKind,
    Fetched,
    Gathered,
    Page,
    ParsedFeed,
    PollState,
    SourceId,
)
from vigie.settings import Source

log = logging.getLogger("vigie.collectors")

_AHEAD = 8  # documents on their way to the workers and back
_AHEAD_BYTES = 3_000_000  # of their bodies; a larger one goes alone
_LARGE = 500_000  # bytes of a body after which a worker gives its memory back
_OUT_OF_MEMORY = 77  # a worker's exit code, of our choosing

# Stands for a gathering that never came to its end.
_NOWHERE = Fetched("", "", datetime.min.replace(tzinfo=UTC))

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Task:
    """One document for a worker, with what its kind needs to know."""

    fetched: Fetched
    source: Source | None = None
    state: PollState | None = None

    @property
    def known_source(self) -> Source:
        if self.source is None:
            raise ValueError(f"a task without its source: {self.fetched.key}")
        return self.source

    @property
    def known_state(self) -> PollState:
        if self.state is None:
            raise ValueError(f"a task without its source's state: {self.fetched.key}")
        return self.state


class Workers:
    """Processes that read documents. A context manager: they end with it, or with the parent.

    `seconds` and `memory` (bytes, on Linux) are what one document may take. An honest feed of
    10 MB takes about 70 MB; an attacker's may want 60 times its size.
    """

    def __init__(
        self, processes: int = 2, seconds: float = 20.0, memory: int = 100_000_000
    ) -> None:
        self._seconds = seconds
        self._memory = memory
        self._pool = ProcessPool(
            max_workers=processes,
            initializer=_prepare,
            initargs=(),
            context=multiprocessing.get_context("spawn"),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.stop()  # type: ignore[no-untyped-call]  # pebble's own gap
        self._pool.join()

    def parsed(
        self, stream: Iterable[Fetched], sources: Mapping[SourceId, Source]
    ) -> Iterator[tuple[Fetched, ParsedFeed]]:
        """Each answer with what it says to its source's kind, in the order in which they are read.

        `Fetched.key` names the source. What failed or was not modified passes at once, with an
        empty feed that carries the failure.
        """
        tasks = (Task(fetched, sources[fetched.key]) for fetched in stream)
        return self._each(tasks, parse_alone, lambda failure: ParsedFeed(failure=failure))

    def gathered(
        self, states: Iterable[tuple[Source, PollState]], now: datetime
    ) -> Iterator[tuple[Fetched, ParsedFeed]]:
        """What each local source gave, each within the limits of one document."""
        tasks = (
            Task(Fetched(source.id, source.address, now, etag=state.etag), source, state)
            for source, state in states
        )
        failed = self._each(
            tasks, gather_alone, lambda failure: Gathered(_NOWHERE, ParsedFeed(failure=failure))
        )
        for fetched, gathered in failed:
            known = gathered.fetched is not _NOWHERE
            yield (gathered.fetched if known else fetched), gathered.parsed

    def extracted(
        self, stream: Iterable[Fetched], sources: Mapping[str, Source | None] | None = None
    ) -> Iterator[tuple[Fetched, Page]]:
        """Each fetched page with its text, under the same rules as `parsed`.

        `sources` says, by `Fetched.key`, whose rules on article pages hold.
        """
        of = sources or {}
        tasks = (Task(fetched, of.get(fetched.key)) for fetched in stream)
        return self._each(tasks, extract_alone, lambda failure: Page(failure=failure))

    def _each(
        self,
        tasks: Iterable[Task],
        read: Callable[[Task, int], T],
        empty: Callable[[Failure | None], T],
    ) -> Iterator[tuple[Fetched, T]]:
        pending: dict[Future[T], Fetched] = {}
        for task in tasks:
            fetched = task.fetched
            if fetched.failure or fetched.not_modified:
                yield fetched, empty(fetched.failure)
                continue
            while pending and _is_full(pending.values(), fetched):
                wait(pending, return_when=FIRST_COMPLETED)
                yield from self._finished(pending, empty)
            future = self._pool.schedule(read, args=(task, self._memory), timeout=self._seconds)
            pending[future] = fetched
            yield from self._finished(pending, empty)
        while pending:
            wait(pending, return_when=FIRST_COMPLETED)
            yield from self._finished(pending, empty)

    def _finished(
        self, pending: dict[Future[T], Fetched], empty: Callable[[Failure | None], T]
    ) -> Iterator[tuple[Fetched, T]]:
        for future in [future for future in pending if future.done()]:
            fetched = pending.pop(future)
            try:
                result = future.result()
            except TooSlow:
                detail = f"reading took more than {self._seconds:g} s"
                result = empty(Failure(FailureKind.TIMEOUT, detail))
            except ProcessExpired as expired:
                detail = f"reading broke the process (exit code {expired.exitcode})"
                if expired.exitcode == _OUT_OF_MEMORY:
                    detail = f"reading needed more than {self._memory} bytes of memory"
                result = empty(Failure(FailureKind.HOSTILE, detail))
            except Exception as error:  # another process's fault, shown on its source
                log.exception("reading %s", fetched.url)
                detail = f"reading stopped: {type(error).__name__}: {error}"[:300]
                result = empty(Failure(FailureKind.CRASHED, detail))
            yield fetched, result


def _is_full(pending: Iterable[Fetched], one_more: Fetched) -> bool:
    sizes = [len(fetched.body) for fetched in pending]
    return len(sizes) >= _AHEAD or sum(sizes) + len(one_more.body) > _AHEAD_BYTES


# ------------------------------------------------------------------------- within the processes


def parse_alone(task: Task, memory: int) -> ParsedFeed:
    """What an answer says to its source's kind, within the limits of a worker."""
    source = task.known_source
    parse = kinds.parser(source.kind)  # its module is loaded here, before the limits hold
    return _alone(lambda fetched: parse(fetched, source), task.fetched, memory)


def gather_alone(task: Task, memory: int) -> Gathered:
    """What a local source gives, within the limits of a worker."""
    source, state = task.known_source, task.known_state
    gather = kinds.gatherer(source.kind)
    return _alone(lambda fetched: gather(source, state, fetched.at), task.fetched, memory)


def extract_alone(task: Task, memory: int) -> Page:
    """`pages.extract`, within the limits of a worker."""
    from collectors import pages  # noqa: PLC0415  only the processes that read load the readers

    rules = task.source.article if task.source else None
    return _alone(lambda fetched: pages.extract(fetched, rules), task.fetched, memory)


def _alone(read: Callable[[Fetched], T], fetched: Fetched, memory: int) -> T:
    _allow(memory)
    try:
        return read(fetched)
    except MemoryError:
        os._exit(_OUT_OF_MEMORY)  # what the document filled goes with the process
    finally:
        if len(fetched.body) > _LARGE:
            _give_back()


def _give_back() -> None:
    """Return freed memory to the system, where the C library (glibc) can."""
    gc.collect()
    library = ctypes.CDLL(None)
    if hasattr(library, "malloc_trim"):
        library.malloc_trim(0)


def _allow(memory: int) -> None:
    """Let the process's data grow by `memory` bytes and no more."""
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[5])
        most = pages * resource.getpagesize() + memory
        resource.setrlimit(resource.RLIMIT_DATA, (most, resource.RLIM_INFINITY))


def _prepare() -> None:
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # nothing here counts with matrices
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)
