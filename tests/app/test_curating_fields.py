"""Every field of a source goes to the archive and back, is compared, settled, listed.

A field that is added to the model fails here until it has a sample and a place.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from app.curating import entries, opml, table, tomlfile
from app.curating.entries import Taken
from app.curating.shelf import Shelf
from app.folder import Folder
from vigie import settings as settings_module
from vigie.archive import connect, declared
from vigie.schema import Source

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
FEED = {"id": "port", "title": "Port", "url": "https://port.example/f"}
CSAF = {"format": "csaf"}
FILES = {"glob": "*.csv", "columns": {"url": "Lien"}}
LINKS = {"links": "article h2 a"}
MAILBOX = {"host": "imap.example", "user": "veille@region.example"}
SENDERS = {**MAILBOX, "senders": ["a@b.example"], "port": 1993}
# field: what a source says, and what it says once that field is changed.
SAMPLES: dict[str, tuple[dict[str, object], object]] = {
    "title": (FEED, "Le Port, « neuf »"),
    "kind": (FEED, "page"),
    "url": (FEED, "https://port.example/neuf"),
    "homepage": (FEED, "https://port.example/"),
    "language": (FEED, "nl"),
    "territory": (FEED, "FRD2"),
    "themes": (FEED, ["cyber"]),
    "rights": (FEED, "excerpt"),
    "reliability": (FEED, "B"),
    "rhythm": (FEED, "weekly"),
    "editions": (FEED, ["demo"]),
    "active": (FEED, False),
    "paused_until": (FEED, date(2027, 1, 15)),
    "note": (FEED, "site en refonte"),
    "responsible": (FEED, "mc"),
    "auth_env": (FEED, "PORT_FEED"),
    "tdm_override": (FEED, "licence of 3 May 2026"),
    "page": ({**FEED, "kind": "page", "page": {**LINKS, "title": "h2"}}, {**LINKS, "date": "time"}),
    "sitemap": ({**FEED, "kind": "sitemap"}, {"pattern": "/actu/", "max_age_days": 3}),
    "advisory": ({**FEED, "kind": "advisory", "advisory": CSAF}, {"format": "certfr"}),
    "mailbox": ({**FEED, "url": "", "kind": "mailbox", "mailbox": MAILBOX}, SENDERS),
    "file": ({**FEED, "url": "file:depot", "kind": "file"}, FILES),
    "article": (FEED, {"content": "article", "remove": ["aside"]}),
}  # fmt: skip
MAIN = '[[edition]]\nid = "demo"\ntitle = { fr = "D", nl = "D", de = "D", en = "D" }\n'
THEME = '[[theme]]\nid = "cyber"\nlabels = { fr = "C", nl = "C", de = "C", en = "C" }\n'


def before(name: str) -> Source:
    return Source.model_validate(SAMPLES[name][0])


def after(name: str) -> Source:
    return Source.model_validate({**SAMPLES[name][0], name: SAMPLES[name][1]})


def shelf(home: Path) -> Shelf:
    return Shelf.at(home)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    config = tmp_path / "config"
    config.mkdir()
    (config / "vigie.toml").write_text(MAIN)
    (config / "themes.toml").write_text(THEME)
    (config / "gazetteer.toml").write_text("")
    (config / "sources.toml").write_text("# ours\n")
    return tmp_path


def bring_in(home: Path, source: Source) -> None:
    """Into the archive, as a run does."""
    connect.open_archive(home / "data" / "archive.db").close()
    shelf(home).add([source], NOW)
    with Folder.at(home).archive(NOW):
        pass


def empty(home: Path) -> None:
    (home / "config" / "sources.toml").write_text("# ours\n")


def test_every_field_has_a_sample_and_a_place() -> None:
    assert set(SAMPLES) == set(Source.model_fields) - {"id"}
    assert set(declared.FIELDS) == set(SAMPLES)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_changed_field_is_told_and_settled_either_way(home: Path, name: str) -> None:
    bring_in(home, before(name))
    assert shelf(home).differences() == []
    empty(home)
    other = after(name)
    path = home / "config" / "sources.toml"
    path.write_text(path.read_text() + toml(other))
    found = {one.field.partition(".")[0] for one in shelf(home).differences()}
    assert found == {name}
    shelf(home).settle(["port"], "archive", NOW)
    assert shelf(home).settings.sources == (before(name),)
    assert path.read_text().startswith("# ours\n")
    assert shelf(home).differences() == []
    empty(home)
    path.write_text(path.read_text() + toml(other))
    shelf(home).settle(["port"], "file", NOW)
    assert shelf(home).settings.sources == (other,)
    assert shelf(home).differences() == []


def toml(source: Source) -> str:
    return "\n" + tomlfile.added("", [source])


@pytest.mark.parametrize("name", SAMPLES)
def test_what_the_desk_added_is_written_to_the_file_whole(home: Path, name: str) -> None:
    folder, source = Folder.at(home), after(name)
    with folder.archive(NOW) as db, folder.desk() as desk:
        declared.add_from_desk(db, source, NOW)
        declared.keep_private(desk, [source])
    shelf(home).settle(["port"], "", NOW)
    if source.active:
        assert settings_module.load(home).sources == (source,)
    assert shelf(home).differences() == []


@pytest.mark.parametrize("name", SAMPLES)
def test_lists_bring_every_field_back(name: str) -> None:
    source = after(name)
    line = entries.of_source(source)
    for written in (
        opml.read(opml.write([line], "T", NOW)),
        table.read(table.write([line])),
    ):
        assert written.refused == ()
        (entry,) = written.entries
        assert entries.to_source(entry, Taken(), {"c": "cyber"}, ["demo"]) == source


def test_what_is_not_to_be_published_is_not_in_the_archive(home: Path) -> None:
    bring_in(home, after("mailbox"))
    with Folder.at(home).archive(NOW):
        pass
    for path in (home / "data").glob("archive.db*"):
        assert b"region.example" not in path.read_bytes()
        assert b"b.example" not in path.read_bytes()


def test_a_move_is_written_to_the_file_or_given_up(home: Path) -> None:
    bring_in(home, before("title"))
    moved = "UPDATE polls SET url = 'https://neuf.example/f', etag = 'e', moved_at = next_due"
    for side, url, etag in (("file", FEED["url"], ""), ("", "https://neuf.example/f", "e")):
        with Folder.at(home).archive(NOW) as db:
            db.execute(moved)
            db.conn.commit()
        (one,) = shelf(home).differences()
        assert str(one).endswith("moved for good to 'https://neuf.example/f'")
        shelf(home).settle(["port"], side, NOW)
        assert shelf(home).differences() == []
        with Folder.at(home).archive(NOW) as db:
            assert db.execute("SELECT s.url, p.url, p.etag FROM sources s, polls p").fetchall() == [
                (url, "", etag)
            ]
