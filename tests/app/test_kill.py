"""SIGKILL at random moments of collect, enrich and send: nothing lost, nothing doubled."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from app.demo.run import NOW
from app.demo.server import WorldServer
from app.demo.settings import EDITION, write_settings
from app.demo.smtp import Outbox
from app.demo.world import World, load_world
from vigie.archive import connect
from vigie.archive.people import NewRecipient, add_recipient

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

VICTIM = Path(__file__).with_name("victim.py")
STAGES = ("collect", "enrich", "send")
KILLS = {"collect": 7, "enrich": 7, "send": 6}
RECIPIENTS = 40
SEED = 20261120

# Everything that a run leaves, with public names instead of row numbers, without durations.
CONTENT = (
    "SELECT source_id, status, bytes, items, new, revised, failure_kind FROM fetches",
    "SELECT source_id, next_due, etag, failures, failure_kind, moved_to, moved_seen FROM polls",
    """SELECT public_id, key, source_id, url, author, published, first_seen, revision, page,
       page_detail FROM articles""",
    """SELECT a.public_id, r.n, r.title, r.summary, r.text, r.text_from, r.content_hash
       FROM revisions r JOIN articles a ON a.id = r.article_id""",
    """SELECT x.source_id, a.public_id, x.guid, x.content_hash
       FROM sightings x JOIN articles a ON a.id = x.article_id""",
    "SELECT source_id, place, reason, sample FROM quarantine",
    "SELECT role, name, revision, state, fitted_on FROM models",
    """SELECT a.public_id, g.revision, g.text_from, g.language, g.confidence
       FROM readings g JOIN articles a ON a.id = g.article_id""",
    """SELECT a.public_id, m.entity_id, m.field, m.start, m.surface
       FROM mentions m JOIN articles a ON a.id = m.article_id""",
    """SELECT a.public_id, t.theme_id, t.score, t.why
       FROM article_themes t JOIN articles a ON a.id = t.article_id""",
    """SELECT a.public_id, v.revision, v.vector
       FROM vectors v JOIN articles a ON a.id = v.article_id""",
    """SELECT a.public_id, g.public_id, n.public_id, m.score FROM duplicate_members m
       JOIN articles a ON a.id = m.article_id JOIN duplicate_groups g ON g.id = m.group_id
       LEFT JOIN articles n ON n.id = m.neighbour_id""",
    """SELECT a.public_id, g.public_id, n.public_id, m.score FROM story_members m
       JOIN articles a ON a.id = m.article_id JOIN stories g ON g.id = m.story_id
       LEFT JOIN articles n ON n.id = m.neighbour_id""",
    """SELECT i.issue_id, i.issue_revision, i.position, a.public_id, i.article_revision, i.story,
       i.title, i.excerpt FROM issue_items i JOIN articles a ON a.id = i.article_id""",
    "SELECT issue_id, issue_revision, language, form FROM issue_files",
    "SELECT count(*) FROM articles_fts WHERE articles_fts MATCH 'port OR haven OR the OR le'",
)


@dataclass(frozen=True)
class Undisturbed:
    """What a run that nobody kills leaves: after each stage its folder, its time, and all rows."""

    folders: dict[str, Path]  # the folder as it is before the stage
    seconds: dict[str, float]
    content: dict[str, Counter[tuple[object, ...]]]


def small_world() -> World:
    """Enough for every kind of row: full texts, four languages, a broken feed, a moved one."""
    world = load_world()
    kept = tuple(feed for feed in world.feeds if feed.fault != "slow")[:14]
    odd = tuple(feed for feed in world.feeds if feed.fault in ("broken", "moved"))
    feeds = tuple(dict.fromkeys(kept + odd))
    names = {feed.id for feed in feeds}
    return World(feeds, tuple(item for item in world.items if item.feed in names))


def content(home: Path) -> dict[str, Counter[tuple[object, ...]]]:
    db = connect.read(home / "archive.db")
    assert connect.check(db) == []
    found = {sql: Counter(db.execute(sql).fetchall()) for sql in CONTENT}
    db.close()
    return found


def prepare(home: Path, world: WorldServer, outbox: Outbox) -> None:
    write_settings(home, world.world, world.base_url, outbox.port)
    path = home / "config" / "vigie.toml"
    # A pace that leaves time to kill between two messages.
    path.write_text(path.read_text().replace("per_minute = 100000", "per_minute = 1200"))
    db = connect.open_desk(home / "desk.db")
    for n in range(RECIPIENTS):
        language = ("fr", "nl", "de", "en")[n % 4]
        person = NewRecipient(
            f"P{n}", f"p{n}@a.example", language, f"S{n % 5}", (EDITION,), "interest", "test"
        )
        add_recipient(db, person, NOW)
    db.close()


def set_port(home: Path, port: int) -> None:
    path = home / "config" / "vigie.toml"
    lines = path.read_text().splitlines()
    path.write_text("\n".join(f"port = {port}" if "port =" in line else line for line in lines))


def start(home: Path, stage: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(VICTIM), str(home), stage]
    return subprocess.Popen(command, stderr=subprocess.PIPE, start_new_session=True)


def finish(home: Path, stage: str) -> None:
    process = start(home, stage)
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors.decode()


@pytest.fixture(scope="module")
def world() -> Iterator[WorldServer]:
    with WorldServer(small_world()) as server:
        yield server


@pytest.fixture(scope="module")
def undisturbed(world: WorldServer, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    base = tmp_path_factory.mktemp("undisturbed")
    home = base / "home"
    folders, seconds = {}, {}
    with Outbox(base / "outbox") as outbox:
        prepare(home, world, outbox)
        for stage in STAGES:
            folders[stage] = base / f"before-{stage}"
            shutil.copytree(home, folders[stage])
            begun = time.perf_counter()
            finish(home, stage)
            seconds[stage] = time.perf_counter() - begun
        assert len(outbox.received) == RECIPIENTS
    return Undisturbed(folders, seconds, content(home))


def moments() -> list[tuple[str, float]]:
    """(stage, share of its time): spread over each stage, and random within."""
    random_share = random.Random(SEED).random
    return [
        (stage, 0.9 * (n + random_share()) / count)  # the last tenth may be over before the kill
        for stage, count in KILLS.items()
        for n in range(count)
    ]


@pytest.mark.parametrize(("stage", "share"), moments())
def test_a_kill_and_a_restart_leave_what_an_undisturbed_run_leaves(
    stage: str, share: float, world: WorldServer, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    for attempt in range(8):
        home = tmp_path / f"home-{attempt}"
        shutil.copytree(undisturbed.folders[stage], home)
        with Outbox(tmp_path / f"outbox-{attempt}") as outbox:
            set_port(home, outbox.port)
            process = start(home, stage)
            time.sleep(share * undisturbed.seconds[stage])
            os.kill(process.pid, signal.SIGKILL)
            process.communicate()
            if process.returncode == -signal.SIGKILL:
                finish(home, "rest")
                served = Counter(address for got in outbox.received for address in got.rcpt_tos)
                break
        share *= 0.7  # the machine is quicker than it was: it was done before the kill
    else:
        pytest.fail("every run was done before its kill")
    found = content(home)
    for sql, rows in undisturbed.content.items():
        assert found[sql] == rows, sql
    check_ledger(home, served)
    assert_no_orphans(process.pid)


def check_ledger(home: Path, served: Counter[str]) -> None:
    db = sqlite3.connect(home / "desk.db")
    rows = db.execute(
        "SELECT r.address, d.state FROM deliveries d JOIN recipients r ON r.id = d.recipient_id"
    ).fetchall()
    db.close()
    assert len(rows) == RECIPIENTS
    assert max(served.values()) == 1, "someone was served twice"
    states = Counter(state for _, state in rows)
    assert set(states) <= {"sent", "in doubt"}
    assert states["in doubt"] <= 1, "more in doubt than kills"
    for address, state in rows:
        assert state == "in doubt" or served[address] == 1, f"{address} was lost"


def assert_no_orphans(session: int) -> None:
    """Whatever the killed process had started ends by itself."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if not [pid for pid in psutil.pids() if _session(pid) == session]:
            return
        time.sleep(0.1)
    pytest.fail("processes of the killed run are still there")


def _session(pid: int) -> int:
    try:
        return os.getsid(pid)
    except OSError:
        return -1
