"""What a download's end means: answers to Fetched and Failure. Pure: `now` is an argument.

Shared by both ways of fetching; what their own faults mean stands in `crawl_faults` and
`transfer_faults`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus

from vigie.model import Failure, FailureKind, Fetched, FetchJob, Limits

ACCEPT = {
    "feed": "application/rss+xml, application/atom+xml, application/feed+json,"
    " application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, */*;q=0.1",
    "page": "text/html, application/xhtml+xml;q=0.9, */*;q=0.1",
}
_LONGEST_HEADER = 1000  # characters that are kept

DNS = Failure(FailureKind.DNS, "the host's name could not be resolved")
REFUSED = Failure(FailureKind.CONNECT, "connection refused")
CUT = Failure(FailureKind.CONNECT, "the connection ended before the whole body came")
NO_ADDRESS = Failure(FailureKind.CONNECT, "not a web address")
NOT_HTTP = Failure(FailureKind.CONNECT, "the answer was not HTTP, or broke off")


class Refused(Exception):  # noqa: N818  a verdict, not an error
    """A download that we ended ourselves, with the reason that the coordinator reads."""

    def __init__(self, kind: FailureKind, detail: str) -> None:
        super().__init__(detail)
        self.failure = Failure(kind, detail)


def inside(host: str, address: str) -> Failure:
    """That `host` was not asked, since it leads to this inside address."""
    where = host if host == address else f"{host} is {address}"
    return Failure(FailureKind.INSIDE, f"an inside address is never asked: {where}")


def timeout(limits: Limits, received: int) -> Failure:
    """`received`: how many bytes of the body had come."""
    got = f"only {received} bytes" if received else "no answer"
    return Failure(FailureKind.TIMEOUT, f"{got} within {limits.seconds:g} s")


def too_large(limits: Limits) -> Failure:
    return Failure(FailureKind.TOO_LARGE, f"more than {limits.max_bytes} bytes")


def untrusted(words: str) -> Failure:
    return Failure(FailureKind.TLS, f"no trusted TLS connection: {words}")


def unconnected(words: str) -> Failure:
    return Failure(FailureKind.CONNECT, f"connection failed: {words.rstrip('.')}")


def conditions(job: FetchJob) -> dict[str, bytes]:
    """The headers that make a request conditional, each as the very bytes that once came."""
    known = {"If-None-Match": job.etag, "If-Modified-Since": job.last_modified}
    raw = {n: text.encode("latin-1", "ignore") for n, text in known.items() if text.isprintable()}
    return {name: value for name, value in raw.items() if value}


def answered(
    fetched: Fetched, status: int, header: Callable[[str], bytes | None], *, conditional: bool
) -> Fetched:
    """`fetched` with what the answer's head says; a failure where its status is one.

    `header` gives a header's value as it came, by its name.
    """

    def told(name: str) -> str:
        return (header(name) or b"").decode("latin-1")[:_LONGEST_HEADER]

    now = fetched.at
    wait = told("Retry-After")
    return replace(
        fetched,
        status=status,
        content_type=told("Content-Type"),
        etag=told("ETag"),
        last_modified=told("Last-Modified"),
        retry_after=retry_after(wait, now) if wait else None,
        fresh_for=fresh_for(told("Cache-Control"), told("Expires"), now),
        tdm=told("tdm-reservation").strip()[:1],
        tdm_policy=told("tdm-policy").strip(),
        failure=of_status(status, conditional),
    )


def of_status(status: int, asked_conditionally: bool) -> Failure | None:
    """The failure that an HTTP status stands for, None for an answer that can be read."""
    if 200 <= status < 300 or (status == HTTPStatus.NOT_MODIFIED and asked_conditionally):
        return None
    if status == HTTPStatus.NOT_MODIFIED:
        return Failure(FailureKind.HTTP, "304 Not Modified, though nothing was known", status)
    try:
        phrase = f" {HTTPStatus(status).phrase}"
    except ValueError:
        phrase = ""
    return Failure(FailureKind.HTTP, f"{status}{phrase}", status)


def fresh_for(cache_control: str, expires: str, now: datetime) -> float | None:
    """Seconds for which an answer need not be asked again: max-age, else Expires (RFC 9111).

    None where neither is said, or where the answer must not be kept.
    """
    told = {part.strip().lower() for part in cache_control.split(",")}
    if told & {"no-store", "no-cache"}:
        return None
    for part in told:
        name, _, value = part.partition("=")
        value = value.strip('" ')
        if name.strip() == "max-age" and value.isascii() and value.isdigit():
            return float(value[:12])
    if not expires:
        return None
    return (
        retry_after(expires, now) if not expires.strip().isdigit() else None
    )  # "0" is a date past


def retry_after(value: str, now: datetime) -> float | None:
    """Seconds to wait, from a Retry-After header (RFC 9110, 10.2.3): seconds, or a date."""
    from email.utils import parsedate_to_datetime  # noqa: PLC0415  slow to load, often not needed

    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value[:12])
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - now).total_seconds())
