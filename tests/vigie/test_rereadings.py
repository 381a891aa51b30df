"""A change of model: old readings are shown until the new ones are complete, whatever happens."""

from __future__ import annotations

from vigie.archive import readings, rereadings
from vigie.model import Language, Mention, Reading


def model(archive, revision: str) -> int:
    return readings.register_model(archive.db, "reading", "fake", revision, archive.now).id


def says(job, language: str) -> Reading:
    mention = Mention("edf", "EDF", "ORG", "EDF", "title", 0, 3, "test")
    return Reading(job.article, job.revision, Language(language, 0.9, "test"), (mention,), ())


def read_aside(archive, number: int, limit: int = 100) -> int:
    jobs = rereadings.stale(archive.db, number, limit)
    rereadings.keep_aside(archive.db, number, [(job, says(job, "nl")) for job in jobs])
    return len(jobs)


def shown(archive) -> list[str]:
    rows = archive.db.execute("SELECT language FROM news ORDER BY article")
    return sorted(row[0] for row in rows)


def first_reading(archive, count: int = 3) -> tuple[int, list[str]]:
    for number in range(count):
        archive.carries(f"https://phare.example/{number}", f"EDF {number}")
    archive.reads()
    old = model(archive, "1")
    assert rereadings.take_over(archive.db, old, archive.now)
    return old, shown(archive)


def test_the_first_model_is_in_force_at_once(archive) -> None:
    old, _ = first_reading(archive)
    found = rereadings.shown(archive.db, "reading")
    assert found is not None
    assert found.id == old
    assert rereadings.count_waiting(archive.db, "reading") == 0


def test_nothing_changes_until_all_is_read_then_all_at_once(archive) -> None:
    old, before = first_reading(archive)
    new = model(archive, "2")
    rereadings.announce(archive.db, "reading", new)
    assert rereadings.count_waiting(archive.db, "reading") == 3
    assert read_aside(archive, new, 2) == 2
    assert not rereadings.take_over(archive.db, new, archive.now)
    assert shown(archive) == before
    assert rereadings.shown(archive.db, "reading").id == old
    assert read_aside(archive, new) == 1
    assert shown(archive) == before
    assert rereadings.take_over(archive.db, new, archive.now)
    assert shown(archive) == ["nl", "nl", "nl"]
    assert rereadings.shown(archive.db, "reading").id == new
    assert rereadings.count_waiting(archive.db, "reading") == 0
    assert archive.db.table("rereadings").count == 0
    assert archive.db.table("mentions").count == 3
    assert rereadings.stale(archive.db, new, 10) == []


def test_an_article_edited_meanwhile_is_read_anew(archive) -> None:
    first_reading(archive)
    new = model(archive, "2")
    read_aside(archive, new)
    archive.edits("https://phare.example/1", "EDF, suite")
    assert readings.count_unread(archive.db) == 1
    jobs = readings.unread(archive.db, 10)
    readings.store_readings(archive.db, new, [(jobs[0], says(jobs[0], "de"))], archive.now)
    assert rereadings.take_over(archive.db, new, archive.now)
    assert shown(archive) == ["de", "nl", "nl"]


def test_a_third_model_starts_afresh_and_the_old_one_may_come_back(archive) -> None:
    old, before = first_reading(archive)
    read_aside(archive, model(archive, "2"), 2)
    third = model(archive, "3")
    assert rereadings.count_stale(archive.db, third) == 3
    read_aside(archive, third, 1)
    assert archive.db.table("rereadings").count == 1
    assert rereadings.take_over(archive.db, old, archive.now)
    assert shown(archive) == before
    assert archive.db.table("rereadings").count == 0
    assert rereadings.shown(archive.db, "reading").id == old


def test_vectors_of_the_model_in_force_are_in_the_view(archive) -> None:
    archive.carries("https://phare.example/1", "EDF")
    one = readings.register_model(archive.db, "vectors", "a", "1", archive.now)
    two = readings.register_model(archive.db, "vectors", "b", "1", archive.now)
    for row, data in ((one, b"\1\1"), (two, b"\2\2")):
        jobs = readings.unembedded(archive.db, row.id, archive.now, 10)
        jobs = jobs or readings.unread(archive.db, 10)
        readings.store_vectors(archive.db, row.id, [(job, data) for job in jobs])
    seen = []
    for row in (one, two):
        rereadings.announce(archive.db, "vectors", row.id)
        rereadings.put_in_force(archive.db, "vectors", row.id, archive.now)
        seen += archive.db.execute("SELECT model, vector FROM current_vectors").fetchall()
    assert seen == [("a", b"\1\1"), ("b", b"\2\2")]
