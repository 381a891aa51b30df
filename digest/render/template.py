"""The templates of the package, and what they may call."""

from __future__ import annotations

from functools import cache
from importlib import resources

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template
from markupsafe import Markup

from digest.render.view import ItemView
from digest.typography import NBSP


def source(name: str) -> bytes:
    """One file of digest/templates, as bytes."""
    return (resources.files("digest") / "templates" / name).read_bytes()


@cache
def template(name: str, *, markup: bool) -> Template:
    """A compiled template; `markup` escapes every value for XML. Unknown names are errors."""
    environment = Environment(
        loader=FunctionLoader(lambda name: source(name).decode()),
        autoescape=markup,  # noqa: S701 -- off only for plain text, where entities would be shown
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(name)


def facts(item: ItemView) -> str:
    """Source, place, date, both grades, how many carried it and who proposed it, on one line."""
    where = f"{item.source} ({item.host})" if item.host else item.source
    grades = (item.reliability, item.credibility, item.carried)
    parts = (
        *(where, item.date, item.place),
        *(part.replace(" ", NBSP) for part in grades),
        item.contributor,
    )
    return f"{NBSP}· ".join(part for part in parts if part)  # no line begins with the dot


def attributes(item: ItemView) -> Markup:
    """The language and direction of an item's own text, where they are not the page's."""
    language = Markup(' lang="{}"').format(item.language) if item.language else Markup()
    return language + (Markup(' dir="rtl"') if item.rtl else Markup())
