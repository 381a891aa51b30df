"""What a reader sees, in words of one language: the one source of all forms. Pure.

Every text here is a single clean line and every link a web address or ""; no form needs to look at
the issue itself. Each form still escapes for itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from gettext import GNUTranslations
from itertools import groupby
from zoneinfo import ZoneInfo

from babel.dates import format_date

from digest import period
from digest.catalogue import locale, translator
from digest.clean import host, line, link
from digest.render.look import Look, look
from digest.render.words import Words, count, page_words, strength, tlp_meaning
from digest.typography import ours, quoted
from digest.why import Labels, retell
from vigie import territories
from vigie.model import Erratum, Issue, IssueItem, Quoted, SectionKind, Tlp

TIMEZONE = "Europe/Paris"
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_MAX_TITLE = 220  # characters
_MAX_WORDS = 240  # characters of a reason or a name
_MAX_SENTENCE = 600  # characters of a sentence of a summary
_MAX_COMMENT = 800  # characters


@dataclass(frozen=True, slots=True)
class QuoteView:
    """Sentences of one article, one after another, and where they stand."""

    text: str
    href: str  # "" where there is no web address
    source: str


@dataclass(frozen=True, slots=True)
class ItemView:
    key: str  # what tells it from the issue's other items, in every revision and language
    title: str
    language: str  # of title and extract, "" where it is the page's
    rtl: bool  # the title is written from right to left
    href: str  # "" where there is no web address
    host: str
    source: str
    date: str
    iso_date: str
    published: datetime
    lead: str  # what stands first: the day of an event, an advisory's reference, a strength
    place: str  # with the territory around it and its NUTS code, where it has one
    themes: tuple[str, ...]  # labels, that of a section of a theme first
    reliability: str
    credibility: str  # "" where nobody judged it
    carried: str
    contributor: str
    summary: tuple[QuoteView, ...]
    excerpt: str  # "" where there is a summary
    why: str
    comment: str
    tlp: str  # "" where it is no more restrictive than CLEAR


@dataclass(frozen=True, slots=True)
class SectionView:
    anchor: str
    label: str
    count: str
    items: tuple[ItemView, ...]


@dataclass(frozen=True, slots=True)
class PageView:
    id: str
    revision: int
    language: str
    title: str  # whole
    heading: str  # the title without the period
    period: str
    tlp: str
    tlp_meaning: str
    summary: str  # how many items in how many themes, prepared when
    publisher: str
    header: str  # what stands where a logo would
    contact: str
    contact_href: str
    published_by: str
    contributors: str  # a sentence, "" where nobody sent anything in
    errata: tuple[str, ...]
    drafted_at: datetime
    sections: tuple[SectionView, ...]
    words: Words
    look: Look
    leave_href: str = ""  # a recipient's own, or what stands for it
    preferences_href: str = ""
    web_href: str = ""  # where this copy is to be read on the web


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses of a recipient's own, or what stands for them in a body; "" for none."""

    leave: str = ""
    preferences: str = ""
    web: str = ""  # their copy of this issue, on the web
    mailto: str = (
        ""  # ADDRESS?subject=…, read by Vigie itself; "": the sender's mailbox, by a person
    )


def view(issue: Issue, language: str, timezone: str = TIMEZONE) -> PageView:
    """The issue for readers of one language, dates in their time zone. Raises ValueError."""
    words = translator(language)
    tz = ZoneInfo(timezone)
    labels: Labels = {section.theme: section.labels for section in issue.sections}
    sections = tuple(
        SectionView(f"t-{section.theme}", _label(labels, section.theme, language), number, items)
        for section in issue.sections
        if (items := _items(issue, section.theme, section.kind, labels, language, tz))
        for number in (count(words, len(items)),)
    )
    title = ours(line(issue.title.get(language, "")), language) or issue.id
    said = period.words(issue.period, language)
    heading = title.removesuffix(said).rstrip(" \u00a0–-·:") or title
    publisher = ours(line(issue.publisher), language)
    contact = line(issue.contact, _MAX_WORDS)
    return PageView(
        id=issue.id,
        revision=issue.revision,
        language=language,
        title=title,
        heading=heading,
        period=said if heading != title else "",
        tlp=issue.tlp.value,
        tlp_meaning=tlp_meaning(words, issue.tlp),
        summary=_summary(words, issue, len(sections), _day(issue.drafted_at, language, tz)),
        publisher=publisher,
        header=ours(line(issue.header, _MAX_WORDS), language) or publisher,
        contact=contact,
        contact_href=_contact_href(contact),
        published_by=words.gettext("Published by {publisher}").format(publisher=publisher),
        contributors=_contributors(words, issue),
        errata=tuple(_erratum(words, one, language, tz) for one in issue.errata),
        drafted_at=issue.drafted_at,
        sections=sections,
        words=page_words(words, contact),
        look=look(issue.color),
    )


def _items(
    issue: Issue, theme: str, kind: SectionKind, labels: Labels, language: str, tz: ZoneInfo
) -> tuple[ItemView, ...]:
    mine = sorted((i for i in issue.items if i.section == theme), key=lambda item: item.rank)
    return tuple(_item(item, kind, labels, language, tz) for item in mine)


