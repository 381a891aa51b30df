"""The run as JSON, and the JSON as a page: both in one order, neither with a machine's path."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.quality.files import BadFile, Data, digest
from bench.quality.floors import Judged
from bench.quality.inforce import InForce
from bench.quality.parts import PARTS
from bench.quality.section import Absent, Row, Section
from enrich.models import in_force
from vigie import __version__

FORMAT = 1
_WHOLE = frozenset(("words/s", "texts/s", "pages/s"))


@dataclass(frozen=True, slots=True)
class Run:
    """All that one call of the command gives."""

    data: str  # the folder's name, without its path
    files: Mapping[str, str]  # SHA-256 by name: every file that a part of the run looks at
    models: tuple[tuple[str, str, str], ...]  # task, name, revision
    sections: tuple[Section, ...]
    floors: tuple[Judged, ...] = ()  # those that stand on this data

    @property
    def hash(self) -> str:
        """SHA-256 over names and hashes of the files."""
        told = "".join(f"{name} {value}\n" for name, value in sorted(self.files.items()))
        return hashlib.sha256(told.encode()).hexdigest()

    @property
    def ok(self) -> bool:
        """Nothing is broken, nothing failed, and every floor on this data is held."""
        return all(section.ok for section in self.sections) and all(one.held for one in self.floors)


def hashes(root: Path, names: Sequence[str]) -> dict[str, str]:
    """SHA-256 of each file of these parts; "unreadable" for one that cannot be read."""
    data, found = Data(root), dict[str, str]()
    for part in PARTS:
        if part.name in names:
            for path in data.find(*part.patterns):
                try:
                    found[data.name(path)] = digest(path)
                except BadFile:
                    found[data.name(path)] = "unreadable"
    return dict(sorted(found.items()))


def models(force: InForce) -> tuple[tuple[str, str, str], ...]:
    """What is in force, as `vigie doctor` says it."""
    return tuple((one.task, one.name, one.revision) for one in in_force(force.settings))


def as_json(run: Run) -> dict[str, Any]:
    """Plain lists and objects, in the order of the report."""
    return {
        "format": FORMAT,
        "vigie": __version__,
        "python": platform.python_version(),
        "data": {"folder": run.data, "sha256": run.hash, "files": dict(sorted(run.files.items()))},
        "models": [dict(zip(("task", "name", "revision"), one, strict=True)) for one in run.models],
        "ok": run.ok,
        "floors": [
            {"row": one.floor.row, "floor": one.floor.said(), "value": one.value, "held": one.held}
            for one in run.floors
        ],
        "parts": [_part(section) for section in run.sections],
    }


def _part(section: Section) -> dict[str, Any]:
    return {
        "name": section.name,
        "title": section.title,
        "seconds": section.seconds,
        "cpu_seconds": section.cpu_seconds,
        "peak_mb": section.peak_mb,
        "rows": [
            {
                "dataset": row.dataset,
                "of": row.of,
                "system": row.system,
                "figure": row.figure,
                "value": row.value,
                "count": row.count,
                "unit": row.unit,
                **({"note": row.note} if row.note else {}),
            }
            for row in section.rows
        ],
        "absent": [_told(one) for one in section.absent],
        "broken": [_told(one) for one in section.broken],
        "failed": section.failed,
    }


def _told(one: Absent) -> dict[str, str]:
    return {"what": one.what, "why": one.why}


# ---------------------------------------------------------------------------------------- page

_HEAD = """# Quality

