"""Curating from the command line, against servers of this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from folders import without_names

from app.cli import main
from app.demo.server import WorldServer
from app.demo.settings import write_settings
from vigie import settings
from vigie.archive import connect, declared
from vigie.schema import Source

pytestmark = pytest.mark.usefixtures("quick")

NOW = datetime.now(UTC)


def rss(title: str, count: int = 4) -> bytes:
    """A feed in French about one theme, an item a day."""
    items = "".join(
        f"<item><title>Une cyberattaque par rançongiciel paralyse l'hôpital numéro {n}</title>"
        f"<link>/{title[-1]}/{n}</link><guid>{title}{n}</guid><pubDate>"
        f"{format_datetime(NOW - timedelta(days=n))}</pubDate></item>"
        for n in range(1, count + 1)
    )
    return f'<rss version="2.0"><channel><title>{title}</title>{items}</channel></rss>'.encode()


@dataclass
class Site:
    """A small site: each path with its type and body; a type "301" leads to the body's path."""

    base: str = ""
    pages: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    hits: list[str] = field(default_factory=list)


@contextmanager
def serving(site: Site) -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.hits.append(self.path)
            kind, body = site.pages.get(self.path, ("404", b"none"))
            self.send_response(int(kind) if kind.isdigit() else 200)
            if kind == "301":
                self.send_header("Location", body.decode())
                body = b""
            self.send_header("Content-Type", "text/plain" if kind.isdigit() else kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        site.base = f"http://127.0.0.1:{server.server_address[1]}"
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def world() -> Iterator[WorldServer]:
    with WorldServer() as server:
        yield server


@pytest.fixture
def home(tmp_path: Path, world: WorldServer) -> Path:
    write_settings(tmp_path, world.world, world.base_url, 2525)
    without_names(tmp_path)
    return tmp_path


@pytest.fixture
def site() -> Iterator[Site]:
    with serving(Site()) as site:
        yield site


def vigie(home: Path, *arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, ["--home", str(home), "sources", *arguments], input=typed)


def text(home: Path) -> str:
    return (home / "config" / "sources.toml").read_text("utf-8")


def source(home: Path, name: str) -> Source:
    return next(one for one in settings.load(home).sources if one.id == name)


# ---------------------------------------------------------------------------------- add


def test_a_feed_that_the_page_announces_is_proposed_and_written(home: Path, site: Site) -> None:
    site.pages["/"] = (
        "text/html",
        b'<title>Le Port</title><link rel=alternate type="application/rss+xml" href="/fil">',
    )
    site.pages["/fil"] = ("application/rss+xml", rss("L'\u0152il du port"))
    before = text(home)
    result = vigie(home, "add", f"{site.base}/", "--edition", "demo", typed="y\n")
    assert result.exit_code == 0, result.output
    assert "rançongiciel" in result.output
    assert "median gap 24.0 h" in result.output
    assert text(home).startswith(before.rstrip())
    assert source(home, "l-oeil-du-port") == Source(
        id="l-oeil-du-port",
        title="L'Œil du port",
        url=f"{site.base}/fil",
        homepage=f"{site.base}/",
        language="fr",
        themes=("cyber", "health") if "health" in result.output else ("cyber",),
        rights="link",
        rhythm="daily",
        editions=("demo",),
    )


def test_nothing_is_written_without_a_yes(home: Path, site: Site) -> None:
    site.pages["/fil"] = ("application/rss+xml", rss("Fil"))
    before = text(home)
    assert vigie(home, "add", f"{site.base}/fil", typed="n\n").exit_code == 1
    assert text(home) == before


def test_of_several_feeds_one_is_chosen(home: Path, site: Site) -> None:
    links = "".join(f'<link rel="feed" href="/{name}">' for name in "abc")
    site.pages["/"] = ("text/html", links.encode())
    site.pages |= {f"/{name}": ("text/xml", rss(f"Fil {name}")) for name in "ab"}
    result = vigie(home, "add", site.base, typed="2\ny\n")
    assert result.exit_code == 0, result.output
    assert source(home, "fil-b").url == f"{site.base}/b"


@pytest.mark.parametrize(
    ("path", "pages", "why"),
    [
        ("/rss.xml", {"/": ("text/html", b"<html>")}, "a usual address"),
        ("/blog/feed/", {"/blog/": ("text/html", b"<html>")}, "a usual address"),
        (
            "/x/syndication/rss",
            {
                "/": ("text/html", b"<html>"),
                "/robots.txt": ("text/plain", b"User-agent: *\nSitemap: /plan.xml\n"),
                "/plan.xml": (
                    "text/xml",
                    b"<urlset><url><loc>/x/syndication/rss</loc></url></urlset>",
                ),
            },
            "named in the sitemap",
        ),
    ],
)
def test_other_ways_to_a_feed(home: Path, site: Site, path: str, pages, why: str) -> None:
    site.pages |= {**pages, path: ("text/xml", rss("Fil"))}
    asked = next(iter(pages))
    result = vigie(home, "add", f"{site.base}{asked}", "--yes", "--id", "fil")
    assert result.exit_code == 0, result.output
    assert why in result.output
    assert source(home, "fil").url == f"{site.base}{path}"


def test_a_site_without_a_feed_says_what_was_tried(home: Path, site: Site) -> None:
    site.pages["/"] = ("text/html", b"<html><title>Rien</title>")
    site.pages["/sitemap.xml"] = ("text/xml", b"<urlset><url><loc>/a</loc></url></urlset>")
    result = vigie(home, "add", site.base, "--yes")
    assert result.exit_code == 1
    assert "titled 'Rien'" in result.stderr
    assert "/sitemap.xml" in result.stderr


def test_a_move_for_good_is_followed(home: Path, site: Site) -> None:
    site.pages["/old"] = ("301", b"/new")
    site.pages["/new"] = ("text/xml", rss("Fil"))
    assert vigie(home, "add", f"{site.base}/old", "--yes").exit_code == 0
    assert source(home, "fil").url == f"{site.base}/new"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["{known}"], "already there, as 'phare-normand'"),
        (["{site}/fil", "--id", "phare-normand"], "'phare-normand' is in use"),
        (["{site}/fil", "--id", "Le Fil"], "id: "),
        (["{site}/fil", "--theme", "sport"], "no theme 'sport'; there are cyber,"),
        (["{site}/fil", "--edition", "x"], "no edition 'x'; there are demo"),
        (["ftp://x.example/f"], "not a web address"),
        (["https://me:secret@x.example/"], "environment"),
        (["http://10.0.0.7/feed"], "inside address"),
    ],
)
def test_what_cannot_be_added_is_refused_by_name(
    home: Path, site: Site, world: WorldServer, options: list[str], told: str
) -> None:
    site.pages["/fil"] = ("text/xml", rss("Fil"))
    before = text(home)
    known = world.feed_url("phare-normand")
    filled = [option.format(known=known, site=site.base) for option in options]
    result = vigie(home, "add", *filled, "--yes")
    assert result.exit_code == 1, result.output
    assert told in result.stderr
    assert "secret" not in result.output
    assert text(home) == before


