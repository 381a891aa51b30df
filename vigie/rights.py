"""What a source's rights let the archive keep of an item.

full     everything the feed and the page give
excerpt  title and the feed's own summary, cut at `EXCERPT_WORDS`; never the body
link     title and link alone
"""

from __future__ import annotations

from vigie.model import Item, Rights

EXCERPT_WORDS = 100


def cut(text: str, words: int) -> str:
    """The first `words` words, with an ellipsis where something was left out."""
    parts = text.split(None, words)
    return text if len(parts) <= words else " ".join(parts[:words]) + "…"


def stored(item: Item, rights: Rights) -> Item:
    """The part of `item` that may be kept."""
    match rights:
        case Rights.FULL:
            return item
        case Rights.EXCERPT:
            summary = item.summary or item.text
            return item.saying(cut(summary, EXCERPT_WORDS), item.image)
        case Rights.LINK:
            return item.saying("", "")
