"""Thirty SIGKILLs at random moments of alerting: nothing skipped, nobody told twice."""

from __future__ import annotations

import multiprocessing
import os
import random
import re
import signal
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from alerting_cases import NOW, Said, advisory, folder, person, tell

from app.demo.smtp import Outbox
from app.folder import Folder
from app.pipeline import alerting
from vigie.archive import alerts
from vigie.archive import desk as desk_rows
from vigie.model import DeliveryState
from vigie.schema import ALERTS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

KILLS, SEED, PEOPLE, ADVISORIES = 30, 20261118, 60, 3
RULES = """
[alerts]
together = 5
window_minutes = 0

[[alert]]
id = "fortinet"
vendors = ["Fortinet"]

[[hook]]
id = "d"
folder = "data/drop"
"""


def cycle(home: Path) -> None:
    """What is killed: the whole of it, from the look to the archive."""
    made = Folder.at(home)
    with made.lock(), made.archive(NOW) as archive, made.desk() as desk:
        alerting.cycle(made.settings, archive, desk, NOW)


def test_thirty_kills_skip_nothing_and_tell_nobody_twice(tmp_path: Path) -> None:
    home, rng, killed, runs = tmp_path / "home", random.Random(SEED), 0, 0
    forks = multiprocessing.get_context("forkserver")
    forks.set_forkserver_preload(["app.pipeline.alerting"])
    with Outbox(tmp_path / "outbox") as outbox:
        made = folder(home, outbox.port, RULES, "per_minute = 2000")
        for number in range(PEOPLE):
            person(made, f"p{number}")
        url = "https://cert.example/{}"
        every = [
            Said(url.format(n), title=f"Avis {n}", advisory=advisory(n)) for n in range(ADVISORIES)
        ]
        tell(made, *every)
        while killed < KILLS and runs < 3 * KILLS:
            victim = forks.Process(target=cycle, args=(home,))
            victim.start()
            runs += 1
            if runs > 6:  # the first hit the look and the dispatch, the others the sending
                _until_it_sends(outbox, victim)
            time.sleep(rng.uniform(0, 0.12 if runs > 6 else 0.5))
            with suppress(ProcessLookupError):
                os.kill(victim.pid or 0, signal.SIGKILL)
            victim.join()
            killed += victim.exitcode == -signal.SIGKILL
        last = forks.Process(target=cycle, args=(home,))
        last.start()
        last.join(300)
        assert last.exitcode == 0
        served = Counter(
            (got.rcpt_tos[0], title[0])
            for got in outbox.received
            if (title := re.search(rb"Avis \d", got.path.read_bytes()))
        )
    with made.desk() as desk:
        rows, log = desk_rows.deliveries(desk, ALERTS, 0), alerts.log(desk, 10)
    count = Counter(row.state for row in rows)
    print(f"{killed} kills in {runs} runs, {dict(count)}, {sum(served.values())} received")  # noqa: T201
    assert killed >= KILLS // 2
    assert [line.alert.revision for line in log] == [1] * ADVISORIES
    assert len(rows) == PEOPLE * ADVISORIES
    assert max(served.values()) == 1, "someone was told twice"
    assert set(count) <= {DeliveryState.SENT, DeliveryState.IN_DOUBT}
    assert count[DeliveryState.IN_DOUBT] <= killed
    missing = PEOPLE * ADVISORIES - len(served)
    assert missing <= count[DeliveryState.IN_DOUBT], "someone was skipped"
    assert len(list((home / "data" / "drop").iterdir())) == ADVISORIES


def _until_it_sends(outbox: Outbox, victim: object) -> None:
    before, deadline = len(outbox.received), time.monotonic() + 20
    while len(outbox.received) == before and time.monotonic() < deadline:
        if not victim.is_alive():  # type: ignore[attr-defined]
            return
        time.sleep(0.002)
