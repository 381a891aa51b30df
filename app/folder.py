"""A folder of Vigie: its settings, its two databases and its lock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from vigie import settings as settings_module
from vigie.archive import connect, declared, readings
from vigie.errors import BusyError, Problem, SettingsError
from vigie.model import SourceId
from vigie.schema import Source
from vigie.settings import ALERTS, FILES, Settings

if TYPE_CHECKING:  # loaded by vigie.archive, in its own way
    from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class Folder:
    """Where one Vigie lives. Nothing is opened until it is asked for."""

    settings: Settings

    @classmethod
    def at(cls, home: Path) -> Folder:
        """Raises SettingsError with every problem."""
        return cls(settings_module.load(home))

    @contextmanager
    def archive(self, now: datetime) -> Iterator[Database]:
        """The archive for writing, with the declared sources, themes and names brought in."""
        db = connect.open_archive(self.settings.paths.archive)
        try:
            declared.declare(db, self.settings.sources, now)
            self.keep_private(self.settings.sources)
            readings.declare_taxonomy(db, self.settings.themes, self.settings.gazetteer)
            yield db
        finally:
            db.close()

    def keep_private(self, sources: Iterable[Source]) -> None:
        """Note at the desk what these sources say that the archive must not hold."""
        said = list(sources)
        if self.settings.paths.desk.exists() or any(one.mailbox or one.auth_env for one in said):
            with self.desk() as desk:
                declared.keep_private(desk, said)

    def private(self) -> dict[SourceId, str]:
        """What the desk alone knows of sources' declarations."""
        if not self.settings.paths.desk.exists():
            return {}
        with self.desk() as desk:
            return declared.private(desk)

    @contextmanager
    def reading(self) -> Iterator[Database]:
        """The archive for reading only. Raises ArchiveError when there is none yet."""
        db = connect.read(self.settings.paths.archive)
        try:
            yield db
        finally:
            db.close()

    @contextmanager
    def desk(self) -> Iterator[Database]:
        db = connect.open_desk(self.settings.paths.desk)
        try:
            yield db
        finally:
            db.close()

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Held while collecting, reading or sending: one of these at a time in one folder.

        The system drops it with the process, so a kill leaves nothing behind. Raises BusyError.
        """
        path = self.settings.paths.archive.with_name(".vigie.lock")
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path)
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise BusyError(
                f"another Vigie is at work in {self.settings.home}; wait for it, or stop it"
            ) from error
        try:
            yield
        finally:
            lock.release()


def starter(name: str) -> str:
    """The text of one starter file: those of config/, also in the wheel."""
    return resources.files("vigie").joinpath("starter", name).read_text("utf-8")


def write_starter(home: Path) -> list[Path]:
    """Write the starter settings that `home`/config lacks; what is there is never overwritten.

    Gives the files written. Raises SettingsError when all of them are there already.
    """
    paths = [home / "config" / name for name in (*FILES, ALERTS)]
    missing = [path for path in paths if not path.exists()]
    if not missing:
        raise SettingsError(
            [Problem(str(home / "config"), "", "all five files", "a folder that lacks some")]
        )
    (home / "config").mkdir(parents=True, exist_ok=True)
    for path in missing:
        path.write_text(starter(path.name), encoding="utf-8")
    return missing


def clock() -> datetime:
    """The one place where the roof asks what time it is."""
    return datetime.now(UTC)
