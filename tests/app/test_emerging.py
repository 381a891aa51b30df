"""What emerges, over a real archive: looked for in a turn, told once, listed, put to sleep."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner, Result
from sqlite_utils import Database

from app.cli import emerging as command
from app.cli import main
from app.folder import Folder, write_starter
from app.pipeline import run
from app.pipeline.collect import Collected
from app.pipeline.coordinating import look_for as look_for_copies
from app.pipeline.emerging import is_due, look_for
from app.pipeline.enriching import Enriched, enrich
from tests.app.folders import without_names
from vigie.archive import articles, emerging
from vigie.archive.connect import transaction
from vigie.model import ArticleIntent, Item, Novelty, Rights, Strength

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
PAPERS = ("phare", "cap", "quai", "digue", "jetee", "mole")
SYLLABLES = ["ba", "ce", "di", "fo", "gu", "la", "me", "ni", "po", "ru", "sa", "te", "vi", "zo"]
KEY = "phrase:lamproie+tapi"  # words as they are compared: without a plural


def vigie(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), *arguments])


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six papers, nine days of texts on nothing, and on the last day eight on one matter."""
    home = tmp_path_factory.mktemp("emerging")
    write_starter(home)
    without_names(home)
    (home / "config" / "themes.toml").write_text("", encoding="utf-8")
    main_file = home / "config" / "vigie.toml"
    text = main_file.read_text("utf-8").replace('"vigie"  ', '"tfidf"  ')
    text = text.replace('entities = "vigie"', 'entities = "gazetteer"')
    main_file.write_text(text.replace('vectors = "vigie"', 'vectors = "tfidf"'), encoding="utf-8")
    blocks = [
        f'[[source]]\nid = "{name}"\ntitle = "{name.title()}"\nrights = "excerpt"\n'
        f'url = "https://{name}.example/feed"\n'
        for name in PAPERS
    ]
    (home / "config" / "sources.toml").write_text("\n".join(blocks), encoding="utf-8")
    folder = Folder.at(home)
    names = invented()
    with folder.archive(NOW - 10 * DAY) as db:
        with transaction(db):
            for day in range(9):
                for n, paper in enumerate(PAPERS * 3):
                    at = NOW - (8 - day) * DAY - timedelta(hours=n + 1)
                    carry(db, paper, next(names), at)
            for n, paper in enumerate(PAPERS[:4] * 2):
                title = f"{next(names)} : un tapis de lamproies, {next(names)}"
                carry(db, paper, title, NOW - timedelta(hours=2 * n + 1))
        enrich(db, folder.settings, NOW)
    return home


def invented() -> Iterator[str]:
    """Titles of words that no other has."""
    random, seen = Random(7), set()
    for _ in count():
        words = []
        while len(words) < 4:
            word = "".join(random.choices(SYLLABLES, k=4))
            if word not in seen:
                seen.add(word)
                words.append(word)
        yield " ".join(words)


def carry(db: Database, paper: str, title: str, at: datetime) -> None:
    key = f"https://www.{paper}.example/{title.replace(' ', '-')}"
    item = Item(key, key, key, title, f"{title} depuis hier.", published=at)
    intent = ArticleIntent(Novelty.NEW, key, item, content_hash=key)
    articles.store(db, paper, Rights.EXCERPT, [intent], at)


@pytest.fixture(scope="module")
def looked(home: Path) -> Path:
    folder = Folder.at(home)
    with folder.archive(NOW) as db:
        assert is_due(db, folder.settings, NOW)
        found = look_for(db, folder.settings, NOW)
        assert found.new == (KEY,)
    return home


def test_it_is_raised_with_its_evidence_and_reason(looked: Path) -> None:
    with Folder.at(looked).reading() as db:
        (kept,) = emerging.lasting(db)
        shown = emerging.evidence(db, KEY)
        look = emerging.last_look(db)
    assert kept.signal.label == "tapis de lamproies"
    assert kept.signal.strength is Strength.STRONG
    assert "8 texts of 4 publishers in the last day" in kept.signal.why
    assert len({one.source for one in shown[:4]}) == 4
    assert look is not None
    assert (look.said, look.found) == ("", 1)


