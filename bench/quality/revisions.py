"""A publisher's own edits of an article, and what is put together that should not be."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from typing import Any

from bench.quality import baselines
from bench.quality.clusters import pairs
from bench.quality.files import Data, Pressed, language_of, listed, pressed
from bench.quality.inforce import OURS, InForce
from bench.quality.placing import moment, placed
from bench.quality.section import Sheet
from collectors.urls import canonical
from enrich.vectors import text_of

FIT_ON = 3_000


def measure(data: Data, force: InForce, sheet: Sheet) -> None:
    """news-LANG-raw/items.jsonl with same-article-revisions.json: groups of ids."""
    files = data.find("news-*-raw/items*.jsonl")
    if not files:
        sheet.lacks("news-LANG-raw/items.jsonl", "no such file")
    for path in files:
        name = data.name(path)
        with sheet.reading(name):
            items = [item for item in pressed(path, gold=False) if not item.known]
            language = language_of(path.parent.name) or "fr"
            texts = [text_of(item.title, item.summary, "") for item in items[:FIT_ON]]
            with sheet.progress.stage("revisions", len(items)) as advance:
                found = placed(items, language, force, force.embedder(texts), advance)
            given: dict[str, Sequence[Hashable]] = {OURS: [one.group for one in found]}
            given[f"{OURS}, one address one article"] = _by_address(items, given[OURS])
            if force.compare:
                plain = baselines.labels(items, sheet, ("near_dup",))
                given |= {system: labels for (system, _), labels in plain.items()}
            for system, labels in given.items():
                _false(sheet, name, system, items, labels)
            truth = data.find(f"{path.parent.name}/*revisions*.json")
            if not truth:
                sheet.lacks(f"{path.parent.name}/same-article-revisions.json", "no such file")
            for one in truth:
                with sheet.reading(data.name(one)):
                    groups = listed(one, "groups", _ids)
                    for system, labels in given.items():
                        _recall(sheet, data.name(one), system, (items, labels), groups)


def _by_address(items: Sequence[Pressed], labels: Sequence[Hashable]) -> list[Hashable]:
    """As the archive has it: items of one canonical address are revisions of one article."""
    first: dict[str, Hashable] = {}
    return [
        first.setdefault(canonical(item.url), label)
        for item, label in zip(items, labels, strict=True)
    ]


def _ids(row: Any) -> tuple[str, ...]:
    return tuple(map(str, row["ids"]))


def _recall(
    sheet: Sheet,
    name: str,
    system: str,
    given: tuple[Sequence[Pressed], Sequence[Hashable]],
    groups: Sequence[tuple[str, ...]],
) -> None:
    labels = {item.id: label for item, label in zip(*given, strict=True)}
    there = together = whole = counted = 0
    for group in groups:
        known = [labels[one] for one in group if one in labels]
        if len(known) < 2:
            continue
        counted += 1
        whole += len(set(known)) == 1
        there += len(known) * (len(known) - 1) // 2
        together += pairs(Counter(known))
    if not counted:
        sheet.lacks(name, "none of its groups has two items in items.jsonl")
        return
    note = "every edit of one address in one group"
    sheet.row(name, "articles", system, "recall", whole / counted, counted, "articles", note)
    sheet.row(name, "pairs", system, "recall", together / there, there, "pairs")


def _false(
    sheet: Sheet, name: str, system: str, items: Sequence[Pressed], labels: Sequence[Hashable]
) -> None:
    """Of all pairs of one day, at two addresses and under two titles, how many are together.

    Counted over every pair, which is what a random pair expects. An upper bound: a dispatch that
    two publishers carry under titles of their own is in it too.
    """
    days: dict[str, list[int]] = defaultdict(list)
    for place, item in enumerate(items):
        days[moment(item.published).date().isoformat()].append(place)
    every = merged = 0
    for places in days.values():
        every += _pairs_apart([(items[place].url, items[place].title) for place in places])
        groups: dict[Hashable, list[int]] = defaultdict(list)
        for place in places:
            groups[labels[place]].append(place)
        for members in groups.values():
            merged += _pairs_apart([(items[place].url, items[place].title) for place in members])
    if every:
        note = f"{merged} pairs together; an upper bound"
        value = 1_000 * merged / every
        figure = "merged per 1,000 pairs"
        sheet.row(name, "same-day pairs", system, figure, value, every, "pairs", note)


def _pairs_apart(items: Sequence[tuple[str, str]]) -> int:
    """Pairs that have neither the address nor the title in common."""
    urls = Counter[Hashable](url for url, _ in items)
    titles = Counter[Hashable](title for _, title in items)
    both = Counter[Hashable](items)
    size = len(items)
    return size * (size - 1) // 2 - pairs(urls) - pairs(titles) + pairs(both)
