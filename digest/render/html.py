"""The issue as an HTML mail: Jinja2 -> MJML -> HTML; nothing remote, light enough to be whole.

Some clients cut a message at 102 kB, so it has at most 95,000 bytes. What does not fit is left out
step by step, and the mail says so: extracts are shortened, then reasons and summaries go, then each
section keeps its first items only and leads to the web page for the rest. The text part beside it
always has everything.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from html import escape

from mjml import mjml2html

from digest.quote import cut
from digest.render.look import NIGHT, legible
from digest.render.template import attributes, facts, template
from digest.render.view import Copy, ItemView, PageView

LIMIT = 95_000  # bytes: some clients cut a message at 102 kB
_OUTER = re.compile(r'<div aria-label="[^"]*" aria-roledescription="email" role="article"')
LINK = 200  # bytes of a recipient's own link, at most
TLP_COLOURS = {"TLP:RED": "#ff2b2b", "TLP:AMBER": "#ffc000", "TLP:GREEN": "#33ff00"}


@dataclass(frozen=True, slots=True)
class _Cut:
    """How much of each item is shown, and of how many."""

    words: int | None = None  # of an extract; None: all
    reasons: bool = True
    summaries: bool = True
    items: int | None = None  # of a section; None: all


_STEPS = (
    *(_Cut(words) for words in (None, 25, 12)),
    _Cut(12, reasons=False),
    _Cut(0, reasons=False),
    *(_Cut(0, reasons=False, summaries=False, items=n) for n in (None, 12, 6, 3, 1)),
)


def draw(copy: Copy) -> bytes:
    """UTF-8 HTML, of at most 95,000 bytes but for an issue of some hundred sections."""
    for how in _STEPS:
        page = _shortened(copy.page, how)
        html = _draw(page, shortened=how != _STEPS[0], cut=how.items is not None)
        if len(html) + _to_come(html, copy.page) <= LIMIT:
            break
    return html


def _to_come(html: bytes, page: PageView) -> int:
    """Bytes that a recipient's own links will add where their holes are."""
    hrefs = {page.leave_href, page.preferences_href, page.web_href} - {""}
    return sum(html.count(href.encode()) * max(0, LINK - len(href)) for href in hrefs)


def _draw(page: PageView, *, shortened: bool, cut: bool) -> bytes:
    look = page.look
    mjml = template("bulletin.mjml.j2", markup=True).render(
        page=page,
        look=look,
        shortened=shortened,
        cut=cut,
        h2=(
            f"margin:0 0 14px;padding:0 0 6px;border-bottom:2px solid {look.rule};"
            f"font:normal 23px/1.25 Georgia,serif;color:{look.heading}"
        ),
        rule_night=legible(look.rule, NIGHT, 3.0),
        facts=facts,
        attributes=attributes,
        tlp_colour=TLP_COLOURS.get(page.tlp.removesuffix("+STRICT"), "#ffffff"),
    )
    return _labelled(mjml2html(mjml, fonts={}), page).encode()


def _labelled(html: str, page: PageView) -> str:
    """The outermost element is the document's main part, and has its title for a name.

    The library calls it an article, and writes what is not ASCII in its name as Rust would.
    """
    outer = f'<div aria-label="{escape(page.title)}" aria-roledescription="email" role="main"'
    return _OUTER.sub(lambda _: outer, html, count=1)


def _shortened(page: PageView, how: _Cut) -> PageView:
    def item(one: ItemView) -> ItemView:
        excerpt = one.excerpt if how.words is None else ""
        return dataclasses.replace(
            one,
            excerpt=cut(one.excerpt, how.words) if how.words else excerpt,
            why=one.why if how.reasons else "",
            summary=one.summary if how.summaries else (),
        )

    sections = tuple(
        dataclasses.replace(section, items=tuple(map(item, section.items[: how.items])))
        for section in page.sections
    )
    return dataclasses.replace(page, sections=sections)
