"""How fast articles are read, embedded and grouped, beside the least that any reader must do.

    python bench/reading.py

The texts are the demo world's. The limit of each line is a run over the same texts in the same
process: cutting them into words. A ratio means something from one machine to another, a speed does
not.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from app.demo.world import World, load_world
from app.folder import Folder, write_starter
from enrich.grouping import Window
from enrich.models.static import StaticVectors
from enrich.reading import Reader
from enrich.vectors import TfidfEmbedder, text_of
from vigie.model import GroupingItem, ReadingJob

REPEAT = 5  # each text so many times, so that start-up does not count


@dataclass(frozen=True, slots=True)
class Row:
    what: str
    items_per_second: float
    words_per_second: float
    share_of_limit: float


def measure() -> list[Row]:
    world = load_world()
    jobs = jobs_of(world)
    words = sum(len(f"{job.title} {job.summary} {job.text}".split()) for job in jobs)
    texts = [text_of(job.title, job.summary, job.text) for job in jobs]
    with TemporaryDirectory() as home:
        write_starter(Path(home))
        settings = Folder.at(Path(home)).settings
    reader = Reader(settings)
    reader.read(jobs[:8])  # models loaded
    embedder = TfidfEmbedder.fit(texts)
    vectors = embedder.encode(texts)
    window = Window(settings.grouping, embedder.name)
    items = [
        GroupingItem(n, item.feed, item.published, "fr", item.title, item.summary)
        for n, item in enumerate(world.items)
    ]
    limit = timed(lambda: [text.split() for text in texts for _ in range(20)]) / 20
    read = timed(lambda: reader.read(jobs))
    embed = timed(lambda: embedder.encode(texts))
    place = timed(lambda: [window.place(i, v) for i, v in zip(items, vectors, strict=False)])
    static = StaticVectors()
    static.encode(texts)
    shipped = timed(lambda: static.encode(texts))
    rows = (
        ("read", read, len(jobs)),
        ("tfidf", embed, len(jobs)),
        ("vectors", shipped, len(jobs)),
        ("group", place, len(items)),
    )
    return [
        Row(what, n / took, words * n / len(jobs) / took, limit * n / len(jobs) / took)
        for what, took, n in rows
    ]


def titles_by_processes(world: World, processes: int) -> float:
    """Titles a second of wall time with the shipped vectors; loading is not counted."""
    titles = [item.title for item in world.items] * (100 * REPEAT)
    parts = [titles[n::processes] for n in range(processes)]
    with ProcessPoolExecutor(processes, initializer=_load) as pool:
        list(pool.map(_encode, [titles[:64]] * (4 * processes)))
        start = time.perf_counter()
        done = sum(pool.map(_encode, parts))
        return done / (time.perf_counter() - start)


_loaded: list[StaticVectors] = []


def _load() -> None:
    _loaded.append(StaticVectors())


def _encode(titles: Sequence[str]) -> int:
    return len(_loaded[0].encode(titles))


def jobs_of(world: World) -> list[ReadingJob]:
    return [
        ReadingJob(n, 1, item.title, item.summary, "\n".join(item.body))
        for n, item in enumerate(world.items * REPEAT)
    ]


def timed(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


if __name__ == "__main__":
    found = measure()
    for row in found:
        print(  # noqa: T201  a bench prints
            f"{row.what:<8}{row.items_per_second:10.0f} items/s{row.words_per_second:12.0f} words/s"
            f"   1/{1 / row.share_of_limit:.0f} of the limit"
        )
    for processes in (1, 4):
        speed = titles_by_processes(load_world(), processes)
        print(f"titles, vectors, {processes} processes: {speed:,.0f}/s")  # noqa: T201  the same
    Path("build").mkdir(exist_ok=True)
    text = json.dumps([asdict(row) for row in found], indent=2)
    Path("build/bench-reading.json").write_text(text + "\n", encoding="utf-8")
