"""Real captured feeds through the whole pipeline. The data is not part of the project."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from app import replay
from app.progress import Silent
from vigie.errors import SettingsError

DATA = Path(__file__).parents[3] / "shared" / "data" / "replay"
LIMIT_MEGABYTES = 400  # for collecting; the models come on top when reading


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(
    not DATA.exists(), reason="the captured feeds (shared/data/replay) are not here"
)
def test_captured_feeds_are_read_and_a_second_run_adds_nothing(tmp_path: Path) -> None:
    out = tmp_path / "replay.json"
    code = "from app.cli import main; main()"  # a process of its own, whose memory is its own
    command = [sys.executable, "-c", code, "replay", "--data", str(DATA), "--out", str(out)]
    subprocess.run(command, check=True, capture_output=True)
    outcome = json.loads(out.read_text("utf-8"))
    listed = json.loads((DATA / "index.json").read_text("utf-8"))
    with_items = sum(bool(entry["items"]) for entry in listed)
    assert outcome["feeds"] == len(listed)
    assert outcome["read"] >= with_items
    assert outcome["items"] >= 0.99 * sum(entry["items"] for entry in listed)
    assert outcome["second_run_new"] == 0
    counts = outcome["counts"]
    assert counts["articles"] == outcome["new"]
    assert sum(counts["languages"].values()) == counts["articles"]
    assert outcome["peak_megabytes"]["collect"] < LIMIT_MEGABYTES


@pytest.mark.usefixtures("quick")
def test_a_folder_of_that_layout_is_enough(tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "files").mkdir(parents=True)
    feed = (
        '<rss version="2.0"><channel><title>T</title><item><title>Du vent à Dieppe</title>'
        "<link>https://x.example/1</link></item></channel></rss>"
    )
    (data / "files" / "a.xml").write_text(feed, encoding="utf-8")
    (data / "files" / "b.xml").write_text("<html><title>Oups</title></html>", encoding="utf-8")
    entries = [{"file": "files/a.xml", "title": "A"}, {"file": "files/b.xml"}]
    (data / "index.json").write_text(json.dumps(entries))
    outcome = replay.replay(data, tmp_path / "out" / "replay", Silent())
    replay.write(outcome, tmp_path / "out" / "replay.json")
    told = json.loads((tmp_path / "out" / "replay.json").read_text("utf-8"))
    assert (told["feeds"], told["read"], told["new"], told["second_run_new"]) == (2, 1, 1, 0)
    assert told["refused"][0]["kind"] == "not-a-feed"
    assert set(told["seconds"]) == set(told["peak_megabytes"])


def test_an_index_that_names_a_missing_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "index.json").write_text('[{"file": "files/none.xml"}]')
    with pytest.raises(SettingsError, match=r"none\.xml"):
        replay.replay(tmp_path, tmp_path / "out", Silent())
