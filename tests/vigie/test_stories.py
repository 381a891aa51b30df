"""Stories keep their ids when machines regroup and people merge and split."""

from datetime import timedelta

import pytest

from vigie.archive import groups, ids, readings, stories
from vigie.archive.search import SearchFilter, search
from vigie.archive.standing import STORIES, current, standing
from vigie.errors import CuratingError, NotFoundError
from vigie.model import Placement, StoryAct


@pytest.fixture
def placed(archive):
    """Five articles in stories 1-2-3 and 4-5; each its own near-duplicate group but 1-2."""
    rows = [archive.carries(f"https://phare.example/{n}", f"Titre {n}") for n in range(1, 6)]
    archive.reads()
    archive.model = readings.register_model(archive.db, "grouping", "vigie", "1", archive.now).id
    founders = [rows[0]] * 3 + [rows[3]] * 2
    texts = [rows[0]] * 2 + rows[2:]
    groups.store(
        archive.db,
        archive.model,
        [
            Placement(row, text, None, 1.0, "like it", founder, None, 1.0, "near it")
            for row, text, founder in zip(rows, texts, founders, strict=True)
        ],
        archive.now,
    )
    return archive, rows


def stands(archive) -> dict[int, str]:
    return dict(
        archive.db.execute(
            "SELECT m.article_id, s.public_id FROM story_members m JOIN stories s "
            "ON s.id = m.story_id ORDER BY 1"
        ).fetchall()
    )


def story_id(archive, n: int) -> str:
    return ids.story(archive.public(f"https://phare.example/{n}"))


def regrouped(archive, rows, *clusters, beyond=None) -> None:
    """A regrouping found these clusters, of numbers from 1 on."""
    start = archive.now - timedelta(days=400)
    run = stories.regrouping(archive.db, archive.model, start, archive.now, archive.now)
    placements = []
    for cluster in clusters:
        first = rows[cluster[0] - 1]
        for n in cluster:
            row = rows[n - 1]
            placements.append(Placement(row, row, None, 0.0, "alone", first, None, 0.5, "again"))
    stories.store_regrouped(archive.db, run, placements, beyond or {}, archive.now, archive.now)


def test_a_cluster_keeps_the_story_with_which_it_shares_most_members(placed) -> None:
    archive, rows = placed
    one, four = story_id(archive, 1), story_id(archive, 4)
    regrouped(archive, rows, (1,), (2, 3), (4, 5))
    found = stands(archive)
    assert [found[rows[n]] for n in (1, 2, 3, 4)] == [one, one, four, four]
    assert found[rows[0]] == f"{one}-2"  # its own name is the other's now
    assert archive.db.execute("PRAGMA foreign_key_check").fetchall() == []
    titles = dict(archive.db.execute("SELECT story, title FROM story_overview").fetchall())
    assert titles == {one: "Titre 2", four: "Titre 4", f"{one}-2": "Titre 1"}


def test_on_a_tie_the_older_story_stays_and_the_other_leads_to_it(placed) -> None:
    archive, rows = placed
    one, four = story_id(archive, 1), story_id(archive, 4)
    regrouped(archive, rows, (1, 2, 4, 5), (3,))
    assert stands(archive)[rows[3]] == one
    assert current(archive.db, four) == one
    assert stories.find(archive.db, four) == stories.find(archive.db, one)
    hits = search(archive.db, "", SearchFilter(story=four))
    assert {hit.title for hit in hits} == {"Titre 1", "Titre 2", "Titre 4", "Titre 5"}
    # and on, where that one is merged away in turn
    regrouped(archive, rows, (3, 1, 2, 4, 5))
    three = stands(archive)[rows[2]]
    assert current(archive.db, four) == current(archive.db, one) == three or three == one
    assert archive.db.execute(
        "SELECT count(*) FROM forwards WHERE to_id IN (SELECT public_id FROM forwards)"
    ).fetchone() == (0,)


def test_regrouping_what_stands_well_changes_nothing(placed) -> None:
    archive, rows = placed
    regrouped(archive, rows, (1, 2, 3), (4, 5))
    before = stands(archive), archive.db.execute("SELECT * FROM story_members").fetchall()
    regrouped(archive, rows, (1, 2, 3), (4, 5))
    assert (stands(archive), archive.db.execute("SELECT * FROM story_members").fetchall()) == before
    assert archive.db.table("forwards").count == 0


