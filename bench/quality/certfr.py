"""CVE numbers, vendors and products that our reading finds in CERT-FR's advisories.

The advisory's own fields are the truth: `cves`, and `affected_systems` with vendor and product. Two
texts of each are read: the feed's (title and summary) and the page's, put together here as CERT-FR
prints it (risks, systems, summary, solution, bulletins, CVE list). Only what stands in the text
counts as missed: recall is of the reading, not of the text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bench.quality.files import Data, each, sampled, table
from bench.quality.inforce import OURS, InForce
from bench.quality.section import Sheet
from enrich.reading import Reader
from enrich.words import WORD, fold_long
from vigie.model import ReadingJob

MOST = 400  # advisories of one file; more are sampled evenly
_NONE = frozenset(("n/a", "na", "", "none"))


@dataclass(frozen=True, slots=True)
class _Advisory:
    title: str
    summary: str
    page: str
    cves: frozenset[str]
    vendors: frozenset[str]
    products: frozenset[str]


def measure(data: Data, force: InForce, sheet: Sheet) -> None:
    """certfr/*.jsonl, packed or not."""
    files = data.find("certfr/*.jsonl", "certfr/*.jsonl.gz")
    if not files:
        sheet.lacks("certfr/*.jsonl.gz", "no such file")
        return
    reader = force.reader
    for path in files:
        name = data.name(path)
        with sheet.reading(name):
            every = table(path, _advisory)
            some = sampled(every, MOST)
            note = f"{len(some)} of {len(every)} advisories"
            with sheet.progress.stage("advisories", 2 * len(some)) as advance:
                for label, page in (("title and summary", False), ("page", True)):
                    _scores(
                        sheet, name, (label, note), some, _read(some, reader, advance, page=page)
                    )


def _advisory(row: Any) -> _Advisory:
    systems = row.get("affected_systems") or ()
    products = [system.get("product") or {} for system in systems]
    vendors = [(product.get("vendor") or {}).get("name") for product in products]
    parts = [risk.get("description") for risk in row.get("risks") or ()]
    parts += [system.get("description") for system in systems]
    parts += [row.get("affected_systems_content"), row.get("summary"), row.get("content")]
    parts += [bulletin.get("title") for bulletin in row.get("vendor_advisories") or ()]
    cves = [str(cve["name"]) for cve in row.get("cves") or ()]
    parts += [f"Référence CVE {cve}" for cve in cves]
    return _Advisory(
        title=str(row["title"]),
        summary=str(row["summary"] or ""),
        page="\n".join(str(part) for part in parts if part),
        cves=frozenset(cves),
        vendors=_names(vendors),
        products=_names(product.get("name") for product in products),
    )


def _names(names: Any) -> frozenset[str]:
    return frozenset(str(name) for name in names if name and str(name).lower() not in _NONE)


def _read(
    some: Sequence[_Advisory], reader: Reader, advance: Callable[[int], None], *, page: bool
) -> list[tuple[str, frozenset[str]]]:
    """The text of each advisory, and all that was read in it: names and references, spaced."""
    found: list[tuple[str, frozenset[str]]] = []
    for batch in each(some, 64):
        jobs = [
            ReadingJob(number, 1, one.title, one.summary, one.page if page else "", "fr")
            for number, one in enumerate(batch)
        ]
        for job, reading in zip(jobs, reader.read(jobs), strict=True):
            said = [part for one in reading.mentions for part in (one.surface, one.name)]
            # Numbers of vulnerabilities are references where this Vigie reads references.
            said += [one.value for one in getattr(reading, "references", ())]
            text = "\n".join((job.title, job.summary, job.text))
            found.append((_spaced(text), frozenset(map(_spaced, said))))
        advance(len(batch))
    return found


def _scores(
    sheet: Sheet,
    name: str,
    where: tuple[str, str],
    some: Sequence[_Advisory],
    read: Sequence[tuple[str, frozenset[str]]],
) -> None:
    label, note = where
    kinds: tuple[tuple[str, Callable[[_Advisory], frozenset[str]]], ...] = (
        ("CVE", lambda one: one.cves),
        ("vendor", lambda one: one.vendors),
        ("product", lambda one: one.products),
    )
    for kind, truth in kinds:
        right = there = 0
        for one, (words, seen) in zip(some, read, strict=True):
            for wanted in truth(one):
                key = _spaced(wanted)
                if key.strip() and key in words:
                    there += 1
                    right += any(key in surface for surface in seen)
        of = f"{label}: {kind}"
        if there:
            sheet.row(name, of, OURS, "recall", right / there, there, "names in the text", note)
        else:
            sheet.lacks(f"{name}, {of}", "no such name stands in these texts")


def _spaced(text: str) -> str:
    """Folded words between single spaces, so that a name is found only as whole words."""
    return f" {' '.join(WORD.findall(fold_long(text)))} "
