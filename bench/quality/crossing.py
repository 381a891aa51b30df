"""The story score across two languages: sentences, as titles alone, beside their translations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from bench.quality.files import Data, each
from bench.quality.inforce import OURS, InForce
from bench.quality.section import Sheet
from bench.quality.vectors import parallel
from enrich.blas import one_thread
from enrich.grouping import Window
from enrich.grouping.near import beside
from enrich.grouping.scores import base_scores
from enrich.models.static import shipped_vectors
from enrich.vectors import text_of
from vigie.model import GroupingItem, Placement, ReadingJob

_PAIRS = (("fr", "nl"), ("de", "en"))
_DAY = datetime(2020, 1, 1, 12, tzinfo=UTC)  # the set gives no dates: all are of one day
_BESIDE = 25  # lines: sentences of one article follow each other, and are of one event
_BATCH = 256

Doubles = NDArray[np.float64]


def measure(data: Data, force: InForce, sheet: Sheet) -> None:
    """ntrex/*.tsv, or ntrex inside train/*.tar.xz: French-Dutch and German-English."""
    for name, sentences in parallel(data, sheet):
        for pair in _PAIRS:
            if not set(pair) <= sentences.keys():
                sheet.lacks(f"{name}, {'-'.join(pair)}", "not among its columns")
                continue
            _crossing(sheet, name, pair, [sentences[code] for code in pair], force)


def _crossing(
    sheet: Sheet, name: str, pair: tuple[str, str], sides: Sequence[Sequence[str]], force: InForce
) -> None:
    count = len(sides[0])
    scores = _scores(pair, sides, force, sheet)
    for found, (source, target) in ((scores, pair), (scores.T, pair[::-1])):
        first = (found.argmax(axis=1) == np.arange(count)) & (found.max(axis=1) > 0)
        of = f"{source} to {target}"
        sheet.row(name, of, OURS, "accuracy@1", float(first.mean()), count, "titles")
    joined = scores >= 1.0
    apart = np.abs(np.arange(count)[:, None] - np.arange(count))
    of = f"{pair[0]} and {pair[1]}"
    share = float(joined.diagonal().mean())
    sheet.row(name, of, OURS, "translations joined", share, count, "titles")
    far = 1_000 * int((joined & (apart > _BESIDE)).sum()) / joined.size
    figure = f"joined {_BESIDE} lines apart, per 1,000"
    sheet.row(name, of, OURS, figure, far, joined.size, "pairs")


def _scores(
    pair: tuple[str, str], sides: Sequence[Sequence[str]], force: InForce, sheet: Sheet
) -> Doubles:
    """The story score over its threshold of each title beside each of the other language's."""
    items = _items(pair, sides, force)
    texts = [text_of(item.title, "", "") for item in items]
    vectors = force.grouping_embedder(texts).encode(texts)
    window = Window(force.settings.grouping, words=shipped_vectors())
    numbers = range(1, len(items) + 1)
    alone = [Placement(n, n, None, 0.0, "alone", n, None, 0.0, "alone") for n in numbers]
    window.add_many(items, vectors, alone)
    count = len(sides[0])
    others = range(count, 2 * count)
    found = np.zeros((count, count))
    with sheet.progress.stage("crossing", count) as advance, one_thread():
        for row in range(count):
            near = beside(window.rows, row, others)
            found[row] = base_scores(window.rows, near, window.thresholds)
            advance(1)
    return found


def _items(
    pair: tuple[str, str], sides: Sequence[Sequence[str]], force: InForce
) -> list[GroupingItem]:
    said = [(code, one) for code, some in zip(pair, sides, strict=True) for one in some]
    found: list[GroupingItem] = []
    for batch in each(said, _BATCH):
        jobs = [ReadingJob(place, 1, title, "", "") for place, (_, title) in enumerate(batch)]
        read = force.entities.read(jobs, [code for code, _ in batch])
        for (code, title), mentions in zip(batch, read, strict=True):
            number = len(found) + 1
            entities = frozenset(one.entity for one in mentions)
            found.append(GroupingItem(number, str(number), _DAY, code, title, title, entities))
    return found
