"""Polling through the pipeline: moves, retirement, outages, reservations, credentials, numbers."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from folders import without_names

from app.folder import Folder, write_starter
from app.pipeline import collect as stage
from app.pipeline.collect import Collected, collect
from vigie.archive import connect, sources, watching
from vigie.model import Fetched, FetchJob, Limits

pytestmark = pytest.mark.usefixtures("quick")

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
BODY = " ".join(["Le port a rouvert ce matin après la tempête de la nuit."] * 12)
FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>Essai</title>
<item><title>Une digue</title><link>/articles/1</link><description>{0}</description></item>
<item><title>Une écluse</title><link>/libre/2</link><description>{0}</description></item>
</channel></rss>""".format("Le résumé de la dépêche du port. ")
PAGE = f"<html><head>{{}}</head><body><article><h1>Une digue</h1><p>{BODY}</p></article></body>"
Reply = tuple[int, dict[str, str], str]


@dataclass
class Host:
    """A server on the loopback that says what a test wants; `seen` holds path and headers."""

    replies: dict[str, Reply] = field(default_factory=dict)
    seen: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    port: int = 0

    def paths(self) -> list[str]:
        return [path for path, _ in self.seen]

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"


@pytest.fixture
def host() -> Iterator[Host]:
    known = Host()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known.seen.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
            status, headers, text = known.replies.get(self.path, (404, {}, ""))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            body = text.encode()
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its signature
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    known.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield known
    server.shutdown()
    server.server_close()


@dataclass
class Watch:
    """A folder whose sources a test declares and polls."""

    home: Path
    now: datetime = NOW

    def declare(self, *blocks: str) -> None:
        (self.home / "config" / "sources.toml").write_text("\n".join(blocks))

    def poll(self, **later: float) -> Collected:
        self.now += timedelta(**later)
        folder = Folder.at(self.home)
        with folder.lock(), folder.archive(self.now) as db:
            return collect(db, folder.settings, self.now, everything=True)

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with Folder.at(self.home).reading() as db:
            return db.execute(sql).fetchall()

    def events(self) -> list[str]:
        return [kind for (kind,) in self.rows("SELECT kind FROM source_events ORDER BY id")]


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    write_starter(tmp_path)
    without_names(tmp_path)
    (tmp_path / "config" / "themes.toml").write_text("")
    main = tmp_path / "config" / "vigie.toml"
    text = main.read_text("utf-8").replace("allow_inside = []", 'allow_inside = ["127.0.0.1/32"]')
    main.write_text(
        text.replace("delay = 0.5 ", "delay = 0.0 ").replace("seconds = 30.0", "seconds = 2.0", 1)
    )
    return Watch(tmp_path)


def source(url: str, name: str = "port", rights: str = "full", more: str = "") -> str:
    return (
        f'[[source]]\nid = "{name}"\ntitle = "{name}"\nurl = "{url}"\nrights = "{rights}"\n{more}\n'
    )


TEXTS = """SELECT a.url, r.summary <> '', r.text <> '' FROM articles a
           JOIN revisions r ON r.article_id = a.id ORDER BY a.id"""


def test_a_move_is_stored_after_three_polls_and_undone_after_three_failures(
    host: Host, watch: Watch
) -> None:
    host.replies["/old"] = (301, {"Location": "/new"}, "")
    host.replies["/new"] = (200, {}, FEED)
    watch.declare(source(host.url("/old"), rights="link"))
    for _ in range(4):
        watch.poll(days=1)
    assert host.paths().count("/old") == 3
    assert watch.rows("SELECT url FROM polls") == [(host.url("/new"),)]
    assert watch.rows("SELECT url FROM sources") == [(host.url("/old"),)]
    del host.replies["/new"]
    host.replies["/old"] = (200, {}, FEED)
    for _ in range(4):
        watch.poll(days=1)
    assert watch.events() == ["moved", "moved back"]
    assert watch.rows("SELECT url, failures FROM polls") == [("", 0)]


def test_410_retires_with_a_notice_and_a_new_address_revives(host: Host, watch: Watch) -> None:
    host.replies["/gone"] = (410, {}, "")
    watch.declare(source(host.url("/gone")))
    watch.poll()
    assert watch.poll(days=1).outcomes == ()
    assert host.paths().count("/gone") == 1
    assert watch.rows("SELECT state FROM source_health") == [("retired",)]
    host.replies["/back"] = (200, {}, FEED)
    watch.declare(source(host.url("/back")))
    assert watch.poll(days=1).new == 2
    assert watch.events() == ["retired", "revived"]


