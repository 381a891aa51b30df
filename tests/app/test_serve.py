"""`vigie serve`: the archive for reading, the frozen bulletins, one tick at a time."""

from __future__ import annotations

import html
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
from starlette.testclient import TestClient

from app import schedule
from app.demo.server import WorldServer
from app.demo.settings import write_settings
from app.folder import Folder
from app.schedule import timetable
from app.serve import application
from vigie.archive import issues
from vigie.model import Form, Issue, Rendered

NOW = datetime(2026, 11, 20, tzinfo=UTC)
ISSUE = Issue(
    id="demo-2026Q4",
    edition="demo",
    title={"fr": "Bulletin <b>"},
    period="2026Q4",
    start=NOW,
    end=NOW,
    revision=1,
    sections=(),
    items=(),
    drafted_at=NOW,
)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    with WorldServer() as world:
        write_settings(tmp_path, world.world, world.base_url, 1)
    return Folder.at(tmp_path)


@pytest.fixture
def client(folder: Folder) -> Iterator[TestClient]:
    with folder.archive(NOW) as db:
        files = [
            Rendered(ISSUE.id, 1, "fr", Form.HTML, b"<p>le bulletin</p>", "x"),
            Rendered(ISSUE.id, 1, "nl", Form.TEXT, b"het bulletin", "x"),
        ]
        issues.publish(db, issues.Freeze(ISSUE, files, ISSUE.title["fr"], "mc", NOW))
    with TestClient(application(folder, schedule=False)) as client:
        yield client


def test_the_front_page_escapes_and_links_the_issues(client: TestClient) -> None:
    page = client.get("/").text
    assert "/bulletin/demo-2026Q4.html" in page
    assert "Bulletin &lt;b&gt;" in page


def test_a_bulletin_is_served_frozen_and_inert(client: TestClient) -> None:
    answer = client.get("/bulletin/demo-2026Q4.html")
    assert answer.content == b"<p>le bulletin</p>"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert client.get("/bulletin/demo-2026Q4.nl.txt").text == "het bulletin"
    assert client.get("/bulletin/demo-2026Q4.pdf").status_code == 404
    assert client.get("/bulletin/none-2026Q4.html").status_code == 404


def test_the_archive_is_open_for_reading_and_closed_for_writing(client: TestClient) -> None:
    rows = client.get("/archive/vigie/sources.json?_shape=array").json()
    assert len(rows) == 24
    answer = client.get("/archive/vigie.json?sql=delete+from+sources")
    assert answer.status_code == 400
    assert "desk" not in client.get("/archive/").text


def test_every_link_of_an_archive_page_leads_somewhere(client: TestClient) -> None:
    page = client.get("/archive/vigie/sources?_size=2").text
    links = {link for link in re.findall(r'href="(/[^"#]*)"', page) if "static" not in link}
    assert any(".json" in link for link in links)
    for link in links:
        assert client.get(html.unescape(link)).status_code == 200, link


def test_health_counts_the_sources_by_state(client: TestClient) -> None:
    assert client.get("/health").json() == {"never polled": 24}


def test_there_is_one_job_that_never_overlaps_and_makes_up_once(folder: Folder) -> None:
    scheduler = timetable(folder)
    assert [job.id for job in scheduler.get_jobs()] == ["tick", "health", "mail", "calendar"]
    scheduler.start(paused=True)
    for job in scheduler.get_jobs():
        assert (job.max_instances, job.coalesce, job.misfire_grace_time) == (1, True, None)
    scheduler.shutdown()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_stops_with_a_source_in_flight_at_once_and_well(
    tmp_path: Path, number: signal.Signals
) -> None:
    """A source that never answers is being asked: no child is left, and the status is 0."""
    with socket.socket() as mute, socket.socket() as free:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        with WorldServer() as world:
            write_settings(tmp_path, world.world, world.base_url, 1)
        url = f"http://127.0.0.1:{mute.getsockname()[1]}/feed"
        (tmp_path / "config" / "sources.toml").write_text(
            f'[[source]]\nid = "mute"\ntitle = "mute"\nurl = "{url}"\n'
        )
        free.close()
        command = [sys.executable, "-c", "from app.cli import main; main()"]
        server = subprocess.Popen(
            [*command, "--home", str(tmp_path), "serve", "--port", str(port)],
            stderr=subprocess.DEVNULL,
        )
        try:
            mute.settimeout(60)
            in_flight, _ = mute.accept()
            children = psutil.Process(server.pid).children(recursive=True)
            wait_until_up(port)
            begun = time.monotonic()
            server.send_signal(number)
            status = server.wait(timeout=10)
        finally:
            server.kill()
        in_flight.close()
    assert children
    assert (status, time.monotonic() - begun < 10) == (0, True)
    _, alive = psutil.wait_procs(children, timeout=2)
    assert alive == []


def wait_until_up(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)


def test_ticks_that_came_while_one_was_at_work_are_made_up_by_one(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_work, together, done = threading.Semaphore(1), [], []

    def slow(_folder: Folder) -> None:
        if not at_work.acquire(blocking=False):
            together.append(1)
        time.sleep(0.7 if not done else 0.01)
        done.append(time.monotonic())
        at_work.release()

    monkeypatch.setattr(schedule, "tick", slow)
    scheduler = timetable(folder)
    scheduler.reschedule_job("tick", trigger="interval", seconds=0.1)
    scheduler.start()
    time.sleep(0.95)
    scheduler.shutdown(wait=True)
    assert together == []
    assert done[1] - done[0] < 0.09  # at once, not at the next beat
    assert 2 <= len(done) <= 5


def test_a_tick_missed_in_sleep_is_made_up_once(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[int] = []
    monkeypatch.setattr(schedule, "tick", lambda _folder: done.append(1))
    scheduler = timetable(folder)
    scheduler.get_job("tick").modify(next_run_time=datetime.now(UTC) - timedelta(hours=7))
    scheduler.start()
    time.sleep(0.3)
    scheduler.shutdown(wait=True)
    assert done == [1]


@pytest.mark.slow
def test_serve_polls_answers_and_stops_on_sigterm(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with WorldServer() as world:
        write_settings(tmp_path, world.world, world.base_url, 1)
        command = [sys.executable, "-c", "from app.cli import main; main()"]
        server = subprocess.Popen(
            [*command, "--home", str(tmp_path), "serve", "--port", str(port)],
            stderr=subprocess.DEVNULL,
        )
        try:
            found = wait_for_articles(f"http://127.0.0.1:{port}/archive/vigie/articles.json")
        finally:
            begun = time.monotonic()
            server.send_signal(signal.SIGTERM)
            status = server.wait(timeout=10)
    assert status == 0
    assert found > 0
    assert time.monotonic() - begun < 10


def wait_for_articles(url: str) -> int:
    """How many articles the first tick brought, once there are any."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        time.sleep(0.2)
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                text = answer.read().decode()
        except OSError:
            continue
        rows = text.count('"a-') + text.count("urn:vigie") + text.count(".html")
        if rows:
            return rows
    return 0
