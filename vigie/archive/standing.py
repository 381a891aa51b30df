"""Which story or group an article stands in, and ids that hold when that changes.

A regrouped cluster keeps the old story with which it shares most members (on a tie the older one).
A story that lost all its members is forwarded to the one that has most of them, for ever: whoever
cited it finds it. A new story is named after its founder, with a number where that name is taken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from vigie.archive import ids
from vigie.archive.moments import to_text
from vigie.model import ArticleId

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the two ways in which articles stand together."""

    table: str
    members: str
    column: str
    name: Callable[[str], str]


STORIES = Kind("stories", "story_members", "story_id", ids.story)
GROUPS = Kind("duplicate_groups", "duplicate_members", "group_id", ids.group)


@dataclass(frozen=True, slots=True)
class Stand:
    """Where one article is put: its cluster, and the reason."""

    article: ArticleId
    cluster: ArticleId  # named by any article: all with the same name stand together
    neighbour: ArticleId | None
    score: float
    why: str


def current(db: Database, public_id: str) -> str:
    """The public id that stands for this one now: itself, unless it was merged away."""
    row = db.execute("SELECT to_id FROM forwards WHERE public_id = ?", [public_id]).fetchone()
    return str(row[0]) if row else public_id


def found(db: Database, kind: Kind, founder: ArticleId) -> int:
    """The story or group of that founder; made where there is none."""
    row = db.execute(
        f"SELECT id FROM {kind.table} WHERE founder_id = ?",  # noqa: S608  # one of two names
        [founder],
    ).fetchone()
    return int(row[0]) if row else _new(db, kind, founder)


def standing(db: Database, kind: Kind, articles: Iterable[ArticleId]) -> dict[ArticleId, int]:
    """The row number of the story or group of each of the articles that have one."""
    wanted = list(articles)
    result: dict[ArticleId, int] = {}
    for start in range(0, len(wanted), _CHUNK):
        some = wanted[start : start + _CHUNK]
        result.update(
            db.execute(
                f"SELECT article_id, {kind.column} FROM {kind.members} "  # noqa: S608  # one of two names
                f"WHERE article_id IN ({', '.join('?' * len(some))})",
                some,
            ).fetchall()
        )
    return result


def stand(
    db: Database,
    kind: Kind,
    model: int,
    stands: Sequence[Stand],
    now: datetime,
    *,
    fixed: Mapping[ArticleId, int] | None = None,
    taken: frozenset[int] = frozenset(),
) -> None:
    """Put articles that stand somewhere already where they stand now; within a transaction.

    `fixed` says which old story or group a cluster must be, by row number; `taken` are those that
    no other cluster may be, since they have members that do not move.
    """
    db.execute("PRAGMA defer_foreign_keys = ON")  # founders change hands; ends with the transaction
    before = standing(db, kind, [one.article for one in stands])
    clusters: dict[ArticleId, list[Stand]] = {}
    for one in stands:
        clusters.setdefault(one.cluster, []).append(one)
    targets = _targets(clusters, before, dict(fixed or {}), taken)
    touched = sorted({*before.values(), *targets.values()})
    founders = _founders(db, kind, touched)
    for row in touched:  # so that no founder stands twice while they change hands
        _set_founder(db, kind, row, -row)
    for cluster, members in clusters.items():
        target = targets.get(cluster)
        if target is None:
            named = {one.article for one in members}
            first = cluster if cluster in named else min(named)
            target = _new(db, kind, first, claimed=False)
            founders[target] = cluster
            touched.append(target)
        for one in members:
            _move(db, kind, target, one, model, now)
    _settle(db, kind, touched, founders, before, now)


def _targets(
    clusters: Mapping[ArticleId, Sequence[Stand]],
    before: Mapping[ArticleId, int],
    fixed: dict[ArticleId, int],
    taken: frozenset[int],
) -> dict[ArticleId, int]:
    """The old story or group that each cluster keeps, where it keeps one."""
    shared = Counter(
        (cluster, before[one.article])
        for cluster, members in clusters.items()
        for one in members
        if one.article in before
    )
    used = {*fixed.values(), *taken}
    targets = {cluster: row for cluster, row in fixed.items() if cluster in clusters}
    order = sorted(shared.items(), key=lambda pair: (-pair[1], pair[0][1], pair[0][0]))
    for (cluster, row), _ in order:
        if cluster not in targets and row not in used:
            targets[cluster] = row
            used.add(row)
    return targets


