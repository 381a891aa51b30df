"""`make quality` on other folders: other names, missing parts, broken files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from folder import NAMES, lines, text, whole

from bench.quality import report
from bench.quality.__main__ import main
from bench.quality.files import BadFile, Data, Span, cells, language_of, sampled, tagged
from bench.quality.inforce import InForce
from bench.quality.parts import BY_NAME, PARTS
from bench.quality.runner import measured
from bench.quality.section import Section

QUICK = (
    "aliases",
    "certfr",
    "similarity",
    "revisions",
    "stories",
    "topics",
    "vectors",
    "language",
    "crossing",
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return whole(tmp_path_factory.mktemp("data"))


OPENED: list[InForce] = []  # once: compiling the names takes a second


def section(name: str, root: Path) -> Section:
    if not OPENED:
        OPENED.append(InForce.of(None, compare=False))
    return measured(name, root, lambda: OPENED[0])


@pytest.mark.parametrize("name", [*QUICK, "entities"])
def test_a_part_measures_files_of_any_name_in_the_pattern(name: str, data: Path) -> None:
    found = section(name, data)
    assert found.ok, (found.failed, found.broken)
    assert found.rows
    assert report.rows_of(found)
    assert all(row.count > 0 for row in found.rows)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_an_empty_folder_is_told_as_absent(
    part: object, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    found = section(request.node.callspec.id, tmp_path)
    assert found.ok
    if found.name != "references":  # whose table comes with the project
        assert not found.rows
        assert found.absent


BROKEN = {
    "entities": (
        "gold/ner-broken.jsonl",
        '{"id": 1, "lang": "fr"}\n',
        "line 1: no field 'entities'",
    ),
    "aliases": ("gold/aliases-broken.json", "[1, 2", "not JSON"),
    "stories": ("gold/stories-fr-broken.jsonl", "{}\n", "line 1: no field 'id'"),
    "vectors": ("sts/stsb-fr-broken.csv", "a,b,1.0\nc,d\n", "row 2"),
    "topics": ("topics/broken-fr.jsonl", '{"category": "x"}\n', "neither title nor text"),
    "certfr": ("certfr/broken.jsonl.gz", "not packed", "BadGzipFile"),
    "language": ("lid/broken-titles.jsonl", '{"lang": "fr"}\n', "line 1: no field 'title'"),
    "similarity": ("news-similarity/broken.jsonl", "nothing\n", "line 1"),
    "revisions": ("news-fr-raw/items-broken.jsonl", '{"id": "1"}\n', "line 1: no field 'url'"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_named_and_the_others_are_measured(name: str, tmp_path: Path) -> None:
    root = whole(tmp_path)
    before = {row.key for row in section(name, root).rows}
    path, content, reason = BROKEN[name]
    text(root / path, content)
    found = section(name, root)
    assert not found.ok
    assert [one.what for one in found.broken] == [path]
    assert reason in found.broken[0].why
    assert str(tmp_path) not in found.broken[0].why
    assert before <= {row.key for row in found.rows}


def test_a_bug_in_a_part_keeps_what_it_found(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def breaks(_data: object, _force: object, sheet: object) -> None:
        sheet.row("set", "all", "vigie", "F1", 0.5, 2, "texts")  # type: ignore[attr-defined]
        raise RuntimeError("unforeseen")

    part = BY_NAME["aliases"]
    broken = type(part)(part.name, part.title, part.patterns, breaks)
    monkeypatch.setitem(BY_NAME, "aliases", broken)
    found = section("aliases", data)
    assert found.failed == "RuntimeError: unforeseen"
    assert len(found.rows) == 1
    assert "unforeseen" in capsys.readouterr().err


@pytest.mark.slow
def test_the_command_writes_figures_and_page_and_says_how_it_went(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    root, out, page = whole(tmp_path / "data"), tmp_path / "out.json", tmp_path / "page.md"
    options = ["--data", str(root), "--out", str(out), "--report", str(page), "--quiet"]
    assert main([*options, "--only", "aliases,references"]) == 0
    first = page.read_text("utf-8")
    run = json.loads(out.read_text("utf-8"))
    assert [part["name"] for part in run["parts"]] == ["aliases", "references"]
    assert list(run["data"]["files"]) == ["gold/aliases-unseen.json"]
    assert len(run["data"]["sha256"]) == 64
    assert {"task": "language"}.items() <= run["models"][0].items()
    assert str(tmp_path) not in first + out.read_text("utf-8")
    assert "meet in one entity" in first
    assert "None stands on this data" in first
    text(root / "gold/aliases-broken.json", "{")
    assert main([*options, "--only", "aliases"]) == 1
    assert "gold/aliases-broken.json: not JSON" in capfd.readouterr().err


def test_a_folder_that_is_not_there_stops_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(tmp_path / "none"), "--out", str(tmp_path / "out.json")]) == 2
    assert "no such folder" in capsys.readouterr().err


def test_the_page_is_the_same_for_the_same_figures(data: Path) -> None:
    found = section("aliases", data)
    run = report.Run("data", report.hashes(data, ["aliases"]), (("language", "x", "1"),), (found,))
    content = json.loads(json.dumps(report.as_json(run)))
    assert report.page(content) == report.page(report.as_json(run))
    other = report.Run("data", {"gold/aliases-unseen.json": "0"}, (), (found,))
    assert other.hash != run.hash


# --------------------------------------------------------------------------------------- files


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("stsb-fr-dev.csv", "fr"),
        ("wikineural-nl-test.tsv", "nl"),
        ("europeana-enp_DE.lft-last70pct.tsv", "de"),
        ("conll-en-testb.tsv", "en"),
        ("masakhanews-fra", "fr"),
        ("10kgnad-de", "de"),
        ("stories-fr-holdout", "fr"),
        ("rss500.tsv", ""),
    ],
)
def test_a_name_tells_the_language(name: str, language: str) -> None:
    assert language_of(name) == language


def test_tags_are_read_with_and_without_b(tmp_path: Path) -> None:
    content = "Jean\tB-PER\nBon\tI-PER\nMarie\tB-PER\nà\tO\nSaint\tI-loc\nLô\tI-loc\n\n# x\nX\tO\n"
    text(tmp_path / "set-fr.tsv", content)
    first, second = tagged(tmp_path / "set-fr.tsv")
    assert first.text == "Jean Bon Marie à Saint Lô"
    expected = {Span(0, 8, "PER"), Span(9, 14, "PER"), Span(17, 25, "LOC")}
    assert first.spans == expected
    assert (second.text, second.language) == ("X", "fr")


def test_readme_files_and_folders_are_no_data(tmp_path: Path) -> None:
    lines(tmp_path / "gold/ner-a.jsonl", NAMES)
    lines(tmp_path / "gold/README-ner-b.jsonl", NAMES)
    (tmp_path / "gold/ner-c.jsonl").mkdir()
    assert [path.name for path in Data(tmp_path).find("gold/*ner-*.jsonl")] == ["ner-a.jsonl"]


def test_a_sample_is_the_same_every_time_and_spread_evenly() -> None:
    assert sampled(range(10), 5) == [0, 2, 4, 6, 8]
    assert sampled(range(3), 5) == [0, 1, 2]


def test_an_empty_table_is_a_bad_file(tmp_path: Path) -> None:
    text(tmp_path / "empty.csv", "")
    with pytest.raises(BadFile, match="nothing in it"):
        cells(tmp_path / "empty.csv")
