"""An article page's text, by trafilatura or by the source's own selectors. Pure.

Trafilatura runs in its balanced mode, tables included: on the three sets of article pages that
`bench/extract.py` reads, it is within half a point of the best of its modes on each, where its
precision and recall modes each fall behind on one. Title, author, date and language come from what
the page says of itself, which is cheaper than trafilatura's own search and knows the hour; a date
is searched for where the page states none.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

import trafilatura
from htmldate import find_date
from lxml import etree, html  # type: ignore[import-untyped]  # it ships no types

from collectors import markup, pagefacts, pdf, plain, reserve
from collectors.items import TITLE, sensible
from vigie.kinds import ArticleRules
from vigie.model import Failure, FailureKind, Fetched, Page

TEXT = 200_000  # characters kept of one page
LEAST = 200  # characters; what is shorter is a notice or a menu, not an article
_MOST_BYTES = 2_000_000  # of HTML that are read: more is data, scripts or an attack
# Without noscript, in which some sites keep their text, and JSON-LD, in which others do.
_MUTE = ("script", "style", "svg", "iframe", "template", "link", "input", "button")
# What trafilatura looks at many times over and takes out in the end, whatever it holds.
_AROUND = ("nav", "footer", "aside", "menu", "select", "dialog", "picture", "video", "audio", "map")
_HOLDS_THE_PAGE = etree.XPath("boolean(.//h1 | .//main)")
_PARAGRAPHS = etree.XPath("count(.//p)")
_TEASER = 1_500  # characters; a longer text that ends in such words is not a teaser
_TEASER_END = 300
_SUBSCRIBERS = re.compile(
    r"réservée?s? (?:aux|à nos) abonné|pour lire la suite|lire la suite de (?:cet|l.)\s?article"
    r"|(?:voorbehouden|enkel|exclusief|alleen) (?:aan|voor) (?:onze )?abonnees"
    r"|(?:nur|exklusiv) für abonnent|for subscribers only|subscribe to (?:continue|read)",
    re.IGNORECASE,
)


def extract(fetched: Fetched, rules: ArticleRules | None = None) -> Page:
    """Text, title, author, date and language of a page, or why there is none.

    A failed or unmodified fetch gives an empty page that carries its failure.
    """
    if fetched.failure or fetched.not_modified:
        return Page(failure=fetched.failure)
    kind = fetched.content_type.partition(";")[0].strip().lower()
    if fetched.body[:1024].lstrip()[:5] == b"%PDF-" or kind == "application/pdf":
        return pdf.read(fetched.body, fetched.at)
    if kind and not ("html" in kind or "xml" in kind or kind == "text/plain"):
        return _none(f"{kind}, not a page")
    if not fetched.body.strip():
        return _none("an empty page")
    root = _whole(fetched)
    if root is None:
        return _none(f"0 characters of text found, fewer than {LEAST}")
    return _of_tree(root, fetched, rules or ArticleRules())


def _of_tree(root: markup.Element, fetched: Fetched, rules: ArticleRules) -> Page:
    facts = pagefacts.of(root)
    url = fetched.final_url or fetched.url
    if rules.content:
        published = facts.published or _searched_date(root, url)
        text = _selected(_without(root, rules.remove), rules.content)
        if not text:
            return _none(f"nothing on the page is {rules.content!r}: see the source's `article`")
    else:
        _lighten(root)
        published = facts.published or _searched_date(root, url)
        text = _found(_without(root, rules.remove), url)
        if len(text) < LEAST:  # perhaps it stands where no article should
            text = _found(_without(_whole(fetched), rules.remove), url)
    title = facts.title or plain.line("".join(root.xpath("//title[1]//text()")[:1]), TITLE)
    text = plain.cut(text.removeprefix(f"{title}\n"), TEXT)
    if len(text) < LEAST:
        return _none(f"{len(text)} characters of text found, fewer than {LEAST}")
    return Page(
        title=title,
        text=text,
        author=facts.author,
        published=sensible(published, fetched.at),
        language=facts.language,
        reserved=reserve.of_page(fetched),
        paywall=facts.paywall or _teaser(text),
    )


def _whole(fetched: Fetched) -> markup.Element:
    return markup.lean_tree(fetched.body[:_MOST_BYTES], fetched.content_type)


def _without(root: markup.Element, remove: tuple[str, ...]) -> markup.Element:
    for css in remove:
        for element in markup.select(root, css):
            element.drop_tree()
    return root


def _found(root: markup.Element, url: str) -> str:
    found = trafilatura.extract(root, url=url, include_comments=False)
    return plain.printable(found or "").strip()


def _lighten(root: markup.Element) -> None:
    """Take out what never is text: the tree is copied and searched several times over.

    What stands around articles goes too, but where it holds the page's heading or most of its
    paragraphs: an element that is left open swallows what follows.
    """
    most = _PARAGRAPHS(root) / 2
    for element in list(root.iter(*_MUTE, *_AROUND)):
        if element.getparent() is None:
            continue
        if element.tag in _AROUND:
            spared = _HOLDS_THE_PAGE(element) or _PARAGRAPHS(element) > most
        else:
            spared = element.tag == "script" and "ld+json" in (element.get("type") or "")
        if not spared:
            element.drop_tree()


def _selected(root: markup.Element, css: str) -> str:
    """The blocks that a selector finds, those within another left out."""
    chosen: list[markup.Element] = []
    for element in markup.select(root, css):
        if not any(element in one.iterdescendants() for one in chosen):
            chosen.append(element)
    blocks = (html.tostring(one, encoding="unicode", with_tail=False) for one in chosen)
    return "\n".join(filter(None, (plain.paragraphs(block, TEXT) for block in blocks)))


def _teaser(text: str) -> str:
    """The words at a short text's end that send the reader to a subscription, or ""."""
    match = _SUBSCRIBERS.search(text[-_TEASER_END:]) if len(text) < _TEASER else None
    return f"{match[0]!r} at the end of a short text" if match else ""


def _none(detail: str) -> Page:
    return Page(failure=Failure(FailureKind.NO_TEXT, detail))


def _searched_date(root: markup.Element, url: str) -> datetime | None:
    """htmldate says days only; midnight UTC stands for the day."""
    found = find_date(root, url=url, original_date=True, extensive_search=False)
    try:
        return datetime.strptime(found or "", "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return None