def test_an_outage_blames_nobody_and_those_who_stay_away_alone_are_blamed(
    host: Host, watch: Watch
) -> None:
    host.replies["/feed"] = (200, {}, FEED)
    dead = [free_port() for _ in range(6)]
    blocks = [source(f"http://127.0.0.1:{port}/f", f"s{port}", "link") for port in dead]
    watch.declare(*blocks, source(host.url("/feed"), rights="link"))
    first = watch.poll()
    assert first.outage
    assert watch.rows(
        "SELECT sum(failures), sum(next_due <> '') FROM polls WHERE source_id <> 'port'"
    ) == [(0, 6)]
    assert watch.rows("SELECT DISTINCT next_due FROM polls WHERE source_id <> 'port'") == [
        ("2026-11-20T08:05:00Z",)
    ]
    assert watch.rows("SELECT count(*) FROM fetches WHERE source_id <> 'port'") == [(0,)]
    assert watch.events() == ["outage"]
    second = watch.poll(minutes=5)  # one has answered meanwhile: it was not our own line
    assert not second.outage
    assert watch.rows("SELECT sum(failures) FROM polls") == [(6,)]


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def test_a_reservation_keeps_the_link_and_drops_the_body(host: Host, watch: Watch) -> None:
    host.replies["/feed"] = (200, {}, FEED)
    host.replies["/articles/1"] = host.replies["/libre/2"] = (200, {}, PAGE.format(""))
    rule = '[{"location": "/articles/", "tdm-reservation": 1, "tdm-policy": "https://a.fr/p"}]'
    host.replies["/.well-known/tdmrep.json"] = (200, {}, rule)
    watch.declare(source(host.url("/feed")))
    done = watch.poll()
    assert (done.new, done.pages) == (2, 1)
    assert watch.rows(TEXTS) == [
        (host.url("/articles/1"), 0, 0),
        (host.url("/libre/2"), 1, 1),
    ]
    assert "/articles/1" not in host.paths()
    watch.poll(days=1)
    assert host.paths().count("/.well-known/tdmrep.json") == 1
    watch.poll(days=6.1)
    assert host.paths().count("/.well-known/tdmrep.json") == 2


def test_a_written_reason_overrides_a_reservation(host: Host, watch: Watch) -> None:
    host.replies["/feed"] = (200, {"tdm-reservation": "1"}, FEED)
    host.replies["/articles/1"] = (200, {"tdm-reservation": "1"}, PAGE.format(""))
    watch.declare(source(host.url("/feed"), more='tdm_override = "licence of 3 May 2026"'))
    watch.poll()
    assert watch.rows(TEXTS)[0][1:] == (1, 1)
    assert watch.rows("SELECT tdm, tdm_from FROM reservations") == [(1, "header")]
    ((detail,),) = watch.rows("SELECT detail FROM source_events")
    assert "licence of 3 May 2026" in str(detail)


@pytest.mark.parametrize(
    ("headers", "meta"),
    [({"tdm-reservation": "1"}, ""), ({}, '<meta name="tdm-reservation" content="1">')],
)
def test_a_page_that_reserves_itself_is_not_kept(
    host: Host, watch: Watch, headers: dict[str, str], meta: str
) -> None:
    host.replies["/feed"] = (200, {}, FEED)
    host.replies["/articles/1"] = (200, headers, PAGE.format(meta))
    host.replies["/libre/2"] = (200, {}, PAGE.format(""))
    watch.declare(source(host.url("/feed")))
    watch.poll()
    assert [row[2] for row in watch.rows(TEXTS)] == [0, 1]
    ((detail,),) = watch.rows("SELECT page_detail FROM articles WHERE page = 'failed'")
    assert "reserved by its" in str(detail)


