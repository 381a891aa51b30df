"""What grouping costs an item when the window holds 1,000, 10,000 or 100,000; and a whole regroup.

    python bench/group_scale.py --generator ../shared/bench --windows 1000 10000 100000
    python bench/group_scale.py --windows --regroup 102000   # alone: its memory is its own then

The generator is `newsgen.py` of the folder given; its items are spread over the window's days.
Figures are CPU seconds of one process on one core, reading and embedding not counted, and the
memory that the window takes, the mapped file of its vectors included. A window of more than
`--placed` items is filled without placing them (each stays alone, as after a start on an archive
that was grouped), and 2,000 are placed on top.
Beside each figure: how many additions of two numbers a plain loop did in a second just then, for
cores differ.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # one core: threads that wait count as work

import numpy as np
import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # bench/ is in no distribution
from bench.group import Generated, generated
from bench.quality.files import each
from enrich.grouping import Window, regroup
from enrich.models.static import shipped_vectors
from enrich.vectors import GroupingVectors, TfidfEmbedder, text_of
from vigie.model import GroupingItem, Placement
from vigie.schema import Grouping

_END = datetime(2026, 1, 8, tzinfo=UTC)
_BATCH = 256
_NEW = 2_000  # items placed and timed after each window is full
_ADDITIONS = 1_000_000
_MB = 2**20


def spread(items: Sequence[Generated], days: float) -> list[GroupingItem]:
    """The items in order of publication, over that many days."""
    order = sorted(items, key=lambda item: item.published)
    step = timedelta(days=days) / max(1, len(order))
    found = []
    for place, item in enumerate(order):
        published = _END - step * (len(order) - place)
        parts = (item.source, published, item.language, item.title, item.summary)
        found.append(GroupingItem(place + 1, *parts, frozenset(), f"{item.address}/{place}"))
    return found


def embedded(items: Sequence[GroupingItem]) -> np.ndarray:
    texts = [text_of(item.title, item.lead, "") for item in items]
    embedder = GroupingVectors(TfidfEmbedder.fit(texts[:20_000]))
    return np.concatenate([embedder.encode(some).astype(np.float16) for some in each(texts, 1_000)])


def filled(items: Sequence[GroupingItem], vectors: np.ndarray, placed: bool) -> None:
    """Fill a window, then time what comes on top."""
    days = Grouping().window_days
    process = psutil.Process()
    before = process.memory_info().rss
    folder, words = Path(tempfile.gettempdir()), shipped_vectors()
    window = Window(Grouping(), folder=folder, words=words)
    edge = len(items) - _NEW
    start = time.process_time()
    for begin in range(0, edge, _BATCH):
        some, stop = items[begin : min(edge, begin + _BATCH)], min(edge, begin + _BATCH)
        if placed:
            window.place_many(some, vectors[begin:stop])
        else:
            window.add_many(some, vectors[begin:stop], [alone(one) for one in some])
    fill = time.process_time() - start
    took, paces = 0.0, []
    for begin in range(edge, len(items), _BATCH):
        paces.append(additions())
        start = time.process_time()
        window.place_many(items[begin : begin + _BATCH], vectors[begin : begin + _BATCH])
        took += time.process_time() - start
    pace = sum(paces) / len(paces)
    memory = (process.memory_info().rss - before) / _MB
    print(  # a bench prints
        f"window of {edge:>9,} over {days:.0f} days: {took / _NEW * 1e6:6.0f} us an item "
        f"({_NEW / took:6.0f} a second), {edge / max(fill, 1e-9):6.0f} a second while filling"
        f"{'' if placed else ' without placing'}, {memory:5.0f} MB; {pace / 1e6:.0f} M additions/s",
        flush=True,
    )


def regrouped(items: Sequence[GroupingItem]) -> None:
    """Time a whole regroup, and see how much memory it takes at most."""
    vectors, process = embedded(items), psutil.Process()
    before = most = process.memory_info().rss

    def looked(_: int) -> None:
        nonlocal most
        most = max(most, process.memory_info().rss)

    pace, start, began = additions(), time.process_time(), time.monotonic()
    folder, words = Path(tempfile.gettempdir()), shipped_vectors()
    found = regroup(items, vectors, Grouping(), advance=looked, folder=folder, words=words)
    took, wall = time.process_time() - start, time.monotonic() - began
    looked(0)
    print(  # a bench prints
        f"regroup of {len(items):,}: {took:.0f} CPU s, {wall:.0f} s on the clock, "
        f"{(most - before) / _MB:.0f} MB at most, "
        f"{len({one.story for one in found}):,} stories; {pace / 1e6:.0f} M additions/s"
    )


def alone(item: GroupingItem) -> Placement:
    """A placement in a group and a story of its own."""
    article = item.article
    return Placement(article, article, None, 0.0, "alone", article, None, 0.0, "alone")


def additions() -> float:
    """How many additions a second a plain loop does on this core, now."""
    start, total = time.process_time(), 0
    for number in range(_ADDITIONS):
        total += number
    return _ADDITIONS / (time.process_time() - start)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--generator", type=Path, default=Path("../shared/bench"))
    parser.add_argument("--windows", type=int, nargs="*", default=[1_000, 10_000, 100_000])
    parser.add_argument(
        "--placed", type=int, default=100_000, help="widest window to fill by placing"
    )
    parser.add_argument("--regroup", type=int, default=0, help="regroup so many items too")
    options = parser.parse_args()
    most = max([options.regroup, *[size + _NEW for size in options.windows]])
    made = generated(options.generator, most, 1)
    for size in options.windows:
        items = spread(made[: size + _NEW], Grouping().window_days)
        vectors = embedded(items)
        filled(items, vectors, size <= options.placed)
    if options.regroup:
        regrouped(spread(made[: options.regroup], Grouping().window_days))


if __name__ == "__main__":
    main()
