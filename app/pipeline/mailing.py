"""Sending issues: preview, test, approval, the queue, and what `vigie serve` does by itself."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlite_utils import Database

from app.folder import Folder
from app.pipeline.copies import Copies, linker
from app.pipeline.posting import deliver, post
from app.progress import Progress, Silent
from digest.addresses import address as checked_address
from digest.letters import letter, overdue
from digest.links import TEST
from digest.send import Summary
from vigie.archive import desk as desk_rows
from vigie.archive import held, issues, people, sendings, telling
from vigie.errors import MailingError, VigieError
from vigie.model import Issue, IssueItem, Recipient
from vigie.settings import Settings

log = logging.getLogger("vigie.mailing")
LATEST = timedelta(hours=1)  # a scheduled issue that is later than this asks before it is sent


class Whom(StrEnum):
    """Who gets an issue's revision."""

    QUEUED = "queued"  # who was queued before, and nobody else
    NEW = "new"  # and whoever has no revision of it yet
    ALL = "all"  # and whoever has an earlier one


def send(
    folder: Folder,
    archive: Database,
    desk: Database,
    issue_id: str,
    now: datetime,
    progress: Progress | None = None,
    moment: Callable[[], datetime] | None = None,
    *,
    to: Whom = Whom.NEW,
) -> Summary:
    """Send a published issue to everyone of its edition who has not had it yet.

    A correction goes to those who have no revision of it yet, or to all of them.

    The folder's lock must be held: rows that a crash left behind are settled first. `moment` tells
    the time while it goes on, where it is not to stand still at `now`. `to` says whether
    only those are served who were queued before. Raises MailingError where an approval is lacking.
    """
    progress, moment = progress or Silent(), moment or (lambda: now)
    settings = folder.settings
    issue = held.whole(archive, desk, issue_id)
    may_send(settings, desk, issue)
    copies = Copies(settings, issue, linker(desk, settings), moment)
    people.forget_the_removed(desk)
    desk_rows.recover(desk, now)
    if to is not Whom.QUEUED:
        again = to is Whom.ALL
        desk_rows.queue(desk, issue.id, issue.revision, issue.edition, now, again=again)
    sendings.note_begun(desk, issue.id, issue.revision, now)
    ledger = desk_rows.DeskLedger(desk, issue.id, issue.revision, issue.edition, moment)
    stage = progress.stage("Sending", ledger.waiting())
    return deliver(settings, ledger, copies.outgoing, stage, moment)


# ------------------------------------------------------------------------------- approval


def may_send(settings: Settings, desk: Database, issue: Issue) -> None:
    """Raises MailingError where `[mail] approval` is set and nobody has approved."""
    if settings.mail.approval and not sendings.approved_by(desk, issue.id, issue.revision):
        raise MailingError(
            f"{issue.id} revision {issue.revision} waits for a second coordinator: "
            f"`vigie digest approve {issue.id} --by NAME`"
        )


def approve(archive: Database, desk: Database, issue_id: str, who: str, now: datetime) -> Issue:
    """Note the approval of the last revision. Raises MailingError where `who` may not give it."""
    issue = held.whole(archive, desk, issue_id)
    publisher = issues.published_by(archive, issue.id, issue.revision)
    team = sendings.coordinators(desk)
    if _same(who, publisher):
        raise MailingError(f"{who} published {issue.id}: somebody else has to approve it")
    if team and not any(_same(who, one) for one in team):
        raise MailingError(f"{who} is not one of the coordinators: {', '.join(team)}")
    if not who.strip() or "@" in who:
        raise MailingError("NAME is a handle such as mc, not an address")
    sendings.approve(desk, issue.id, issue.revision, who.strip(), now)
    return issue


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


# ------------------------------------------------------------------------ preview and test


@dataclass(frozen=True, slots=True)
class Preview:
    """What one recipient would get."""

    recipient: Recipient
    language: str
    subject: str  # "" where nothing would be sent
    issue: Issue  # with their items only
    left_out: tuple[tuple[IssueItem, str], ...]  # and why
    draft: bool  # nothing is published yet: this is the draft's
    why_not: str  # why they would get nothing, "" where they would
    html: bytes
    text: bytes
    message: bytes


def preview(
    folder: Folder, archive: Database, desk: Database, issue_id: str, address: str, now: datetime
) -> Preview:
    """The copy of one recipient, of the published issue or else of its draft."""
    settings = folder.settings
    issue = issue_or_draft(archive, desk, issue_id)
    row = people.recipient(desk, address)
    recipient = row.of(issue.edition)
    # The links of a preview are nobody's: it may be passed round.
    shown = dataclasses.replace(recipient, id=TEST)
    links = linker(desk, settings)
    copies = Copies(settings, issue, links, lambda: now)
    copy = copies.of(shown)
    nobodys = links.own(TEST, issue.edition, now, issue=issue.id)
    return Preview(
        recipient=recipient,
        language=copy.wish.language,
        subject=copy.mould.subject if copy.mould else "",
        issue=copy.issue,
        left_out=tuple(_left_out(issue, copy.issue, recipient)),
        draft=not issues.last_revision(archive, issue.id),
        why_not=_why_not(row, issue, empty=copy.mould is None),
        html=copy.mould.body("html", nobodys) if copy.mould else b"",
        text=copy.mould.body("plain", nobodys) if copy.mould else b"",
        message=copies.message(shown) or b"",
    )