def _item(
    item: IssueItem, kind: SectionKind, labels: Labels, language: str, tz: ZoneInfo
) -> ItemView:
    words = translator(language)
    own = item.language if _LANGUAGE.fullmatch(item.language) else "und"
    title = quoted(line(item.title, _MAX_TITLE), own) or "—"
    href = link(item.url)
    foreign = own not in ("und", language)
    own_theme = [item.section] if kind is SectionKind.THEME else []
    themes = dict.fromkeys([*own_theme, *(one for one in item.themes if one != item.section)])
    number = max(1, len(item.sources))
    summary = _quotes(item.summary, own)
    return ItemView(
        key=str(item.article),
        title=title,
        language=own if foreign else "",
        rtl=any(unicodedata.bidirectional(char) in ("R", "AL") for char in title),
        href=href,
        host=host(href),
        source=line(item.source, _MAX_WORDS),
        date=_day(item.published, language, tz),
        iso_date=item.published.astimezone(tz).date().isoformat(),
        published=item.published,
        lead=_lead(words, item, kind, language),
        place=_place(item),
        themes=tuple(_label(labels, theme, language) for theme in themes if theme in labels)[:3],
        reliability=words.gettext("reliability {grade}").format(grade=line(item.reliability, 2)),
        credibility=words.gettext("credibility {grade}").format(grade=line(item.credibility, 2))
        if item.credibility
        else "",
        carried=words.ngettext("{count} source", "{count} sources", number).format(count=number),
        contributor=words.gettext("proposed by {name}").format(
            name=line(item.contributor, _MAX_WORDS)
        )
        if line(item.contributor)
        else "",
        summary=summary,
        excerpt="" if summary else quoted(line(item.excerpt), own),
        why=line(retell(item.why, labels, language), _MAX_WORDS),
        comment=ours(line(item.comment, _MAX_COMMENT), language),
        tlp=item.tlp.value if item.tlp is not Tlp.CLEAR else "",
    )


def _quotes(summary: Sequence[Quoted], language: str) -> tuple[QuoteView, ...]:
    """Each sentence with its link; neighbours of one article share one."""
    found = []
    for (url, source), some in groupby(summary, key=lambda one: (one.url, one.source)):
        texts = (quoted(line(one.text, _MAX_SENTENCE), language) for one in some)
        text = " ".join(text for text in texts if text)
        if text:
            found.append(QuoteView(text, link(url), line(source, _MAX_WORDS) or host(link(url))))
    return tuple(found)


def _lead(words: GNUTranslations, item: IssueItem, kind: SectionKind, language: str) -> str:
    if kind is SectionKind.AGENDA and item.happens:
        return _told(item.happens, language)
    if kind is SectionKind.ALERTS or item.reference:
        return line(item.reference, _MAX_WORDS)
    return strength(words, item.strength) if item.strength else ""


def _place(item: IssueItem) -> str:
    """Le Havre, Seine-Maritime (FRD22)."""
    name, code = line(item.place, _MAX_WORDS), line(item.nuts, 5)
    around = territories.nearest(code) if code else None
    if around is None:
        return name
    names = [name] if name in ("", around.name) else [name, around.name]
    return f"{', '.join(one for one in names if one) or around.name} ({code})"


def _label(labels: Labels, theme: str, language: str) -> str:
    return ours(line(labels[theme].get(language, ""), _MAX_WORDS), language) or theme


def _day(moment: datetime, language: str, tz: ZoneInfo) -> str:
    return _told(moment.astimezone(tz).date(), language)


@lru_cache(maxsize=4096)  # items stand in many copies
def _told(day: date, language: str) -> str:
    text = str(format_date(day, "long", locale=locale(language)))
    return f"1er{text[1:]}" if language == "fr" and day.day == 1 else text


def _erratum(words: GNUTranslations, erratum: Erratum, language: str, tz: ZoneInfo) -> str:
    return words.gettext("Revision {number}, {date}: {text}").format(
        number=erratum.revision,
        date=_day(erratum.at, language, tz),
        text=ours(line(erratum.text, _MAX_COMMENT), language),
    )


def _contributors(words: GNUTranslations, issue: Issue) -> str:
    names = [name for one in issue.contributors if (name := line(one, _MAX_WORDS))]
    if not names:
        return ""
    return words.gettext("With contributions from {names}.").format(names=", ".join(names))


def _summary(words: GNUTranslations, issue: Issue, themes: int, day: str) -> str:
    in_themes = words.ngettext("in {count} section", "in {count} sections", themes)
    parts: Sequence[str] = (
        f"{count(words, len(issue.items))} {in_themes.format(count=themes)}",
        words.gettext("prepared on {date}").format(date=day),
        words.gettext("revision {number}").format(number=issue.revision),
    )
    return " · ".join(parts if issue.revision > 1 else parts[:2])


def _contact_href(contact: str) -> str:
    """A mailto for a plain address, the web address for one, "" for anything else."""
    plain = all(char.isalnum() or char in "@._+-" for char in contact)
    if plain and contact.isascii() and contact.count("@") == 1:
        return f"mailto:{contact}"
    return link(contact)


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of figures, and the figures themselves."""

    name: str
    title: str
    alt: str  # what a person sees in it, in words
    svg: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Copy:
    """One issue in one language, as the drawers take it."""

    page: PageView
    charts: Callable[[], tuple[Chart, ...]]  # made when a form asks, once for all forms


Drawer = Callable[[Copy], bytes]
