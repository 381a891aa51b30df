"""When a source is asked again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from collectors.due import DAY, LONGEST_WAIT, after
from collectors.rhythm import SHORTEST
from vigie.model import Failure, FailureKind, Fetched, ParsedFeed, PollState, Unparsed

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = 3600.0
START = PollState(next_due=NOW - timedelta(minutes=5), etag='"old"', last_modified="then")
GOOD = Fetched("a", "https://a.fr/feed", NOW, status=200, etag='"new"')
SAME = Fetched("a", "https://a.fr/feed", NOW, status=304)
GONE = Failure(FailureKind.HTTP, "404 Not Found", 404)
BAD = replace(GOOD, status=404, etag="", failure=GONE)
READ = ParsedFeed()
UNREAD = ParsedFeed(failure=Failure(FailureKind.NOT_A_FEED, "an HTML page"))


def waited(state: PollState) -> float:
    return (state.next_due - NOW).total_seconds()


@pytest.mark.parametrize(
    ("fetched", "parsed", "failures", "seconds"),
    [
        (GOOD, READ, 0, HOUR),
        (SAME, READ, 5, HOUR),
        (GOOD, ParsedFeed(ttl=60.0), 0, HOUR),
        (GOOD, ParsedFeed(ttl=2 * HOUR), 0, 2 * HOUR),
        (GOOD, ParsedFeed(ttl=1e9), 0, DAY),
        (BAD, READ, 0, HOUR),
        (BAD, READ, 1, 2 * HOUR),
        (BAD, READ, 3, 8 * HOUR),
        (BAD, READ, 5, DAY),
        (BAD, READ, 10_000, DAY),
        (GOOD, UNREAD, 1, 2 * HOUR),
        (replace(BAD, retry_after=30.0), READ, 0, SHORTEST),
        (replace(BAD, retry_after=1_000.0), READ, 1, 1_000.0),
        (replace(BAD, retry_after=30.0), READ, 3, 8 * HOUR),
        (replace(BAD, retry_after=5 * HOUR), READ, 0, 5 * HOUR),
        (replace(BAD, retry_after=1e12), READ, 0, LONGEST_WAIT),
    ],
)
def test_wait(fetched: Fetched, parsed: ParsedFeed, failures: int, seconds: float) -> None:
    state = after(replace(START, failures=failures), fetched, parsed, HOUR, NOW)
    assert waited(state) == seconds
    assert state.last_polled == NOW


def test_what_was_amiss_is_kept_while_nothing_new_is_read() -> None:
    part = Unparsed("b.bib, file", "too slow", b"")
    noted = after(START, GOOD, ParsedFeed(unparsed=(part, part)), HOUR, NOW)
    assert noted.notice == "b.bib, file: too slow; and 1 more"
    assert after(noted, SAME, ParsedFeed(), HOUR, NOW).notice == noted.notice
    assert after(noted, GOOD, ParsedFeed(unchanged=True), HOUR, NOW).notice == noted.notice
    assert after(noted, BAD, READ, HOUR, NOW).notice == noted.notice
    assert after(noted, GOOD, READ, HOUR, NOW).notice == ""


def test_a_success_heals() -> None:
    ill = replace(START, failures=3, failure=GONE, ill_since=NOW - timedelta(days=1))
    state = after(ill, GOOD, READ, HOUR, NOW)
    assert (state.failures, state.failure, state.ill_since) == (0, None, None)
    assert (state.last_ok, state.etag, state.last_modified) == (NOW, '"new"', "")


def test_not_modified_keeps_the_validators() -> None:
    state = after(START, SAME, READ, HOUR, NOW)
    assert (state.etag, state.last_modified, state.last_ok) == ('"old"', "then", NOW)


def test_a_failure_keeps_when_it_began_and_the_old_validators() -> None:
    first = after(START, BAD, READ, HOUR, NOW)
    assert (first.ill_since, first.failure, first.failures) == (NOW, GONE, 1)
    later = NOW + timedelta(hours=1)
    second = after(first, GOOD, UNREAD, HOUR, later)
    assert (second.ill_since, second.failure, second.failures) == (NOW, UNREAD.failure, 2)
    assert (second.etag, second.last_modified) == ('"old"', "then")
    assert second.last_ok is None


def test_a_move_is_counted_while_it_is_said() -> None:
    moved = replace(GOOD, moved_to="https://b.fr/feed")
    state = START
    for expected in (1, 2, 3):
        state = after(state, moved, READ, HOUR, NOW)
        assert (state.moved_to, state.moved_seen) == ("https://b.fr/feed", expected)
    state = after(state, replace(BAD, moved_to="https://b.fr/feed"), READ, HOUR, NOW)
    assert state.moved_seen == 3
    state = after(state, replace(moved, moved_to="https://c.fr/feed"), READ, HOUR, NOW)
    assert (state.moved_to, state.moved_seen) == ("https://c.fr/feed", 1)
    state = after(state, GOOD, READ, HOUR, NOW)
    assert (state.moved_to, state.moved_seen) == ("", 0)
