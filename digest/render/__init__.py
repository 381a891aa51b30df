"""An issue in its forms: HTML mail, plain text, PDF.

Each form shows the same items, from the same `view`. The libraries that draw them are imported by
the form that needs them, when it is asked for.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from importlib import import_module
from typing import cast

from digest.render.view import TIMEZONE, Drawer, view
from vigie.model import Form, Issue, Rendered

__all__ = ["TIMEZONE", "render"]

_DRAWERS = {
    Form.HTML: "digest.render.html",
    Form.TEXT: "digest.render.text",
    Form.PDF: "digest.render.pdf",
}


def render(
    issue: Issue,
    language: str,
    forms: Sequence[Form] = tuple(Form),
    timezone: str = TIMEZONE,
    leave: str = "",
    preferences: str = "",
) -> tuple[Rendered, ...]:
    """The issue in one language, in each of `forms`; the same issue gives the same bytes.

    `timezone` is the readers': dates are told in it. `leave` and `preferences` are the addresses of
    a recipient's own links, or what stands for them. Raises ValueError for a language other than
    fr, nl, de, en.
    """
    page = dataclasses.replace(
        view(issue, language, timezone), leave_href=leave, preferences_href=preferences
    )
    rendered = []
    for form in forms:
        draw = cast("Drawer", import_module(_DRAWERS[form]).draw)
        content = draw(page)
        digest = hashlib.sha256(content).hexdigest()
        rendered.append(Rendered(issue.id, issue.revision, language, form, content, digest))
    return tuple(rendered)
