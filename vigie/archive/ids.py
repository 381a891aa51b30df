"""Public ids: short, to cite, and made from the thing's own key, so that they never change."""

from __future__ import annotations

import base64
import hashlib


def article(key: str) -> str:
    """`a-` and 13 characters of the key's BLAKE2b (64 bits): the same key, the same id."""
    digest = hashlib.blake2b(key.encode(), digest_size=8).digest()
    return "a-" + base64.b32encode(digest).decode().rstrip("=").lower()


def story(founder: str) -> str:
    """A story's id from its founding article's."""
    return "s-" + founder.removeprefix("a-")


def group(founder: str) -> str:
    """A near-duplicate group's id from its founding article's."""
    return "d-" + founder.removeprefix("a-")
