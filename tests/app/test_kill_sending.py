"""Fifty SIGKILLs at random moments of one send: nobody skipped, nobody served twice."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from pathlib import Path

import pytest
from mailing_cases import ID, RECIPIENTS, prepare, sending

from app.demo.smtp import Outbox
from app.folder import Folder
from vigie.archive import desk as desk_rows
from vigie.model import DeliveryState

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

KILLS, SEED = 50, 20270106


def test_fifty_kills_skip_nobody_and_serve_nobody_twice(tmp_path: Path) -> None:
    home, rng, killed, runs = tmp_path / "home", random.Random(SEED), 0, 0
    forks = multiprocessing.get_context("forkserver")
    forks.set_forkserver_preload(["app.pipeline.mailing", "digest.render.html"])
    with Outbox(tmp_path / "outbox") as outbox:
        prepare(home, outbox.port)
        while killed < KILLS:
            before = len(outbox.received)
            victim = forks.Process(target=sending, args=(home,))
            victim.start()
            assert victim.pid
            runs += 1
            if runs % 5:  # most kills hit the sending itself, some what comes before it
                _until_it_sends(outbox, before, victim)
            time.sleep(rng.uniform(0, 0.06))
            os.kill(victim.pid, signal.SIGKILL)
            victim.join()
            killed += victim.exitcode == -signal.SIGKILL
            assert victim.exitcode == -signal.SIGKILL or runs < 2 * KILLS, "done before its kill"
        assert len(outbox.received) < RECIPIENTS - 5, "the last kills hit nothing"
        last = forks.Process(target=sending, args=(home,))
        last.start()
        last.join(300)
        assert last.exitcode == 0
        served = Counter(address for got in outbox.received for address in got.rcpt_tos)
    with Folder.at(home).desk() as desk:
        states = {row.recipient.address: row.state for row in desk_rows.deliveries(desk, ID, 1)}
    count = Counter(states.values())
    print(f"{killed} kills, {dict(count)}, {len(served)} served")  # noqa: T201
    assert len(states) == RECIPIENTS
    assert max(served.values()) == 1, "someone was served twice"
    assert set(count) <= {DeliveryState.SENT, DeliveryState.IN_DOUBT}
    assert count[DeliveryState.IN_DOUBT] <= killed
    skipped = [a for a, s in states.items() if s is DeliveryState.SENT and served[a] != 1]
    assert skipped == []


def _until_it_sends(outbox: Outbox, before: int, victim: object) -> None:
    deadline = time.monotonic() + 30
    while len(outbox.received) == before and time.monotonic() < deadline:
        if not victim.is_alive():  # type: ignore[attr-defined]
            return
        time.sleep(0.002)
