"""How the sources are, and the weekly message to whoever answers for them.

A person is written to only when a source of theirs is in another state than they were last told.
What was told is noted after the relay has taken the message: a crash in between tells it again,
which is better than not at all.
"""

from __future__ import annotations

import logging
import smtplib
import ssl
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from zoneinfo import ZoneInfo

from sqlite_utils import Database

from app.folder import Folder
from app.health_sentences import COMMANDS, reasons, sentence
from app.health_words import LANGUAGES, Words
from collectors.health import Change, changes, judge
from digest.addresses import address, mailbox
from digest.clean import line
from vigie.archive import telling, watching
from vigie.archive.telling import User
from vigie.mailing import Mail
from vigie.model import Health, HealthState, SourceId
from vigie.settings import Secrets, Settings

log = logging.getLogger("vigie.health")

WEEKDAY, HOUR = 0, 7  # Monday, seven o'clock


def overview(db: Database, now: datetime) -> list[Health]:
    """Every source's health, in the order of their ids."""
    return [judge(facts, now) for facts in watching.facts(db, now)]


def news(
    settings: Settings, db: Database, desk: Database, now: datetime
) -> dict[str, list[Change]]:
    """What each responsible person has not been told yet, by their handle."""
    keepers = _keepers(settings)
    found: dict[str, list[Change]] = defaultdict(list)
    for change in changes(telling.told(desk), overview(db, now)):
        if change.health.source in keepers:
            found[keepers[change.health.source]].append(change)
    return dict(found)


def tell(folder: Folder, now: datetime) -> list[str]:
    """Write to all who have news, and note what everybody knows; give their handles."""
    settings, reached = folder.settings, []
    keepers = _keepers(settings)
    with folder.reading() as db, folder.desk() as desk:
        by_keeper: dict[str, list[Health]] = defaultdict(list)
        for health in overview(db, now):
            if health.source in keepers:
                by_keeper[keepers[health.source]].append(health)
        unheard = news(settings, db, desk, now)
        for who, found in by_keeper.items():
            if who in unheard:
                if not _written(settings, telling.user(desk, who), who, unheard[who], now):
                    continue
                reached.append(who)
            telling.note_told(desk, found, who, now)
    return reached


def is_overdue(last: datetime | None, now: datetime, timezone: str) -> bool:
    """Say whether the last weekly message was missed; not before there was a first one."""
    local = now.astimezone(ZoneInfo(timezone))
    monday = local - timedelta(days=(local.weekday() - WEEKDAY) % 7)
    due = monday.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    if due > local:
        due -= timedelta(days=7)
    return last is not None and last < due


def message(settings: Settings, user: User, found: Sequence[Change], now: datetime) -> EmailMessage:
    """The mail to one person, in their language. Raises ValueError for unusable addresses."""
    words = LANGUAGES.get(user.language) or LANGUAGES[settings.general.language]
    ill = [change for change in found if change.health.state is not HealthState.WELL]
    subject = words.subject if ill else words.subject_well
    count = len(ill or found)
    mail = EmailMessage(policy=SMTP)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = make_msgid(domain=_domain(settings))
    mail["From"] = mailbox(settings.mail.sender)
    mail["To"] = Address(line(user.name, 78), addr_spec=address(user.address))
    mail["Subject"] = subject[count > 1].format(name=settings.general.name, count=count)
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(_text(settings, words, user, found))  # which clears all Content- headers
    mail["Content-Language"] = words.locale[:2]
    return mail


def _text(settings: Settings, words: Words, user: User, found: Sequence[Change]) -> str:
    """The message's body: first what to look at, then what is well again."""
    titles = {source.id: source.title for source in settings.sources}
    zone = ZoneInfo(settings.general.timezone)
    rows = [words.hello.format(person=line(user.name, 78)), ""]
    rows.append(words.intro[len(found) > 1].format(count=len(found)))
    for heading, well in ((words.to_look_at, False), (words.well_again, True)):
        part = [one for one in found if (one.health.state is HealthState.WELL) is well]
        rows += ["", heading, "-" * len(heading)] if part else []
        for before, health in part:
            local = replace(health, since=health.since and health.since.astimezone(zone))
            title = line(titles.get(health.source, health.source), 200)
            rows += ["", f"* {sentence(words, local, before, title)}"]
            rows += [f"  {line(reason, 400)}" for reason in reasons(words, local)]
            command = COMMANDS.get(health.state)
            if command:
                told = f"vigie sources {command} {health.source}"
                rows.append(f"  {words.commands[command].format(command=told)}")
    mine = f"vigie sources --responsible {user.handle}"
    rows += ["", words.all_of_them.format(command=mine), "", words.why_you]
    return "\n".join(rows) + "\n"


def _domain(settings: Settings) -> str:
    return mailbox(settings.mail.sender).domain


def _keepers(settings: Settings) -> dict[SourceId, str]:
    return {source.id: source.responsible for source in settings.sources if source.responsible}


def _written(
    settings: Settings, user: User | None, who: str, found: Sequence[Change], now: datetime
) -> bool:
    if user is None:
        log.error(
            "no user %s at the desk, who answers for %d sources; "
            "`vigie sources coordinator %s --address ...` adds one",
            who,
            len(found),
            who,
        )
        return False
    try:
        _send(settings.mail, message(settings, user, found, now))
    except (OSError, smtplib.SMTPException, ValueError) as error:
        log.error("the message to %s was not sent: %s", who, line(str(error), 200))
        return False
    return True


def _send(mail: Mail, letter: EmailMessage) -> None:
    context = ssl.create_default_context()
    tls = mail.security == "tls"
    with (
        smtplib.SMTP_SSL(mail.host, mail.port, timeout=mail.seconds, context=context)
        if tls
        else smtplib.SMTP(mail.host, mail.port, timeout=mail.seconds)
    ) as server:
        if mail.security == "starttls":
            server.starttls(context=context)
        if mail.user:
            server.login(mail.user, Secrets.from_environment().mail_password)
        server.send_message(letter)
