"""sources.toml, changed in place: comments, order and untouched spelling survive."""

from __future__ import annotations

import os
import tempfile
import tomllib
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias

import tomlkit
from pydantic import ValidationError
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Table

from vigie.errors import CuratingError
from vigie.model import SourceId
from vigie.schema import Source, SourcesFile

Value: TypeAlias = str | bool | date | tuple[str, ...] | Mapping[str, Any]  # the last: a table
# None takes a key away.
Changes: TypeAlias = Mapping[str, Value | None]

_ALWAYS = (
    "id",
    "title",
    "url",
    "rights",
    "reliability",
    "rhythm",
)  # written even where they are the default


def added(text: str, sources: Sequence[Source]) -> str:
    """The text with blocks for these sources at its end; what was there is not touched."""
    end = "\r\n" if "\r\n" in text else "\n"
    blocks = [_block(source).replace("\n", end) for source in sources]
    kept = text.rstrip()
    return end.join([*([kept, ""] if kept else []), end.join(blocks)]) if blocks else text


def changed(text: str, changes: Mapping[SourceId, Changes]) -> str:
    """The text with some keys of some sources changed. Raises CuratingError on an unknown id."""
    if not changes:
        return text
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        raise CuratingError(f"sources.toml: {error}") from error
    tables = document.get("source")
    if not isinstance(tables, AoT):
        raise CuratingError("sources.toml has no [[source]] block")
    by_id = {str(table.get("id")): table for table in tables}
    for source, keys in changes.items():
        if source not in by_id:
            raise CuratingError(
                f"sources.toml has no source {source!r}; `vigie sources` lists them"
            )
        for key, value in keys.items():
            _set(by_id[source], key, value)
    return tomlkit.dumps(document)


def rewrite(path: Path, change: Callable[[str], str]) -> None:
    """Change the file at once or not at all. Raises CuratingError where the outcome is unsound.

    The file is read afresh, so that what a person typed while a command was asking is kept.
    """
    try:
        before = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CuratingError(f"{path}: {error}") from error
    after = change(before)
    _examine(after, path)
    if after == before:
        return
    folder = path.resolve().parent  # a link to the file stays a link
    with tempfile.NamedTemporaryFile("wb", dir=folder, prefix=".sources-", delete=False) as file:
        try:
            file.write(after.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).chmod(path.stat().st_mode & 0o777)
            Path(file.name).replace(path.resolve())
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def _examine(text: str, path: Path) -> None:
    """Nothing is written that the next command would refuse to read."""
    try:
        SourcesFile.model_validate(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise CuratingError(f"{path} would not be readable with this change: {error}") from error


def _block(source: Source) -> str:
    said: dict[str, Any] = source.model_dump(mode="python", exclude_defaults=True)
    said |= {name: getattr(source, name) for name in _ALWAYS}
    table = tomlkit.table()
    for name in type(source).model_fields:  # in the order in which the model tells a source
        if name in said:
            table.append(name, _plain(said[name]))
    tables = tomlkit.aot()
    tables.append(table)
    document = tomlkit.document()
    document.append("source", tables)
    return tomlkit.dumps(document)


def _plain(value: Any) -> Any:
    """What TOML has for a value: str for the enumerations, lists for tuples, no None."""
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items() if part is not None}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(part) for part in value]
    return str(value) if isinstance(value, str) else value


def _set(table: Table, key: str, value: Value | None) -> None:
    if value is None:
        if key in table:
            table.remove(key)
    elif isinstance(value, Mapping):
        _set_table(table, key, value)
    elif key in table:
        if table[key] != _plain(value):
            table[key] = _plain(value)
    else:
        _append(table, key, value)


def _set_table(table: Table, key: str, value: Mapping[str, Any]) -> None:
    """Change a table within a source's block, key by key, so that its comments stay."""
    inner = table.get(key)
    if not isinstance(inner, Table):
        table.append(key, _plain(value))
        return
    for name in [name for name in inner if name not in value]:
        inner.remove(name)
    for name, part in value.items():
        if name not in inner or inner[name] != _plain(part):
            inner[name] = _plain(part)


def _append(table: Table, key: str, value: Value) -> None:
    """A new key stands right below the others: comments after these may be the next source's."""
    body = table.value.body
    tail = []
    while body and body[-1][0] is None:
        tail.append(body.pop())
    if body and not body[-1][1].trivia.trail:  # the file's very last line
        body[-1][1].trivia.trail = "\n"
    table.append(key, _plain(value))
    body.extend(reversed(tail))
