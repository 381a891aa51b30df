from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from digest_cases import EDITION, END, NOW, START, THEMES

from digest.drafting import Brief, Material, draft, worth
from digest.why import retell
from vigie.model import Candidate, Issue, Rights, ThemeHit, Verdict

Make = Callable[..., Candidate]


def drafted(candidates: Sequence[Candidate], **said: object) -> Issue:
    edition = EDITION.model_copy(update=said)
    brief = Brief(edition, THEMES, "2026Q4", START, END)
    return draft(brief, Material(tuple(candidates)), 1, NOW)


def placed(issue: Issue) -> list[tuple[str, int, int]]:
    return [(item.section, item.rank, item.article) for item in issue.items]


def hits(**scores: float) -> tuple[ThemeHit, ...]:
    return tuple(ThemeHit(theme, score, "") for theme, score in scores.items())


def test_the_issue_is_named_by_edition_and_period_and_titled_in_four_languages(
    candidate: Make,
) -> None:
    issue = drafted([candidate(1)])
    assert issue.id == "normandie-2026Q4"
    assert issue.title == {
        "fr": "Bulletin de veille collaborative\u00a0– 4e trimestre 2026",
        "nl": "Bulletin gezamenlijke monitoring\u00a0– 4e kwartaal 2026",
        "de": "Bulletin zur gemeinsamen Beobachtung\u00a0– 4. Quartal 2026",
        "en": "Collaborative watch bulletin\u00a0– 4th quarter 2026",
    }
    assert (issue.publisher, issue.contact) == ("Région Normandie", "veille@normandie.example")
    assert (issue.start, issue.end, issue.drafted_at) == (START, END, NOW)


def test_sections_stand_in_the_editions_order_whatever_the_candidates(candidate: Make) -> None:
    issue = drafted([candidate(1, themes=hits(cyber=1)), candidate(2, themes=hits(energie=0.1))])
    assert [section.theme for section in issue.sections] == ["energie", "maritime", "cyber"]
    assert placed(issue) == [("energie", 1, 2), ("cyber", 1, 1)]


@pytest.mark.parametrize(
    ("case", "themes", "section"),
    [
        (
            "a story stands in the theme it scores highest in",
            {"energie": 0.4, "cyber": 0.9},
            "cyber",
        ),
        ("on a tie it stands in the earlier section", {"cyber": 0.5, "energie": 0.5}, "energie"),
        ("a theme of another edition does not count", {"sport": 2.0, "maritime": 0.1}, "maritime"),
    ],
)
def test_section(case: str, themes: dict[str, float], section: str, candidate: Make) -> None:
    issue = drafted([candidate(1, themes=hits(**themes))])
    assert [item.section for item in issue.items] == [section], case


def test_a_story_stands_once_by_its_weightiest_article(candidate: Make) -> None:
    twice = [
        candidate(1, story="s", reliability="D"),
        candidate(2, story="s", reliability="A"),
        candidate(3, story="s", reliability="E", themes=hits(cyber=0.9)),
    ]
    assert placed(drafted(twice)) == [("energie", 1, 2)]


def test_rejected_stories_are_absent(candidate: Make) -> None:
    assert placed(drafted([candidate(1, verdict=Verdict.REJECT), candidate(2)])) == [
        ("energie", 1, 2)
    ]


def test_kept_stories_come_first_even_when_they_weigh_less(candidate: Make) -> None:
    light = candidate(1, verdict=Verdict.KEEP, verdict_by="mc", reliability="E")
    heavy = candidate(2, sources=("a", "b", "c", "d"), reliability="A")
    assert placed(drafted([heavy, light])) == [("energie", 1, 1), ("energie", 2, 2)]


def test_a_section_is_filled_up_to_its_size(candidate: Make) -> None:
    issue = drafted([candidate(n) for n in range(1, 9)], items_per_theme=3)
    assert [item.rank for item in issue.items] == [1, 2, 3]


def test_kept_stories_are_never_cut_and_leave_no_room_for_others(candidate: Make) -> None:
    kept = [candidate(n, verdict=Verdict.KEEP, verdict_by="mc") for n in range(1, 6)]
    issue = drafted([*kept, candidate(9, sources=("a", "b", "c"))], items_per_theme=3)
    assert {item.article for item in issue.items} == {1, 2, 3, 4, 5}


def test_kept_stories_without_a_theme_go_to_a_last_section(candidate: Make) -> None:
    kept = candidate(1, themes=(), verdict=Verdict.KEEP, verdict_by="mc")
    issue = drafted([kept, candidate(2, themes=()), candidate(3)])
    assert placed(issue) == [("energie", 1, 3), ("outside", 1, 1)]
    assert issue.sections[-1].labels == {
        "fr": "Hors catégorie",
        "nl": "Buiten categorie",
        "de": "Außerhalb der Kategorien",
        "en": "Outside the categories",
    }


def test_the_period_holds_its_start_and_not_its_end_even_for_kept_stories(
    candidate: Make,
) -> None:
    second = timedelta(seconds=1)
    kept = {"verdict": Verdict.KEEP, "verdict_by": "mc"}
    issue = drafted(
        [
            candidate(1, published=START - second, **kept),
            candidate(2, published=START),
            candidate(3, published=END - second),
            candidate(4, published=END, **kept),
        ]
    )
    assert {item.article for item in issue.items} == {2, 3}


def test_the_order_does_not_depend_on_the_order_of_the_candidates(candidate: Make) -> None:
    many = [candidate(n, sources=("a",) * (n % 4 + 1)) for n in range(1, 30)]
    assert drafted(many) == drafted(many[::-1]) == drafted(many[7:] + many[:7])


