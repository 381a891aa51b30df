"""Signals in the archive: they grow older, end, come back, sleep and wake."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from sqlite3 import IntegrityError

import pytest

from tests.vigie.conftest import FakeArchive
from vigie.archive import emerging
from vigie.errors import NotFoundError
from vigie.model import Emerging, EmergingKind, Strength, key_of, subject_of

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def signal(key: str, articles: tuple[int, ...], **more: object) -> Emerging:
    kind, _, _ = subject_of(key)
    found = Emerging(
        key=key,
        kind=kind,
        label=key,
        strength=Strength.RISING,
        score=5.0,
        first_seen=NOW - DAY,
        last_seen=NOW,
        why="5 texts of 3 publishers, where .4 were likely",
        articles=articles,
        sources=3,
        territories=("FRD2",),
        texts=5,
        expected=0.4,
    )
    return replace(found, **more)  # type: ignore[arg-type]  # fields by name


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("entity:edf", (EmergingKind.ENTITY, "edf", 1)),
        ("entity:edf~3", (EmergingKind.ENTITY, "edf", 3)),
        ("off-theme:s-b7", (EmergingKind.OFF_THEME, "s-b7", 1)),
        ("phrase:windows+3.11", (EmergingKind.PHRASE, "windows+3.11", 1)),
        ("new-entity:ORG:la ligue~b", (EmergingKind.NEW_ENTITY, "ORG:la ligue~b", 1)),
    ],
)
def test_a_key_tells_kind_subject_and_episode(
    key: str, told: tuple[EmergingKind, str, int]
) -> None:
    assert subject_of(key) == told
    assert key_of(*told) == key


def test_what_is_saved_comes_back_whole(archive: FakeArchive) -> None:
    ids = (
        archive.carries("https://p.example/1", "Un"),
        archive.carries("https://p.example/2", "D"),
    )
    told = signal("entity:edf", ids[::-1])
    emerging.save(archive.db, [told], NOW)
    assert emerging.between(archive.db, NOW - DAY, NOW + DAY) == [told]
    kept = emerging.find(archive.db, told.key)
    assert (kept.signal, kept.subject, kept.raised, kept.ended) == (told, "edf", NOW, None)


def test_the_same_signal_grows_older_and_is_never_told_twice(archive: FakeArchive) -> None:
    one = archive.carries("https://p.example/1", "Un")
    emerging.save(archive.db, [signal("entity:edf", (one,))], NOW)
    later = signal(
        "entity:edf", (one,), first_seen=NOW, last_seen=NOW + DAY, strength=Strength.STRONG
    )
    emerging.save(archive.db, [later], NOW + DAY)
    (kept,) = emerging.lasting(archive.db)
    assert kept.signal.first_seen == NOW - DAY  # its age is that of its first evidence
    assert (kept.raised, kept.looked) == (NOW, NOW + DAY)
    assert [step.strength for step in emerging.course(archive.db, "entity:edf")] == [
        Strength.RISING,
        Strength.STRONG,
    ]


def test_a_signal_is_told_by_its_height(archive: FakeArchive) -> None:
    ones = tuple(archive.carries(f"https://p.example/{n}", f"Titre {n}") for n in (1, 2, 3))
    for day, (score, texts, articles) in enumerate(
        [(5.0, 5, ones[:1]), (8.0, 9, ones[:2]), (3.0, 3, ones)]
    ):
        told = signal("entity:edf", articles, score=score, texts=texts, last_seen=NOW + day * DAY)
        emerging.save(archive.db, [told], NOW + day * DAY)
    (kept,) = emerging.lasting(archive.db)
    assert (kept.signal.score, kept.signal.texts, kept.signal.articles) == (8.0, 9, ones[:2])
    assert (kept.signal.last_seen, kept.looked) == (NOW + 2 * DAY, NOW + 2 * DAY)
    assert [step.texts for step in emerging.course(archive.db, "entity:edf")] == [5, 9, 3]


def test_strongest_first_and_only_of_that_time(archive: FakeArchive) -> None:
    one = archive.carries("https://p.example/1", "Un")
    emerging.save(
        archive.db,
        [
            signal("entity:weak", (one,), strength=Strength.WEAK, score=9.0),
            signal("entity:strong", (one,), strength=Strength.STRONG, score=6.0),
            signal("entity:stronger", (one,), strength=Strength.STRONG, score=8.0),
            signal("entity:old", (one,), first_seen=NOW - 9 * DAY, last_seen=NOW - 8 * DAY),
        ],
        NOW,
    )
    found = emerging.between(archive.db, NOW - 2 * DAY, NOW + DAY)
    assert [one.key for one in found] == ["entity:stronger", "entity:strong", "entity:weak"]


def test_a_subject_sleeps_in_every_episode_and_can_be_woken(archive: FakeArchive) -> None:
    one = archive.carries("https://p.example/1", "Un")
    both = [signal("entity:edf", (one,)), signal("entity:edf~2", (one,))]
    emerging.save(archive.db, both, NOW)
    emerging.snooze(archive.db, "entity:edf", NOW + 3 * DAY, who="mc", why="connu", now=NOW)
    assert emerging.between(archive.db, NOW - DAY, NOW + DAY, NOW) == []
    assert len(emerging.between(archive.db, NOW - DAY, NOW + DAY, NOW + 3 * DAY)) == 2
    assert all(kept.asleep(NOW) for kept in emerging.lasting(archive.db))
    emerging.wake(archive.db, "entity:edf~2", who="mc", why="", now=NOW)
    assert len(emerging.between(archive.db, NOW - DAY, NOW + DAY, NOW)) == 2
    with pytest.raises(NotFoundError, match="vigie emerging"):
        emerging.snooze(archive.db, "entity:no", NOW, who="mc", why="", now=NOW)


def test_a_look_is_written_whole_or_not_at_all(archive: FakeArchive) -> None:
    one = archive.carries("https://p.example/1", "Un")
    look = emerging.Look(NOW, 10, 5.0, 5, 2)
    both = [signal("entity:edf", (one,)), signal("entity:gone", (999,))]
    with pytest.raises(IntegrityError):
        emerging.save(archive.db, both, NOW, look=look)
    assert (emerging.lasting(archive.db), emerging.last_look(archive.db)) == ([], None)


def test_a_turn_tells_what_it_raised_and_not_what_sleeps(archive: FakeArchive) -> None:
    one = archive.carries("https://p.example/1", "Un")
    emerging.save(archive.db, [signal("entity:edf", (one,)), signal("entity:b", (one,))], NOW)
    emerging.snooze(archive.db, "entity:b", NOW + DAY, who="mc", why="", now=NOW)
    assert [found.key for found in emerging.raised_at(archive.db, NOW)] == ["entity:edf"]
    assert emerging.raised_at(archive.db, NOW + DAY) == []


def test_what_ended_is_kept_and_lasts_no_more(archive: FakeArchive) -> None:
    one = archive.carries("https://p.example/1", "Un")
    look = emerging.Look(NOW, 10, 0.0, 5, 1, "no past")
    emerging.save(archive.db, [signal("entity:edf", (one,))], NOW, look=look)
    emerging.save(archive.db, [], NOW + DAY, ended=["entity:edf"])
    assert emerging.lasting(archive.db) == []
    assert emerging.find(archive.db, "entity:edf").ended == NOW + DAY
    assert len(emerging.between(archive.db, NOW - DAY, NOW + DAY)) == 1
    assert emerging.last_look(archive.db) == look


def test_a_merged_story_is_given_by_the_id_that_stands_for_it(archive: FakeArchive) -> None:
    one = archive.carries("https://p.example/1", "Un")
    emerging.save(archive.db, [signal("story:s-old", (one,), story="s-old")], NOW)
    archive.db.execute("INSERT INTO forwards VALUES ('s-old', 's-new', ?, 'said so')", ["2026"])
    (found,) = emerging.between(archive.db, NOW - DAY, NOW + DAY)
    assert (found.key, found.story) == ("story:s-old", "s-new")
