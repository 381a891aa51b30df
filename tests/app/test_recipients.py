"""Recipients by CSV: someone to add, or a refused line with its reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from folders import without_names

from app.cli import main
from app.folder import Folder, clock, write_starter
from app.recipients import Defaults, read_csv
from vigie.archive import people
from vigie.model import Tlp

HEAD = "name,address,language,structure\n"
DEFAULTS = Defaults(
    edition="nord",
    basis="legitimate interest",
    origin="test",
    editions=frozenset({"nord", "sud"}),
    themes=frozenset({"cyber", "energy"}),
)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("Ana,ana@a.example,fr,A", ""),
        ("Ana, ana@a.example ,fr,A", ""),
        ("Ana,zoé@a.example,fr,A", ""),
        ('"Ana, de",ana@a.example,fr,A', ""),
        (",ana@a.example,fr,A", "line 2, name: found nothing; expected a value"),
        ("Ana,ana@a.example,it,A", "line 2, language: found 'it'; expected one of fr, nl, de, en"),
        ("Ana,ana.a.example,fr,A", "line 2, address: found 'ana.a.example'"),
        ("Ana,a na@a.example,fr,A", "line 2, address"),
        ("Ana,ana@a..example,fr,A", "line 2, address"),
        ("Ana,ana@a.example,fr", "line 2: found 3 fields; expected 4"),
        ("Ana,ana@a.example,fr,A,B", "line 2: found 5 fields; expected 4"),
        ('"Ana\r\nBcc: x@y.example",ana@a.example,fr,A', "line 2, name: found 'Ana\\r\\nBcc"),
        ('Ana,ana@a.example,fr,"A\nB"', "line 2, structure"),
        ("Ana\u2028X,ana@a.example,fr,A", "line 2, name"),
        ("ana@b.example,ana@a.example,fr,A", "line 2, name: found 'ana@b.example'"),
        ("A" * 201 + ",ana@a.example,fr,A", "line 2, name: found 201 characters"),
        ("Ana,ana@a.example,fr,A\n\nBo,ANA@A.example,fr,A", "line 4, address: found ANA@a.example"),
        ('Ana,"ana@a.example,fr,A', "expected CSV with its quotes in pairs"),
    ],
)
def test_a_line_adds_someone_or_is_refused_by_field(line: str, why: str) -> None:
    read = read_csv(HEAD + line, DEFAULTS)
    assert [str(one) for one in read.refused if why not in str(one)] == []
    assert bool(read.refused) == bool(why)


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        ("themes", "cyber", ""),
        ("themes", "cyber|energy", ""),
        ("themes", "*", ""),
        ("themes", "ports", "found 'ports'; expected one of cyber, energy"),
        ("editions", "nord sud", ""),
        ("editions", "est", "found 'est'; expected one of nord, sud"),
        ("clearance", "amber+strict", ""),
        ("clearance", "secret", "found 'TLP:SECRET'; expected one of TLP:CLEAR"),
        ("basis", "consentement du 3 mai", ""),
        ("basis", "mission d’intérêt public", ""),
        ("basis", "because", "found 'because'; expected to begin with one of consent"),
        ("format", "pdf", "found 'pdf'; expected one of html, text"),
        ("contact", "a@b.example", ""),
        ("contact", "a b@b.example", "contact: found"),
    ],
)
def test_further_columns_are_checked(column: str, value: str, why: str) -> None:
    text = f"name,address,language,structure,{column}\nAna,ana@a.example,fr,A,{value}\n"
    read = read_csv(text, DEFAULTS)
    assert bool(read.refused) == bool(why)
    assert all(why in str(one) for one in read.refused)


def test_what_a_line_says_is_what_is_added() -> None:
    text = (
        "\ufeffstructure;language;address;name;themes;clearance;basis;editions\n"
        "A;nl;b@pôle.example;Bo;energy, cyber;green;consent;sud\n"
    ).removeprefix("\ufeff")
    (listed,) = read_csv(text, DEFAULTS).people
    person = listed.person
    assert (listed.line, person.address, person.themes) == (
        2,
        "b@xn--ple-kna.example",
        ("energy", "cyber"),
    )
    assert (person.clearance, person.editions, person.awaited) == (Tlp.GREEN, ("sud",), True)


@pytest.mark.parametrize(
    ("heading", "why"),
    [
        ("name,mail", "address, language, structure too"),
        (HEAD.strip() + ",telephone", "'telephone'"),
        (HEAD.strip() + ",name", "name twice"),
        ("", "address, language, structure too"),
    ],
)
def test_a_wrong_heading_is_refused_whole(heading: str, why: str) -> None:
    read = read_csv(heading + "\nAna,ana@a.example\n", DEFAULTS)
    assert read.people == ()
    assert why in str(read.refused[0])


@pytest.fixture
def vigie(tmp_path: Path) -> Callable[..., Result]:
    write_starter(tmp_path)
    (tmp_path / "config" / "sources.toml").write_text("", encoding="utf-8")
    without_names(tmp_path)

    def call(*arguments: str) -> Result:
        command = ["--home", str(tmp_path), "digest", "recipients", *arguments]
        return CliRunner().invoke(main, command)

    return call


def test_import_list_and_remove_by_command(tmp_path: Path, vigie: Callable[..., Result]) -> None:
    file = tmp_path / "people.csv"
    file.write_text(HEAD + "Ana,ana@a.example,fr,A\nBo,bo,nl,A\n", encoding="utf-8")
    dry = vigie("import", str(file), "--dry-run")
    assert (dry.exit_code, "line 3, address" in dry.stderr) == (1, True)
    assert "1 would be added, 0 there already, 0 have left, 1 lines refused" in dry.output
    assert vigie("list").output == ""
    vigie("import", str(file))
    again = vigie("import", str(file))
    assert "line 2, address: ana@a.example on the list already" in again.stderr
    assert vigie("list").output == "A: Ana <ana@a.example> fr, normandie\n"
    assert vigie("remove", "ana@a.example").exit_code == 0
    assert vigie("remove", "ana@a.example").exit_code == 1
    for dry_run in (["--dry-run"], []):
        back = vigie("import", str(file), *dry_run)
        assert "line 2, address: ana@a.example has left" in back.stderr
    assert vigie("list").output == "1 left\n"
    desk = (tmp_path / "data" / "desk.db").read_bytes()
    wal = tmp_path / "data" / "desk.db-wal"
    assert b"ana@a.example" not in desk + (wal.read_bytes() if wal.exists() else b"")


def test_what_is_kept_is_exported_whole_and_erased_but_for_a_hash(
    tmp_path: Path, vigie: Callable[..., Result]
) -> None:
    file = tmp_path / "people.csv"
    file.write_text(
        "name,address,language,structure,contact\nAna,ana@a.example,fr,A,ana@a.example\n",
        encoding="utf-8",
    )
    vigie("import", str(file))
    kept = json.loads(vigie("export", "ANA@a.example").output)
    assert set(kept["tables"]) == {"partners", "recipients", "subscriptions"}
    assert vigie("erase", "ana@a.example", "--yes").exit_code == 0
    left = json.loads(vigie("export", "ana@a.example").output)
    assert set(left["tables"]) == {"departures"}
    assert vigie("import", str(file)).output.startswith("line 2, address: ana@a.example has left")
    assert vigie("export", "nobody@a.example").exit_code == 1
    assert vigie("erase", "nobody@a.example", "--yes").exit_code == 1


def test_a_recipient_is_changed_by_command(tmp_path: Path, vigie: Callable[..., Result]) -> None:
    file = tmp_path / "people.csv"
    file.write_text(HEAD + "Ana,ana@a.example,fr,A\n", encoding="utf-8")
    vigie("import", str(file))
    wrong = vigie("change", "ana@a.example", "--themes", "none-such")
    assert (wrong.exit_code, "none-such is not one of" in wrong.output) == (1, True)
    vigie("change", "ana@a.example", "--themes", "cyber,energy", "--clearance", "TLP:GREEN")
    assert vigie("list").output == (
        "A: Ana <ana@a.example> fr, normandie (cyber, energy), TLP:GREEN\n"
    )
    vigie("change", "ana@a.example", "--themes", "*", "--language", "nl")
    assert vigie("list").output == "A: Ana <ana@a.example> nl, normandie, TLP:GREEN\n"


def test_an_edition_that_was_left_is_told_and_not_given_again(
    tmp_path: Path, vigie: Callable[..., Result]
) -> None:
    file = tmp_path / "people.csv"
    heading = HEAD.strip() + ",editions\n"
    file.write_text(heading + "Ana,ana@a.example,fr,A,normandie belgique\n", encoding="utf-8")
    vigie("import", str(file))
    with Folder.at(tmp_path).desk() as desk:
        people.leave(desk, people.recipient(desk, "ana@a.example").id, "belgique", clock())
    again = vigie("import", str(file))
    assert "line 2, editions: ana@a.example has left belgique" in again.stderr
    assert vigie("list").output == "A: Ana <ana@a.example> fr, normandie\n"


def test_consent_needs_a_page_to_confirm_on(tmp_path: Path, vigie: Callable[..., Result]) -> None:
    file = tmp_path / "people.csv"
    file.write_text(HEAD + "Ana,ana@a.example,fr,A\n", encoding="utf-8")
    done = vigie("import", str(file), "--basis", "consent")
    assert "vigie digest recipients confirm" in done.output
    assert "has not confirmed" in vigie("list").output
    asked = vigie("confirm")
    assert (asked.exit_code, "[serve] url" in asked.output) == (1, True)
    assert vigie("import", str(file), "--basis", "because").exit_code == 2
