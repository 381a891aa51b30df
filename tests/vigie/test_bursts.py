"""What bursts are counted of: asked for at the cost of the window, whatever the archive's age."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.vigie.conftest import NOW, FakeArchive
from vigie.archive import bursts, carried, groups, readings
from vigie.model import Placement

DAY = timedelta(days=1)


def placed(archive: FakeArchive, *together: int) -> None:
    """Put these articles into one group and one story."""
    model = readings.register_model(archive.db, "grouping", "fake", "1", archive.now)
    first = together[0]
    groups.store(
        archive.db,
        model.id,
        [Placement(one, first, None, 1.0, "", first, None, 1.0, "") for one in together],
        archive.now,
    )


def test_a_windows_articles_come_with_names_themes_and_stories(archive: FakeArchive) -> None:
    one = archive.carries("https://p.example/1", "EDF panne")
    archive.reads()
    placed(archive, one)
    (item,) = bursts.window(archive.db, NOW - DAY, NOW + DAY)
    assert (item.article, item.entities, item.themes) == (one, ("edf",), ("energy",))
    assert (item.address, item.title, item.territories) == ("https://p.example/1", "EDF panne", ())
    assert item.story.startswith("s-")
    assert bursts.window(archive.db, NOW + DAY, NOW + 2 * DAY) == []


def test_a_source_is_watched_since_its_first_poll_or_oldest_article(archive: FakeArchive) -> None:
    archive.carries("https://p.example/1", "Un")
    assert bursts.watched_since(archive.db, ["phare", "cap"]) == {"phare": NOW}
    archive.db.execute(
        """INSERT INTO fetches (source_id, at, seconds, status, bytes, items, new, revised)
           VALUES ('phare', '2026-11-01T00:00:00Z', 1, 200, 1, 1, 1, 0)"""
    )
    assert bursts.watched_since(archive.db, ["phare"])["phare"].day == 1


def test_a_name_was_there_before_or_is_new(archive: FakeArchive) -> None:
    archive.carries("https://p.example/1", "EDF panne")
    archive.reads()
    assert bursts.named_before(archive.db, ["edf", "x"], NOW + DAY) == {"edf"}
    assert bursts.named_before(archive.db, ["edf", "x"], NOW - DAY) == frozenset()
    assert bursts.names(archive.db, ["edf", "x"]) == {"edf": "EDF"}


def test_texts_of_a_group_of_two_or_more_come_with_their_source(archive: FakeArchive) -> None:
    one = archive.carries("https://p.example/1", "Un", "Le même texte")
    archive.source = "cap"
    two = archive.carries("https://q.example/1", "Deux", "Le même texte")
    alone = archive.carries("https://q.example/2", "Trois", "Un autre")
    placed(archive, one, two)
    placed(archive, alone)
    found = carried.texts(archive.db, NOW - DAY, NOW + DAY)
    assert {text.source_title for text in found} == {"Le Phare", "Le Cap"}
    assert {text.article for text in found} == {one, two}
    assert carried.printed(archive.db, NOW - DAY, NOW + DAY) == {"phare": 1, "cap": 2}


@pytest.mark.parametrize("ask", [bursts.window, carried.texts, carried.printed])
def test_no_table_is_read_whole(archive: FakeArchive, ask: object) -> None:
    """SQLite would rather walk all mentions than the window's: the plan is held."""
    asked: list[str] = []
    archive.db.conn.set_trace_callback(asked.append)
    ask(archive.db, NOW - DAY, NOW + DAY)  # type: ignore[operator]  # each takes a start and an end
    archive.db.conn.set_trace_callback(None)
    assert asked
    for sql in asked:
        plan = [row[3] for row in archive.db.execute(f"EXPLAIN QUERY PLAN {sql}")]
        whole = [step for step in plan if step.startswith("SCAN") and "subquery" not in step]
        assert whole == [], sql
