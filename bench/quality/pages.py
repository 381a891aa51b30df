"""Article text from pages, with the sets, scorers and tools of `bench/extract.py`.

A set is known by its truth's file, so that folders of other names are measured too. Without that
module there is nothing to score with, and the part says so.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bench.quality.files import BadFile, Data, sampled
from bench.quality.inforce import OURS, InForce
from bench.quality.section import Sheet

MOST = 150  # pages of one set; more are sampled evenly
_TRUTHS = {
    "ground-truth.json": "pages-aeb",
    "evaldata.json": "pages-trafilatura",
    "index.json": "pages-fundus",
}


def measure(data: Data, force: InForce, sheet: Sheet) -> None:
    """pages-*/ with ground-truth.json, evaldata.json or index.json."""
    folders = sorted(path for path in data.root.glob("pages-*") if path.is_dir())
    if not folders:
        sheet.lacks("pages-*/", "no such folder")
        return
    if find_spec("bench.extract") is None:
        sheet.lacks("pages-*/", "this Vigie has no bench/extract.py to score with")
        return
    extract: Any = import_module("bench.extract")
    with sheet.progress.stage("pages", MOST * len(folders)) as advance:
        for folder in folders:
            name = data.name(folder)
            kind = next((_TRUTHS[one] for one in _TRUTHS if (folder / one).is_file()), "")
            if not kind:
                sheet.lacks(name, f"none of {', '.join(_TRUTHS)} in it")
                continue
            with sheet.reading(name):
                _scores(sheet, name, extract, (kind, folder), force, advance)


def _scores(
    sheet: Sheet,
    name: str,
    extract: Any,
    which: tuple[str, Path],
    force: InForce,
    advance: Callable[[int], None],
) -> None:
    reader, scorer = extract.SETS[which[0]]
    try:
        every = list(reader(which[1]))
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise BadFile(f"its truth cannot be read: {type(error).__name__}: {error}"[:200]) from error
    truths = [truth for truth in sampled(every, MOST) if truth.file.is_file()]
    if not truths:
        raise BadFile("none of its pages is there")
    tools: dict[str, Callable[[bytes, str], str]] = {
        OURS: lambda body, url: str(extract.ours(body, url).text)
    }
    if force.compare:
        tools["trafilatura"] = extract.MODES["default"]
    for system, tool in tools.items():
        texts, took = _texts(tool, truths, extract)
        score = scorer(texts, truths)
        note = f"{len(truths)} of {len(every)} pages"
        for figure, value in (("P", score.precision), ("R", score.recall), ("F1", score.f1)):
            sheet.row(name, "text", system, figure, value, len(truths), "pages", note)
        speed = len(truths) / max(1e-9, took)
        sheet.row(name, "text", system, "pages/s", round(speed, 1), len(truths), "pages")
        advance(MOST // len(tools))


def _texts(
    tool: Callable[[bytes, str], str], truths: Sequence[Any], extract: Any
) -> tuple[list[str], float]:
    """What a tool finds on each page, and its CPU seconds; a broken page is a bad file."""
    found, took = [], 0.0
    for truth in truths:
        try:
            body = extract.body_of(truth)
        except (OSError, EOFError, ValueError) as error:
            raise BadFile(f"{truth.file.name}: {type(error).__name__}") from error
        start = time.process_time()
        found.append(tool(body, truth.url))
        took += time.process_time() - start
    return found, took
