"""Recipients by CSV: someone to add, or a refused line with its reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import main
from app.folder import write_starter
from app.recipients import read_csv

HEAD = "name,address,language,structure\n"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("Ana,ana@a.example,fr,A", ""),
        ("Ana, ana@a.example ,fr,A", ""),
        (",ana@a.example,fr,A", "no name"),
        ("Ana,ana@a.example,it,A", "language 'it'"),
        ("Ana,ana.a.example,fr,A", "has no @"),
        ("Ana,a na@a.example,fr,A", "no valid name"),
        ("Ana,ana@a..example,fr,A", "no valid domain"),
        ("Ana,ana@a.example,fr", "no structure"),
        ("First,x@a.example,fr,A\nAgain,X@A.example,fr,A", "stands twice"),
    ],
)
def test_a_line_adds_someone_or_is_refused_with_its_reason(line: str, why: str) -> None:
    read = read_csv(HEAD + line, "nord", "interest", "test")
    assert [refused.why for refused in read.refused if why not in refused.why] == []
    assert bool(read.refused) == bool(why)


def test_semicolons_and_a_heading_in_another_order_are_read() -> None:
    read = read_csv("structure;language;address;name\nA;nl;b@a.example;Bo\n", "n", "i", "o")
    assert [(p.name, p.language, p.structure) for p in read.people] == [("Bo", "nl", "A")]


def test_a_heading_that_lacks_a_column_is_refused_whole() -> None:
    read = read_csv("name,mail\nAna,ana@a.example\n", "n", "i", "o")
    assert read.people == ()
    assert "address, language, structure" in read.refused[0].why


def test_import_list_and_remove_by_command(tmp_path: Path) -> None:
    write_starter(tmp_path)
    file = tmp_path / "people.csv"
    file.write_text(HEAD + "Ana,ana@a.example,fr,A\nBo,bo,nl,A\n", encoding="utf-8")

    def vigie(*arguments: str):
        command = ["--home", str(tmp_path), "digest", "recipients", *arguments]
        return CliRunner().invoke(main, command)

    dry = vigie("import", str(file), "--dry-run")
    assert (dry.exit_code, "line 3" in dry.stderr) == (1, True)
    assert vigie("list").output == ""
    vigie("import", str(file))
    vigie("import", str(file))
    assert vigie("list").output == "A: Ana <ana@a.example> fr, normandie\n"
    assert vigie("remove", "ana@a.example").exit_code == 0
    assert vigie("remove", "ana@a.example").exit_code == 1
    vigie("import", str(file))
    assert "(removed)" in vigie("list").output
