"""What each kind of source may say of itself in sources.toml: its address, and its own table."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Annotated, Literal

import cssselect
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from vigie.model import Kind

_WEB = re.compile(r"https?://[^\s/]+")
_FILE = "file:"
TABLES = frozenset({Kind.PAGE, Kind.SITEMAP, Kind.ADVISORY, Kind.MAILBOX, Kind.FILE})
_REQUIRED = frozenset({Kind.ADVISORY, Kind.MAILBOX})


def _css(text: str) -> str:
    try:
        cssselect.parse(text)
    except cssselect.SelectorError as error:
        raise ValueError(f"a CSS selector ({error})") from error
    return text


def _regex(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"a regular expression ({error})") from error
    return text


def _glob(text: str) -> str:
    path = PurePosixPath(text)
    if path.is_absolute() or ".." in path.parts:
        raise ValueError("a pattern within the folder, such as *.csv or **/*.ris")
    return text


Css = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_css)]
Regex = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_regex)]
Glob = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_glob)]
Column = Literal[
    "url",
    "id",
    "title",
    "summary",
    "text",
    "author",
    "published",
    "updated",
    "categories",
    "language",
    "image",
]
Header = Annotated[str, Field(min_length=1, max_length=200)]


class _Table(BaseModel):
    """What sources of one kind may say beside the rest."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Table = _Table  # for those who only ask whether something is one


class PageRules(_Table):
    """Where a listing page keeps its articles; what is not said is found by itself."""

    links: Css | None = None  # one element for each article: its link, or the block around it
    title: Css | None = None  # within that block
    date: Css | None = None
    pattern: Regex | None = None  # that a link must match


class ArticleRules(_Table):
    """Where a source's article pages keep their text; what is not said is found by itself."""

    content: Css | None = None  # the element, or the elements, that hold the text
    remove: tuple[Css, ...] = ()  # what is taken out of the page first


class SitemapRules(_Table):
    pattern: Regex | None = None  # that an address must match
    max_age_days: Annotated[int, Field(ge=1, le=3650)] = 30


class FileRules(_Table):
    glob: Glob = "*"  # relative to the folder that `url` names
    columns: dict[Column, Header] = {}  # of a CSV file: what Vigie calls it, and its heading there


class MailboxRules(_Table):
    host: Annotated[str, Field(pattern=r"^[^\s/@]+$", max_length=253)]
    port: Annotated[int, Field(ge=1, le=65535)] = 993
    security: Literal["tls", "starttls", "none"] = "tls"
    user: Annotated[str, Field(min_length=1, max_length=320)]
    folder: Annotated[str, Field(min_length=1, max_length=400)] = "INBOX"
    senders: tuple[Annotated[str, Field(min_length=1, max_length=320)], ...] = ()
    items: Literal["newsletter", "links"] = "newsletter"
    # The name of the environment variable that holds the password, never the password itself.
    password_env: Annotated[str, Field(pattern=r"^[A-Z_][A-Z0-9_]*$")] = "VIGIE_MAILBOX_PASSWORD"  # noqa: S105  a name


class AdvisoryRules(_Table):
    format: Literal["certfr", "csaf"]


def check_url(kind: Kind, url: str) -> str:
    """The address, if it is one that such a source may have. Raises ValueError."""
    if kind is Kind.FILE:
        folder = PurePosixPath(url.removeprefix(_FILE))
        inside = not folder.is_absolute() and ".." not in folder.parts and str(folder) != "."
        if not url.startswith(_FILE) or not inside:
            raise ValueError("file: and a folder below the one that holds config/, as file:depot")
    elif kind.local:
        if url:
            raise ValueError(f"no url: a {kind.value} has no address of its own")
    elif not _WEB.match(url):
        raise ValueError(f"the http(s) address that is polled for a {kind.value}")
    return url


def check_table(kind: Kind, name: str, table: _Table | None) -> None:
    """Whether a source of that kind may have, or must have, the table of that name.

    Raises ValueError.
    """
    if table is not None and name != kind.value:
        raise ValueError(f'no table "{name}" on a source of kind "{kind.value}"')
    if table is None and name == kind.value and kind in _REQUIRED:
        raise ValueError(f'a table "{name}": a source of this kind needs one')


def check_article(kind: Kind, rules: ArticleRules | None) -> None:
    """Whether pages of a source of that kind are fetched. Raises ValueError."""
    if rules is not None and kind is Kind.MAILBOX:
        raise ValueError('no table "article" on a mailbox: links in a newsletter are not followed')


def folder(url: str) -> str:
    """The folder that a file source's address names, relative to the one that holds config/."""
    return url.removeprefix(_FILE)
