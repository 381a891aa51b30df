"""Which rules an article meets, each with the words that made it so. Pure.

All conditions that a rule names must hold (AND), and of the list of each any one (OR); two rules
stand side by side (OR). Conditions on vendors, products, risks and severity ask for an advisory:
where an article is none, they do not hold.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from digest.alerts.severity import at_least, folded, grade
from vigie.alerting import AlertRule
from vigie.model import Alertable, Because, CarriedBy, Match

_SHOWN = 6  # words of one condition in a reason
_WORD = re.compile(r"[^\W_]+")


def matches(fact: Alertable, rules: Iterable[AlertRule]) -> tuple[Match, ...]:
    """The rules that hold, in their order."""
    found = []
    for rule in rules:
        because = _holds(fact, rule) if rule.active else ()
        if because:
            found.append(Match(rule.id, rule.name, because, rule.tlp, rule.approval))
    return tuple(found)


def same_name(one: str, other: str) -> bool:
    """Whether two names of vendors are one: equal, or one begins with all words of the other."""
    first, second = words_of(one), words_of(other)
    size = min(len(first), len(second))
    return bool(size) and first[:size] == second[:size]


def words_of(text: str) -> list[str]:
    return _WORD.findall(folded(text))


def grown(carried: Iterable[CarriedBy], hours: float) -> int:
    """How many sources carried a story in the hours before its newest article."""
    every = list(carried)
    if not every:
        return 0
    newest: datetime = max(one.at for one in every)
    return len({one.source for one in every if newest - one.at <= timedelta(hours=hours)})


def _holds(fact: Alertable, rule: AlertRule) -> tuple[Because, ...]:
    """What made each condition hold; nothing where one does not."""
    if rule.advisories and fact.advisory is None:
        return ()
    said: list[Because] = []
    for condition in rule.conditions:
        found = _CONDITIONS[condition](fact, rule)
        if not found:
            return ()
        said += [Because(condition, one) for one in list(dict.fromkeys(found))[:_SHOWN]]
    return tuple(said)


def _themes(fact: Alertable, rule: AlertRule) -> Sequence[str]:
    return [hit.theme for hit in fact.themes if hit.theme in rule.themes]


def _words(fact: Alertable, rule: AlertRule) -> Sequence[str]:
    return [hit.surface for hit in fact.words if hit.rule == rule.id]


def _entities(fact: Alertable, rule: AlertRule) -> Sequence[str]:
    return [one.name for one in fact.entities if one.id in rule.entities]


def _territories(fact: Alertable, rule: AlertRule) -> Sequence[str]:
    within = tuple(rule.territories)
    return [f"{e.name} ({e.nuts})" for e in fact.entities if e.nuts and e.nuts.startswith(within)]


def _severity(fact: Alertable, rule: AlertRule) -> Sequence[str]:
    if fact.advisory is None:
        return ()
    found, why = grade(fact.advisory)
    return [why or "?"] if at_least(found, rule.severity) else ()


def _cves(fact: Alertable, rule: AlertRule) -> Sequence[str]:
    every = (*(fact.advisory.cves if fact.advisory else ()), *fact.cves)
    return [
        cve
        for cve in every
        for wanted in rule.cves
        if cve == wanted or (wanted.endswith("*") and cve.startswith(wanted[:-1]))
    ]


def _vendors(fact: Alertable, rule: AlertRule) -> Sequence[str]:
    """By the advisory's field; by its title where the field is empty."""
    if fact.advisory is None:
        return ()
    named = [v for v in fact.advisory.vendors for wanted in rule.vendors if same_name(v, wanted)]
    if named or fact.advisory.vendors:
        return named
    return [wanted for wanted in rule.vendors if _stands_in(wanted, fact.title)]


def _products(fact: Alertable, rule: AlertRule) -> Sequence[str]:
    if fact.advisory is None:
        return ()
    every = (*fact.advisory.products, fact.title)
    return [wanted for wanted in rule.products if any(_stands_in(wanted, one) for one in every)]


def _risks(fact: Alertable, rule: AlertRule) -> Sequence[str]:
    every = fact.advisory.risks if fact.advisory else ()
    return [risk for risk in every for wanted in rule.risks if folded(wanted) in folded(risk)]


def _sources(fact: Alertable, rule: AlertRule) -> Sequence[str]:
    return [fact.source_title] if fact.source in rule.sources else ()


def _growth(fact: Alertable, rule: AlertRule) -> Sequence[str]:
    if rule.growth is None:
        return ()
    count = grown(fact.carried, rule.growth.hours)
    return [f"{count} / {rule.growth.hours:g} h"] if count >= rule.growth.sources else ()


def _stands_in(wanted: str, text: str) -> bool:
    """Whether all words of a name stand in a text, in their order."""
    name, words = words_of(wanted), words_of(text)
    return bool(name) and any(
        words[start : start + len(name)] == name for start in range(len(words) - len(name) + 1)
    )


_CONDITIONS: dict[str, Callable[[Alertable, AlertRule], Sequence[str]]] = {
    "themes": _themes,
    "words": _words,
    "entities": _entities,
    "territories": _territories,
    "severity": _severity,
    "cves": _cves,
    "vendors": _vendors,
    "products": _products,
    "risks": _risks,
    "sources": _sources,
    "growth": _growth,
}
