"""What the faults of Scrapy and Twisted mean, as a Failure. For the child process."""

from __future__ import annotations

from collections.abc import Iterator

from OpenSSL import SSL
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from service_identity import VerificationError
from twisted.internet.error import ConnectError, ConnectionClosed
from twisted.web.client import ResponseFailed

from collectors import outcome
from collectors.outcome import Refused
from vigie.model import Failure, Limits

_NAMED: dict[type[BaseException], Failure] = {
    CannotResolveHostError: outcome.DNS,
    DownloadConnectionRefusedError: outcome.REFUSED,
    ResponseDataLossError: outcome.CUT,
    UnsupportedURLSchemeError: outcome.NO_ADDRESS,
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
            return outcome.timeout(limits, received)
        case DownloadCancelledError():
            return outcome.too_large(limits)
    for kind, failure in _NAMED.items():
        if isinstance(error, kind):
            return failure
    return _of_connection(error)


def _of_connection(error: BaseException) -> Failure | None:
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, SSL.Error | VerificationError):
            return outcome.untrusted(_tls_words(cause))
    for cause in causes:
        if isinstance(cause, ConnectError | ConnectionClosed):
            return outcome.unconnected(str(cause))
    if isinstance(error, DownloadFailedError | ResponseFailed):
        return outcome.NOT_HTTP
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
