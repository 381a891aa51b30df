"""The timetable of `vigie serve`: one tick that asks the archive who is due.

There is never a job for each source. Ticks do not overlap, and any number of missed ones is made
up by one. After the first tick of a night the window is regrouped. Once a week those who answer
for sources are told what changed. After each tick alerts are made; every minute the mail that is
due leaves, alerts among it; every hour issues that are due are drafted, and what came back is read,
where settings say from where.
"""

from __future__ import annotations

import logging

from apscheduler.events import EVENT_JOB_MAX_INSTANCES, JobEvent
from apscheduler.schedulers.background import BackgroundScheduler

from app import health
from app.folder import Folder, clock
from app.pipeline import alerting, bouncing, mailing, proposing
from app.pipeline.regrouping import is_due, regroup_all
from app.pipeline.run import turn
from vigie.archive import stories, telling
from vigie.errors import VigieError

log = logging.getLogger("vigie.schedule")

PATIENCE_SHARE = 0.5  # of the time between two ticks: what a change of model may take of each


def tick(folder: Folder) -> None:
    """One turn. What a person can put right is logged; the next tick tries again."""
    try:
        patience = PATIENCE_SHARE * 60.0 * folder.settings.schedule.every_minutes
        collected, enriched = turn(folder, clock(), patience=patience)
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
    if enriched.waiting:
        log.info("%d articles wait for the new model; the old one's are shown", enriched.waiting)
    alert(folder)


def alert(folder: Folder, *, looking: bool = True) -> None:
    """Alerts on what is new, and those whose hour has come; the next minute tries again."""
    try:
        done = alerting.by_itself(folder, clock(), clock, looking=looking)
    except VigieError as error:
        log.error("no alerts were sent: %s", error)
        return
    if done.said:
        log.log(logging.ERROR if done.mail.error else logging.INFO, "alerts: %s", done.said)


def repair(folder: Folder) -> None:
    """Once a night, after a tick: the window's groups and stories looked at again."""
    now = clock()
    try:
        with folder.reading() as db:
            last = stories.last_regrouped(db)
        if not is_due(last, now, folder.settings.general.timezone):
            return
        with folder.lock(), folder.archive(now) as db:
            seen = regroup_all(db, folder.settings, now)
    except VigieError as error:
        log.error("the stories were not looked at again: %s", error)
        return
    log.info("%d articles of the window looked at again", seen)


def tell(folder: Folder) -> None:
    """The weekly message; what could not be sent is tried again the week after."""
    try:
        reached = health.tell(folder, clock())
    except VigieError as error:
        log.error("nobody was told of the sources' health: %s", error)
        return
    log.info("%d people told what changed in their sources' health", len(reached))


def mail(folder: Folder) -> None:
    """Issues whose hour has come, rows to try again; what was not possible is tried a minute on."""
    try:
        for told in mailing.by_itself(folder, clock(), clock):
            log.info("%s", told)
    except VigieError as error:
        log.error("nothing was sent: %s", error)
    alert(folder, looking=False)


def propose(folder: Folder) -> None:
    """Issues whose day has come, drafted once an hour. Nothing is published by itself."""
    now = clock()
    try:
        with folder.lock(), folder.archive(now) as archive, folder.desk() as desk:
            for told in proposing.propose(archive, desk, folder.settings, now):
                log.info("%s: `vigie digest show` shows it, a person publishes it", told)
    except VigieError as error:
        log.error("no issue was drafted: %s", error)


def returned(folder: Folder) -> None:
    """What came back, read once an hour."""
    try:
        with folder.desk() as desk:
            done = bouncing.read(folder.settings, desk, clock())
    except VigieError as error:
        log.error("bounces were not read: %s", error)
        return
    log.info("bounces: %s", done.counts())
    for error_told in done.errors:
        log.error("bounces: %s", error_told)


class Beat:
    """The tick, and its memory of those that came while it was still at work.

    The scheduler skips these, since ticks never overlap; one more then follows at once.
    """

    def __init__(self, folder: Folder, scheduler: BackgroundScheduler) -> None:
        self._folder = folder
        self._missed = False
        scheduler.add_listener(self._skipped, EVENT_JOB_MAX_INSTANCES)

    def __call__(self) -> None:
        again = True
        while again:
            self._missed = False
            tick(self._folder)
            repair(self._folder)
            again = self._missed

    def _skipped(self, event: JobEvent) -> None:
        self._missed = self._missed or event.job_id == "tick"


def timetable(folder: Folder) -> BackgroundScheduler:
    """A scheduler that is not started yet; its first tick is due at once."""
    # A tick that is skipped since the last one is still at work is made up: no cause to warn.
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)
    settings = folder.settings
    scheduler = BackgroundScheduler(
        timezone=settings.general.timezone,
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    scheduler.add_job(
        Beat(folder, scheduler),
        "interval",
        minutes=settings.schedule.every_minutes,
        id="tick",
        next_run_time=clock(),
    )
    with folder.desk() as desk:
        missed = health.is_overdue(telling.last_told(desk), clock(), settings.general.timezone)
    when = {"next_run_time": clock()} if missed else {}
    scheduler.add_job(
        tell,
        "cron",
        args=[folder],
        day_of_week=health.WEEKDAY,
        hour=health.HOUR,
        id="health",
        **when,
    )
    scheduler.add_job(mail, "interval", args=[folder], minutes=1, id="mail")
    scheduler.add_job(propose, "interval", args=[folder], hours=1, id="calendar")
    if settings.bounces.host or settings.bounces.folder:
        scheduler.add_job(returned, "interval", args=[folder], hours=1, id="bounces")
    return scheduler
