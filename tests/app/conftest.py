"""What makes tests of the whole pipeline quick: nothing is imported twice.

Reading in processes of their own, and starting the fetching one, have tests among the collectors'.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Self

import pytest

from app.curating import look
from app.pipeline import collect
from collectors import fetch, kinds, pages
from vigie.model import Fetched, Page, ParsedFeed, PollState, SourceId
from vigie.schema import Source

ROOT = Path(__file__).parents[2]


class Here:
    """`collectors.workers.Workers`, in this very process."""

    def __init__(self, *_limits: object) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def parsed(
        self, stream: Iterable[Fetched], sources: Mapping[SourceId, Source]
    ) -> Iterator[tuple[Fetched, ParsedFeed]]:
        for fetched in stream:
            if fetched.failure or fetched.not_modified:
                yield fetched, ParsedFeed(failure=fetched.failure)
            else:
                source = sources[fetched.key]
                yield fetched, kinds.parser(source.kind)(fetched, source)

    def gathered(
        self,
        states: Iterable[tuple[Source, PollState]],
        now: datetime,
        *,
        preview: bool = False,
    ) -> Iterator[tuple[Fetched, ParsedFeed]]:
        for source, state in states:
            found = kinds.gatherer(source.kind, preview=preview)(source, state, now)
            yield found.fetched, found.parsed

    def extracted(
        self, stream: Iterable[Fetched], sources: Mapping[str, Source | None] | None = None
    ) -> Iterator[tuple[Fetched, Page]]:
        for fetched in stream:
            source = (sources or {}).get(fetched.key)
            failed = Page(failure=fetched.failure)
            rules = source.article if source else None
            yield fetched, failed if fetched.failure else pages.extract(fetched, rules)


class Forked:
    """A fetching child of the zygote's, as far as `collectors.fetch` knows a Popen."""

    def __init__(self, address: Path) -> None:
        self._talk = socket.socket(socket.AF_UNIX)
        self._talk.connect(str(address))
        pairs = [os.pipe() for _ in range(3)]  # read end, write end
        (given_in, to_child), (from_child, given_out), (errors, given_err) = pairs
        given = [given_in, given_out, given_err]
        socket.send_fds(self._talk, [b"x"], given)
        for file in given:
            os.close(file)
        self.stdin = os.fdopen(to_child, "wb", buffering=0)
        self.stdout = os.fdopen(from_child, "rb", buffering=0)
        self.stderr = os.fdopen(errors, "rb", buffering=0)
        self._told = self._talk.makefile("r")
        self._process = int(self._told.readline())
        self._code: int | None = None

    def kill(self) -> None:
        if self._code is None:
            with suppress(ProcessLookupError):
                os.kill(self._process, signal.SIGKILL)

    def wait(self, _seconds: float | None = None) -> int:
        if self._code is None:
            self._code = int(self._told.readline())
            self._told.close()
            self._talk.close()
        return self._code


@pytest.fixture(scope="session")
def zygote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    address = tmp_path_factory.mktemp("zygote") / "socket"
    script = Path(__file__).with_name("zygote.py")
    search = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    with subprocess.Popen(
        [sys.executable, str(script), str(address)], env={**os.environ, "PYTHONPATH": search}
    ) as process:
        while not address.exists():
            assert process.poll() is None
            time.sleep(0.02)
        yield address
        process.terminate()


@pytest.fixture
def quick(zygote: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fetch by forked children and read in this process."""

    @contextmanager
    def child() -> Iterator[Forked]:
        forked = Forked(zygote)
        listener = fetch.threading.Thread(target=fetch._listen, args=(forked.stderr,), daemon=True)
        listener.start()
        try:
            yield forked
        finally:
            forked.kill()
            forked.wait()
            listener.join(1.0)
            for stream in (forked.stdin, forked.stdout):
                with suppress(BrokenPipeError):
                    stream.close()

    monkeypatch.setattr(fetch, "_child", child)
    monkeypatch.setattr(look, "Workers", Here)
    monkeypatch.setattr(collect, "Workers", Here)
