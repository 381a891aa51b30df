"""The one tree of Vigie's errors.

An expected failure of the outside world is a *value* (`Failure`, kept on the source or the
recipient); an exception of this tree says that a command cannot go on, and what to do about it.
Anything else that is raised is a bug and propagates.

    VigieError
    ├── SettingsError      config/*.toml, all problems at once
    ├── ArchiveError       a database that cannot be opened, or is of a later version
    │   └── NotFoundError       no article, story, issue or recipient of that name
    ├── CuratingError      a source that cannot be added or changed as asked
    ├── ModelError         a model that is missing, broken or of another version
    ├── PublishError       an issue that may not be published as it stands
    │   └── RebuildError        a published one that cannot be drawn again
    ├── MailingError       an issue that may not be sent yet, or mail that cannot leave
    └── BusyError          another Vigie process is at work on the same folder
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class VigieError(Exception):
    """Something a person can put right; the message says where it is and the way out."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a settings file."""

    file: str
    key: str
    found: str
    expected: str

    def __str__(self) -> str:
        where = f"{self.file}: {self.key}" if self.key else self.file
        return f"{where}: found {self.found}; expected {self.expected}"


class SettingsError(VigieError):
    """Every problem of every settings file, in the order of the files."""

    exit_code = 2

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        lines = "\n".join(f"  {problem}" for problem in self.problems)
        noun = "problem" if len(self.problems) == 1 else "problems"
        super().__init__(f"{len(self.problems)} {noun} in the settings:\n{lines}")


class ArchiveError(VigieError):
    """The archive or the desk cannot be used as it is."""


class NotFoundError(ArchiveError):
    """No row of that name."""


class CuratingError(VigieError):
    """A source that cannot be added or changed as asked; nothing was written."""


class ModelError(VigieError):
    """A model in force cannot be loaded; nothing else is used in its stead."""


class PublishError(VigieError):
    """An issue that may not be published; names each item and what it lacks."""

    what = "cannot be published"

    def __init__(self, issue: str, reasons: Sequence[str]) -> None:
        self.issue = issue
        self.reasons = tuple(reasons)
        lines = "\n".join(f"  {reason}" for reason in self.reasons)
        super().__init__(f"Issue {issue} {self.what}:\n{lines}")


class RebuildError(PublishError):
    """A published issue that cannot be drawn again; its frozen files are there as they were."""

    what = "cannot be made again"


class MailingError(VigieError):
    """An issue that may not be sent as things stand, or a letter that could not leave."""


class BusyError(VigieError):
    """Another process holds the lock on this folder."""
