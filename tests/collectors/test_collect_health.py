"""How a source is, in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from collectors.health import changes, judge, span
from vigie.model import Failure, FailureKind, HealthState, PollState, SourceFacts

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
DAY = timedelta(days=1)
S = HealthState
WELL = PollState(next_due=NOW, last_polled=NOW, last_ok=NOW, norm=86_400.0, last_item=NOW - DAY)
FACTS = SourceFacts("a", True, "daily", NOW - 100 * DAY, WELL)


def quiet(days: float, norm_days: float | None = 1.0) -> PollState:
    norm = norm_days * 86_400 if norm_days else None
    return replace(WELL, last_item=NOW - days * DAY, norm=norm)


def failing(kind: FailureKind, status: int = 0) -> PollState:
    failure = Failure(kind, f"{status} it says", status)
    return replace(WELL, failures=3, failure=failure, ill_since=NOW - 2 * DAY)


GONE = replace(failing(FailureKind.HTTP, 410), retired_at=NOW, retired_why="410 Gone")
CASES = {
    "something came yesterday: well": (WELL, S.WELL, None),
    "nothing for three days of a daily source: still well": (quiet(3), S.WELL, None),
    "nothing for four: late, since the third": (quiet(4), S.LATE, NOW - DAY),
    "nothing for eleven: silent, since the tenth": (quiet(11), S.SILENT, NOW - DAY),
    "an hourly source is not late over night": (quiet(0.5, 1 / 24), S.WELL, None),
    "but is after a day": (quiet(1.5, 1 / 24), S.LATE, NOW - 0.5 * DAY),
    "and is silent after a weekend": (quiet(4, 1 / 24), S.SILENT, NOW - DAY),
    "a monthly one may be quiet for 80 days": (quiet(80, 30), S.WELL, None),
    "after 91 it is silent": (quiet(91, 30), S.SILENT, NOW - DAY),
    "a weekly one is silent after 60 days, not 70": (quiet(61, 7), S.SILENT, NOW - DAY),
    "without a norm, the declared rhythm judges": (quiet(4, None), S.LATE, NOW - DAY),
    "never polled": (PollState(next_due=NOW), S.NEW, None),
    "it answers, but never gave anything": (
        replace(WELL, last_item=None, norm=None), S.SILENT, NOW - 90 * DAY,
    ),
    "403: it refuses": (failing(FailureKind.HTTP, 403), S.REFUSED, NOW - 2 * DAY),
    "401: it refuses": (failing(FailureKind.HTTP, 401), S.REFUSED, NOW - 2 * DAY),
    "robots.txt: it refuses": (failing(FailureKind.ROBOTS), S.REFUSED, NOW - 2 * DAY),
    "500: ill": (failing(FailureKind.HTTP, 500), S.ILL, NOW - 2 * DAY),
    "410: retired": (GONE, S.RETIRED, NOW),
    "moved for good": (
        replace(WELL, url="https://b.fr/", moved_at=NOW - DAY), S.MOVED, NOW - DAY,
    ),
    "moved, and late there: late": (replace(quiet(4), url="https://b.fr/"), S.LATE, NOW - DAY),
}  # fmt: skip


@pytest.mark.parametrize(
    ("until", "note", "state", "why"),
    [
        (date(2026, 3, 5), "", S.PAUSED, "until 2026-03-05"),
        (date(9999, 12, 31), "refonte", S.PAUSED, "until it is resumed: refonte"),
        (date(2026, 3, 4), "refonte", S.ILL, "500 it says (3 times in a row)"),
        (None, "refonte", S.ILL, "500 it says (3 times in a row)"),
    ],
)
def test_a_pause_hides_what_is_ill_and_says_since_when_and_why(
    until: date | None, note: str, state: HealthState, why: str
) -> None:
    ill = replace(FACTS, state=failing(FailureKind.HTTP, 500))
    facts = replace(ill, paused_until=until, stopped_at=NOW - DAY, note=note)
    health = judge(facts, NOW)
    assert (health.state, health.why) == (state, why)
    assert health.since == (NOW - DAY if state is S.PAUSED else NOW - 2 * DAY)


def test_what_is_taken_out_says_why_and_what_is_well_says_what_is_amiss() -> None:
    out = judge(replace(FACTS, active=False, stopped_at=NOW, note="le site a fermé"), NOW)
    assert (out.state, out.since, out.why) == (S.RETIRED, NOW, "le site a fermé")
    noted = judge(replace(FACTS, state=replace(WELL, notice="b.bib, file: too slow")), NOW)
    assert (noted.state, noted.why) == (S.WELL, "b.bib, file: too slow")


@pytest.mark.parametrize("sentence", CASES)
def test_health(sentence: str) -> None:
    state, expected, since = CASES[sentence]
    health = judge(replace(FACTS, state=state), NOW)
    assert (health.state, health.since) == (expected, since)
    assert bool(health.why) is (expected not in (S.WELL, S.NEW))


def test_a_source_that_left_the_file_is_retired() -> None:
    assert judge(replace(FACTS, active=False), NOW).state is S.RETIRED


def test_only_what_changed_is_told() -> None:
    after = [
        judge(replace(FACTS, source=name, state=state), NOW)
        for name, state in {
            "well": WELL,
            "new": PollState(next_due=NOW),
            "ill-again": failing(FailureKind.HTTP, 500),
            "ill-now": failing(FailureKind.HTTP, 500),
            "healed": WELL,
            "worse": quiet(11),
        }.items()
    ]
    before = {"ill-again": S.ILL, "healed": S.REFUSED, "worse": S.LATE, "well": S.WELL}
    told = {change.health.source: change.before for change in changes(before, after)}
    assert told == {"ill-now": S.WELL, "healed": S.REFUSED, "worse": S.LATE}


def test_spans_are_said_as_people_say_them() -> None:
    assert [span(s) for s in (20, 600, 7_200, 86_400, 200_000)] == [
        "a minute", "10 minutes", "2 hours", "24 hours", "2 days",
    ]  # fmt: skip