def test_a_feed_under_a_new_address_of_a_known_one_is_refused(home: Path, world) -> None:
    page = f"{world.base_url}/phare-normand/"
    result = vigie(home, "add", page, "--yes")
    assert result.exit_code == 1
    assert "already there, as 'phare-normand'" in result.stderr


# ----------------------------------------------------------------------- import, export


@pytest.mark.parametrize("name", ["liste.opml", "liste.csv"])
def test_a_list_goes_out_and_comes_back(home: Path, name: str) -> None:
    before = settings.load(home).sources
    file = home / name
    assert vigie(home, "export", str(file)).exit_code == 0
    assert "--force" in vigie(home, "export", str(file)).stderr
    path = home / "config" / "sources.toml"
    path.write_text("# empty\n")
    dry = vigie(home, "import", str(file), "--dry-run")
    assert f"{len(before)} sources would come in, 0 lines" in dry.output
    assert text(home) == "# empty\n"
    assert vigie(home, "import", str(file)).exit_code == 0
    assert settings.load(home).sources == before
    again = vigie(home, "import", str(file))
    assert f"0 sources came in, {len(before)} lines were refused" in again.output
    assert "already there, as 'phare-normand'" in again.stderr


def test_an_odd_file_is_a_usage_error(home: Path) -> None:
    assert vigie(home, "export", str(home / "liste.xlsx")).exit_code == 2
    bad = home / "x.opml"
    bad.write_text("<html/>")
    assert "no OPML" in vigie(home, "import", str(bad)).stderr


# ------------------------------------------------------------------------- check, test


def test_check_tells_each_answer_and_fails(home: Path, world: WorldServer) -> None:
    report = home / "out" / "report.json"
    result = vigie(home, "check", "--report", str(report))
    assert result.exit_code == 1
    told = json.loads(report.read_text("utf-8"))
    rows = {row["source"]: row for row in told["results"]}
    for feed in world.world.feeds:
        row = rows[feed.id]
        if feed.fault == "moved":
            assert (row["verdict"], bool(row["items"])) == ("moved", True)
            assert row["moved_to"] in row["words"]
        elif feed.fault:
            assert row["verdict"] in ("failed", "not a feed")
            assert row["words"]
        else:
            items = world.world.items_of(feed.id)
            assert (row["verdict"], row["items"]) == ("ok", len(items))
            assert row["newest"] == f"{items[0].published:%Y-%m-%dT%H:%M:%SZ}"
            assert row["language"] == row["declared"] == feed.language
    assert sum(told["counts"].values()) == told["sources"] == len(rows)
    assert not (home / "archive.db").exists()
    well = vigie(home, "check", "phare-normand")
    assert (well.exit_code, "All 1 are well" in well.output) == (0, True), well.output


