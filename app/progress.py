"""Progress for whoever watches: bars on a terminal, silence otherwise."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

Advance = Callable[[int], None]


class Progress(Protocol):
    """What a stage tells while it works."""

    def stage(self, label: str, total: int) -> AbstractContextManager[Advance]:
        """A stage of `total` steps; the value given advances it by so many."""


class Silent:
    """For scripts, tests and `--quiet`."""

    @contextmanager
    def stage(self, label: str, total: int) -> Iterator[Advance]:  # noqa: ARG002  # the protocol's
        yield lambda _steps: None


class Bars:
    """One rich bar a stage on standard error, gone when the stage is done."""

    @contextmanager
    def stage(self, label: str, total: int) -> Iterator[Advance]:
        from rich import progress as parts  # noqa: PLC0415  # scripts and tests need no rich
        from rich.console import Console  # noqa: PLC0415  # the same

        columns = (
            parts.TextColumn("{task.description:<22}"),
            parts.BarColumn(),
            parts.MofNCompleteColumn(),
            parts.TimeElapsedColumn(),
        )
        with parts.Progress(*columns, console=Console(stderr=True), transient=True) as bars:
            task = bars.add_task(label, total=total)
            yield lambda steps: bars.advance(task, steps)


def for_terminal(*, quiet: bool) -> Progress:
    """Bars where a person watches, silence where nobody does."""
    return Silent() if quiet or not sys.stderr.isatty() else Bars()
