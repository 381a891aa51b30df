"""Who, what and where a text names: gazetteer, and a trained pipeline.

Of names that overlap the longest is taken, and of equals the gazetteer's (see `enrich.listed`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.metadata import version

from enrich.affected import affected
from enrich.listed import Listed
from enrich.models.shipped import VIGIE
from enrich.trained import Found, TrainedReader
from enrich.words import fold_long, without_controls
from vigie.model import Mention, ReadingJob
from vigie.schema import LANGUAGES, Entity, Models

GAZETTEER = "gazetteer"
FIELDS = ("title", "summary", "text")
_VULNERABLE = "named as what is vulnerable"
_PRODUCT = re.compile(r"[^\W_](?:.*[\w)+])?", re.DOTALL)
_DATELINE = re.compile(r"\s?:\s")  # "Liège : ...", at the start of a title


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int
    entity: str
    name: str
    label: str
    why: str


@dataclass(frozen=True, slots=True)
class _Field:
    """One text of an article with its names, which do not overlap."""

    field: str
    text: str
    spans: tuple[_Span, ...]

    def mentions(self) -> Iterable[Mention]:
        for span in self.spans:
            yield Mention(
                entity=span.entity,
                name=span.name,
                label=span.label,
                surface=self.text[span.start : span.end],
                field=self.field,
                start=span.start,
                end=span.end,
                why=span.why,
            )


class EntityReader:
    """Reads mentions. The gazetteer is compiled, and a pipeline loaded, when first needed."""

    def __init__(self, gazetteer: Sequence[Entity], models: Models) -> None:
        self._gazetteer = tuple(gazetteer)
        self._models = models
        self._pipelines: dict[str, TrainedReader] = {}

    @cached_property
    def revision(self) -> str:
        """Pipeline, its version and a hash of the gazetteer. Raises ModelError."""
        digest = hashlib.sha256(b"r6")
        for entity in self._gazetteer:
            digest.update(entity.model_dump_json().encode())
        names = self._pipelines_in_force()
        versions = [self._pipeline(name).revision for name in names]
        digest.update(" ".join(versions).encode())
        if any(name != VIGIE for name in names):
            digest.update(version("spacy").encode())
        return f"{'+'.join(versions) or GAZETTEER}-{digest.hexdigest()[:10]}"

    def load(self) -> None:
        """Load all that reading needs now. Raises ModelError."""
        _ = self._gazetteer_names
        for name in self._pipelines_in_force():
            self._pipeline(name).load()

    def read(
        self, jobs: Sequence[ReadingJob], languages: Sequence[str]
    ) -> list[tuple[Mention, ...]]:
        """The mentions of each job in the order of its fields, `languages` row for row.

        Title, summary and text are read apart, for a name never runs from one into the next.
        Raises ModelError where a trained pipeline is set and cannot be loaded.
        """
        texts = [
            (row, field, without_controls(getattr(job, field)))
            for row, job in enumerate(jobs)
            for field in FIELDS
        ]
        trained = self._trained(texts, languages)
        fields: list[list[_Field]] = [[] for _ in jobs]
        for place, (row, field, text) in enumerate(texts):
            if text.strip():
                spans = self._spans(text, trained.get(place))
                fields[row].append(_Field(field, text, spans))
        return [
            tuple(
                mention
                for field in with_makers(with_family_names(read))
                for mention in field.mentions()
            )
            for read in fields
        ]

    def _spans(self, text: str, trained: Sequence[_Span] | None) -> tuple[_Span, ...]:
        """What all three say, without overlap: the longest, and of equals the gazetteer's.

        `trained` is None where no pipeline is in force for the text's language.
        """
        listed = list(self._listed(text))
        about = list(affected(text))
        if trained is not None:
            trained = _beside_products(trained, about, listed)
            listed = list(_believed(text, listed, trained))
        read = _longest([*listed, *(trained or ())])
        return tuple(sorted([*read, *_products(text, about, read)], key=lambda span: span.start))

    @cached_property
    def _gazetteer_names(self) -> Listed:
        return Listed(self._gazetteer)

    def _listed(self, text: str) -> Iterable[_Span]:
        for one in self._gazetteer_names.find(text):
            entity = one.entity
            yield _Span(one.start, one.end, entity.id, entity.name, entity.label, one.why)

    # ----------------------------------------------------------------- a trained pipeline

    def _pipeline_name(self, language: str) -> str:
        chosen = self._models.entities
        if isinstance(chosen, str):
            return "" if chosen == GAZETTEER else chosen
        by_code: Mapping[str, str] = {str(code): name for code, name in chosen.items()}
        name = by_code.get(language, GAZETTEER)
        return "" if name == GAZETTEER else name

    def _pipelines_in_force(self) -> list[str]:
        return sorted(set(filter(None, map(self._pipeline_name, (*LANGUAGES, "xx")))))

    def _pipeline(self, name: str) -> TrainedReader:
        if name not in self._pipelines:
            self._pipelines[name] = TrainedReader(name)
        return self._pipelines[name]

    def _trained(
        self, texts: Sequence[tuple[int, str, str]], languages: Sequence[str]
    ) -> dict[int, list[_Span]]:
        """What the pipelines in force find, by the text's place; each reads all of its texts."""
        by_name: dict[str, list[int]] = {}
        for place, (row, _, text) in enumerate(texts):
            name = self._pipeline_name(languages[row])
            if name and text.strip():
                by_name.setdefault(name, []).append(place)
        found: dict[int, list[_Span]] = {}
        for name, places in by_name.items():
            read = self._pipeline(name).read([texts[place][2] for place in places])
            for place, names in zip(places, read, strict=True):
                found[place] = [_span(name, texts[place][2], one) for one in names]
        return found


