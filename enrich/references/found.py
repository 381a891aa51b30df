"""What a finder of references gives, and how overlapping ones are settled. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from vigie.model import ReferenceKind


@dataclass(frozen=True, slots=True)
class Found:
    """One reference in one text; offsets are in its characters."""

    start: int
    end: int
    kind: ReferenceKind
    value: str  # canonical: what the facet counts
    label: str  # as a person would write it
    why: str
    number: float | None = None  # an amount, in units of its currency


def settled(found: Iterable[Found]) -> list[Found]:
    """Without overlaps, in the text's order: the longest stays, then the first."""
    kept: list[Found] = []
    taken: list[tuple[int, int]] = []
    for one in sorted(found, key=lambda one: (one.start - one.end, one.start)):
        if all(one.end <= start or end <= one.start for start, end in taken):
            kept.append(one)
            taken.append((one.start, one.end))
    return sorted(kept, key=lambda one: one.start)
