"""SIGKILL while changed models read again: old results stay whole, new ones come whole."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import random
import re
import shutil
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from folders import without_names

from app.demo.world import load_world
from app.folder import Folder, write_starter
from app.pipeline import enriching
from enrich.blank import spacy_without_torch
from vigie.archive import articles, connect, rereadings
from vigie.archive.declared import declare
from vigie.model import ArticleIntent, Item, Novelty, Rights
from vigie.schema import Source

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
ARTICLES, BATCH, KILLS, SEED = 60, 8, 16, 20261122
GAZETTEER = """
[[entity]]
id = "dieppe"
label = "LOC"
names.fr = "Dieppe"

[[entity]]
id = "gent"
label = "LOC"
names.fr = "Gand"
names.nl = "Gent"
"""

# What is shown of each article, by part; a part is the old models' or the new ones', never both.
READ = (
    """SELECT a.public_id, m.revision, g.language, g.confidence, g.text_from
       FROM readings g JOIN articles a ON a.id = g.article_id JOIN models m ON m.id = g.model_id""",
    """SELECT a.public_id, m.entity_id, m.field, m.start, m.surface
       FROM mentions m JOIN articles a ON a.id = m.article_id""",
    """SELECT a.public_id, r.* FROM refers_to r JOIN articles a ON a.public_id = r.article""",
)
EMBEDDED = ("SELECT * FROM current_vectors",)
REST = (
    """SELECT a.public_id, t.theme_id, t.score, t.why
       FROM article_themes t JOIN articles a ON a.id = t.article_id""",
    """SELECT a.public_id, s.theme_id, s.signal, s.score, s.why
       FROM theme_signals s JOIN articles a ON a.id = s.article_id""",
    """SELECT f.role, m.revision, f.next_id, f.since
       FROM models_in_force f JOIN models m ON m.id = f.model_id""",
    "SELECT count(*) FROM rereadings",
    """SELECT a.public_id, g.public_id, m.score FROM duplicate_members m
       JOIN articles a ON a.id = m.article_id JOIN duplicate_groups g ON g.id = m.group_id""",
    """SELECT a.public_id, g.public_id, m.score FROM story_members m
       JOIN articles a ON a.id = m.article_id JOIN stories g ON g.id = m.story_id""",
)

Rows = list[Counter[tuple[object, ...]]]


class StandIn:
    """What stands for vectors from elsewhere: eight numbers of a text's hash."""

    name, revision, dims = "stand-in", "stand-in-1", 8

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        digests = [hashlib.sha256(text.encode()).digest()[: self.dims] for text in texts]
        rows = np.array([list(digest) for digest in digests], dtype=np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


class Told:
    """Progress that tells each step to whoever holds the kill."""

    def __init__(self, told: Connection) -> None:
        self._told = told

    @contextmanager
    def stage(self, label: str, total: int) -> Iterator[Callable[[int], None]]:  # noqa: ARG002  # the protocol's
        yield lambda _steps: self._told.send(label)


def read_again(home: Path, told: Connection) -> None:
    """What is killed: a turn's reading, its steps told, those of taking over too."""
    enriching.BATCH = BATCH
    opened = enriching.open_embedder
    enriching.open_embedder = lambda models, state: (
        StandIn() if models.vectors == StandIn.name else opened(models, state)
    )
    replace = rereadings.replace_reading

    def replaced(*row: Any) -> None:
        told.send("Taking over")
        replace(*row)

    rereadings.replace_reading = replaced
    folder = Folder.at(home)
    with folder.lock(), folder.archive(NOW) as archive:
        enriching.enrich(archive, folder.settings, NOW, Told(told))


def run(home: Path, kill_after: int = 0) -> list[str]:
    """The steps of one run; killed after so many of them, 0 for never."""
    forks = multiprocessing.get_context("forkserver")
    forks.set_forkserver_preload(["app.pipeline.enriching", "spacy"])
    ours, theirs = forks.Pipe(duplex=False)
    child = forks.Process(target=read_again, args=(home, theirs))
    child.start()
    theirs.close()
    steps: list[str] = []
    with suppress(EOFError):
        while True:
            steps.append(ours.recv())
            if len(steps) == kill_after and child.pid:
                os.kill(child.pid, signal.SIGKILL)
                break
    child.join()
    assert child.exitcode in ((0, -signal.SIGKILL) if kill_after else (0,))
    return steps


def rows(home: Path, queries: Sequence[str]) -> Rows:
    db = connect.read(home / "data" / "archive.db")
    assert connect.check(db) == []
    found = [Counter(db.execute(sql).fetchall()) for sql in queries]
    db.close()
    return found


def made(home: Path) -> Path:
    """A folder with its articles, read by nothing yet."""
    write_starter(home)
    without_names(home)
    (home / "config" / "gazetteer.toml").write_text(GAZETTEER, "utf-8")
    with Folder.at(home).archive(NOW) as db:
        declare(db, [Source(id="s", title="S", url="https://s.example/f", rights=Rights.FULL)], NOW)
        intents = []
        for number, told in enumerate(load_world().items[:ARTICLES]):
            url = f"https://s.example/{number}"
            item = Item(
                url=url, canonical_url=url, guid=url, title=told.title, summary=told.summary,
                published=NOW,
            )  # fmt: skip
            intents.append(ArticleIntent(Novelty.NEW, url, item, f"{number}"))
        with connect.transaction(db):
            articles.store(db, "s", Rights.FULL, intents, NOW)
    return home


def change(home: Path, **models: str) -> None:
    """Set lines of [models]."""
    path = home / "config" / "vigie.toml"
    said = path.read_text("utf-8")
    for name, value in models.items():
        said, lines = re.subn(rf'(?m)^{name} = ".*?"', f'{name} = "{value}"', said)
        assert lines == 1
    path.write_text(said, "utf-8")


@dataclass(frozen=True)
class Undisturbed:
    unread: Path  # the folder before any reading, the new models set
    before: Path  # the folder as the old models left it, the new ones set
    steps: list[str]
    old: tuple[Rows, Rows]
    new: tuple[Rows, Rows]
    rest: Rows


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    base = tmp_path_factory.mktemp("changing")
    nlp = spacy_without_torch().blank("xx")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "LOC", "pattern": "port"}, {"label": "ORG", "pattern": "Port"}])
    nlp.to_disk(base / "stand-in")
    home = made(base / "home")
    unread = base / "unread"
    shutil.copytree(home, unread)
    run(home)
    old = rows(home, READ), rows(home, EMBEDDED)
    for folder in (home, unread):
        change(folder, entities=str(base / "stand-in"), vectors=StandIn.name)
    before = base / "before"
    shutil.copytree(home, before)
    steps = run(home)
    new = rows(home, READ), rows(home, EMBEDDED)
    return Undisturbed(unread, before, steps, old, new, rows(home, REST))


