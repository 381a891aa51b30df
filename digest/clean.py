"""Making hostile text harmless to look at: one line, no control of any kind, links only to the web.

Markup is not dealt with here: each form escapes for itself.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from urllib.parse import SplitResult, quote, urlsplit

MAX_URL = 2000  # characters
_SHORT = 1000  # characters of a text that is worth remembering
_DROPPED = {"Cf", "Cs", "Co", "Cn"}  # invisible, surrogate, private, unassigned: bidi controls too
_SPACES = {"Cc", "Zl", "Zp"}
_KEPT_SPACES = {"\u00a0", "\u202f"}
_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?")
_IPV6 = re.compile(r"[0-9A-Fa-f:.]+")
_SAFE = "/%:=&~+!$,;@()*-._"
_SAFE_TAIL = _SAFE + "?[]"


def line(text: str, limit: int = 0) -> str:
    """One line of visible text, of at most `limit` characters (0: any) with "…" where it is cut."""
    return (_line if len(text) > _SHORT else _known_line)(text, limit)


def _line(text: str, limit: int) -> str:
    kept: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFC", text):
        category = unicodedata.category(char)
        if category in _DROPPED:
            continue
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks > 3:
            continue
        blank = category in _SPACES or (category == "Zs" and char not in _KEPT_SPACES)
        kept.append(" " if blank else char)
    result = " ".join(part for part in "".join(kept).split(" ") if part)
    if limit and len(result) > limit:
        result = result[: limit - 1].rstrip() + "…"
    return result


_known_line = lru_cache(maxsize=8192)(_line)  # items stand in many copies


def link(url: str) -> str:
    """The address if it is a web address a reader may be led to, quoted; else "".

    Refused: other schemes than http(s), credentials inside, strange hosts, over 2,000 characters.
    """
    url = url.strip()
    if any(char != " " and unicodedata.category(char)[0] in "CZ" for char in url):
        return ""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
        host = _host(parts)
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        return ""
    path = quote(parts.path, safe=_SAFE)
    query = f"?{quote(parts.query, safe=_SAFE_TAIL)}" if parts.query else ""
    fragment = f"#{quote(parts.fragment, safe=_SAFE_TAIL)}" if parts.fragment else ""
    result = f"{parts.scheme}://{host}{port}{path}{query}{fragment}"
    return result if len(result) <= MAX_URL else ""


def host(url: str) -> str:
    """What a reader may be shown of where a link leads, "" for none."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _host(parts: SplitResult) -> str:
    name = parts.hostname or ""
    if ":" in name:
        return f"[{name}]" if _IPV6.fullmatch(name) else ""
    if not name.isascii():
        name = name.encode("idna").decode("ascii")  # UnicodeError is a ValueError
    return name if _HOST.fullmatch(name) else ""