def test_a_story_with_older_members_is_not_taken_by_a_new_cluster(placed) -> None:
    archive, rows = placed
    run = stories.Regrouping(1, archive.model, archive.now, archive.now, archive.now)
    archive.db.execute(
        "UPDATE articles SET published = ? WHERE id = ?", ["2026-01-01T00:00:00Z", rows[0]]
    )
    alone = Placement(rows[2], rows[2], None, 0.0, "alone", rows[2], None, 0.0, "alone")
    stories.store_regrouped(archive.db, run, [alone], {}, archive.now, archive.now)
    assert stands(archive)[rows[2]] == story_id(archive, 3)
    # put together with one out of sight by a person, it goes to where that one stands
    stories.store_regrouped(archive.db, run, [alone], {rows[2]: rows[0]}, archive.now, archive.now)
    assert stands(archive)[rows[2]] == story_id(archive, 1)


def test_people_merge_and_split_and_all_of_it_is_kept(placed) -> None:
    archive, rows = placed
    one, four = (stories.find(archive.db, story_id(archive, n)) for n in (1, 4))
    act = StoryAct(True, tuple(rows[:3]), tuple(rows[3:]), "mc", archive.now, "un incendie")
    stays = stories.merge(archive.db, archive.model, one, four, act)
    assert stays == one
    assert current(archive.db, story_id(archive, 4)) == story_id(archive, 1)
    with pytest.raises(CuratingError, match="already"):
        stories.merge(archive.db, archive.model, stays, stays, act)
    out = StoryAct(False, (rows[1],), (rows[0], *rows[2:]), "mc", archive.now, "un autre")
    new = stories.split(archive.db, archive.model, stays, out)
    assert standing(archive.db, STORIES, rows) == {
        row: new if row == rows[1] else one for row in rows
    }
    assert stories.acts(archive.db) == [act, out]
    # a near-duplicate stands in its neighbour's story: the pair is no pair any more
    groups_now = archive.db.execute("SELECT count(DISTINCT group_id) FROM duplicate_members")
    assert groups_now.fetchone() == (5,)
    for wrong in ((rows[1],), ()):
        act = StoryAct(False, wrong, (), "mc", archive.now)
        with pytest.raises(CuratingError):
            stories.split(archive.db, archive.model, one, act)


def test_an_unknown_story_says_the_way_out(placed) -> None:
    archive, _ = placed
    with pytest.raises(NotFoundError, match="s-nothing"):
        stories.find(archive.db, "s-nothing")


def test_a_stopped_regrouping_goes_on_where_it_stood(placed) -> None:
    archive, _ = placed
    start, end = archive.now - timedelta(days=30), archive.now
    run = stories.regrouping(archive.db, archive.model, start, end, archive.now)
    half = start + timedelta(days=7)
    stories.store_regrouped(archive.db, run, [], {}, half, archive.now)
    again = stories.regrouping(archive.db, archive.model, start, end, archive.now)
    assert (again.id, again.done_until) == (run.id, half)
    assert stories.last_regrouped(archive.db) is None
    stories.store_regrouped(archive.db, again, [], {}, end, archive.now)
    assert stories.last_regrouped(archive.db) == archive.now
    later = stories.regrouping(archive.db, archive.model, start, end, archive.now)
    assert later.id != run.id


def test_the_main_article_has_the_rights_the_reliability_or_came_first(placed) -> None:
    archive, rows = placed
    archive.db.execute(
        "UPDATE articles SET published = '2026-01-02T00:00:00Z' WHERE id = ?", [rows[0]]
    )
    archive.db.execute(
        "UPDATE articles SET published = '2026-01-01T00:00:00Z' WHERE id = ?", [rows[1]]
    )
    copies = archive.db.execute("SELECT article, place, changed FROM copies ORDER BY place")
    public = [archive.public(f"https://phare.example/{n}") for n in (2, 1)]
    assert copies.fetchall() == [(public[0], 1, ""), (public[1], 2, "title")]
