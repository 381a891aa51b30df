"""The same text at many sources: shown with its order, its network and its doubts, never judged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from enrich.coordination import coordinated
from vigie.model import CarriedText, Coordinated
from vigie.schema import Coordination

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
TEXT = (
    "Le parc éolien au large de Dieppe menacerait selon une étude inconnue les pêcheurs normands, "
    "les oiseaux migrateurs et les plages, affirme un collectif créé la semaine dernière à Rouen."
)
PLACES = ("phare", "cap", "quai", "digue")


def text(source: str, minutes: float, **more: object) -> CarriedText:
    given: dict[str, object] = {
        "article": hash((source, minutes)) % 10**9,
        "public_id": f"a-{source}-{minutes:g}",
        "group": "d-1",
        "source": source,
        "source_title": source.title(),
        "address": f"https://www.{source}.example/{minutes:g}",
        "homepage": "",
        "published": NOW + timedelta(minutes=minutes),
        "dated": True,
        "title": f"Titre de {source}",
        "text": TEXT,
    }
    return CarriedText(**(given | more))  # type: ignore[arg-type]  # fields by name


def found(*texts: CarriedText, **settings: float) -> Coordinated:
    printed = dict.fromkeys({one.source for one in texts}, 50)
    given = Coordination(**settings)  # type: ignore[arg-type]  # fields by name
    return coordinated(texts, printed, ["AFP", "Agence France-Presse"], given)


def four(**more: object) -> list[CarriedText]:
    return [text(source, 20 * n, **more) for n, source in enumerate(PLACES)]


@pytest.mark.parametrize(
    ("texts", "cases"),
    [
        pytest.param(four(), 1, id="four within an hour"),
        pytest.param(four()[:2], 0, id="two are too few"),
        pytest.param(four(agencies=("AFP",)), 0, id="agency"),
        pytest.param([*four()[:3], text("digue", 60, agencies=("AFP",))], 0, id="one credit"),
        pytest.param([*four()[:3], text("digue", 60, author="M. Petit / AFP")], 0, id="author"),
        pytest.param([text(s, 2_000 * n) for n, s in enumerate(PLACES)], 0, id="days apart"),
        pytest.param(four(text="Trois mots seulement"), 0, id="too short to show anything"),
        pytest.param(four(text="", title=""), 0, id="empty"),
        pytest.param(
            [text(s, n, text=f"{s} " * 9 + f"autre chose {s}") for n, s in enumerate(PLACES)],
            0,
            id="one group, but texts of their own",
        ),
        pytest.param([text("phare", n) for n in range(40)], 0, id="one source, forty times"),
    ],
)
def test_what_is_a_case(texts: list[CarriedText], cases: int) -> None:
    assert len(found(*texts).cases) == cases


def test_a_case_tells_the_order_of_appearance_and_what_each_is_likest_to() -> None:
    (case,) = found(*reversed(four())).cases
    assert [one.text.source for one in case.appearances] == list(PLACES)
    assert [one.after for one in case.appearances] == [timedelta(minutes=20 * n) for n in range(4)]
    assert [one.like for one in case.appearances] == ["", "a-phare-0", "a-phare-0", "a-phare-0"]
    assert "4 sources of 4 publishers within 1.0 hours" in case.why


def test_a_changed_copy_is_traced_to_the_one_that_changed_it() -> None:
    changed = TEXT.replace("Rouen", "Caen")
    (case,) = found(
        text("phare", 0), text("cap", 10, text=changed), text("quai", 20, text=changed)
    ).cases
    assert case.appearances[2].like == "a-cap-10"


def test_sources_of_one_publisher_are_said_and_are_no_edge() -> None:
    one = [
        text(f"edition{n}", n, address=f"https://e{n}.groupe.example/a", source_title=f"E {n}")
        for n in range(3)
    ]
    seen = found(*one)
    (case,) = seen.cases
    assert case.publishers == ("groupe.example",)
    assert case.related == (("E 0", "E 1", "E 2"),)
    assert "all are of one publisher" in case.why
    assert (seen.edges, seen.rates) == ((), ())


def test_without_an_address_the_declared_homepage_tells_the_publisher() -> None:
    mailed = [
        text(f"lettre{n}", n, address="", homepage="https://www.groupe.example/") for n in range(3)
    ]
    (case,) = found(*mailed).cases
    assert case.publishers == ("groupe.example",)


def test_the_network_counts_and_has_the_median_lag() -> None:
    texts = [
        text(source, base + lag, group=f"d-{base}")
        for base, lag in ((0, 10), (1000, 30), (2000, 50))
        for source, lag in (("phare", 0), ("cap", lag))
    ]
    (edge,) = found(*texts).edges
    assert (edge.first, edge.then, edge.times) == ("phare.example", "cap.example", 3)
    assert edge.lag == timedelta(minutes=30)


def test_the_copying_rate_is_of_all_that_a_source_printed() -> None:
    rates = {rate.source: rate for rate in found(*four()).rates}
    assert (rates["cap"].later, rates["cap"].first, rates["cap"].rate) == (1, 0, 0.02)
    assert (rates["phare"].later, rates["phare"].first, rates["phare"].rate) == (0, 1, 0.0)


def test_who_states_no_date_has_no_place_in_the_order_and_it_is_said() -> None:
    seen = found(*four()[:3], text("digue", 60, dated=False))
    (case,) = seen.cases
    assert case.appearances[3].after is None
    assert "1 state no date" in case.why
    assert "digue.example" not in {edge.then for edge in seen.edges}
    assert "digue" not in {rate.source for rate in seen.rates}


def test_no_word_of_a_case_is_a_verdict() -> None:
    (case,) = found(*four()).cases
    words = ("campaign", "propaganda", "coordinated", "fake", "disinformation", "copied", "stolen")
    assert not any(word in case.why.lower() for word in words)


def test_thousands_of_copies_are_looked_at_in_bounded_time() -> None:
    texts = [text(f"s{n}", n / 100) for n in range(3_000)]
    (case,) = found(*texts).cases
    assert len(case.appearances) == 200
