"""Reading in processes that may be lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from collectors import workers
from collectors.workers import Task, Workers
from vigie.model import Failure, FailureKind, Fetched, ParsedFeed
from vigie.schema import Source

AT = datetime(2026, 3, 1, tzinfo=UTC)
SOURCE = Source(id="s", title="S", url="https://a.fr/feed")
RSS = b"<rss><channel><title>t</title><item><title>x</title></item></channel></rss>"


class Always(dict[str, Source]):
    """Whatever the key, the one source."""

    def __missing__(self, key: str) -> Source:
        return SOURCE


def fetched(key: str, body: bytes = RSS) -> Fetched:
    return Fetched(key, f"https://a.fr/{key}", AT, status=200, body=body)


def misbehave(task: Task, memory: int) -> ParsedFeed:
    """Stands for a parser that a document has got the better of."""
    match task.fetched.key:
        case "stalls":
            time.sleep(60)
        case "dies":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "swells":
            workers._alone(lambda _: bytearray(400_000_000), task.fetched, memory)
        case "raises":
            raise LookupError("of its own")
    return workers.parse_alone(task, memory)


def test_one_document_harms_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = ["a", "stalls", "b", "dies", "c", "swells", "d", "raises", *"efghijklmnop"]
    with Workers(seconds=3) as pool:
        stream = (Task(fetched(key), SOURCE) for key in keys)
        found = {
            one.key: feed
            for one, feed in pool._each(stream, misbehave, lambda why: ParsedFeed(failure=why))
        }
    assert sorted(found) == sorted(keys)
    failures = {key: feed.failure for key, feed in found.items() if feed.failure}
    said = {key: (why.kind, why.detail.split(":")[0]) for key, why in failures.items()}
    assert said == {
        "stalls": (FailureKind.TIMEOUT, "reading took more than 3 s"),
        "dies": (FailureKind.HOSTILE, "reading broke the process (exit code -11)"),
        "swells": (FailureKind.HOSTILE, "reading needed more than 100000000 bytes of memory"),
        "raises": (FailureKind.CRASHED, "reading stopped"),
    }
    assert all(len(feed.items) == 1 for key, feed in found.items() if key not in failures)


def test_failures_and_unmodified_pass_and_look_ahead_is_bounded() -> None:
    failure = Failure(FailureKind.DNS, "x")
    taken = 0

    def stream() -> Iterator[Fetched]:
        nonlocal taken
        yield Fetched("failed", "u", AT, failure=failure)
        yield Fetched("same", "u", AT, status=304)
        for number in range(80):
            taken += 1
            yield fetched(str(number))

    with Workers(processes=1) as pool:
        results = pool.parsed(stream(), Always())
        assert next(results)[1] == ParsedFeed(failure=failure)
        assert next(results)[1] == ParsedFeed()
        next(results)
        assert taken <= 37  # three batches of twelve: flying, waiting for a worker, and filling
        assert len(list(results)) == 79


def test_pages_too() -> None:
    with Workers(processes=1) as pool:
        ((one, page),) = pool.extracted([fetched("a", b"<p>short</p>")])
    assert one.key == "a"
    assert page.failure is not None
    assert page.failure.kind is FailureKind.NO_TEXT


def test_workers_end_with_a_killed_parent(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(
        "import time\nfrom datetime import UTC, datetime\n"
        "from collectors.workers import Workers\nfrom vigie.model import Fetched\n"
        "from vigie.settings import Source\n"
        "if __name__ == '__main__':\n"
        "    one = Fetched('a', 'u', datetime.now(UTC), status=200, body=b'<rss/>')\n"
        "    source = Source(id='a', title='A', url='https://a.fr/f')\n"
        "    with Workers() as pool:\n"
        "        list(pool.parsed([one, one], {'a': source}))\n"
        "        print('ready', flush=True)\n"
        "        time.sleep(60)\n"
    )
    root = str(Path(__file__).parents[2])
    parent = subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": root},
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"ready\n"
    children = psutil.Process(parent.pid).children(recursive=True)
    assert len(children) >= 2
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    until = time.monotonic() + 10
    while any(map(is_alive, children)) and time.monotonic() < until:
        time.sleep(0.02)
    assert not any(map(is_alive, children))


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.slow
def test_hostile_documents_stay_within_400_mb() -> None:
    """The largest and worst documents, all processes counted."""
    entry = "<item><title>{0} ✓</title><link>https://a.fr/{0}</link><description>" + "&lt;p&gt;é"
    many = "".join(entry.format(number) + "</description></item>" for number in range(90_000))
    head = "<rss><channel><title>t</title>"
    bodies = [
        f"{head}{many}</channel></rss>",
        f"{head}{many}",
        f"{head}<item><title>x</title><description>{'&lt;div&gt;' * 700_000}",
        f"{head}<item><title>x</title><description>{'<b>' * 3_000_000}",
        f"{head}{'<a>' * 3_000_000}",
        f"{head}<item><title>{'&amp;' * 1_900_000}</title></item></channel></rss>",
        '{"items": [' + '{"title": "x"},' * 600_000 + "{}]}",
        "<" * 9_000_000,
        "<!DOCTYPE x [" + "<!ENTITY a" * 800_000,
    ]
    stream = [
        fetched(str(number), body.encode()[:10_000_000]) for number, body in enumerate(bodies)
    ]
    peak = [0]
    done = threading.Event()
    own = psutil.Process().cmdline()

    def watch() -> None:
        while not done.wait(0.02):
            total = 0
            for child in psutil.Process().children(recursive=True):
                try:
                    if child.cmdline() != own:  # a fork that is its parent's shadow until exec
                        total += child.memory_info().rss
                except psutil.Error:
                    continue
            peak[0] = max(peak[0], total)

    watcher = threading.Thread(target=watch)
    watcher.start()
    with Workers(seconds=4) as pool:
        count = sum(1 for _ in pool.parsed(stream, Always()))
    done.set()
    watcher.join()
    assert count == len(bodies)
    assert peak[0] < 300_000_000, peak[0]
