"""The words that every package uses: ids, kinds, rights, labels."""

from __future__ import annotations

from enum import StrEnum

SourceId = str  # a slug, chosen by the coordinator

ArticleId = int  # the archive's own row number; public ids are text


class Kind(StrEnum):
    """Kinds of source."""

    FEED = "feed"
    PAGE = "page"  # a listing page
    SITEMAP = "sitemap"
    ADVISORY = "advisory"
    MAILBOX = "mailbox"
    FILE = "file"  # a drop folder
    CONTRIBUTION = "contribution"  # what partners send in

    @property
    def local(self) -> bool:
        """Whether it is gathered here, rather than fetched over HTTP."""
        return self in (Kind.MAILBOX, Kind.FILE, Kind.CONTRIBUTION)


class Rights(StrEnum):
    """What may be stored and shown of a source's texts."""

    FULL = "full"
    EXCERPT = "excerpt"
    LINK = "link"


class Tlp(StrEnum):
    """Traffic Light Protocol 2.0 labels, never translated (FIRST, 2022)."""

    CLEAR = "TLP:CLEAR"
    GREEN = "TLP:GREEN"
    AMBER = "TLP:AMBER"
    AMBER_STRICT = "TLP:AMBER+STRICT"
    RED = "TLP:RED"

    @property
    def rank(self) -> int:
        """0 for CLEAR, higher the more restrictive."""
        return list(Tlp).index(self)
