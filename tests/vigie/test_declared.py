"""Sources of the desk, and pauses, in the archive."""

from __future__ import annotations

from datetime import date, timedelta

from vigie.archive import declared, sources
from vigie.schema import Source

DESK = Source(id="digue", title="La Digue", url="https://digue.example/f", themes=("energy",))


def test_declaring_the_file_leaves_the_desks_sources_alone(archive) -> None:
    declared.add_from_desk(archive.db, DESK, archive.now)
    declared.declare(archive.db, [], archive.now)
    rows = {row.id: row for row in declared.recorded(archive.db)}
    assert (rows["digue"].origin, rows["digue"].declared.active) == ("desk", True)
    assert (rows["phare"].origin, rows["phare"].declared.active) == ("file", False)
    assert [source.id for source in sources.due(archive.db, archive.now)] == ["digue"]


def test_a_source_that_the_file_takes_over_is_the_files(archive) -> None:
    declared.add_from_desk(archive.db, DESK, archive.now)
    declared.bring_in(archive.db, [DESK], archive.now)
    rows = {row.id: row for row in declared.recorded(archive.db)}
    assert rows["digue"] == declared.Recorded("digue", "file", declared.of_source(DESK))
    declared.retire(archive.db, "digue", archive.now)
    assert not declared.recorded(archive.db)[1].declared.active


def test_since_when_a_source_is_stopped_and_what_happened(archive) -> None:
    def standing() -> tuple[str, str]:
        row = archive.db.execute(
            """SELECT s.stopped_at, h.state FROM sources s JOIN source_health h ON h.source = s.id
               WHERE s.id = 'digue'"""
        )
        return row.fetchone()

    paused = {"paused_until": date(9999, 12, 31), "note": "refonte"}
    steps: list[tuple[dict[str, object], str]] = [
        ({}, "never polled"),
        (paused, "paused"),
        ({**paused, "note": "encore"}, "paused"),
        ({}, "never polled"),
        ({"active": False, "note": "fermé"}, "retired"),
    ]
    since = []
    for step, (changes, state) in enumerate(steps):
        source = DESK.model_copy(update=changes)
        declared.declare(archive.db, [source], archive.now + timedelta(days=step))
        stopped, found = standing()
        assert found == state
        since.append(stopped[:10])
    day = [f"{archive.now + timedelta(days=step):%Y-%m-%d}" for step in range(5)]
    assert since == ["", day[1], day[1], "", day[4]]
    told = archive.db.execute("SELECT kind, detail FROM source_events ORDER BY id").fetchall()
    assert told == [("paused", "refonte"), ("resumed", ""), ("retired", "fermé")]
    declared.declare(archive.db, [], archive.now + timedelta(days=9))
    assert standing()[0][:10] == day[4]


def test_a_paused_source_is_due_again_on_its_day(archive) -> None:
    day = archive.now.date()
    for until, expected in (
        (None, True),
        (day, True),
        (day + timedelta(days=1), False),
        (date(9999, 12, 31), False),
    ):
        source = DESK.model_copy(update={"paused_until": until, "note": "refonte"})
        declared.declare(archive.db, [source], archive.now)
        for everything in (False, True):
            found = sources.due(archive.db, archive.now, everything=everything)
            assert bool(found) is expected, until
