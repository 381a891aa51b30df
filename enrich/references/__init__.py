"""What a text refers to: vulnerabilities, advisories, acts, patents, tenders, amounts, dates.

    found = read(job, "fr")       # Reference values, field by field, in the order of each text

Each has a kind, a canonical value and a reason. Where two overlap the longer one stays: the date
of a law is a part of the law.
"""

from __future__ import annotations

from enrich.references.acts import eu_acts, national_acts
from enrich.references.amounts import amounts
from enrich.references.found import Found, settled
from enrich.references.identifiers import FINDERS
from enrich.references.spoken import spoken_dates
from vigie.model import ReadingJob, Reference

REVISION = "references-r1"  # changed by hand with the rules
_FIELDS = ("title", "summary", "text")


def read(job: ReadingJob, language: str) -> tuple[Reference, ...]:
    """All references of a job. Dates that count from publication need `job.published`."""
    found: list[Reference] = []
    for field in _FIELDS:
        text = getattr(job, field)
        if text:
            found += [_reference(one, field, text) for one in _all(text, language, job)]
    return tuple(found)


def _all(text: str, language: str, job: ReadingJob) -> list[Found]:
    found = [*amounts(text, language), *spoken_dates(text, language, job.published)]
    found += eu_acts(text, language)
    found += national_acts(text)
    if any(map(str.isdigit, text)):
        for finder in FINDERS:
            found += finder(text)
    return settled(found)


def _reference(one: Found, field: str, text: str) -> Reference:
    return Reference(
        kind=one.kind,
        value=one.value,
        label=one.label,
        number=one.number,
        surface=text[one.start : one.end],
        field=field,
        start=one.start,
        end=one.end,
        why=one.why,
    )
