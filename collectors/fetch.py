"""Fetching, as the rest of Vigie sees it: jobs in, one outcome for each out.

The work is done in a child process (see `collectors.child`): a Twisted reactor can be started only
once in a process, and whatever a server does to the child, the parent lives on.
"""

from __future__ import annotations

import logging
import os
import selectors
import subprocess
import sys
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from collectors import frames
from vigie.model import Failure, FailureKind, Fetched, FetchJob, Limits

log = logging.getLogger("vigie.collectors")

_ROOT = Path(__file__).resolve().parents[1]
# glibc: bodies in mappings of their own, which go back to the system when they are freed.
_MALLOC = {"MALLOC_MMAP_THRESHOLD_": "262144", "MALLOC_TRIM_THRESHOLD_": "1048576"}
_CHUNK = 1 << 16  # bytes
_LOGGED_LINES = 200  # of one child's messages
_LOGGED_LENGTH = 500  # characters of one message
_GRACE = 5.0  # seconds for a child that has said all to end by itself


def fetch(jobs: Sequence[FetchJob], limits: Limits) -> Generator[Fetched, None, None]:
    """Fetch all jobs in one child process; yield exactly one outcome for each, as they come.

    The child reads no further ahead than its own small buffers while the caller is busy. Closing
    the iterator ends the child. Jobs that it never answered come last, as CRASHED failures.
    """
    if not jobs:
        return
    unanswered = dict(enumerate(jobs))
    with _child() as child:
        _tell(child, frames.to_child(jobs, limits))
        for number, fetched in _answers(child, _silence(limits)):
            if unanswered.pop(number, None) is not None:
                yield fetched
        reason = _ending(child)
    for job in unanswered.values():
        failure = Failure(FailureKind.CRASHED, reason)
        yield Fetched(job.key, job.url, datetime.now(UTC), failure=failure, step=job.step)


@contextmanager
def _child() -> Iterator[subprocess.Popen[bytes]]:
    search = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH", "")]))
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", "collectors.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        env={**os.environ, "PYTHONPATH": search, **_MALLOC},
        start_new_session=True,  # Ctrl-C is the parent's affair: it ends the child
    )
    listener = threading.Thread(target=_listen, args=(child.stderr,), daemon=True)
    listener.start()
    try:
        yield child
    finally:
        child.kill()
        child.wait()
        listener.join(1.0)
        for stream in (child.stdin, child.stdout):
            if stream:
                with suppress(BrokenPipeError):
                    stream.close()


def _tell(child: subprocess.Popen[bytes], message: bytes) -> None:
    """Hand over the jobs; stdin then stays open, since its end tells the child to end."""
    rest = memoryview(message)
    with suppress(BrokenPipeError):  # a dead child answers nothing, which is noticed below
        while rest and child.stdin:
            rest = rest[child.stdin.write(rest) :]


def _silence(limits: Limits) -> float:
    """Seconds after which a silent child is taken for stuck: robots, a page and its retry."""
    return 3 * limits.seconds + 2 * limits.delay + 30


def _answers(child: subprocess.Popen[bytes], silence: float) -> Iterator[tuple[int, Fetched]]:
    if not child.stdout:
        return
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while True:
            prefix = _read(child.stdout, frames.PREFIX.size, selector, silence)
            if len(prefix) < frames.PREFIX.size:
                return
            (length,) = frames.PREFIX.unpack(prefix)
            number, fetched, size = frames.read_header(
                bytes(_read(child.stdout, length, selector, silence))
            )
            body = _read(child.stdout, size, selector, silence)
            if len(body) < size:
                return
            yield number, replace(fetched, body=bytes(body))


def _read(
    stream: IO[bytes], size: int, selector: selectors.BaseSelector, silence: float
) -> bytearray:
    """`size` bytes, or fewer where the child ended or fell silent."""
    data = bytearray()
    while len(data) < size and selector.select(silence):
        chunk = os.read(stream.fileno(), min(_CHUNK, size - len(data)))
        if not chunk:
            break
        data += chunk
    return data


def _ending(child: subprocess.Popen[bytes]) -> str:
    try:
        code = child.wait(_GRACE)
    except subprocess.TimeoutExpired:
        return "the fetching process no longer answered"
    if code < 0:
        return f"the fetching process was ended by signal {-code}"
    return f"the fetching process ended with code {code} before it answered"


def _listen(stream: IO[bytes]) -> None:
    """The child's messages go to the log, the first of them; all are read, so it never blocks."""
    with stream:
        for count, line in enumerate(stream):
            if count < _LOGGED_LINES:
                text = line.decode("utf-8", "replace").rstrip()
                log.warning("fetching: %s", text[:_LOGGED_LENGTH])
