"""Coordination: asked of the archive whenever a person wants to see it; nothing is kept of it.

A verdict that is stored would outlive the regrouping or the correction that takes its ground away.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlite_utils import Database

from enrich.coordination import coordinated
from vigie.archive import carried
from vigie.model import Coordinated
from vigie.settings import Settings


def look_for(
    db: Database, settings: Settings, now: datetime, days: int | None = None
) -> Coordinated:
    """What the last days show; `days`: other than the settings'."""
    start = now - timedelta(days=days or settings.coordination.days)
    agencies = [
        name
        for entity in settings.gazetteer
        if entity.kind == "press-agency"
        for name in (*entity.names.values(), *entity.aliases)
    ]
    return coordinated(
        carried.texts(db, start, now),
        carried.printed(db, start, now),
        agencies,
        settings.coordination,
    )
