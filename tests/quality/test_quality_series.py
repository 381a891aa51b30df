"""Feeds that were captured again and again: no canonical URL stands twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import series
from vigie.archive.connect import open_archive


@pytest.mark.slow
def test_no_canonical_url_twice_over_the_snapshots(tmp_path: Path) -> None:
    if not series.DATA.is_dir():
        pytest.skip("no replay-series beside this checkout (../shared/data)")
    db = open_archive(tmp_path / "archive.db")
    counts = [count for _, count in series.replay(series.DATA, db)]
    assert series.doubles(db) == []
    assert sum(count["new"] for count in counts) == db.table("articles").count
    assert all(count["seen"] for count in counts[1:])
    db.close()
