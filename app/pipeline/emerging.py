"""What emerges: the window is looked at every few hours, and what rises is kept.

One look is one transaction, so that a stopped one is simply made again. Its cost is that of the
window (`past_days`): the archive's age changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlite_utils import Database

from app.progress import Progress, Silent
from enrich.emerging import Facts, Lasting, Looked, look, tell
from vigie.archive import bursts
from vigie.archive import emerging as table
from vigie.model import Emerging, EmergingKind
from vigie.settings import Settings

log = logging.getLogger("vigie.emerging")


@dataclass(frozen=True, slots=True)
class Emerged:
    """What one look found."""

    signals: tuple[Emerging, ...]  # that rise, told before or not
    new: tuple[str, ...]  # keys of those that were not told before
    ended: tuple[str, ...]  # keys of those that have ended
    said: str = ""  # why bursts were not looked for


def is_due(db: Database, settings: Settings, now: datetime) -> bool:
    """Whether the last look is as old as the settings say."""
    last = table.last_look(db)
    return last is None or now - last.at >= timedelta(hours=settings.emerging.every_hours)


def look_for(
    db: Database, settings: Settings, now: datetime, progress: Progress | None = None
) -> Emerged:
    """Look at the window that ends now, and keep what is found."""
    given = settings.emerging
    with (progress or Silent()).stage("Emerging", 1) as advance:
        items = bursts.window(db, now - timedelta(days=given.past_days), now)
        watched = bursts.watched_since(db, {item.source for item in items})
        lasting = [Lasting(one.signal, one.looked) for one in table.lasting(db)]
        found = look(items, watched, now, given, frozenset(one.unit for one in lasting))
        facts = _facts(db, found, now, timedelta(days=given.new_days))
        quiet = timedelta(days=given.quiet_days)
        signals, ended = tell(found.rises, lasting, facts, now, quiet)
        seen = table.Look(
            now, found.articles, round(found.past_days, 2), found.tested, len(signals), found.said
        )
        table.save(db, signals, now, ended=ended, look=seen)
        advance(1)
    before = {one.signal.key for one in lasting}
    new = tuple(one.key for one in signals if one.key not in before)
    log.info("%d signals rise, %d of them new %s", len(signals), len(new), found.said)
    return Emerged(tuple(signals), new, tuple(ended), found.said)


def _facts(db: Database, found: Looked, now: datetime, new: timedelta) -> Facts:
    """What the archive knows of what rises; a name is new only where there was time to write it."""
    entities = _subjects(found, EmergingKind.ENTITY)
    first = bursts.first_article(db)
    young = first is None or now - first < 2 * new
    kinds = {kind: _subjects(found, kind) for kind in EmergingKind}
    kinds[EmergingKind.NEW_ENTITY] = kinds[EmergingKind.ENTITY]
    kinds[EmergingKind.OFF_THEME] = kinds[EmergingKind.STORY]
    return Facts(
        names=bursts.names(db, entities),
        old=frozenset(entities) if young else bursts.named_before(db, entities, now - new),
        numbers=table.last_numbers(
            db, [(kind, subject) for kind, subjects in kinds.items() for subject in subjects]
        ),
    )


def _subjects(found: Looked, kind: EmergingKind) -> Sequence[str]:
    return [rise.unit[1] for rise in found.rises if rise.unit[0] is kind]
