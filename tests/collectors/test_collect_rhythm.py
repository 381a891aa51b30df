"""How often a source is asked: its own rhythm, what it asks for, and when to distrust it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors import due, rhythm, skips
from collectors.outcome import fresh_for
from collectors.rhythm import DAY, HOUR, LONGEST, SHORTEST, interval, learned, norm
from vigie.model import Failure, FailureKind, Fetched, Item, ParsedFeed, PollState

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)  # a Wednesday
_FIRST, _LAST = datetime(1990, 1, 1), datetime(2040, 1, 1)  # noqa: DTZ001  hypothesis adds the zone
BLANK = PollState(next_due=NOW)
GOOD = Fetched("a", "https://a.fr/feed", NOW, status=200, etag='"e"')
SAME = replace(GOOD, status=304)
READ = ParsedFeed()


def every(hours: float, count: int, last: datetime = NOW) -> list[datetime]:
    return [last - timedelta(hours=hours * n) for n in range(count)]


def items(dates: list[datetime]) -> list[Item]:
    return [Item(f"https://a.fr/{n}", "", "", "t", "", published=d) for n, d in enumerate(dates)]


RHYTHMS = {
    "an hourly source is asked every half hour": (every(1, 30), "daily", 0.5 * HOUR),
    "a daily one twice a day": (every(24, 10), "hourly", 12 * HOUR),
    "a wire service no more often than every ten minutes": (every(0.05, 40), "daily", SHORTEST),
    "a monthly one once a day": (every(720, 12), "daily", LONGEST),
    "ten items at eight o'clock are one a day": (
        [NOW - timedelta(days=d, minutes=m) for d in range(5) for m in range(10)],
        "hourly",
        12 * HOUR,
    ),
    "one long holiday does not change the norm": (
        every(1, 10) + every(1, 10, NOW - timedelta(days=30)),
        "daily",
        0.5 * HOUR,
    ),
    "a new one is asked as declared: hourly": ([], "hourly", 0.5 * HOUR),
    "a new one is asked as declared: weekly": ([], "weekly", LONGEST),
    "two items are no history": (every(1, 2), "daily", 12 * HOUR),
    "dates in the future do not count": (every(-1, 20), "hourly", 0.5 * HOUR),
}


@pytest.mark.parametrize("sentence", RHYTHMS)
def test_rhythm(sentence: str) -> None:
    dates, declared, expected = RHYTHMS[sentence]
    state = learned(BLANK, items(dates), len(dates), NOW)
    found = interval("a", state, declared, NOW)
    assert 0.88 * expected <= found <= 1.2 * expected
    assert SHORTEST <= found <= LONGEST


@given(
    st.lists(st.datetimes(_FIRST, _LAST, timezones=st.just(UTC))),
    st.sampled_from(sorted(rhythm.PRIOR)),
    st.text(max_size=20),
)
def test_no_history_leads_out_of_ten_minutes_to_a_day(dates, declared, source) -> None:
    state = learned(BLANK, items(dates), len(dates), NOW)
    assert SHORTEST <= interval(source, state, declared, NOW) <= LONGEST
    assert state.last_item is None or state.last_item <= NOW


def test_jitter_is_the_same_for_the_same_source_and_time_and_spreads_the_others() -> None:
    assert rhythm.jitter("a", NOW) == rhythm.jitter("a", NOW)
    found = [rhythm.jitter(f"source-{n}", NOW) for n in range(500)]
    assert 0.9 <= min(found) < 0.91
    assert 1.09 < max(found) <= 1.1


def test_a_feed_without_dates_teaches_by_when_its_news_came() -> None:
    state = BLANK
    for day in range(5):
        now = NOW + timedelta(days=day)
        state = learned(state, items([])[:0], 1, now)
        assert state.last_item == now
    assert state.norm == pytest.approx(DAY)
    unchanged = learned(state, [], 0, NOW + timedelta(days=30))
    assert (unchanged.norm, unchanged.last_item) == (state.norm, state.last_item)


def test_a_source_that_falls_silent_is_asked_less_often_bit_by_bit() -> None:
    state = learned(BLANK, items(every(1, 20)), 20, NOW)
    waits = [interval("a", state, "daily", NOW + timedelta(hours=h)) for h in (0, 12, 48, 480)]
    assert waits == sorted(waits)
    assert waits[0] < HOUR < waits[2] < waits[3] <= LONGEST


def test_norm_needs_three_gaps() -> None:
    assert norm(every(1, 3)) is None
    assert norm(every(1, 4)) == HOUR


# name: fetched, parsed, when asked, hours waited
BOUNDS = {
    "Cache-Control longer than the rhythm is waited out": (
        replace(GOOD, fresh_for=5 * HOUR), READ, NOW, 5.0,
    ),
    "but a day at most": (replace(GOOD, fresh_for=1e9), READ, NOW, 24.0),
    "and where it is shorter, the rhythm stands": (replace(GOOD, fresh_for=60.0), READ, NOW, 1.0),
    "a ttl is a lower bound": (GOOD, ParsedFeed(ttl=3 * HOUR), NOW, 3.0),
    "an hour that the feed skips is passed over": (GOOD, ParsedFeed(skip_hours=(13, 14)), NOW, 3.0),
    "a weekend that it skips is, too": (
        GOOD, ParsedFeed(skip_days=(5, 6)), NOW + timedelta(days=2, hours=11.5), 48.5,
    ),
    "who skips every hour is asked all the same": (
        GOOD, ParsedFeed(skip_hours=tuple(range(24))), NOW, 1.0,
    ),
    "Retry-After goes before all": (
        replace(GOOD, retry_after=50 * HOUR), ParsedFeed(ttl=HOUR), NOW, 50.0,
    ),
}  # fmt: skip


@pytest.mark.parametrize("sentence", BOUNDS)
def test_bounds(sentence: str) -> None:
    fetched, parsed, now, hours = BOUNDS[sentence]
    state = due.after(BLANK, fetched, parsed, HOUR, now)
    assert state.next_due - now == timedelta(hours=hours)


def test_an_unmodified_feed_still_asks_what_it_asked() -> None:
    state = due.after(BLANK, GOOD, ParsedFeed(ttl=3 * HOUR, skip_hours=(15,)), HOUR, NOW)
    again = due.after(state, SAME, READ, HOUR, NOW)
    assert (again.ttl, again.skip_hours) == (3 * HOUR, (15,))
    assert again.next_due == NOW + timedelta(hours=4)


def test_the_twentieth_poll_asks_for_the_whole_feed() -> None:
    state = due.after(BLANK, GOOD, READ, HOUR, NOW)
    asked = []
    for _ in range(40):
        job = due.job("a", "https://a.fr/feed", state, NOW)
        asked.append(bool(job.etag))
        state = due.after(state, SAME if job.etag else GOOD, READ, HOUR, NOW)
    assert [n for n, conditional in enumerate(asked) if not conditional] == [19, 39]


def test_after_a_week_the_whole_feed_is_asked_for() -> None:
    state = due.after(BLANK, GOOD, READ, HOUR, NOW)
    week = NOW + timedelta(days=7)
    assert due.job("a", "u", state, week - timedelta(seconds=1)).etag
    assert not due.job("a", "u", state, week).etag


FAILED = Failure(FailureKind.TIMEOUT, "no answer within 30 s")


def poll(state: PollState, **changed: object) -> PollState:
    return due.after(state, replace(GOOD, **changed), READ, HOUR, NOW)  # type: ignore[arg-type]


def test_a_move_is_stored_after_three_polls_in_a_row_and_undone_after_three_failures() -> None:
    state = BLANK
    for confirmed in (False, False, True):
        before, state = state, poll(state, moved_to="https://b.fr/feed")
        assert bool(state.url) is confirmed
    told = due.notice("https://a.fr/feed", before, state)
    assert told is not None
    assert (told.kind, state.moved_at) == ("moved", NOW)
    assert due.job("a", "https://a.fr/feed", state, NOW).url == "https://b.fr/feed"
    state = poll(state)
    assert state.url == "https://b.fr/feed"
    for _ in range(2):
        state = poll(state, failure=FAILED)
        assert state.url
    before, state = state, poll(state, failure=FAILED)
    told = due.notice("https://a.fr/feed", before, state)
    assert told is not None
    assert (told.kind, state.url, state.failures) == ("moved back", "", 3)
    assert state.next_due == NOW + timedelta(minutes=5)
    job = due.job("a", "https://a.fr/feed", state, NOW)
    assert (job.url, job.etag) == ("https://a.fr/feed", "")


def test_a_move_that_is_not_said_three_times_in_a_row_is_not_stored() -> None:
    state = BLANK
    for target in ("https://b.fr/1", "https://b.fr/1", "", "https://b.fr/1", "https://b.fr/2"):
        state = poll(state, moved_to=target)
        assert not state.url


def test_a_move_out_of_tls_is_followed_but_never_stored() -> None:
    state = BLANK
    for _ in range(5):
        state = poll(state, moved_to="http://a.fr/feed")
    assert (state.url, state.moved_seen) == ("", 5)


def test_gone_retires_a_declared_address_and_only_undoes_a_move() -> None:
    gone = Failure(FailureKind.HTTP, "410 Gone", 410)
    state = poll(BLANK, failure=gone)
    assert state.retired_at == NOW
    told = due.notice("https://a.fr/feed", BLANK, state)
    assert told is not None
    assert told.kind == "retired"
    moved = replace(BLANK, url="https://b.fr/feed", moved_at=NOW)
    back = poll(moved, failure=gone)
    assert (back.url, back.retired_at) == ("", None)


@given(st.integers(0, 100_000), st.floats(600, 86_400))
def test_no_number_of_failures_silences_a_source(failures: int, wait: float) -> None:
    state = due.after(
        replace(BLANK, failures=failures), replace(GOOD, failure=FAILED), READ, wait, NOW
    )
    assert timedelta(minutes=10) <= state.next_due - NOW <= timedelta(days=1)


SKIPS = {
    "<skipHours><hour>0</hour><hour> 23 </hour></skipHours>": ((0, 23), ()),
    "<skipHours><hour>24</hour><hour>99</hour></skipHours>": ((0,), ()),
    "<skipDays>\n<day>Saturday</day>\n<day>sunday</day></skipDays>": ((), (5, 6)),
    "<skipDays><day>Samedi</day></skipDays>": ((), ()),
    f"<skipHours>{''.join(f'<hour>{h}</hour>' for h in range(24))}</skipHours>": ((), ()),
    "<item><title>&lt;skipHours></title></item>": ((), ()),
}


@pytest.mark.parametrize("text", SKIPS)
def test_skips(text: str) -> None:
    assert (skips.hours(text), skips.days(text)) == SKIPS[text]


@pytest.mark.parametrize(
    ("control", "expires", "seconds"),
    [
        ("max-age=600", "", 600.0),
        ('public, Max-Age="60"', "Wed, 04 Mar 2026 13:00:00 GMT", 60.0),
        ("", "Wed, 04 Mar 2026 13:00:00 GMT", 3600.0),
        ("", "Wed, 04 Mar 2026 11:00:00 GMT", 0.0),
        ("", "0", None),
        ("", "-1", None),
        ("no-cache, max-age=600", "", None),
        ("max-age=soon", "", None),
        ("", "", None),
    ],
)
def test_freshness(control: str, expires: str, seconds: float | None) -> None:
    assert fresh_for(control, expires, NOW) == seconds
