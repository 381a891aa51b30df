"""Issues: drafted from the archive, frozen into it, and sent against the desk's ledger."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlite_utils import Database

from app.folder import Folder
from app.progress import Progress, Silent
from digest import publish as publishing
from digest.draft import draft as make_draft
from digest.message import build
from digest.period import quarter, quarter_of
from digest.send import Summary
from digest.send import send as speak_smtp
from vigie.archive import desk as desk_rows
from vigie.archive import issues
from vigie.errors import Problem, SettingsError
from vigie.model import Delivery, Form, Issue, Rendered
from vigie.settings import Secrets, Settings


def draft(
    archive: Database,
    desk: Database,
    settings: Settings,
    edition_id: str,
    period: str,
    now: datetime,
) -> Issue:
    """Propose the issue of that quarter ("" for the present one) and keep it as a draft."""
    edition = settings.edition(edition_id)
    zone = ZoneInfo(settings.general.timezone)
    period = period or quarter_of(now, zone)
    start, end = _quarter(period, zone)
    sections = settings.sections(edition)
    found = issues.candidates(archive, edition, [theme.id for theme in sections], start, end)
    revision = issues.last_revision(archive, f"{edition.id}-{period}") + 1
    issue = make_draft(edition, sections, found, period, start, end, revision, now)
    desk_rows.save_draft(desk, issue)
    return issue


def _quarter(period: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    try:
        return quarter(period, zone)
    except ValueError as error:
        raise SettingsError([Problem("--quarter", "", repr(period), str(error))]) from error


def publish(
    archive: Database, desk: Database, settings: Settings, issue: Issue, who: str, now: datetime
) -> tuple[Rendered, ...]:
    """Freeze a draft: items, versions, sources and files. Raises PublishError with every reason."""
    edition = settings.edition(issue.edition)
    publishing.ready(issue, issues.rights_of(archive, issue), edition.excerpt_words)
    files = publishing.freeze(issue, edition.languages, settings.general.timezone)
    issues.publish(archive, issue, files, issue.title[edition.language], who, now)
    desk_rows.drop_draft(desk, issue.id)
    return files


def write_files(files: Sequence[Rendered], folder: Path, main_language: str) -> list[Path]:
    """Write frozen files as ISSUE.html, .txt, .pdf; other languages as ISSUE.nl.html and so on."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for file in files:
        middle = "" if file.language == main_language else f".{file.language}"
        path = folder / f"{file.issue}{middle}.{file.form.value}"
        path.write_bytes(file.content)
        paths.append(path)
    return paths


def send(
    folder: Folder,
    archive: Database,
    desk: Database,
    issue_id: str,
    now: datetime,
    progress: Progress | None = None,
) -> Summary:
    """Send a published issue to everyone of its edition who has not had it yet.

    The folder's lock must be held: rows that a crash left behind are settled first.
    """
    progress = progress or Silent()
    settings = folder.settings
    issue = issues.published(archive, issue_id)
    desk_rows.recover(desk, now)
    desk_rows.queue(desk, issue.id, issue.revision, issue.edition, now)
    ledger = desk_rows.DeskLedger(desk, issue.id, issue.revision, now)
    compose = _composer(archive, settings, issue, now)
    waiting = len(ledger.queued())
    with progress.stage("Sending", waiting) as advance:
        return speak_smtp(
            ledger,
            compose,
            settings.mail,
            Secrets.from_environment().mail_password,
            progress=lambda _delivery, _state: advance(1),
        )


def _composer(
    archive: Database, settings: Settings, issue: Issue, now: datetime
) -> Callable[[Delivery], EmailMessage]:
    edition = settings.edition(issue.edition)
    files = {
        (file.language, file.form): file for file in issues.files(archive, issue.id, issue.revision)
    }

    def compose(delivery: Delivery) -> EmailMessage:
        wanted = delivery.recipient.language
        language = wanted if wanted in edition.languages else edition.language
        return build(
            issue,
            delivery.recipient,
            files[language, Form.HTML],
            files[language, Form.TEXT],
            settings.mail.sender,
            now,
        )

    return compose
