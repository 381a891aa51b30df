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
_TWICE = re.compile(
    r"</?(?:p|div|br|a|b|i|em|strong|span|img|ul|li|h[1-6]|figure)(?:\s[^<>]*)?/?>", re.IGNORECASE
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff\u200b]")
_DROPPED = {"script", "style", "noscript", "template", "svg", "iframe", "object"}
_MARKUP_FACTOR = 8  # characters of HTML that are read for one of text


def line(markup: str, longest: int) -> str:
    """One line of at most `longest` characters."""
    text = _text(markup, longest)
    return cut(text if _is_even(text) else " ".join(text.split()), longest)


def paragraphs(markup: str, longest: int) -> str:
    """A line for each block of the HTML; at most `longest` characters in all."""
    text = _text(markup, longest)
    if "\n" not in text:
        return cut(text if _is_even(text) else " ".join(text.split()), longest)
    if " \n" not in text and "\n " not in text:
        lines = _without_empty(text)
        if _is_even(lines.replace("\n", "")):  # all else is plain text
            return cut(lines, longest)
    rows = [" ".join(row.split()) for row in text.split("\n")]
    return cut("\n".join(filter(None, rows)), longest)


def _without_empty(text: str) -> str:
    while "\n\n" in text:
        text = text.replace("\n\n", "\n")
    return text.strip("\n")


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


def _is_even(text: str) -> bool:
    """Whether all white space is single spaces within: no other white space is printable."""
    return text.isprintable() and "  " not in text and text[:1] != " " and text[-1:] != " "


def _has_markup(text: str) -> bool:
    return "<" in text or "&" in text


def _text(markup: str, longest: int) -> str:
    if len(markup) <= longest and not _has_markup(markup) and markup.isprintable():
        return markup  # nothing to take out: no control, no markup
    text = markup[: longest * _MARKUP_FACTOR]
    even = _is_even(text)
    if not even and not text.isprintable():
        text = text.replace("\n", " ").replace("\r", " ").replace("\t", " ")
        text = text if text.isprintable() else _CONTROL.sub("", text)
    text = text if even else " ".join(text.split())
    if _has_markup(text):
        text = _stripped(text)
        if "<" in text and _TWICE.search(text):  # escaped once too often by the publisher
            text = _stripped(text)
    return text if text.replace("\n", "").isprintable() else _CONTROL.sub("", text)


def _stripped(text: str) -> str:
    bare = text.replace("<p>", "\n").replace("</p>", "\n")  # quicker than any expression
    if "<" in bare:
        bare = _BARE_INLINE.sub("", _BARE_BLOCK.sub("\n", bare))
    if "<" in bare or ("&#" in bare and _ODD_REFERENCE.search(bare)):
        return _by_sanitiser(text)
    return html.unescape(bare) if "&" in bare else bare


def _by_sanitiser(text: str) -> str:
    marked = _BLOCK.sub("\n<", text)
    return html.unescape(nh3.clean(marked, tags=set(), clean_content_tags=_DROPPED))
