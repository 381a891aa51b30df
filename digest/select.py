"""What of an issue one recipient gets: the items of their themes, within their clearance. Pure.

Clearance comes first and knows no exception. Themes are those of the sections: whoever chose
energy gets the section Energy, and every general section (one that is no theme to choose, such as
"outside the categories"). Items that the recipient did not choose are absent, not hidden.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from dataclasses import dataclass

from vigie.model import Issue, IssueItem, Recipient, Tlp


@dataclass(frozen=True, slots=True)
class Wish:
    """All that tells one recipient's copy from another's: equal wishes get equal bytes."""

    language: str
    themes: tuple[str, ...]  # sorted; empty: all
    clearance: Tlp


def wish(
    recipient: Recipient, languages: Collection[str], main: str, choosable: Collection[str]
) -> Wish:
    """The recipient's, in one of the edition's languages (its `main` one where theirs is none).

    Themes that are not to choose any more are left out; nothing left means all.
    """
    language = recipient.language if recipient.language in languages else main
    themes = tuple(sorted(set(recipient.themes) & set(choosable)))
    return Wish(language, themes, recipient.clearance)


def sees(item: IssueItem, wanted: Wish, choosable: Collection[str]) -> bool:
    """Whether the item stands in that recipient's copy."""
    if item.tlp.rank > wanted.clearance.rank:
        return False
    return not wanted.themes or item.section in wanted.themes or item.section not in choosable


def select(issue: Issue, wanted: Wish, choosable: Collection[str]) -> Issue:
    """The same issue with only what that recipient gets; its label is then its own items'.

    `choosable` are the themes that a recipient of the edition can choose among.
    """
    items = tuple(item for item in issue.items if sees(item, wanted, choosable))
    return dataclasses.replace(
        issue,
        items=items,
        errata=tuple(one for one in issue.errata if one.tlp.rank <= wanted.clearance.rank),
        contributors=_contributors(issue, wanted.clearance),
    )


def public(issue: Issue) -> Issue:
    """What anyone may see of an issue: its items labelled TLP:CLEAR, numbered without gaps."""
    open_to_all = [item for item in issue.items if item.tlp is Tlp.CLEAR]
    ranks = {
        item.story: rank
        for section in issue.sections
        for rank, item in enumerate(
            sorted((i for i in open_to_all if i.section == section.theme), key=lambda i: i.rank), 1
        )
    }
    return dataclasses.replace(
        issue,
        items=tuple(dataclasses.replace(i, rank=ranks.get(i.story, i.rank)) for i in open_to_all),
        errata=tuple(one for one in issue.errata if one.tlp is Tlp.CLEAR),
        contributors=_contributors(issue, Tlp.CLEAR),
    )


def _contributors(issue: Issue, clearance: Tlp) -> tuple[str, ...]:
    """Without those whose every item in the issue is above the clearance: a name tells too."""
    shown = {item.contributor for item in issue.items if item.tlp.rank <= clearance.rank}
    hidden = {item.contributor for item in issue.items} - shown
    return tuple(
        name
        for name in issue.contributors  # a structure, or a person (structure)
        if not any(name == one or name.endswith(f"({one})") for one in hidden)
    )