def test_robots_keep_the_feeds_text_and_say_so(host: Host, watch: Watch) -> None:
    host.replies["/feed"] = (200, {}, FEED)
    host.replies["/robots.txt"] = (200, {}, "User-agent: *\nDisallow: /articles/\n")
    host.replies["/articles/1"] = host.replies["/libre/2"] = (200, {}, PAGE.format(""))
    watch.declare(source(host.url("/feed")))
    watch.poll()
    assert [row[1:] for row in watch.rows(TEXTS)] == [(1, 0), (1, 1)]
    assert watch.rows("SELECT page, page_detail FROM articles ORDER BY id")[0] == (
        "failed",
        "robots.txt asks not to fetch this",
    )
    assert watch.rows("SELECT robots FROM reservations") == [("allows",)]


def test_a_credential_is_sent_and_stands_neither_in_the_archive_nor_in_a_log(
    host: Host, watch: Watch, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("PORT_FEED", "lecteur:motsecret42")
    encoded = "bGVjdGV1cjptb3RzZWNyZXQ0Mg"
    host.replies["/feed"] = (200, {}, FEED)
    host.replies["/articles/1"] = (302, {"Location": f"http://localhost:{host.port}/elsewhere"}, "")
    watch.declare(
        source(host.url("/feed"), more='auth_env = "PORT_FEED"'),
        source(host.url("/other"), "other"),
    )
    watch.poll()
    sent = {path: headers.get("authorization", "") for path, headers in host.seen}
    assert sent["/feed"] == f"Basic {encoded}=="
    assert sent["/libre/2"] == f"Basic {encoded}=="
    assert sent["/other"] == sent["/robots.txt"] == ""
    for path in (watch.home / "data").rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        assert b"motsecret42" not in content, path
        assert encoded.encode() not in content, path
    assert "motsecret42" not in caplog.text
    assert encoded not in caplog.text


def test_a_credential_that_is_not_set_is_told(
    host: Host, watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    watch.declare(source(host.url("/feed"), more='auth_env = "NOT_THERE"'))
    watch.poll()
    assert "port: no NOT_THERE in the environment" in caplog.text


def unmodified(jobs: list[FetchJob], limits: Limits) -> Iterator[Fetched]:
    """Every source answers at once that nothing has changed; hosts have nothing to say."""
    for job in jobs:
        yield Fetched(job.key, job.url, NOW, final_url=job.url, status=304)


def test_five_thousand_due_sources_are_all_polled_in_one_tick(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "fetch", unmodified)
    watch.declare(*[source(f"https://h{n}.example/f", f"s{n}", "link") for n in range(5_000)])
    folder = Folder.at(watch.home)
    with folder.archive(NOW) as db:
        assert len(sources.due(db, NOW)) == 5_000
        done = collect(db, folder.settings, NOW)
        assert sources.due(db, NOW) == []
        assert len(watching.facts(db, NOW)) == 5_000
    assert len(done.outcomes) == 5_000
    assert done.failed == ()


def test_ill_sources_wait_behind_the_well_ones(watch: Watch) -> None:
    watch.declare(*[source(f"https://{name}.example/f", name) for name in ("a", "b", "c")])
    with Folder.at(watch.home).archive(NOW) as db:
        db.execute(
            "UPDATE polls SET failures = 1, next_due = '2026-01-01T00:00:00Z' WHERE source_id = 'a'"
        )
        assert [one.id for one in sources.due(db, NOW)] == ["b", "c", "a"]


def test_what_a_poll_leaves_comes_back_as_it_was(watch: Watch, host: Host) -> None:
    host.replies["/feed"] = (200, {"ETag": '"e"', "tdm-reservation": "1"}, FEED)
    watch.declare(source(host.url("/feed")))
    watch.poll()
    db = connect.open_archive(watch.home / "data" / "archive.db")
    (due,) = sources.due(db, NOW, everything=True)
    sources.save_state(db, due.id, due.state)
    assert due.reservation is not None
    sources.save_reservation(db, due.id, due.reservation)
    assert sources.due(db, NOW, everything=True) == [due]
    assert (due.state.last_full, due.state.last_item, due.reservation.tdm) == (NOW, NOW, True)
    db.close()


def test_a_poll_loads_neither_numpy_nor_scrapy() -> None:
    """Where nothing needs them: they are most of what a poll without news would cost."""
    code = (
        "import sys, app.folder, app.pipeline.collect, collectors.transfer\n"
        "slow = 'numpy', 'pandas', 'scrapy', 'twisted'\n"
        "print([name for name in slow if name in sys.modules])\n"
        "import numpy, sqlite_utils\n"
    )
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": root},
    )
    assert done.stdout == "[]\n"
