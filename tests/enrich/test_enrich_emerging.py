"""What rises by itself, and what must not, whatever the sources do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from enrich.emerging import Facts, Lasting, Looked, look, tell
from enrich.emerging import chance as chances
from enrich.emerging.counting import DAY, pairs
from enrich.emerging.rising import Rise
from enrich.emerging.telling import strength
from vigie.model import EmergingItem, EmergingKind, Strength
from vigie.schema import Emergence

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
PAPERS = ("phare", "cap", "quai", "digue", "jetee", "mole")
SETTINGS = Emergence()


@dataclass
class Press:
    """Six papers with ten texts a day each, on nothing in particular, and what a test adds."""

    days: int = 20
    each: int = 10
    items: list[EmergingItem] = field(default_factory=list)
    watched: dict[str, datetime] = field(default_factory=dict)
    _next: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        for paper in PAPERS:
            self.watched[paper] = NOW - (self.days + 2) * DAY
            for day in range(self.days):
                for n in range(self.each):
                    self.prints(paper, day + (n + 0.5) / (self.each + 1))

    def prints(
        self,
        paper: str,
        days_ago: float,
        *entities: str,
        title: str = "",
        group: int = 0,
        story: str = "",
        themes: tuple[str, ...] = (),
        territories: tuple[str, ...] = (),
    ) -> EmergingItem:
        n = next(self._next)
        item = EmergingItem(
            article=n,
            group=group or n,
            story=story or f"s-{n}",
            source=paper,
            address=f"https://www.{paper}.example/{n}",
            published=NOW - days_ago * DAY,
            title=title or f"{' '.join(entities)} {'grande panne' * bool(entities)} mot{n} fait{n}",
            entities=entities,
            themes=themes,
            territories=territories,
        )
        self.items.append(item)
        return item

    def looked(self, now: datetime = NOW, **settings: float) -> Looked:
        given = Emergence(**settings)  # type: ignore[arg-type]  # fields by name
        order = sorted(self.items, key=lambda item: (item.published, item.article))
        window = [item for item in order if item.published >= now - given.past_days * DAY]
        return look(window, self.watched, now, given)

    def subjects(self, now: datetime = NOW) -> list[str]:
        return [rise.unit[1] for rise in self.looked(now).rises]


def four_papers_write_of_edf(press: Press) -> None:
    for n, paper in enumerate(PAPERS[:4] * 2):
        press.prints(paper, 0.1 + n / 20, "edf")


def it_is_written_of_every_day(press: Press) -> None:
    for day in range(20):
        for n, paper in enumerate(PAPERS[:4]):
            press.prints(paper, day + 0.1 + n / 20, "edf")


def it_comes_back_each_week(press: Press) -> None:
    for day in (0, 7, 14):
        for n, paper in enumerate(PAPERS[:4] * 2):
            press.prints(paper, day + 0.1 + n / 20, "edf")


def one_chatty_paper(press: Press) -> None:
    for n in range(60):
        press.prints("phare", n / 100, "edf")


def two_papers(press: Press) -> None:
    for n in range(40):
        press.prints(PAPERS[n % 2], n / 50, "edf")


def one_chatty_paper_and_two_that_mention_it(press: Press) -> None:
    one_chatty_paper(press)
    press.prints("cap", 0.2, "edf")
    press.prints("quai", 0.3, "edf")


def the_same_dispatch_in_forty_outlets(press: Press) -> None:
    for n in range(40):
        press.watched[f"outlet{n}"] = NOW - 30 * DAY
        press.prints(f"outlet{n}", 0.1 + n / 100, "edf", group=99_999, title=f"Titre {n} unique")


def one_standing_title_everywhere(press: Press) -> None:
    for n in range(5_000):
        press.prints(PAPERS[n % 6], n / 5_001, title="Le direct")


def an_archive_printed_again_in_a_day(press: Press) -> None:
    for n in range(3_000):
        press.prints("phare", n / 3_001, "edf", f"org:{n % 50}")


def a_new_source_brings_its_back_issues(press: Press) -> None:
    for name in ("neuf", "nova", "nuevo"):
        press.watched[name] = NOW - 0.5 * DAY
        for n in range(30):
            press.prints(name, n / 31, "edf")


def dates_that_are_wrong(press: Press) -> None:
    for n in range(40):
        press.prints(PAPERS[n % 6], -400 + n, "edf")  # far ahead
        press.prints(PAPERS[n % 6], 9_000 + n, "edf")  # of 2002


def dates_that_are_minutes_ahead(press: Press) -> None:
    for n in range(40):
        press.prints(PAPERS[n % 6], -0.001, "edf")


def a_county_is_named_in_matters_that_have_nothing_in_common(press: Press) -> None:
    for n, paper in enumerate(PAPERS[:4] * 2):
        press.prints(paper, 0.1 + n / 20, "edf", title=f"autre{n} sujet{n} en{n} edf")


def everybody_prints_three_times_as_much(press: Press) -> None:
    for paper in PAPERS:
        for n in range(20):
            press.prints(paper, n / 21, *(["edf"] if n % 10 == 0 else []))
    for day in range(1, 20):
        for paper in PAPERS[:5]:
            press.prints(paper, day + 0.5, "edf")


@pytest.mark.parametrize(
    ("happens", "rises"),
    [
        (four_papers_write_of_edf, True),
        (it_is_written_of_every_day, False),
        (it_comes_back_each_week, False),
        (one_chatty_paper, False),
        (two_papers, False),
        (one_chatty_paper_and_two_that_mention_it, False),
        (the_same_dispatch_in_forty_outlets, False),
        (one_standing_title_everywhere, False),
        (an_archive_printed_again_in_a_day, False),
        (a_new_source_brings_its_back_issues, False),
        (dates_that_are_wrong, False),
        (dates_that_are_minutes_ahead, False),
        (a_county_is_named_in_matters_that_have_nothing_in_common, False),
        (everybody_prints_three_times_as_much, False),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_what_rises_and_what_never_does(happens: Callable[[Press], None], rises: bool) -> None:
    press = Press()
    happens(press)
    assert ("edf" in press.subjects()) is rises
    assert rises or not press.looked().rises


def test_an_archive_printed_again_does_not_hide_what_rises_that_day() -> None:
    press = Press()
    an_archive_printed_again_in_a_day(press)
    for n, paper in enumerate(PAPERS[:4] * 2):
        press.prints(paper, 0.1 + n / 20, "digue-rompue")
    signals, _ = tell(press.looked().rises, [], Facts(), NOW, 3 * DAY)
    assert [signal.key for signal in signals] == ["new-entity:digue-rompue"]


def test_a_story_of_three_thousand_articles_is_one_signal_with_a_few_articles() -> None:
    press = Press()
    for n in range(3_000):
        press.prints(
            PAPERS[n % 6], n / 3_001, "edf", "rouen", title=f"Panne {n} Rouen", story="s-x"
        )
    signals, _ = tell(press.looked().rises, [], Facts(old={"edf", "rouen"}), NOW, 3 * DAY)
    (signal,) = signals
    assert len(signal.articles) == 12
    assert "also" in signal.why


def test_without_a_past_nothing_is_raised_and_it_is_said() -> None:
    press = Press(days=1)
    four_papers_write_of_edf(press)
    looked = press.looked()
    assert (looked.rises, looked.tested) == ((), 0)
    assert "no past" in looked.said


def test_an_empty_archive_is_no_error() -> None:
    looked = look([], {}, NOW, SETTINGS)
    assert (looked.rises, looked.articles) == ((), 0)


def test_a_slow_rise_over_a_week_is_found_where_no_day_shows_it() -> None:
    press = Press(days=27)
    for day in range(7):
        for n in range(2):
            press.prints(PAPERS[(day + 3 * n) % 6], day + 0.1 + n / 3, "edf")
    rises = {rise.unit[1]: rise.span for rise in press.looked().rises}
    assert rises["edf"] == 7


@pytest.mark.parametrize(
    ("themes", "kind"), [((), EmergingKind.OFF_THEME), (("energy",), EmergingKind.STORY)]
)
def test_a_story_that_no_theme_took_is_told_as_such(
    themes: tuple[str, ...], kind: EmergingKind
) -> None:
    press = Press()
    for n, paper in enumerate(PAPERS[:4] * 2):
        press.prints(paper, 0.1 + n / 20, story="s-panne", themes=themes)
    ((signal,), _) = tell(press.looked().rises, [], Facts(), NOW, 3 * DAY)
    assert (signal.kind, signal.story) == (kind, "s-panne")


@pytest.mark.parametrize(
    ("old", "kind"),
    [(frozenset(), EmergingKind.NEW_ENTITY), (frozenset({"edf"}), EmergingKind.ENTITY)],
)
def test_a_name_that_nobody_wrote_before_is_new(old: frozenset[str], kind: EmergingKind) -> None:
    press = Press()
    four_papers_write_of_edf(press)
    ((signal,), _) = tell(press.looked().rises, [], Facts({"edf": "EDF"}, old), NOW, 3 * DAY)
    assert (signal.kind, signal.label) == (kind, "EDF")


@pytest.mark.parametrize(
    ("elsewhere", "there_before", "rises"),
    [(True, False, True), (False, False, False), (True, True, False)],
)
def test_a_theme_crosses_where_it_was_elsewhere_and_never_there(
    elsewhere: bool, there_before: bool, rises: bool
) -> None:
    press = Press()
    if elsewhere:
        press.prints("mole", 9, themes=("energy",), territories=("BE21",))
    if there_before:
        press.prints("mole", 9, themes=("energy",), territories=("FRD21",))
    for n, paper in enumerate(PAPERS[:4] * 2):
        press.prints(paper, 0.1 + n / 20, themes=("energy",), territories=("FRD22",))
    found = [rise.unit for rise in press.looked().rises]
    assert ((EmergingKind.CROSSING, "energy@FRD2") in found) is rises


def test_pairs_of_words_stand_near_each_other_and_hold_no_numbers() -> None:
    assert list(pairs("Rupture de la digue : 3 morts à Rouen")) == [
        "digue+rupture",
        "mort+rupture",
        "digue+mort",
        "digue+rouen",
        "mort+rouen",
    ]


@pytest.mark.parametrize("title", ["", "3 4 5", "le la les", "\ud800", "x" * 100_000])
def test_no_title_breaks_the_pairs(title: str) -> None:
    assert list(pairs(title)) == []


def test_the_label_of_a_pair_is_as_titles_write_it() -> None:
    press = Press()
    for n, paper in enumerate(PAPERS[:4] * 2):
        press.prints(paper, 0.1 + n / 20, title=f"Rupture de la digue, acte{n} lieu{n}")
    ((signal,), _) = tell(press.looked().rises, [], Facts(), NOW, 3 * DAY)
    assert signal.label == "Rupture de la digue"


# --------------------------------------------------------------------------------- told once


def signals_at(
    press: Press, now: datetime, lasting: list[Lasting]
) -> tuple[list[Lasting], list[str]]:
    units = frozenset(one.unit for one in lasting)
    window = [item for item in press.items if now - 28 * DAY <= item.published < now]
    window.sort(key=lambda item: item.published)
    found = look(window, press.watched, now, SETTINGS, units)
    signals, ended = tell(found.rises, lasting, Facts(old={"edf"}), now, 3 * DAY)
    return [Lasting(one, now) for one in signals], ended


def test_the_same_signal_is_told_once_ends_when_quiet_and_comes_back_as_a_new_episode() -> None:
    press = Press(days=28)
    for n, paper in enumerate(PAPERS[:4] * 2):
        press.prints(paper, 10.1 + n / 20, "edf")
        press.prints(paper, 9.1 + n / 20, "edf")
    at = [NOW - days * DAY for days in (10, 9, 8, 5)]
    first, _ = signals_at(press, at[0], [])
    second, ended = signals_at(press, at[1], first)
    assert [one.signal.key for one in first] == ["entity:edf"] == [one.signal.key for one in second]
    assert ended == []
    third, ended = signals_at(press, at[2], second)
    assert ended == []  # quiet for a day only
    _, ended = signals_at(press, at[3], third or second)
    assert ended == ["entity:edf"]
    rises = press.looked(at[0]).rises
    again = Facts(old={"edf"}, numbers={(EmergingKind.ENTITY, "edf"): 1})
    ((back,), _) = tell(rises, [], again, NOW, 3 * DAY)
    assert back.key == "entity:edf~2"


def test_a_signal_keeps_its_key_when_its_name_is_no_longer_new() -> None:
    press = Press()
    four_papers_write_of_edf(press)
    rises = press.looked().rises
    ((new,), _) = tell(rises, [], Facts(), NOW, 3 * DAY)
    assert new.key == "new-entity:edf"
    ((later,), _) = tell(rises, [Lasting(new, NOW)], Facts(old={"edf"}), NOW, 3 * DAY)
    assert later.key == "new-entity:edf"


def test_two_stories_that_became_one_are_one_signal() -> None:
    press = Press()
    for n, paper in enumerate(PAPERS[:4] * 2):
        press.prints(paper, 0.1 + n / 20, story="s-b")
    ((told,), _) = tell(press.looked().rises, [], Facts(), NOW, 3 * DAY)
    merged = replace(told, key="story:s-a", story="s-b")  # s-a leads to s-b since
    signals, ended = tell(
        press.looked().rises, [Lasting(merged, NOW), Lasting(told, NOW)], Facts(), NOW, 3 * DAY
    )
    assert [one.key for one in signals] == ["story:s-a"]
    assert ended == [told.key]


@pytest.mark.parametrize(("kept", "again"), [(8, True), (5, True), (4, False), (0, False)])
def test_a_story_that_regrouping_put_under_another_id_is_not_told_again(
    kept: int, again: bool
) -> None:
    press = Press()
    for n, paper in enumerate(PAPERS[:4] * 2):
        press.prints(paper, 0.1 + n / 20, story="s-a")
    ((told,), _) = tell(press.looked().rises, [], Facts(), NOW, 3 * DAY)
    assert len(told.articles) == 8
    for place, item in enumerate(press.items[-8:], -8):
        press.items[place] = replace(item, story="s-b" if place + 8 < kept else f"s-c{place}")
    for n, paper in enumerate(PAPERS[:4] * 2):
        press.prints(paper, 0.1 + n / 20, story="s-b")
    signals, ended = tell(press.looked().rises, [Lasting(told, NOW)], Facts(), NOW, 3 * DAY)
    assert [one.key for one in signals] == ([told.key] if again else ["off-theme:s-b"])
    assert [one.story for one in signals] == ["s-b"]
    assert ended == []


def test_a_snooze_is_no_matter_of_the_core_and_evidence_starts_with_each_publisher() -> None:
    press = Press()
    four_papers_write_of_edf(press)
    ((signal,), _) = tell(press.looked().rises, [], Facts(), NOW, 3 * DAY)
    by_article = {item.article: item.source for item in press.items}
    assert len({by_article[article] for article in signal.articles[:4]}) == 4


# --------------------------------------------------------------------------------- definitions


@pytest.mark.parametrize(
    ("publishers", "active", "rarer", "before", "told"),
    [
        (3, 40, 1.0, 0, Strength.WEAK),
        (3, 40, 1.0, 2, Strength.RISING),  # there before, and more now
        (3, 40, 10.1, 0, Strength.RISING),
        (3, 40, 1e6, 0, Strength.RISING),  # never strong with three
        (4, 8, 101.0, 0, Strength.STRONG),
        (4, 9, 101.0, 0, Strength.RISING),  # of fewer than half
        (5, 8, 0.5, 2, Strength.WEAK),  # goes on, though no more than chance allows
    ],
)
def test_weak_rising_and_strong(
    publishers: int, active: int, rarer: float, before: int, told: Strength
) -> None:
    rise = Rise(
        unit=(EmergingKind.ENTITY, "edf"),
        span=1,
        texts=8,
        expected=0.4,
        chance=1e-5 / rarer,
        threshold=1e-5,
        publishers=publishers,
        active=active,
        carried=publishers,
        before=before,
        hits=(),
    )
    assert strength(rise) is told


@pytest.mark.parametrize(
    ("texts", "past", "past_exposure", "exposure", "told"),
    [
        (0, 5, 100, 10, 1.0),
        (3, 0, 0, 10, 1.0),  # no past
        (3, 0, 100, 0, 1.0),  # nothing printed
        (1, 0.5, 1, 1, 0.5),  # negative binomial of r = 1, p = 1/2: P(Y >= 1) = 1/2
        (2, 0.5, 1, 1, 0.25),
        (1, 1.5, 3, 1, 1 - 0.75**2),  # r = 2, p = 1/4
    ],
)
def test_the_chance_is_that_of_a_negative_binomial(
    texts: float, past: float, past_exposure: float, exposure: float, told: float
) -> None:
    assert chances.tail(texts, past, past_exposure, exposure) == pytest.approx(told)


def test_the_threshold_is_the_wanted_false_alarms_shared_by_all_looks_and_tests() -> None:
    assert chances.threshold(3.0, 4.0, 250) == pytest.approx(1e-4)
    assert chances.threshold(3.0, 4.0, 0) == pytest.approx(0.025)


def test_shuffled_dates_raise_next_to_nothing() -> None:
    import random  # noqa: PLC0415  # here alone

    raised = 0
    for seed in range(2):
        press = Press()
        it_is_written_of_every_day(press)
        it_comes_back_each_week(press)
        four_papers_write_of_edf(press)
        dates = [item.published for item in press.items]
        random.Random(seed).shuffle(dates)
        press.items = [
            replace(item, published=date) for item, date in zip(press.items, dates, strict=True)
        ]
        raised += sum(len(press.looked(NOW - timedelta(days=day)).rises) for day in range(4))
    assert raised == 0
