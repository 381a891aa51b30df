"""What people said of the stories of one issue, put together: the last word on each field. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from vigie.model import Edit, Tlp

KEEP, DROP = "keep", "drop"
FIELDS = ("stands", "section", "rank", "comment", "credibility", "tlp", "place", "nuts")
CREDIBILITIES = ("1", "2", "3", "4", "5", "6")  # Admiralty: confirmed ... cannot be judged


@dataclass(frozen=True, slots=True)
class Wish:
    """A person's words on one story; "" and 0 where they said nothing."""

    stands: str = ""  # keep or drop
    stands_by: str = ""
    section: str = ""
    section_by: str = ""
    rank: int = 0
    comment: str = ""
    credibility: str = ""
    tlp: Tlp = Tlp.CLEAR
    place: str = ""
    nuts: str = ""

    @property
    def keeps(self) -> bool:
        return self.stands == KEEP

    @property
    def drops(self) -> bool:
        return self.stands == DROP


def wishes(edits: Iterable[Edit]) -> dict[str, Wish]:
    """By story, from edits in order of time."""
    found: dict[str, Wish] = {}
    for edit in edits:
        found[edit.story] = _with(found.get(edit.story, Wish()), edit)
    return found


def _with(wish: Wish, edit: Edit) -> Wish:
    if edit.field not in FIELDS:
        raise ValueError(f"{edit.field!r} is no field of an item")
    said: dict[str, Any] = {edit.field: edit.value}
    match edit.field:
        case "stands":
            said["stands_by"] = edit.who
        case "section":  # a rank in the section before says nothing of this one
            said |= {"section_by": edit.who, "rank": 0}
        case "rank":
            said["rank"] = int(edit.value or 0)
        case "tlp":
            said["tlp"] = Tlp(edit.value or Tlp.CLEAR)
    return replace(wish, **said)
