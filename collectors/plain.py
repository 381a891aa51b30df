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
# Tags without attributes, which may simply go. Where they are all the markup there is, and all
# references to characters are to plain ones, nh3 would come to the same, at ten times the cost.
_BARE_BLOCK = re.compile(r"</?(?:p|div|br|li|ul|ol|h[1-6]|blockquote) ?/?>", re.IGNORECASE)
_BARE_INLINE = re.compile(r"</?(?:b|i|em|strong|span|u|small) ?/?>", re.IGNORECASE)
_ODD_REFERENCE = re.compile(r"&#(?!(?:3[2-9]|1[6-9]\d|[2-9]\d\d|[1-9]\d{3});)")
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
    text = _text(markup, longest)
    if "\n" not in text:
        return cut(" ".join(text.split()), longest)
    lines = [" ".join(row.split()) for row in text.split("\n")]
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
    if len(markup) <= longest and markup.isprintable() and not _MARKUP.search(markup):
        return markup  # nothing to take out: no control, no markup
    text = " ".join(_CONTROL.sub("", markup[: longest * _MARKUP_FACTOR]).split())
    if _MARKUP.search(text):
        text = _stripped(text)
        if _TWICE.search(text):  # escaped once too often by the publisher
            text = _stripped(text)
    return _CONTROL.sub("", text)


def _stripped(text: str) -> str:
    bare = _BARE_INLINE.sub("", _BARE_BLOCK.sub("\n", text))
    if "<" not in bare and not _ODD_REFERENCE.search(bare):
        return html.unescape(bare) if "&" in bare else bare
    return _by_sanitiser(text)


def _by_sanitiser(text: str) -> str:
    marked = _BLOCK.sub("\n<", text)
    return html.unescape(nh3.clean(marked, tags=set(), clean_content_tags=_DROPPED))
