"""The doctrine of alerts: once for each (reference, revision), and one for one matter."""

from __future__ import annotations

from dataclasses import replace

import pytest
from digest_alert_cases import (
    DAY,
    EVERYTHING,
    HOUR,
    NOW,
    advisory,
    after,
    carried,
    fact,
    hows,
    look,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.alerts.decide import decide, growth_step
from digest.alerts.same import is_earlier
from vigie.alerting import When
from vigie.model import Alertable, AlertKind, How, Rights, Severity, Tlp, WordHit

FIRST = fact(1, advisory())
MAKER = {"issuer": "Fortinet PSIRT", "reference": "FG-IR-26-001", "severity": ""}


def news(number: int = 5, **more: object) -> Alertable:
    return fact(number, None, **{"words": (WordHit("news", "mots"),), "story": "s-1", **more})


def test_an_advisory_is_alerted_once_however_often_it_is_fetched() -> None:
    first = look(FIRST)
    assert hows(first) == [How.NEW]
    known = after(first)
    again = look(replace(FIRST, article=9, public_id="a-9", source="other"), known=known)
    assert (hows(again), again.alerts) == ([How.AGAIN], ())


def test_a_new_revision_is_one_update_that_says_what_changed() -> None:
    known = after(look(FIRST))
    second = look(fact(1, advisory(revision="2026-11-19"), revision=2), known=known)
    (alert,) = second.alerts
    assert (hows(second), alert.revision) == ([How.UPDATE], 2)
    assert "2026-11-19" in alert.changed
    third = look(fact(1, advisory(revision="2026-11-19"), revision=2), known=after(second, *known))
    assert hows(third) == [How.AGAIN]


def test_an_earlier_revision_that_comes_late_sends_nothing() -> None:
    known = after(look(FIRST))
    late = look(fact(1, advisory(revision="2026-11-17")), known=known)
    assert (hows(late), late.alerts) == ([How.OLD], ())


def test_a_revision_that_no_longer_meets_the_rule_still_tells_those_who_were_told() -> None:
    known = after(look(FIRST))
    less = advisory(revision="2026-11-19", risks=(), vendors=("Autre",), severity="none")
    (alert,) = look(fact(1, less, revision=2), known=known).alerts
    assert (alert.revision, alert.vendors, alert.severity) == (2, ("Autre",), Severity.NONE)
    assert [match.rule for match in alert.matches] == ["all"]


def test_two_issuers_on_one_matter_are_one_alert_that_names_both() -> None:
    both = look(FIRST, fact(2, advisory(**MAKER), published=NOW))
    (alert,) = both.alerts
    assert hows(both) == [How.NEW, How.JOINED]
    assert [one.issuer for one in alert.advisories] == ["CERT-FR", "Fortinet PSIRT"]
    assert alert.revision == 1


def test_a_later_issuer_joins_in_silence_and_is_named_from_then_on() -> None:
    known = after(look(FIRST))
    later = look(fact(2, advisory(**MAKER)), known=known, now=NOW + DAY)
    (alert,) = later.alerts
    assert (hows(later), alert.revision, len(alert.advisories)) == ([How.JOINED], 1, 2)


def test_a_later_issuer_that_finds_it_graver_is_one_update() -> None:
    known = after(look(FIRST))
    graver = {**MAKER, "severity": "critical"}
    later = look(fact(2, advisory(**graver)), known=known, now=NOW + DAY)
    (alert,) = later.alerts
    assert (hows(later), alert.revision, alert.severity) == ([How.UPDATE], 2, Severity.CRITICAL)
    assert "Fortinet PSIRT" in alert.changed


def test_a_further_advisory_of_the_same_issuer_that_cites_the_first_is_one_update() -> None:
    known = after(look(FIRST))
    second = fact(2, advisory(2), cites=("CERTFR-2026-AVI-0001",))
    (alert,) = look(second, known=known, now=NOW + DAY).alerts
    assert (alert.revision, len(alert.advisories)) == (2, 2)
    assert "CERTFR-2026-AVI-0002" in alert.changed


@pytest.mark.parametrize(
    ("said", "cites", "one"),
    [
        (MAKER, (), True),
        ({**MAKER, "cves": ("CVE-1999-0001",)}, (), False),
        ({**MAKER, "cves": ()}, (), False),
        ({**MAKER, "cves": ()}, ("CERTFR-2026-AVI-0001",), True),
        ({**MAKER, "vendors": ("SUSE",)}, (), False),
        ({**MAKER, "vendors": ()}, (), True),
        ({**MAKER, "vendors": ("FORTINET INC",)}, (), True),
        ({**MAKER, "cves": tuple(f"CVE-2026-{1001 + n}" for n in range(50))}, (), True),
        ({"reference": "CERTFR-2026-AVI-0002"}, (), False),
        ({"reference": "CERTFR-2026-AVI-0002"}, ("CERTFR-2026-AVI-0001",), True),
        (
            {**MAKER, "cves": ()},
            ("CERTFR-2026-AVI-0001", "X-1", "X-2", "X-3"),
            False,
        ),
    ],
    ids=[
        *("a common CVE and vendor", "other CVEs", "no CVE", "it cites the other"),
        *("another vendor's", "no vendor said", "the vendor by a longer name"),
        *("one of one in fifty", "the same issuer", "the same issuer, citing"),
        "a summary that cites many",
    ],
)
def test_what_makes_two_advisories_one_matter(
    said: dict[str, object], cites: tuple[str, ...], one: bool
) -> None:
    found = look(FIRST, fact(2, advisory(**said), published=NOW, cites=cites))
    assert len(found.alerts) == (1 if one else 2)


def test_a_few_shared_numbers_of_long_lists_are_not_one_matter() -> None:
    first = fact(1, advisory(cves=tuple(f"CVE-2026-{n}" for n in range(2000, 2100))))
    cves = tuple(f"CVE-2026-{n}" for n in range(2080, 2180))
    assert len(look(first, fact(2, advisory(**{**MAKER, "cves": cves}))).alerts) == 2


def test_a_matter_is_merged_only_while_it_is_recent() -> None:
    known = after(look(FIRST))
    much_later = NOW + 40 * DAY
    second = fact(2, advisory(**MAKER), published=much_later)
    assert hows(look(second, known=known, now=much_later)) == [How.NEW]
    assert hows(look(second, known=known, now=much_later, merge_days=60)) == [How.JOINED]


def test_revisions_of_a_merged_advisory_are_updates_too() -> None:
    both = after(look(FIRST, fact(2, advisory(**MAKER), published=NOW)))
    newer = fact(2, advisory(**{**MAKER, "revision": "2026-11-20"}), revision=2)
    (alert,) = look(newer, known=both, now=NOW + DAY).alerts
    assert (alert.revision, len(alert.advisories)) == (2, 2)
    assert {one.revision for one in alert.advisories} == {"2026-11-18", "2026-11-20"}


@pytest.mark.parametrize(
    ("published", "revision", "seen", "how"),
    [
        (NOW - DAY, "1", 1, How.NEW),
        (NOW - 30 * DAY, "1", 1, How.OLD),
        (NOW - 30 * DAY, "2026-11-17", 1, How.NEW),
        (NOW - 30 * DAY, "2026-13-77", 1, How.OLD),
        (NOW - 30 * DAY, "1", 2, How.NEW),
    ],
    ids=["of yesterday", "of last month", "revised yesterday", "no date", "revised under our eyes"],
)
def test_old_news_makes_no_new_alert(published: object, revision: str, seen: int, how: How) -> None:
    one = fact(1, advisory(revision=revision), published=published, revision=seen)
    assert hows(look(one)) == [how]


def test_what_is_from_before_the_first_look_makes_no_alert() -> None:
    rules, one = [EVERYTHING], fact(1, advisory(revision="1"), published=NOW - 2 * DAY)
    assert hows(decide([one], rules, (), When(), 40, NOW, NOW - DAY)) == [How.OLD]
    assert hows(decide([one], rules, (), When(), 40, NOW, NOW - 3 * DAY)) == [How.NEW]


def test_what_meets_no_rule_is_noted_and_sends_nothing() -> None:
    found = look(fact(1, advisory(risks=(), severity="none")))
    assert (hows(found), found.alerts, found.notes[0].why) == ([How.NONE], (), "no rule")


def test_an_advisory_without_a_revision_is_known_by_our_own() -> None:
    first = fact(1, advisory(revision=""))
    known = after(look(first))
    assert hows(look(first, known=known)) == [How.AGAIN]
    assert hows(look(replace(first, revision=2), known=known)) == [How.UPDATE]


def test_one_reference_of_two_issuers_is_two_things() -> None:
    other = fact(2, advisory(issuer="CERT-EU", cves=("CVE-1999-1",)), published=NOW)
    assert len(look(FIRST, other).alerts) == 2


def test_a_label_of_the_issuer_is_the_alerts() -> None:
    (alert,) = look(fact(1, advisory(tlp=Tlp.AMBER))).alerts
    assert alert.tlp is Tlp.AMBER


# ------------------------------------------------------------------------------------ stories


def test_a_story_is_alerted_once_and_again_at_each_step_of_its_growth() -> None:
    known = after(look(news(carried=carried(2))))
    told = []
    for number, sources in enumerate((3, 4, 5, 7, 9, 10, 19, 20, 21), 6):
        found = look(news(number, carried=carried(sources)), known=known)
        known = after(found, *known)
        if hows(found) == [How.UPDATE]:
            told.append(sources)
    assert told == [5, 10, 20]
    assert known[0].alert.revision == 4


def test_a_story_that_was_regrouped_is_known_by_its_articles() -> None:
    known = after(look(news(5)))
    moved = look(news(5, story="s-2", revision=2), known=known)
    assert hows(moved) == [How.JOINED]


def test_an_old_article_that_is_touched_up_is_no_news() -> None:
    old = news(5, published=NOW - 300 * DAY, revision=2)
    assert hows(look(old)) == [How.OLD]


def test_press_on_an_alerted_number_is_a_story_of_its_own() -> None:
    known = after(look(FIRST))
    found = look(news(5, cves=("CVE-2026-1001",)), known=known)
    assert [alert.kind for alert in found.alerts] == [AlertKind.STORY]


@pytest.mark.parametrize(
    ("sources", "step"), [(0, 0), (4, 0), (5, 1), (9, 1), (10, 2), (19, 2), (20, 3), (40, 4)]
)
def test_steps_double(sources: int, step: int) -> None:
    assert growth_step(sources, 5) == step


@pytest.mark.parametrize(
    ("rights", "words"), [(Rights.LINK, 0), (Rights.EXCERPT, 40), (Rights.FULL, 80)]
)
def test_an_alert_quotes_within_the_sources_rights(rights: Rights, words: int) -> None:
    long = fact(1, advisory(), rights=rights, summary="mot " * 200)
    (alert,) = look(long).alerts
    assert len(alert.excerpt.split()) == words


@pytest.mark.parametrize(
    ("one", "other", "earlier"),
    [
        ("2024-02-15", "2024-02-15.2", True),
        ("2024-02-15.2", "2024-02-15", False),
        ("1.9", "1.10", True),
        ("2", "10", True),
        ("final", "2", False),
        ("", "1", False),
        ("1", "1", False),
    ],
)
def test_revisions_are_in_order_by_their_numbers(one: str, other: str, earlier: bool) -> None:
    assert is_earlier(one, other) is earlier


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 3), st.integers(1, 3), st.sampled_from(("CERT-FR", "Maker"))),
        min_size=1,
        max_size=8,
    )
)
def test_whatever_comes_each_reference_and_revision_is_dealt_with_once(
    coming: list[tuple[int, int, str]],
) -> None:
    facts = [
        fact(
            place,
            advisory(number, f"2026-11-{10 + n}", issuer=issuer),
            published=NOW - HOUR,
        )
        for place, (number, n, issuer) in enumerate(coming)
    ]
    known = after(look(*facts))
    again = look(*facts, known=known)
    assert again.alerts == ()
    assert set(hows(again)) <= {How.AGAIN}
    names = [seen for one in known for seen in one.seen]
    assert len(names) == len(set(names))
    assert EVERYTHING.severity is Severity.LOW
