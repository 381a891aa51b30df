"""Stories: found by any of their names, merged and split by people, regrouped by machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from vigie.archive.connect import transaction
from vigie.archive.moments import from_text, to_text
from vigie.archive.standing import GROUPS, STORIES, Kind, Stand, current, stand, standing
from vigie.errors import CuratingError, NotFoundError
from vigie.model import ArticleId, Placement, StoryAct


@dataclass(frozen=True, slots=True)
class Regrouping:
    """One that is under way: from when to when, and how far it has come."""

    id: int
    model: int
    starts: datetime
    ends: datetime  # not included
    done_until: datetime


def find(db: Database, name: str) -> int:
    """A story's row number by its public id, a forwarded one, or an article's.

    Raises NotFoundError.
    """
    row = db.execute(
        """SELECT id FROM stories WHERE public_id = :name
           UNION SELECT m.story_id FROM story_members m JOIN articles a ON a.id = m.article_id
           WHERE a.public_id = :name""",
        {"name": current(db, name)},
    ).fetchone()
    if row is None:
        raise NotFoundError(f"no story {name!r}; `vigie search WORDS --json` shows their ids")
    return int(row[0])


def members(db: Database, story: int) -> list[ArticleId]:
    """Its articles in order of publication."""
    return [
        int(row[0])
        for row in db.execute(
            """SELECT m.article_id FROM story_members m JOIN articles a ON a.id = m.article_id
               WHERE m.story_id = ? ORDER BY a.published, a.public_id""",
            [story],
        )
    ]


def public_id(db: Database, story: int) -> str:
    return str(db.execute("SELECT public_id FROM stories WHERE id = ?", [story]).fetchone()[0])


# --------------------------------------------------------------------------------- people


def merge(db: Database, model: int, one: int, other: int, act: StoryAct) -> int:
    """Make two stories one, for good; the row number of the one that keeps its id.

    `model` is the registered grouping. Raises CuratingError when they are one already.
    """
    if one == other:
        raise CuratingError(f"{public_id(db, one)}: the two are one story already")
    with transaction(db):
        _append(db, act)
        both = [*act.one, *act.other]
        cluster = min(both)
        said = f"merged by {act.who}" + (f": {act.why}" if act.why else "")
        stand(
            db,
            STORIES,
            model,
            [Stand(article, cluster, _other(cluster, article), 1.0, said) for article in both],
            act.at,
        )
    return standing(db, STORIES, [cluster])[cluster]


def split(db: Database, model: int, story: int, act: StoryAct) -> int:
    """Take `act.one` out of a story, for good; the row number of the story that they found.

    Raises CuratingError where they are not in it, or are all of it.
    """
    here = set(members(db, story))
    if not act.one or not set(act.one) <= here:
        raise CuratingError(f"{public_id(db, story)}: not all of these articles are in it")
    if here == set(act.one):
        raise CuratingError(f"{public_id(db, story)}: these articles are all of it")
    with transaction(db):
        _append(db, act)
        said = f"split off by {act.who}" + (f": {act.why}" if act.why else "")
        first = act.one[0]
        out = [Stand(one, first, _other(first, one), 1.0, said) for one in act.one]
        # The story keeps its id even where most of it goes: a person said what goes.
        stand(db, STORIES, model, out, act.at, taken=frozenset({story}))
        where = standing(db, GROUPS, here)
        staying = {where[one] for one in here - set(act.one)}
        torn: dict[int, list[ArticleId]] = {}
        for one in act.one:
            if where[one] in staying:
                torn.setdefault(where[one], []).append(one)
        for group, ones in torn.items():
            apart = [Stand(one, ones[0], _other(ones[0], one), 1.0, said) for one in ones]
            stand(db, GROUPS, model, apart, act.at, taken=frozenset({group}))
    return standing(db, STORIES, [first])[first]


def acts(db: Database) -> list[StoryAct]:
    """All that people merged and split, in order."""
    sides: dict[int, tuple[list[ArticleId], list[ArticleId]]] = {}
    for act, article, side in db.execute(
        "SELECT act_id, article_id, side FROM story_act_articles ORDER BY act_id, article_id"
    ):
        sides.setdefault(act, ([], []))[side - 1].append(article)
    return [
        StoryAct(
            act == "merge", tuple(sides[row][0]), tuple(sides[row][1]), who, from_text(at), why
        )
        for row, act, who, at, why in db.execute(
            "SELECT id, act, who, at, why FROM story_acts ORDER BY id"
        )
    ]


def _append(db: Database, act: StoryAct) -> None:
    cursor = db.execute(
        "INSERT INTO story_acts (act, who, at, why) VALUES (?, ?, ?, ?)",
        ["merge" if act.together else "split", act.who, to_text(act.at), act.why],
    )
    rows = [(cursor.lastrowid, one, 1) for one in act.one]
    rows += [(cursor.lastrowid, one, 2) for one in act.other]
    db.conn.executemany("INSERT INTO story_act_articles VALUES (?, ?, ?)", rows)


def _other(first: ArticleId, article: ArticleId) -> ArticleId | None:
    return None if article == first else first


# ------------------------------------------------------------------------------- machines


def regrouping(
    db: Database, model: int, starts: datetime, ends: datetime, now: datetime
) -> Regrouping:
    """The one of this model that was stopped half way, or a new one from `starts` to `ends`."""
    row = db.execute(
        """SELECT id, starts, ends, done_until FROM regroupings
           WHERE model_id = ? AND finished_at IS NULL ORDER BY id DESC LIMIT 1""",
        [model],
    ).fetchone()
    if row and from_text(row[1]) <= starts:
        return Regrouping(row[0], model, *map(from_text, row[1:]))
    db.execute("DELETE FROM regroupings WHERE finished_at IS NULL")  # overtaken by this one
    cursor = db.execute(
        """INSERT INTO regroupings (model_id, starts, ends, done_until, started_at)
           VALUES (?, ?, ?, ?, ?)""",
        [model, to_text(starts), to_text(ends), to_text(starts), to_text(now)],
    )
    return Regrouping(int(cursor.lastrowid or 0), model, starts, ends, starts)


def last_regrouped(db: Database) -> datetime | None:
    """When the last finished regrouping began; None where there was none."""
    (at,) = db.execute(
        "SELECT max(started_at) FROM regroupings WHERE finished_at IS NOT NULL"
    ).fetchone()
    return from_text(at) if at else None


def store_regrouped(
    db: Database,
    run: Regrouping,
    placements: Sequence[Placement],
    beyond: Mapping[ArticleId, ArticleId],
    until: datetime,
    now: datetime,
) -> None:
    """Write one chunk of a regrouping and how far it has come, in one transaction.

    `placements` name a story by its first article, which may be one that does not move; `beyond`
    names, for an article, one outside the chunk with which a person put it together.
    """
    with transaction(db):
        for kind, stands in (
            (GROUPS, [_group_stand(place) for place in placements]),
            (STORIES, [_story_stand(place) for place in placements]),
        ):
            moving = {one.article for one in stands}
            outside = {one.cluster for one in stands} - moving
            fixed = standing(db, kind, outside)
            if kind is STORIES:
                strangers = standing(db, kind, beyond.values())
                for one in stands:
                    if (other := beyond.get(one.article)) in strangers:
                        fixed[one.cluster] = strangers[other]
            old = {*standing(db, kind, moving).values()}
            taken = frozenset(row for row in old if _has_earlier(db, kind, row, run.done_until))
            stand(db, kind, run.model, _joined(stands, fixed), now, fixed=fixed, taken=taken)
        db.execute(
            "UPDATE regroupings SET done_until = ?, finished_at = ? WHERE id = ?",
            [to_text(until), to_text(now) if until >= run.ends else None, run.id],
        )


def _joined(stands: Sequence[Stand], fixed: dict[ArticleId, int]) -> list[Stand]:
    """Clusters that must be one old story under one name."""
    names: dict[int, ArticleId] = {}
    for cluster, row in sorted(fixed.items()):
        names.setdefault(row, cluster)
    result = [
        Stand(one.article, names[fixed[one.cluster]], one.neighbour, one.score, one.why)
        if one.cluster in fixed
        else one
        for one in stands
    ]
    for cluster in list(fixed):
        if names[fixed[cluster]] != cluster:
            del fixed[cluster]
    return result


def _has_earlier(db: Database, kind: Kind, row: int, start: datetime) -> bool:
    sql = f"""SELECT 1 FROM {kind.members} m JOIN articles a ON a.id = m.article_id
              WHERE m.{kind.column} = ? AND a.published < ? LIMIT 1"""  # noqa: S608  # one of two names
    return db.execute(sql, [row, to_text(start)]).fetchone() is not None


def _group_stand(place: Placement) -> Stand:
    return Stand(
        place.article, place.group, place.group_neighbour, place.group_score, place.group_why
    )


def _story_stand(place: Placement) -> Stand:
    return Stand(
        place.article, place.story, place.story_neighbour, place.story_score, place.story_why
    )
