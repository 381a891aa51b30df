"""Articles, advisories and rules that the tests of alerts make their cases from."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from digest.alerts.decide import decide
from vigie.alerting import AlertRule, When
from vigie.model import (
    Advisory,
    Alertable,
    CarriedBy,
    Decided,
    How,
    NamedEntity,
    Rights,
    Standing,
    ThemeHit,
    WordHit,
)

NOW = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
EVERYTHING = AlertRule(id="all", advisories=True, severity="low")


def advisory(number: int = 1, revision: str = "2026-11-18", **said: object) -> Advisory:
    plain = Advisory(
        reference=f"CERTFR-2026-AVI-{number:04}",
        revision=revision,
        issuer="CERT-FR",
        cves=(f"CVE-2026-{1000 + number}",),
        vendors=("Fortinet",),
        products=("FortiOS",),
        risks=("Exécution de code arbitraire à distance",),
    )
    return replace(plain, **said)  # type: ignore[arg-type] # fields are given by name, any of them


def fact(number: int = 1, said: Advisory | None = None, **more: object) -> Alertable:
    plain = Alertable(
        article=number,
        public_id=f"a-{number}",
        revision=1,
        title=f"Titre {number}",
        url=f"https://cert.example/{number}",
        source="cert",
        source_title="CERT-FR",
        rights=Rights.FULL,
        published=NOW - HOUR,
        seen_at=NOW,
        language="fr",
        summary="Des mots.",
        advisory=said,
        themes=(ThemeHit("cyber", 0.9, "dit"),),
        entities=(NamedEntity("rouen", "Rouen", "FRD22"), NamedEntity("anssi", "ANSSI")),
        words=(WordHit("all", "mots"),),
    )
    return replace(plain, **more)  # type: ignore[arg-type] # fields are given by name, any of them


def carried(sources: int, hours: float = 0.0) -> tuple[CarriedBy, ...]:
    """So many sources, each so many hours before the next."""
    return tuple(CarriedBy(f"s{n}", NOW - n * timedelta(hours=hours)) for n in range(sources))


def look(
    *facts: Alertable, known: tuple[Standing, ...] = (), now: datetime = NOW, **when: object
) -> Decided:
    """One look with one rule that every advisory of a severity meets."""
    rules = [EVERYTHING, AlertRule(id="news", words=("x",))]
    return decide(facts, rules, known, When(**when), 40, now)  # type: ignore[arg-type]  # by name


def after(decided: Decided, *before: Standing) -> tuple[Standing, ...]:
    """What is known once a look has been stored."""
    known = {one.alert.key: one for one in before}
    for alert in decided.alerts:
        seen = known[alert.key].seen if alert.key in known else ()
        new = tuple(n.seen for n in decided.notes if n.seen and n.key == alert.key)
        known[alert.key] = Standing(alert, tuple(dict.fromkeys((*seen, *new))), alert.at)
    return tuple(known.values())


def hows(decided: Decided) -> list[How]:
    return [note.how for note in decided.notes]
