"""Public ids: short, to cite, and made from the thing's own key, so that they never change."""

from __future__ import annotations

import hashlib

_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"  # Base32, RFC 4648
_PAIRS = [first + second for first in _LETTERS for second in _LETTERS]


def article(key: str) -> str:
    """`a-` and 13 characters of the key's BLAKE2b (64 bits): the same key, the same id."""
    digest = hashlib.blake2b(key.encode(), digest_size=8).digest()
    number = int.from_bytes(digest) << 1  # 65 bits: 13 letters
    pairs = [_PAIRS[number >> shift & 1023] for shift in (55, 45, 35, 25, 15, 5)]
    return f"a-{''.join(pairs)}{_LETTERS[number & 31]}"


def story(founder: str) -> str:
    """A story's id from its founding article's."""
    return "s-" + founder.removeprefix("a-")


def group(founder: str) -> str:
    """A near-duplicate group's id from its founding article's."""
    return "d-" + founder.removeprefix("a-")


def alert(key: str) -> str:
    """`al-` and 13 characters, from the key of its first advisory or of its story."""
    return "al-" + article(key).removeprefix("a-")
