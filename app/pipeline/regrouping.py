"""Regroup: a window's, or the whole archive's, groups and stories looked at again.

In chunks of time, oldest first, each written in one transaction with how far the work has come: a
regrouping that was stopped goes on where it stood. What lies before a chunk is held; what people
merged and split stays as they said.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from sqlite_utils import Database

from app.pipeline.enriching import grouping_in_force, grouping_vectors, vector_of
from app.progress import Advance, Progress, Silent
from enrich.grouping import Held, Locks, regroup
from enrich.models.static import shipped_vectors
from vigie.archive import groups, stories
from vigie.archive.groups import Groupable
from vigie.model import ArticleId
from vigie.settings import Settings

NIGHT = time(3, 0)  # when the window is looked at again, in the settings' time zone
AT_MOST = 20_000  # articles of a chunk that is longer than a day
_EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)  # what claims to be older, or further ahead than
_AHEAD = timedelta(days=366)  # this, has a wrong date: it stays where it stands
_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)


def is_due(last: datetime | None, now: datetime, timezone: str) -> bool:
    """Whether the night's regrouping has not been begun since the last `NIGHT`."""
    local = now.astimezone(ZoneInfo(timezone))
    night = local.replace(hour=NIGHT.hour, minute=NIGHT.minute, second=0, microsecond=0)
    if night > local:
        night -= _DAY
    return last is None or last < night


def regroup_all(
    db: Database,
    settings: Settings,
    now: datetime,
    progress: Progress | None = None,
    *,
    everything: bool = False,
) -> int:
    """Regroup the last window, or everything; how many articles were looked at.

    Raises ModelError when the vectors in force cannot be loaded.
    """
    vectors = grouping_vectors(db, now)
    rules = grouping_in_force(db, settings, now)
    span = groups.dates(db, vectors)
    if span is None:
        return 0
    window = timedelta(days=settings.grouping.window_days)
    first, last = max(span[0], _EARLIEST), min(span[1], now + _AHEAD)
    starts = first if everything else min(max(first, now - window), last)
    run = stories.regrouping(db, rules.id, starts, last + _SECOND, now)
    total = groups.count_placed(db, vectors, run.done_until, run.ends)
    work = _Work(db, settings, vectors, now)
    with (progress or Silent()).stage("Regrouping", total) as advance:
        while run.done_until < run.ends:
            until = work.chunk(run, advance)
            run = stories.Regrouping(run.id, run.model, run.starts, run.ends, until)
    return total


class _Work:
    def __init__(
        self, db: Database, settings: Settings, vectors: groups.Vectors, now: datetime
    ) -> None:
        self._db, self._settings = db, settings
        self._vectors, self._now = vectors, now
        self._window = timedelta(days=settings.grouping.window_days)
        self._locks = Locks(stories.acts(db))

    def chunk(self, run: stories.Regrouping, advance: Advance) -> datetime:
        """Regroup what comes next; until when it is done."""
        start = run.done_until
        following = groups.next_placed(self._db, self._vectors, start) or run.ends
        until = self._until(run, min(following, run.ends))
        some = groups.placed_before(self._db, self._vectors, start, until)
        near = min(following, run.ends)
        before = groups.placed_before(self._db, self._vectors, near - self._window, near)
        held = [
            Held(one.item, vector_of(one.vector), one.placement) for one in before if one.placement
        ]
        placements = []
        if some:
            vectors = np.stack([vector_of(one.vector) for one in some])
            items = [one.item for one in some]
            folder = self._settings.paths.archive.parent
            placements = regroup(
                items,
                vectors,
                self._settings.grouping,
                self._locks,
                held,
                advance,
                folder,
                shipped_vectors(),
            )
        beyond = self._beyond([*before, *some], some)
        stories.store_regrouped(self._db, run, placements, beyond, until, self._now)
        return until

    def _until(self, run: stories.Regrouping, first: datetime) -> datetime:
        """The chunk's end; `first` is the first article in it, and before it is nothing to do."""
        length = self._window
        while (
            length > _DAY
            and groups.count_placed(self._db, self._vectors, first, first + length) > AT_MOST
        ):
            length /= 2
        return min(first + length, run.ends).replace(microsecond=0)

    def _beyond(self, near: list[Groupable], some: list[Groupable]) -> dict[ArticleId, ArticleId]:
        """For what a person put together with an article out of sight: that article."""
        here = {one.item.article for one in near}
        found = {}
        for one in some:
            bond = self._locks.bond(one.item.article)
            others = self._locks.members(bond) - here if bond is not None else None
            if others:
                found[one.item.article] = min(others)
        return found
