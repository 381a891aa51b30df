"""One file of a folder, read in a process of its own: a file that is too much costs itself alone.

A worker has one limit of seconds and memory for a whole poll. Within it, each file is read by a
copy of the worker (fork), which has seconds of its own and the memory that the worker has left.
"""

from __future__ import annotations

import ctypes
import logging
import os
import pickle
import resource
import select
import signal
import sys
import time
import warnings
from collections.abc import Callable
from typing import NoReturn, TypeVar, cast

log = logging.getLogger("vigie.collectors")

_CHUNK = 1 << 20
_OUT_OF_MEMORY = 77  # exit codes of a copy, of our choosing
_BROKEN = 78
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG, prctl(2)

T = TypeVar("T")


class TooMuchError(Exception):
    """Reading went beyond its limits, or broke; the message says so in words."""


def read(work: Callable[[], T], seconds: float) -> T:
    """What `work` gives, computed apart; it must be picklable. Raises TooMuchError."""
    ours, theirs = os.pipe()
    with warnings.catch_warnings():
        # A worker's other thread only waits for the parent's end: it holds no lock at the fork.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if not child:
        _compute(work, theirs, seconds)
    os.close(theirs)
    try:
        data = _received(ours, time.monotonic() + seconds)
        if data is None:
            os.kill(child, signal.SIGKILL)
    finally:
        os.close(ours)
        _, status = os.waitpid(child, 0)
    if data is None or -os.waitstatus_to_exitcode(status) in (signal.SIGXCPU, signal.SIGKILL):
        raise TooMuchError(f"reading took more than {seconds:g} s")
    match os.waitstatus_to_exitcode(status):
        case 0:
            return cast("T", pickle.loads(data))  # noqa: S301  from our own copy
        case code if code == _OUT_OF_MEMORY:
            raise TooMuchError("reading needed more memory than a file may have")
        case code if code == _BROKEN:
            raise TooMuchError(f"reading stopped: {data.decode('utf-8', 'replace')}"[:300])
        case code:
            raise TooMuchError(f"reading broke the process (exit code {code})")


def _compute(work: Callable[[], object], pipe: int, seconds: float) -> NoReturn:
    """The copy's whole life: it never returns to what the worker was about."""
    code = _BROKEN
    try:
        # Should the worker be killed meanwhile, the system ends its copy by these.
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
        resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 1))
        try:
            data, code = pickle.dumps(work()), 0
        except MemoryError:
            data, code = b"", _OUT_OF_MEMORY
        except Exception as error:  # the file's fault, shown on its source
            log.exception("reading a file")
            data = f"{type(error).__name__}: {error}".encode()
        view = memoryview(data)
        while view:
            view = view[os.write(pipe, view) :]
    finally:
        os._exit(code)


def _received(pipe: int, end: float) -> bytes | None:
    """All that the copy says; None where it has not ended in time."""
    data = bytearray()
    while (left := end - time.monotonic()) > 0:
        if select.select([pipe], [], [], left)[0]:
            part = os.read(pipe, _CHUNK)
            if not part:
                return bytes(data)
            data += part
    return None
