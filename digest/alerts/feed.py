"""What a machine is given of an alert: JSON of our own, or CAP 1.2 (OASIS, 2010). Pure."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from lxml import etree  # type: ignore[import-untyped]  # it ships no types

from digest.alerts.view import AlertsPage, Look, Shown, view
from digest.clean import line, link
from vigie.model import AlertKind, Severity, Tlp

CAP = "urn:oasis:names:tc:emergency:cap:1.2"
TYPES = {"json": "application/json", "cap": "application/cap+xml"}
_SEVERITIES = {
    Severity.CRITICAL: "Extreme",
    Severity.HIGH: "Severe",
    Severity.MEDIUM: "Moderate",
    Severity.LOW: "Minor",
    Severity.NONE: "Minor",
    Severity.UNSAID: "Unknown",
}


@dataclass(frozen=True, slots=True)
class Told:
    """An alert for a machine."""

    id: str  # public: al-...
    shown: Shown


def body(told: Told, look: Look, form: str) -> bytes:
    """The bytes for `json` or `cap`; the same arguments give the same bytes."""
    return cap(told, look) if form == "cap" else as_json(told)


def key(told: Told, hook: str) -> str:
    """The same for each try of the same revision: by it a receiver knows a repetition."""
    said = f"{told.id}\n{told.shown.alert.revision}\n{hook}"
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def signature(secret: str, content: bytes, at: datetime) -> str:
    """`t=…,v1=…`: HMAC-SHA256 of the seconds since 1970, a full stop and the content."""
    seconds = int(at.timestamp())
    made = hmac.new(secret.encode(), f"{seconds}.".encode() + content, hashlib.sha256)
    return f"t={seconds},v1={made.hexdigest()}"


def as_json(told: Told) -> bytes:
    alert = told.shown.alert
    rules = [
        {
            "rule": match.rule,
            "name": line(match.name),
            "because": [{"condition": b.condition, "found": line(b.found)} for b in match.because],
        }
        for match in alert.matches
        if match.rule in told.shown.rules
    ]
    said = {
        "format": "vigie-alert/1",
        "id": told.id,
        "revision": alert.revision,
        "kind": alert.kind.value,
        "tlp": told.shown.tlp.value,
        "at": _time(alert.at),
        "title": line(alert.title),
        "url": link(alert.url),
        "source": line(alert.source),
        "published": _time(alert.published),
        "language": alert.language,
        "excerpt": line(alert.excerpt),
        "severity": alert.severity.value,
        "severity_why": line(alert.severity_why),
        "cves": list(alert.cves),
        "vendors": list(map(line, alert.vendors)),
        "products": list(map(line, alert.products)),
        "risks": list(map(line, alert.risks)),
        "advisories": [
            {
                "issuer": line(one.issuer),
                "reference": line(one.reference),
                "revision": line(one.revision),
                "url": link(one.url),
            }
            for one in alert.advisories
        ],
        "themes": list(alert.themes),
        "places": list(map(line, alert.places)),
        "story": alert.story,
        "sources": len(alert.sources),
        "changed": line(alert.changed),
        "rules": rules,
    }
    return (json.dumps(said, ensure_ascii=False, indent=1) + "\n").encode()


def cap(told: Told, look: Look) -> bytes:
    """One CAP 1.2 message. TLP:CLEAR is Public, TLP:RED and AMBER+STRICT Private, else Restricted.

    CAP has no category for a vulnerability; `Infra` (telecommunication and other infrastructure)
    is the nearest. Urgency and certainty are not known to Vigie, and said so.
    """
    alert, tlp = told.shown.alert, told.shown.tlp
    sender = _word(look.contact) or "vigie"
    root = etree.Element("alert", nsmap={None: CAP})

    def put(parent: etree._Element, name: str, text: str) -> None:
        etree.SubElement(parent, name).text = text

    put(root, "identifier", f"{told.id}-r{alert.revision}")
    put(root, "sender", sender)
    put(root, "sent", _offset(alert.at))
    put(root, "status", "Actual")
    put(root, "msgType", "Update" if alert.revision > 1 else "Alert")
    scope = {Tlp.CLEAR: "Public", Tlp.RED: "Private", Tlp.AMBER_STRICT: "Private"}
    put(root, "scope", scope.get(tlp, "Restricted"))
    if scope.get(tlp) is None:
        put(root, "restriction", tlp.value)
    if scope.get(tlp) == "Private":
        put(root, "addresses", (look.publisher and f'"{line(look.publisher)}"') or "vigie")
    put(root, "code", tlp.value)
    if alert.revision > 1 and alert.before:
        put(
            root,
            "references",
            f"{sender},{told.id}-r{alert.revision - 1},{_offset(alert.before)}",
        )
    _info(root, told, view([told.shown], 0, look), look)
    return bytes(etree.tostring(_spaced(root), xml_declaration=True, encoding="utf-8"))


def _info(root: etree._Element, told: Told, page: AlertsPage, look: Look) -> None:
    alert, shown = told.shown.alert, page.alerts[0]
    info = etree.SubElement(root, "info")
    values: Mapping[str, str] = {
        "language": look.language,
        "category": "Infra" if alert.kind is AlertKind.ADVISORY else "Other",
        "event": line(alert.title, 200) or "—",
        "urgency": "Unknown",
        "severity": _SEVERITIES[alert.severity],
        "certainty": "Unknown",
        "senderName": line(look.publisher),
        "headline": line(page.subject, 160),
        "description": "\n".join((*shown.lines, shown.excerpt)).strip(),
        "web": shown.href,
        "contact": line(look.contact),
    }
    for name, text in values.items():
        if text:
            etree.SubElement(info, name).text = text
    parameters = [("TLP", told.shown.tlp.value), *(("CVE", cve) for cve in alert.cves)]
    parameters += [("advisory", said) for said, _ in shown.advisories]
    for name, text in parameters:
        parameter = etree.SubElement(info, "parameter")
        etree.SubElement(parameter, "valueName").text = name
        etree.SubElement(parameter, "value").text = text


def _spaced(root: etree._Element) -> etree._Element:
    etree.indent(root)
    for element in root.iter():
        element.tag = f"{{{CAP}}}{element.tag}"
    return root


def _word(text: str) -> str:
    """Without what CAP does not allow in a sender: spaces, commas, < and &."""
    return "".join(char for char in line(text) if char not in " ,<&")


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _offset(moment: datetime) -> str:
    """As CAP writes UTC: no Z, and -00:00."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S-00:00")
