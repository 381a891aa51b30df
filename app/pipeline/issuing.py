"""Issues: drafted from the archive, and frozen into it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlite_utils import Database

from digest import publish as publishing
from digest.draft import draft as make_draft
from digest.period import quarter, quarter_of
from vigie.archive import desk as desk_rows
from vigie.archive import issues
from vigie.errors import Problem, SettingsError
from vigie.model import Issue, Rendered
from vigie.settings import Settings


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
