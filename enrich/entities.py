"""Who, what and where a text names: gazetteer, and a trained pipeline if asked for.

Names of the gazetteer are found whatever the case and the accents, at word boundaries, the longest
first. Acronyms (up to five capitals) and entities marked `exact` keep their case: UE is not "ue".
A one-word name written in lower case in a text that knows capitals is the common word ("nice",
"bergen"), not the name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from enrich.blank import blank_pipeline, spacy_without_torch
from enrich.words import fold, fold_long, without_controls
from vigie.errors import ModelError
from vigie.model import Mention, ReadingJob
from vigie.settings import Entity, Models

GAZETTEER = "gazetteer"
FIELDS = ("title", "summary", "text")

_LABELS = {
    "PER": "PER", "PERSON": "PER", "PERS": "PER",
    "LOC": "LOC", "GPE": "LOC", "FAC": "LOC",
    "ORG": "ORG", "NORP": "MISC", "MISC": "MISC", "EVENT": "MISC", "PRODUCT": "MISC",
    "LAW": "MISC", "WORK_OF_ART": "MISC",
}  # fmt: skip
# Between hyphens these make another place of a name: Neuilly-sur-Seine is not the Seine.
_BEFORE = frozenset(
    ("sur", "sous", "lès", "les", "en", "la", "le", "l", "de", "d", "du", "des", "aux", "lez")
)
_SAINTS = frozenset(("saint", "sainte"))


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int
    entity: str
    name: str
    label: str
    why: str


class EntityReader:
    """Reads mentions. Building compiles the gazetteer; a trained pipeline is loaded when needed."""

    def __init__(self, gazetteer: Sequence[Entity], models: Models) -> None:
        self._gazetteer = tuple(gazetteer)
        self._entities = {entity.id: entity for entity in self._gazetteer}
        self._models = models
        self._pipelines: dict[str, Any] = {}

    @cached_property
    def revision(self) -> str:
        """Pipeline, its version and a hash of the gazetteer. Raises ModelError."""
        spacy = spacy_without_torch()
        digest = hashlib.sha256(f"r1 {spacy.__version__}".encode())
        for entity in self._gazetteer:
            digest.update(entity.model_dump_json().encode())
        names = sorted(set(filter(None, map(self._pipeline_name, ("fr", "nl", "de", "en", "xx")))))
        versions = []
        for name in names:
            meta = self._pipeline(name).meta
            versions.append(f"{meta.get('lang')}_{meta.get('name')}-{meta.get('version')}")
        digest.update(" ".join(versions).encode())
        return f"{'+'.join(versions) or GAZETTEER}-{digest.hexdigest()[:10]}"

    def read(
        self, jobs: Sequence[ReadingJob], languages: Sequence[str]
    ) -> list[tuple[Mention, ...]]:
        """The mentions of each job in the order of its fields, `languages` row for row.

        Title, summary and text are read apart, for a name never runs from one into the next.
        Raises ModelError where a trained pipeline is set and cannot be loaded.
        """
        found: list[tuple[Mention, ...]] = []
        for job, language in zip(jobs, languages, strict=True):
            mentions: list[Mention] = []
            for field in FIELDS:
                mentions += self._field(field, getattr(job, field), language)
            found.append(tuple(mentions))
        return found

    def _field(self, field: str, text: str, language: str) -> list[Mention]:
        text = without_controls(text)
        if not text.strip():
            return []
        spans = [*self._listed(text)]
        name = self._pipeline_name(language)
        if name:
            spans += self._trained(name, text)
        return [
            Mention(
                entity=span.entity,
                name=span.name,
                label=span.label,
                surface=text[span.start : span.end],
                field=field,
                start=span.start,
                end=span.end,
                why=span.why,
            )
            for span in _longest(spans)
        ]

    # ------------------------------------------------------------------------- gazetteer

    @cached_property
    def _matchers(self) -> tuple[Any, Any]:
        """Phrase matchers, the entity ruler's own way for string patterns: folded, and exact."""
        nlp = blank_pipeline()
        matcher_of = spacy_without_torch().matcher.PhraseMatcher
        folded = matcher_of(nlp.vocab, attr="NORM")
        exact = matcher_of(nlp.vocab, attr="ORTH")
        for entity in self._gazetteer:
            loose, strict = _spellings(entity)
            for matcher, spellings in ((folded, loose), (exact, strict)):
                if spellings:
                    matcher.add(entity.id, [nlp.make_doc(spelling) for spelling in spellings])
        return folded, exact

    @cached_property
    def _order(self) -> Mapping[str, int]:
        return {entity.id: place for place, entity in enumerate(self._gazetteer)}

    def _listed(self, text: str) -> Iterable[_Span]:
        doc = blank_pipeline().make_doc(text)
        capitals = any(map(str.isupper, text))
        for exact, matcher in zip((False, True), self._matchers, strict=True):
            for key, start, end in matcher(doc):
                entity = self._entities[doc.vocab.strings[key]]
                span = doc[start:end]
                if not exact and capitals and end - start == 1 and _common(entity, span.text):
                    continue
                if _within_a_name(doc, start, end):
                    continue
                first = span.start_char
                why = f"gazetteer: {span.text}" + (" (exact case)" if exact else "")
                yield _Span(
                    first, first + len(span.text), entity.id, entity.name, entity.label, why
                )

    # ----------------------------------------------------------------- a trained pipeline

    def _pipeline_name(self, language: str) -> str:
        chosen = self._models.entities
        if isinstance(chosen, str):
            return "" if chosen == GAZETTEER else chosen
        by_code: Mapping[str, str] = {str(code): name for code, name in chosen.items()}
        name = by_code.get(language, GAZETTEER)
        return "" if name == GAZETTEER else name

    def _pipeline(self, name: str) -> Any:
        if name not in self._pipelines:
            spacy = spacy_without_torch()
            try:
                self._pipelines[name] = spacy.load(name)
            except Exception as error:
                first = (str(error).strip() or type(error).__name__).splitlines()[0][:300]
                raise ModelError(
                    f"models.entities names the spaCy pipeline {name!r}, which cannot be loaded "
                    f"({first}). Install it (`python -m spacy download {name}`), or give the path "
                    f"of a folder that holds it, or set models.entities = '{GAZETTEER}'"
                ) from error
        return self._pipelines[name]

    def _trained(self, name: str, text: str) -> Iterable[_Span]:
        for found in self._pipeline(name)(text).ents:
            label = _LABELS.get(found.label_)
            surface = found.text.strip()
            if label is None or not surface:
                continue
            start = found.start_char + len(found.text) - len(found.text.lstrip())
            entity = f"{label.lower()}:{'-'.join(fold_long(surface).split())}"
            yield _Span(start, start + len(surface), entity, surface, label, f"{name}: {label}")


