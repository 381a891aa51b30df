"""People's words put on an issue that is drafted already, without choosing anew. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from digest.catalogue import translator
from digest.clean import line
from digest.drafting.wishes import Wish, wishes
from vigie.model import Edit, Erratum, Issue, IssueItem, Tlp


def edited(issue: Issue, edits: Sequence[Edit]) -> Issue:
    """The issue with these words on its items; stories that are not in it are left alone."""
    said = wishes(edits)
    sections = [section.theme for section in issue.sections]
    items = []
    for item in issue.items:
        wish = said.get(item.story, Wish())
        if not wish.drops:
            items.append(_with(item, wish, sections))
    ordered: list[IssueItem] = []
    for section in sections:
        mine = sorted((one for one in items if one.section == section), key=lambda one: one.rank)
        for one in [one for one in mine if said.get(one.story, Wish()).rank]:
            mine.remove(one)
            mine.insert(said[one.story].rank - 1, one)
        ordered += [replace(one, rank=rank) for rank, one in enumerate(mine, start=1)]
    return replace(issue, items=tuple(ordered))


def _with(item: IssueItem, wish: Wish, sections: Sequence[str]) -> IssueItem:
    moves = wish.section in sections and wish.section != item.section
    return replace(
        item,
        section=wish.section if moves else item.section,
        rank=10_000 if moves else item.rank,  # last, where no rank is said
        comment=line(wish.comment),
        credibility=wish.credibility,
        tlp=max(item.tlp, wish.tlp, key=lambda label: label.rank),
        place=line(wish.place) or item.place,
        nuts=wish.nuts or item.nuts,
    )


def corrected(issue: Issue, text: str, now: datetime, tlp: Tlp = Tlp.CLEAR) -> Issue:
    """The next revision of a published issue, with a line that says what it puts right.

    `tlp` is the label of what the line names: only who may see that may read it. A correction that
    is being drafted gets a further line, and stays the same revision.
    """
    drafted = is_correction(issue) and not issue.template  # published ones have one
    revision = issue.revision + (0 if drafted else 1)
    erratum = Erratum(revision, now, line(text), tlp)
    return replace(
        issue, revision=revision, errata=(*issue.errata, erratum), drafted_at=now, template=""
    )


def is_correction(issue: Issue) -> bool:
    """Whether a line says what this very revision puts right."""
    return any(erratum.revision == issue.revision for erratum in issue.errata)


def withdrawn(item: IssueItem, why: str, language: str) -> str:
    """The line of an erratum for what its source took back."""
    _ = translator(language).gettext
    said = line(why).rstrip(".")
    text = (
        _("Withdrawn by its source, {source}: “{title}” ({why}).")
        if said
        else _("Withdrawn by its source, {source}: “{title}”.")
    )
    return text.format(source=item.source, title=item.title, why=said)
