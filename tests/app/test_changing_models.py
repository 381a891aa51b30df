"""A change of model or rules in a folder: what is shown, what waits, a run that is cut short."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlite_utils import Database

from app.folder import Folder, write_starter
from app.pipeline import enriching
from app.pipeline.enriching import enrich
from app.schedule import tick
from vigie.archive import articles, rereadings
from vigie.archive.connect import transaction
from vigie.archive.declared import declare
from vigie.errors import ModelError
from vigie.model import ArticleIntent, Item, Novelty, Rights
from vigie.schema import Models, Source
from vigie.settings import Settings

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
TITLES = (
    "Un câble sous-marin coupé devant Dieppe",
    "Le port du Havre teste une grue électrique",
    "De haven van Gent krijgt een nieuwe sluis",
    "Der Rhein führt nach dem Regen wieder mehr Wasser",
    "A county court rules on the coastal path",
)


class CutShortError(Exception):
    """What stands for a kill between two batches."""


class CutShort:
    """Progress that ends the run when the first batch of a stage is done."""

    def __init__(self, label: str) -> None:
        self._label = label

    @contextmanager
    def stage(self, label: str, total: int) -> Iterator[Callable[[int], None]]:  # noqa: ARG002  # the protocol's
        def advance(_steps: int) -> None:
            if label == self._label:
                raise CutShortError

        yield advance


@pytest.fixture(scope="module")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("starter")
    write_starter(home)
    whole = Folder.at(home).settings
    return whole.model_copy(update={"gazetteer": whole.gazetteer[:20], "sources": ()})


@pytest.fixture
def settings(starter: Settings, tmp_path: Path) -> Settings:
    paths = starter.paths.model_copy(
        update={"archive": tmp_path / "archive.db", "desk": tmp_path / "desk.db"}
    )
    return starter.model_copy(update={"home": tmp_path, "paths": paths})


@pytest.fixture
def db(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setattr(enriching, "BATCH", 2)
    with Folder(settings).archive(NOW) as opened:
        phare = Source(id="phare", title="P", url="https://phare.example/f", rights=Rights.FULL)
        declare(opened, [phare], NOW)
        for title in TITLES:
            add(opened, title)
        yield opened


def add(db: Database, title: str, published: datetime | None = None) -> None:
    key = f"https://phare.example/{title[:9]}"
    item = Item(url=key, canonical_url=key, guid=key, title=title, summary="", published=published)
    with transaction(db):
        articles.store(
            db, "phare", Rights.FULL, [ArticleIntent(Novelty.NEW, key, item, title)], NOW
        )


def with_other_rules(settings: Settings) -> Settings:
    return settings.model_copy(update={"themes": settings.themes[:-1]})


def with_models(settings: Settings, **said: str) -> Settings:
    return settings.model_copy(update={"models": Models.model_validate(said)})


def read_by(db: Database) -> list[int]:
    """How many articles each model has read, as the archive shows it."""
    rows = db.execute("SELECT count(*) FROM readings GROUP BY model_id ORDER BY model_id")
    return [row[0] for row in rows]


def shown_vectors(db: Database) -> list[tuple[str, int]]:
    rows = db.execute("SELECT model, count(*) FROM current_vectors GROUP BY model")
    return rows.fetchall()


def test_a_first_run_leaves_nothing_waiting(db: Database, settings: Settings) -> None:
    done = enrich(db, settings, NOW)
    assert (done.read, done.embedded, done.placed, done.reread, done.waiting) == (5, 5, 5, 0, 0)
    assert shown_vectors(db) == [("vigie", 5)]
    again = enrich(db, settings, NOW)
    assert (again.read, again.embedded, again.placed, again.reread) == (0, 0, 0, 0)


def test_changed_rules_are_shown_when_all_is_read(db: Database, settings: Settings) -> None:
    enrich(db, settings, NOW)
    changed = with_other_rules(settings)
    waiting = enrich(db, changed, NOW, patience=0.0)
    assert (waiting.reread, waiting.waiting) == (0, 5)
    assert read_by(db) == [5]
    with pytest.raises(CutShortError):
        enrich(db, changed, NOW, CutShort("Reading again"))
    assert db.table("rereadings").count == 2
    assert read_by(db) == [5]
    add(db, "Eine Brücke wird gesperrt")
    done = enrich(db, changed, NOW)
    assert (done.read, done.reread, done.waiting) == (1, 3, 0)
    assert read_by(db) == [6]
    assert db.table("rereadings").count == 0


def test_a_new_article_is_read_at_once_while_others_wait(db: Database, settings: Settings) -> None:
    enrich(db, settings, NOW)
    add(db, "Eine Brücke wird gesperrt")
    done = enrich(db, with_other_rules(settings), NOW, patience=0.0)
    assert (done.read, done.placed, done.waiting) == (1, 1, 5)
    assert read_by(db) == [5, 1]


class Larger:
    """What stands for a model from elsewhere."""

    name, revision, dims = "larger", "larger-1", 8

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        return np.zeros((len(texts), self.dims), dtype=np.float32)


def test_other_vectors_are_shown_when_all_are_there(
    db: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrich(db, settings, NOW)
    assert shown_vectors(db) == [("vigie", 5)]
    with monkeypatch.context() as patch:
        patch.setattr(enriching, "open_embedder", lambda *_: Larger())
        larger = with_models(settings, vectors="larger")
        waiting = enrich(db, larger, NOW, patience=0.0)
        assert waiting.waiting == 5
        assert rereadings.count_waiting(db, "vectors") == 5
        assert shown_vectors(db) == [("vigie", 5)]
        with pytest.raises(CutShortError):
            enrich(db, larger, NOW, CutShort("Embedding"))
        assert rereadings.count_waiting(db, "vectors") == 3
        assert shown_vectors(db) == [("vigie", 5)]
        enrich(db, larger, NOW)
        assert shown_vectors(db) == [("larger", 5)]
    enrich(db, with_models(settings, vectors="tfidf"), NOW)
    assert shown_vectors(db) == [("tfidf", 5)]


def test_an_old_article_that_comes_late_gets_all_that_its_place_needs(
    db: Database, settings: Settings
) -> None:
    enrich(db, settings, NOW)
    add(db, "Un vieux phare retrouvé dans les archives", NOW - timedelta(days=900))
    assert enrich(db, settings, NOW).placed == 1


def test_a_model_that_is_not_there_stops_the_run_and_changes_nothing(
    db: Database, settings: Settings
) -> None:
    enrich(db, settings, NOW)
    missing = with_models(settings, vectors="/nowhere/model", device="cpu")
    with pytest.raises(ModelError, match="/nowhere/model"):
        enrich(db, missing, NOW)
    assert shown_vectors(db) == [("vigie", 5)]


def test_a_tick_gives_a_change_of_model_half_its_time(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float | None] = []

    def turn(_folder: Folder, _now: datetime, *, patience: float | None) -> None:
        asked.append(patience)
        raise ModelError("enough")

    monkeypatch.setattr("app.schedule.turn", turn)
    tick(Folder(settings))
    assert asked == [300.0]
