"""References (acts, advisories, amounts, dates ...) on the project's own table of cases.

The table is `tests/enrich/references_table.py`: language, text, and the "kind value" pairs that
must be found, in order. Those who wrote the rules wrote it too: it shows what is kept, not what an
unseen text gives.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from bench.quality.files import Data
from bench.quality.inforce import OURS, InForce
from bench.quality.section import Sheet
from bench.quality.spans import Score
from vigie.model import ReadingJob

TABLE = Path(__file__).parents[2] / "tests" / "enrich" / "references_table.py"
_AT = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)  # the day that the table counts from
_NAME = "tests/enrich/references_table.py"


def measure(_data: Data, _force: InForce, sheet: Sheet) -> None:
    """Nothing of the data folder is used."""
    if find_spec("enrich.references") is None or not TABLE.is_file():
        sheet.lacks("references", f"this Vigie has no enrich.references, or no {_NAME}")
        return
    read: Any = import_module("enrich.references").read
    job: Any = ReadingJob
    cases = []
    for language, text, expected in _rows():
        wanted = [pair.strip() for pair in expected.split(";") if pair.strip()]
        found = read(job(1, 1, "", "", text, published=_AT), language)
        given = [f"{one.kind.value} {one.value}" for one in found]
        cases.append((language, wanted, given))
    right = sum(wanted == given for _, wanted, given in cases)
    sheet.row(_NAME, "all", OURS, "cases right", right / len(cases), len(cases), "cases")
    for language in sorted({language for language, _, _ in cases}):
        _scores(sheet, language, [case[1:] for case in cases if case[0] == language])
    pairs = [pair for _, wanted, given in cases for pair in (*wanted, *given)]
    for kind in sorted({pair.split(" ", 1)[0] for pair in pairs}):
        kept = [
            ([pair for pair in side if pair.startswith(f"{kind} ")] for side in case[1:])
            for case in cases
        ]
        _scores(sheet, kind, [(wanted, given) for wanted, given in kept])


def _rows() -> Sequence[tuple[str, str, str]]:
    spec = spec_from_file_location("references_table", TABLE)
    if spec is None or spec.loader is None:
        return ()
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    rows: Sequence[tuple[str, str, str]] = module.ROWS
    return rows


def _scores(sheet: Sheet, of: str, cases: Sequence[tuple[list[str], list[str]]]) -> None:
    right = sum((Counter(wanted) & Counter(given)).total() for wanted, given in cases)
    found, there = sum(len(given) for _, given in cases), sum(len(wanted) for wanted, _ in cases)
    score = Score(right, found, there)
    for figure, value in (("P", score.precision), ("R", score.recall), ("F1", score.f1)):
        sheet.row(_NAME, of, OURS, figure, value, there, "references")
