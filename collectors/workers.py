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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures import TimeoutError as TooSlow
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Generic, Self, TypeVar

from collectors import kinds
from vigie.model import (
    Failure,
    FailureKind,
    Fetched,
    Gathered,
    Kind,
    Page,
    ParsedFeed,
    PollState,
    SourceId,
)

if TYPE_CHECKING:
    from pebble import ProcessPool

    from vigie.schema import Source  # pydantic: too much for a process that reads feeds

log = logging.getLogger("vigie.collectors")

_TOGETHER = 12  # documents that go to a worker at once, where they are small
_TOGETHER_BYTES = 1_000_000  # of their bodies; a larger one goes alone
_TOGETHER_SECONDS = 0.5  # after which those that wait go, all the same, with the next that comes
_AHEAD_BYTES = 3_000_000  # of all bodies on their way to the workers and back
_LARGE = 500_000  # bytes of a body after which a worker gives its memory back
_OUT_OF_MEMORY = 77  # a worker's exit code, of our choosing

# Stands for a gathering that never came to its end.
_NOWHERE = Fetched("", "", datetime.min.replace(tzinfo=UTC))

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Task:
    """One document for a worker, with what its kind needs to know: of a feed, nothing."""

    fetched: Fetched
    source: Source | None = None
    state: PollState | None = None
    preview: bool = False  # a look at what there is, of which nothing is kept

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
        self.processes = processes
        self._seconds = seconds
        self._memory = memory
        self._pool: ProcessPool | None = None  # started by the first document: most polls have none

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pool:
            self._pool.stop()  # type: ignore[no-untyped-call]  # pebble's own gap
            self._pool.join()

    def parsed(
        self, stream: Iterable[Fetched], sources: Mapping[SourceId, Source]
    ) -> Iterator[tuple[Fetched, ParsedFeed]]:
        """Each answer with what it says to its source's kind, in the order in which they are read.

        `Fetched.key` names the source. What failed or was not modified passes at once, with an
        empty feed that carries the failure.
        """
        tasks = (Task(fetched, _needed(sources[fetched.key])) for fetched in stream)
        return self._each(tasks, parse_alone, lambda failure: ParsedFeed(failure=failure))

    def gathered(
        self,
        states: Iterable[tuple[Source, PollState]],
        now: datetime,
        *,
        preview: bool = False,
    ) -> Iterator[tuple[Fetched, ParsedFeed]]:
        """What each local source gave, each within the limits of one document."""
        tasks = (
            Task(Fetched(source.id, source.address, now, etag=state.etag), source, state, preview)
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
        """Small documents go several at a time, since each way to a worker and back costs."""
        flights = _Flights(self, read, empty)
        for task in tasks:
            fetched = task.fetched
            if fetched.failure or fetched.not_modified:
                yield fetched, empty(fetched.failure)
                continue
            yield from flights.take(task)
        yield from flights.rest()

    def schedule(self, read: Callable[[Task, int], T], batch: Sequence[Task]) -> Future[list[T]]:
        """Have a worker read some documents, in half the time where they are several.

        What spoils a batch is then looked for alone, within the time of one.
        """
        seconds = self._seconds if len(batch) == 1 else self._seconds / 2
        self._pool = self._pool or self._started()
        future: Future[list[T]] = self._pool.schedule(
            read_all, args=(read, batch, self._memory), timeout=seconds
        )
        return future

    def _started(self) -> ProcessPool:
        from pebble import ProcessPool  # noqa: PLC0415  with asyncio, a tenth of a command's start

        return ProcessPool(
            max_workers=self.processes,
            initializer=_prepare,
            initargs=(),
            context=multiprocessing.get_context("spawn"),
        )

    def named(self, error: BaseException, fetched: Fetched) -> Failure:
        """The failure that the end of a worker's work on one document stands for."""
        from pebble import ProcessExpired  # noqa: PLC0415  loaded by then

        if isinstance(error, TooSlow):
            return Failure(FailureKind.TIMEOUT, f"reading took more than {self._seconds:g} s")
        if isinstance(error, ProcessExpired):
            detail = f"reading broke the process (exit code {error.exitcode})"
            if error.exitcode == _OUT_OF_MEMORY:
                detail = f"reading needed more than {self._memory} bytes of memory"
            return Failure(FailureKind.HOSTILE, detail)
        # Another process's fault, shown on its source.
        log.error("reading %s", fetched.url, exc_info=error)
        detail = f"reading stopped: {type(error).__name__}: {error}"[:300]
        return Failure(FailureKind.CRASHED, detail)


def _needed(source: Source) -> Source | None:
    """None for feeds: a worker that reads nothing else need not load the settings' model."""
    return None if source.kind is Kind.FEED else source


class _Flights(Generic[T]):
    """Documents that wait for company, and batches on their way to the workers and back."""

    def __init__(
        self,
        workers: Workers,
        read: Callable[[Task, int], T],
        empty: Callable[[Failure | None], T],
    ) -> None:
        self._workers = workers
        self._read = read
        self._empty = empty
        self._waiting: list[Task] = []
        self._since = 0.0
        self._pending: dict[Future[list[T]], Sequence[Task]] = {}

    def take(self, task: Task) -> Iterator[tuple[Fetched, T]]:
        """Take one more; yields what is done meanwhile, so that little is ever on its way."""
        size = len(task.fetched.body)
        if self._waiting and _size(self._waiting) + size > _TOGETHER_BYTES:
            yield from self._start()
        if not self._waiting:
            self._since = monotonic()
        self._waiting.append(task)
        patient = monotonic() - self._since < _TOGETHER_SECONDS
        if len(self._waiting) == _TOGETHER or size > _TOGETHER_BYTES or not patient:
            yield from self._start()
        yield from self._landed()

    def rest(self) -> Iterator[tuple[Fetched, T]]:
        yield from self._start()
        while self._pending:
            wait(self._pending, return_when=FIRST_COMPLETED)
            yield from self._landed()

    def _start(self) -> Iterator[tuple[Fetched, T]]:
        batch, self._waiting = self._waiting, []
        while self._pending and self._is_full(batch):
            wait(self._pending, return_when=FIRST_COMPLETED)
            yield from self._landed()
        if batch:
            self._pending[self._workers.schedule(self._read, batch)] = batch

    def _is_full(self, batch: Sequence[Task]) -> bool:
        flying = sum(_size(tasks) for tasks in self._pending.values())
        return len(self._pending) > self._workers.processes or flying + _size(batch) > _AHEAD_BYTES

    def _landed(self) -> Iterator[tuple[Fetched, T]]:
        for future in [future for future in self._pending if future.done()]:
            batch = self._pending.pop(future)
            error = future.exception()
            if error is None:
                for task, result in zip(batch, future.result(), strict=True):
                    yield task.fetched, result
            elif len(batch) > 1:  # one of them spoils it: each gets its own chance
                for task in batch:
                    self._pending[self._workers.schedule(self._read, [task])] = [task]
            else:
                fetched = batch[0].fetched
                yield fetched, self._empty(self._workers.named(error, fetched))


def _size(tasks: Iterable[Task]) -> int:
    return sum(len(task.fetched.body) for task in tasks)


# ------------------------------------------------------------------------- within the processes


def read_all(read: Callable[[Task, int], T], batch: Sequence[Task], memory: int) -> list[T]:
    """Each document of a batch, each within the limit of memory."""
    return [read(task, memory) for task in batch]


def parse_alone(task: Task, memory: int) -> ParsedFeed:
    """What an answer says to its source's kind, within the limits of a worker."""
    source = task.source
    if source is None:
        from collectors import feeds  # noqa: PLC0415  only the processes that read load the readers

        return _alone(feeds.parse, task.fetched, memory)
    parse = kinds.parser(source.kind)  # its module is loaded here, before the limits hold
    return _alone(lambda fetched: parse(fetched, source), task.fetched, memory)


def gather_alone(task: Task, memory: int) -> Gathered:
    """What a local source gives, within the limits of a worker."""
    source, state = task.known_source, task.known_state
    gather = kinds.gatherer(source.kind, preview=task.preview)
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
