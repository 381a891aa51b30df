"""Polling, ours beside the peers in the same run. `make bench`; `make bench FEEDS=50` is short.

The loopback news server and the peers' runners are the ones of the folder named by `--shared`. Each
peer gets a virtual environment of its own under `build/bench/`, made once, from the package index.
What cannot be measured is said, and why. Exits with 1 where a bar is missed. CPU seconds are those
of a runner and all its processes, read from outside; on a busy machine they grow, for all alike.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import threading
import time
import urllib.request
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[1]
POLL = ROOT / "bench" / "poll.py"
# sgmllib3k: reader's own copy of feedparser asks for it, its requirements do not name it.
PEERS = {"reader": ["reader", "sgmllib3k"], "scrapy": ["scrapy"]}
FAULTY = 72  # feeds of the fault run, half of which misbehave
RECOVERABLE = ("invalid_xml", "wrong_charset", "http_500_once", "slow_drip", "moved", "healthy")
MOST_MEMORY = 350.0  # MB, of all our processes together


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of the table."""

    what: str
    ours: str
    peer: str
    ratio: str
    bar: str
    met: bool


@dataclass(slots=True)
class Table:
    bars: list[Bar] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    def ratio(self, what: str, ours: float, peer: float, least: float, unit: str) -> None:
        """A line on how many times less than the peer's ours is."""
        ratio = peer / ours
        numbers = (f"{ours:.2f} {unit}", f"{peer:.2f} {unit}", f"{ratio:.2f}")
        self.bars.append(Bar(what, *numbers, f">= {least:g}", ratio >= least))

    def limit(self, what: str, ours: float, most: float, unit: str) -> None:
        self.bars.append(Bar(what, f"{ours:g} {unit}", "", "", f"<= {most:g}", ours <= most))

    def told(self) -> str:
        heads = ("what", "ours", "peer", "ratio", "bar", "met")
        rows = [heads] + [
            (b.what, b.ours, b.peer, b.ratio, b.bar, "yes" if b.met else "NO") for b in self.bars
        ]
        widths = [max(len(row[column]) for row in rows) for column in range(len(heads))]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            for row in rows
        ]
        return "\n".join(
            [*(line.rstrip() for line in lines), *(f"skipped: {one}" for one in self.skipped)]
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=int(os.environ.get("FEEDS") or 500))
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared" / "bench")
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "bench")
    options = parser.parse_args()
    table = Table()
    if not (options.shared / "run_polls.py").exists():
        print(f"Polling is not measured: there is no {options.shared / 'run_polls.py'}.")
        return
    options.build.mkdir(parents=True, exist_ok=True)
    peers = installed(options.build, table)
    measure(options.shared, options.build, peers, options.feeds, table)
    faults(options.shared, options.build, table)
    load = os.getloadavg()[0]
    print(f"\n{options.feeds} feeds; load {load:.1f} on {os.cpu_count()} cores at the end")
    print(table.told())
    sys.exit(0 if all(bar.met for bar in table.bars) else 1)


def installed(build: Path, table: Table) -> dict[str, Path]:
    """The interpreter of each peer that can be had."""
    found = {}
    for name, packages in PEERS.items():
        home = build / name
        python, ready = home / "bin" / "python", home / ".ready"
        if not ready.exists():
            print(f"Installing {name} into {home} ...", flush=True)
            venv.create(home, with_pip=True, clear=True)
            command = [str(python), "-m", "pip", "install", "--quiet", *packages]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                last = (done.stderr.strip().splitlines() or ["pip failed"])[-1]
                table.skipped.append(f"{name}: {last}")
                continue
            ready.touch()
        found[name] = python
    return found


def measure(shared: Path, build: Path, peers: dict[str, Path], feeds: int, table: Table) -> None:
    rows, memory = run(shared, build, peers, feeds, 0)
    ours = cpu(rows, "ours", "first")
    if "reader" in peers:
        reader = cpu(rows, "reader", "first") + cpu(rows, "reader", "search")
        table.ratio("first poll, searchable, against reader", ours, reader, 8, "CPU s")
    table.limit("first poll, peak memory of all processes", round(memory), MOST_MEMORY, "MB")
    if "scrapy" in peers:
        second = cpu(rows, "ours", "second")
        peer = cpu(rows, "scrapy", "second")
        table.ratio("unchanged second poll, against Scrapy", second, peer, 1, "CPU s")
    if "reader" in peers:
        rows, _ = run(shared, build, {"reader": peers["reader"]}, feeds, 100)
        waits = [one(rows, name, "second")["wall"] for name in ("ours", "reader")]
        table.ratio("second poll at 100 ms latency, against reader", *waits, 1.5, "s")