def test_check_finds_the_feeds_of_a_lost_one(home: Path, site: Site) -> None:
    link = b'<html><title>T</title><link rel="alternate" type="application/rss+xml" href="/fil">'
    site.pages |= {"/page": ("text/html", link), "/": ("text/html", link)}
    path = home / "config" / "sources.toml"
    path.write_text(
        f'[[source]]\nid = "page"\ntitle = "P"\nurl = "{site.base}/page"\n'
        f'[[source]]\nid = "gone"\ntitle = "G"\nurl = "{site.base}/gone"\n'
        f'homepage = "{site.base}/"\n'
        f'[[source]]\nid = "dutch"\ntitle = "D"\nurl = "{site.base}/fil"\nlanguage = "nl"\n'
    )
    site.pages["/fil"] = ("text/xml", rss("Fil"))
    report = home / "report.json"
    assert vigie(home, "check", "--report", str(report)).exit_code == 1
    rows = {row["source"]: row for row in json.loads(report.read_text())["results"]}
    assert rows["page"]["verdict"] == "not a feed"
    assert rows["gone"]["verdict"] == "failed"
    assert rows["page"]["feeds"] == rows["gone"]["feeds"] == [f"{site.base}/fil"]
    assert rows["dutch"]["words"] == "reads as fr, declared nl"


def test_check_of_an_unknown_source_names_it(home: Path) -> None:
    assert "no source 'x'" in vigie(home, "check", "x").stderr


def test_test_shows_what_would_be_stored_and_no_more(home: Path, world: WorldServer) -> None:
    full = vigie(home, "test", "phare-normand", "--items", "1")
    assert full.exit_code == 0, full.output
    assert "rights full" in full.output
    assert "The first item's page" in full.output
    link = vigie(home, "test", world.feed_url("phare-normand"), "--items", "1")
    item = world.world.items_of("phare-normand")[0]
    assert item.title in link.output
    assert item.summary[:40] not in link.output
    assert "page" not in link.output
    assert not (home / "archive.db").exists()


def test_test_of_what_is_no_feed_fails_in_words(home: Path, site: Site) -> None:
    result = vigie(home, "test", f"{site.base}/none")
    assert result.exit_code == 1
    assert "404" in result.stderr


# ---------------------------------------------------- pause, resume, retire, diff, settle


def archived(home: Path) -> dict[str, declared.Recorded]:
    with closing(connect.open_archive(home / "archive.db")) as db:
        return {row.id: row for row in declared.recorded(db)}


def test_pause_resume_and_retire_are_written_to_both(home: Path) -> None:
    before = text(home)
    connect.open_archive(home / "archive.db").close()
    day = (NOW + timedelta(days=9)).date()
    assert (
        vigie(home, "pause", "kustkoerier", "--until", str(day), "--why", "refonte").exit_code == 0
    )
    assert archived(home)["kustkoerier"].declared.paused_until == day
    assert source(home, "kustkoerier").note == "refonte"
    assert vigie(home, "resume", "kustkoerier").exit_code == 0
    assert text(home) == before
    assert vigie(home, "pause", "kustkoerier").exit_code == 0
    assert source(home, "kustkoerier").paused_until is not None
    assert vigie(home, "retire", "kustkoerier", "--why", "fermé").exit_code == 0
    row = archived(home)["kustkoerier"].declared
    assert (row.active, row.note, row.paused_until) == (False, "fermé", None)
    assert vigie(home, "retire", "kustkoerier").exit_code == 2
    assert "not in the future" in vigie(home, "pause", "cap", "--until", "2020-01-01").stderr
    assert "no source 'cap'" in vigie(home, "pause", "cap").stderr


def test_file_and_archive_are_compared_and_settled(home: Path) -> None:
    path = home / "config" / "sources.toml"
    path.write_text("# ours\n\n" + text(home), encoding="utf-8")
    desk = Source(id="digue", title="La Digue", url="https://digue.example/f", rhythm="weekly")
    with closing(connect.open_archive(home / "archive.db")) as db:
        declared.declare(db, settings.load(home).sources, NOW)
        declared.add_from_desk(db, desk, NOW)
        db.execute("UPDATE sources SET reliability = 'A' WHERE id = 'kustkoerier'")
        db.conn.commit()
    found = vigie(home, "diff").output.splitlines()
    assert found[0] == "digue: added at the desk, not in the file yet"
    assert found[1].startswith("kustkoerier.reliability: file ")
    assert "settle" in vigie(home, "pause", "digue").stderr
    before = text(home)
    assert vigie(home, "settle", "--from", "archive", "kustkoerier").exit_code == 0
    assert source(home, "kustkoerier").reliability == "A"
    assert text(home).startswith("# ours\n")
    assert len(text(home).splitlines()) == len(before.splitlines())
    assert vigie(home, "settle").output == "digue: written to the file\n"
    assert source(home, "digue") == desk
    assert archived(home)["digue"].origin == "file"
    assert "say the same" in vigie(home, "diff").output
    assert "nothing to settle" in vigie(home, "settle").output


def test_without_an_archive_everything_is_in_the_file_only(home: Path) -> None:
    assert "in the file only" in vigie(home, "diff").output
    assert not (home / "archive.db").exists()
