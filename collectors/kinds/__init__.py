"""The kinds of source behind one protocol. To add one: a module here, and its line below.

Kinds asked over HTTP have `parse(fetched, source) -> ParsedFeed`, pure, run in a worker process;
`ParsedFeed.follow` names what else of the source is needed. Local kinds have
`gather(source, state, now) -> Gathered`, which may touch the disk or a server, and is run in a
worker process too. A kind's module is imported only where it is needed, by the process that reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol, cast

from vigie.model import Fetched, Gathered, Kind, ParsedFeed, PollState

if TYPE_CHECKING:
    from vigie.schema import Source

PARSERS: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.FEED: "collectors.kinds.feed",
        Kind.PAGE: "collectors.kinds.page",
        Kind.SITEMAP: "collectors.kinds.sitemap",
        Kind.ADVISORY: "collectors.kinds.advisory",
    }
)
GATHERERS: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.MAILBOX: "collectors.kinds.mailbox",
        Kind.FILE: "collectors.kinds.file",
        Kind.CONTRIBUTION: "collectors.kinds.contribution",
    }
)


class Parse(Protocol):
    def __call__(self, fetched: Fetched, source: Source) -> ParsedFeed: ...


class Gather(Protocol):
    def __call__(self, source: Source, state: PollState, now: datetime) -> Gathered: ...


def parser(kind: Kind) -> Parse:
    """What reads an answer for a source of this kind. Raises KeyError for a local one."""
    return cast("Parse", import_module(PARSERS[kind]).parse)


def gatherer(kind: Kind, *, preview: bool = False) -> Gather:
    """What gathers a local source, or gives a look at it where that is another thing.

    Raises KeyError for a kind that is asked over HTTP.
    """
    module = import_module(GATHERERS[kind])
    return cast("Gather", getattr(module, "preview", module.gather) if preview else module.gather)


def accept(kind: Kind) -> str:
    """What is asked for: a page like a browser's (and robots.txt is obeyed), or a feed."""
    return "page" if kind is Kind.PAGE else "feed"
