"""`vigie serve`: the archive for reading, the frozen bulletins, one tick at a time."""

from __future__ import annotations

import html
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

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
        issues.publish(db, ISSUE, files, ISSUE.title["fr"], "mc", NOW)
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
    (job,) = scheduler.get_jobs()
    assert (job.id, job.max_instances, job.coalesce) == ("tick", 1, True)
    assert job.misfire_grace_time is None


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
            server.wait(timeout=10)
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
