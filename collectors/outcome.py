"""What a download's end means: responses and exceptions to Fetched and Failure.

No network and no clock: `now` is an argument.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from OpenSSL import SSL
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from service_identity import VerificationError
from twisted.internet.error import ConnectError, ConnectionClosed
from twisted.web.client import ResponseFailed

from vigie.model import Failure, FailureKind, Limits


class Refused(IgnoreRequest):
    """A download that we ended ourselves, with the reason that the coordinator reads."""

    def __init__(self, kind: FailureKind, detail: str) -> None:
        super().__init__(detail)
        self.failure = Failure(kind, detail)


_NAMED: dict[type[BaseException], Failure] = {
    CannotResolveHostError: Failure(FailureKind.DNS, "the host's name could not be resolved"),
    DownloadConnectionRefusedError: Failure(FailureKind.CONNECT, "connection refused"),
    ResponseDataLossError: Failure(
        FailureKind.CONNECT, "the connection ended before the whole body came"
    ),
    UnsupportedURLSchemeError: Failure(FailureKind.CONNECT, "not a web address"),
}


def of_exception(error: BaseException, limits: Limits, received: int) -> Failure | None:
    """The failure that an exception stands for; None where it is none that was foreseen.

    `received` is how many bytes of the body had come. DNS failures are told from inside
    addresses by the caller, who knows what the resolver refused.
    """
    match error:
        case Refused():
            return error.failure
        case DownloadTimeoutError():
            got = f"only {received} bytes" if received else "no answer"
            return Failure(FailureKind.TIMEOUT, f"{got} within {limits.seconds:g} s")
        case DownloadCancelledError():
            return Failure(FailureKind.TOO_LARGE, f"more than {limits.max_bytes} bytes")
    for kind, failure in _NAMED.items():
        if isinstance(error, kind):
            return failure
    return _of_connection(error)


def _of_connection(error: BaseException) -> Failure | None:
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, SSL.Error | VerificationError):
            return Failure(FailureKind.TLS, f"no trusted TLS connection: {_tls_words(cause)}")
    for cause in causes:
        if isinstance(cause, ConnectError | ConnectionClosed):
            return Failure(FailureKind.CONNECT, f"connection failed: {str(cause).rstrip('.')}")
    if isinstance(error, DownloadFailedError | ResponseFailed):
        return Failure(FailureKind.CONNECT, "the answer was not HTTP, or broke off")
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An exception and what lies behind it, through Twisted's bundles of reasons."""
    yield error
    for reason in getattr(error, "reasons", ()):
        yield from _causes(reason.value)
    if error.__cause__ is not None:
        yield from _causes(error.__cause__)


def _tls_words(cause: BaseException) -> str:
    if isinstance(cause, VerificationError):
        return "the certificate is for another name"
    reasons = cause.args[0] if cause.args and isinstance(cause.args[0], list) else []
    return "; ".join(str(reason[-1]) for reason in reasons) or "the handshake failed"


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
