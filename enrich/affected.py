"""What a notice of a vulnerability is about: the product after "vulnerability in". Pure.

Advisories are titled by a few set phrases in each language, and name products that no list and no
model of news knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

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
_NAME = re.compile(rf"{_WORD}(?: {_WORD}){{0,5}}")
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
