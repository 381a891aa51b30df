"""What a coordinator does with alerts: try a rule, say yes, see what someone would get."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlite_utils import Database

from app.pipeline.alert_copies import AlertCopies
from app.pipeline.alert_rules import Rules
from digest.alerts import mail
from digest.alerts.audience import address
from digest.alerts.decide import decide
from digest.alerts.view import AlertsPage
from digest.links import TEST
from digest.render import Links
from vigie.archive import alert_mail, alertable, alerts, people, sendings, wishes
from vigie.archive.alert_mail import Told
from vigie.errors import MailingError, NotFoundError
from vigie.model import Alert
from vigie.schema import ALERTS
from vigie.settings import Settings

_LONG = 90.0  # days: what a trial counts as fresh
_BATCH = 2000


@dataclass(frozen=True, slots=True)
class Trial:
    """What the rules would have made of the last days, and to how many it would have gone."""

    looked: int
    alerts: tuple[tuple[Alert, int], ...]  # the gravest first


def trial(
    settings: Settings, archive: Database, desk: Database, rule: str, days: float, now: datetime
) -> Trial:
    """Look at the last days as if nothing had been alerted; sends and stores nothing.

    Each article counts as it stands now: an update is not told from what it updates. `rule` "" is
    all of them. Raises NotFoundError for a rule that is none.
    """
    rules = Rules(settings, wishes.on_the_list(desk))
    known = [one.id for one in rules.rules]
    if rule and rule not in known:
        raise NotFoundError(f"no rule {rule}; there are {', '.join(known) or 'none'}")
    chosen = [one for one in rules.rules if not rule or one.id == rule]
    since = now - timedelta(days=days)
    numbers = [one.article for one in alertable.came(archive, since) if one.published >= since]
    facts = [
        rules.with_words(fact)
        for start in range(0, len(numbers), _BATCH)
        for fact in alertable.facts(archive, numbers[start : start + _BATCH])
    ]
    when = settings.alerts.model_copy(update={"fresh_days": _LONG, "merge_days": _LONG})
    words = settings.editions[0].excerpt_words
    made = decide(facts, chosen, (), when, words, now).alerts
    found = [(alert, len(address(alert, rules.listeners, {}))) for alert in made]
    found.sort(key=lambda pair: (-pair[0].severity.rank, pair[0].published, pair[0].key))
    return Trial(len(facts), tuple(found))


def settle(
    desk: Database, name: str, who: str, now: datetime, *, yes: bool, why: str = ""
) -> tuple[Alert, int]:
    """A person's yes or no to an alert that waits; gives how many copies it lets go or stops.

    Raises MailingError for who is not one of the coordinators, where the desk knows them.
    """
    team = sendings.coordinators(desk)
    if not who.strip() or "@" in who:
        raise MailingError("--who is a handle such as mc, not an address")
    if team and who.strip().casefold() not in {one.casefold() for one in team}:
        raise MailingError(f"{who} is not one of the coordinators: {', '.join(team)}")
    alert = alerts.find(desk, name)
    return alert, alerts.settle_pending(desk, alert, who.strip(), now, yes=yes, why=why)


@dataclass(frozen=True, slots=True)
class Preview:
    """A message of alerts as someone would get it; its links belong to nobody."""

    page: AlertsPage | None
    why_not: str
    message: bytes = b""
    html: bytes = b""
    text: bytes = b""


def preview(settings: Settings, desk: Database, name: str, who: str, now: datetime) -> Preview:
    """What the recipient `who` would get of an alert. Raises NotFoundError."""
    alert = alerts.find(desk, name)
    row = people.recipient(desk, who)
    if ALERTS not in row.editions:
        return Preview(None, "not on the list of alerts")
    rules = Rules(settings, wishes.on_the_list(desk))
    told = alerts.told(desk, alert.key)
    listeners = [one for one in rules.listeners if one.id == row.id]
    if not listeners:
        return Preview(None, "has not confirmed, or is suspended after a bounce")
    found = address(alert, listeners, told)
    if not found:
        return Preview(None, "no rule that they chose, or not within their clearance and severity")
    one = Told(alert, found[0].rules, found[0].tlp, alert.revision > 1)
    to = dataclasses.replace(row.of(ALERTS), id=TEST)
    copies = AlertCopies(settings, desk, lambda: now)
    page = copies.page(to, [one], 0, Links())
    message = copies.message(to, [one], 0, 1)
    if page is None or message is None:
        return Preview(None, "above their clearance")
    return Preview(page, "", message, mail.html(page), mail.text(page))


def unsettled(desk: Database) -> list[tuple[int, str, str, str]]:
    """Messages of alerts that a person has to look at: (number, address, state, detail)."""
    return alert_mail.unsettled(desk)
