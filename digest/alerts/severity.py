"""How grave an advisory is: its CVSS rating, or what the issuer's own words come to. Pure.

CERT-FR gives no rating, but says in fixed words what an attacker gains. What they come to here is
Vigie's reading, not CERT-FR's, and is always told with the words themselves. An "alerte" (ALE) of
CERT-FR is what it asks everybody to act on at once: critical.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

from vigie.model import Advisory, Severity

S = Severity
# Ratings of issuers that do not use CVSS's words: Red Hat and Microsoft, and in four languages.
_RATINGS: Mapping[str, Severity] = MappingProxyType(
    {
        **{word.value: word for word in S if word},
        "important": S.HIGH,
        "moderate": S.MEDIUM,
        "critique": S.CRITICAL,
        "kritisch": S.CRITICAL,
        "kritiek": S.CRITICAL,
        "hoch": S.HIGH,
        "hoog": S.HIGH,
        "elevee": S.HIGH,
        "eleve": S.HIGH,
        "mittel": S.MEDIUM,
        "gemiddeld": S.MEDIUM,
        "moyenne": S.MEDIUM,
        "moyen": S.MEDIUM,
        "niedrig": S.LOW,
        "laag": S.LOW,
        "faible": S.LOW,
        "urgent": S.CRITICAL,
    }
)
# The first that stands in a risk counts; of several risks, the gravest.
_RISKS = (
    ("execution de code arbitraire", S.HIGH),
    ("remote code execution", S.HIGH),
    ("elevation de privileges", S.MEDIUM),
    ("privilege", S.MEDIUM),
    ("contournement", S.MEDIUM),
    ("bypass", S.MEDIUM),
    ("deni de service", S.MEDIUM),
    ("denial of service", S.MEDIUM),
    ("atteinte a l'integrite", S.MEDIUM),
    ("atteinte a la confidentialite", S.MEDIUM),
    ("injection", S.MEDIUM),
    ("usurpation", S.MEDIUM),
)
_ALERTE = re.compile(r"CERT(?:FR|A)-\d{4}-ALE-\d+")


def grade(advisory: Advisory) -> tuple[Severity, str]:
    """The severity and the words that it is from; UNSAID and "" where nothing says."""
    if _ALERTE.fullmatch(advisory.reference):
        return S.CRITICAL, f"{advisory.issuer}: {advisory.reference}"
    if rating := _RATINGS.get(folded(advisory.severity)):
        return rating, advisory.severity
    found = [(rank, risk) for risk in advisory.risks if (rank := _of_risk(risk))]
    return max(found, key=lambda pair: pair[0].rank, default=(S.UNSAID, ""))


def at_least(severity: Severity, least: Severity) -> bool:
    """Whether it is that grave. What nobody has graded passes for medium, so as not to be lost."""
    return (severity or S.MEDIUM).rank >= least.rank


def folded(text: str) -> str:
    """Small letters without accents, single spaces, straight apostrophes."""
    apart = unicodedata.normalize("NFKD", text.casefold().replace("’", "'"))
    return " ".join("".join(c for c in apart if not unicodedata.combining(c)).split())


def _of_risk(risk: str) -> Severity:
    words = folded(risk)
    return next((rank for part, rank in _RISKS if part in words), S.UNSAID)