def try_out(
    folder: Folder,
    archive: Database,
    desk: Database,
    issue_id: str,
    to: str,
    now: datetime,
    as_address: str = "",
) -> str:
    """Send one copy to `to`, outside the ledger; gives what the server said.

    It is that of the recipient `as_address`, or one with every theme and no clearance. Its links
    belong to nobody. Raises MailingError where the server does not take it.
    """
    settings = folder.settings
    try:
        to = checked_address(to)
    except ValueError as error:
        raise MailingError(f"not an address: {error}") from error
    issue = issue_or_draft(archive, desk, issue_id)
    edition = settings.edition(issue.edition)
    whose = Recipient(TEST, "", to, edition.language, "")
    if as_address:
        known = people.recipient(desk, as_address).of(issue.edition)
        whose = dataclasses.replace(known, id=TEST, name="", address=to)
    copies = Copies(settings, issue, linker(desk, settings), lambda: now, "[test] ")
    message = copies.message(whose)
    if message is None:
        raise MailingError(f"nothing in {issue.id} is for the themes and clearance of {as_address}")
    return post(settings, [(to, message)])[0]


def issue_or_draft(archive: Database, desk: Database, issue_id: str) -> Issue:
    """The last published revision, or the draft where none is."""
    if issues.last_revision(archive, issue_id):
        return held.whole(archive, desk, issue_id)
    return desk_rows.draft(desk, issue_id)


def _left_out(issue: Issue, shown: Issue, recipient: Recipient) -> list[tuple[IssueItem, str]]:
    kept = {item.story for item in shown.items}
    return [
        (
            item,
            f"{item.tlp}, above {recipient.clearance}"
            if item.tlp.rank > recipient.clearance.rank
            else "not one of their themes",
        )
        for item in issue.items
        if item.story not in kept
    ]


def _why_not(row: people.RecipientRow, issue: Issue, *, empty: bool) -> str:
    if issue.edition not in row.editions:
        return f"not on the list of {issue.edition}"
    if row.awaited:
        return "has not confirmed yet"
    if row.suspended_at:
        return f"suspended since {row.suspended_at:%Y-%m-%d}, after a bounce"
    return "nothing in this issue is for their themes and clearance" if empty else ""


# ------------------------------------------------------------------------- by itself


def by_itself(folder: Folder, now: datetime, moment: Callable[[], datetime]) -> list[str]:
    """What falls due without a person: scheduled issues, and rows to try again.

    A scheduled issue that is more than an hour late is not sent: its coordinators are asked, once.
    A sending that was interrupted goes on, unless nothing has happened to it for an hour: then a
    person types `send`. Gives a line for each thing done. A mistake is logged, and stops no other.
    """
    told: list[str] = []
    with folder.desk() as desk:
        due = [one for one in sendings.scheduled(desk) if one.due_at <= now]
        again = desk_rows.unfinished(desk, now)
        for one in due:
            if now - one.due_at > LATEST and one.asked_at is None:
                sendings.note_asked(desk, one, now)
                _ask(folder.settings, desk, one, now)
                told.append(f"{one.issue} is overdue since {one.due_at:%Y-%m-%d %H:%M}: asked")
    timely = [(one.issue, one.revision, Whom.NEW) for one in due if now - one.due_at <= LATEST]
    resumed = [(one.issue, one.revision, Whom.QUEUED) for one in again if now - one.last <= LATEST]
    for issue, revision, to in timely + resumed:
        try:
            told.append(_send_one(folder, issue, revision, now, moment, to))
        except VigieError as error:
            log.error("%s was not sent: %s", issue, error)
    return told


def _send_one(
    folder: Folder,
    issue: str,
    revision: int,
    now: datetime,
    moment: Callable[[], datetime],
    to: Whom,
) -> str:
    with folder.lock(), folder.archive(now) as archive, folder.desk() as desk:
        if issues.last_revision(archive, issue) != revision:
            return f"{issue} revision {revision} was replaced by a later one: not sent"
        done = send(folder, archive, desk, issue, now, moment=moment, to=to)
    counts = ", ".join(f"{number} {state.value}" for state, number in done.counts.items())
    return f"{issue}: {counts or 'nobody to send to'}{done.error and f'; stopped: {done.error}'}"


def _ask(settings: Settings, desk: Database, one: sendings.Scheduled, now: datetime) -> None:
    """Write to the coordinators, or to the edition's contact where the desk knows no team."""
    team = [telling.user(desk, handle) for handle in sendings.coordinators(desk)]
    users = [user for user in team if user]
    due = f"{one.due_at:%Y-%m-%d %H:%M} UTC"
    log.warning("%s was due on %s: `vigie digest send %s` sends it", one.issue, due, one.issue)
    edition = next((e for e in settings.editions if one.issue.startswith(f"{e.id}-")), None)
    to = [(user.name, user.address, user.language) for user in users]
    if not to and edition and "@" in edition.contact:
        to = [("", edition.contact, settings.general.language)]
    sender = settings.mail.sender
    letters = [
        (address, letter(sender, name, address, *overdue(language, one.issue, due), now))
        for name, address, language in to
    ]
    try:
        post(settings, letters)
    except MailingError as error:
        log.error("nobody could be asked about %s: %s", one.issue, error)
