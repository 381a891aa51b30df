"""Every connection to archive.db and desk.db is opened here, and here alone.

Writers get WAL, foreign keys, a busy timeout and all migrations; readers a connection that cannot
write. A transaction takes the write lock at once (BEGIN IMMEDIATE), so that two of them wait for
each other instead of failing half way.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from sqlite_utils import Database, Migrations

from vigie.errors import ArchiveError

BUSY_SECONDS = 15.0
_CACHE_KIB = 16_384  # of pages kept in memory; SQLite's 2 MiB make the first polls read them anew
_CHECKPOINT_PAGES = 4_000  # 16 MB of log before it is written back; SQLite's default is 1,000

# Append-only: a new entry at the end, with a new file; what has been released never changes.
ARCHIVE = (
    "archive_0001",
    "archive_0002",
    "archive_0003",
    "archive_0004",
    "archive_0005",
    "archive_0007",
    "archive_0008",
    "archive_0009",
    "archive_0010",
)
DESK = ("desk_0001", "desk_0002", "desk_0006", "desk_0009", "desk_0010", "desk_0011")


def open_archive(path: Path) -> Database:
    """Open archive.db for writing; create and migrate it as needed. Raises ArchiveError."""
    return _open(path, "archive", ARCHIVE, "NORMAL")


def open_desk(path: Path) -> Database:
    """Open desk.db for writing; create and migrate it as needed. Raises ArchiveError."""
    # FULL: a ledger row marked before DATA must outlive a power cut, or the mail goes twice.
    db = _open(path, "desk", DESK, "FULL")
    db.execute("PRAGMA secure_delete = ON")  # what is erased is not left in free pages
    path.chmod(0o600)  # people's addresses: the owner's alone
    return db


def read(path: Path) -> Database:
    """Open either file for reading only. Raises ArchiveError when it is not there.

    One that an earlier Vigie wrote, and that may be written to, is brought up to date first.
    """
    if not path.exists():
        raise ArchiveError(f"{path}: there is no archive yet; `vigie run` makes one")
    db = _reader(path)
    for name, steps in (("archive", ARCHIVE), ("desk", DESK)):
        if _is_earlier(db, name, steps) and os.access(path, os.W_OK):
            db.close()
            (open_archive if name == "archive" else open_desk)(path).close()
            return _reader(path)
    return db


def _is_earlier(db: Database, name: str, steps: tuple[str, ...]) -> bool:
    try:
        applied = {applied.name for applied in Migrations(name).applied(db)}
    except sqlite3.DatabaseError:
        return False  # damaged: whoever reads on, or checks, says so
    return bool(applied and set(steps) - applied)


def _reader(path: Path) -> Database:
    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS
        )
        connection.execute("PRAGMA query_only = ON")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error as error:
        raise _unusable(path, error) from error
    return _wrapped(connection)


@contextmanager
def transaction(db: Database) -> Iterator[None]:
    """All or nothing, with the write lock from the start."""
    db.conn.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        db.conn.execute("ROLLBACK")
        raise
    db.conn.execute("COMMIT")


def schema(name: str = "archive") -> str:
    """The complete commented DDL of `archive` or `desk`, in the order in which it was written."""
    return "\n".join(_ddl(step) for step in {"archive": ARCHIVE, "desk": DESK}[name])


def check(db: Database) -> list[str]:
    """What SQLite finds wrong with the file; empty when it is sound."""
    try:
        found = [row[0] for row in db.execute("PRAGMA integrity_check(20)") if row[0] != "ok"]
        orphans = db.execute("PRAGMA foreign_key_check").fetchall()
    except sqlite3.DatabaseError as error:
        return [f"damaged: {error}; put a backup in its place"]
    return found + [
        f"{table}: row {row} points to no {parent}" for table, row, parent, _ in orphans
    ]


def _open(path: Path, name: str, steps: tuple[str, ...], synchronous: str) -> Database:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
        db = _wrapped(connection)
        _migrate(db, path, name, steps)
    except (sqlite3.Error, OSError) as error:
        raise _unusable(path, error) from error
    return db


def _wrapped(connection: sqlite3.Connection) -> Database:
    return Database(connection, recursive_triggers=False, execute_plugins=False)


def _migrate(db: Database, path: Path, name: str, steps: tuple[str, ...]) -> None:
    migrations = Migrations(name)
    for step in steps:
        migrations(name=step)(_runner(step))
    later = {applied.name for applied in migrations.applied(db)} - set(steps)
    if later:
        raise ArchiveError(
            f"{path}: written by a later Vigie ({', '.join(sorted(later))}); upgrade to open it"
        )
    if migrations.pending(db):
        migrations.apply(db)


def _runner(step: str) -> Callable[[Database], None]:
    sql = _ddl(step)

    def run(db: Database, /) -> None:
        for statement in _statements(sql):
            db.conn.execute(statement)

    return run


def _ddl(step: str) -> str:
    return resources.files("vigie.archive").joinpath(f"ddl/{step}.sql").read_text("utf-8")


def _statements(sql: str) -> Iterator[str]:
    """One statement at a time: executescript() would commit the transaction around it."""
    held = ""
    for line in sql.splitlines(keepends=True):
        held += line
        if sqlite3.complete_statement(held):
            yield held
            held = ""


def _unusable(path: Path, error: Exception) -> ArchiveError:
    return ArchiveError(
        f"{path}: cannot be opened ({error}); `vigie doctor` checks it, a backup replaces it"
    )
