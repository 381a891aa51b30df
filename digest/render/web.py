"""The issue as a web page: one file that holds all it shows, and may run and load nothing.

Its own policy (CSP) names its one style by hash and allows pictures from within the page only; the
charts are such pictures. It is read without script, by keyboard, on paper, in light and dark.
"""

from __future__ import annotations

import base64
import hashlib

from markupsafe import Markup

from digest.render.html import TLP_COLOURS
from digest.render.look import DESK, NIGHT, Look, legible
from digest.render.template import attributes, facts, source, template
from digest.render.view import Chart, Copy


def draw(copy: Copy) -> bytes:
    """UTF-8 HTML, whole in one file."""
    style = _style(copy.page.look)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    text = template("web.html.j2", markup=True).render(
        page=copy.page,
        charts=[(chart, _picture(chart)) for chart in copy.charts()],
        style=Markup(style),  # noqa: S704 -- our own file, and colours that are #rrggbb
        policy=policy,
        facts=facts,
        attributes=attributes,
        tlp_class=copy.page.tlp.removeprefix("TLP:").removesuffix("+STRICT").lower(),
    )
    return text.encode()


def _picture(chart: Chart) -> str:
    encoded = base64.b64encode(chart.svg.encode()).decode("ascii")
    return f"data:image/svg+xml;base64,{encoded}"


def _style(look: Look) -> str:
    """The style sheet in this edition's colours; colours are #rrggbb and nothing else."""
    values = {
        "band": look.band,
        "ink": look.band_ink,
        "soft": look.band_soft,
        "heading": look.heading,
        "heading-night": look.heading_night,
        "rule": look.rule,
        "rule-night": legible(look.rule, NIGHT, 3.0),
        "desk": DESK,
        "night": NIGHT,
        **{f"tlp-{name[4:].lower()}": colour for name, colour in TLP_COLOURS.items()},
    }
    root = ";".join(f"--{name}:{value}" for name, value in sorted(values.items()))
    return f":root{{{root}}}" + " ".join(source("web.css").decode().split())
