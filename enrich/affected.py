"""What a notice of a vulnerability is about: the products that it names. Pure.

Advisories name products that no list and no model of news knows, in two places: after
"vulnerability in", by a few set phrases in each language, and in a list of affected systems, a line
for each, by its name and its version.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from enrich.words import STOP, fold

_WEAKNESS = (
    r"(?:vuln[ée]rabilit\w+|failles?|kwetsbaarhe(?:id|den)|(?:beveiligings)?lek(?:ken)?"
    r"|schwachstellen?|sicherheitsl[üu]cken?|vulnerabilit(?:y|ies)|flaws?)"
)
_IN = r"(?:dans|in|of|affectant|affecting)"
_KIND = (
    r"(?:les?|la|l['’]|des?|du|d['’]|the|het|der|die|das|dem|den|van|von"
    r"|produits?|products?|producten|produkten?|logiciels?|software|noyau|kernel|serveurs?|servers?)"
)
_LEAD = re.compile(rf"(?i)\b{_WEAKNESS}(?:\s+[^\W\d_]\w*){{0,4}}?\s+{_IN}\s+(?:{_KIND}\s*)*\b")
_WORD = r"(?:[^\W\d_a-zà-ÿ]|\d)[\w.+/&-]*"
_NAME = re.compile(rf"{_WORD}(?:(?<!\.) {_WORD}){{0,5}}")
_ITEM = r"(?:[^\W\d_a-zà-ÿ]|[a-z]{1,4}(?=[A-Z]))[\w.+/&:-]*"  # openSUSE, iOS and macOS too
_VERSIONS = (
    r"(?:(?:toutes(?: les)?|alle|all) )?(?:versions?|versies?|Version(?:en)?)\b"
    r"|(?:antérieure?s?|prior to|before|vóór|vor)\b|(?:\d+ )?(?:sans|zonder|ohne|without)\b"
)
_NUMBER = r"v?\d+(?:[.-]\w+)+|\d+ SP\d"
_LISTED = re.compile(
    rf"(?m)^[ \t•*-]{{0,8}}(?:"
    rf"({_ITEM}(?: [^\s,;:()]{{1,40}}){{0,8}}?)(?: \([^()\n]{{1,60}}\))?,? (?:{_VERSIONS})"
    rf"|({_ITEM}(?: {_ITEM}){{0,6}})(?: (?:-|for|pour|für|voor) [^\n]{{1,80}}?)? (?:{_NUMBER}))"
)
_NOTICE = re.compile(rf"(?i)\b{_WEAKNESS}\b")
_NEXT = re.compile(r"\s*(?:,|\bet\b|\band\b|\ben\b|\bund\b)\s+")


def affected(text: str) -> Iterator[tuple[int, int]]:
    """Where the names of what is vulnerable begin and end, in characters."""
    for lead in _LEAD.finditer(text):
        place = lead.end()
        while name := _NAME.match(text, place):
            end = place + len(name[0].rstrip(".,/&-"))
            if any(char.isalpha() for char in text[place:end]):
                yield place, end
            following = _NEXT.match(text, name.end())
            if following is None:
                break
            place = following.end()
    if _NOTICE.search(text):
        yield from _systems(text)


def _systems(text: str) -> Iterator[tuple[int, int]]:
    """The names in a list of affected systems."""
    for line in _LISTED.finditer(text):
        start, end = line.span(1 if line[1] else 2)
        words = text[start:end].split(" ")
        if fold(words[0]) not in STOP and any(map(str.isalpha, text[start:end])):
            yield start, end