def run(
    shared: Path, build: Path, peers: dict[str, Path], feeds: int, latency: int
) -> tuple[list[dict[str, Any]], float]:
    """The driver's rows, and the most megabytes that all our processes held together."""
    out = build / f"polls-{latency}ms.jsonl"
    out.unlink(missing_ok=True)
    command = [sys.executable, str(shared / "run_polls.py"), f"--cmd=ours={sys.executable} {POLL}"]
    command += [f"--peer={name}={python}" for name, python in peers.items()]
    command += [f"--feeds={feeds}", "--runs=1", f"--latency-ms={latency}", f"--out={out}"]
    with watched() as peak, subprocess.Popen(command) as driver:
        code = driver.wait()
    if code:
        raise SystemExit(f"the driver ended with code {code}")
    return [json.loads(line) for line in out.read_text("utf-8").splitlines()], peak[0]


def one(rows: list[dict[str, Any]], peer: str, phase: str) -> dict[str, Any]:
    row = next(row for row in rows if row["peer"] == peer and row["phase"] == phase)
    if row["exit"] or row["killed"]:
        raise SystemExit(f"{peer}, {phase}: ended with {row['exit']}: {row['stderr']}")
    return row


def cpu(rows: list[dict[str, Any]], peer: str, phase: str) -> float:
    return float(one(rows, peer, phase)["cpu"])


@contextmanager
def watched() -> Iterator[list[float]]:
    """The peak of the memory (resident, MB) of our runner's processes together, as it grows."""
    peak, done = [0.0], threading.Event()

    def watch() -> None:
        while not done.wait(0.05):
            total = 0
            for process in psutil.Process().children(recursive=True):
                try:
                    if str(POLL) in process.cmdline():
                        family = [process, *process.children(recursive=True)]
                        total = max(total, sum(one.memory_info().rss for one in family))
                except psutil.Error:
                    continue
            peak[0] = max(peak[0], total / 1e6)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peak
    finally:
        done.set()
        watcher.join()


def faults(shared: Path, build: Path, table: Table) -> None:
    """Feeds that misbehave in every way, each at a host of its own, and an inside address."""
    manifest, out, state = (build / name for name in ("faults.json", "outcome.json", "state"))
    shutil.rmtree(state, ignore_errors=True)
    state.mkdir()
    command = [sys.executable, str(shared / "feedserver.py"), f"--feeds={FAULTY}", "--faulty=0.5"]
    command += [f"--hosts={FAULTY}", f"--manifest={manifest}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        base = json.loads(server.stdout.readline())["base"]
        poll = [sys.executable, str(POLL), f"--manifest={manifest}", f"--state={state}"]
        start = time.monotonic()
        try:
            with watched() as peak:
                subprocess.run([*poll, "--phase=first", f"--out={out}"], check=True)
            seconds = time.monotonic() - start
            with urllib.request.urlopen(f"{base}/_stats?sum") as answer:
                asked = json.load(answer)["totals"]
        finally:
            server.terminate()
    found = json.loads(out.read_text("utf-8"))
    feeds = json.loads(manifest.read_text("utf-8"))["feeds"]
    lost = [
        feed
        for feed in feeds
        if (feed["fault"] or "healthy") in RECOVERABLE and not found["items"].get(feed["url"])
    ]
    unnamed = [
        feed
        for feed in feeds
        if not found["items"].get(feed["url"]) and feed["url"] not in found["errors"]
    ]
    table.limit("faulty feeds: the whole run", round(seconds, 1), 40, "s")
    table.limit("faulty feeds: peak memory", round(peak[0]), MOST_MEMORY, "MB")
    table.limit("faulty feeds: healthy or recoverable, and lost", len(lost), 0, "feeds")
    table.limit("faulty feeds: lost without a reason", len(unnamed), 0, "feeds")
    table.limit("requests to the inside address", asked.get("admin", 0), 0, "requests")


if __name__ == "__main__":
    main()
