"""Feeds: RSS 0.9x to 2.0, RDF, Atom and JSON Feed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors import feeds
from vigie.model import Fetched, ParsedFeed

if TYPE_CHECKING:
    from vigie.schema import Source


def parse(fetched: Fetched, source: Source) -> ParsedFeed:  # noqa: ARG001  the protocol's
    """What a fetched feed says; see `collectors.feeds`."""
    return feeds.parse(fetched)
