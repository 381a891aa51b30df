"""The issue as PDF/UA-1 through typst, with the fonts that typst carries.

The template is fixed and the content goes in as JSON that it shows as strings: no typst code is
ever built from content. System fonts are ignored, packages and files out of reach, and the date is
the issue's, so that the same issue gives the same bytes on every machine.
"""

from __future__ import annotations

import dataclasses
import json
import re
import tempfile
import unicodedata
from datetime import UTC, datetime
from typing import Any

from typst import Compiler

from digest.render.template import facts, source
from digest.render.view import PageView

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
_MISSING = "□"  # stands for any run of characters that the fonts lack


def draw(page: PageView) -> bytes:
    """PDF 1.7, tagged. Raises typst.TypstError on a fault of the template."""
    moment = page.drafted_at.astimezone(UTC).replace(microsecond=0)
    with tempfile.TemporaryDirectory(prefix="vigie-pdf-") as empty:
        compiler = Compiler(
            root=empty,
            ignore_system_fonts=True,
            package_path=empty,
            package_cache_path=empty,
            sys_inputs={"page": json.dumps(_data(page, moment))},
        )
        content = compiler.compile(
            source("bulletin.typ"),
            format="pdf",
            pdf_standards=["ua-1"],
            timestamp=int(moment.timestamp()),
        )
    assert isinstance(content, bytes)  # noqa: S101 -- a list comes for images of pages only
    return content


def _data(page: PageView, moment: datetime) -> dict[str, Any]:
    """The page as the template reads it: printable, and no heading empty."""
    data: dict[str, Any] = _printable(dataclasses.asdict(page))
    names = ("year", "month", "day", "hour", "minute", "second")
    data["date"] = {name: getattr(moment, name) for name in names}
    del data["drafted_at"]
    data["title"], data["heading"] = data["title"] or page.id, data["heading"] or page.id
    for section, shown in zip(page.sections, data["sections"], strict=True):
        shown["label"] = shown["label"] or _MISSING
        for item, line in zip(section.items, shown["items"], strict=True):
            if not line["title"].strip(_MISSING + " "):
                line["title"] = f"{_MISSING} {item.host}".rstrip()
                line["language"] = ""
            line["facts"] = printable(facts(item))
    return data


def printable(text: str) -> str:
    """The text in characters that have a glyph: equivalents, else nothing for emoji, else a box."""
    kept = []
    for char in text:
        if _has_glyph(char):
            kept.append(char)
        elif all(map(_has_glyph, plain := unicodedata.normalize("NFKC", char))):
            kept.append(plain)
        elif unicodedata.category(char) not in ("So", "Mn", "Me", "Sk"):
            kept.append(_MISSING)
    return re.sub(f"{_MISSING}[{_MISSING} ]*{_MISSING}", _MISSING, "".join(kept)).strip()


def _has_glyph(char: str) -> bool:
    code = ord(char)
    return any(first <= code <= last for first, last in GLYPHS)


def _printable(value: Any) -> Any:
    """Every text of a tree of dicts and lists made printable; addresses are ASCII already."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {key: _printable(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(one) for one in value]
    return value
