"""The rules in force: those of alerts.toml, and what recipients chose for themselves."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from functools import cached_property

from digest.alerts.match import words_of
from enrich.scanner import Scanner
from vigie.alerting import OWN, AlertRule, Growth
from vigie.archive.wishes import OnTheList, Wish
from vigie.model import Alertable, Listener, WordHit
from vigie.schema import LANGUAGES
from vigie.settings import Settings

_STORY_HOURS = 72.0  # in which a story of a chosen theme must have found its sources


def own_rules(wish: Wish, story_sources: int) -> list[AlertRule]:
    """A wish as rules: advisories of its vendors and themes, growing stories of its themes."""
    rules = []
    for vendor in wish.vendors:
        if name := "-".join(words_of(vendor)):
            ascii_name = name.encode("ascii", "ignore").decode().strip("-") or f"v{len(name)}"
            rules.append(AlertRule(id=f"{OWN}v-{ascii_name[:60].strip('-')}", vendors=(vendor,)))
    for theme in wish.themes:
        growth = Growth(sources=story_sources, hours=_STORY_HOURS)
        rules += [
            AlertRule(id=f"{OWN}t-{theme}"[:80], themes=(theme,), advisories=True),
            AlertRule(id=f"{OWN}s-{theme}"[:80], themes=(theme,), growth=growth),
        ]
    return rules


class Rules:
    """All rules in force, and who listens to which."""

    def __init__(self, settings: Settings, people: Sequence[OnTheList]) -> None:
        self._language = settings.general.language
        own = {one.recipient: own_rules(one.wish, settings.alerts.story_sources) for one in people}
        mine = {rule.id: rule for rules in own.values() for rule in rules}
        self.rules: tuple[AlertRule, ...] = (*settings.alert_rules, *mine.values())
        self.listeners: tuple[Listener, ...] = tuple(
            Listener(
                one.recipient,
                one.clearance,
                (*one.wish.rules, *(rule.id for rule in own[one.recipient])),
                one.wish.severity,
            )
            for one in people
        )

    def __bool__(self) -> bool:
        return any(rule.active for rule in self.rules)

    def with_words(self, fact: Alertable) -> Alertable:
        """The article with the phrases of rules that stand in it, each once."""
        if not self._phrases:
            return fact
        code = fact.language if fact.language in LANGUAGES else self._language
        scanner = self._scanners[code]
        hits = dict.fromkeys(
            WordHit(hit.rule.theme, hit.surface)
            for field, text in enumerate((fact.title, fact.summary, fact.text))
            for hit in scanner.scan(text, field)
        )
        return dataclasses.replace(fact, words=tuple(hits))

    @cached_property
    def _phrases(self) -> list[tuple[str, str, str]]:
        return list(_phrases(self.rules))

    @cached_property
    def _scanners(self) -> dict[str, Scanner]:
        return {code: Scanner(code, self._phrases) for code in LANGUAGES}


def _phrases(rules: Iterable[AlertRule]) -> Iterable[tuple[str, str, str]]:
    for rule in rules:
        if rule.active:
            yield from ((rule.id, "any", phrase) for phrase in rule.words)
