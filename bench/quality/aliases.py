"""Whether the names of one institution, in four languages and as acronyms, meet in one entity."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench.quality.files import BadFile, Data, document, listed
from bench.quality.inforce import OURS, InForce
from bench.quality.section import Sheet
from vigie.model import ReadingJob
from vigie.schema import LANGUAGES

# A name is read where names stand: inside a sentence.
_CARRIER = {
    "fr": "Selon {}, le dossier avance.",
    "nl": "Volgens {} vordert het dossier.",
    "de": "Laut {} kommt die Sache voran.",
    "en": "According to {}, the matter is moving on.",
}


@dataclass(frozen=True, slots=True)
class _Group:
    id: str
    wikidata: str
    names: tuple[tuple[str, str], ...]  # language and surface


def measure(data: Data, force: InForce, sheet: Sheet) -> None:
    """gold/aliases-*.json: groups that meet, names that do, groups that meet one another."""
    files = data.find("gold/aliases-*.json")
    if not files:
        sheet.lacks("gold/aliases-*.json", "no such file")
    for path in files:
        with sheet.reading(data.name(path)):
            groups = listed(path, "entries", _group)
            _scores(sheet, data.name(path), groups, _several(document(path)), force)


def _several(content: Any) -> frozenset[str]:
    """Names that more than one group of the file has: a list, or an object with them as keys."""
    said = content.get("ambiguous", []) if isinstance(content, dict) else []
    if not isinstance(said, list | dict):
        raise BadFile("'ambiguous' is neither a list nor an object")
    return frozenset(map(str, said))


def _group(row: Any) -> _Group:
    names = [(code, str(name)) for code, name in row.get("names", {}).items()]
    names += [(code, str(name)) for code, some in row.get("acronyms", {}).items() for name in some]
    first = next(iter(row.get("names", {"fr": ""})), "fr")
    names += [(first, str(name)) for name in row.get("aliases", ())]
    kept = tuple(dict.fromkeys(pair for pair in names if pair[0] in LANGUAGES and pair[1]))
    return _Group(str(row["id"]), str(row.get("wikidata") or ""), kept)


def _scores(
    sheet: Sheet, name: str, groups: Sequence[_Group], several: frozenset[str], force: InForce
) -> None:
    pairs = [
        (group.id, language, surface)
        for group in groups
        for language, surface in group.names
        if surface not in several
    ]
    entities = _entities(force, [(language, surface) for _, language, surface in pairs])
    by_group: dict[str, list[str]] = {}
    for (group, _, _), entity in zip(pairs, entities, strict=True):
        by_group.setdefault(group, []).append(entity)
    chosen = {group: _most(found) for group, found in by_group.items()}
    sizes = {group: len(found) for group, found in by_group.items()}
    whole = sum(
        bool(chosen[group]) and all(entity == chosen[group] for entity in found)
        for group, found in by_group.items()
    )
    met = sum(
        entity == chosen[group] for group, found in by_group.items() for entity in found if entity
    )
    known = [group for group in chosen if chosen[group]]
    shared = Counter(chosen[group] for group in known)
    mixed = sum(shared[chosen[group]] > 1 for group in known)
    total = len(by_group)
    sheet.row(name, "groups", OURS, "meet in one entity", whole / total, total, "groups")
    sheet.row(name, "groups", OURS, "any name known", len(known) / total, total, "groups")
    sheet.row(name, "names", OURS, "meet", met / len(pairs), len(pairs), "names")
    note = "two groups of the file in one entity: of another id, not always another thing"
    sheet.row(name, "groups", OURS, "mixed", mixed / max(1, len(known)), len(known), "groups", note)
    _wikidata(sheet, name, groups, chosen, force)
    several_forms = sum(size > 1 for size in sizes.values())
    sheet.row(name, "groups", OURS, "of two names or more", several_forms / total, total, "groups")


def _wikidata(
    sheet: Sheet,
    name: str,
    groups: Sequence[_Group],
    chosen: dict[str, str],
    force: InForce,
) -> None:
    told = {entity.id: entity.wikidata for entity in force.settings.gazetteer}
    marked = [group for group in groups if group.wikidata]
    if not marked:
        return
    right = sum(told.get(chosen.get(group.id, ""), "") == group.wikidata for group in marked)
    share = right / len(marked)
    sheet.row(name, "groups", OURS, "Wikidata id right", share, len(marked), "groups")


def _entities(force: InForce, names: Sequence[tuple[str, str]]) -> list[str]:
    """The canonical id of the mention that covers the whole name, or ""."""
    jobs, places, languages = [], [], []
    for number, (language, surface) in enumerate(names):
        before, _, after = _CARRIER[language].partition("{}")
        jobs.append(ReadingJob(number, 1, "", "", f"{before}{surface}{after}"))
        places.append((len(before), len(before) + len(surface)))
        languages.append(language)
    known = {entity.id for entity in force.settings.gazetteer}
    found = []
    for mentions, (start, end) in zip(force.entities.read(jobs, languages), places, strict=True):
        covering = [
            one.entity
            for one in mentions
            if one.start <= start and one.end >= end and one.entity in known
        ]
        found.append(covering[0] if covering else "")
    return found


def _most(found: Sequence[str]) -> str:
    """The id that most of a group's names have; the first of them where several do."""
    counts = Counter(entity for entity in found if entity)
    return counts.most_common(1)[0][0] if counts else ""
