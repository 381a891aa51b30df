"""Which characters the fonts of the PDF and of the charts have, and what stands for the others."""

from __future__ import annotations

import re
import unicodedata

# PDF/UA wants a glyph for every character. These ranges are in every style of Libertinus Serif.
GLYPHS = (
    (0x20, 0x7E),
    (0xA0, 0x17F),
    (0x218, 0x21B),
    (0x384, 0x38A),
    (0x38C, 0x38C),
    (0x38E, 0x3A1),
    (0x3A3, 0x3CE),
    (0x401, 0x401),
    (0x403, 0x40C),
    (0x40F, 0x44F),
    (0x451, 0x451),
    (0x453, 0x453),
    (0x455, 0x458),
    (0x45C, 0x45C),
    (0x45E, 0x45E),
    (0x1EA0, 0x1EF9),
    (0x2010, 0x2015),
    (0x2018, 0x201E),
    (0x2020, 0x2022),
    (0x2026, 0x2026),
    (0x202F, 0x2030),
    (0x2032, 0x2033),
    (0x2039, 0x203A),
    (0x20AC, 0x20AC),
    (0x2122, 0x2122),
    (0x2190, 0x2193),
    (0x2212, 0x2212),
    (0x25A1, 0x25A1),
)
MISSING = "□"  # stands for any run of characters that the fonts lack


def printable(text: str) -> str:
    """The text in characters that have a glyph: equivalents, else nothing for emoji, else a box."""
    kept = []
    for char in text:
        if _has_glyph(char):
            kept.append(char)
        elif all(map(_has_glyph, plain := unicodedata.normalize("NFKC", char))):
            kept.append(plain)
        elif unicodedata.category(char) not in ("So", "Mn", "Me", "Sk"):
            kept.append(MISSING)
    return re.sub(f"{MISSING}[{MISSING} ]*{MISSING}", MISSING, "".join(kept)).strip()


def _has_glyph(char: str) -> bool:
    code = ord(char)
    return any(first <= code <= last for first, last in GLYPHS)
