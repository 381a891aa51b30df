"""The charts as SVG, drawn by matplotlib: the same figures give the same bytes.

Letters are drawn as shapes, so that a chart looks the same in a browser and in the PDF, whatever
fonts there are; its words are in its alternative text and its table. Colours tell nothing alone:
each cell and each circle has its number written in it. No chart has a background of its own: it
stands on white paper in every form.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from threading import Lock
from typing import Any

import matplotlib as mpl
from babel.dates import format_datetime
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.textpath import TextPath

from digest.catalogue import locale
from digest.render import figures
from digest.render.glyphs import printable
from digest.render.look import look
from digest.render.view import Chart
from vigie.model import Issue

_STYLE: dict[Any, Any] = {
    "svg.fonttype": "path",
    "svg.hashsalt": "vigie",  # else the names inside differ each time
    "text.parse_math": False,  # a dollar sign in a source's name is a dollar sign
    "font.family": ["DejaVu Sans"],  # which matplotlib carries
    "font.size": 9,
    "axes.linewidth": 0.6,
    "path.simplify": True,
}
_ONE_AT_A_TIME = Lock()  # the settings of matplotlib are the whole process's
_INK, _MUTED, _LAND, _SEA = "#1f2933", "#52606d", "#f4f1ea", "#dbe7ee"
_HEAD = 0.25  # inches for the names of columns
_WIDTH = 7.2  # inches; the pages scale it
_DAY = timedelta(days=1)
_SMALL = 8.0  # points of a name on a map
_MAP = 4.0  # inches of a map's height


_Box = tuple[float, float, float, float]  # left, low, right, high, in points


@dataclass(frozen=True, slots=True)
class _Circle:
    """Where a territory's circle lies on the map, in points from its lower left corner."""

    x: float
    y: float
    radius: float

    @property
    def box(self) -> _Box:
        return (
            self.x - self.radius,
            self.y - self.radius,
            self.x + self.radius,
            self.y + self.radius,
        )


def charts(issue: Issue, language: str, timezone: str) -> tuple[Chart, ...]:
    """The charts that this issue has figures for, at most three."""
    colour = look(issue.color).band
    found = (
        ("weeks", figures.weeks(issue, language, timezone)),
        ("places", figures.places(issue, language)),
        ("story", figures.main_story(issue, language, timezone)),
    )
    made = []
    for name, data in found:
        if data is None:
            continue
        with _ONE_AT_A_TIME, mpl.rc_context(_STYLE):
            svg = _svg(_drawn(data, colour))
        columns, rows = figures.table(data)
        made.append(Chart(name, data.title, data.alt, svg, columns, rows))
    return tuple(made)


def _drawn(data: figures.Weeks | figures.Map | figures.Timeline, colour: str) -> Figure:
    if isinstance(data, figures.Weeks):
        return _weeks(data, colour)
    if isinstance(data, figures.Map):
        return _map(data, colour)
    return _timeline(data, colour)


def _svg(figure: Figure) -> str:
    out = io.StringIO()
    said = dict.fromkeys(("Date", "Creator", "Format", "Type"))  # nothing that changes by itself
    figure.savefig(out, format="svg", metadata=said)
    text = out.getvalue()
    return text[text.index("<svg") :].strip()


def _figure(height: float, rows: Sequence[str] = (), top: float = 0.0) -> tuple[Figure, Axes]:
    """A figure whose axes leave room for the rows' names at the left and `top` inches above.

    The room is measured here: matplotlib's own layout would draw everything twice to find it.
    """
    figure = Figure(figsize=(_WIDTH, height), facecolor="none")
    size = float(_STYLE["font.size"])
    widest = max((TextPath((0, 0), row, size=size).get_extents().width for row in rows), default=0)
    left = widest / 72 + 0.12 if rows else 0.02
    axes = figure.add_axes(
        (left / _WIDTH, 0.02, 1 - (left + 0.02) / _WIDTH, 0.96 - top / height), facecolor="none"
    )
    axes.tick_params(length=0, colors=_MUTED)
    for side in axes.spines.values():
        side.set_visible(False)
    return figure, axes


