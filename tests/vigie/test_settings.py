"""Settings: everything wrong is told at once, with file, key, what was found and expected."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.folder import starter, write_starter
from vigie import settings
from vigie.errors import SettingsError

MAIN = """
[[edition]]
id = "nord"
title = { fr = "N", nl = "N", de = "N", en = "N" }
"""
SOURCE = """
[[source]]
id = "{id}"
title = "T"
url = "https://{host}/feed"
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    config = tmp_path / "config"
    config.mkdir()
    (config / "vigie.toml").write_text(MAIN)
    (config / "sources.toml").write_text(SOURCE.format(id="a", host="a.example"))
    (config / "themes.toml").write_text("")
    (config / "gazetteer.toml").write_text("")
    return tmp_path


def problems(home: Path) -> dict[str, str]:
    with pytest.raises(SettingsError) as caught:
        settings.load(home)
    assert caught.value.exit_code == 2
    return {
        f"{Path(p.file).name}:{p.key}": f"{p.found} | {p.expected}" for p in caught.value.problems
    }


def test_a_small_folder_is_read_and_its_paths_stand_under_it(home: Path) -> None:
    found = settings.load(home)
    assert found.paths.archive == home / "data" / "archive.db"
    assert [source.id for source in found.sources] == ["a"]
    assert found.edition().id == "nord"


def test_the_starter_files_are_valid(tmp_path: Path) -> None:
    written = write_starter(tmp_path)
    found = settings.load(tmp_path)
    assert [path.name for path in written] == [*settings.FILES, settings.ALERTS]
    assert {edition.id for edition in found.editions} == {"normandie", "belgique"}
    assert len(found.sources) >= 150
    assert len(found.gazetteer) >= 600


def test_the_starter_is_the_folder_config_itself() -> None:
    config = Path(__file__).parents[2] / "config"
    for name in (*settings.FILES, settings.ALERTS):
        assert starter(name) == (config / name).read_text("utf-8")


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    mine = tmp_path / "config" / "themes.toml"
    mine.write_text("# mine")
    written = write_starter(tmp_path)
    others = ["alerts.toml", "gazetteer.toml", "sources.toml", "vigie.toml"]
    assert sorted(path.name for path in written) == others
    assert mine.read_text() == "# mine"
    with pytest.raises(SettingsError, match="all five"):
        write_starter(tmp_path)


def test_errors_of_all_files_come_together(home: Path) -> None:
    config = home / "config"
    (config / "vigie.toml").write_text(MAIN + "[collect]\nsecond = 3\nconcurrency = 'many'\n")
    (config / "sources.toml").write_text(
        SOURCE.format(id="a", host="a.example") + SOURCE.format(id="a", host="b.example")
    )
    (config / "themes.toml").write_text("[[theme]\n")
    (config / "gazetteer.toml").unlink()
    found = problems(home)
    assert "unknown key" in found["vigie.toml:collect.second"]
    assert found["vigie.toml:collect.concurrency"].startswith("'many'")
    assert "2 times" in found["sources.toml:source.id"]
    assert "TOML" in found["themes.toml:"]
    assert "nothing there" in found["gazetteer.toml:"]


@pytest.mark.parametrize(
    ("text", "key", "said"),
    [
        ('id = "A b"', "source.0.id (A b)", "'A b'"),
        ('id = "x"\nrights = "all"', "source.0.rights (x)", "'all'"),
        ('id = "x"\nreliability = "G"', "source.0.reliability (x)", "'G'"),
        ('id = "x"\nurl = "ftp://h/f"', "source.0.url (x)", "'ftp://h/f'"),
        ('id = "x"\nthemes = ["nope"]', "source.x.themes", "'nope'"),
        ('id = "x"\neditions = ["nope"]', "source.x.editions", "'nope'"),
    ],
)
def test_a_wrong_source_is_named_with_its_key(home: Path, text: str, key: str, said: str) -> None:
    lines = ['title = "T"'] + ([] if "url" in text else ['url = "https://h.example/f"'])
    (home / "config" / "sources.toml").write_text("\n".join(["[[source]]", text, *lines]))
    found = problems(home)
    assert found[f"sources.toml:{key}"].startswith(said)


def test_an_unreadable_file_is_named(home: Path) -> None:
    (home / "config" / "themes.toml").write_bytes(b"# \xff\xfe")
    assert "UTF-8" in problems(home)["themes.toml:"]


def test_a_missing_translation_is_named(home: Path) -> None:
    (home / "config" / "vigie.toml").write_text('[[edition]]\nid = "n"\ntitle = { fr = "N" }\n')
    assert "nl, de, en missing" in problems(home)["vigie.toml:edition.0.title (n)"]


def test_secrets_come_from_the_environment_alone(home: Path) -> None:
    found = settings.Secrets.from_environment({"VIGIE_MAIL_PASSWORD": "s3cret"})
    assert found.mail_password == "s3cret"
    (home / "config" / "vigie.toml").write_text(MAIN + '[mail]\npassword = "x"\n')
    assert "unknown key" in problems(home)["vigie.toml:mail.password"]


RULE = """
[[alert]]
id = "r"
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        (RULE + 'themes = ["nix"]', "one of the themes that the settings define"),
        (RULE + 'sources = ["nix"]', "one of the sources that the settings define"),
        (RULE + 'entities = ["nix"]', "one of the entities that the settings define"),
        (RULE, "at least one of themes, words"),
        (RULE + 'severity = "grave"', "Input should be"),
        (RULE + 'words = ["a*b"]', "a star at the beginning or the end"),
        (RULE + 'cves = ["2026-1"]', "should match pattern"),
        (RULE + 'territories = ["Rouen"]', "should match pattern"),
        (RULE + 'vendors = ["X"]' + RULE + 'vendors = ["Y"]', "each alert's id once (r)"),
        ('[[alert]]\nid = "my-v-x"\nvendors = ["X"]', "does not begin with my-"),
        ('[[hook]]\nid = "h"\nurl = "http://soc.example/"', "an https address"),
        ('[[hook]]\nid = "h"\nurl = "https://soc.example/"', "secret_env"),
        ('[[hook]]\nid = "h"', "either url or folder"),
        ('[[hook]]\nid = "h"\nfolder = "d"\nrules = ["nix"]', "no rule nix"),
        ('[alerts.quiet]\nfrom = "25:00"', "valid time"),
        ("[alerts]\ntogether = 0", "greater than or equal to 1"),
        ("[alert", "TOML"),
    ],
)
def test_alerts_toml_is_checked_with_the_others(home: Path, text: str, expected: str) -> None:
    (home / "config" / "alerts.toml").write_text(text, encoding="utf-8")
    if not expected:
        assert settings.load(home).alert_rules == ()
        return
    assert any(expected in said for said in problems(home).values()), problems(home)


def test_without_alerts_toml_nothing_is_alerted(home: Path) -> None:
    assert settings.load(home).alert_rules == ()


def test_no_edition_may_be_called_alerts(home: Path) -> None:
    (home / "config" / "vigie.toml").write_text(MAIN.replace('"nord"', '"alerts"'))
    assert any("is the list of alerts" in said for said in problems(home).values())
