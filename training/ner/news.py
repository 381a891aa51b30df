"""The labelled news: title and summary apart, one part held out, labels made to agree."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from training.ner.passages import KEPT, Passage

# Where the items' labellers disagree, the guideline decides for all: a person's name for a school
# is a person (14), a team, a body that acts and its nickname are an organisation (2, 6, 11).
AGREED = {"Stanislas": "PER", "NBA": "ORG", "Golden State": "ORG", "Sages": "ORG"}

HELD_OUT = 10  # one item in so many is kept for choosing, never trained on


def read_news(folder: Path) -> list[Passage]:
    """All items under `folder`, each line of an item a passage of its own."""
    passages: list[Passage] = []
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            passages += map(agreed, lines_of(json.loads(line)))
    return passages


def agreed(passage: Passage) -> Passage:
    """The passage with the labels of AGREED, whoever labelled it."""
    names = {(a, b): label for a, b, label in passage.names}
    for surface, label in AGREED.items():
        for match in re.finditer(rf"\b{re.escape(surface)}\b", passage.text):
            start, end = match.span()
            if all(b <= start or end <= a or (a, b) == (start, end) for a, b in names):
                names[start, end] = label
    return replace(passage, names=tuple(sorted((a, b, label) for (a, b), label in names.items())))


def lines_of(row: dict[str, object]) -> list[Passage]:
    """The lines of one item: a name never runs from the title into the summary."""
    passages: list[Passage] = []
    start = 0
    origin = "ner-news/" + str(row.get("source", "")).split(":")[0]
    for text in str(row["text"]).split("\n"):
        end = start + len(text)
        labelled = [
            (int(a) - start, int(b) - start, str(label))
            for a, b, label in row["entities"]  # type: ignore[attr-defined]
            if start <= int(a) and int(b) <= end
        ]
        if text.strip():
            names = tuple(sorted(name for name in labelled if name[2] in KEPT))
            passages.append(Passage(text, str(row["lang"]), names, origin, str(row["ref"])))
        start = end + 1
    return passages


def held_out(passages: Iterable[Passage]) -> tuple[list[Passage], list[Passage]]:
    """What is trained on, and what is kept for choosing: by item, the same on every machine."""
    train: list[Passage] = []
    kept: list[Passage] = []
    for passage in passages:
        place = int(hashlib.sha256(passage.ref.encode()).hexdigest()[:8], 16)
        (kept if place % HELD_OUT == 0 else train).append(passage)
    return train, kept
