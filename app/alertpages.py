"""The part of a recipient's preferences that is about alerts."""

from __future__ import annotations

from digest.clean import line
from digest.pages import AlertChoice
from vigie.archive.people import RecipientRow
from vigie.archive.wishes import EVERY, Wish
from vigie.model import Severity
from vigie.schema import ALERTS, Theme
from vigie.settings import Settings

MOST_VENDORS = 30
LONGEST = 100  # characters of a vendor


def may_choose(settings: Settings, row: RecipientRow) -> bool:
    """Whether they may be on the list of alerts: they are, or it is open and has something."""
    return ALERTS in row.editions or (settings.alerts.open and bool(settings.alert_rules))


def shown(settings: Settings, row: RecipientRow, wish: Wish) -> AlertChoice | None:
    """Their alerts as the page shows them; None where there is nothing to choose."""
    if not may_choose(settings, row):
        return None
    return AlertChoice(
        chosen=ALERTS in row.editions,
        rules=tuple(
            (rule.id, rule.name)
            for rule in settings.alert_rules
            if rule.active and rule.tlp.rank <= row.clearance.rank
        ),
        every=EVERY in wish.rules,
        chosen_rules=wish.rules,
        vendors=", ".join(wish.vendors),
        themes=tuple((t.id, t.labels[row.language]) for t in _themes(settings)),  # type: ignore[index]  # one of four
        chosen_themes=wish.themes,
        severity=wish.severity.value,
    )


def wished(settings: Settings, form: dict[str, list[str]]) -> Wish:
    """What the form asks for, as far as it may; every alert where it asks for none."""
    asked = form.get("alert.rule", [])
    rules = tuple(rule.id for rule in settings.alert_rules if rule.id in asked)
    names = ",".join(form.get("alert.vendors", [])).split(",")
    vendors = dict.fromkeys(name for one in names if (name := line(one, LONGEST)))
    themes = tuple(t.id for t in _themes(settings) if t.id in form.get("alert.theme", []))
    severity = form.get("alert.severity", [""])[0]
    if EVERY in asked or not (rules or vendors or themes):
        rules = (EVERY,)
    known = {word.value for word in Severity}
    return Wish(
        rules,
        tuple(vendors)[:MOST_VENDORS],
        themes,
        Severity(severity if severity in known else ""),
    )


def _themes(settings: Settings) -> list[Theme]:
    """The themes of all editions, each once."""
    every = {t.id: t for one in settings.editions for t in settings.sections(one)}
    return list(every.values())
