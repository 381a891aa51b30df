"""What libcurl's faults mean, as a Failure. For the child process."""

from __future__ import annotations

import errno
import os
import re

import pycurl  # type: ignore[import-untyped]  # it ships no types

from collectors import outcome
from vigie.model import Failure, Limits

_WEIRD_REPLY, _TOO_LARGE = 8, 100  # CURLE_WEIRD_SERVER_REPLY and CURLE_TOO_LARGE, unnamed there

# Faults of a connection that may be of the moment: asked once more.
PASSING = frozenset(
    {
        pycurl.E_PARTIAL_FILE,
        pycurl.E_GOT_NOTHING,
        pycurl.E_SEND_ERROR,
        pycurl.E_RECV_ERROR,
        pycurl.E_SSL_CONNECT_ERROR,
        pycurl.E_UNSUPPORTED_PROTOCOL,
        _WEIRD_REPLY,
    }
)
_NAMED: dict[int, Failure] = {
    pycurl.E_COULDNT_RESOLVE_HOST: outcome.DNS,
    pycurl.E_URL_MALFORMAT: outcome.NO_ADDRESS,
    pycurl.E_PARTIAL_FILE: outcome.CUT,
    pycurl.E_UNSUPPORTED_PROTOCOL: outcome.NOT_HTTP,  # HTTP/0.9; other schemes do not come here
    _WEIRD_REPLY: outcome.NOT_HTTP,
    _TOO_LARGE: outcome.NOT_HTTP,  # its head
    pycurl.E_GOT_NOTHING: outcome.unconnected("closed before any answer came"),
}
_TLS = frozenset(
    {
        pycurl.E_SSL_CONNECT_ERROR,
        pycurl.E_PEER_FAILED_VERIFICATION,
        pycurl.E_SSL_CERTPROBLEM,
        pycurl.E_SSL_CIPHER,
        pycurl.E_SSL_ISSUER_ERROR,
        pycurl.E_SSL_INVALIDCERTSTATUS,
    }
)
_CONNECTION = frozenset({pycurl.E_COULDNT_CONNECT, pycurl.E_SEND_ERROR, pycurl.E_RECV_ERROR})
_OPENSSL = re.compile(r"error:[0-9A-F]+:[^:]*:[^:]*:(.+)")
_CERTIFICATE = re.compile(r"SSL certificate (?:problem|verification failed)[^:]*: *(.+)")


def of_code(code: int, message: str, system: int, limits: Limits, received: int) -> Failure | None:
    """The failure that a code of libcurl stands for; None where it is none that was foreseen.

    `system` is the system's own number for it, 0 where it has none; `received` is how many bytes of
    the body had come.
    """
    if code == pycurl.E_OPERATION_TIMEDOUT:
        return outcome.timeout(limits, received)
    if code == pycurl.E_FILESIZE_EXCEEDED:
        return outcome.too_large(limits)
    if code in _TLS:
        return outcome.untrusted(_tls_words(message))
    if code in _CONNECTION:
        refused = system == errno.ECONNREFUSED
        return outcome.REFUSED if refused else _unconnected(system, message)
    return _NAMED.get(code)


def _unconnected(system: int, message: str) -> Failure:
    return outcome.unconnected(os.strerror(system) if system else message)


def _tls_words(message: str) -> str:
    if "subject name" in message or "hostname" in message:
        return "the certificate is for another name"
    found = _CERTIFICATE.search(message) or _OPENSSL.search(message)
    return found[1] if found else "the handshake failed"
