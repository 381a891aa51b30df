"""The issue as PDF/UA-1 through typst, with the fonts that typst carries.

The template is fixed and the content goes in as JSON that it shows as strings: no typst code is
ever built from content. System fonts are ignored, packages and files out of reach, and the date is
the issue's, so that the same issue gives the same bytes on every machine.
"""

from __future__ import annotations

import dataclasses
import json
import tempfile
from datetime import UTC, datetime
from typing import Any

from typst import Compiler

from digest.render.glyphs import MISSING, printable
from digest.render.template import facts, source
from digest.render.view import Chart, Copy, PageView


def draw(copy: Copy) -> bytes:
    """PDF 1.7, tagged. Raises typst.TypstError on a fault of the template."""
    page = copy.page
    moment = page.drafted_at.astimezone(UTC).replace(microsecond=0)
    with tempfile.TemporaryDirectory(prefix="vigie-pdf-") as empty:
        compiler = Compiler(
            root=empty,
            ignore_system_fonts=True,
            package_path=empty,
            package_cache_path=empty,
            sys_inputs={"page": json.dumps(_data(page, copy.charts(), moment))},
        )
        content = compiler.compile(
            source("bulletin.typ"),
            format="pdf",
            pdf_standards=["ua-1"],
            timestamp=int(moment.timestamp()),
        )
    assert isinstance(content, bytes)  # noqa: S101 -- a list comes for images of pages only
    return content


def _data(page: PageView, charts: tuple[Chart, ...], moment: datetime) -> dict[str, Any]:
    """The page as the template reads it: printable, and no heading empty."""
    plain = dataclasses.replace(page, drafted_at=moment)
    data: dict[str, Any] = _printable(dataclasses.asdict(plain))
    data["charts"] = [
        {"title": printable(one.title), "alt": printable(one.alt), "svg": one.svg} for one in charts
    ]
    names = ("year", "month", "day", "hour", "minute", "second")
    data["date"] = {name: getattr(moment, name) for name in names}
    del data["drafted_at"]
    data["title"], data["heading"] = data["title"] or page.id, data["heading"] or page.id
    for section, shown in zip(page.sections, data["sections"], strict=True):
        shown["label"] = shown["label"] or MISSING
        for item, line in zip(section.items, shown["items"], strict=True):
            if not line["title"].strip(MISSING + " "):
                line["title"] = f"{MISSING} {item.host}".rstrip()
                line["language"] = ""
            line["facts"] = printable(facts(item))
            line["published"] = ""
    return data


def _printable(value: Any) -> Any:
    """Every text of a tree of dicts and lists made printable; addresses are ASCII already."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {key: _printable(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(one) for one in value]
    return value
