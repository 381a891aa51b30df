"""An issue in its forms: HTML mail, plain text, PDF, web page, Atom and JSON feeds.

Each form shows the same items, from the same `view`. The libraries that draw them are imported by
the form that needs them, when it is asked for.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import cast

from digest.render.view import TIMEZONE, Chart, Copy, Drawer, Links, view
from vigie.model import Form, Issue, Rendered

__all__ = ["TIMEZONE", "Links", "render"]

_DRAWERS = {
    Form.HTML: "digest.render.html",
    Form.TEXT: "digest.render.text",
    Form.PDF: "digest.render.pdf",
    Form.WEB: "digest.render.web",
    Form.ATOM: "digest.render.feeds",
    Form.JSON: "digest.render.jsonfeed",
}
NO_LINKS = Links()


def render(
    issue: Issue,
    language: str,
    forms: Sequence[Form] = tuple(Form),
    timezone: str = TIMEZONE,
    links: Links = NO_LINKS,
) -> tuple[Rendered, ...]:
    """The issue in one language, in each of `forms`; the same issue gives the same bytes.

    `timezone` is the readers': dates are told in it. `links` are the addresses of a recipient's
    own pages, or what stands for them. Raises ValueError for a language other than fr, nl, de, en.
    """
    page = dataclasses.replace(
        view(issue, language, timezone),
        leave_href=links.leave,
        preferences_href=links.preferences,
        web_href=links.web,
    )

    @cache
    def charts() -> tuple[Chart, ...]:
        made: tuple[Chart, ...] = import_module("digest.render.charts").charts(
            issue, language, timezone
        )
        return made

    copy = Copy(page, charts)
    rendered = []
    for form in forms:
        draw = cast("Drawer", import_module(_DRAWERS[form]).draw)
        content = draw(copy)
        digest = hashlib.sha256(content).hexdigest()
        rendered.append(Rendered(issue.id, issue.revision, language, form, content, digest))
    return tuple(rendered)
