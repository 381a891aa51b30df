"""How fast articles are read, embedded and grouped, with what memory, and how soon.

    python bench/reading.py

The texts are the demo world's: its items as a feed gives them (title and summary), and articles of
300 words made of its articles' sentences. Each line is measured in fresh processes, one or four at
once, that load what they need, wait for one another and then read for a few seconds; seconds are
CPU seconds of a process for "a core", and by the clock for all processes together. The limit beside
one process is the least that any reader must do, cutting the same texts into words, in the same
process: a ratio means something from one machine to another, a speed does not.

Seconds to load are what a fresh process pays, by the clock from its start to its first results:
the interpreter, imports, settings, models and the first eight texts. Making up the texts is left
out. For grouping they include embedding all texts, which a running Vigie has done before.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from multiprocessing.synchronize import Barrier
from pathlib import Path

from app.demo.world import World, load_world
from enrich.grouping import Window
from enrich.models.static import shipped_vectors
from enrich.vectors import text_of
from vigie.model import GroupingItem, ReadingJob

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # bench/ is in no distribution
from bench.quality.inforce import InForce

ARTICLE = 300  # words
BATCH = 256
_SHOWN = 20  # rounds of cutting words: one alone is too short to time
_FIRST = datetime(2026, 1, 5, tzinfo=UTC)  # of the items that grouping places
_WAIT = 120.0  # seconds for the slowest process to load
_CONTEXT = multiprocessing.get_context("spawn")


@dataclass(frozen=True, slots=True)
class Task:
    """What one process does: `what` to `count` texts of a kind."""

    what: str  # language, entities, reading, reading and vectors, vectors or grouping
    kind: str  # feed items or articles
    count: int
    home: Path | None


@dataclass(frozen=True, slots=True)
class Timed:
    """What one process took."""

    loaded: float  # seconds by the clock from the process's start to its first results
    cpu: float
    clock: float
    peak_mb: float
    words: int
    limit: float  # CPU seconds for cutting the same texts into words


@dataclass(frozen=True, slots=True)
class Row:
    what: str
    kind: str
    processes: int
    items_per_second: float  # by the clock, all processes together
    items_per_core: float  # a CPU second
    words_per_core: float
    share_of_limit: float
    load_seconds: float  # the slowest process's
    peak_mb: float  # the largest process's


def measure(seconds: float, home: Path | None) -> list[Row]:
    """Every line; each reads for about so many seconds."""
    rows = []
    for what, kind, processes in _LINES:
        trial = _run(Task(what, kind, BATCH, home), 1)[0]
        count = max(BATCH, int(seconds * BATCH / max(1e-6, trial.cpu)))
        task = Task(what, kind, min(count, 50_000), home)
        rows.append(_row(task, processes, _run(task, processes)))
        _show(rows[-1])
    return rows


_LINES = (
    ("language", "feed items", 1),
    ("entities", "feed items", 1),
    ("entities", "articles", 1),
    ("vectors", "feed items", 1),
    ("vectors", "feed items", 4),
    ("grouping", "feed items", 1),
    ("reading", "feed items", 1),
    ("reading", "feed items", 4),
    ("reading", "articles", 1),
    ("reading", "articles", 4),
    ("reading and vectors", "feed items", 1),
    ("reading and vectors", "articles", 1),
)


def _row(task: Task, processes: int, found: Sequence[Timed]) -> Row:
    total, cpu = task.count * processes, sum(one.cpu for one in found)
    return Row(
        what=task.what,
        kind=task.kind,
        processes=processes,
        items_per_second=total / max(one.clock for one in found),
        items_per_core=total / cpu,
        words_per_core=sum(one.words for one in found) / cpu,
        share_of_limit=sum(one.limit for one in found) / cpu,
        load_seconds=max(one.loaded for one in found),
        peak_mb=max(one.peak_mb for one in found),
    )


def _run(task: Task, processes: int) -> list[Timed]:
    barrier, queue = _CONTEXT.Barrier(processes), _CONTEXT.SimpleQueue()
    children = []
    for _ in range(processes):
        began = time.monotonic()  # one clock for all processes of a machine
        children.append(_CONTEXT.Process(target=_child, args=(task, began, barrier, queue)))
        children[-1].start()
    for child in children:
        child.join()
    if failed := [child.exitcode for child in children if child.exitcode]:
        raise SystemExit(f"{task.what} of {task.kind}: a process ended with {failed[0]}")
    return [queue.get() for _ in children]


# --------------------------------------------------------------------------------- in a child


def _child(
    task: Task, began: float, barrier: Barrier, queue: multiprocessing.SimpleQueue[Timed]
) -> None:
    started = time.monotonic()
    world = load_world()
    jobs = (
        feed_items(world, task.count) if task.kind == "feed items" else articles(world, task.count)
    )
    texts_took = time.monotonic() - started
    work = _work(task, jobs)
    loaded = time.monotonic() - began - texts_took
    barrier.wait(_WAIT)
    clock, cpu = time.perf_counter(), time.process_time()
    for first in range(0, len(jobs), BATCH):
        work(jobs[first : first + BATCH])
    took = time.perf_counter() - clock, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    texts = [f"{job.title} {job.summary} {job.text}" for job in jobs]
    limit = cpu_seconds(lambda: [text.split() for text in texts for _ in range(_SHOWN)]) / _SHOWN
    words = sum(len(text.split()) for text in texts)
    queue.put(Timed(loaded, took[1], took[0], peak, words, limit))


def _work(task: Task, jobs: Sequence[ReadingJob]) -> Callable[[Sequence[ReadingJob]], object]:
    """What is timed, its models loaded and warm."""
    force = InForce.of(task.home)
    if task.what == "language":
        reader = force.languages
        reader.read(jobs[0].title)
        return lambda some: [reader.read(f"{job.title}\n{job.summary}") for job in some]
    if task.what == "entities":
        entities = force.entities
        entities.read(jobs[:8], [job.declared_language for job in jobs[:8]])
        return lambda some: entities.read(some, [job.declared_language for job in some])
    if task.what == "grouping":
        return _grouping(force, jobs)
    return _reading(force, task.what, jobs)


def _reading(
    force: InForce, what: str, jobs: Sequence[ReadingJob]
) -> Callable[[Sequence[ReadingJob]], object]:
    parts: list[Callable[[Sequence[ReadingJob]], object]] = []
    if what.startswith("reading"):
        parts.append(force.reader.read)
    if what.endswith("vectors"):
        embedder = force.embedder([_text(job) for job in jobs[:1_000]])
        parts.append(lambda some: embedder.encode([_text(job) for job in some]))
    for part in parts:
        part(jobs[:8])
    return lambda some: [part(some) for part in parts]


def _grouping(
    force: InForce, jobs: Sequence[ReadingJob]
) -> Callable[[Sequence[ReadingJob]], object]:
    """Vectors and dates are given: placing alone is timed."""
    texts = [_text(job) for job in jobs]
    embedder = force.grouping_embedder(texts[:1_000])
    vectors = embedder.encode(texts)
    window = Window(force.settings.grouping, words=shipped_vectors())
    step = timedelta(days=force.settings.grouping.window_days) / max(1, len(jobs))
    dates = [_FIRST + step * place for place in range(len(jobs))]  # as they come, over a window

    def place(some: Sequence[ReadingJob]) -> None:
        items = [
            GroupingItem(job.article, "bench", dates[job.article], "fr", job.title, job.summary)
            for job in some
        ]
        window.place_many(items, vectors[[job.article for job in some]])

    return place


def feed_items(world: World, count: int) -> list[ReadingJob]:
    """Title and summary, the world's items again and again."""
    return [
        ReadingJob(number, 1, item.title, item.summary, "", "fr")
        for number, item in enumerate(islice(cycle(world.items), count))
    ]


