from __future__ import annotations

from collections.abc import Callable

import pytest

from digest import publish
from vigie.errors import PublishError
from vigie.model import Form, Issue, IssueItem, Rights

MakeItem = Callable[..., IssueItem]
MakeIssue = Callable[..., Issue]


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"title": " \u200b"}, "no title"),
        ({"url": ""}, "no link"),
        ({"url": "javascript:alert(1)"}, "a link that is not a web address"),
        ({"source": ""}, "no source"),
        ({"published": None}, "no date"),
        ({"reliability": ""}, "no reliability"),
        ({"reliability": "AB"}, "no reliability"),
        ({"section": "sport"}, "a section that the issue does not have"),
        ({"story": "story-001"}, "story story-001: stands 2 times"),
        ({"excerpt": "mot " * 81}, "quotes 81 words"),
    ],
)
def test_what_an_item_lacks_stops_the_issue_and_is_named(
    said: dict[str, object], reason: str, item: MakeItem, issue: MakeIssue
) -> None:
    with pytest.raises(PublishError) as caught:
        publish.ready(issue(item(1), item(2, **said), item(3)))
    assert len(caught.value.reasons) == 1
    assert reason in caught.value.reasons[0]
    if "story" not in said:
        assert "article 2" in caught.value.reasons[0]


def test_all_items_are_named_at_once(item: MakeItem, issue: MakeIssue) -> None:
    with pytest.raises(PublishError) as caught:
        publish.ready(issue(item(1, title="", url=""), item(2), item(3, source="")))
    assert caught.value.reasons == (
        (
            "energie 1 (article 1, ''): no title, no link, leave it out:"
            " `vigie digest drop normandie-2026Q4 story-001`"
        ),
        (
            "energie 3 (article 3, 'Titre 3'): no source, leave it out:"
            " `vigie digest drop normandie-2026Q4 story-003`"
        ),
    )


def test_an_empty_issue_is_stopped_with_what_to_do(issue: MakeIssue) -> None:
    empty = Issue(**{name: getattr(issue(), name) for name in Issue.__slots__} | {"items": ()})
    with pytest.raises(PublishError, match="keep some stories"):
        publish.ready(empty)


def test_rights_are_held_to_when_they_are_given(issue: MakeIssue) -> None:
    publish.ready(issue())
    with pytest.raises(PublishError, match="allow 3 words"):
        publish.ready(issue(), {1: Rights.EXCERPT}, 3)


def test_freezing_gives_every_form_in_each_language(issue: MakeIssue) -> None:
    frozen = publish.freeze(issue(), ("fr", "nl"))
    assert [(one.language, one.form) for one in frozen] == [
        (language, form) for language in ("fr", "nl") for form in Form
    ]
    assert {(one.issue, one.revision) for one in frozen} == {("normandie-2026Q4", 1)}


def test_freezing_refuses_what_is_not_ready(item: MakeItem, issue: MakeIssue) -> None:
    with pytest.raises(PublishError):
        publish.freeze(issue(item(1, url="")), ("fr",))