def _weeks(data: figures.Weeks, colour: str) -> Figure:
    """Rows of sections, columns of weeks; the darker a cell, the more items, with their number."""
    labels = [_cut(label) for label in data.labels]
    figure, axes = _figure(0.35 + 0.34 * len(labels), labels, _HEAD)
    most = max(max(row) for row in data.counts)
    cells = [(x, y, number) for y, row in enumerate(data.counts) for x, number in enumerate(row)]
    shares = [0.18 + 0.82 * number / most if number else 0.0 for _, _, number in cells]
    axes.add_collection(
        PolyCollection(
            [_cell(x, y) for x, y, _ in cells],
            facecolors=[_tint(colour, share) for share in shares],
            linewidth=0,
        )
    )
    for (x, y, number), share in zip(cells, shares, strict=True):
        if number:
            ink = "#ffffff" if share > 0.55 else _INK
            axes.text(x, y, str(number), ha="center", va="center_baseline", color=ink)
    for y, row in enumerate(data.counts):
        total = str(sum(row))
        axes.text(len(row) - 0.2, y, total, va="center_baseline", color=_INK, weight="bold")
    axes.set_xlim(-0.55, len(data.weeks) + 0.3)
    axes.set_ylim(len(labels) - 0.45, -0.55)
    axes.set_yticks(range(len(labels)), labels, color=_INK)
    step = 1 + (len(data.weeks) - 1) // 9
    axes.set_xticks(range(0, len(data.weeks), step), data.weeks[::step])
    axes.xaxis.tick_top()
    return figure


def _cell(x: float, y: float) -> list[tuple[float, float]]:
    right, low = x + 0.46, y + 0.44
    return [(x - 0.46, y - 0.44), (right, y - 0.44), (right, low), (x - 0.46, low)]


def _map(data: figures.Map, colour: str) -> Figure:
    """A circle for each territory, its surface by its items, over countries' outlines."""
    spots = tuple(spot for spot in data.spots if spot.near)
    west, south, east, north = _extent(spots)
    figure, axes = _figure(_MAP)
    inside = [
        ring
        for ring in _outlines()
        if any(west <= x <= east and south <= y <= north for x, y in ring)
    ]
    axes.set_facecolor(_SEA)
    axes.add_collection(PolyCollection(inside, facecolor=_LAND, edgecolor="#9aa5ad", linewidth=0.6))
    scale = _MAP * 72 / (north - south)  # points of a degree of latitude
    circles = [
        _Circle(
            (one.lon - west) * figures.NARROW * scale,
            (one.lat - south) * scale,
            _radius(spots, one),
        )
        for one in spots
    ]
    taken: list[_Box] = [circle.box for circle in circles]
    for spot, circle in zip(spots, circles, strict=True):
        axes.scatter(
            *([spot.lon], [spot.lat]),
            s=[(2 * circle.radius) ** 2],
            color=colour,
            edgecolor="#ffffff",
            linewidth=1.0,
            zorder=3,
        )
        ink, text = look(colour).band_ink, str(spot.items)
        style: dict[str, Any] = {"ha": "center", "va": "center_baseline", "weight": "bold"}
        axes.text(spot.lon, spot.lat, text, color=ink, zorder=4, **style)
        _name(axes, spot, circle, taken)
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.set_aspect(1 / figures.NARROW)
    axes.set_xticks([])
    axes.set_yticks([])
    return figure


def _radius(spots: Sequence[figures.Spot], spot: figures.Spot) -> float:
    """Points; a circle's surface grows with its items."""
    return math.sqrt(150 + 750 * spot.items / spots[0].items) / 2


def _name(axes: Axes, spot: figures.Spot, circle: _Circle, taken: list[_Box]) -> None:
    """A territory's name beside its circle, where there is room; else it is in the table only."""
    text = _cut(spot.name, 26)
    width = float(TextPath((0, 0), text, size=_SMALL).get_extents().width) + 4
    away = circle.radius + 3
    places = ((0.0, -away - 6, "center"), (0.0, away + 6, "center"), (away, 0.0, "left"))
    for right, up, side in (*places, (-away, 0.0, "right")):
        start = circle.x + right - {"center": width / 2, "left": 0.0, "right": width}[side]
        box = (start, circle.y + up - 6, start + width, circle.y + up + 6)
        inside = box[0] >= 0 and box[2] <= _WIDTH * 72 and box[1] >= 0 and box[3] <= _MAP * 72
        if inside and not any(_meet(box, other) for other in taken):
            taken.append(box)
            axes.annotate(
                text,
                (spot.lon, spot.lat),
                xytext=(right, up),
                textcoords="offset points",
                ha=side,
                va="center",
                zorder=2,
                color=_INK,
                fontsize=_SMALL,
                bbox={"boxstyle": "round,pad=0.15", "fc": "#ffffff", "ec": "none", "alpha": 0.8},
            )
            return


