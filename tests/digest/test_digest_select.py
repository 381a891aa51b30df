"""What of an issue one recipient gets: their themes, within their clearance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from digest.select import Wish, select, wish
from vigie.model import Issue, IssueItem, Recipient, Tlp

CHOOSABLE = frozenset({"energie", "maritime", "cyber"})
MakeItem = Callable[..., IssueItem]
MakeIssue = Callable[..., Issue]


@pytest.mark.parametrize(
    ("themes", "clearance", "expected"),
    [
        ((), Tlp.RED, {1, 2, 3, 4, 5}),
        ((), Tlp.CLEAR, {1, 2, 5}),
        ((), Tlp.AMBER, {1, 2, 3, 5}),
        ((), Tlp.AMBER_STRICT, {1, 2, 3, 4, 5}),
        (("energie",), Tlp.CLEAR, {1, 5}),
        (("maritime",), Tlp.RED, {2, 3, 5}),
        (("cyber", "energie"), Tlp.RED, {1, 4, 5}),
    ],
)
def test_themes_and_clearance_choose_the_items(
    themes: tuple[str, ...],
    clearance: Tlp,
    expected: set[int],
    item: MakeItem,
    issue: MakeIssue,
) -> None:
    made = issue(
        item(1, section="energie", themes=("energie", "maritime")),
        item(2, section="maritime"),
        item(3, section="maritime", tlp=Tlp.AMBER),
        item(4, section="cyber", tlp=Tlp.AMBER_STRICT),
        item(5, section="other"),  # a general section: everyone's
    )
    shown = select(made, Wish("fr", themes, clearance), CHOOSABLE)
    assert {one.article for one in shown.items} == expected
    assert shown.tlp.rank <= clearance.rank
    assert (shown.id, shown.revision) == (made.id, made.revision)


def test_a_label_is_that_of_what_is_in_the_copy(item: MakeItem, issue: MakeIssue) -> None:
    made = issue(item(1), item(2, tlp=Tlp.RED))
    assert made.tlp is Tlp.RED
    assert select(made, Wish("fr", (), Tlp.GREEN), CHOOSABLE).tlp is Tlp.CLEAR


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, Wish("fr", (), Tlp.CLEAR)),
        ({"language": "de"}, Wish("nl", (), Tlp.CLEAR)),
        ({"themes": ("cyber", "gone")}, Wish("fr", ("cyber",), Tlp.CLEAR)),
        ({"themes": ("gone",)}, Wish("fr", (), Tlp.CLEAR)),
    ],
)
def test_a_wish_is_in_words_of_the_edition(
    said: dict[str, object], expected: Wish, recipient: Recipient
) -> None:
    them = replace(recipient, **said)  # type: ignore[arg-type] # fields are given by name
    assert wish(them, ("nl", "fr"), "nl", CHOOSABLE) == expected
