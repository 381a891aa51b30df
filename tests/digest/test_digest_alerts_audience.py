"""To whom an alert goes, in how many messages, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from digest_alert_cases import NOW, advisory, fact, look

from digest.alerts.audience import address
from digest.alerts.pack import is_quiet, pack
from vigie.alerting import Quiet, When
from vigie.model import Alert, Listener, Mailbag, Match, Severity, Tlp, Waiting

MINUTE = timedelta(minutes=1)
PARIS = "Europe/Paris"


def alert(severity: str = "high", tlp: Tlp = Tlp.CLEAR, *matches: Match, **more: object) -> Alert:
    (plain,) = look(fact(1, advisory())).alerts
    rules = matches or (Match("a", "A", ()), Match("my-v-x", "X", ()))
    return replace(plain, severity=Severity(severity), tlp=tlp, matches=rules)


def listener(
    rules: tuple[str, ...] = ("*",), clearance: Tlp = Tlp.CLEAR, severity: str = ""
) -> Listener:
    return Listener(7, clearance, rules, Severity(severity))


SECRET = Match("s", "S", (), Tlp.AMBER)


@pytest.mark.parametrize(
    ("what", "who", "rules"),
    [
        (alert(), listener(), ("a",)),
        (alert(), listener(("b",)), None),
        (alert(), listener(("my-v-x",)), ("my-v-x",)),
        (alert(), listener(("a", "my-v-x")), ("a", "my-v-x")),
        (alert("low"), listener(severity="medium"), None),
        (alert("critical"), listener(severity="critical"), ("a",)),
        (alert(""), listener(severity="medium"), ("a",)),
        (alert(""), listener(severity="high"), None),
        (alert("high", Tlp.AMBER), listener(), None),
        (alert("high", Tlp.AMBER), listener(clearance=Tlp.AMBER), ("a",)),
        (alert("high", Tlp.CLEAR, SECRET), listener(("*",)), None),
        (alert("high", Tlp.CLEAR, SECRET), listener(("s",), Tlp.AMBER), ("s",)),
        (alert("high", Tlp.CLEAR, SECRET, Match("a", "A", ())), listener(("*",)), ("a",)),
    ],
)
def test_it_goes_to_whose_rules_it_meets_within_their_clearance(
    what: Alert, who: Listener, rules: tuple[str, ...] | None
) -> None:
    found = address(what, [who], {})
    assert [one.rules for one in found] == ([] if rules is None else [rules])


def test_the_label_of_a_copy_is_that_of_the_rules_by_which_it_comes() -> None:
    both = alert("high", Tlp.GREEN, SECRET, Match("a", "A", ()))
    clear, cleared = (
        address(both, [listener(("*",), Tlp.GREEN)], {})[0],
        address(both, [listener(("*",), Tlp.RED)], {})[0],
    )
    assert (clear.tlp, clear.rules) == (Tlp.GREEN, ("a",))
    assert (cleared.tlp, cleared.rules) == (Tlp.AMBER, ("s", "a"))


def test_an_update_goes_to_who_was_told_whatever_their_wishes_say_now() -> None:
    told = {7: frozenset({"a"})}
    (found,) = address(alert("low"), [listener(("b",), severity="critical")], told)
    assert found.rules == ("a",)
    above = address(alert("low", Tlp.RED), [listener()], told)
    assert above == ()


def test_a_person_is_asked_where_every_rule_asks() -> None:
    asks, free = Match("a", "A", (), approval=True), Match("b", "B", ())
    held = address(alert("high", Tlp.CLEAR, asks), [listener()], {})[0]
    goes = address(alert("high", Tlp.CLEAR, asks, free), [listener()], {})[0]
    asked = address(alert("high", Tlp.CLEAR, free), [listener()], {}, approval=True)[0]
    assert (held.approval, goes.approval, asked.approval) == (True, False, True)


# ------------------------------------------------------------------------------ quiet hours


@pytest.mark.parametrize(
    ("quiet", "local", "waits"),
    [
        ({}, "2026-11-18T23:00", False),
        ({"from": "20:00", "until": "07:00"}, "2026-11-18T23:00", True),
        ({"from": "20:00", "until": "07:00"}, "2026-11-18T06:59", True),
        ({"from": "20:00", "until": "07:00"}, "2026-11-18T07:00", False),
        ({"from": "20:00", "until": "07:00"}, "2026-11-18T19:59", False),
        ({"from": "12:00", "until": "14:00"}, "2026-11-18T13:00", True),
        ({"from": "12:00", "until": "14:00"}, "2026-11-18T14:00", False),
        ({"weekends": True}, "2026-11-21T12:00", True),
        ({"weekends": True}, "2026-11-22T23:59", True),
        ({"weekends": True}, "2026-11-23T00:00", False),
        ({"weekends": False}, "2026-11-21T12:00", False),
    ],
)
def test_quiet_hours_are_told_in_the_desks_own_time(
    quiet: dict[str, object], local: str, waits: bool
) -> None:
    moment = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(PARIS)).astimezone(UTC)
    assert is_quiet(Quiet.model_validate(quiet), moment, PARIS) is waits


# ---------------------------------------------------------------------------------- messages


def waiting(*severities: str, minutes: int = 1) -> tuple[Waiting, ...]:
    return tuple(
        Waiting(n, Severity(word), NOW - minutes * MINUTE) for n, word in enumerate(severities, 1)
    )


def sent(*minutes: int) -> tuple[datetime, ...]:
    return tuple(NOW - n * MINUTE for n in minutes)


NIGHT = {"quiet": {"from": "09:00", "until": "12:00"}}  # it is ten in Paris


@pytest.mark.parametrize(
    ("bag", "when", "parcels", "over"),
    [
        (Mailbag(7, waiting("low")), {}, [(1,)], ()),
        (Mailbag(7, waiting("low", "high", "low")), {}, [(2,), (1,), (3,)], ()),
        (Mailbag(7, waiting("low", "high", "low", "low")), {}, [(2, 1, 3, 4)], ()),
        (Mailbag(7, waiting("low"), sent(5, 6, 7)), {}, [], ()),
        (Mailbag(7, waiting("low"), sent(5, 6)), {}, [(1,)], ()),
        (Mailbag(7, waiting("low"), sent(70, 80, 90)), {}, [(1,)], ()),
        (Mailbag(7, waiting("low", "low", minutes=61), sent(5, 6, 7)), {}, [(1, 2)], ()),
        (Mailbag(7, waiting("critical"), sent(5, 6, 7)), {}, [(1,)], ()),
        (Mailbag(7, waiting("low", "critical")), NIGHT, [(2,)], ()),
        (
            Mailbag(7, waiting("low", "critical")),
            *({"quiet": {**NIGHT["quiet"], "through": ""}}, [], ()),
        ),
        (Mailbag(7, waiting("low", "low"), told=29), {}, [(1,)], (2,)),
        (Mailbag(7, waiting("low", "critical"), told=30), {}, [(2,)], (1,)),
        (Mailbag(7, (), counted=(8, 9)), {}, [((), (8, 9))], ()),
        (Mailbag(7, waiting("low"), counted=(8, 9)), {}, [((1,), (8, 9))], ()),
        (Mailbag(7, (), counted=(8, 9)), NIGHT, [], ()),
    ],
    ids=[
        *("one goes at once", "three go one by one", "four go as one, the gravest first"),
        *("too many of late: it waits", "two of late: it goes", "the window is over"),
        *("it has waited long enough", "what is critical never waits", "it breaks through"),
        *("nothing breaks through", "beyond the day's limit", "critical has no limit"),
        *("the number goes alone", "the number goes along", "the number keeps quiet hours"),
    ],
)
def test_what_goes_now_and_in_how_many_messages(
    bag: Mailbag, when: dict[str, object], parcels: list[object], over: tuple[int, ...]
) -> None:
    found = pack([bag], When.model_validate(when), NOW, PARIS)
    made = [(p.items, p.counted) if p.counted else p.items for p in found.parcels]
    assert (made, found.over) == (parcels, over)


def test_a_day_that_is_full_tells_the_rest_as_a_number() -> None:
    many = tuple(Waiting(n, Severity.LOW, NOW) for n in range(50))
    found = pack([Mailbag(7, many)], When(per_day=30), NOW, PARIS)
    assert [len(parcel.items) for parcel in found.parcels] == [30]
    assert len(found.over) == 20


def test_quiet_hours_may_be_read_from_a_file() -> None:
    assert Quiet.model_validate({"from": "20:00"}).start == time(20)
