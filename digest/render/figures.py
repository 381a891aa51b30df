"""The figures behind the charts, counted from an issue's items, told in one language. Pure.

A chart is made where looking beats reading: themes by week, places on a map, who carried the main
story when. Each is counted from the items of the copy that it stands in, so that nothing above a
reader's clearance is counted either. What has too little to show is left out.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.lists import format_list

from digest.catalogue import locale, translator
from digest.clean import line
from digest.render.words import count
from digest.typography import ours, quoted
from vigie import territories
from vigie.model import Issue, SectionKind

FEWEST_ITEMS = 6  # of a chart by theme and week: fewer are read more quickly than looked at
FEWEST_PLACES = 3  # of a map
FEWEST_ARTICLES = 4  # of a story's timeline
MOST_SOURCES = 12  # rows of a timeline
MOST_WEEKS = 27
NARROW = 0.68  # a degree of longitude beside one of latitude, at 47 degrees north
LEAST_SPAN = 5.0  # degrees of latitude that a map shows at least
CLOSEST = 0.06  # of a map's height, between the middles of two circles
_DAYED = (SectionKind.AGENDA, SectionKind.SIGNALS)  # whose items are not news of one week


@dataclass(frozen=True, slots=True)
class Weeks:
    """How many items each section has of each week."""

    title: str
    alt: str
    corner: str
    labels: tuple[str, ...]
    weeks: tuple[str, ...]  # the Monday of each, short
    counts: tuple[tuple[int, ...], ...]  # for each label, by week
    total: str


@dataclass(frozen=True, slots=True)
class Spot:
    """A territory with so many items."""

    name: str
    code: str
    lat: float
    lon: float
    items: int

    @property
    def near(self) -> bool:
        """Whether it is on the map; what lies overseas is in its table only."""
        return 40 <= self.lat <= 57 and -12 <= self.lon <= 18


@dataclass(frozen=True, slots=True)
class Map:
    title: str
    alt: str
    columns: tuple[str, ...]
    spots: tuple[Spot, ...]  # the most items first


@dataclass(frozen=True, slots=True)
class Timeline:
    """The articles of one story, by source."""

    title: str
    alt: str
    columns: tuple[str, ...]
    sources: tuple[str, ...]  # the first to carry it first
    moments: tuple[tuple[datetime, int], ...]  # when, and the row of `sources`
    days: tuple[str, ...]  # the day of each moment, in words
    language: str


def weeks(issue: Issue, language: str, timezone: str) -> Weeks | None:
    """Items by section and week of publication; None where there is too little to show."""
    words, tz = translator(language), ZoneInfo(timezone)
    shown = [one for one in issue.sections if one.kind not in _DAYED]
    known = {one.theme for one in shown}
    items = [item for item in issue.items if item.section in known]
    if len(items) < FEWEST_ITEMS:
        return None
    mondays = [_monday(item.published, tz) for item in items]
    first, last = min(mondays), max(mondays)
    span = (last - first).days // 7 + 1
    sections = [one for one in shown if any(item.section == one.theme for item in items)]
    if not 2 <= span <= MOST_WEEKS or len(sections) < 2:
        return None
    all_weeks = [first + timedelta(weeks=n) for n in range(span)]
    found = Counter((i.section, monday) for i, monday in zip(items, mondays, strict=True))
    counts = tuple(tuple(found[one.theme, week] for week in all_weeks) for one in sections)
    labels = tuple(_label(one.labels.get(language, ""), language) or one.theme for one in sections)
    by_week = [sum(row[at] for row in counts) for at in range(span)]
    best_week = max(range(span), key=lambda at: by_week[at])
    best = max(range(len(labels)), key=lambda at: sum(counts[at]))
    alt = words.gettext(
        "A grid of {all} by section and week. Most are in {section} ({most}); the fullest week"
        " is that of {week} ({peak})."
    ).format(
        all=count(words, len(items)),
        section=labels[best],
        most=sum(counts[best]),
        week=_short(all_weeks[best_week], language),
        peak=by_week[best_week],
    )
    return Weeks(
        title=words.gettext("Items by section and week"),
        alt=ours(alt, language),
        corner=words.gettext("Week of"),
        labels=labels,
        weeks=tuple(_short(week, language) for week in all_weeks),
        counts=counts,
        total=words.gettext("Total"),
    )


def places(issue: Issue, language: str) -> Map | None:
    """Items by territory; None where fewer than three are on the map."""
    words = translator(language)
    spots = _spots(issue)
    if sum(spot.near for spot in spots) < FEWEST_PLACES:
        return None
    named = format_list([f"{one.name} ({one.items})" for one in spots[:4]], locale=locale(language))
    alt = words.ngettext(
        "A map with {count} territory by its number of items. Most: {named}.",
        "A map with {count} territories by their number of items. Most: {named}.",
        len(spots),
    ).format(count=len(spots), named=named)
    return Map(
        title=words.gettext("Where it happens"),
        alt=ours(alt, language),
        columns=(words.gettext("Territory"), "NUTS", words.gettext("Items")),
        spots=spots,
    )


def main_story(issue: Issue, language: str, timezone: str) -> Timeline | None:
    """Who carried the story of most sources, and when; None where no story went round."""
    words, tz = translator(language), ZoneInfo(timezone)
    item = max(
        issue.items,
        key=lambda one: (len({x.source for x in one.carried}), len(one.carried), -one.article),
        default=None,
    )
    if item is None or len(item.carried) < FEWEST_ARTICLES:
        return None
    carried = sorted(item.carried, key=lambda one: one.at)
    sources = list(dict.fromkeys(line(one.source, 60) for one in carried))
    if len(sources) < 2:
        return None
    kept = sources[:MOST_SOURCES]
    moments = tuple(
        (one.at.astimezone(tz), kept.index(name))
        for one in carried
        if (name := line(one.source, 60)) in kept
    )
    alt = words.gettext(
        "A timeline of the story “{title}”: {sources} from {first} to {last}, {source} first."
    ).format(
        title=line(item.title, 100),
        sources=words.ngettext("{count} source", "{count} sources", len(sources)).format(
            count=len(sources)
        ),
        first=_long(moments[0][0].date(), language),
        last=_long(moments[-1][0].date(), language),
        source=sources[0],
    )
    title = words.gettext("The story that went round: {title}").format(
        title=quoted(line(item.title, 120), item.language)
    )
    return Timeline(
        title=title,
        alt=ours(alt, language),
        columns=(words.gettext("Date"), words.gettext("Source")),
        sources=tuple(kept),
        moments=moments,
        days=tuple(_long(moment.date(), language) for moment, _ in moments),
        language=language,
    )


def _spots(issue: Issue) -> tuple[Spot, ...]:
    """By district; where circles would cover each other, by province, then by region."""
    for longest in (5, 4, 3):
        found = Counter(
            around.code
            for item in issue.items
            if item.nuts and (around := territories.nearest(item.nuts[:longest])) is not None
        )
        known = territories.by_code()
        spots = tuple(
            Spot(known[code].name, code, known[code].lat, known[code].lon, number)
            for code, number in sorted(found.items(), key=lambda one: (-one[1], one[0]))
        )
        if not _crowded([spot for spot in spots if spot.near]):
            break
    return spots


def _crowded(spots: Sequence[Spot]) -> bool:
    """Whether two circles on a map of them all would lie on each other."""
    if len(spots) < 2:
        return False
    wide = (max(one.lon for one in spots) - min(one.lon for one in spots)) * NARROW
    span = max(LEAST_SPAN, wide / 2, max(one.lat for one in spots) - min(one.lat for one in spots))
    return any(
        math.hypot((one.lon - other.lon) * NARROW, one.lat - other.lat) < span * CLOSEST
        for one, other in combinations(spots, 2)
    )


def _monday(moment: datetime, tz: ZoneInfo) -> date:
    day = moment.astimezone(tz).date()
    return day - timedelta(days=day.weekday())


def _label(text: str, language: str) -> str:
    return ours(line(text, 60), language)


def _short(day: date, language: str) -> str:
    return str(format_date(day, "d MMM", locale=locale(language)))


def _long(day: date, language: str) -> str:
    return str(format_date(day, "long", locale=locale(language)))


def table(found: Weeks | Map | Timeline) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The figures themselves: column heads, then rows that begin with their own head."""
    if isinstance(found, Weeks):
        rows: Sequence[tuple[str, ...]] = [
            (week, *(str(row[at]) for row in found.counts), str(sum(r[at] for r in found.counts)))
            for at, week in enumerate(found.weeks)
        ]
        sums = [sum(row) for row in found.counts]
        last = (found.total, *map(str, sums), str(sum(sums)))
        return (found.corner, *found.labels, found.total), (*rows, last)
    if isinstance(found, Map):
        return found.columns, tuple((s.name, s.code, str(s.items)) for s in found.spots)
    rows = [
        (day, found.sources[at]) for day, (_, at) in zip(found.days, found.moments, strict=True)
    ]
    return found.columns, tuple(rows)
