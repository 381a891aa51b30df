"""The pages behind a recipient's own links: leave, preferences, confirm. Pure: values to HTML.

They work without script and without pictures, in the recipient's language.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from digest.alerts.view import severity_word
from digest.catalogue import translator
from digest.clean import line
from digest.render.template import template
from vigie.model import Severity

# One style, named in the policy by its hash: nothing else may style, run or load anything.
STYLE = (
    "body{font:1.05rem/1.6 system-ui,sans-serif;max-width:38rem;margin:2rem auto;padding:0 1rem;"
    "color:#1f2933;background:#fff}h1{font:normal 1.8rem/1.25 Georgia,serif;color:#12355b}"
    "fieldset{border:1px solid #7b8794;border-radius:6px;margin:0 0 1.2rem;padding:.6rem 1rem}"
    "legend{font-weight:bold;padding:0 .3rem}label{display:block;padding:.25rem 0}"
    "fieldset fieldset{border:0;margin:0 0 0 1.4rem;padding:0}fieldset fieldset legend{"
    "font-weight:normal}select,button,input[type=text]{font:inherit;padding:.5rem .9rem;"
    "min-height:2.75rem}"
    "button{background:#12507f;color:#fff;border:0;border-radius:6px;cursor:pointer}"
    "button.quiet{background:#fff;color:#12507f;border:1px solid #12507f}"
    ":focus-visible{outline:3px solid #b45309;outline-offset:2px}.note{border-left:4px solid "
    "#0b5a4e;padding:.4rem 1rem;background:#e4f0ed}a{color:#12507f}"
)
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode("ascii")
_SEVERITIES = (Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL)
_LANGUAGES = {"fr": "Français", "nl": "Nederlands", "de": "Deutsch", "en": "English"}


@dataclass(frozen=True, slots=True)
class EditionChoice:
    """An edition on the page of preferences."""

    id: str
    title: str
    chosen: bool
    themes: tuple[tuple[str, str], ...]  # (id, label), in the order of the sections
    chosen_themes: tuple[str, ...]  # empty: all


@dataclass(frozen=True, slots=True)
class AlertChoice:
    """The list of alerts on the page of preferences."""

    chosen: bool  # on the list
    rules: tuple[tuple[str, str], ...]  # (id, name)
    every: bool  # every rule, those to come too
    chosen_rules: tuple[str, ...]
    vendors: str  # between commas
    themes: tuple[tuple[str, str], ...]
    chosen_themes: tuple[str, ...]
    severity: str  # at least; "" for all


@dataclass(frozen=True, slots=True)
class Preferences:
    """What the page of preferences shows and sends back."""

    hint: str  # whose they are, without the whole address
    language: str
    format: str
    editions: tuple[EditionChoice, ...]
    alerts: AlertChoice | None = None  # None: there are none


@dataclass(frozen=True, slots=True)
class _Page:
    language: str
    title: str
    paragraphs: tuple[str, ...] = ()
    note: str = ""
    button: str = ""  # of a form that posts to this very page
    leave: str = ""  # where a form to leave posts to
    leave_button: str = ""
    other: str = ""  # another page to go to
    other_words: str = ""
    preferences: Preferences | None = None


def alerts_title(language: str) -> str:
    """What the list of alerts is called."""
    return translator(language).gettext("Alerts")


def hint(address: str) -> str:
    """An address that tells its owner which one it is, and nobody else much: z…@partner.example."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"


def leaving(language: str, title: str, preferences: str) -> str:
    """Asks before someone leaves: `title` names the edition, "" for all of them."""
    _ = translator(language).gettext
    what = _("You are about to leave “{title}”.").format(title=title) if title else ""
    return _html(
        _Page(
            language,
            _("Leave the list"),
            (what or _("You are about to leave every list."), _("It takes effect at once.")),
            button=_("Leave the list"),
            other=preferences,
            other_words=_("Change language or themes"),
        )
    )


