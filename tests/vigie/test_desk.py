"""The desk: people, drafts, and a ledger that survives a crash."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.send import Settled
from vigie.archive import connect, desk, people
from vigie.errors import NotFoundError
from vigie.model import DeliveryState

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


def person(n: int, edition: str = "nord") -> people.NewRecipient:
    return people.NewRecipient(
        f"P{n}", f"p{n}@a.example", "fr", f"S{n % 2}", (edition,), "interest", "test"
    )


@pytest.fixture
def db(tmp_path: Path):
    db = connect.open_desk(tmp_path / "desk.db")
    for n in range(4):
        people.add_recipient(db, person(n), NOW)
    yield db
    db.close()


def ledger(db) -> desk.DeskLedger:
    return desk.DeskLedger(db, "nord-2026Q4", 1, "nord", lambda: NOW)


def states(db) -> list[str]:
    return [row.state.value for row in desk.deliveries(db, "nord-2026Q4", 1)]


def test_the_desk_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    connect.open_desk(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_person_added_twice_is_there_once(db) -> None:
    people.add_recipient(db, person(0), NOW)
    people.add_recipient(db, person(0, "sud"), NOW)
    assert db.table("recipients").count == 4
    assert db.table("subscriptions").count == 5
    assert db.table("partners").count == 3  # and the one of those who left


def test_queueing_twice_adds_nobody_twice(db) -> None:
    assert desk.queue(db, "nord-2026Q4", 1, "nord", NOW) == 4
    assert desk.queue(db, "nord-2026Q4", 1, "nord", NOW) == 0
    people.add_recipient(db, person(9), NOW)
    assert desk.queue(db, "nord-2026Q4", 1, "nord", NOW) == 1


@pytest.mark.parametrize(
    ("case", "before", "again", "queued"),
    [
        ("who was served has it", DeliveryState.SENT, False, 3),
        ("who may have it is not asked to read it twice", DeliveryState.IN_DOUBT, False, 3),
        ("who was refused has not", DeliveryState.REFUSED, False, 4),
        ("whoever asks for it writes to all", DeliveryState.SENT, True, 4),
    ],
)
def test_a_correction_goes_to_those_who_have_no_revision_yet(
    case: str, before: DeliveryState, again: bool, queued: int, db
) -> None:
    desk.queue(db, "nord-2026Q4", 1, "nord", NOW)
    first = ledger(db).batch(-1, 200)[0]
    ledger(db).claim(first)
    ledger(db).settle(first, Settled(before, ""))
    assert desk.queue(db, "nord-2026Q4", 2, "nord", NOW, again=again) == queued, case
    assert desk.queue(db, "nord-2026Q4", 2, "nord", NOW, again=again) == 0
    assert states(db)[1:] == ["withdrawn"] * 3
    assert desk.queue(db, "nord-2027Q1", 2, "nord", NOW) == 4


def test_only_the_editions_recipients_who_are_still_there_are_queued(db) -> None:
    db.execute("UPDATE recipients SET removed_at = 'x' WHERE address = 'p0@a.example'")
    assert desk.queue(db, "sud-2026Q4", 1, "sud", NOW) == 0
    assert desk.queue(db, "nord-2026Q4", 1, "nord", NOW) == 3


def test_a_row_is_claimed_by_one_only(db) -> None:
    desk.queue(db, "nord-2026Q4", 1, "nord", NOW)
    first = ledger(db).batch(-1, 200)[0]
    assert ledger(db).claim(first)
    assert not ledger(db).claim(first)


def test_after_a_crash_the_claimed_are_queued_and_the_half_sent_are_in_doubt(db) -> None:
    desk.queue(db, "nord-2026Q4", 1, "nord", NOW)
    book = ledger(db)
    sent, half, claimed, _ = book.batch(-1, 200)
    for row in (sent, half, claimed):
        book.claim(row)
    for row in (sent, half):
        book.sending(row)
    book.settle(sent, Settled(DeliveryState.SENT, "250 ok"))
    assert desk.recover(db, NOW) == 1
    assert states(db) == ["sent", "in doubt", "queued", "queued"]
    assert [row.id for row in ledger(db).batch(-1, 200)] == [3, 4]


def test_what_was_never_claimed_cannot_be_sent(db) -> None:
    desk.queue(db, "nord-2026Q4", 1, "nord", NOW)
    with pytest.raises(RuntimeError, match="without being claimed"):
        ledger(db).sending(ledger(db).batch(-1, 200)[0])


def test_a_missing_draft_says_the_way_out(db) -> None:
    with pytest.raises(NotFoundError, match="vigie digest draft"):
        desk.draft(db, "nord-2026Q4")


def test_a_desk_of_the_first_release_is_brought_along_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "old.db"
    with monkeypatch.context() as patch:
        patch.setattr(connect, "DESK", ("desk_0001",))
        old = connect.open_desk(path)
        old.execute("INSERT INTO partners VALUES (1, 'A', '', '2026-11-20T08:00:00Z')")
        for n, gone in ((1, None), (2, "2026-11-20T09:00:00Z")):
            old.execute(
                """INSERT INTO recipients VALUES (?, 1, 'P', ?, 'fr', 'TLP:CLEAR', 'interest', 'x',
                   '2026-11-20T08:00:00Z', ?)""",
                [n, f"p{n}@a.example", gone],
            )
            old.execute("INSERT INTO subscriptions VALUES (?, 'nord', '', 'x')", [n])
            old.execute(
                "INSERT INTO deliveries VALUES (?, 'nord-2026Q4', 1, ?, 'in doubt', 'd', 'x', 'y')",
                [n + 6, n],
            )
        old.close()
    new = connect.open_desk(path)
    assert [
        (row.id, row.state.value, row.detail) for row in desk.deliveries(new, "nord-2026Q4", 1)
    ] == [
        (7, "in doubt", "d"),
        (8, "in doubt", "d"),
    ]
    assert people.forget_the_removed(new) == 1
    assert people.departures(new, "P2@a.example") == {""}
    assert [row.address for row in people.recipients(new)] == ["p1@a.example", "gone-2"]
    assert connect.check(new) == []
    new.close()
