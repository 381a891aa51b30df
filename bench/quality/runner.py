"""Parts, each in a process of its own: its memory is its own, and its end costs the others nothing.

A child sends its progress and, at last, its section through a pipe; one that dies without a word
gives a section that says so.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from app.progress import Advance, Progress
from bench.quality.files import Data
from bench.quality.inforce import InForce
from bench.quality.parts import BY_NAME
from bench.quality.section import Section, Sheet, timed
from vigie.errors import VigieError

_WHOLE = 100  # steps of one part's progress
_CONTEXT = multiprocessing.get_context("spawn")  # a fresh interpreter: nothing is inherited


@dataclass(frozen=True, slots=True)
class Running:
    """A part under way."""

    name: str
    process: BaseProcess
    pipe: Connection


def run(
    names: Sequence[str], root: Path, home: Path | None, jobs: int, progress: Progress
) -> list[Section]:
    """The sections of the parts, in the order of `names`; at most `jobs` processes at once."""
    waiting = list(names)
    running: list[Running] = []
    done: dict[str, Section] = {}
    steps = dict.fromkeys(names, 0)
    with progress.stage("Measuring (percent)", _WHOLE * len(names)) as advance:
        while waiting or running:
            while waiting and len(running) < jobs:
                running.append(_started(waiting.pop(0), root, home))
            ready = wait([one.pipe for one in running])
            for one in [one for one in running if one.pipe in ready]:
                heard = _heard(one)
                step = _WHOLE - steps[one.name] if isinstance(heard, Section) else heard
                steps[one.name] += step
                advance(step)
                if isinstance(heard, Section):
                    done[one.name] = heard
                    running.remove(one)
                    one.process.join()
    return [done[name] for name in names]


def _started(name: str, root: Path, home: Path | None) -> Running:
    ours, theirs = _CONTEXT.Pipe(duplex=False)
    process = _CONTEXT.Process(target=child, args=(name, root, home, theirs), name=name)
    process.start()
    theirs.close()
    return Running(name, process, ours)


def _heard(one: Running) -> Section | int:
    try:
        found: Section | int = one.pipe.recv()
    except EOFError:
        one.process.join()
        part = BY_NAME[one.name]
        code = one.process.exitcode
        return Section(part.name, part.title, failed=f"its process ended with {code}")
    return found


def child(name: str, root: Path, home: Path | None, pipe: Connection) -> None:
    """What a child does: one part, from its files to its section."""
    os.environ["TQDM_DISABLE"] = "1"  # a library's bars would run through ours
    section = measured(name, root, partial(InForce.of, home), _Piped(pipe))
    pipe.send(section)
    pipe.close()


def measured(
    name: str, root: Path, opened: Callable[[], InForce], progress: Progress | None = None
) -> Section:
    """One part in this process. A failure keeps the rows found so far, and is said."""
    part = BY_NAME[name]
    sheet = Sheet(part.name, part.title)
    if progress:
        sheet.progress = progress
    start, cpu = time.perf_counter(), time.process_time()
    failed = ""
    try:
        part.measure(Data(root), opened(), sheet)
    except VigieError as error:
        failed = str(error)
    except Exception as error:  # noqa: BLE001  # a bug of one part must not lose the others
        traceback.print_exc()
        failed = f"{type(error).__name__}: {str(error).strip() or 'no message'}"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    took = time.perf_counter() - start, time.process_time() - cpu
    return timed(sheet.section(failed), *took, peak)


class _Piped:
    """Progress of a child, told to its parent in hundredths of a part."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._told = 0

    @contextmanager
    def stage(self, label: str, total: int) -> Iterator[Advance]:  # noqa: ARG002  # the protocol's
        done = 0

        def advance(steps: int) -> None:
            nonlocal done
            done += steps
            share = min(_WHOLE - 1, _WHOLE * done // max(1, total))
            if share > self._told:
                self._pipe.send(share - self._told)
                self._told = share

        yield advance
