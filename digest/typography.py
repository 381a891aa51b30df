"""How a language sets its own punctuation: French spaces. Pure.

Two functions, since two kinds of text are printed. What is ours or the coordinator's (labels,
titles of editions, "À retenir") is set as French wants it: a narrow no-break space before ; ! ?
and within « », a no-break space before a colon, and the curly apostrophe. What is a source's
(titles, extracts) is a quotation and stays verbatim, letter for letter: only the *kind* of a space
that its author already wrote changes, so that no line begins with a lone « ? ».
"""

from __future__ import annotations

import re
from functools import lru_cache

NBSP, NNBSP = "\u00a0", "\u202f"
_SPACES = f"[ {NBSP}{NNBSP}]"
_HIGH = re.compile(f"(?<=[^\\s;!?:«(\\[]){_SPACES}*([;!?]+)(?=[\\s»)\\]{NNBSP}{NBSP}]|$)")
_COLON = re.compile(f"(?<=[^\\s:]){_SPACES}*:(?=[\\s{NBSP}{NNBSP}]|$)")
_OPEN = re.compile(f"«{_SPACES}*")
_CLOSE = re.compile(f"{_SPACES}*»")
_APOSTROPHE = re.compile(r"(?<=[A-Za-zÀ-ÿ])'(?=[A-Za-zÀ-ÿ])")
_KEPT_HIGH = re.compile(f"{_SPACES}+(?=[;!?»])")
_KEPT_COLON = re.compile(f"{_SPACES}+(?=:)")


@lru_cache(maxsize=2048)
def ours(text: str, language: str) -> str:
    """Our own words, or a coordinator's, as the language sets them; French alone changes."""
    if language != "fr":
        return text
    text = _HIGH.sub(f"{NNBSP}\\1", text)
    text = _COLON.sub(f"{NBSP}:", text)
    text = _CLOSE.sub(f"{NNBSP}»", _OPEN.sub(f"«{NNBSP}", text))
    return _APOSTROPHE.sub("’", text)


@lru_cache(maxsize=8192)
def quoted(text: str, language: str) -> str:
    """A source's words: no character is added, taken or changed but the kind of a space."""
    if language != "fr":
        return text
    text = _KEPT_HIGH.sub(NNBSP, text)
    return _KEPT_COLON.sub(NBSP, text).replace("« ", f"«{NNBSP}").replace(f"«{NBSP}", f"«{NNBSP}")
