"""What an edition's calendar asks for: issues drafted when they are due, published by nobody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlite_utils import Database

from app.pipeline import issuing
from digest.calendar import LATE, Due, last_due
from digest.calendar import upcoming as next_due
from vigie.archive import desk as desk_rows
from vigie.archive import editing, issues
from vigie.schema import Edition
from vigie.settings import Settings


def upcoming(settings: Settings, edition: Edition, now: datetime) -> Iterator[Due]:
    """What is due after `now`, the next first."""
    return next_due(edition.calendar, now, ZoneInfo(settings.general.timezone))


def propose(archive: Database, desk: Database, settings: Settings, now: datetime) -> list[str]:
    """Draft what fell due and was not asked for yet, once; a line for each.

    What is there already, as a draft or published, is left alone. What was due more than two weeks
    ago is not drafted: `vigie digest calendar` names it, and a person may.
    """
    told = []
    for edition in settings.editions:
        due = last_due(edition.calendar, now, ZoneInfo(settings.general.timezone))
        if due is None or editing.proposed(desk, edition.id, due.period):
            continue
        if _state(archive, desk, edition, due):
            outcome = "there already"
        elif now - due.at > LATE:
            outcome = "too late"
        else:
            issue = issuing.draft(archive, desk, settings, edition.id, due.period, now)
            outcome = "drafted"
            told.append(f"{issue.id} was due: drafted, {len(issue.items)} items")
        editing.note_proposed(desk, edition.id, due.period, due.at, now, outcome)
    return told


def standing(
    archive: Database, desk: Database, settings: Settings, edition: Edition, now: datetime
) -> str:
    """How the issue that was due last stands, in words; "" where none ever was."""
    due = last_due(edition.calendar, now, ZoneInfo(settings.general.timezone))
    if due is None:
        return ""
    name = f"{edition.id}-{due.period}"
    state = _state(archive, desk, edition, due)
    if state:
        return f"{name}: {state}"
    way = f"vigie digest draft --edition {edition.id} --period {due.period}"
    return f"{name}: due since {due.at:%Y-%m-%d}, not drafted ({way})"


def _state(archive: Database, desk: Database, edition: Edition, due: Due) -> str:
    name = f"{edition.id}-{due.period}"
    if issues.last_revision(archive, name):
        return "published"
    return "drafted" if any(row.id == name for row in desk_rows.drafts(desk)) else ""
