"""Whether an advisory is about a matter that an alert already tells. Pure.

One issuer that publishes two advisories means two things, unless the second cites the first. Two
issuers mean one thing where

* one cites the other's reference, or
* they share CVE numbers, at least half of those of the shorter list, and, where both name vendors,
  a vendor. A list of hundreds shares a number with nearly everything, and the kernel of one
  distribution is not that of another.

In an advisory that cites others, what it cites counts only while it is a few: a bulletin that sums
up a month is about none of them.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from digest.alerts.match import same_name
from digest.alerts.severity import folded
from vigie.model import Advisory, Alert, Alertable, Seen

SHARED = 0.5  # of the shorter list of CVE numbers
MOST_CITED = 3
_NUMBER = re.compile(r"\d+")


def name_of(advisory: Advisory) -> str:
    """Issuer and reference, which together name an advisory: references are an issuer's own."""
    return f"{folded(advisory.issuer)} {folded(advisory.reference)}".strip()


def seen_of(fact: Alertable, advisory: Advisory) -> Seen:
    """The (reference, revision) that an alert is keyed by."""
    return Seen(name_of(advisory), advisory.revision or f"#{fact.revision}")


def is_same(fact: Alertable, advisory: Advisory, alert: Alert) -> bool:
    """Whether the advisory belongs to that alert."""
    if not alert.advisories:
        return False
    cited = {folded(one) for one in fact.cites} - {folded(advisory.reference)}
    if len(cited) <= MOST_CITED and any(folded(a.reference) in cited for a in alert.advisories):
        return True
    if any(folded(a.issuer) == folded(advisory.issuer) for a in alert.advisories):
        return False
    return _share(advisory.cves, alert.cves) and _vendor(advisory.vendors, alert.vendors)


def is_earlier(revision: str, than: str) -> bool:
    """Whether an issuer's revision comes before another, by the numbers that both have in them.

    Dates (2024-02-15.2) and versions (1.10.0) both sort so; what has no number is not earlier.
    """
    one, other = ([int(n) for n in _NUMBER.findall(text)] for text in (revision, than))
    return bool(one) and bool(other) and one < other


def _share(one: Collection[str], other: Collection[str]) -> bool:
    common = len(set(one) & set(other))
    return common > 0 and common >= SHARED * min(len(set(one)), len(set(other)))


def _vendor(one: Collection[str], other: Collection[str]) -> bool:
    if not one or not other:
        return True
    return any(same_name(first, second) for first in one for second in other)
