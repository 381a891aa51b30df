"""Publishing: the check that stops an issue that lacks something, and the freezing of its forms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from digest import quote, render
from digest.clean import line, link
from vigie.errors import PublishError
from vigie.model import ArticleId, Form, Issue, IssueItem, Rendered, Rights


def ready(
    issue: Issue, rights: Mapping[ArticleId, Rights] | None = None, words: int = quote.FULL_WORDS
) -> None:
    """Whether the issue may be published. Raises PublishError naming each item and what it lacks.

    With `rights` (of the items' articles) and the edition's `words`, quotes are held to what each
    source allows; without them, to the widest cap there is.
    """
    sections = {section.theme for section in issue.sections}
    reasons = [] if issue.items else ["it has no items: keep some stories, or widen the themes"]
    for item in issue.items:
        lacks = list(_lacks(item, sections))
        if lacks:
            reasons.append(f"{quote.name(item)}: {', '.join(lacks)}")
    stories = Counter(item.story for item in issue.items)
    reasons += [f"story {story}: stands {n} times" for story, n in stories.items() if n > 1]
    reasons += quote.check(issue, rights or {}, words)
    if reasons:
        raise PublishError(issue.id, reasons)


def freeze(
    issue: Issue, languages: Sequence[str], timezone: str = render.TIMEZONE
) -> tuple[Rendered, ...]:
    """Every form of the issue in each language, as bytes that the same issue always gives.

    `timezone` is the readers': the dates of items are told in it. Raises PublishError as `ready`.
    """
    ready(issue)
    return tuple(
        rendered
        for language in languages
        for rendered in render.render(issue, language, tuple(Form), timezone)
    )


def _lacks(item: IssueItem, sections: set[str]) -> Iterable[str]:
    if not line(item.title):
        yield "no title"
    if not item.url:
        yield "no link"
    elif not link(item.url):
        yield f"a link that is not a web address ({line(item.url, 60)!r})"
    if not line(item.source):
        yield "no source"
    if item.published is None or item.published.tzinfo is None:
        yield "no date"
    if item.reliability not in set("ABCDEF"):
        yield "no reliability of the source (A to F)"
    if item.section not in sections:
        yield "a section that the issue does not have"
