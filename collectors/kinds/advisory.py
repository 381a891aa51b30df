"""Security advisories, with their CVEs, vendors, products and risks kept as fields. Pure.

An advisory is named by its reference. What its issuer changes is a revision of one article, since
the article's text ends with the list of revisions.
"""

from __future__ import annotations

from collectors import documents
from collectors.items import SAMPLE
from collectors.kinds import certfr, csaf
from vigie.model import Failure, FailureKind, Fetched, ParsedFeed, Unparsed
from vigie.schema import Source

_MOST_BYTES = 20_000_000  # of a document that comes gzipped once more


def parse(fetched: Fetched, source: Source) -> ParsedFeed:
    """The advisories of one answer, and the addresses that lead to further ones.

    A fault of the source's own address is the source's; one of an address that it led to is kept in
    `unparsed`, and the others go on.
    """
    if fetched.failure or fetched.not_modified:
        return ParsedFeed(failure=fetched.failure)
    options = source.advisory
    if options is None:
        detail = "the source has no table `advisory` in sources.toml"
        return ParsedFeed(failure=Failure(FailureKind.NOT_A_FEED, detail))
    body = documents.unpacked(fetched.body, _MOST_BYTES)
    if body is None:
        failure = Failure(FailureKind.HOSTILE, "gzip in gzip that grows without end")
        return ParsedFeed(failure=failure)
    text = documents.decoded(body, fetched.content_type)
    read = certfr.parse if options.format == "certfr" else csaf.parse
    parsed = read(fetched, source.id, text)
    if parsed.failure and fetched.step:
        fault = Unparsed(fetched.url, parsed.failure.detail, body[:SAMPLE])
        return ParsedFeed(unparsed=(*parsed.unparsed, fault))
    return parsed
