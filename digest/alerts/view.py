"""What a reader of alerts sees, in words of one language: the one source of both forms. Pure.

Every text is one clean line and every link a web address or "".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from gettext import GNUTranslations
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time

from digest.catalogue import locale, translator
from digest.clean import host, line, link
from digest.render.words import tlp_meaning
from vigie.alerting import OWN
from vigie.model import Alert, AlertKind, Because, Severity, Tlp

MOST_CVES = 20
MOST_NAMES = 12
_MAX_TITLE = 220  # characters
_MAX_WORDS = 240
_LANGUAGE = re.compile(r"[a-z]{2,3}")


@dataclass(frozen=True, slots=True)
class Shown:
    """An alert as it goes to someone: by which rules, and whether they were told before."""

    alert: Alert
    rules: tuple[str, ...]
    tlp: Tlp
    update: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """What the reader's desk adds: labels of themes by id, the zone of times, who publishes."""

    language: str
    timezone: str
    labels: Mapping[str, str] = field(default_factory=dict)
    publisher: str = ""
    contact: str = ""
    leave: str = ""
    preferences: str = ""


@dataclass(frozen=True, slots=True)
class AlertView:
    title: str
    mark: str  # "[MàJ]" of an update
    language: str  # of title and excerpt, "" where it is the page's
    severity: str  # in the reader's language; "" where nothing is said
    tlp: str  # "" for CLEAR
    href: str
    host: str
    rows: tuple[tuple[str, str], ...]  # (what, said)
    lines: tuple[str, ...]  # the same as "what: said"
    advisories: tuple[tuple[str, str], ...]  # (issuer, reference, revision; address)
    excerpt: str
    why: tuple[str, ...]  # a row for each rule


@dataclass(frozen=True, slots=True)
class AlertsPage:
    language: str
    subject: str  # without its TLP label
    tlp: str
    tlp_meaning: str
    alerts: tuple[AlertView, ...]
    more: str  # how many are only counted, "" for none
    publisher: str
    received: str
    leave_words: str
    leave: str
    leave_link: str
    preferences: str
    preferences_link: str
    why: str


def view(shown: Sequence[Shown], counted: int, look: Look) -> AlertsPage:
    """A message's alerts in their order. There is at least one, or a number to tell."""
    words = translator(look.language)
    _ = words.gettext
    tlp = max((one.tlp for one in shown), key=lambda label: label.rank, default=Tlp.CLEAR)
    views = tuple(_alert(one, look, words) for one in shown)
    contact = line(look.contact, _MAX_WORDS)
    more = words.ngettext(
        "{count} further alert was beyond the day's limit and is not told here.",
        "{count} further alerts were beyond the day's limit and are not told here.",
        counted,
    )
    return AlertsPage(
        language=look.language,
        subject=_subject(views, counted, words),
        tlp=tlp.value,
        tlp_meaning=tlp_meaning(words, tlp),
        alerts=views,
        more=more.format(count=counted) if counted else "",
        publisher=line(look.publisher, _MAX_WORDS),
        received=_("You receive these alerts because you are on their list, beside any bulletin."),
        leave_words=_("To leave the list, write to {contact}.").format(contact=contact),
        leave=look.leave,
        leave_link=_("Leave the alerts, and keep the bulletin"),
        preferences=look.preferences,
        preferences_link=_("Change which alerts you receive"),
        why=_("Why this alert:"),
    )


def severity_word(words: GNUTranslations, severity: Severity) -> str:
    _ = words.gettext
    return {
        Severity.UNSAID: "",
        Severity.NONE: _("no severity"),
        Severity.LOW: _("low"),
        Severity.MEDIUM: _("medium"),
        Severity.HIGH: _("high"),
        Severity.CRITICAL: _("critical"),
    }[severity]


def _subject(views: Sequence[AlertView], counted: int, words: GNUTranslations) -> str:
    if not views:
        alerts = words.ngettext("{count} alert not told", "{count} alerts not told", counted)
        return alerts.format(count=counted)
    first = views[0]
    parts = (first.mark, f"[{first.severity}]" if first.severity else "", first.title)
    title = " ".join(part for part in parts if part)
    if len(views) == 1:
        return title
    alerts = words.ngettext("{count} alert", "{count} alerts", len(views))
    return f"{alerts.format(count=len(views))} · {title}"