def _meet(one: _Box, other: _Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _extent(spots: tuple[figures.Spot, ...]) -> tuple[float, float, float, float]:
    """West, south, east, north of a map that shows all circles."""
    south, north = min(one.lat for one in spots), max(one.lat for one in spots)
    west, east = min(one.lon for one in spots), max(one.lon for one in spots)
    shape = _WIDTH / _MAP / figures.NARROW  # degrees of longitude for one of latitude
    span = max(figures.LEAST_SPAN, (north - south) * 1.35, (east - west) * 1.25 / shape)
    middle, centre, half = (south + north) / 2, (west + east) / 2, span * shape / 2
    return centre - half, middle - span / 2, centre + half, middle + span / 2


def _timeline(data: figures.Timeline, colour: str) -> Figure:
    """A row for each source, the first at the top, a dot for each article."""
    labels = [_cut(name) for name in data.sources]
    figure, axes = _figure(0.35 + 0.27 * len(labels), labels, _HEAD)
    first, last = data.moments[0][0], data.moments[-1][0]
    for at in range(len(data.sources)):
        mine = [_hours(first, moment) for moment, row in data.moments if row == at]
        axes.axhline(at, color="#d5dce1", linewidth=0.8, zorder=1)
        axes.scatter(mine, [at] * len(mine), s=42, color=colour, zorder=3, edgecolor="#ffffff")
    axes.set_yticks(range(len(labels)), labels, color=_INK)
    axes.set_ylim(len(data.sources) - 0.5, -0.6)
    span = _hours(first, last)
    axes.set_xlim(-max(1.0, span * 0.04), span + max(1.0, span * 0.04))
    ticks = _ticks(first, last)
    axes.set_xticks([_hours(first, tick) for tick in ticks], _named(ticks, data.language))
    axes.xaxis.tick_top()
    return figure


def _named(ticks: Sequence[datetime], language: str) -> list[str]:
    """Days, or hours with the day where a new one begins."""
    hourly = ticks[-1] - ticks[0] < _DAY
    names = []
    for before, tick in zip((None, *ticks), ticks, strict=False):
        pattern = "HH:mm" if hourly else "d MMM"
        if hourly and (before is None or before.date() != tick.date()):
            pattern = "d MMM HH:mm"
        names.append(str(format_datetime(tick, pattern, locale=locale(language))))
    return names


def _hours(first: datetime, moment: datetime) -> float:
    return (moment - first).total_seconds() / 3600


def _ticks(first: datetime, last: datetime) -> list[datetime]:
    """At most eight round moments: midnights, or hours where all happened within a day or so."""
    if last - first < _DAY:
        step, start = timedelta(hours=3), first.replace(minute=0, second=0, microsecond=0)
    else:
        step = timedelta(days=1 + (last - first).days // 7)
        start = first.replace(hour=0, minute=0, second=0, microsecond=0) + _DAY
    ticks = [start + step * n for n in range(8)]
    return [tick for tick in ticks if tick <= last] or [last]


def _cut(text: str, limit: int = 30) -> str:
    text = printable(text)
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _tint(colour: str, share: float) -> tuple[float, float, float]:
    """The colour mixed with white paper."""
    if not share:
        return (0.955, 0.965, 0.97)
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return tuple(1 - share * (1 - one) for one in (red, green, blue))  # type: ignore[return-value]


@cache
def _outlines() -> list[list[tuple[float, float]]]:
    text = resources.files("digest.render").joinpath("outlines.json").read_text("utf-8")
    return [[(x, y) for x, y in ring] for ring in json.loads(text)]
