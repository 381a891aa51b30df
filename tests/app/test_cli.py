"""The command line: quick, documented, and clear about what went wrong."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from folders import without_names

from app.cli import COMMANDS, main
from app.folder import Folder, write_starter

ROOT = Path(__file__).parents[2]
HEAVY = ("torch", "spacy", "sklearn", "scrapy", "datasette", "sqlite_utils", "pydantic", "rich")


def commands() -> Iterator[tuple[str, click.Command]]:
    context = click.Context(main)
    for name in COMMANDS:
        command = main.get_command(context, name)
        assert command is not None
        yield from under(name, command)


def under(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        for word, sub in command.commands.items():
            yield from under(f"{name} {word}", sub)


def vigie(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom app.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit as end:\n    assert end.code == 0\n"
        f"print('LOADED', [name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "LOADED []" in done.stdout


@pytest.mark.parametrize(("name", "command"), list(commands()))
def test_every_command_says_what_it_does_with_an_example(name: str, command: click.Command) -> None:
    assert command.help or name in COMMANDS
    assert (command.epilog or "").startswith("Example: vigie "), name
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.name != "limit":
            assert parameter.help, f"{name} {parameter.name}"


@pytest.mark.parametrize("name", [name for name, _ in commands()])
def test_every_command_is_in_the_guides(name: str) -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    text = "\n".join(page.read_text("utf-8") for page in pages)
    # With or without --home FOLDER before the command.
    assert re.search(rf"vigie( --home \S+)? {name}\b", text)


def test_settings_errors_come_together_with_exit_2_and_nothing_written(tmp_path: Path) -> None:
    write_starter(tmp_path)
    config = tmp_path / "config"
    (config / "vigie.toml").write_text((config / "vigie.toml").read_text() + "\nunknown = 1\n")
    (config / "sources.toml").write_text("[[source]]\nid = 3\n")
    result = vigie("--home", str(tmp_path), "run")
    assert result.exit_code == 2
    assert "unknown" in result.stderr
    assert "sources.toml: source.0.id" in result.stderr
    assert "sources.toml: source.0.url" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["config"]


def test_a_folder_without_settings_says_the_way_out(tmp_path: Path) -> None:
    result = vigie("--home", str(tmp_path), "search", "x")
    assert result.exit_code == 2
    assert "vigie init" in result.stderr


def test_init_then_search_says_that_there_is_no_archive_yet(tmp_path: Path) -> None:
    home = tmp_path / "new"
    assert vigie("init", str(home)).exit_code == 0
    result = vigie("--home", str(home), "search", "x")
    assert result.exit_code == 1
    assert "vigie run" in result.stderr
    assert vigie("init", str(home)).exit_code == 2
    (home / "config" / "themes.toml").unlink()
    assert vigie("init", str(home)).exit_code == 0


def test_an_address_is_no_handle(tmp_path: Path) -> None:
    result = vigie("--home", str(tmp_path), "keep", "a-x", "--who", "me@x.example")
    assert result.exit_code == 2
    assert "handle" in result.stderr


def test_a_wrong_date_is_a_usage_error(tmp_path: Path) -> None:
    result = vigie("--home", str(tmp_path), "search", "x", "--since", "soon")
    assert result.exit_code == 2
    assert "2026-01" in result.stderr


def test_doctor_names_what_is_wrong_and_fails(tmp_path: Path) -> None:
    write_starter(tmp_path)
    without_names(tmp_path)
    good = vigie("--home", str(tmp_path), "doctor")
    assert good.exit_code == 0, good.output
    assert "model for vectors" in good.output
    path = tmp_path / "config" / "vigie.toml"
    path.write_text(path.read_text().replace('vectors = "vigie"', 'vectors = "./no/such-model"'))
    bad = vigie("--home", str(tmp_path), "doctor")
    assert bad.exit_code == 1
    assert "no/such-model" in bad.output


def test_a_broken_archive_is_named_by_doctor(tmp_path: Path) -> None:
    write_starter(tmp_path)
    without_names(tmp_path)
    (tmp_path / "data").mkdir()
    path = tmp_path / "data" / "archive.db"
    path.write_bytes(b"this is no database" * 99)
    result = vigie("--home", str(tmp_path), "doctor")
    assert result.exit_code == 1
    assert "archive.db" in result.output


def test_a_damaged_archive_is_told_and_not_a_traceback(tmp_path: Path) -> None:
    write_starter(tmp_path)
    without_names(tmp_path)
    assert vigie("--home", str(tmp_path), "enrich").exit_code == 0
    with Folder.at(tmp_path).desk():
        pass
    path = tmp_path / "data" / "archive.db"
    content = bytearray(path.read_bytes())
    content[8192:40_000] = b"\x55" * (40_000 - 8192)
    path.write_bytes(content)
    for command in (("archive", "check"), ("doctor",)):
        result = vigie("--home", str(tmp_path), *command)
        assert result.exit_code == 1
        assert isinstance(result.exception, SystemExit), command
        assert "archive.db" in result.output


def test_archive_schema_is_the_whole_ddl() -> None:
    result = vigie("archive", "schema")
    assert result.exit_code == 0
    assert "CREATE TABLE sources" in result.output
    assert "CREATE TABLE recipients" in vigie("archive", "schema", "--desk").output


def test_two_at_work_in_one_folder_do_not_meet(tmp_path: Path) -> None:
    from filelock import FileLock  # noqa: PLC0415  # only this test takes the lock by hand

    write_starter(tmp_path)
    (tmp_path / "data").mkdir()
    with FileLock(tmp_path / "data" / ".vigie.lock"):
        result = vigie("--home", str(tmp_path), "enrich")
    assert result.exit_code == 1
    assert "another Vigie is at work" in result.stderr


def test_json_is_json_even_when_nothing_is_found(tmp_path: Path) -> None:
    write_starter(tmp_path)
    without_names(tmp_path)
    assert vigie("--home", str(tmp_path), "enrich").exit_code == 0
    result = vigie("--home", str(tmp_path), "search", "rien", "--json")
    assert json.loads(result.stdout) == []