def _alert(one: Shown, look: Look, words: GNUTranslations) -> AlertView:
    _ = words.gettext
    alert = one.alert
    href = link(alert.url)
    rows = tuple((what, said) for what, said in _rows(one, look, words) if said)
    foreign = alert.language not in ("und", look.language) and _LANGUAGE.fullmatch(alert.language)
    return AlertView(
        title=line(alert.title, _MAX_TITLE) or "—",
        mark=_("[Update]") if one.update else "",
        language=alert.language if foreign else "",
        severity=severity_word(words, alert.severity),
        tlp=one.tlp.value if one.tlp is not Tlp.CLEAR else "",
        href=href,
        host=host(href),
        rows=rows,
        lines=tuple(_("{what}: {said}").format(what=what, said=said) for what, said in rows),
        advisories=tuple(
            (
                line(" ".join((a.issuer, a.reference, a.revision and f"({a.revision})")), 300),
                link(a.url),
            )
            for a in alert.advisories
        ),
        excerpt=line(alert.excerpt),
        why=tuple(_why(one, look, words)),
    )


def _rows(one: Shown, look: Look, words: GNUTranslations) -> list[tuple[str, str]]:
    _ = words.gettext
    alert = one.alert
    grave = severity_word(words, alert.severity)
    themes = [look.labels.get(theme, "") for theme in alert.themes]
    story = alert.kind is AlertKind.STORY
    count = max(1, len(alert.sources))
    carried = words.ngettext("{count} source", "{count} sources", count).format(count=count)
    return [
        (_("Changed"), line(alert.changed, _MAX_WORDS) if one.update else ""),
        (_("Severity"), grave and f"{grave} ({line(alert.severity_why, _MAX_WORDS)})"),
        (_("Vendors"), _names(alert.vendors, MOST_NAMES)),
        (_("Products"), _names(alert.products, MOST_NAMES)),
        (_("Risks"), _names(alert.risks, MOST_NAMES)),
        ("CVE", _names(alert.cves, MOST_CVES)),
        (_("Carried by"), carried if story else ""),
        (_("Themes"), _names([theme for theme in themes if theme], MOST_NAMES)),
        (_("Places"), _names(alert.places, MOST_NAMES)),
        (_("Source"), f"{line(alert.source, _MAX_WORDS)}, {_date(alert.published, look)}"),
    ]


def _why(one: Shown, look: Look, words: GNUTranslations) -> list[str]:
    """A row for each rule by which it comes to them: its name, and what made it hold."""
    _ = words.gettext
    rows = []
    for match in one.alert.matches:
        if match.rule in one.rules:
            made = " · ".join(_because(because, look, words) for because in match.because)
            name = _("your own choice") if match.rule.startswith(OWN) else match.name
            rows.append(_("{what}: {said}").format(what=line(name, _MAX_WORDS), said=made))
    return rows or [_("you were told of it before")]


def _because(because: Because, look: Look, words: GNUTranslations) -> str:
    _ = words.gettext
    what = {
        "themes": _("theme"),
        "words": _("words"),
        "entities": _("name"),
        "territories": _("place"),
        "severity": _("severity"),
        "cves": "CVE",
        "vendors": _("vendor"),
        "products": _("product"),
        "risks": _("risk"),
        "sources": _("source"),
        "growth": _("sources in hours"),
    }[because.condition]
    found = because.found
    if because.condition == "themes":
        found = look.labels.get(found, found)
    return _("{what} “{said}”").format(what=what, said=line(found, _MAX_WORDS))


def _names(names: Sequence[str], most: int) -> str:
    shown = ", ".join(line(name, 120) for name in names[:most])
    return f"{shown}, + {len(names) - most}" if len(names) > most else shown


def _date(moment: datetime, look: Look) -> str:
    tz = ZoneInfo(look.timezone)
    said = locale(look.language)
    day = format_date(moment.astimezone(tz).date(), "long", locale=said)
    return f"{day}, {format_time(moment, 'short', tzinfo=tz, locale=said)}"
