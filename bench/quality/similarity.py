"""How near two articles are: our story score beside people's judgement (SemEval-2022, task 8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from bench.quality import baselines
from bench.quality.files import Data, each, table
from bench.quality.inforce import MINILM, NO_MINILM, OURS, InForce, minilm
from bench.quality.section import Sheet
from bench.quality.vectors import spearman
from enrich.grouping import Window
from enrich.models.static import shipped_vectors
from enrich.vectors import SentenceTransformerEmbedder, TfidfEmbedder, text_of
from vigie.model import GroupingItem, ReadingJob

_DAY = datetime(2020, 1, 1, tzinfo=UTC)  # the set gives no dates: all are of one day
_TITLE = 200  # characters: what ends by two spaces before these is taken for a title
_LEAD = 1_500
_START = 600  # characters that MiniLM gets: more would take minutes
_LEAST = 20  # pairs of two languages from which on they have a row of their own


@dataclass(frozen=True, slots=True)
class _Article:
    language: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class _Pair:
    one: _Article
    other: _Article
    apart: float  # 1 the same story ... 4 unrelated

    @property
    def languages(self) -> str:
        return "-".join(sorted((self.one.language, self.other.language)))


def measure(data: Data, force: InForce, sheet: Sheet) -> None:
    """news-similarity/*.jsonl with text1 and text2; label files without texts are left aside."""
    files = data.find("news-similarity/*.jsonl")
    if not files:
        sheet.lacks("news-similarity/*.jsonl", "no such file")
    for path in files:
        name = data.name(path)
        with sheet.reading(name):
            rows = table(path, _pair)
            pairs = [row for row in rows if row is not None]
            if not pairs:
                sheet.lacks(name, "no texts in it")
                continue
            scores = {OURS: _ours(pairs, force, sheet)}
            scores |= _plain(pairs, sheet) if force.compare else {}
            near = np.array([-pair.apart for pair in pairs])
            for system, found in scores.items():
                for languages in ["all", *sorted({pair.languages for pair in pairs})]:
                    kept = [
                        place
                        for place, pair in enumerate(pairs)
                        if languages in ("all", pair.languages)
                    ]
                    if len(kept) < _LEAST and languages != "all":
                        sheet.lacks(f"{name}, {languages}", f"{len(kept)} pairs: too few")
                        continue
                    value = spearman(np.array([found[place] for place in kept]), near[kept])
                    sheet.row(name, languages, system, "Spearman", value, len(kept), "pairs")


def _pair(row: Any) -> _Pair | None:
    if not (row.get("text1") and row.get("text2")):
        return None
    one = _article(str(row["lang1"]), str(row["text1"]))
    return _Pair(one, _article(str(row["lang2"]), str(row["text2"])), float(row["overall"]))


def _article(language: str, text: str) -> _Article:
    for mark in ("\n", "  "):
        title, found, body = text.partition(mark)
        if found and len(title) <= _TITLE and body.strip():
            return _Article(language, title.strip(), body.strip())
    return _Article(language, "", text.strip())


def _ours(pairs: Sequence[_Pair], force: InForce, sheet: Sheet) -> list[float]:
    """The story score of each pair, in a window that holds every article of the set."""
    articles = [article for pair in pairs for article in (pair.one, pair.other)]
    texts = [text_of(article.title, "", article.text) for article in articles]
    embedder = force.grouping_embedder(texts)
    vectors = embedder.encode(texts)
    window = Window(force.settings.grouping, words=shipped_vectors())
    items = _items(articles, force)
    with sheet.progress.stage("similarity", 2 * len(pairs)) as advance:
        for item, vector in zip(items, vectors, strict=True):
            window.place(item, vector)
            advance(1)
    return [window.nearness(2 * place + 1, 2 * place + 2) for place in range(len(pairs))]


def _items(articles: Sequence[_Article], force: InForce) -> list[GroupingItem]:
    found: list[GroupingItem] = []
    for batch in each(articles, 256):
        jobs = [
            ReadingJob(number, 1, article.title, "", article.text[:_LEAD])
            for number, article in enumerate(batch)
        ]
        read = force.entities.read(jobs, [article.language for article in batch])
        for article, mentions in zip(batch, read, strict=True):
            lead = article.text[:_LEAD]
            entities = frozenset(one.entity for one in mentions)
            number = len(found) + 1
            found.append(
                GroupingItem(
                    number, str(number), _DAY, article.language, article.title, lead, entities
                )
            )
    return found


def _plain(pairs: Sequence[_Pair], sheet: Sheet) -> dict[str, list[float]]:
    texts = [
        f"{article.title}\n{article.text}" for pair in pairs for article in (pair.one, pair.other)
    ]
    found = {"TF-IDF": baselines.pair_cosines(TfidfEmbedder.fit(texts).encode(texts))}
    folder = minilm()
    if folder is None:
        sheet.lacks(MINILM, NO_MINILM)
    else:
        vectors = SentenceTransformerEmbedder(str(folder), "cpu").encode(
            [text[:_START] for text in texts]
        )
        found[MINILM] = baselines.pair_cosines(vectors)
    return found
