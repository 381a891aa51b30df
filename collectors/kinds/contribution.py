"""What partners send in. The desk holds it; the roof hands it over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from vigie.model import Fetched, Gathered, Item, ParsedFeed, PollState
from vigie.schema import Source


def gather(source: Source, state: PollState, now: datetime, items: Iterable[Item] = ()) -> Gathered:
    """The items handed over, as this source's.

    Collectors know no archive and no desk, so a poll by itself finds nothing new; whoever takes in
    a contribution calls this with its items and stores the outcome as that of any source.
    """
    fetched = Fetched(source.id, source.address, now, etag=state.etag)
    return Gathered(fetched, ParsedFeed(title=source.title, items=tuple(items)))
