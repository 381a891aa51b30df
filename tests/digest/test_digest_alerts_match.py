"""What makes a rule hold: all that it names, and of each list any one; and how grave a thing is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from digest_alert_cases import NOW, advisory, carried, fact

from digest.alerts.match import grown, matches, same_name
from digest.alerts.severity import at_least, grade
from vigie.alerting import AlertRule
from vigie.model import Advisory, Alertable, Severity, WordHit

PLAIN = fact(1, advisory())
NEWS = fact(2, carried=carried(5, hours=2))


def rule(**said: object) -> AlertRule:
    return AlertRule.model_validate({"id": "r", **said})


@pytest.mark.parametrize(
    ("what", "said", "holds"),
    [
        (PLAIN, {"vendors": ["Fortinet"]}, True),
        (PLAIN, {"vendors": ["fortinet, inc."]}, True),
        (PLAIN, {"vendors": ["Fort"]}, False),
        (PLAIN, {"vendors": ["Microsoft", "FORTINET"]}, True),
        (PLAIN, {"vendors": ["Fortinet"], "severity": "critical"}, False),
        (PLAIN, {"vendors": ["Fortinet"], "severity": "high"}, True),
        (PLAIN, {"products": ["fortios"]}, True),
        (PLAIN, {"products": ["FortiManager"]}, False),
        (PLAIN, {"risks": ["Code arbitraire"]}, True),
        (PLAIN, {"risks": ["déni de service"]}, False),
        (PLAIN, {"cves": ["CVE-2026-1001"]}, True),
        (PLAIN, {"cves": ["CVE-2026-*"]}, True),
        (PLAIN, {"cves": ["CVE-2026-10*"]}, True),
        (PLAIN, {"cves": ["CVE-2025-*"]}, False),
        (PLAIN, {"themes": ["cyber"]}, True),
        (PLAIN, {"themes": ["energy"]}, False),
        (PLAIN, {"entities": ["anssi"]}, True),
        (PLAIN, {"territories": ["FRD2"]}, True),
        (PLAIN, {"territories": ["FRD1", "BE"]}, False),
        (PLAIN, {"sources": ["cert"]}, True),
        (PLAIN, {"sources": ["maker"]}, False),
        (PLAIN, {"words": ["mots"]}, False),
        (replace(PLAIN, words=(WordHit("r", "mots"),)), {"words": ["mots"]}, True),
        (replace(PLAIN, cves=("CVE-2020-1",)), {"cves": ["CVE-2020-1"]}, True),
        (NEWS, {"vendors": ["Fortinet"]}, False),
        (NEWS, {"severity": "low"}, False),
        (NEWS, {"themes": ["cyber"]}, True),
        (NEWS, {"themes": ["cyber"], "advisories": True}, False),
        (NEWS, {"growth": {"sources": 5, "hours": 24}}, True),
        (NEWS, {"growth": {"sources": 5, "hours": 7}}, False),
        (NEWS, {"growth": {"sources": 4, "hours": 7}}, True),
        (PLAIN, {"vendors": ["Fortinet"], "active": False}, False),
        (fact(3, advisory(vendors=())), {"vendors": ["Titre"]}, True),
        (fact(3, advisory(vendors=("X",))), {"vendors": ["Titre"]}, False),
    ],
)
def test_a_rule_holds_where_all_that_it_names_is_there(
    what: Alertable, said: dict[str, object], holds: bool
) -> None:
    assert bool(matches(what, [rule(**said)])) is holds


def test_a_match_says_which_rule_and_which_words_made_it() -> None:
    both = rule(vendors=["Fortinet"], territories=["FRD"], title="Réseaux")
    (found,) = matches(PLAIN, [both])
    assert found.name == "Réseaux"
    said = [(one.condition, one.found) for one in found.because]
    assert said == [("territories", "Rouen (FRD22)"), ("vendors", "Fortinet")]


def test_rules_stand_side_by_side() -> None:
    every = [rule(id="a", cves=["CVE-1999-1"]), rule(id="b", themes=["cyber"])]
    assert [match.rule for match in matches(PLAIN, every)] == ["b"]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Siemens", "SIEMENS AG", True),
        ("Red Hat", "Red", True),
        ("Micro Focus", "Microsoft", False),
        ("Élastic", "elastic", True),
        ("", "Fortinet", False),
        ("Palo Alto Networks", "Palo Alto", True),
    ],
)
def test_vendors_are_one_where_one_begins_with_the_other(one: str, other: str, same: bool) -> None:
    assert same_name(one, other) is same
    assert same_name(other, one) is same


@pytest.mark.parametrize(
    ("said", "severity", "why"),
    [
        ({"severity": "critical"}, "critical", "critical"),
        ({"severity": "Important"}, "high", "Important"),
        ({"severity": "hoch"}, "high", "hoch"),
        ({"severity": ""}, "high", "Exécution de code arbitraire à distance"),
        (
            {"risks": ("Déni de service", "Exécution de code arbitraire")},
            *("high", "Exécution de code arbitraire"),
        ),
        ({"risks": ("Élévation de privilèges",)}, "medium", "Élévation de privilèges"),
        ({"risks": ("Non spécifié par l'éditeur",)}, "", ""),
        ({"risks": ()}, "", ""),
        ({"reference": "CERTFR-2026-ALE-003", "risks": ()}, "critical", "ALE"),
        ({"severity": "weird", "risks": ()}, "", ""),
    ],
)
def test_severity_is_cvss_or_the_issuers_words_and_says_which(
    said: dict[str, object], severity: str, why: str
) -> None:
    found, because = grade(advisory(**said))
    assert found.value == severity
    assert why in because


@pytest.mark.parametrize(
    ("found", "least", "passes"),
    [
        ("", "", True),
        ("", "medium", True),
        ("", "high", False),
        ("high", "high", True),
        ("medium", "high", False),
        ("none", "low", False),
        ("critical", "low", True),
    ],
)
def test_what_nobody_graded_passes_for_medium(found: str, least: str, passes: bool) -> None:
    assert at_least(Severity(found), Severity(least)) is passes


def test_growth_counts_each_source_once_before_the_newest_article() -> None:
    twice = (*carried(3, hours=1), *carried(3, hours=1))
    assert grown(twice, 24) == 3
    assert grown(twice, 1.5) == 2
    assert grown((), 24) == 0
    assert NEWS.carried[0].at == NOW
    assert NEWS.carried[4].at == NOW - timedelta(hours=8)


def test_an_empty_rule_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one of"):
        rule(advisories=True)
    assert Advisory("r", "1", "i").cves == ()
