"""What the Common Alerting Protocol 1.2 (OASIS, 2010) asks of a message: order, number, values.

Only elements that our alerts may use are listed; any other one is a fault.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d"  # section 3.3.2: never Z
_ANY = r"(?s).+"
_MANY = 1_000


@dataclass(frozen=True, slots=True)
class Element:
    name: str
    least: int = 1
    most: int = 1
    value: str = _ANY  # a pattern for the whole text


ALERT = (
    Element("identifier", value=r"[^\s,<&]+"),
    Element("sender", value=r"[^\s,<&]+"),
    Element("sent", value=_TIME),
    Element("status", value="Actual|Exercise|System|Test|Draft"),
    Element("msgType", value="Alert|Update|Cancel|Ack|Error"),
    Element("source", 0),
    Element("scope", value="Public|Restricted|Private"),
    Element("restriction", 0),
    Element("addresses", 0),
    Element("code", 0, _MANY),
    Element("note", 0),
    Element("references", 0, value=rf"[^\s,]+,[^\s,]+,{_TIME}(\s[^\s,]+,[^\s,]+,{_TIME})*"),
    Element("incidents", 0),
    Element("info", 0, _MANY, value=r"(?s).*"),
)
INFO = (
    Element("language", 0, value="[a-z]{2}(-[A-Z]{2})?"),
    Element(
        "category",
        1,
        _MANY,
        "Geo|Met|Safety|Security|Rescue|Fire|Health|Env|Transport|Infra|CBRNE|Other",
    ),
    Element("event"),
    Element("responseType", 0, _MANY, "Prepare|Execute|Avoid|Monitor|Assess|AllClear|None"),
    Element("urgency", value="Immediate|Expected|Future|Past|Unknown"),
    Element("severity", value="Extreme|Severe|Moderate|Minor|Unknown"),
    Element("certainty", value="Observed|Likely|Possible|Unlikely|Unknown"),
    Element("audience", 0),
    Element("effective", 0, value=_TIME),
    Element("onset", 0, value=_TIME),
    Element("expires", 0, value=_TIME),
    Element("senderName", 0),
    Element("headline", 0),
    Element("description", 0),
    Element("instruction", 0),
    Element("web", 0, value=r"https?://\S+"),
    Element("contact", 0),
    Element("parameter", 0, _MANY, value=r"(?s).*"),
)
PARAMETER = (Element("valueName"), Element("value", value=r"(?s).*"))


def faults(root: etree._Element) -> list[str]:
    """What the message does against the standard; [] for nothing."""
    if root.tag != f"{{{NAMESPACE}}}alert":
        return [f"the root is {root.tag}"]
    found = _children(root, ALERT)
    for info in root.iterfind("{*}info"):
        found += _children(info, INFO)
        for parameter in info.iterfind("{*}parameter"):
            found += _children(parameter, PARAMETER)
    scope = root.findtext("{*}scope")
    if (scope == "Restricted") is not (root.find("{*}restriction") is not None):
        found.append("a restriction goes with the scope Restricted, and with no other")
    if scope == "Private" and root.find("{*}addresses") is None:
        found.append("the scope Private wants addresses")
    return found


def _children(parent: etree._Element, rules: tuple[Element, ...]) -> list[str]:
    order = {rule.name: place for place, rule in enumerate(rules)}
    names = [etree.QName(child).localname for child in parent]
    found = [f"{name}: not known here" for name in names if name not in order]
    places = [order[name] for name in names if name in order]
    if places != sorted(places):
        found.append(f"not in order: {', '.join(names)}")
    for rule in rules:
        mine = [child for child in parent if etree.QName(child).localname == rule.name]
        if not rule.least <= len(mine) <= rule.most:
            found.append(f"{rule.name}: {len(mine)} times")
        found += [
            f"{rule.name}: {child.text!r}"
            for child in mine
            if not re.fullmatch(rule.value, child.text or "")
        ]
    return found
