"""Our grouping of a news generator's items, as labels that its scorer reads.

    python bench/group.py --generator ../shared/bench --items 20000 --seed 1 --out LABELS.json
    python ../shared/bench/neardup.py --method labels --labels LABELS.json --items 20000 --seed 1

The generator is `newsgen.py` of the folder given. Its items are taken as the archive has them where
it may keep texts: title, the first two sentences as the summary, the whole text (which the scorer's
own methods read too), date and source; `--summaries` leaves the texts out, as from sources that
allow an excerpt. Each feed is its own publisher. Items of one canonical address are one article, as
in the archive. `--what` chooses what is labelled: near-duplicate groups, or stories.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from app.progress import for_terminal
from collectors.urls import canonical
from enrich.grouping import regroup
from enrich.models.static import shipped_vectors
from enrich.vectors import text_of
from vigie.model import GroupingItem, Placement, ReadingJob

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # bench/ is in no distribution
from bench.quality.files import each
from bench.quality.inforce import InForce

_START = 1_767_225_600  # the generator's own dates: 2026-01-01 and 37 s a feed, back 30 min an item
_FEED, _BACK = 37, 1_800
_PER_FEED = 40
_BATCH = 256


@dataclass(frozen=True, slots=True)
class Generated:
    """An item of the generator."""

    source: str
    language: str
    address: str
    published: datetime
    title: str
    summary: str
    text: str


def generated(folder: Path, count: int, seed: int) -> list[Generated]:
    """The first `count` items, in the scorer's order. Raises ImportError without newsgen.py."""
    sys.path.insert(0, str(folder))
    newsgen: Any = import_module("newsgen")
    corpus = newsgen.Corpus(-(-count // _PER_FEED), seed)
    found = []
    for feed, place, *_, link, _guid in corpus.items[:count]:
        title, sentences = corpus.text(feed, place)
        moment = datetime.fromtimestamp(_START + feed * _FEED - place * _BACK, UTC)
        home = link.split("/")[2]  # /a/FEED/PLACE: whose page it is
        address = canonical(f"http://feed-{home}.example{link}")
        language = corpus.feed_lang[feed]
        summary = " ".join(sentences[:2])
        parts = (address, moment, title, summary, " ".join(sentences))
        found.append(Generated(f"feed-{feed}", language, *parts))
    return found


def articles(items: Sequence[Generated]) -> tuple[list[Generated], list[int]]:
    """Each address once, and for each item the place of its article."""
    places: dict[str, int] = {}
    found: list[Generated] = []
    of = []
    for item in items:
        if item.address not in places:
            places[item.address] = len(found)
            found.append(item)
        of.append(places[item.address])
    return found, of


def placements(items: Sequence[Generated], force: InForce, *, quiet: bool) -> list[Placement]:
    """Read, embedded and placed in order of publication; given back in the order of `items`."""
    texts = [text_of(item.title, item.summary, "") for item in items]
    embedder = force.grouping_embedder(texts)
    order = sorted(range(len(items)), key=lambda place: (items[place].published, place))
    whole, vectors = [], []
    for batch in each(order, _BATCH):
        jobs = [_job(place, items[place]) for place in batch]
        read = force.entities.read(jobs, [items[place].language for place in batch])
        vectors.append(embedder.encode([texts[place] for place in batch]).astype(np.float16))
        for place, mentions in zip(batch, read, strict=True):
            item = items[place]
            entities = frozenset(one.entity for one in mentions)
            parts = (item.source, item.published, item.language, item.title, item.summary)
            whole.append(GroupingItem(place + 1, *parts, entities, item.address, item.text))
    with for_terminal(quiet=quiet).stage("Grouping", len(items)) as advance:
        words = shipped_vectors()
        placed = regroup(
            whole, np.concatenate(vectors), force.settings.grouping, advance=advance, words=words
        )
    found = dict(zip(order, placed, strict=True))
    return [found[place] for place in range(len(items))]


def _job(place: int, item: Generated) -> ReadingJob:
    return ReadingJob(place, 1, item.title, item.summary, item.text, item.language)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--generator", type=Path, default=Path("../shared/bench"))
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--what", choices=("near-duplicates", "stories"), default="near-duplicates")
    parser.add_argument("--summaries", action="store_true", help="without the whole texts")
    parser.add_argument("--home", type=Path, help="a Vigie folder: its models and names are used")
    parser.add_argument("--quiet", action="store_true", help="no progress")
    options = parser.parse_args()
    items = generated(options.generator, options.items, options.seed)
    if options.summaries:
        items = [replace(item, text="") for item in items]
    once, of = articles(items)
    start = time.process_time()
    found = placements(once, InForce.of(options.home), quiet=options.quiet)
    took = time.process_time() - start
    labels = [one.story if options.what == "stories" else one.group for one in found]
    options.out.write_text(json.dumps([labels[place] for place in of]), encoding="utf-8")
    print(  # a bench prints
        f"{len(items)} items, {len(once)} addresses, {len(set(labels))} {options.what}, "
        f"{len(once) / max(1e-9, took):.0f} articles a CPU second, read and embedded"
    )


if __name__ == "__main__":
    main()
