"""Issues: drafted from the archive, edited, corrected, frozen into it, and made again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlite_utils import Database

from app.pipeline import summing
from digest import drafting, frozen
from digest import period as periods
from digest import publish as publishing
from digest.drafting.edited import corrected, edited, is_correction, withdrawn
from digest.drafting.wishes import DROP
from digest.select import public
from vigie.archive import alerted, candidates, editing, emerging, held, issues, standing
from vigie.archive import desk as desk_rows
from vigie.errors import Problem, PublishError, SettingsError
from vigie.model import Edit, Issue, IssueItem, Rendered, Tlp
from vigie.schema import Edition
from vigie.settings import Settings


def draft(
    archive: Database,
    desk: Database,
    settings: Settings,
    edition_id: str,
    period: str,
    now: datetime,
) -> Issue:
    """Propose the issue of that period ("" for the present quarter) and keep it as a draft."""
    edition = settings.edition(edition_id)
    brief = _brief(settings, edition, period, now)
    name = f"{edition.id}-{brief.period}"
    said = _edits(archive, desk, name)
    issue = drafting.draft(
        brief,
        _material(archive, brief, said),
        issues.last_revision(archive, name) + 1,
        now,
    )
    if issue.revision > 1:
        issue = replace(issue, errata=held.whole(archive, desk, name).errata)
    issue = summing.with_summaries(archive, issue, edition)
    desk_rows.save_draft(desk, issue)
    return issue


def _brief(settings: Settings, edition: Edition, period: str, now: datetime) -> drafting.Brief:
    zone = ZoneInfo(settings.general.timezone)
    period = period or periods.current(now, zone)
    try:
        start, end = periods.bounds(period, zone)
    except ValueError as error:
        raise SettingsError([Problem("--period", "", repr(period), str(error))]) from error
    themes = settings.sections(edition)
    return drafting.Brief(edition, themes, period, start, end, settings.general.timezone)


def _material(
    archive: Database, brief: drafting.Brief, said: tuple[Edit, ...]
) -> drafting.Material:
    """What the archive and the desk have for that time."""
    start, end = brief.start, brief.end
    signals = tuple(emerging.between(archive, start, end))
    sent = tuple(alerted.between(archive, start, end))
    wanted = candidates.Wanted(
        edition=brief.edition,
        themes=tuple(theme.id for theme in brief.themes),
        start=start,
        end=end,
        articles=tuple(
            {article for signal in signals for article in signal.articles}
            | {one.article for one in sent}
        ),
        stories=tuple({edit.story for edit in said}),
        alerts=sent,
    )
    return drafting.Material(
        candidates=tuple(candidates.candidates(archive, wanted)),
        signals=signals,
        edits=said,
        contributors=tuple(candidates.contributors(archive, brief.edition.id, start, end)),
    )


def _edits(archive: Database, desk: Database, issue: str) -> tuple[Edit, ...]:
    """What people said of that issue's stories, under the names that the stories have today."""
    return tuple(
        replace(edit, story=standing.current(archive, edit.story))
        for edit in editing.edits(desk, issue)
    )


# ------------------------------------------------------------------------------- editing


def edit(
    archive: Database, desk: Database, settings: Settings, issue: Issue, said: list[Edit]
) -> Issue:
    """Keep these words on the draft, for good, and show them in it. Gives the draft as it is then.

    A story that is not in it is put in by drafting anew, which a correction must not do.
    """
    editing.append(desk, issue.id, said)
    here = {item.story for item in issue.items}
    sections = {section.theme for section in issue.sections}
    absent = any(
        (one.field == "stands" and one.value != DROP and one.story not in here)
        or (one.field == "section" and one.value not in sections)
        for one in said
    )
    if absent and not is_correction(issue):
        return draft(archive, desk, settings, issue.edition, issue.period, issue.drafted_at)
    result = edited(issue, _edits(archive, desk, issue.id))
    desk_rows.save_draft(desk, result)
    return result


def correct(
    archive: Database,
    desk: Database,
    issue_id: str,
    text: str,
    now: datetime,
    tlp: Tlp = Tlp.CLEAR,
) -> Issue:
    """Draft the next revision of a published issue: the same, but for what people said since.

    Where a correction is drafted already, it gets a further line.
    """
    base = held.whole(archive, desk, issue_id)
    if any(row.id == base.id for row in desk_rows.drafts(desk)):
        draft = desk_rows.draft(desk, base.id)
        base = draft if is_correction(draft) and draft.revision > base.revision else base
    issue = corrected(base, text, now, tlp)
    issue = edited(issue, _edits(archive, desk, issue.id))
    desk_rows.save_draft(desk, issue)
    return issue


def withdraw(
    archive: Database,
    desk: Database,
    settings: Settings,
    item: IssueItem,
    said: Edit,
    issue_id: str,
    why: str,
) -> Issue:
    """Draft the next revision of a published issue without an item, and a line that says so."""
    language = settings.edition(issues.published(archive, issue_id).edition).language
    editing.append(desk, issue_id, [said])
    return correct(archive, desk, issue_id, withdrawn(item, why, language), said.at, item.tlp)


# ---------------------------------------------------------------------------- publishing


def publish(
    archive: Database, desk: Database, settings: Settings, issue: Issue, who: str, now: datetime
) -> tuple[Rendered, ...]:
    """Freeze a draft: items, versions, sources, files and forms. Raises PublishError.

    The archive, and these files, get what is labelled TLP:CLEAR; the desk keeps the rest.

    Each step may be repeated: killed in between, the same call finishes what it began.
    """
    edition = settings.edition(issue.edition)
    rights = issues.rights_of(archive, issue)
    publishing.ready(issue, rights, edition.excerpt_words, edition.required)
    forms = frozen.bundle()
    issue = replace(
        issue, template=forms.template, timezone=issue.timezone or settings.general.timezone
    )
    _expect_next(archive, desk, issue)
    shown = public(issue)
    files = publishing.freeze(shown, edition.languages) if shown.items else ()
    editing.note_forms(desk, forms.sha256, forms.template, now)
    held.keep(desk, issue)
    done = issues.publish(
        archive,
        issues.Freeze(
            issue=shown,
            files=files,
            title=issue.title[edition.language],
            who=who,
            at=now,
            forms=forms.content,
            forms_sha256=forms.sha256,
            libraries=forms.libraries,
        ),
    )
    desk_rows.drop_draft(desk, issue.id)
    return files if done else tuple(issues.files(archive, issue.id, issue.revision))


def _expect_next(archive: Database, desk: Database, issue: Issue) -> None:
    """The draft is of the next revision, or the very one that was published a moment ago."""
    last = issues.last_revision(archive, issue.id)
    if issue.revision == last + 1:
        return
    if issue.revision == last:
        there = held.whole(archive, desk, issue.id)
        if replace(there, template="") == replace(issue, template=""):
            return
    raise PublishError(
        issue.id,
        [
            (
                f"this draft is of revision {issue.revision}, and {last} is published: make it"
                f" again by `vigie digest draft` or `vigie digest correct {issue.id}`"
            )
        ],
    )


def write_files(files: Sequence[Rendered], folder: Path, main_language: str) -> list[Path]:
    """Write frozen files as ISSUE.html, .txt, .pdf; other languages as ISSUE.nl.html and so on."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for file in files:
        middle = "" if file.language == main_language else f".{file.language}"
        path = folder / f"{file.issue}{middle}.{file.form.suffix}"
        path.write_bytes(file.content)
        paths.append(path)
    return paths