Written by `make quality`: do not edit. Which sets these are, and how each figure is taken, stands
in [measuring.md](measuring.md). `vigie` is what is in force; the other systems ran beside it,
over the same texts. `n` is how many names, texts or pairs a figure was taken over. The sets are
used for development: what the figures say of other texts is shown only on data nobody tuned on.
Seconds and speeds are those of the machine of the run, busy or not: compare them within one run.
"""


def page(run: Mapping[str, Any]) -> str:
    """The report in Markdown, of what `as_json` gave."""
    told = [_HEAD, _heading(run)]
    told += [_section(part) for part in run["parts"]]
    told += [_floors(run["floors"])]
    return "\n".join(told)


def _heading(run: Mapping[str, Any]) -> str:
    data = run["data"]
    rows = [(one["task"], one["name"], one["revision"]) for one in run["models"]]
    rows = [(task, name, revision or "cannot be loaded") for task, name, revision in rows]
    lines = [
        f"Vigie {run['vigie']}, Python {run['python']}.",
        f"Data: `{data['folder']}`, {len(data['files'])} files, SHA-256 `{data['sha256'][:16]}`.",
        "",
        *_table(("task", "in force", "revision"), rows),
        "",
        "| part | seconds | CPU seconds | peak memory, MB |",
        "|---|--:|--:|--:|",
    ]
    lines += [
        f"| {part['name']} | {part['seconds']:.0f} | {part['cpu_seconds']:.0f} "
        f"| {part['peak_mb']:.0f} |"
        for part in run["parts"]
    ]
    return "\n".join([*lines, ""])


def _section(part: Mapping[str, Any]) -> str:
    lines = [f"## {part['title']}", ""]
    if part["failed"]:
        lines += [f"**Failed:** {part['failed']}", ""]
    lines += [f"* **Broken:** {one['what']}: {one['why']}" for one in part["broken"]]
    lines += [f"* Absent: {one['what']}: {one['why']}" for one in part["absent"]]
    lines += [""] if part["broken"] or part["absent"] else []
    for dataset in dict.fromkeys(row["dataset"] for row in part["rows"]):
        rows = [row for row in part["rows"] if row["dataset"] == dataset]
        lines += [f"### {dataset}", "", *_figures(rows), ""]
    return "\n".join(lines)


def _floors(floors: Sequence[Mapping[str, Any]]) -> str:
    if not floors:
        return "## Floors\n\nNone stands on this data.\n"
    rows = [
        (
            one["row"],
            one["floor"],
            "not measured" if one["value"] is None else str(one["value"]),
            "held" if one["held"] else "**under**",
        )
        for one in floors
    ]
    return "\n".join(["## Floors", "", *_table(("figure", "floor", "measured", ""), rows), ""])


def _figures(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """One line a slice and system, one column a figure."""
    figures = list(dict.fromkeys(row["figure"] for row in rows))
    lines: dict[tuple[str, str], dict[str, Mapping[str, Any]]] = {}
    for row in rows:
        lines.setdefault((row["of"], row["system"]), {})[row["figure"]] = row
    noted = any("note" in row for row in rows)
    head = ("of", "system", *figures, "n", *(("note",) if noted else ()))
    cells = []
    order = {of: place for place, of in enumerate(dict.fromkeys(of for of, _ in lines))}
    for (of, system), found in sorted(lines.items(), key=lambda pair: order[pair[0][0]]):
        values = [_value(found.get(figure)) for figure in figures]
        counts = dict.fromkeys(f"{row['count']:,} {row['unit']}" for row in found.values())
        notes = dict.fromkeys(row["note"] for row in found.values() if "note" in row)
        cells.append(
            (of, system, *values, "; ".join(counts), *(("; ".join(notes),) if noted else ()))
        )
    return _table(head, cells)


def _value(row: Mapping[str, Any] | None) -> str:
    if row is None:
        return ""
    return f"{row['value']:,.0f}" if row["figure"] in _WHOLE else f"{row['value']:.3f}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

    return [line(head), "|" + "---|" * len(head), *map(line, rows)]


def rows_of(section: Section) -> dict[str, Row]:
    """The rows by their keys. Raises ValueError where two have the same."""
    found = {row.key: row for row in section.rows}
    if len(found) != len(section.rows):
        raise ValueError(f"{section.name}: two rows of one key")
    return found
