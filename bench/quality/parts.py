"""The parts of `make quality`, in the order of the report. To add one: a module and a line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bench.quality import (
    aliases,
    certfr,
    crossing,
    entities,
    language,
    pages,
    references,
    revisions,
    similarity,
    stories,
    topics,
    vectors,
)
from bench.quality.files import Data
from bench.quality.inforce import InForce
from bench.quality.section import Sheet

Measure = Callable[[Data, InForce, Sheet], None]


@dataclass(frozen=True, slots=True)
class Part:
    """One part: which files it looks at, and the function that fills its sheet."""

    name: str
    title: str
    patterns: tuple[str, ...]
    measure: Measure


PARTS = (
    Part(
        "language",
        "Language",
        ("lid/*.jsonl", "lid/*/*.txt"),
        language.measure,
    ),
    Part(
        "entities",
        "Entities",
        ("gold/ner-*.jsonl", "ner/**/*.tsv"),
        entities.measure,
    ),
    Part("aliases", "One entity in four languages", ("gold/aliases-*.json",), aliases.measure),
    Part("references", "References", (), references.measure),
    Part("certfr", "Advisories", ("certfr/*.jsonl", "certfr/*.jsonl.gz"), certfr.measure),
    Part("topics", "Themes", ("topics/*.jsonl",), topics.measure),
    Part(
        "vectors",
        "Vectors",
        ("sts/stsb-*.csv", "ntrex/*.tsv", "*/ntrex/*.tsv", "train/*.tar.xz"),
        vectors.measure,
    ),
    Part(
        "stories",
        "Stories and near-duplicates",
        ("gold/stories-*.jsonl", "news-*-raw/items*.jsonl"),
        stories.measure,
    ),
    Part(
        "revisions",
        "A publisher's own edits",
        ("news-*-raw/items*.jsonl", "news-*-raw/*revisions*.json"),
        revisions.measure,
    ),
    Part(
        "similarity",
        "Story score beside people's judgement",
        ("news-similarity/*.jsonl",),
        similarity.measure,
    ),
    Part(
        "crossing",
        "Story score across two languages",
        ("ntrex/*.tsv", "*/ntrex/*.tsv", "train/*.tar.xz"),
        crossing.measure,
    ),
    Part("pages", "Article text from pages", ("pages-*/**/*",), pages.measure),
)
BY_NAME = {part.name: part for part in PARTS}
