"""Publishing: the check that stops an issue that lacks something, and the freezing of its forms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from digest import quote, render
from digest.clean import line, link
from vigie.errors import PublishError
from vigie.model import ArticleId, Form, Issue, IssueItem, Rendered, Rights

FORMS = tuple(Form)  # what an issue is published as
_EMPTY = (
    "it has no items: nothing of {period} has one of its themes, and nobody kept anything; keep"
    " some stories (`vigie keep ARTICLE`), widen the themes, or let this issue be"
)


def ready(
    issue: Issue,
    rights: Mapping[ArticleId, Rights] | None = None,
    words: int = quote.FULL_WORDS,
    required: Collection[str] = (),
) -> None:
    """Whether the issue may be published. Raises PublishError naming each item and what it lacks.

    With `rights` (of the items' articles) and the edition's `words`, quotes are held to what each
    source allows; without them, to the widest cap there is. `required` names what the edition asks
    of each item besides: place, credibility, comment.
    """
    sections = {section.theme for section in issue.sections}
    reasons = [] if issue.items else [_EMPTY.format(period=issue.period)]
    for item in issue.items:
        lacks, asked = list(_lacks(item, sections)), list(_asked(issue, item, required))
        if lacks:  # of its source: nobody can put it in by hand
            asked.append(f"leave it out: `vigie digest drop {issue.id} {item.story}`")
        if lacks or asked:
            reasons.append(f"{quote.name(item)}: {', '.join([*lacks, *asked])}")
    stories = Counter(item.story for item in issue.items)
    reasons += [f"story {story}: stands {n} times" for story, n in stories.items() if n > 1]
    reasons += quote.check(issue, rights or {}, words)
    if reasons:
        raise PublishError(issue.id, reasons)


def freeze(issue: Issue, languages: Sequence[str]) -> tuple[Rendered, ...]:
    """Every form of the issue in each language, as bytes that the same issue always gives.

    Dates are told in the issue's own time zone. Raises PublishError as `ready`.
    """
    ready(issue)
    timezone = issue.timezone or render.TIMEZONE
    return tuple(
        rendered
        for language in languages
        for rendered in render.render(issue, language, FORMS, timezone)
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


def _asked(issue: Issue, item: IssueItem, required: Collection[str]) -> Iterable[str]:
    """What the edition asks of each item, and how to say it."""
    name = f"{issue.id} {item.story}"
    if "place" in required and not item.nuts:
        yield f"no place (say it: `vigie digest rate {name} --place FRD2`)"
    if "credibility" in required and not item.credibility:
        yield f"no credibility (say it: `vigie digest rate {name} --credibility 2`)"
    if "comment" in required and not line(item.comment):
        yield f'nothing to remember (say it: `vigie digest note {name} "..."`)'