def _founders(db: Database, kind: Kind, rows: Iterable[int]) -> dict[int, ArticleId]:
    sql = f"SELECT founder_id FROM {kind.table} WHERE id = ?"  # noqa: S608  # one of two names
    return {row: int(db.execute(sql, [row]).fetchone()[0]) for row in rows}


def _set_founder(db: Database, kind: Kind, row: int, founder: int) -> None:
    db.execute(
        f"UPDATE {kind.table} SET founder_id = ? WHERE id = ?",  # noqa: S608  # one of two names
        [founder, row],
    )


def _new(db: Database, kind: Kind, founder: ArticleId, *, claimed: bool = True) -> int:
    """A new row; `claimed`: its founder is nobody else's, now or later."""
    (public,) = db.execute("SELECT public_id FROM articles WHERE id = ?", [founder]).fetchone()
    name, number = kind.name(public), 1
    while _is_known(db, kind, name):
        number += 1
        name = f"{kind.name(public)}-{number}"
    (last,) = db.execute(f"SELECT coalesce(max(id), 0) FROM {kind.table}").fetchone()  # noqa: S608  # one of two names
    row = int(last) + 1
    db.execute(
        f"INSERT INTO {kind.table} (id, public_id, founder_id) VALUES (?, ?, ?)",  # noqa: S608  # one of two names
        [row, name, founder if claimed else -row],
    )
    return row


def _is_known(db: Database, kind: Kind, name: str) -> bool:
    sql = f"""SELECT 1 FROM {kind.table} WHERE public_id = :name
              UNION SELECT 1 FROM forwards WHERE public_id = :name"""  # noqa: S608  # one of two names
    return db.execute(sql, {"name": name}).fetchone() is not None


def _move(db: Database, kind: Kind, row: int, one: Stand, model: int, now: datetime) -> None:
    """Write where it stands; what says the same as before is left, with its date."""
    said = [row, one.neighbour, one.score, one.why]
    db.execute(
        f"""UPDATE {kind.members} SET {kind.column} = ?, neighbour_id = ?, score = ?, why = ?,
            model_id = ?, at = ? WHERE article_id = ?
            AND ({kind.column}, coalesce(neighbour_id, 0), score, why) <> (?, ?, ?, ?)""",  # noqa: S608  # one of two names
        [*said, model, to_text(now), one.article, row, one.neighbour or 0, one.score, one.why],
    )


def _settle(
    db: Database,
    kind: Kind,
    touched: Sequence[int],
    founders: Mapping[int, ArticleId],
    before: Mapping[ArticleId, int],
    now: datetime,
) -> None:
    """Give each a founder that is its member; forward those that have no member left."""
    after = standing(db, kind, before)
    empty = []
    for row in touched:
        members = db.execute(
            f"""SELECT m.article_id FROM {kind.members} m JOIN articles a ON a.id = m.article_id
                WHERE m.{kind.column} = ? ORDER BY m.article_id <> ?, a.published, a.public_id
                LIMIT 1""",  # noqa: S608  # one of two names
            [row, founders[row]],
        ).fetchone()
        if members:
            _set_founder(db, kind, row, int(members[0]))
        else:
            empty.append(row)
    for row in empty:
        went = Counter(after[one] for one, old in before.items() if old == row)
        _forward(db, kind, row, min(went, key=lambda one: (-went[one], one)), now)


def _forward(db: Database, kind: Kind, row: int, to_row: int, now: datetime) -> None:
    sql = f"SELECT public_id FROM {kind.table} WHERE id = ?"  # noqa: S608  # one of two names
    (old,), (new,) = (db.execute(sql, [one]).fetchone() for one in (row, to_row))
    db.execute("UPDATE forwards SET to_id = ? WHERE to_id = ?", [new, old])
    db.execute(
        "INSERT INTO forwards VALUES (?, ?, ?, ?)",
        [old, new, to_text(now), "most of its articles stand there now"],
    )
    db.execute(f"DELETE FROM {kind.table} WHERE id = ?", [row])  # noqa: S608  # one of two names