# ------------------------------------------------------------------------------------- rules


def _span(pipeline: str, text: str, found: Found) -> _Span:
    surface = text[found.start : found.end]
    entity = f"{found.label.lower()}:{'-'.join(fold_long(surface).split())}"
    why = f"{pipeline}: {found.label}"
    return _Span(found.start, found.end, entity, " ".join(surface.split()), found.label, why)


def _beside_products(
    trained: Sequence[_Span], about: Sequence[tuple[int, int]], listed: Sequence[_Span]
) -> list[_Span]:
    """What the pipeline reads, without parts of a product's name; its maker's name may stay."""
    if not about:
        return list(trained)
    makers = {span.start for span in listed if span.label == "ORG"}
    return [
        span
        for span in trained
        if not any(
            start <= span.start and span.end <= end and (span.start > start or start in makers)
            for start, end in about
        )
    ]


def _products(
    text: str, about: Sequence[tuple[int, int]], read: Sequence[_Span]
) -> Iterable[_Span]:
    """What a notice of a vulnerability is about, as far as nothing else has read it.

    A product whose maker stands before it is called by both: Red Hat Enterprise Linux.
    """
    done = 0
    for start, end in sorted(about):
        if start < done:
            continue
        done = end
        taken = [(one.start, one.end) for one in read if one.start < end and start < one.end]
        edges = zip(
            (start, *(last for _, last in taken)),
            (*(first for first, _ in taken), end),
            strict=True,
        )
        free = max(edges, key=lambda edge: edge[1] - edge[0])
        match = _PRODUCT.search(text, *free)
        if match and any(map(str.isalpha, match[0])):
            span = _span("shape", text, Found(match.start(), match.end(), "MISC"))
            if taken and taken[0][0] == start and match.start() > start:
                whole = _span("shape", text, Found(start, match.end(), "MISC"))
                span = replace(span, entity=whole.entity, name=whole.name)
            yield replace(span, why=_VULNERABLE)


def _believed(text: str, listed: Iterable[_Span], trained: Sequence[_Span]) -> Iterable[_Span]:
    """The gazetteer's names without the places that the pipeline reads otherwise.

    A place that it reads as a body is the body: a town's club. One where it reads no name at all is
    a demonym or part of an event, nine times of ten on held-out French news; only text that has
    capitals tells it so. A place that stands alone before a title's colon is the place.
    """
    cased = text != text.lower() and text != text.upper()
    bodies = {(span.start, span.end) for span in trained if span.label == "ORG"}
    for span in listed:
        read = any(span.start < one.end and one.start < span.end for one in trained)
        dateline = _DATELINE.match(text, span.end) and not text[: span.start].strip()
        known = read or dateline or not cased
        if span.label != "LOC" or ((span.start, span.end) not in bodies and known):
            yield span


def with_makers(fields: Sequence[_Field]) -> list[_Field]:
    """The same fields, where a product alone is the one that the article also names with its maker.

    "IBM Db2" in the title is what "Db2" in the list is.
    """
    whole: dict[str, _Span] = {}
    for field in fields:
        for span in field.spans:
            alone = " ".join(field.text[span.start : span.end].split())
            if span.why == _VULNERABLE and span.name != alone:
                whole.setdefault(alone, span)
    if not whole:
        return list(fields)
    return [
        replace(
            field,
            spans=tuple(
                replace(span, entity=known.entity, name=known.name)
                if span.why == _VULNERABLE and (known := whole.get(span.name))
                else span
                for span in field.spans
            ),
        )
        for field in fields
    ]


def with_family_names(fields: Sequence[_Field]) -> list[_Field]:
    """The same fields, where a person's family name alone is that person.

    Articles give the full name once: a later "Tondelier" is Marine Tondelier, whatever the pipeline
    makes of it. Names that two of the article's people share say nothing.
    """
    people: dict[str, _Span | None] = {}
    for person in (span for field in fields for span in field.spans if span.label == "PER"):
        words = person.name.split()
        for family in (" ".join(words[n:]) for n in range(1, len(words))):
            if len(family) > 2 and family[0].isupper():
                known = people.get(family, person)
                people[family] = person if known and known.name == person.name else None
    families = {family: person for family, person in people.items() if person}
    return [replace(field, spans=_with_families(field, families)) for field in fields]


def _with_families(field: _Field, families: Mapping[str, _Span]) -> tuple[_Span, ...]:
    if not families:
        return field.spans
    spans: list[_Span] = []
    for span in field.spans:
        family = families.get(field.text[span.start : span.end])
        read = ":" in span.entity  # not the gazetteer's
        spans.append(_family(span.start, span.end, family) if family and read else span)
    longest_first = "|".join(map(re.escape, sorted(families, key=len, reverse=True)))
    for match in re.finditer(rf"(?<![\w-])(?:{longest_first})(?![\w-])", field.text):
        start, end = match.span()
        if all(span.end <= start or end <= span.start for span in field.spans):
            spans.append(_family(start, end, families[match[0]]))
    return tuple(sorted(spans, key=lambda span: span.start))


def _family(start: int, end: int, person: _Span) -> _Span:
    return replace(person, start=start, end=end, why=f"family name of {person.name}")


def _longest(spans: Iterable[_Span]) -> tuple[_Span, ...]:
    """Spans that do not overlap: the longest, then the first, then as they were given."""
    taken: list[_Span] = []
    used: set[int] = set()
    for span in sorted(spans, key=lambda span: (span.start - span.end, span.start)):
        places = range(span.start, span.end)
        if used.isdisjoint(places):
            used.update(places)
            taken.append(span)
    return tuple(sorted(taken, key=lambda span: span.start))
