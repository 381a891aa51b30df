"""Whose fault it is when most sources fail at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from collectors.outage import Polled, excuses, is_local
from vigie.model import Failure, FailureKind, PollState

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
WELL = PollState(next_due=NOW)
ILL = PollState(next_due=NOW, failures=2)
SPARED = PollState(next_due=NOW, spared_at=NOW)
LOST = Failure(FailureKind.DNS, "the host's name could not be resolved")
BROKEN = Failure(FailureKind.MALFORMED, "malformed XML")


def run(
    lost: int, well: int, *, kinds: str = "fr be", before: PollState = WELL, failure: Failure = LOST
) -> list[Polled]:
    names = kinds.split()
    return [
        Polled(f"https://h{n}.{names[n % len(names)]}/f", before, failure if n < lost else None)
        for n in range(lost + well)
    ]


RUNS = {
    "all of five at once": (run(5, 0), None, True),
    "six of ten": (run(6, 4), None, True),
    "half is no outage": (run(5, 5), None, False),
    "four cannot bear witness": (run(4, 0), None, False),
    "a broken feed is not a broken line": (run(10, 0, failure=BROKEN), None, False),
    "those already ill say nothing": (run(8, 0, before=ILL) + run(0, 2), None, False),
    "twenty sources at one host are one host": (
        [Polled("https://a.fr/f", WELL, LOST) for _ in range(20)], None, False,
    ),
    "one country's names failing is not our line": (
        run(8, 0, kinds="fr") + run(0, 4, kinds="be"), None, False,
    ),
    "spared once, and others have answered since: their own fault": (
        run(8, 0, before=SPARED), NOW + timedelta(minutes=5), False,
    ),
    "spared once, and nobody has answered since: still our line": (
        run(8, 0, before=SPARED), NOW - timedelta(hours=1), True,
    ),
}  # fmt: skip


@pytest.mark.parametrize("sentence", RUNS)
def test_a_run(sentence: str) -> None:
    polled, last_success, local = RUNS[sentence]
    assert is_local(polled, last_success) is local


def test_an_outage_excuses_the_unreached_ill_or_well_and_nobody_else() -> None:
    assert excuses(Polled("https://a.fr/", WELL, LOST), None)
    assert excuses(Polled("https://a.fr/", ILL, LOST), None)
    assert not excuses(Polled("https://a.fr/", WELL, BROKEN), None)
    assert not excuses(Polled("https://a.fr/", WELL, None), None)
    assert not excuses(Polled("https://a.fr/", SPARED, LOST), NOW + timedelta(minutes=1))
