"""Writing to sources.toml: what a person wrote there survives."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.curating import tomlfile
from app.folder import starter
from vigie.errors import CuratingError
from vigie.schema import Source, SourcesFile

TEXT = """# The sources of our watch

[[source]]
id = "phare"   # never use again
title = "Le Phare"
url = 'https://phare.example/f'
themes = [
  "energy",  # mostly
]

# --- Ports ---

[[source]]
id = "cap"
title = "Le Cap"
url = "https://cap.example/f"
# kept for its photographs
rights = "link"
"""


def test_a_change_touches_its_own_lines_only() -> None:
    text = tomlfile.changed(
        TEXT, {"phare": {"active": False, "note": 'il a dit "adieu"'}, "cap": {"rights": "excerpt"}}
    )
    assert text == TEXT.replace(
        "]\n\n# --- Ports", ']\nactive = false\nnote = "il a dit \\"adieu\\""\n\n# --- Ports'
    ).replace('"link"', '"excerpt"')


def test_a_change_and_its_undoing_leave_the_text_as_it_was() -> None:
    there = {name: {"paused_until": date(2027, 1, 2), "note": "x"} for name in ("phare", "cap")}
    back = {name: {"paused_until": None, "note": None, "active": None} for name in ("phare", "cap")}
    changed = tomlfile.changed(TEXT, there)
    assert "paused_until = 2027-01-02\n" in changed
    assert tomlfile.changed(changed, back) == TEXT


def test_the_same_value_is_not_spelt_anew() -> None:
    same = {"phare": {"url": "https://phare.example/f", "themes": ("energy",)}}
    assert tomlfile.changed(TEXT, same) == TEXT


def test_a_last_line_without_its_end_gets_one() -> None:
    text = tomlfile.changed(TEXT.rstrip("\n"), {"cap": {"active": False}})
    assert text.endswith('rights = "link"\nactive = false\n')


def test_sub_tables_stay_below_the_keys() -> None:
    text = TEXT + "\n[source.page]\nlinks = 'a'\n"
    changed = tomlfile.changed(text, {"cap": {"note": "x"}})
    assert tomllib.loads(changed)["source"][1]["note"] == "x"
    assert tomllib.loads(changed)["source"][1]["page"] == {"links": "a"}


def test_an_unknown_source_is_named() -> None:
    with pytest.raises(CuratingError, match="'digue'"):
        tomlfile.changed(TEXT, {"digue": {"active": False}})


@pytest.mark.parametrize("text", ["", TEXT, TEXT.rstrip(), TEXT.replace("\n", "\r\n"), "# only\n"])
def test_an_addition_leaves_everything_before_it(text: str) -> None:
    source = Source(id="digue", title='La "Digue"\\', url="https://digue.example/f", themes=("x",))
    added = tomlfile.added(text, [source, source.model_copy(update={"id": "quai"})])
    assert added.startswith(text.rstrip())
    found = SourcesFile.model_validate(tomllib.loads(added)).source
    assert found[-2:] == (source, source.model_copy(update={"id": "quai"}))
    if "\r\n" in text:
        assert added.count("\n") == added.count("\r\n")


@settings(deadline=None)
@given(
    title=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=50),
    note=st.text(st.characters(exclude_categories=["Cs"]), max_size=50),
    until=st.none() | st.dates(),
    active=st.booleans(),
)
def test_any_words_are_read_back_as_written(title: str, note: str, until, active: bool) -> None:
    source = Source(
        id="a", title=title, url="https://a.example/", note=note, paused_until=until, active=active
    )
    text = tomlfile.added(TEXT, [source])
    assert SourcesFile.model_validate(tomllib.loads(text)).source[-1] == source
    again = tomlfile.changed(text, {"cap": {"title": title, "note": note}})
    assert tomllib.loads(again)["source"][1]["title"] == title


def test_the_starter_file_is_changed_in_one_place(tmp_path: Path) -> None:
    text = starter("sources.toml")
    changed = tomlfile.changed(text, {"certfr-avis": {"active": False}})
    before, after = text.splitlines(), changed.splitlines()
    assert len(after) == len(before) + 1
    assert [line for line in after if line != "active = false"] == before


def test_what_would_not_be_readable_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "sources.toml"
    path.write_text(TEXT)
    path.chmod(0o640)
    with pytest.raises(CuratingError, match="would not be readable"):
        tomlfile.rewrite(path, lambda text: tomlfile.changed(text, {"cap": {"rights": "all"}}))
    assert path.read_text() == TEXT
    tomlfile.rewrite(path, lambda text: text + "# end\n")
    assert path.read_text() == TEXT + "# end\n"
    assert path.stat().st_mode & 0o777 == 0o640
    assert [file.name for file in tmp_path.iterdir()] == ["sources.toml"]
