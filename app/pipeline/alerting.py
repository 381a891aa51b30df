"""Alerts: what came of late is looked at, told to whom it concerns, and sent.

Three steps, each of which may be stopped at any moment and goes on with the next call:

    look      new articles to alerts, with everybody whom they go to: one transaction of the desk
    dispatch  what waits to messages, each a row of the ledger: one transaction
    send      the ledger's rows by SMTP, as issues go; machines' posts by HTTPS

What went out is then told to the archive, without whom it went to.
"""

from __future__ import annotations

import dataclasses
import logging
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlite_utils import Database

from app.folder import Folder
from app.pipeline.alert_copies import AlertCopies
from app.pipeline.alert_posting import post_all
from app.pipeline.alert_rules import Rules
from app.pipeline.posting import deliver
from app.progress import Progress, Silent
from digest.alerts.audience import address
from digest.alerts.decide import decide
from digest.alerts.pack import pack
from digest.alerts.same import name_of
from digest.send import Summary
from vigie.archive import alert_mail, alertable, alerted, alerts, people, wishes
from vigie.archive import desk as desk_rows
from vigie.archive.alerts import Look, Made, Post
from vigie.errors import BusyError
from vigie.model import Addressed, Alert, Alertable, AlertKind, Decided, How, Listener, Standing
from vigie.schema import ALERTS
from vigie.settings import Settings

log = logging.getLogger("vigie.alerts")
BATCH = 500  # articles looked at in one transaction
FIRST_LOOK = timedelta(days=1)  # before the first look: what is older makes no alert
_STORIES = timedelta(days=60)  # for how long a story that was alerted is followed
_STALE = timedelta(days=7)  # at least: for so long what waits is kept to be sent
_NOBODY = -1  # a hook, where the audience of people is reckoned


@dataclass(slots=True)
class Cycle:
    """What one call did."""

    looked: int = 0
    hows: Counter[How] = field(default_factory=Counter)
    queued: int = 0
    mail: Summary = field(default_factory=Summary)
    posts: Counter[str] = field(default_factory=Counter)

    @property
    def said(self) -> str:
        """In a line, "" where nothing happened."""
        parts = [f"{self.hows[how]} {how.value}" for how in (How.NEW, How.UPDATE, How.JOINED)]
        parts = [part for part in parts if not part.startswith("0 ")]
        parts += [f"{number} {state.value}" for state, number in self.mail.counts.items()]
        parts += [f"{number} posts {state}" for state, number in self.posts.items()]
        return ", ".join(parts) + (f"; stopped: {self.mail.error}" if self.mail.error else "")


def by_itself(
    folder: Folder, now: datetime, moment: Callable[[], datetime], *, looking: bool = True
) -> Cycle:
    """One cycle, with the folder's lock; nothing where another process has it, or no rule is set.

    Without `looking` only what waits is sent: asked every minute, that costs next to nothing.
    What could not be done is done by the next call.
    """
    settings = folder.settings
    if not settings.paths.desk.exists() and not (looking and settings.alert_rules):
        return Cycle()
    if not looking:
        with folder.desk() as desk:
            if not alerts.is_due(desk, now):
                return Cycle()
    try:
        with folder.lock(), folder.archive(now) as archive, folder.desk() as desk:
            return cycle(settings, archive, desk, now, moment=moment)
    except BusyError:
        return Cycle()


def cycle(
    settings: Settings,
    archive: Database,
    desk: Database,
    now: datetime,
    progress: Progress | None = None,
    moment: Callable[[], datetime] | None = None,
) -> Cycle:
    """Look, dispatch, send. The folder's lock must be held: a stopped sending is settled first."""
    progress, moment = progress or Silent(), moment or (lambda: now)
    done = Cycle()
    people.forget_the_removed(desk)
    rules = Rules(settings, wishes.on_the_list(desk))
    if rules:
        look(settings, archive, desk, rules, now, done, progress)
    done.queued = dispatch(settings, desk, now)
    done.mail = send(settings, desk, now, progress, moment)
    done.posts = post_all(settings, desk, moment)
    publish(archive, desk, now)
    return done


# --------------------------------------------------------------------------------- looking


def look(
    settings: Settings,
    archive: Database,
    desk: Database,
    rules: Rules,
    now: datetime,
    done: Cycle,
    progress: Progress,
) -> None:
    """Look at every article that is new, or has new words, since the first look."""
    begun = alerts.begun(desk, now, FIRST_LOOK)
    every = alertable.came(
        archive, max(begun, now - 2 * timedelta(days=settings.alerts.fresh_days))
    )
    before = alerts.looked(desk, [one.public_id for one in every])
    waiting = [one for one in every if before.get(one.public_id) != (one.revision, one.text_from)]
    with progress.stage("Looking for alerts", len(waiting)) as advance:
        for start in range(0, len(waiting), BATCH):
            numbers = [one.article for one in waiting[start : start + BATCH]]
            facts = [rules.with_words(fact) for fact in alertable.facts(archive, numbers)]
            decided = _decided(settings, archive, desk, rules, facts, now, begun)
            _store(settings, desk, rules, facts, decided, now)
            done.looked += len(facts)
            done.hows.update(note.how for note in decided.notes)
            advance(len(facts))


