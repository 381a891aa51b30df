"""Which section has a claim on a story, what people said of it, and that it stands once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from digest_cases import EDITION, END, NOW, START, THEMES

from digest.drafting import Brief, Material, draft
from digest.drafting.cues import announced, attended, launched
from digest.drafting.edited import corrected, edited, withdrawn
from digest.drafting.wishes import Wish, wishes
from digest.why import retell
from vigie.model import (
    Candidate,
    Carried,
    Edit,
    Emerging,
    EmergingKind,
    Issue,
    Notice,
    SectionKind,
    Spoken,
    Strength,
    Tlp,
    Verdict,
)
from vigie.schema import Sizes

Make = Callable[..., Candidate]
HOME = EDITION.model_copy(update={"territories": ("FRD", "BE")})
SOON = NOW.date() + timedelta(days=20)
AWAY = {"territories": ("FRH01",), "title": "La Bretagne lance un plan hydrogène"}
OFF = {"themes": (), "sources": ("a",)}


def drafted(
    *candidates: Candidate,
    signals: tuple[Emerging, ...] = (),
    edits: tuple[Edit, ...] = (),
    **said: object,
) -> Issue:
    brief = Brief(HOME.model_copy(update=said), THEMES, "2026Q4", START, END)
    return draft(brief, Material(candidates, signals, edits), 1, NOW)


def placed(issue: Issue) -> list[tuple[str, int, int]]:
    return [(item.section, item.rank, item.article) for item in issue.items]


def say(number: int, field: str, value: str, who: str = "mc") -> Edit:
    return Edit(f"story-{number:03}", field, value, who, NOW)


def rises(number: int, strength: Strength = Strength.RISING, label: str = "vanadium") -> Emerging:
    return Emerging(
        key=f"entity:{label}",
        kind=EmergingKind.ENTITY,
        label=label,
        strength=strength,
        score=9.0,
        first_seen=START,
        last_seen=NOW,
        why="",
        articles=(number,),
        sources=4,
    )


def spoken(near: str = "", day: date = SOON) -> tuple[Spoken, ...]:
    return (Spoken(day, near, in_title=False),)


def notice(severity: str = "", reference: str = "CERTFR-2026-AVI-0001", **said: object) -> Notice:
    return replace(Notice(reference, severity), **said)  # type: ignore[arg-type] # fields by name


@pytest.mark.parametrize(
    ("case", "said", "section"),
    [
        ("a story of a theme stands in the theme", {}, "energie"),
        ("what is launched in another region is an initiative from elsewhere", AWAY, "elsewhere"),
        (
            "what is launched at home is not",
            AWAY | {"territories": ("FRD22",)},
            "energie",
        ),
        (
            "a country around the edition's own territory is not elsewhere",
            AWAY | {"territories": ("FR",)},
            "energie",
        ),
        (
            "what names a place at home as well is not from elsewhere",
            AWAY | {"territories": ("FRH01", "BE211")},
            "energie",
        ),
        (
            "what merely happens elsewhere is no initiative",
            AWAY | {"title": "Tempête en Bretagne"},
            "energie",
        ),
        ("what names no place is not from elsewhere", AWAY | {"territories": ()}, "energie"),
        (
            "an initiative from elsewhere needs a theme of the edition",
            AWAY | {"themes": ()},
            "",
        ),
        (
            "a title that announces something, with a day to come, is for the agenda",
            {"title": "Colloque sur l'éolien à Caen", "dates": spoken()},
            "agenda",
        ),
        (
            "the same without a day to come is not",
            {"title": "Colloque sur l'éolien à Caen", "dates": spoken(day=NOW.date())},
            "energie",
        ),
        (
            "a day too far ahead is not for the agenda",
            {"title": "Congrès à Caen", "dates": spoken(day=NOW.date() + timedelta(days=400))},
            "energie",
        ),
        (
            "a day in the text alone leaves a story of a theme where it is",
            {"dates": spoken("une réunion publique aura lieu")},
            "energie",
        ),
        (
            "but brings one of no theme into the agenda",
            OFF | {"dates": spoken("une réunion publique aura lieu")},
            "agenda",
        ),
        (
            "a day without anything to attend brings nothing",
            OFF | {"dates": spoken("la loi entre en vigueur")},
            "",
        ),
        ("a story of no theme that one source has stands nowhere", OFF, ""),
        (
            "one that several sources carry is outside the categories",
            OFF | {"sources": ("a", "b")},
            "outside",
        ),
        (
            "one that grows for days is, too",
            OFF | {"carried": tuple(Carried(START + timedelta(days=n), "a") for n in (1, 2, 4))},
            "outside",
        ),
        (
            "one that a source repeats within the day is not",
            OFF | {"carried": tuple(Carried(START + timedelta(hours=n), "a") for n in (1, 2, 4))},
            "",
        ),
        ("an advisory as severe as asked is an alert", {"notice": notice("Critical")}, "alerts"),
        ("one less severe stands nowhere", {"notice": notice("medium")}, ""),
        ("one that is not rated counts as medium", {"notice": notice()}, ""),
        (
            "one that its issuer calls an alert counts as critical",
            {"notice": notice(reference="CERTFR-2026-ALE-0001")},
            "alerts",
        ),
        ("one that went out as an alert is one", {"notice": notice(sent=True)}, "alerts"),
        (
            "so is a story that went out as one, whatever its themes",
            {"notice": Notice("", "", sent=True), "themes": ()},
            "alerts",
        ),
        (
            "one of no theme of the edition is not",
            {"notice": notice("critical"), "themes": ()},
            "",
        ),
        (
            "one that a person kept is, whatever its severity",
            {"notice": notice("low"), "verdict": Verdict.KEEP},
            "alerts",
        ),
        ("a rejected story stands nowhere", {"verdict": Verdict.REJECT}, ""),
    ],
)
def test_section(case: str, said: dict[str, object], section: str, candidate: Make) -> None:
    found = [item.section for item in drafted(candidate(1, **said)).items]
    assert found == ([section] if section else []), case


def test_sections_stand_in_the_editions_order_and_say_what_kind_they_are(candidate: Make) -> None:
    stories = (
        candidate(1),
        candidate(2, **AWAY),
        candidate(3, title="Salon de l'énergie", dates=spoken()),
        candidate(4, themes=(), sources=("a", "b")),
        candidate(5, notice=notice("critical")),
        candidate(6, articles=(6,), **OFF),
    )
    order = ("agenda", "alerts", "themes", "elsewhere", "outside", "signals")
    issue = drafted(*stories, signals=(rises(6),), sections=order)
    kinds = {section.theme: section.kind for section in issue.sections}
    assert list(kinds) == [
        *("agenda", "alerts", "energie", "maritime", "cyber", "elsewhere", "outside", "signals")
    ]
    assert kinds["agenda"] is SectionKind.AGENDA
    assert kinds["energie"] is SectionKind.THEME
    assert issue.sections[0].labels["de"] == "Termine"


def test_a_section_that_the_edition_leaves_out_claims_nothing(candidate: Make) -> None:
    stories = (candidate(1, **AWAY), candidate(2, title="Salon", dates=spoken()))
    issue = drafted(*stories, sections=("themes",))
    assert {item.section for item in issue.items} == {"energie"}


def test_what_has_no_room_in_its_section_falls_to_its_theme(candidate: Make) -> None:
    stories = [candidate(n, **AWAY) for n in (1, 2, 3)]
    issue = drafted(*stories, sizes=Sizes(elsewhere=2))
    assert [item.section for item in issue.items] == ["energie", "elsewhere", "elsewhere"]


def test_a_signal_shows_the_best_evidence_that_stands_nowhere_else(candidate: Make) -> None:
    stories = (candidate(1, articles=(1,)), *(candidate(n, articles=(n,), **OFF) for n in (2, 3)))
    both = replace(rises(1), articles=(1, 2, 3))
    issue = drafted(*stories, signals=(both, rises(3, Strength.WEAK, "lithium")))
    assert placed(issue) == [("energie", 1, 1), ("signals", 1, 2), ("signals", 2, 3)]
    assert [item.strength for item in issue.items] == [None, Strength.RISING, Strength.WEAK]
    assert issue.items[1].why.startswith("signal montant «\u00a0vanadium\u00a0», 4 sources")


def test_one_signal_brings_one_story(candidate: Make) -> None:
    stories = [candidate(n, articles=(n,), **OFF) for n in (1, 2, 3)]
    signal = replace(rises(1), articles=(3, 1, 2))
    assert placed(drafted(*stories, signals=(signal,))) == [("signals", 1, 3)]


def test_the_agenda_is_in_order_of_its_days_what_is_kept_first(candidate: Make) -> None:
    days = {1: 30, 2: 5, 3: 12}
    stories = [
        candidate(
            n,
            title="Forum de l'énergie",
            dates=spoken(day=NOW.date() + timedelta(days=ahead)),
            verdict=Verdict.KEEP if n == 3 else None,
        )
        for n, ahead in days.items()
    ]
    issue = drafted(*stories)
    assert [item.article for item in issue.items] == [3, 2, 1]
    assert issue.items[0].happens == NOW.date() + timedelta(days=12)


@pytest.mark.parametrize(
    ("case", "edits", "expected"),
    [
        ("nothing said", (), [("energie", 1, 1), ("energie", 2, 2)]),
        ("what is dropped is out", (say(1, "stands", "drop"),), [("energie", 1, 2)]),
        (
            "what is pinned comes first",
            (say(2, "stands", "keep"),),
            [("energie", 1, 2), ("energie", 2, 1)],
        ),
        (
            "a word is taken back by a later one",
            (say(1, "stands", "drop"), say(1, "stands", "")),
            [("energie", 1, 1), ("energie", 2, 2)],
        ),
        (
            "what is moved stands where it was moved to",
            (say(1, "section", "cyber"),),
            [("energie", 1, 2), ("cyber", 1, 1)],
        ),
        (
            "what is moved to a section that is no more stands where it would",
            (say(1, "section", "sport"),),
            [("energie", 1, 1), ("energie", 2, 2)],
        ),
        (
            "a rank is kept",
            (say(1, "rank", "2"),),
            [("energie", 1, 2), ("energie", 2, 1)],
        ),
        (
            "a rank in the former section says nothing of the new one",
            (say(1, "rank", "1"), say(1, "section", "outside")),
            [("energie", 1, 2), ("outside", 1, 1)],
        ),
    ],
)
def test_what_people_say_survives_a_new_draft(
    case: str, edits: tuple[Edit, ...], expected: list[tuple[str, int, int]], candidate: Make
) -> None:
    stories = (candidate(1, sources=("a", "b", "c")), candidate(2))
    assert placed(drafted(*stories, edits=edits)) == expected, case
    assert drafted(*stories, edits=edits) == drafted(*stories[::-1], edits=edits)


def test_a_pinned_story_stands_in_the_issue_whatever_its_date(candidate: Make) -> None:
    old = candidate(1, published=START - timedelta(days=90))
    assert placed(drafted(old)) == []
    issue = drafted(old, edits=(say(1, "stands", "keep", "lh"),))
    assert placed(issue) == [("energie", 1, 1)]
    assert issue.items[0].why.startswith("mis dans ce numéro par lh")


def test_what_a_person_wants_is_never_cut(candidate: Make) -> None:
    stories = [candidate(n, sources=("a", "b", "c")) for n in range(1, 6)]
    edits = (say(4, "stands", "keep"), say(5, "section", "energie"))
    issue = drafted(*stories, edits=edits, items_per_theme=1)
    assert {item.article for item in issue.items} == {4, 5}


def test_comment_grades_and_place_are_peoples_and_the_machine_fills_none(candidate: Make) -> None:
    edits = (
        say(1, "comment", "À suivre"),
        say(1, "credibility", "2"),
        say(1, "tlp", "TLP:GREEN"),
        say(1, "nuts", "FRD22"),
        say(1, "place", "Seine-Maritime"),
    )
    one, other = drafted(candidate(1), candidate(2), edits=edits).items
    assert (one.comment, one.credibility, one.tlp) == ("À suivre", "2", Tlp.GREEN)
    assert (one.place, one.nuts) == ("Seine-Maritime", "FRD22")
    assert (other.comment, other.credibility, other.tlp) == ("", "", Tlp.CLEAR)


def test_an_issuers_label_is_never_made_less_restrictive(candidate: Make) -> None:
    advisory = candidate(1, notice=notice("critical", tlp=Tlp.AMBER))
    issue = drafted(advisory, edits=(say(1, "tlp", "TLP:GREEN"),))
    assert issue.items[0].tlp is Tlp.AMBER


def test_every_reason_is_said_in_every_language(candidate: Make) -> None:
    stories = (
        candidate(1, **AWAY),
        candidate(2, title="Salon", dates=spoken(), contributor="Port de X"),
        candidate(3, notice=notice("critical", sent=True)),
        candidate(4, articles=(4,), **OFF),
        candidate(5),
    )
    edits = (say(5, "section", "maritime"), say(5, "stands", "keep"))
    french = drafted(*stories, signals=(rises(4, Strength.STRONG),), edits=edits)
    labels = {section.theme: section.labels for section in french.sections}
    for language in ("nl", "de", "en"):
        told = drafted(
            *stories, signals=(rises(4, Strength.STRONG),), edits=edits, language=language
        )
        for one, other in zip(french.items, told.items, strict=True):
            assert one.why != other.why
            assert retell(one.why, labels, language) == other.why
            assert retell(other.why, labels, "fr") == one.why


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("Appel à projets régional", "appel à projets"),
        ("Un webinaire sur NIS2", "webinaire"),
        ("Oproep voor bedrijven", "oproep"),
        ("Studiedag in Gent", "studiedag"),
        ("Anhörung zum Gesetz", "anhörung"),
        ("Call for proposals opens", "call for proposals"),
        ("Le salonard de Caen", ""),
        ("Vente de salons de jardin", "salons"),  # a word with two lives: a person drops it
        ("", ""),
    ],
)
def test_words_of_something_to_attend(text: str, cue: str) -> None:
    assert attended(text) == cue


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("La région lance un fonds", "lance"),
        ("Groningen start met proeftuin", "start met"),
        ("Pilotprojekt in Aachen", "pilotprojekt"),
        ("Ghent unveils a test bed", "unveils"),
        ("Le relancement du débat", ""),
    ],
)
def test_words_of_something_new(text: str, cue: str) -> None:
    assert launched(text) == cue


def test_the_first_day_to_come_is_announced() -> None:
    today = date(2026, 11, 20)
    dates = tuple(Spoken(date(2026, 12, day), "atelier", in_title=False) for day in (9, 3))
    found = announced("Atelier", dates, today, today + timedelta(days=366))
    assert found is not None
    assert (found.day, found.in_title) == (date(2026, 12, 3), True)
    assert announced("Atelier", dates, date(2026, 12, 9), date(2027, 1, 1)) is None


# ------------------------------------------------------------------- on a draft that is there


def test_words_are_put_on_a_draft_without_choosing_anew(candidate: Make) -> None:
    issue = drafted(*(candidate(n) for n in (1, 2, 3)))
    edits = (
        say(2, "comment", "Noté"),
        say(3, "rank", "1"),
        say(1, "stands", "drop"),
        say(9, "stands", "keep"),
    )
    after = edited(issue, edits)
    assert placed(after) == [("energie", 1, 3), ("energie", 2, 2)]
    assert after.items[1].comment == "Noté"
    assert edited(after, edits) == after


def test_a_comment_can_be_taken_back(candidate: Make) -> None:
    issue = drafted(candidate(1), edits=(say(1, "comment", "Noté"),))
    assert edited(issue, (say(1, "comment", "Noté"), say(1, "comment", ""))).items[0].comment == ""


def test_a_correction_is_the_next_revision_with_a_line_that_says_what(candidate: Make) -> None:
    issue = drafted(candidate(1))
    at = datetime(2027, 2, 1, tzinfo=UTC)
    after = corrected(issue, " Lire\n30 MW ", at)
    assert (after.revision, after.errata[0].revision, after.errata[0].text) == (2, 2, "Lire 30 MW")
    assert after.items == issue.items
    again = corrected(after, "Encore", at)
    assert (again.revision, [one.text for one in again.errata]) == (2, ["Lire 30 MW", "Encore"])
    published = replace(after, template="0.1.0-abc")
    assert corrected(published, "Encore", at).revision == 3


@pytest.mark.parametrize(
    ("why", "language", "said"),
    [
        ("démenti.", "fr", "Retiré par sa source, S\u00a0: «\u00a0Titre 1\u00a0» (démenti)."),
        ("", "de", "Von der Quelle zurückgezogen, S: „Titre 1“."),
    ],
)
def test_what_its_source_took_back_is_told(
    why: str, language: str, said: str, candidate: Make
) -> None:
    item = replace(drafted(candidate(1)).items[0], source="S")
    assert withdrawn(item, why, language) == said


def test_an_unknown_field_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="no field"):
        wishes([Edit("s", "colour", "red", "mc", NOW)])
    assert wishes([]) == {}
    assert not Wish().keeps
