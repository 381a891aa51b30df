"""An edition's colours, made legible: no text is fainter than WCAG 2.2 asks at level AA. Pure.

A colour that a coordinator chose is kept where it is a surface (the band at the head): its text is
then black or white, whichever stands out. Where it is a text's own colour it is darkened on light
paper, and lightened on dark paper, just until the contrast is 4.5 to 1. So no choice can fail.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

AA = 4.5  # WCAG 2.2, success criterion 1.4.3, text of any size
AAA = 7.0  # 1.4.6: on dark paper a colour at 4.5 looks dull
PAPER = "#ffffff"
DESK = "#eaeff1"  # around the paper
NIGHT = "#16232e"  # the paper in dark mode
NAVY = "#12355b"
TEAL = "#0b5a4e"
_WHITE, _BLACK, _SOFT = "#ffffff", "#000000", "#dbe8f3"
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_STEPS = 64


@dataclass(frozen=True, slots=True)
class Look:
    """The colours of one edition, as #rrggbb."""

    band: str  # behind the title
    band_ink: str  # the title on it
    band_soft: str  # smaller text on it
    heading: str  # on paper
    heading_night: str
    rule: str  # lines that no text depends on


@cache
def look(colour: str = "") -> Look:
    """The look that goes with an edition's colour; "" or what is no #rrggbb: Vigie's own."""
    band = colour.strip().lower()
    if not _COLOUR.fullmatch(band):
        band = NAVY
    ink = _WHITE if contrast(_WHITE, band) >= contrast(_BLACK, band) else _BLACK
    soft = _SOFT if contrast(_SOFT, band) >= AA else ink
    return Look(
        band=band,
        band_ink=ink,
        band_soft=soft,
        heading=legible(band, DESK),
        heading_night=legible(band, NIGHT, AAA) if band != NAVY else "#9fd0f5",
        rule="#6fb5a6" if band == NAVY else legible(band, PAPER, 3.0),
    )


def legible(colour: str, paper: str, wanted: float = AA) -> str:
    """The colour itself where its contrast with the paper suffices, else mixed until it does."""
    towards = _BLACK if luminance(paper) > 0.18 else _WHITE
    for step in range(_STEPS + 1):
        mixed = _mixed(colour, towards, step / _STEPS)
        if contrast(mixed, paper) >= wanted:
            return mixed
    return towards


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio of two colours, from 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """WCAG's relative luminance of a #rrggbb, from 0 to 1."""
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


def _mixed(colour: str, other: str, share: float) -> str:
    parts = (
        round(int(colour[at : at + 2], 16) * (1 - share) + int(other[at : at + 2], 16) * share)
        for at in (1, 3, 5)
    )
    return "#" + "".join(f"{part:02x}" for part in parts)