def left(language: str, title: str, contact: str) -> str:
    """It is done, or was done before."""
    _ = translator(language).gettext
    done = (
        _("“{title}” is not sent to you any more.").format(title=title)
        if title
        else _("Nothing is sent to you any more.")
    )
    back = _("If this was a mistake, write to {contact}.").format(contact=contact)
    return _html(_Page(language, _("You have left the list"), (done, back)))


def preferences(language: str, what: Preferences, leave: str, note: str = "") -> str:
    """The form, with what was just done, or is missing, in `note`."""
    _ = translator(language).gettext
    return _html(
        _Page(
            language,
            _("Your preferences"),
            (_("For {address}.").format(address=what.hint),),
            note=note,
            button=_("Save"),
            leave=leave,
            leave_button=_("Leave every list"),
            preferences=what,
        )
    )


def saved(language: str) -> str:
    return translator(language).gettext("Saved. It holds from the next message on.")


def nothing_chosen(language: str) -> str:
    return translator(language).gettext(
        "Nothing was saved: choose at least one bulletin, or leave every list below."
    )


def confirming(language: str, titles: str) -> str:
    _ = translator(language).gettext
    ask = _("Do you want to receive “{title}”?").format(title=titles)
    return _html(_Page(language, _("Confirm"), (ask,), button=_("Yes, I confirm")))


def confirmed(language: str, titles: str) -> str:
    _ = translator(language).gettext
    done = _("You receive “{title}” from now on.").format(title=titles)
    way = _("Each message has a link to leave, and one to your preferences.")
    return _html(_Page(language, _("Confirmed"), (done, way)))


def forged(language: str, contact: str) -> str:
    """A link that was not made here, or was cut."""
    _ = translator(language).gettext
    return _html(
        _Page(
            language,
            _("This link does not work"),
            (
                _("It is not whole, or was not made here: copy it whole from the message."),
                _("To leave the list, write to {contact}.").format(contact=contact),
            ),
        )
    )


def expired(language: str, contact: str, leave: str = "") -> str:
    """A genuine link past its end; `leave` still takes its owner off the list."""
    _ = translator(language).gettext
    return _html(
        _Page(
            language,
            _("This link has expired"),
            (
                _("The latest message that you received has a new one."),
                _("Without it, write to {contact}.").format(contact=contact),
            ),
            leave=leave,
            leave_button=_("Leave every list"),
        )
    )


def gone(language: str, contact: str) -> str:
    """A genuine link of someone who is on no list."""
    _ = translator(language).gettext
    return _html(
        _Page(
            language,
            _("You are on no list"),
            (
                _("Nothing is sent to you any more."),
                _("To come back, write to {contact}.").format(contact=contact),
            ),
        )
    )


def nothing(language: str) -> str:
    """A copy that would be empty."""
    _ = translator(language).gettext
    said = _("This issue has no item for your themes, or you may not see them.")
    return _html(_Page(language, _("Nothing for you in this issue"), (said,)))


def test_link(language: str) -> str:
    """A link of a test message: nobody's."""
    _ = translator(language).gettext
    return _html(
        _Page(
            language,
            _("A test"),
            (_("This link comes from a test message: it belongs to nobody and changes nothing."),),
        )
    )


def _html(page: _Page) -> str:
    words: Mapping[str, str] = _words(page.language)
    return template("page.html.j2", markup=True).render(
        page=page,
        style=STYLE,
        words=words,
        languages=_LANGUAGES,
        severities=[word.value for word in _SEVERITIES],
        line=line,
    )


def _words(language: str) -> dict[str, str]:
    _ = translator(language).gettext
    return {
        "language": _("Language"),
        "format": _("Form of the message"),
        "html": _("With layout, and as plain text"),
        "text": _("As plain text only"),
        "bulletins": _("Bulletins"),
        "themes": _("Themes (none ticked: all of them)"),
        "alerts": _("Alerts"),
        "which": _("Which alerts"),
        "every": _("Every alert of this list"),
        "vendors": _("Advisories of these vendors, separated by commas"),
        "own": _("Advisories and growing stories of these themes"),
        "severity": _("At least this grave"),
        "any": _("all"),
        **{word.value: severity_word(translator(language), word) for word in _SEVERITIES},
    }