def articles(world: World, count: int) -> list[ReadingJob]:
    """Articles of 300 words: each item's own sentences first, then those of the items after it."""
    bodies = [" ".join(item.body) or item.summary for item in world.items]
    texts = []
    for number in range(len(bodies)):
        words: list[str] = []
        for body in bodies[number:] + bodies[:number]:
            words += body.split()
            if len(words) >= ARTICLE:
                break
        texts.append(" ".join(words[:ARTICLE]))
    return [
        ReadingJob(number, 1, item.title, item.summary, text, "fr")
        for number, (item, text) in enumerate(
            islice(cycle(zip(world.items, texts, strict=True)), count)
        )
    ]


def _text(job: ReadingJob) -> str:
    return text_of(job.title, job.summary, job.text)


def cpu_seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


# ------------------------------------------------------------------------------------ telling


def _show(row: Row) -> None:
    print(  # a bench prints
        f"{row.what:<20}{row.kind:<11}{row.processes:>2} process(es)"
        f"{row.items_per_second:>9,.0f} items/s{row.items_per_core:>9,.0f} a core"
        f"{row.words_per_core:>10,.0f} words/s a core   1/{1 / row.share_of_limit:,.0f} of "
        f"the limit{row.load_seconds:>6.1f} s to load{row.peak_mb:>7,.0f} MB",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=3.0, help="of reading, for each line")
    parser.add_argument("--home", type=Path, help="a Vigie folder: its models and names are used")
    parser.add_argument("--out", type=Path, default=Path("build/bench-reading.json"))
    options = parser.parse_args()
    rows = measure(options.seconds, options.home)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps([asdict(row) for row in rows], indent=2)
    options.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
