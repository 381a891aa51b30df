"""A second window of real press, labelled by reading: what holds on one day only is not kept.

Ids and labels alone lie here; the texts are those of news-fr-raw beside the project.
"""

import json
from pathlib import Path

import pytest

from bench.quality.clusters import compared
from bench.quality.files import pressed
from bench.quality.placing import moment
from collectors.urls import canonical
from enrich.grouping import regroup
from enrich.models.static import shipped_vectors
from enrich.vectors import GroupingVectors, TfidfEmbedder, text_of
from vigie.model import GroupingItem
from vigie.schema import Grouping

RAW = Path(__file__).parents[2].parent / "shared" / "data" / "news-fr-raw" / "items.jsonl"
LABELS = json.loads(Path(__file__).with_name("stories-2024-01-28.json").read_text("utf-8"))
LARGE = "farm"

pytestmark = pytest.mark.skipif(not RAW.exists(), reason=f"the press items are not at {RAW}")


def test_the_second_window_reaches_the_bars() -> None:
    everything = pressed(RAW, gold=False)
    rows = sorted(
        (row for row in everything if row.id in LABELS),
        key=lambda row: (moment(row.published), row.id),
    )
    assert len(rows) == len(LABELS)
    items = [
        GroupingItem(
            n,
            row.publisher,
            moment(row.published),
            "fr",
            row.title,
            f"{row.title}\n{row.summary}",
            address=canonical(row.url),
        )
        for n, row in enumerate(rows, 1)
    ]
    texts = [text_of(row.title, row.summary, "") for row in everything[:3_000]]
    embedder = GroupingVectors(TfidfEmbedder.fit(texts))
    vectors = embedder.encode([text_of(row.title, row.summary, "") for row in rows])
    found = [one.story for one in regroup(items, vectors, Grouping(), words=shipped_vectors())]
    gold = [LABELS[row.id] for row in rows]
    assert compared(gold, found).bcubed.f1 >= 0.87
    kept = [place for place, label in enumerate(gold) if label != LARGE]
    rest = compared([gold[place] for place in kept], [found[place] for place in kept])
    assert rest.pairwise.f1 >= 0.76
