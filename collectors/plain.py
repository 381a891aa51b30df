"""From a feed's HTML to plain text: no markup, no control characters, even white space. Pure."""

from __future__ import annotations

import html
import re

import nh3

_BLOCK = re.compile(
    r"<(?=/?(?:p|div|br|li|ul|ol|dl|dd|dt|h[1-6]|tr|td|th|table|blockquote|section|article|aside"
    r"|header|footer|figure|figcaption|hr|pre|main|nav|option)\b)",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"[<&]")
_TWICE = re.compile(
    r"</?(?:p|div|br|a|b|i|em|strong|span|img|ul|li|h[1-6]|figure)(?:\s[^<>]*)?/?>", re.IGNORECASE
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff\u200b]")
_DROPPED = {"script", "style", "noscript", "template", "svg", "iframe", "object"}
_MARKUP_FACTOR = 8  # characters of HTML that are read for one of text


def line(markup: str, longest: int) -> str:
    """One line of at most `longest` characters."""
    return cut(" ".join(_text(markup, longest).split()), longest)


def paragraphs(markup: str, longest: int) -> str:
    """A line for each block of the HTML; at most `longest` characters in all."""
    lines = (" ".join(row.split()) for row in _text(markup, longest).split("\n"))
    return cut("\n".join(filter(None, lines)), longest)


def printable(text: str) -> str:
    """The text without control characters, halves of characters and invisible marks."""
    return _CONTROL.sub("", text)


def cut(text: str, longest: int) -> str:
    """The text, or its beginning up to a word's end, and an ellipsis."""
    if len(text) <= longest:
        return text
    head = text[: longest - 1]
    words = head.rsplit(None, 1)[0] if not text[longest - 1].isspace() else head
    return (words if len(words) > longest // 2 else head).rstrip() + "…"


def _text(markup: str, longest: int) -> str:
    text = " ".join(_CONTROL.sub("", markup[: longest * _MARKUP_FACTOR]).split())
    if _MARKUP.search(text):
        text = _stripped(text)
        if _TWICE.search(text):  # escaped once too often by the publisher
            text = _stripped(text)
    return _CONTROL.sub("", text)


def _stripped(text: str) -> str:
    marked = _BLOCK.sub("\n<", text)
    return html.unescape(nh3.clean(marked, tags=set(), clean_content_tags=_DROPPED))
