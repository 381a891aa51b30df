"""What a reader sees, in words of one language: the one source of all forms. Pure.

Every text here is a single clean line and every link a web address or ""; no form needs to look at
the issue itself. Each form still escapes for itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from gettext import GNUTranslations
from zoneinfo import ZoneInfo

from babel.dates import format_date

from digest import period
from digest.catalogue import locale, translator
from digest.clean import host, line, link
from digest.why import Labels, retell
from vigie.model import Issue, IssueItem, Tlp

TIMEZONE = "Europe/Paris"
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_MAX_TITLE = 220  # characters
_MAX_WORDS = 240  # characters of a reason or a name


@dataclass(frozen=True, slots=True)
class ItemView:
    title: str
    language: str  # of title and excerpt, "" where it is the page's
    rtl: bool  # the title is written from right to left
    href: str  # "" where there is no web address
    host: str
    source: str
    date: str
    iso_date: str
    place: str
    themes: tuple[str, ...]  # labels, the section's first
    reliability: str
    carried: str
    excerpt: str
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
class Words:
    """The page's own words."""

    contents: str
    why: str
    comment: str
    shortened: str
    received: str
    leave: str
    leave_link: str
    preferences_link: str
    scale: str
    rights: str


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
    contact: str
    contact_href: str
    published_by: str
    drafted_at: datetime
    sections: tuple[SectionView, ...]
    words: Words
    leave_href: str = ""  # a recipient's own, or what stands for it
    preferences_href: str = ""


Drawer = Callable[[PageView], bytes]


def view(issue: Issue, language: str, timezone: str = TIMEZONE) -> PageView:
    """The issue for readers of one language, dates in their time zone. Raises ValueError."""
    words = translator(language)
    tz = ZoneInfo(timezone)
    labels: Labels = {section.theme: section.labels for section in issue.sections}
    sections = tuple(
        SectionView(f"t-{section.theme}", _label(labels, section.theme, language), count, items)
        for section in issue.sections
        if (items := _items(issue, section.theme, labels, language, tz))
        for count in (_count(words, len(items)),)
    )
    title = line(issue.title.get(language, "")) or issue.id
    said = period.words(issue.period, language)
    heading = title.removesuffix(said).rstrip(" \u00a0–-·:") or title
    published = words.gettext("Published by {publisher}").format(publisher=line(issue.publisher))
    contact = line(issue.contact, _MAX_WORDS)
    return PageView(
        id=issue.id,
        revision=issue.revision,
        language=language,
        title=title,
        heading=heading,
        period=said if heading != title else "",
        tlp=issue.tlp.value,
        tlp_meaning=_tlp_meaning(words, issue.tlp),
        summary=_summary(words, issue, len(sections), _date(issue.drafted_at, language, tz)),
        publisher=line(issue.publisher),
        contact=contact,
        contact_href=_contact_href(contact),
        published_by=published,
        drafted_at=issue.drafted_at,
        sections=sections,
        words=_words(words, contact),
    )


def _items(
    issue: Issue, theme: str, labels: Labels, language: str, tz: ZoneInfo
) -> tuple[ItemView, ...]:
    mine = sorted((i for i in issue.items if i.section == theme), key=lambda item: item.rank)
    return tuple(_item(item, labels, language, tz) for item in mine)


def _item(item: IssueItem, labels: Labels, language: str, tz: ZoneInfo) -> ItemView:
    words = translator(language)
    title = line(item.title, _MAX_TITLE) or "—"
    href = link(item.url)
    foreign = item.language not in ("und", language) and _LANGUAGE.fullmatch(item.language)
    themes = dict.fromkeys([item.section, *item.themes])
    count = max(1, len(item.sources))
    return ItemView(
        title=title,
        language=item.language if foreign else "",
        rtl=any(unicodedata.bidirectional(char) in ("R", "AL") for char in title),
        href=href,
        host=host(href),
        source=line(item.source, _MAX_WORDS),
        date=_date(item.published, language, tz),
        iso_date=item.published.astimezone(tz).date().isoformat(),
        place=line(item.place, _MAX_WORDS),
        themes=tuple(_label(labels, theme, language) for theme in themes if theme in labels)[:3],
        reliability=words.gettext("reliability {grade}").format(grade=line(item.reliability, 2)),
        carried=words.ngettext("{count} source", "{count} sources", count).format(count=count),
        excerpt=line(item.excerpt),
        why=line(retell(item.why, labels, language), _MAX_WORDS),
        comment=line(item.comment, 800),
        tlp=item.tlp.value if item.tlp is not Tlp.CLEAR else "",
    )


def _label(labels: Labels, theme: str, language: str) -> str:
    return line(labels[theme].get(language, ""), _MAX_WORDS) or theme


@lru_cache(maxsize=4096)  # items stand in many copies
def _date(moment: datetime, language: str, tz: ZoneInfo) -> str:
    day = moment.astimezone(tz).date()
    text = str(format_date(day, "long", locale=locale(language)))
    return f"1er{text[1:]}" if language == "fr" and day.day == 1 else text


def _count(words: GNUTranslations, count: int) -> str:
    return words.ngettext("{count} item", "{count} items", count).format(count=count)


def _summary(words: GNUTranslations, issue: Issue, themes: int, date: str) -> str:
    in_themes = words.ngettext("in {count} theme", "in {count} themes", themes)
    parts: Sequence[str] = (
        f"{_count(words, len(issue.items))} {in_themes.format(count=themes)}",
        words.gettext("prepared on {date}").format(date=date),
        words.gettext("revision {number}").format(number=issue.revision),
    )
    return " · ".join(parts if issue.revision > 1 else parts[:2])


def _contact_href(contact: str) -> str:
    """A mailto for a plain address, the web address for one, "" for anything else."""
    plain = all(char.isalnum() or char in "@._+-" for char in contact)
    if plain and contact.isascii() and contact.count("@") == 1:
        return f"mailto:{contact}"
    return link(contact)


def _tlp_meaning(words: GNUTranslations, tlp: Tlp) -> str:
    _ = words.gettext
    return {
        Tlp.CLEAR: _("may be shared without restriction"),
        Tlp.GREEN: _("may be shared within the community of partners"),
        Tlp.AMBER: _(
            "may be shared within your organisation and with its clients, if they must know"
        ),
        Tlp.AMBER_STRICT: _("may be shared within your organisation only, if they must know"),
        Tlp.RED: _("for the named recipients only"),
    }[tlp]


def _words(words: GNUTranslations, contact: str) -> Words:
    _ = words.gettext
    return Words(
        contents=_("In this issue"),
        why=_("Why it is here:"),
        comment=_("Key point:"),
        shortened=_("Extracts are shortened to keep this message light; the PDF has them whole."),
        received=_(
            "You receive this bulletin because your organisation is a partner of this watch."
        ),
        leave=_("To leave the list, write to {contact}.").format(contact=contact),
        leave_link=_("Leave the list"),
        preferences_link=_("Change language or themes"),
        scale=_(
            "Reliability of sources, on the Admiralty scale: A completely reliable, B usually"
            " reliable, C fairly reliable, D not usually reliable, E unreliable, F cannot be"
            " judged."
        ),
        rights=_(
            "Titles and extracts belong to their sources: follow the links to read the articles."
        ),
    )
