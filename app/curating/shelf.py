"""The folder as curating sees it: settings, what is in use, and the file that is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.curating import drift, entries, tomlfile
from app.curating.drift import Difference, Settlement, Side
from app.curating.entries import Entry, Refusal, Taken
from app.folder import Folder
from vigie import settings as settings_module
from vigie.archive import connect, declared
from vigie.archive.declared import Recorded
from vigie.errors import CuratingError
from vigie.model import SourceId
from vigie.schema import Source
from vigie.settings import Settings


@dataclass(frozen=True, slots=True)
class Shelf:
    """The sources of one folder, in the file and in the archive. Opens nothing until asked."""

    settings: Settings

    @classmethod
    def at(cls, home: Path) -> Shelf:
        """Raises SettingsError with every problem."""
        return cls(Folder.at(home).settings)

    @property
    def _folder(self) -> Folder:
        return Folder(self.settings)

    @property
    def path(self) -> Path:
        return self.settings.home / "config" / "sources.toml"

    def source(self, source_id: SourceId) -> Source:
        """Raises CuratingError where the file has none of that id."""
        for source in self.settings.sources:
            if source.id == source_id:
                return source
        if any(row.id == source_id for row in self.recorded()):
            raise CuratingError(
                f"{source_id!r} is in the archive, but not in sources.toml; "
                f"`vigie sources settle --from archive {source_id}` writes it there"
            )
        raise CuratingError(f"no source {source_id!r}; `vigie sources` lists them")

    def recorded(self) -> list[Recorded]:
        """What the archive has; nothing where there is no archive yet."""
        path = self.settings.paths.archive
        if not path.exists():
            return []
        known = self._folder.private()
        with closing(connect.read(path)) as db:
            return declared.recorded(db, known)

    def taken(self) -> Taken:
        """Ids and addresses in use, those of the archive's former sources included."""
        mine = [(source.id, source.url) for source in self.settings.sources]
        ids = {source.id for source in self.settings.sources}
        urls = {entries.same(source.url) for source in self.settings.sources}
        taken = Taken(mine)
        for row in self.recorded():
            if row.id not in ids and entries.same(row.declared.url) not in urls:
                if row.declared.active:
                    taken.add(row.id, row.declared.url)
                else:
                    taken.reserve(row.id, row.declared.url)
        return taken

    def sorted_out(
        self, listed: Iterable[Entry], taken: Taken
    ) -> tuple[list[Source], list[Refusal]]:
        """Which lines of a list make sources, and why the others make none."""
        labels = [(theme.id, tuple(theme.labels.values())) for theme in self.settings.themes]
        names = entries.theme_names(labels)
        editions = [edition.id for edition in self.settings.editions]
        made: list[Source] = []
        refused: list[Refusal] = []
        for entry in listed:
            outcome = entries.to_source(entry, taken, names, editions)
            if isinstance(outcome, Refusal):
                refused.append(outcome)
            else:
                taken.add(outcome.id, outcome.url)
                made.append(outcome)
        return made, refused

    def known(self, themes: Sequence[str], editions: Sequence[str]) -> None:
        """Raises CuratingError, naming what there is, on a theme or edition that is not."""
        self._known("theme", themes, [theme.id for theme in self.settings.themes])
        self._known("edition", editions, [edition.id for edition in self.settings.editions])

    @staticmethod
    def _known(noun: str, asked: Sequence[str], there: Sequence[str]) -> None:
        unknown = [name for name in asked if name not in there]
        if unknown:
            raise CuratingError(f"no {noun} {unknown[0]!r}; there are {', '.join(there)}")

    def add(self, made: Sequence[Source], now: datetime) -> None:
        """Write new blocks at the file's end, and tell the archive where there is one."""
        self._write(lambda text: tomlfile.added(text, made), now)

    def change(self, source: SourceId, keys: tomlfile.Changes, now: datetime) -> None:
        """Change keys of one source's block, and tell the archive where there is one."""
        self.source(source)
        self._write(lambda text: tomlfile.changed(text, {source: keys}), now)

    def _write(self, change: Callable[[str], str], now: datetime) -> None:
        tomlfile.rewrite(self.path, change)
        if self.settings.paths.archive.exists():
            written = settings_module.load(self.settings.home).sources
            with closing(connect.open_archive(self.settings.paths.archive)) as db:
                declared.declare(db, written, now)
            self._folder.keep_private(written)

    def differences(self) -> list[Difference]:
        return drift.differences(self.settings.sources, self.recorded())

    def settle(self, chosen: Sequence[SourceId], side: Side, now: datetime) -> Settlement:
        """Make file and archive say the same of the `chosen` sources."""
        what = drift.settled(self.settings.sources, self.recorded(), chosen, side)
        if what.touches_file:
            tomlfile.rewrite(
                self.path,
                lambda text: tomlfile.added(tomlfile.changed(text, what.change), what.add),
            )
        named = {source.id for source in (*what.declare, *what.add)} | set(what.change)
        written = settings_module.load(self.settings.home).sources
        settled = [source for source in written if source.id in named]
        with closing(connect.open_archive(self.settings.paths.archive)) as db:
            declared.bring_in(db, settled, now)
            for source_id in what.retire:
                declared.retire(db, source_id, now)
            for source_id in what.stay:
                declared.stay(db, source_id, now)
        self._folder.keep_private(settled)
        return what
