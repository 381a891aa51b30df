"""The issue as an HTML mail: Jinja2 -> MJML -> HTML; nothing remote, light enough to be whole."""

from __future__ import annotations

import dataclasses

from markupsafe import Markup
from mjml import mjml2html

from digest.quote import cut
from digest.render.template import facts, template
from digest.render.view import ItemView, PageView

LIMIT = 95_000  # bytes: some clients cut a message at 102 kB
_SHORTER = (None, 25, 12, 0)  # words an extract is cut to, in turn, while the mail is too heavy
_TLP_COLOURS = {"TLP:RED": "#ff2b2b", "TLP:AMBER": "#ffc000", "TLP:GREEN": "#33ff00"}
_H2 = (
    "margin:0 0 14px;padding:0 0 6px;border-bottom:2px solid #6fb5a6;"
    "font:normal 23px/1.25 Georgia,serif;color:#12355b"
)


def draw(page: PageView) -> bytes:
    """UTF-8 HTML, of at most 95,000 bytes if shortened extracts can bring it there."""
    for words in _SHORTER:
        html = _draw(page if words is None else _shortened(page, words), words is not None)
        if len(html) <= LIMIT:
            break
    return html


def _draw(page: PageView, shortened: bool) -> bytes:
    mjml = template("bulletin.mjml.j2", markup=True).render(
        page=page,
        shortened=shortened,
        h2=_H2,
        facts=facts,
        attributes=_attributes,
        tlp_colour=_TLP_COLOURS.get(page.tlp.removesuffix("+STRICT"), "#ffffff"),
    )
    return mjml2html(mjml, fonts={}).encode()


def _attributes(item: ItemView) -> Markup:
    """The language and direction of an item's own text, where they are not the page's."""
    language = Markup(' lang="{}"').format(item.language) if item.language else Markup()
    return language + (Markup(' dir="rtl"') if item.rtl else Markup())


def _shortened(page: PageView, words: int) -> PageView:
    def item(one: ItemView) -> ItemView:
        return dataclasses.replace(one, excerpt=cut(one.excerpt, words) if words else "")

    sections = tuple(
        dataclasses.replace(section, items=tuple(map(item, section.items)))
        for section in page.sections
    )
    return dataclasses.replace(page, sections=sections)
