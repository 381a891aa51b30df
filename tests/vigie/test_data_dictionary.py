"""docs/archive.md names every table, view and column that the databases have, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from sqlite_utils import Database

from vigie.archive import connect

PAGE = Path(__file__).parents[2] / "docs" / "archive.md"


def described() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    name = ""
    for line in PAGE.read_text("utf-8").splitlines():
        if heading := re.fullmatch(r"### `?(\w+)`?", line):
            name = heading[1]
            found[name] = set()
        elif name and (row := re.match(r"\| `?(\w+)`? \|", line)):
            found[name].add(row[1])
    return {name: columns - {"column"} for name, columns in found.items()}


def existing(db: Database) -> dict[str, set[str]]:
    names = [name for name in db.table_names() + db.view_names() if name != "sqlite_sequence"]
    return {
        name: {row[0] for row in db.execute("SELECT name FROM pragma_table_info(?)", [name])}
        for name in names
    }


def test_the_dictionary_and_the_databases_agree(tmp_path: Path) -> None:
    archive = connect.open_archive(tmp_path / "archive.db")
    desk = connect.open_desk(tmp_path / "desk.db")
    real = existing(archive) | existing(desk)
    archive.close()
    desk.close()
    told = described()
    assert set(told) == set(real)
    for name, columns in real.items():
        assert told[name] == columns, name
