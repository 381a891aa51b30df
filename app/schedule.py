"""The timetable of `vigie serve`: one tick that asks the archive who is due.

There is never a job for each source. Ticks do not overlap, and any number of missed ones is made
up by one.
"""

from __future__ import annotations

import logging

from apscheduler.schedulers.background import BackgroundScheduler

from app.folder import Folder, clock
from app.pipeline.run import turn
from vigie.errors import VigieError

log = logging.getLogger("vigie.schedule")


def tick(folder: Folder) -> None:
    """One turn. What a person can put right is logged; the next tick tries again."""
    try:
        collected, enriched = turn(folder, clock())
    except VigieError as error:
        log.error("this tick stopped: %s", error)
        return
    log.info(
        "%d sources polled, %d failed, %d new articles, %d grouped",
        len(collected.outcomes),
        len(collected.failed),
        collected.new,
        enriched.placed,
    )


def timetable(folder: Folder) -> BackgroundScheduler:
    """A scheduler that is not started yet; its first tick is due at once."""
    scheduler = BackgroundScheduler(timezone=folder.settings.general.timezone)
    scheduler.add_job(
        tick,
        "interval",
        args=[folder],
        minutes=folder.settings.schedule.every_minutes,
        id="tick",
        next_run_time=clock(),
        coalesce=True,
        max_instances=1,
        misfire_grace_time=None,
    )
    return scheduler
