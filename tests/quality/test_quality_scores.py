"""The scorers: by hand, and beside the scripts that come with the data where those are there."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from bench.quality.clusters import compared
from bench.quality.files import Span, annotated, pressed
from bench.quality.spans import overlap, strict

SHARED = Path(__file__).parents[2].parent / "shared"
SCRIPTS = SHARED / "bench"
NAMES = SHARED / "data" / "gold" / "ner-dev.jsonl"
STORIES = SHARED / "data" / "gold" / "stories-fr-dev.jsonl"

beside = pytest.mark.skipif(
    not (SCRIPTS.exists() and NAMES.exists() and STORIES.exists()),
    reason=f"no scorers in {SCRIPTS} or no gold in {NAMES.parent}",
)


def test_strict_wants_both_ends_and_the_label() -> None:
    gold = [{Span(0, 4, "PER"), Span(8, 12, "LOC")}, set[Span]()]
    found = [{Span(0, 4, "PER"), Span(8, 12, "ORG")}, {Span(0, 1, "PER")}]
    score = strict(gold, found)
    assert (score.right, score.found, score.gold) == (1, 3, 2)
    assert strict(gold, found, ("LOC",)).f1 == 0.0
    assert overlap(gold, found).right == 2


def test_overlap_pairs_one_to_one() -> None:
    assert overlap([{Span(0, 10, "ORG")}], [{Span(0, 4, "PER"), Span(4, 10, "PER")}]).right == 1


def test_clusters_by_hand() -> None:
    score = compared(["a", "a", "b"], [1, 2, 2])
    assert score.bcubed.precision == pytest.approx((1 + 0.5 + 0.5) / 3)
    assert score.bcubed.recall == pytest.approx((0.5 + 0.5 + 1) / 3)
    assert (score.gold_pairs, score.found_pairs, score.pairwise.f1) == (1, 1, 0.0)


@beside
def test_names_score_as_the_script_of_the_data_does(tmp_path: Path) -> None:
    gold = annotated(NAMES)
    chance = random.Random(4)
    rows, found = [], []
    for row, line in zip(gold, NAMES.read_text("utf-8").splitlines(), strict=True):
        spans = {span for span in row.spans if chance.random() < 0.7}
        spans |= {Span(span.start, span.end + 1, "LOC") for span in row.spans - spans}
        found.append(spans)
        entities = [[span.start, span.end, span.label] for span in spans]
        rows.append(json.dumps({"id": json.loads(line)["id"], "entities": entities}))
    (tmp_path / "found.jsonl").write_text("\n".join(rows), encoding="utf-8")
    said = json.loads(script("score_ner.py", NAMES, tmp_path / "found.jsonl", "--json"))
    for language in ("fr", "nl"):
        kept = [place for place, row in enumerate(gold) if row.language == language]
        true, given = [gold[place].spans for place in kept], [found[place] for place in kept]
        theirs = said["groups"][f"lang {language}"]
        for label in ("PER", "LOC", "ORG", "MISC"):
            assert strict(true, given, (label,)).f1 == theirs["labels"][label]["f1"]
        assert strict(true, given).f1 == theirs["micro"]["f1"]
        assert overlap(true, given).f1 == theirs["overlap"]["f1"]


@beside
def test_stories_score_as_the_script_of_the_data_does(tmp_path: Path) -> None:
    items = pressed(STORIES, gold=True)
    labels = [item.publisher[:2] + item.title[:1] for item in items]
    rows = [
        json.dumps({"id": item.id, "story": label, "near_dup": label})
        for item, label in zip(items, labels, strict=True)
    ]
    (tmp_path / "found.jsonl").write_text("\n".join(rows), encoding="utf-8")
    large = max({item.story for item in items}, key=[item.story for item in items].count)
    for without in ((), (f"--without={large}",)):
        said = json.loads(
            script("score_stories.py", STORIES, tmp_path / "found.jsonl", "--json", *without)
        )
        for theirs in said:
            kept = [
                place
                for place, item in enumerate(items)
                if not (without and item.story == large)
                and not (theirs["items"] == "no-hard" and item.hard)
                and not (
                    theirs["items"] == "no-hard-on" and theirs["label"] in (item.hard_on or ())
                )
            ]
            kind = theirs["label"]
            gold = [
                items[place].story if kind == "story" else items[place].near_dup for place in kept
            ]
            ours = compared(gold, [labels[place] for place in kept])
            assert [ours.bcubed.precision, ours.bcubed.recall] == pytest.approx(
                theirs["bcubed"][:2], abs=1e-12
            )
            assert [ours.pairwise.precision, ours.pairwise.recall] == theirs["pairwise"][:2]
            assert ours.items == theirs["n"]


def script(name: str, *arguments: object) -> str:
    command = [sys.executable, "-B", str(SCRIPTS / name), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