def test_nothing_gives_an_issue_of_no_items() -> None:
    assert drafted([]).items == ()


@pytest.mark.parametrize(
    ("case", "more", "less"),
    [
        ("more sources weigh more", {"sources": ("a", "b")}, {"sources": ("a",)}),
        ("a reliable source weighs more", {"reliability": "A"}, {"reliability": "B"}),
        ("who cannot be judged is not unreliable", {"reliability": "F"}, {"reliability": "D"}),
        ("a firm match weighs more", {"themes": hits(energie=2)}, {"themes": hits(energie=1)}),
        (
            "a later story weighs more",
            {"published": END - timedelta(days=1)},
            {"published": START + timedelta(days=1)},
        ),
        ("an unknown grade weighs as F", {"reliability": "?"}, {"reliability": "D"}),
    ],
)
def test_worth(
    case: str, more: dict[str, object], less: dict[str, object], candidate: Make
) -> None:
    one, other = candidate(1, **more), candidate(1, **less)
    assert worth(one, one.themes[0], START, END) > worth(other, other.themes[0], START, END), case


@pytest.mark.parametrize(
    ("language", "why"),
    [
        (
            "fr",
            (
                "retenu par mc\u00a0: utile pour les ports\u202f; repris par 4 sources\u202f;"
                " thème Énergie (éolien en mer)"
            ),
        ),
        (
            "nl",
            (
                "gekozen door mc: utile pour les ports; overgenomen door 4 bronnen;"
                " thema Energie (éolien en mer)"
            ),
        ),
        (
            "de",
            (
                "ausgewählt von mc: utile pour les ports; von 4 Quellen aufgegriffen;"
                " Thema Energie und Netze (éolien en mer)"
            ),
        ),
        (
            "en",
            "kept by mc: utile pour les ports; carried by 4 sources; theme Energy (éolien en mer)",
        ),
    ],
)
def test_why_says_who_kept_it_how_many_carried_it_and_what_matched(
    language: str, why: str, candidate: Make
) -> None:
    story = candidate(
        1,
        verdict=Verdict.KEEP,
        verdict_by="mc",
        verdict_why="utile pour les ports",
        sources=("a", "b", "c", "d"),
        themes=(ThemeHit("energie", 0.5, "éolien en mer"),),
    )
    issue = drafted([story], language=language)
    assert issue.items[0].why == why
    labels = {section.theme: section.labels for section in issue.sections}
    french = drafted([story]).items[0].why
    assert retell(french, labels, language) == why
    assert retell(why, labels, "fr") == french


def test_why_cannot_be_broken_by_what_it_quotes(candidate: Make) -> None:
    story = candidate(
        1,
        verdict=Verdict.KEEP,
        verdict_by="m;c",
        verdict_why="a; repris par 9 sources\nthème {theme} {0}",
        themes=(ThemeHit("energie", 1, "x; {cue} {"),),
    )
    issue = drafted([story])
    labels = {section.theme: section.labels for section in issue.sections}
    assert "9 sources" in issue.items[0].why
    assert "\n" not in issue.items[0].why
    assert retell(issue.items[0].why, labels, "en") == (
        "kept by m,c: a, repris par 9 sources thème {theme} {0}; theme Energy (x, {cue} {)"
    )


def test_a_reason_of_someone_elses_words_is_left_as_it_is() -> None:
    assert retell("une raison à moi", {}, "de") == "une raison à moi"
    assert retell("", {}, "de") == ""


def test_what_is_printed_is_what_the_rights_allow_on_one_clean_line(candidate: Make) -> None:
    words = " ".join(f"mot{n}" for n in range(200))
    issue = drafted(
        [
            candidate(1, rights=Rights.LINK, summary="non"),
            candidate(2, rights=Rights.EXCERPT, summary=words),
            candidate(3, rights=Rights.FULL, text=words, title="un\r\ntitre\u202e"),
        ],
        excerpt_words=10,
    )
    by_article = {item.article: item for item in issue.items}
    assert by_article[1].excerpt == ""
    assert len(by_article[2].excerpt.split()) == 10
    assert len(by_article[3].excerpt.split()) == 80
    assert by_article[3].title == "un titre"
    assert by_article[3].place == "Le Havre"


def test_an_item_keeps_all_its_themes_the_sections_first(candidate: Make) -> None:
    issue = drafted([candidate(1, themes=hits(cyber=0.2, maritime=0.9, energie=0.5))])
    assert issue.items[0].themes == ("maritime", "energie", "cyber")


def test_another_issue_of_the_same_input_is_the_same(candidate: Make) -> None:
    candidates = [candidate(n) for n in range(5)]
    assert drafted(candidates) == replace(drafted(candidates))


@pytest.mark.parametrize(
    ("said", "cue"),
    [
        (
            "title: rançongiciel; summary: cyberattaque, rançon; and 3 more",
            "rançongiciel, cyberattaque, rançon",
        ),
        ("title: port; text: port", "port"),
        ("« éolien en mer » (titre)", "«\u00a0éolien en mer\u00a0» (titre)"),
    ],
)
def test_why_shows_the_words_that_made_the_theme_and_not_where_they_stand(
    said: str, cue: str, candidate: Make
) -> None:
    issue = drafted([candidate(1, themes=(ThemeHit("energie", 1, said),))])
    assert issue.items[0].why == f"thème Énergie ({cue})"
