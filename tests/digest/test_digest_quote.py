from __future__ import annotations

from collections.abc import Callable

import pytest

from digest import quote
from vigie.model import Candidate, Issue, IssueItem, Rights

SENTENCES = "Un deux trois quatre. Cinq six sept huit. Neuf dix onze douze."


@pytest.mark.parametrize(
    ("case", "text", "words", "expected"),
    [
        ("what fits is whole", SENTENCES, 12, SENTENCES),
        ("whole sentences where they fill half", SENTENCES, 10, SENTENCES[:41]),
        ("words and an ellipsis where they do not", "A b. C d e f g h i j", 8, "A b. C d e f g h…"),
        ("no comma before the ellipsis", "un deux, trois quatre", 2, "un deux…"),
        ("nothing of nothing", "  \n ", 5, ""),
        ("one line of several", "un\n\ndeux\ttrois", 5, "un deux trois"),
        ("an abbreviation inside a word is no end", "v1.2.3 x y z t u", 3, "v1.2.3 x y…"),
        (
            "closing quotes stay with their sentence",
            "Il dit « non. » Puis rien de plus",
            6,
            "Il dit « non. »",
        ),
    ],
)
def test_cut(case: str, text: str, words: int, expected: str) -> None:
    assert quote.cut(text, words) == expected, case


def test_a_script_without_spaces_is_held_by_characters() -> None:
    cut = quote.cut("漢" * 1000, 10)
    assert len(cut) <= 120
    assert quote.within(cut, 10)
    assert not quote.within("漢" * 121, 10)


@pytest.mark.parametrize(
    ("rights", "summary", "text", "expected"),
    [
        (Rights.LINK, "s", "t", ""),
        (Rights.EXCERPT, "s", "t", "s"),
        (Rights.EXCERPT, "", "t", "t"),
        (Rights.FULL, "s", "t", "t"),
        (Rights.FULL, "s", "", "s"),
    ],
)
def test_excerpt_by_rights(
    rights: Rights, summary: str, text: str, expected: str, candidate: Callable[..., Candidate]
) -> None:
    one = candidate(1, rights=rights, summary=summary, text=text)
    assert quote.excerpt(one, 40) == expected


def test_check_names_the_item_that_quotes_too_much(
    item: Callable[..., IssueItem], issue: Callable[..., Issue]
) -> None:
    ten = " ".join("mot" for _ in range(10))
    made = issue(*(item(n, excerpt=ten) for n in (1, 2, 3)))
    rights = {1: Rights.LINK, 2: Rights.EXCERPT, 3: Rights.FULL}
    problems = quote.check(made, rights, 9)
    assert [problem.split(":")[0] for problem in problems] == [
        "energie 1 (article 1, 'Titre 1')",
        "energie 2 (article 2, 'Titre 2')",
    ]
    assert "rights (link) allow 0 words" in problems[0]
    assert quote.check(made, {}, 9) == []
