"""Parts that stand elsewhere: called where they are there, named as absent where they are not.

* `bench/extract.py` measures extraction: `measure(data: Path) -> Iterable[tuple]`.
* `bench/references.py` measures references on the project's own table, in the same way.

Each tuple is a `Row` of `bench.quality.section` without names: dataset, slice, system, figure,
value, count, unit and, if there is one, a note.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from bench.quality.files import Data
from bench.quality.inforce import InForce
from bench.quality.section import Sheet


def pages(data: Data, _force: InForce, sheet: Sheet) -> None:
    """Extraction from the pages of pages-*/."""
    if not any(path.is_dir() for path in data.root.glob("pages-*")):
        sheet.lacks("pages-*/", "no such folder")
        return
    _called("bench.extract", data, sheet)


def references(data: Data, _force: InForce, sheet: Sheet) -> None:
    """References, on the project's own table: no data of the folder is used."""
    _called("bench.references", data, sheet)


def _called(module: str, data: Data, sheet: Sheet) -> None:
    if find_spec(module) is None or not hasattr(import_module(module), "measure"):
        sheet.lacks(module, "no such module with a function `measure`")
        return
    for row in import_module(module).measure(data.root):
        sheet.row(*row)