def test_a_second_look_waits_for_its_hour_and_tells_nothing_twice(looked: Path) -> None:
    folder, later = Folder.at(looked), NOW + timedelta(hours=6)
    with folder.archive(later) as db:
        assert not is_due(db, folder.settings, NOW + timedelta(hours=5))
        assert is_due(db, folder.settings, later)
        found = look_for(db, folder.settings, later)
        assert found.new == ()
        assert [one.key for one in found.signals] == [KEY]
        assert len(emerging.course(db, KEY)) == 2


def test_the_command_lists_shows_puts_to_sleep_and_wakes(
    looked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "clock", lambda: NOW + DAY)
    listed = vigie(looked, "emerging")
    assert listed.exit_code == 0, listed.output
    assert f"tapis de lamproies  [phrase, strong, 1 day old]  {KEY}" in listed.output
    row = json.loads(vigie(looked, "emerging", "--json").output)
    assert (row["signal"], row["asleep"], row["texts"]) == (KEY, False, 8)
    shown = vigie(looked, "emerging", "show", KEY).output
    assert "Evidence" in shown
    assert "8 texts of 4 publishers" in shown
    asleep = vigie(
        looked, "emerging", "snooze", KEY, "--until", "2026-12-24", "--who", "mc", "--why", "connu"
    )
    assert "asleep until 2026-12-24" in asleep.output
    assert "tapis" not in vigie(looked, "emerging").output
    assert "1 more asleep" in vigie(looked, "emerging").output
    assert "asleep]" in vigie(looked, "emerging", "--all").output
    assert "said mc: connu" in vigie(looked, "emerging", "show", KEY).output
    assert "awake" in vigie(looked, "emerging", "wake", KEY, "--who", "mc").output
    assert "tapis" in vigie(looked, "emerging").output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("show", "entity:nobody"), "vigie emerging --all"),
        (("wake", "entity:nobody", "--who", "mc"), "no signal"),
        (("snooze", KEY, "--until", "2020-01-01", "--who", "mc"), "still to come"),
        (("snooze", KEY, "--until", "2999-01-01", "--who", "mc@region.example"), "no address"),
    ],
)
def test_what_cannot_be_done_is_said(looked: Path, arguments: tuple[str, ...], told: str) -> None:
    result = vigie(looked, "emerging", *arguments)
    assert result.exit_code != 0
    assert told in result.output


def test_a_young_archive_says_that_it_has_no_past(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fresh = Folder.at(home).settings.paths.archive.with_name("fresh")
    (tmp_path / "config").mkdir()
    for file in (home / "config").iterdir():
        (tmp_path / "config" / file.name).write_bytes(file.read_bytes())
    assert not fresh.exists()
    result = vigie(tmp_path, "emerging", "look")
    assert "0 signals found" in result.output
    assert "no past" in result.output


def test_alike_texts_are_found_in_the_archive_and_an_empty_list_is_no_error(home: Path) -> None:
    folder = Folder.at(home)
    with folder.reading() as db:
        found = look_for_copies(db, folder.settings, NOW)
    assert found.cases == ()
    result = vigie(home, "coordination")
    assert result.exit_code == 0, result.output
    assert "not a verdict" in result.output
    assert vigie(home, "coordination", "show", "d-none").exit_code != 0


def test_a_turn_looks_every_few_hours_and_no_oftener(
    looked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "collect", lambda *_, **__: Collected(()))
    monkeypatch.setattr(run, "enrich", lambda *_, **__: Enriched())
    folder, begin = Folder.at(looked), NOW + timedelta(hours=12)
    for minutes in range(0, 370, 10):
        run.turn(folder, begin + timedelta(minutes=minutes))
    with folder.reading() as db:
        looks = db.execute("SELECT at FROM emerging_looks WHERE at >= ?", [begin.isoformat()])
        assert len(looks.fetchall()) == 2
