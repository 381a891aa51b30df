"""Stories and near-duplicates on real press, labelled by reading: ours beside the baselines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence

from bench.quality import baselines
from bench.quality.clusters import Clustering, compared
from bench.quality.files import BadFile, Data, Pressed, language_of, pressed
from bench.quality.inforce import OURS, InForce
from bench.quality.placing import placed
from bench.quality.section import Sheet
from enrich.vectors import text_of

FIT_ON = 3_000  # items of news-LANG-raw that TF-IDF is fitted on, as the archive would have them
_INSTEAD = "TF-IDF is fitted on the gold texts instead"
KINDS = ("text", "wire", "retold")


def measure(data: Data, force: InForce, sheet: Sheet) -> None:
    """gold/stories-LANG-*.jsonl; TF-IDF is fitted on news-LANG-raw where that is there."""
    files = data.find("gold/stories-*.jsonl")
    if not files:
        sheet.lacks("gold/stories-LANG-*.jsonl", "no such file")
    for path in files:
        name = data.name(path)
        with sheet.reading(name):
            everything = pressed(path, gold=True)
            items = [item for item in everything if not item.known]
            language = language_of(path.stem) or "fr"
            background = _background(data, sheet, language) or everything
            texts = [text_of(item.title, item.summary, "") for item in background]
            with sheet.progress.stage("stories", len(items)) as advance:
                found = placed(items, language, force, force.embedder(texts), advance)
            given: dict[tuple[str, str], Sequence[Hashable]] = {
                (OURS, "story"): [one.story for one in found],
                (OURS, "near_dup"): [one.group for one in found],
            }
            if force.compare:
                given |= baselines.labels(items, sheet)
                given |= {("all alone", kind): range(len(items)) for kind in ("story", "near_dup")}
            for (system, kind), labels in given.items():
                _scores(sheet, name, (system, kind), items, list(labels))


def _background(data: Data, sheet: Sheet, language: str) -> list[Pressed]:
    files = data.find(f"news-{language}-raw/items*.jsonl")
    if not files:
        sheet.lacks(f"news-{language}-raw/items.jsonl", _INSTEAD)
        return []
    try:
        return pressed(files[0], gold=False)[:FIT_ON]
    except BadFile as error:
        sheet.lacks(data.name(files[0]), f"{error}: {_INSTEAD}")
        return []


def _scores(
    sheet: Sheet,
    name: str,
    which: tuple[str, str],
    items: Sequence[Pressed],
    found: Sequence[Hashable],
) -> None:
    system, kind = which
    gold = [item.story if kind == "story" else item.near_dup for item in items]
    largest = Counter(item.story for item in items).most_common(1)[0][0]
    cuts: list[tuple[str, Callable[[Pressed], bool]]] = [
        ("all", lambda _item: True),
        ("without its largest story", lambda item: item.story != largest),
    ]
    if system == OURS:
        cuts.append(("without hard items", lambda item: not item.hard))
    if system == OURS and any(item.hard_on is not None for item in items):
        cuts.append(("without items hard here", lambda item: kind not in (item.hard_on or ())))
    for cut, keep in cuts:
        kept = [place for place, item in enumerate(items) if keep(item)]
        score = compared([gold[place] for place in kept], [found[place] for place in kept])
        _rows(sheet, (name, f"{_said(kind)}, {cut}", system), score)
    if kind == "near_dup":
        _by_kind(sheet, name, system, items, found)


def _rows(sheet: Sheet, where: tuple[str, str, str], score: Clustering) -> None:
    note = f"{score.found_pairs} pairs found"
    figures = (
        ("B-cubed P", score.bcubed.precision, score.items, "items"),
        ("B-cubed R", score.bcubed.recall, score.items, "items"),
        ("B-cubed F1", score.bcubed.f1, score.items, "items"),
        ("pairwise P", score.pairwise.precision, score.gold_pairs, "pairs"),
        ("pairwise R", score.pairwise.recall, score.gold_pairs, "pairs"),
        ("pairwise F1", score.pairwise.f1, score.gold_pairs, "pairs"),
    )
    for figure, value, count, unit in figures:
        if count:
            sheet.row(*where, figure, value, count, unit, note if unit == "pairs" else "")


def _by_kind(
    sheet: Sheet, name: str, system: str, items: Sequence[Pressed], found: Sequence[Hashable]
) -> None:
    """Recall over the pairs of each kind; precision makes no sense for one kind alone."""
    for kind in KINDS:
        kept = [place for place, item in enumerate(items) if item.kind == kind]
        gold = [items[place].near_dup for place in kept]
        score = compared(gold, [found[place] for place in kept])
        if score.gold_pairs:
            of = f"near-duplicates of kind {kind}"
            sheet.row(
                name, of, system, "pairwise R", score.pairwise.recall, score.gold_pairs, "pairs"
            )


def _said(kind: str) -> str:
    return "stories" if kind == "story" else "near-duplicates"
