"""To whom an alert goes: those whose rules it meets, within their clearance. Pure.

* Who chose a rule, or every rule, gets what it made; a rule above their clearance is not there for
  them. The label of their copy is that of the alert and of the rules by which it comes to them.
* Who asked for "critical" and more is not sent less. What nobody has graded passes for medium.
* An update goes to all who were told before, whatever their rules say now.
* A person has to say yes first where each rule by which it comes to them asks for that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from digest.alerts.severity import at_least
from vigie.alerting import OWN
from vigie.model import Addressed, Alert, AlertKind, Listener, Match, Severity, Tlp


def address(
    alert: Alert,
    listeners: Iterable[Listener],
    told: Mapping[int, frozenset[str]],
    *,
    approval: bool = False,
) -> tuple[Addressed, ...]:
    """`told`: the rules by which someone was told an earlier, or this, revision."""
    found = []
    for one in listeners:
        if alert.tlp.rank > one.clearance.rank:
            continue
        mine = [match for match in alert.matches if _chose(one, match)]
        if one.id in told:
            mine = mine or [match for match in alert.matches if match.rule in told[one.id]]
        elif not mine or not _grave_enough(alert, one.severity):
            continue
        label = max((alert.tlp, *(match.tlp for match in mine)), key=lambda tlp: tlp.rank)
        asked = approval or (bool(mine) and all(match.approval for match in mine))
        found.append(Addressed(one.id, tuple(match.rule for match in mine), label, asked))
    return tuple(found)


def _chose(one: Listener, match: Match) -> bool:
    if match.tlp.rank > one.clearance.rank:
        return False
    return match.rule in one.rules or ("*" in one.rules and not match.rule.startswith(OWN))


def _grave_enough(alert: Alert, least: Severity) -> bool:
    return alert.kind is AlertKind.STORY or at_least(alert.severity, least)


def strictest(labels: Iterable[Tlp]) -> Tlp:
    """The most restrictive label, TLP:CLEAR where there is none."""
    return max(labels, key=lambda tlp: tlp.rank, default=Tlp.CLEAR)