def test_a_change_reads_all_again_and_shows_something_else(undisturbed: Undisturbed) -> None:
    batches = -(-ARTICLES // BATCH)
    assert Counter(undisturbed.steps) == {
        "Embedding": batches, "Reading again": batches, "Taking over": ARTICLES, "Themes": 1,
    }  # fmt: skip
    for old, new in zip(undisturbed.old, undisturbed.new, strict=True):
        assert old[0].total() == new[0].total() == ARTICLES
        assert not old[0].keys() & new[0].keys()


def test_the_archive_is_as_if_the_new_models_had_read_it_first(
    undisturbed: Undisturbed, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(undisturbed.unread, home)
    run(home)
    assert (rows(home, READ), rows(home, EMBEDDED)) == undisturbed.new
    assert rows(home, REST) == undisturbed.rest


def test_kills_at_any_place_leave_what_an_undisturbed_change_leaves(
    undisturbed: Undisturbed, tmp_path: Path
) -> None:
    """One folder killed again and again; every time what is shown is whole."""
    chance = random.Random(SEED)
    home, killed_in, turn = tmp_path / "home-0", Counter[str](), 0
    shutil.copytree(undisturbed.before, home)
    while killed_in.total() < KILLS:
        place = chance.choice((1, 1, 2, 3, 5, 8, 30, 70))
        steps = run(home, place)
        shown = rows(home, READ), rows(home, EMBEDDED)
        for part, old, new in zip(shown, undisturbed.old, undisturbed.new, strict=True):
            assert part in (old, new)
        if len(steps) < place or "Themes" in steps:  # it was done: once more from the start
            finished(home, undisturbed)
            turn += 1
            home = tmp_path / f"home-{turn}"
            shutil.copytree(undisturbed.before, home)
        else:
            killed_in[steps[-1]] += 1
    assert killed_in.keys() == {"Embedding", "Reading again", "Taking over"}
    run(home)
    finished(home, undisturbed)


def finished(home: Path, undisturbed: Undisturbed) -> None:
    run(home)
    assert (rows(home, READ), rows(home, EMBEDDED)) == undisturbed.new
    assert rows(home, REST) == undisturbed.rest
