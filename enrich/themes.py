"""Which themes a text belongs to, by the coordinators' rules, each with its reason.

For a theme and a language (`vigie.settings.Rules`): one phrase of `any` is enough; two different
phrases of `two` are; so are two different entities of the theme's list, or one with one phrase of
`two`. A phrase of `not` anywhere rules the theme out. Phrases are matched on whole words, whatever
the case, the accents and the punctuation between; a word may begin or end with `*`.

The score is how sure the rules are together, 1 - (1 - p1)(1 - p2)..., the "noisy or" of independent
evidence (Pearl, Probabilistic Reasoning in Intelligent Systems, 1988), one p for each different
phrase or entity at the best place where it stands:

    p                    title  summary  text
    phrase of `any`       0.70     0.50  0.35
    phrase of `two`       0.40     0.30  0.20
    entity of the list    0.40     0.30  0.20
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from enrich.words import WORD, fold, without_controls
from vigie.model import Mention, ReadingJob, ThemeHit
from vigie.settings import LANGUAGES, Theme

FIELDS = ("title", "summary", "text")
_SURE: Mapping[str, tuple[float, float, float]] = MappingProxyType(
    {"any": (0.70, 0.50, 0.35), "two": (0.40, 0.30, 0.20), "entity": (0.40, 0.30, 0.20)}
)
_PART = re.compile(r"\*?[^\W_]+(?:[.,](?=\d)[^\W_]+)*\*?")
_SHOWN = 6  # phrases in a reason


@dataclass(frozen=True, slots=True)
class _Phrase:
    theme: str
    kind: str  # any, two or none
    words: tuple[str, ...]  # folded, with their stars


@dataclass(frozen=True, slots=True)
class _Found:
    phrase: _Phrase
    field: int
    start: int  # in words
    surface: str

    @property
    def places(self) -> frozenset[tuple[int, int]]:
        end = self.start + len(self.phrase.words)
        return frozenset((self.field, place) for place in range(self.start, end))


class ThemeReader:
    """Rules compiled once: a table from each first word to the phrases that it may begin."""

    def __init__(self, themes: Sequence[Theme]) -> None:
        self._themes = tuple(themes)
        self._scanners = {code: _Scanner(self._themes, code) for code in LANGUAGES}

    @cached_property
    def revision(self) -> str:
        """A hash of the rules: labels and descriptions do not change it."""
        digest = hashlib.sha256(b"r1")
        for theme in self._themes:
            rules = {code: rule.model_dump_json() for code, rule in sorted(theme.rules.items())}
            digest.update(repr((theme.id, theme.entities, rules)).encode())
        return f"rules-{digest.hexdigest()[:10]}"

    def read(
        self, job: ReadingJob, language: str, mentions: Iterable[Mention]
    ) -> tuple[ThemeHit, ...]:
        """The themes of a job, the surest first. A text in none of the four languages, and declared
        in none of them, has none: nobody wrote rules for it.
        """
        scanner = self._scanners.get(language)  # type: ignore[call-overload]  # any text may be asked
        if scanner is None:
            scanner = self._scanners.get(job.declared_language[:2].lower())  # type: ignore[call-overload]  # the same
        if scanner is None:
            return ()
        found: dict[str, list[_Found]] = {}
        for index, field in enumerate(FIELDS):
            for hit in scanner.scan(getattr(job, field), index):
                found.setdefault(hit.phrase.theme, []).append(hit)
        named: dict[str, Mention] = {}
        for mention in mentions:
            named.setdefault(mention.entity, mention)
        hits = (
            _decide(theme, found.get(theme.id, []), named)
            for theme in self._themes
            if theme.id in found or not named.keys().isdisjoint(theme.entities)
        )
        return tuple(sorted(filter(None, hits), key=lambda hit: (-hit.score, hit.theme)))


def _decide(theme: Theme, found: Sequence[_Found], named: Mapping[str, Mention]) -> ThemeHit | None:
    """Whether the rules of one theme are met by what was found of them."""
    if any(hit.phrase.kind == "none" for hit in found):
        return None
    strong = _first_places([hit for hit in found if hit.phrase.kind == "any"])
    taken = frozenset(place for hit in strong for place in hit.places)
    weak = _apart([hit for hit in found if hit.phrase.kind == "two"], taken)
    entities = [named[entity] for entity in theme.entities if entity in named]
    enough = strong or len(weak) >= 2 or len(entities) >= 2 or (weak and entities)
    if not enough:
        return None
    evidence = [
        (_SURE[hit.phrase.kind][hit.field], hit.field, hit.surface) for hit in strong + weak
    ]
    for mention in entities:
        field = FIELDS.index(mention.field)
        evidence.append((_SURE["entity"][field], field, mention.surface))
    doubt = 1.0
    for sure, _, _ in evidence:
        doubt *= 1.0 - sure
    return ThemeHit(theme.id, round(1.0 - doubt, 4), _reason(evidence))


def _reason(evidence: Sequence[tuple[float, int, str]]) -> str:
    """`title: rançongiciel; summary: cyberattaque`, in the order of the fields."""
    best = sorted(evidence, key=lambda part: -part[0])[:_SHOWN]
    parts = []
    for index, field in enumerate(FIELDS):
        words = dict.fromkeys(surface for _, place, surface in best if place == index)
        if words:
            parts.append(f"{field}: {', '.join(words)}")
    more = len(evidence) - len(best)
    return "; ".join(parts) + (f"; and {more} more" if more else "")


def _first_places(found: Iterable[_Found]) -> list[_Found]:
    """Each phrase once, where it stands first."""
    first: dict[_Phrase, _Found] = {}
    for hit in found:
        first.setdefault(hit.phrase, hit)
    return list(first.values())


def _apart(found: Sequence[_Found], taken: frozenset[tuple[int, int]]) -> list[_Found]:
    """Each phrase once, on words that no other has, the longest first, then as they stand.

    So "cyber*" and "cyberattaque" on one word are one piece of evidence.
    """
    used = set(taken)
    kept: dict[_Phrase, _Found] = {}
    for hit in sorted(found, key=lambda hit: (-len(hit.phrase.words), hit.field, hit.start)):
        if hit.phrase not in kept and used.isdisjoint(hit.places):
            kept[hit.phrase] = hit
            used |= hit.places
    return sorted(kept.values(), key=lambda hit: (hit.field, hit.start))


class _Scanner:
    """All phrases of one language. Each word of a text is looked up once and remembered."""

    def __init__(self, themes: Sequence[Theme], code: str) -> None:
        self._begins: dict[str, list[_Phrase]] = {}  # by first word, with its stars
        for theme in themes:
            rules = {str(language): rule for language, rule in theme.rules.items()}.get(code)
            if rules is None:
                continue
            for kind in ("any", "two", "none"):
                for phrase in getattr(rules, kind):
                    words = tuple(map(fold, _PART.findall(_composed(phrase))))
                    if words and any(word.strip("*") for word in words):
                        begins = self._begins.setdefault(words[0], [])
                        begins.append(_Phrase(theme.id, kind, words))
        starred = [key for key in self._begins if "*" in key]
        self._plain = {key for key in self._begins if "*" not in key}
        self._starred = tuple(starred)
        self._known: dict[str, tuple[_Phrase, ...]] = {}

    def scan(self, text: str, field: int) -> list[_Found]:
        """Every phrase that stands in the text, in its order."""
        if not self._begins or not text:
            return []
        clean = _composed(without_controls(text))
        matches = list(WORD.finditer(clean))
        words = [fold(match.group()) for match in matches]
        found = []
        for place, word in enumerate(words):
            for phrase in self._beginning(word):
                size = len(phrase.words)
                if size > 1 and not _follow(phrase.words, words, place):
                    continue
                surface = clean[matches[place].start() : matches[place + size - 1].end()]
                found.append(_Found(phrase, field, place, " ".join(surface.split())))
        return found

    def _beginning(self, word: str) -> tuple[_Phrase, ...]:
        known = self._known.get(word)
        if known is None:
            if len(self._known) > 200_000:
                self._known.clear()
            keys = [word] if word in self._plain else []
            keys += [key for key in self._starred if _fits(key, word)]
            known = tuple(phrase for key in keys for phrase in self._begins[key])
            self._known[word] = known
        return known


def _follow(pattern: Sequence[str], words: Sequence[str], place: int) -> bool:
    if place + len(pattern) > len(words):
        return False
    return all(_fits(part, words[place + step]) for step, part in enumerate(pattern) if step)


def _fits(pattern: str, word: str) -> bool:
    bare = pattern.strip("*")
    if pattern.startswith("*"):
        return bare in word if pattern.endswith("*") else word.endswith(bare)
    return word.startswith(bare) if pattern.endswith("*") else word == bare


def _composed(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text)
