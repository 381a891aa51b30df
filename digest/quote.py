"""How much of a source's text may be shown, and the check that no more is.

`full` shows the start of the text (80 words at most: a bulletin points, it does not reprint),
`excerpt` the summary within the edition's cap, `link` nothing. Scripts written without spaces are
held by a cap in characters, 12 for each word allowed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from digest.clean import line
from vigie.model import ArticleId, Candidate, Issue, IssueItem, Rights

FULL_WORDS = 80
_CHARACTERS_PER_WORD = 12
_SENTENCE_END = re.compile(r"[.!?…](\s?[»”\"’)])*(?=\s)")


def excerpt(candidate: Candidate, words: int) -> str:
    """What the bulletin may quote of a story's main article; `words` caps what is not `full`."""
    if candidate.rights is Rights.LINK:
        return ""
    if candidate.rights is Rights.FULL:
        return cut(candidate.text or candidate.summary, FULL_WORDS)
    return cut(candidate.summary or candidate.text, words)


def caps(words: int) -> dict[Rights, int]:
    """How many words may be quoted of one article; `words` caps what is not `full`."""
    return {Rights.FULL: FULL_WORDS, Rights.EXCERPT: words, Rights.LINK: 0}


def cut(text: str, words: int) -> str:
    """At most `words` words: whole sentences if they fill half of them, else words and "…"."""
    text = line(text)
    if within(text, words):
        return text
    pieces = list(re.finditer(r"\S+", text))
    end = pieces[min(words, len(pieces)) - 1].end()
    head = text[: min(end, words * _CHARACTERS_PER_WORD - 1)]
    ends = [match.end() for match in _SENTENCE_END.finditer(head + " ")]
    if ends and len(text[: ends[-1]].split()) * 2 >= words:
        return text[: ends[-1]]
    return head.rstrip(" \u00a0\u202f,;:–—-(«“…") + "…"


def within(text: str, words: int) -> bool:
    """Whether a text stays within a cap in words."""
    return len(text.split()) <= words and len(text) <= words * _CHARACTERS_PER_WORD


def check(issue: Issue, rights: Mapping[ArticleId, Rights], words: int) -> list[str]:
    """What is quoted beyond the sources' rights, one line for each item, in the issue's order.

    An article that `rights` does not name is held to the cap of `full`, the widest there is.
    """
    problems = []
    for item in issue.items:
        for one in _quotes(item):
            right = rights.get(one.article, Rights.FULL)
            cap = caps(words)[right]
            if not within(one.text, cap):
                problems.append(
                    f"{name(item)}: {one.where} {len(one.text.split())} words ({len(one.text)}"
                    f" characters); the source's rights ({right}) allow {cap} words"
                )
    return problems


@dataclass(frozen=True, slots=True)
class _Quote:
    article: ArticleId
    text: str
    where: str


def _quotes(item: IssueItem) -> Iterator[_Quote]:
    """The extract, and what the summary takes of each article."""
    yield _Quote(item.article, item.excerpt, "quotes")
    taken: dict[ArticleId, list[str]] = {}
    sources = {}
    for one in item.summary:
        taken.setdefault(one.article, []).append(one.text)
        sources[one.article] = one.source
    for article, texts in taken.items():
        where = f"its summary takes of {line(sources[article], 40)} (article {article})"
        yield _Quote(article, " ".join(texts), where)


def name(item: IssueItem) -> str:
    """How a message names an item: where it stands, and its title."""
    return f"{item.section} {item.rank} (article {item.article}, {line(item.title, 60)!r})"
