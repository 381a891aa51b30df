"""A message of alerts: text first, then HTML, with the headers of every message of Vigie. Pure."""

from __future__ import annotations

import hashlib
import textwrap
from dataclasses import replace
from datetime import datetime

from digest.alerts.view import AlertsPage
from digest.message import Mould, mould
from digest.render import Links
from digest.render.template import template
from vigie.model import Form, Issue, Recipient, Rendered, Tlp
from vigie.schema import ALERTS

COLUMNS = 76
LIMIT = 95_000  # bytes: some clients cut a message at 102 kB
_TLP_COLOURS = {"TLP:RED": "#ff2b2b", "TLP:AMBER": "#ffc000", "TLP:GREEN": "#33ff00"}


def text(page: AlertsPage) -> bytes:
    """UTF-8 with \\n line ends."""
    return (
        template("alert.txt.j2", markup=False)
        .render(page=page, wrap=_wrap, rule="-" * COLUMNS)
        .encode()
    )


def html(page: AlertsPage) -> bytes:
    """UTF-8; nothing remote, nothing that runs; of at most 95,000 bytes if that can be had.

    Extracts go first, then the rows of facts: both stand in the text part, whole.
    """
    drawn = b""
    for lighter in (page, _without(page, rows=False), _without(page, rows=True)):
        drawn = _draw(lighter)
        if len(drawn) <= LIMIT:
            break
    return drawn


def _draw(page: AlertsPage) -> bytes:
    colour = _TLP_COLOURS.get(page.tlp.removesuffix("+STRICT"), "#ffffff")
    return template("alert.html.j2", markup=True).render(page=page, tlp_colour=colour).encode()


def _without(page: AlertsPage, *, rows: bool) -> AlertsPage:
    alerts = tuple(replace(one, excerpt="", rows=() if rows else one.rows) for one in page.alerts)
    return replace(page, alerts=alerts)


def cast(page: AlertsPage, number: int, sender: str, now: datetime) -> Mould:
    """The message of that number but for its addressee. Raises ValueError as `mould` does."""
    label = "" if page.tlp == Tlp.CLEAR else f"[{page.tlp}] "
    issue = Issue(
        id=ALERTS,
        edition=ALERTS,
        title={page.language: page.subject},
        period="",
        start=now,
        end=now,
        revision=number,
        sections=(),
        items=(),
        drafted_at=now,
    )
    drawn, plain = (
        Rendered(ALERTS, number, page.language, form, body, hashlib.sha256(body).hexdigest())
        for form, body in ((Form.HTML, html(page)), (Form.TEXT, text(page)))
    )
    return mould(issue, drawn, plain, sender, mark=label)


def message(
    page: AlertsPage, number: int, sender: str, to: Recipient, links: Links, now: datetime
) -> bytes:
    """The whole message. Raises ValueError for an address that cannot be written to."""
    return cast(page, number, sender, now).fill(to, links, now)


def _wrap(words: str, indent: str = "") -> str:
    """Folded at ordinary spaces only."""
    return textwrap.fill(
        words,
        width=COLUMNS,
        subsequent_indent=indent,
        break_on_hyphens=False,
        break_long_words=False,
        replace_whitespace=False,
    )
