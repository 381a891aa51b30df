"""The charts as SVG, drawn by matplotlib: the same figures give the same bytes.

Letters are drawn as shapes, so that a chart looks the same in a browser and in the PDF, whatever
fonts there are; its words are in its alternative text and its table. Colours tell nothing alone:
each cell and each circle has its number written in it. No chart has a background of its own: it
stands on white paper in every form.
"""

from __future__ import annotations

import io
import json
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

import matplotlib as mpl
from babel.dates import format_datetime
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

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
_INK, _MUTED, _LAND, _SEA = "#1f2933", "#52606d", "#f4f1ea", "#dbe7ee"
_WIDTH = 7.2  # inches; the pages scale it
_DAY = timedelta(days=1)
_LEAST_SPAN = 5.0  # degrees of latitude that a map shows at least


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
        with mpl.rc_context(_STYLE):
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


def _figure(height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(_WIDTH, height), layout="constrained", facecolor="none")
    axes = figure.add_subplot(facecolor="none")
    axes.tick_params(length=0, colors=_MUTED)
    for side in axes.spines.values():
        side.set_visible(False)
    return figure, axes


def _weeks(data: figures.Weeks, colour: str) -> Figure:
    """Rows of sections, columns of weeks; the darker a cell, the more items, with their number."""
    figure, axes = _figure(0.75 + 0.34 * len(data.labels))
    most = max(max(row) for row in data.counts)
    for y, row in enumerate(data.counts):
        for x, number in enumerate(row):
            share = 0.18 + 0.82 * number / most if number else 0.0
            axes.add_patch(
                mpl.patches.Rectangle(
                    (x - 0.46, y - 0.44), 0.92, 0.88, facecolor=_tint(colour, share), linewidth=0
                )
            )
            if number:
                ink = "#ffffff" if share > 0.55 else _INK
                axes.text(x, y, str(number), ha="center", va="center_baseline", color=ink)
        axes.text(len(row) - 0.2, y, str(sum(row)), va="center_baseline", color=_INK, weight="bold")
    axes.set_xlim(-0.6, len(data.weeks) + 0.3)
    axes.set_ylim(len(data.labels) - 0.45, -0.55)
    axes.set_yticks(range(len(data.labels)), [_cut(label) for label in data.labels], color=_INK)
    step = 1 + (len(data.weeks) - 1) // 9
    axes.set_xticks(range(0, len(data.weeks), step), data.weeks[::step])
    axes.xaxis.tick_top()
    return figure


def _map(data: figures.Map, colour: str) -> Figure:
    """A circle for each territory, its surface by its items, over countries' outlines."""
    spots = tuple(spot for spot in data.spots if spot.near)
    west, south, east, north = _extent(spots)
    height = min(4.3, _WIDTH * (north - south) / ((east - west) * 0.68))
    figure, axes = _figure(height)
    inside = [
        ring
        for ring in _outlines()
        if any(west <= x <= east and south <= y <= north for x, y in ring)
    ]
    axes.set_facecolor(_SEA)
    axes.add_collection(PolyCollection(inside, facecolor=_LAND, edgecolor="#9aa5ad", linewidth=0.6))
    most = spots[0].items
    taken: list[tuple[float, float]] = []
    for spot in spots:
        axes.scatter(
            [spot.lon],
            [spot.lat],
            s=[150 + 750 * spot.items / most],
            color=colour,
            alpha=0.92,
            edgecolor="#ffffff",
            linewidth=1.0,
            zorder=3,
        )
        axes.text(
            spot.lon,
            spot.lat,
            str(spot.items),
            ha="center",
            va="center_baseline",
            color=look(colour).band_ink,
            zorder=4,
            weight="bold",
        )
        near = (east - west) / 9, (north - south) / 18
        if all(abs(spot.lon - x) > near[0] or abs(spot.lat - y) > near[1] for x, y in taken):
            taken.append((spot.lon, spot.lat))
            _name(axes, spot, most, (spot.lon - west) / (east - west))
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.set_aspect(1 / 0.68)  # a degree of longitude is so much shorter at 47 degrees north
    axes.set_xticks([])
    axes.set_yticks([])
    return figure


def _name(axes: Axes, spot: figures.Spot, most: int, across: float) -> None:
    """A territory's name under its circle, turned inwards near the map's edges."""
    side = "left" if across < 0.15 else "right" if across > 0.85 else "center"
    note = axes.annotate(
        _cut(spot.name, 26),
        (spot.lon, spot.lat),
        xytext=(0, -6 - 13 * (spot.items / most) ** 0.5),
        textcoords="offset points",
        ha=side,
        va="top",
        zorder=5,
        color=_INK,
        fontsize=8,
        bbox={"boxstyle": "round,pad=0.15", "fc": "#ffffff", "ec": "none", "alpha": 0.8},
    )
    note.set_in_layout(False)  # a name is never a reason to make the map smaller


def _extent(spots: tuple[figures.Spot, ...]) -> tuple[float, float, float, float]:
    """West, south, east, north of a map that shows all circles."""
    south, north = min(one.lat for one in spots), max(one.lat for one in spots)
    west, east = min(one.lon for one in spots), max(one.lon for one in spots)
    span = max(_LEAST_SPAN, (north - south) * 1.3, (east - west) * 1.25 * 0.5)
    wide = max(span * 1.6, (east - west) * 1.25)
    middle, centre = (south + north) / 2, (west + east) / 2
    return centre - wide / 2, middle - span / 2, centre + wide / 2, middle + span / 2


def _timeline(data: figures.Timeline, colour: str) -> Figure:
    """A row for each source, the first at the top, a dot for each article."""
    figure, axes = _figure(0.7 + 0.27 * len(data.sources))
    first, last = data.moments[0][0], data.moments[-1][0]
    for at in range(len(data.sources)):
        mine = [_hours(first, moment) for moment, row in data.moments if row == at]
        axes.axhline(at, color="#d5dce1", linewidth=0.8, zorder=1)
        axes.scatter(mine, [at] * len(mine), s=42, color=colour, zorder=3, edgecolor="#ffffff")
    axes.set_yticks(range(len(data.sources)), [_cut(name) for name in data.sources], color=_INK)
    axes.set_ylim(len(data.sources) - 0.5, -0.6)
    span = _hours(first, last)
    axes.set_xlim(-max(1.0, span * 0.04), span + max(1.0, span * 0.04))
    ticks = _ticks(first, last)
    pattern = "HH:mm" if ticks[-1] - ticks[0] < _DAY else "d MMM"
    axes.set_xticks(
        [_hours(first, tick) for tick in ticks],
        [str(format_datetime(tick, pattern, locale=locale(data.language))) for tick in ticks],
    )
    axes.xaxis.tick_top()
    return figure


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
