"""Names: strict F1 by language and label, of the reader in force and of plain spaCy."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from bench.quality.files import Annotated, Data, Span, annotated, each, sampled, tagged
from bench.quality.inforce import OURS, InForce
from bench.quality.section import Sheet
from bench.quality.spans import overlap, strict
from enrich.blank import spacy_without_torch
from enrich.entities import EntityReader
from vigie.model import ReadingJob
from vigie.schema import LANGUAGES, Entity

THREE = ("PER", "LOC", "ORG")
MOST = 3_000  # sentences of one file; more are sampled evenly
_BATCH = 64
_LABELS = {
    "PERSON": "PER", "PERS": "PER", "GPE": "LOC", "FAC": "LOC", "EVENT": "MISC", "PRODUCT": "MISC",
    "LAW": "MISC", "WORK_OF_ART": "MISC", "NORP": "MISC",
}  # fmt: skip
_KEPT = {*THREE, "MISC"}

Read = Callable[[Sequence[str], str], list[frozenset[Span]]]  # texts of one language to names


@dataclass(frozen=True, slots=True)
class System:
    name: str
    languages: tuple[str, ...]
    read: Read


def measure(data: Data, force: InForce, sheet: Sheet) -> None:
    """gold/ner-*.jsonl as it is and in one case, ner/**/*.tsv; words a CPU second."""
    gold, silver = data.find("gold/ner-*.jsonl"), data.find("ner/**/*.tsv")
    for pattern, files in (("gold/ner-*.jsonl", gold), ("ner/*.tsv", silver)):
        if not files:
            sheet.lacks(pattern, "no such file")
    if not gold and not silver:
        return
    systems = _systems(force, sheet)
    with sheet.progress.stage("names", len(gold) + len(silver)) as advance:
        for path in gold:
            name = data.name(path)
            with sheet.reading(name):
                rows = annotated(path)
                _file(sheet, name, rows, systems, full=True)
                _cases(sheet, name, rows, systems)
            advance(1)
        for path in silver:
            name = data.name(path)
            with sheet.reading(name):
                rows = tagged(path)
                if not rows[0].language:
                    sheet.lacks(name, "its name does not tell the language")
                else:
                    _file(sheet, name, sampled(rows, MOST), systems, full=False)
            advance(1)


def _file(
    sheet: Sheet, name: str, rows: Sequence[Annotated], systems: Sequence[System], *, full: bool
) -> None:
    for language in sorted({row.language for row in rows}):
        some = [row for row in rows if row.language == language]
        for system in systems:
            if language not in system.languages:
                continue
            system.read([some[0].text], language)  # the model is loaded
            start = time.process_time()
            found = system.read([row.text for row in some], language)
            took = time.process_time() - start
            _scores(sheet, (name, language, system.name), some, found, full=full)
            words = sum(len(row.text.split()) for row in some)
            speed = words / took if took else 0.0
            sheet.row(name, language, system.name, "words/s", round(speed), words, "words")


def _scores(
    sheet: Sheet,
    where: tuple[str, str, str],
    rows: Sequence[Annotated],
    found: Sequence[frozenset[Span]],
    *,
    full: bool,
) -> None:
    """`full`: also MISC, all labels together and overlap, as a gold file with MISC allows."""
    name, language, system = where
    gold = [row.spans for row in rows]
    slices: list[tuple[str, Collection[str] | None]] = [("PER+LOC+ORG", THREE)]
    slices += [(label, (label,)) for label in (*THREE, *(("MISC",) if full else ()))]
    slices += [("all labels", None)] if full else []
    for label, kept in slices:
        score = strict(gold, found, kept)
        if not score.gold and label != "PER+LOC+ORG":
            continue
        of = f"{language} {label}"
        for figure, value in (
            ("P", score.precision),
            ("R", score.recall),
            ("F1", score.f1),
        ):
            sheet.row(name, of, system, figure, value, score.gold, "names", f"{len(rows)} texts")
    if full:
        score = overlap(gold, found)
        sheet.row(name, f"{language} overlap", system, "F1", score.f1, score.gold, "names")


def _cases(sheet: Sheet, name: str, rows: Sequence[Annotated], systems: Sequence[System]) -> None:
    """The first line of each text as it is, in small letters, in capitals."""
    firsts = [_first_line(row) for row in rows]
    writings: Mapping[str, Callable[[str], str]] = {
        "as it is": str,
        "small letters": partial(_each_letter, str.lower),
        "capitals": partial(_each_letter, str.upper),
    }
    for language in sorted({row.language for row in firsts}):
        some = [row for row in firsts if row.language == language]
        gold = [row.spans for row in some]
        for system in systems:
            if language not in system.languages:
                continue
            for writing, written in writings.items():
                found = system.read([written(row.text) for row in some], language)
                score = strict(gold, found, THREE)
                of = f"{language} titles, {writing}"
                note = f"{len(some)} first lines"
                sheet.row(name, of, system.name, "F1", score.f1, score.gold, "names", note)


def _first_line(row: Annotated) -> Annotated:
    end = row.text.find("\n")
    end = len(row.text) if end < 0 else end
    inside = frozenset(span for span in row.spans if span.end <= end)
    return Annotated(row.language, row.text[:end], inside)


def _each_letter(change: Callable[[str], str], text: str) -> str:
    """Letters whose other case has another length stay, so that offsets hold."""
    return "".join(change(char) if len(change(char)) == 1 else char for char in text)


# ------------------------------------------------------------------------------------- systems


def _systems(force: InForce, sheet: Sheet) -> list[System]:
    found = [System(OURS, LANGUAGES, partial(_ours, force.entities))]
    if not force.compare:
        return found
    spacy = spacy_without_torch()
    found.append(System("blank + ruler", LANGUAGES, _Ruler(force.settings.gazetteer)))
    names = spacy.util.get_installed_models()
    if not names:
        sheet.lacks("trained spaCy pipelines", "none is installed")
    for name in names:
        nlp = spacy.load(name)
        if nlp.has_pipe("ner"):
            spoken = LANGUAGES if nlp.lang == "xx" else (nlp.lang,)
            found.append(System(name, spoken, partial(_piped, nlp)))
    return found


def _ours(reader: EntityReader, texts: Sequence[str], language: str) -> list[frozenset[Span]]:
    """Title and summary apart, as the pipeline reads them."""
    found: list[frozenset[Span]] = []
    for batch in each(texts, _BATCH):
        jobs, starts = [], []
        for number, text in enumerate(batch):
            title, newline, summary = text.partition("\n")
            fields = (title, summary, "") if newline else ("", "", text)
            jobs.append(ReadingJob(number, 1, *fields, declared_language=language))
            starts.append({"title": 0, "summary": len(title) + 1, "text": 0})
        read = reader.read(jobs, [language] * len(jobs))
        for mentions, start in zip(read, starts, strict=True):
            spans = (
                Span(start[one.field] + one.start, start[one.field] + one.end, one.label)
                for one in mentions
            )
            found.append(frozenset(spans))
    return found


def _piped(nlp: Any, texts: Sequence[str], _language: str = "") -> list[frozenset[Span]]:
    """A spaCy pipeline over each line by itself: better for it than whole texts."""
    pieces = [line for text in texts for line in text.split("\n")]
    docs = iter(nlp.pipe(pieces))
    found = []
    for text in texts:
        spans, start = set(), 0
        for line in text.split("\n"):
            for entity in next(docs).ents:
                label = _LABELS.get(entity.label_, entity.label_)
                if label in _KEPT:
                    first = start + entity.start_char
                    spans.add(Span(first, start + entity.end_char, label))
            start += len(line) + 1
        found.append(frozenset(spans))
    return found


class _Ruler:
    """spaCy's blank pipeline of the language, with the gazetteer's names as its entity ruler."""

    def __init__(self, gazetteer: Sequence[Entity]) -> None:
        self._patterns = [
            {"label": entity.label, "pattern": spelling}
            for entity in gazetteer
            for spelling in sorted({*entity.names.values(), *entity.aliases})
        ]
        self._built: dict[str, Any] = {}

    def __call__(self, texts: Sequence[str], language: str) -> list[frozenset[Span]]:
        if language not in self._built:
            nlp = spacy_without_torch().blank(language)
            nlp.add_pipe("entity_ruler").add_patterns(self._patterns)
            self._built[language] = nlp
        return _piped(self._built[language], texts)