def _decided(
    settings: Settings,
    archive: Database,
    desk: Database,
    rules: Rules,
    facts: Iterable[Alertable],
    now: datetime,
    begun: datetime,
) -> Decided:
    every = list(facts)
    when = settings.alerts
    since = now - max(_STORIES, timedelta(days=when.merge_days))
    names = [name_of(fact.advisory) for fact in every if fact.advisory]
    known = _with_current_stories(archive, alerts.standing(desk, since, names))
    words = settings.editions[0].excerpt_words
    return decide(every, rules.rules, known, when, words, now, begun)


def _with_current_stories(archive: Database, known: list[Standing]) -> list[Standing]:
    """Stories that were merged away since are known by the one that stands for them."""
    stories = {one.alert.story for one in known if one.alert.story}
    now_named = alertable.current_stories(archive, stories)
    return [
        dataclasses.replace(
            one,
            alert=dataclasses.replace(
                one.alert, story=now_named.get(one.alert.story, one.alert.story)
            ),
        )
        for one in known
    ]


def _store(
    settings: Settings,
    desk: Database,
    rules: Rules,
    facts: Iterable[Alertable],
    decided: Decided,
    now: datetime,
) -> None:
    words = {fact.public_id: (fact.revision, fact.text_from) for fact in facts}
    looks = [Look(note, *words[note.article]) for note in decided.notes]
    asked = settings.alerts.approval
    made = [
        Made(
            alert,
            address(alert, rules.listeners, alerts.told(desk, alert.key), approval=asked),
            tuple(_posts(settings, alert, asked=asked)),
        )
        for alert in decided.alerts
    ]
    alerts.store(desk, looks, made, now)


def _posts(settings: Settings, alert: Alert, *, asked: bool) -> Iterable[Post]:
    """The machines that an alert goes to, each addressed as a person would be."""
    for hook in settings.hooks:
        listener = Listener(_NOBODY, hook.clearance, hook.rules or ("*",), hook.severity)
        found: tuple[Addressed, ...] = address(alert, [listener], {}, approval=asked)
        if hook.active and found:
            yield Post(hook.id, found[0].rules, found[0].tlp, found[0].approval)


# --------------------------------------------------------------------------------- sending


def dispatch(settings: Settings, desk: Database, now: datetime) -> int:
    """Make messages of what waits and may go now; gives how many."""
    zone = settings.general.timezone
    midnight = now.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    alert_mail.expire(desk, now - max(_STALE, timedelta(days=settings.alerts.fresh_days)))
    bags = alert_mail.bags(desk, now, midnight)
    packed = pack(bags, settings.alerts, now, zone)
    if not packed.parcels and not packed.over:
        return 0
    return alert_mail.queue(desk, packed, now)


def send(
    settings: Settings,
    desk: Database,
    now: datetime,
    progress: Progress,
    moment: Callable[[], datetime],
) -> Summary:
    """Send the ledger's messages of alerts that are due, each once."""
    desk_rows.recover(desk, now)
    ledger = desk_rows.DeskLedger(desk, ALERTS, 0, ALERTS, moment)
    waiting = ledger.waiting()
    if not waiting:
        return Summary()
    copies = AlertCopies(settings, desk, moment)
    return deliver(
        settings, ledger, copies.outgoing, progress.stage("Sending alerts", waiting), moment
    )


def publish(archive: Database, desk: Database, now: datetime) -> int:
    """Tell the archive what went out; gives how many revisions."""
    went = alert_mail.unpublished(desk)
    if went:
        alerted.record(archive, [_went_out(alert, at) for alert, at in went])
        alert_mail.note_published(desk, [alert for alert, _ in went], now)
    return len(went)


def _went_out(alert: Alert, at: datetime) -> alerted.WentOut:
    return alerted.WentOut(
        key=alert.key,
        kind=alert.kind,
        revision=alert.revision,
        at=at,
        article=alert.article,
        article_revision=alert.article_revision,
        severity=alert.severity,
        severity_why=alert.severity_why,
        cves=alert.cves,
        vendors=alert.vendors,
        advisories=alert.advisories,
        story=alert.story if alert.kind is AlertKind.STORY else "",
        sources=len(alert.sources),
    )
