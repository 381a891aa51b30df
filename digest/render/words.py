"""The page's own words in one of the four languages, from the catalogue. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from gettext import GNUTranslations

from vigie.model import Strength, Tlp


@dataclass(frozen=True, slots=True)
class Words:
    """What a form says by itself."""

    contents: str
    skip: str
    why: str
    comment: str
    shortened: str
    received: str
    leave: str
    leave_link: str
    preferences_link: str
    web_link: str
    figures: str
    figures_link: str
    table: str
    errata: str
    more: str
    scale: str
    credibility_scale: str
    rights: str


def page_words(words: GNUTranslations, contact: str) -> Words:
    """Every fixed sentence of a page; `contact` is whom to write to in order to leave."""
    _ = words.gettext
    return Words(
        contents=_("In this issue"),
        skip=_("Skip to the content"),
        why=_("Why it is here:"),
        comment=_("Key point:"),
        shortened=_(
            "This message is shortened to stay light; the web page and the PDF have all of it."
        ),
        received=_(
            "You receive this bulletin because your organisation is a partner of this watch."
        ),
        leave=_("To leave the list, write to {contact}.").format(contact=contact),
        leave_link=_("Leave the list"),
        preferences_link=_("Change language or themes"),
        web_link=_("Read it on the web"),
        figures=_("This issue in figures"),
        figures_link=_("Charts and their data are on the web page."),
        table=_("The same as a table"),
        errata=_("Corrections"),
        more=_("The rest of this issue is on its web page, and in the text part of this message."),
        scale=_(
            "Reliability of sources, on the Admiralty scale: A completely reliable, B usually"
            " reliable, C fairly reliable, D not usually reliable, E unreliable, F cannot be"
            " judged."
        ),
        credibility_scale=_(
            "Credibility of what is said, on the same scale: 1 confirmed by other sources, 2"
            " probably true, 3 possibly true, 4 doubtful, 5 improbable, 6 cannot be judged."
        ),
        rights=_(
            "Titles and extracts belong to their sources: follow the links to read the articles."
        ),
    )


def tlp_meaning(words: GNUTranslations, tlp: Tlp) -> str:
    """What a label lets a reader do; the label itself is never translated."""
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


def strength(words: GNUTranslations, found: Strength) -> str:
    """How firmly a signal rises."""
    _ = words.gettext
    return {
        Strength.WEAK: _("weak signal"),
        Strength.RISING: _("rising signal"),
        Strength.STRONG: _("strong signal"),
    }[found]


def count(words: GNUTranslations, number: int) -> str:
    """So many items."""
    return words.ngettext("{count} item", "{count} items", number).format(count=number)
