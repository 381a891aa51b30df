"""The text of real article pages keeps the quality that was measured, on the very set it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import extract

# Set, its hash, the floor of F1: half a point under what `bench/extract.py` gave.
FLOORS = (
    ("pages-aeb", "1048ee6f5dc93fa7", 0.958),
    ("pages-trafilatura", "62a3cb53dd9af023", 0.921),
    ("pages-fundus", "103fbf50889346cc", 0.949),
)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "pinned", "floor"), FLOORS)
def test_text_of_pages(name: str, pinned: str, floor: float) -> None:
    root: Path = extract.DATA / name
    if not root.is_dir():
        pytest.skip(f"no {name} beside this checkout (../shared/data)")
    reader, scorer = extract.SETS[name]
    truths = list(reader(root))
    assert extract.digest(truths) == pinned, "other data: measure again, then pin it"
    texts = [extract.ours(extract.body_of(truth), truth.url).text for truth in truths]
    assert scorer(texts, truths).f1 >= floor