# ------------------------------------------------------------------------------------- rules


def _longest(spans: Iterable[_Span]) -> list[_Span]:
    """Spans that do not overlap: the longest, then the first, then as they were given."""
    taken: list[_Span] = []
    used: set[int] = set()
    for span in sorted(spans, key=lambda span: (span.start - span.end, span.start)):
        places = range(span.start, span.end)
        if used.isdisjoint(places):
            used.update(places)
            taken.append(span)
    return sorted(taken, key=lambda span: span.start)


def _spellings(entity: Entity) -> tuple[set[str], set[str]]:
    """Spellings to find whatever the case, and those to find as they are."""
    loose: set[str] = set()
    strict: set[str] = set()
    for spelling in {*entity.names.values(), *entity.aliases}:
        if entity.exact or _acronym(spelling):
            strict.add(spelling)
            continue
        loose.add(spelling)
        if "-" in spelling:
            loose.add(spelling.replace("-", " "))
    names = {str(code): name for code, name in entity.names.items()}
    for code in ("nl", "de", "en"):
        name = names.get(code, "")
        if name in loose and name.isalpha() and len(name) > 3 and not name.endswith("s"):
            loose.add(f"{name}s")  # Antwerpens haven, Frankreichs Häfen
    return loose, strict


def _acronym(spelling: str) -> bool:
    return len(spelling) <= 5 and spelling.isalnum() and spelling == spelling.upper()


def _common(entity: Entity, surface: str) -> bool:
    """Whether a lower-case word is the common noun rather than the one-word name."""
    spelt = (*entity.names.values(), *entity.aliases)
    return surface.islower() and not any(fold(surface) == name for name in spelt)


def _within_a_name(doc: Any, start: int, end: int) -> bool:
    """Whether hyphens and a particle make the span a part of another place's name."""
    if end + 1 < len(doc) and doc[end].text == "-" and doc[end + 1].lower_ in _BEFORE:
        return not doc[end].whitespace_ and not doc[end - 1].whitespace_
    if start >= 2 and doc[start - 1].text == "-" and doc[start - 2].lower_ in _BEFORE | _SAINTS:
        return not doc[start - 1].whitespace_ and not doc[start - 2].whitespace_
    return False
