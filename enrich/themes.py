"""Which themes a text belongs to, by the coordinators' rules, each with its reason.

For a theme and a language (`vigie.schema.Rules`): one phrase of `any` is enough; two different
phrases of `two` are; so are two different entities of the theme's list, or one with one phrase of
`two`. A phrase of `not` anywhere rules the theme out. Phrases are matched on whole words, whatever
the case, the accents and the punctuation between; what else a phrase may say stands in
`vigie.phrases`. A named place within the theme's `places` (NUTS codes) counts as an entity of its
list; where it has `within`, a place in there must be named.

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
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType

from enrich.scanner import Hit, Rule, Scanner
from vigie.model import Mention, ReadingJob, ThemeHit
from vigie.schema import LANGUAGES, Entity, LanguageCode, Theme

FIELDS = ("title", "summary", "text")
_SURE: Mapping[str, tuple[float, float, float]] = MappingProxyType(
    {"any": (0.70, 0.50, 0.35), "two": (0.40, 0.30, 0.20), "entity": (0.40, 0.30, 0.20)}
)
_SHOWN = 6  # phrases in a reason


class ThemeReader:
    """The rules of all themes, compiled once."""

    def __init__(self, themes: Sequence[Theme], gazetteer: Sequence[Entity] = ()) -> None:
        """`gazetteer` says where places are, for themes that ask for some."""
        self._themes = tuple(themes)
        self._scanners = {code: Scanner(code, _phrases(self._themes, code)) for code in LANGUAGES}
        wanted = tuple(code for theme in themes for code in (*theme.places, *theme.within))
        self._nuts = {e.id: e.nuts for e in gazetteer if e.nuts and e.nuts.startswith(wanted)}
        self._placed = {theme.id for theme in themes if theme.places}

    @cached_property
    def revision(self) -> str:
        """A hash of the rules: labels and descriptions do not change it."""
        digest = hashlib.sha256(b"r2")
        for theme in self._themes:
            rules = {code: rule.model_dump_json() for code, rule in sorted(theme.rules.items())}
            parts = (theme.id, theme.entities, theme.places, theme.within, rules)
            digest.update(repr(parts).encode())
        return f"rules-{digest.hexdigest()[:10]}"

    def read(
        self, job: ReadingJob, language: str, mentions: Iterable[Mention]
    ) -> tuple[ThemeHit, ...]:
        """The themes of a job, the surest first; see `judge`."""
        return self.judge(job, language, mentions)[0]

    def judge(
        self, job: ReadingJob, language: str, mentions: Iterable[Mention]
    ) -> tuple[tuple[ThemeHit, ...], tuple[ThemeHit, ...]]:
        """The themes of a job, the surest first, and those that a phrase of `not` keeps away.

        A text in none of the four languages, and declared in none of them, has none: nobody wrote
        rules for it.
        """
        scanner = self._scanners.get(language)  # type: ignore[call-overload]  # any text may be asked
        if scanner is None:
            scanner = self._scanners.get(job.declared_language[:2].lower())  # type: ignore[call-overload]  # the same
        if scanner is None:
            return (), ()
        found: dict[str, list[Hit]] = {}
        for index, field in enumerate(FIELDS):
            for hit in scanner.scan(getattr(job, field), index):
                found.setdefault(hit.rule.theme, []).append(hit)
        named: dict[str, Mention] = {}
        for mention in mentions:
            named.setdefault(mention.entity, mention)
        nuts = {entity: self._nuts[entity] for entity in named if entity in self._nuts}
        hits: list[ThemeHit] = []
        ruled_out: list[ThemeHit] = []
        for theme in self._themes:
            placed = theme.id in self._placed and bool(nuts)
            if theme.id in found or placed or not named.keys().isdisjoint(theme.entities):
                hit = _decide(theme, found.get(theme.id, []), named, nuts)
                if hit:
                    (hits if hit.score else ruled_out).append(hit)
        hits.sort(key=lambda hit: (-hit.score, hit.theme))
        return tuple(hits), tuple(ruled_out)


def _phrases(themes: Iterable[Theme], code: LanguageCode) -> Iterable[tuple[str, str, str]]:
    for theme in themes:
        rules = theme.rules.get(code)
        if rules is not None:
            for kind in ("any", "two", "none"):
                for phrase in getattr(rules, kind):
                    yield theme.id, kind, phrase


def _decide(
    theme: Theme, found: Sequence[Hit], named: Mapping[str, Mention], nuts: Mapping[str, str]
) -> ThemeHit | None:
    """Whether the rules of one theme are met by what was found of them; score 0: ruled out."""
    against = next((hit for hit in found if hit.rule.kind == "none"), None)
    if against:
        return ThemeHit(theme.id, 0.0, f"ruled out by {FIELDS[against.field]}: {against.surface}")
    if theme.within and not any(code.startswith(theme.within) for code in nuts.values()):
        return None
    strong = _first_places([hit for hit in found if hit.rule.kind == "any"])
    taken = frozenset(place for hit in strong for place in hit.places)
    weak = _apart([hit for hit in found if hit.rule.kind == "two"], taken)
    listed = dict.fromkeys(entity for entity in theme.entities if entity in named)
    if theme.places:
        listed |= dict.fromkeys(e for e, code in nuts.items() if code.startswith(theme.places))
    entities = [named[entity] for entity in listed]
    enough = strong or len(weak) >= 2 or len(entities) >= 2 or (weak and entities)
    if not enough:
        return None
    evidence = [(_SURE[hit.rule.kind][hit.field], hit.field, hit.surface) for hit in strong + weak]
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


def _first_places(found: Iterable[Hit]) -> list[Hit]:
    """Each phrase once, where it stands first."""
    first: dict[Rule, Hit] = {}
    for hit in found:
        first.setdefault(hit.rule, hit)
    return list(first.values())


def _apart(found: Sequence[Hit], taken: frozenset[tuple[int, int]]) -> list[Hit]:
    """Each phrase once, on words that no other has, the longest first, then as they stand.

    So "cyber*" and "cyberattaque" on one word are one piece of evidence.
    """
    used = set(taken)
    kept: dict[Rule, Hit] = {}
    for hit in sorted(found, key=lambda hit: (-len(hit.rule.words), hit.field, hit.start)):
        if hit.rule not in kept and used.isdisjoint(hit.places):
            kept[hit.rule] = hit
            used |= hit.places
    return sorted(kept.values(), key=lambda hit: (hit.field, hit.start))
