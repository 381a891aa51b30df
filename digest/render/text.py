"""The issue as plain text: 76 columns, addresses alone on their lines."""

from __future__ import annotations

import textwrap
from functools import lru_cache

from digest.render.template import facts, template
from digest.render.view import Copy

COLUMNS = 76


def draw(copy: Copy) -> bytes:
    """UTF-8 with \\n line ends. Every line but addresses is at most 76 characters."""
    text = template("bulletin.txt.j2", markup=False).render(
        page=copy.page, wrap=_wrap, rule="-" * COLUMNS, facts=facts
    )
    return text.encode()


@lru_cache(maxsize=8192)  # items stand in many copies
def _wrap(text: str, indent: str = "") -> str:
    """Folded at ordinary spaces only: non-breaking ones hold, and addresses stay whole."""
    return textwrap.fill(
        text,
        width=COLUMNS,
        subsequent_indent=indent,
        break_on_hyphens=False,
        replace_whitespace=False,
        drop_whitespace=True,
    )
