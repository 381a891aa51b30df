"""The fault table: feeds of which half misbehave, on several addresses, and our collect stage.

    python bench/faults.py --server ../shared/bench/feedserver.py --python SERVER_PYTHON

The server spreads the feeds over 127.0.1.1 and on; its address 127.0.0.1 stands for the inside that
no request may reach. A second poll, at the next tick of the timetable (its clock is put forward),
asks those that are due: a feed that said "429, Retry-After: 3" comes then. Prints a row for each
fault, then the bars; ends with 1 where one is missed. Seconds, CPU and memory are read from
outside; memory is the highest sum of all processes that was sampled (proportional set size).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter, defaultdict
from pathlib import Path

POLL = Path(__file__).with_name("poll.py")
RECOVERABLE = ("healthy", "invalid_xml", "wrong_charset", "http_500_once", "slow_drip", "moved")
RETRY_AFTER = 3.0  # seconds that the server asks to wait
TICK = "660"  # seconds: the timetable's ten minutes, and one
MOST_SECONDS, MOST_BYTES = 40.0, 350_000_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", type=Path, required=True, help="feedserver.py")
    parser.add_argument("--python", default=sys.executable, help="the server's interpreter")
    parser.add_argument("--feeds", type=int, default=72)
    parser.add_argument("--hosts", type=int, default=12)
    parser.add_argument("--out", type=Path, help="write the figures here as JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="faults-") as name:
        folder = Path(name)
        manifest = folder / "manifest.json"
        command = [options.python, str(options.server), "--manifest", str(manifest)]
        command += ["--feeds", str(options.feeds), "--faulty", "0.5", "--hosts", str(options.hosts)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            try:
                base = json.loads(server.stdout.readline() if server.stdout else "")["base"]
                first = poll(folder, manifest, "first")
                time.sleep(RETRY_AFTER)
                second = poll(folder, manifest, "due", "--forward", TICK)
                with urllib.request.urlopen(f"{base}/_stats?sum") as answer:
                    totals = json.load(answer)["totals"]
            finally:
                server.terminate()
        feeds = json.loads(manifest.read_text("utf-8"))["feeds"]
    rows = table(feeds, first["outcome"], second["outcome"])
    found = {
        "first": {key: first[key] for key in ("seconds", "cpu", "peak_bytes")},
        "second": {key: second[key] for key in ("seconds", "cpu", "peak_bytes")},
        "inside_requests": totals.get("admin", 0),
        "faults": rows,
    }
    if options.out:
        options.out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    sys.exit(told(found))


def poll(folder: Path, manifest: Path, phase: str, *more: str) -> dict[str, object]:
    """One run of bench/poll.py, with what it cost."""
    out = folder / f"{phase}.json"
    arguments = ["--manifest", manifest, "--state", folder / "state", "--phase", phase, *more]
    start = time.perf_counter()
    command = [sys.executable, str(POLL), *map(str, arguments), "--out", str(out)]
    with subprocess.Popen(command) as process:
        peak = 0
        while process.poll() is None:
            peak = max(peak, sum(map(memory, tree(process.pid))))
            time.sleep(0.1)
        seconds = time.perf_counter() - start
    if process.returncode:
        raise SystemExit(f"the poll ended with {process.returncode}")
    children = os.times()
    return {
        "seconds": round(seconds, 2),
        "cpu": round(children.children_user + children.children_system, 2),
        "peak_bytes": peak,
        "outcome": json.loads(out.read_text("utf-8")),
    }


def tree(root: int) -> list[int]:
    """A process and all that it started, as far as they still live."""
    parents: dict[int, list[int]] = defaultdict(list)
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text("utf-8", "replace").rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(fields[1])].append(int(path.parent.name))
    found = [root]
    for process in found:
        found += parents[process]
    return found


def memory(process: int) -> int:
    """Proportional set size in bytes: what is shared is counted once."""
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text("utf-8")
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in text.splitlines() if "Pss:" in line), 0)


def table(feeds: list[dict], first: dict, second: dict) -> dict[str, dict[str, object]]:  # type: ignore[type-arg]
    """For each fault: feeds, how many gave items at first and later, and the reasons given."""
    rows: dict[str, dict[str, object]] = {}
    for kind in dict.fromkeys(feed["fault"] or "healthy" for feed in feeds):
        urls = [feed["url"] for feed in feeds if (feed["fault"] or "healthy") == kind]
        reasons = Counter(first["errors"].get(url, "") for url in urls)
        rows[kind] = {
            "feeds": len(urls),
            "first": sum(bool(first["items"].get(url)) for url in urls),
            "later": sum(bool(second["items"].get(url)) for url in urls),
            "unnamed": sum(
                not first["items"].get(url) and not first["errors"].get(url) for url in urls
            ),
            "reasons": [reason for reason in reasons if reason],
        }
    return rows


def told(found: dict) -> int:  # type: ignore[type-arg]
    """Print the table and the bars; 1 where one is missed."""
    for kind, row in found["faults"].items():
        reason = (row["reasons"] or [""])[0]
        print(
            f"{kind:15} {row['feeds']:3} feeds {row['first']:3} first {row['later']:3} later"
            f"  {reason[:100]}"
        )
    rows, first = found["faults"], found["first"]
    got = {kind: row["first"] + row["later"] for kind, row in rows.items()}
    bars = {
        f"whole run {first['seconds']} s, under {MOST_SECONDS:g}": first["seconds"] < MOST_SECONDS,
        f"peak {first['peak_bytes'] / 1e6:.0f} MB of all processes, under {MOST_BYTES / 1e6:.0f}": (
            first["peak_bytes"] < MOST_BYTES
        ),
        "every healthy and recoverable feed delivered": all(
            got[kind] >= rows[kind]["feeds"] for kind in RECOVERABLE
        ),
        "429 waited for, and delivered later": (
            not rows["http_429"]["first"] and rows["http_429"]["later"] == rows["http_429"]["feeds"]
        ),
        "each refused feed named with its reason": not any(row["unnamed"] for row in rows.values()),
        f"{found['inside_requests']} requests to the inside address": not found["inside_requests"],
    }
    for bar, held in bars.items():
        print(f"{'held  ' if held else 'MISSED'}  {bar}")
    return int(not all(bars.values()))


if __name__ == "__main__":
    main()
