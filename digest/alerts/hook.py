"""Posting to a machine over HTTPS: one try, its answer a value, never to an inside address.

The name is looked up here, and only what `allowed` lets pass is connected to: what a name says
later cannot change where the bytes go. Redirects are not followed: where a post goes is settled by
a person.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Timer
from urllib.parse import urlsplit

from digest.clean import line

# Minutes until the next try; given up after the last, about a day later.
BACKOFF = (1, 5, 15, 60, 180, 360, 720)
_AGAIN = frozenset((408, 425, 429))  # of the 4xx: try again (RFC 9110, RFC 8470, RFC 6585)
_LONGEST_WAIT = 24 * 3600  # seconds, whatever Retry-After says


@dataclass(frozen=True, slots=True)
class Answer:
    """What one try came to."""

    state: str  # sent, deferred or refused
    detail: str
    wait: float | None = None  # seconds, as the server asks


class _InsideError(Exception):
    pass


class _Guarded(http.client.HTTPSConnection):
    """Connects to the first address of its host that may be connected to."""

    def __init__(
        self, host: str, port: int, allowed: Callable[[str], bool], seconds: float
    ) -> None:
        self._tls = ssl.create_default_context()
        super().__init__(host, port, timeout=seconds, context=self._tls)
        self._allowed = allowed

    def connect(self) -> None:
        found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        outside = [str(place[0]) for *_, place in found if self._allowed(str(place[0]))]
        if not outside:
            raise _InsideError
        plain = socket.create_connection((outside[0], self.port), timeout=self.timeout)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)


def post(
    url: str,
    content: bytes,
    headers: Mapping[str, str],
    allowed: Callable[[str], bool],
    seconds: float = 15.0,
) -> Answer:
    """Post once; whatever happens comes back as a value."""
    parts = urlsplit(url)
    connection = _Guarded(parts.hostname or "", parts.port or 443, allowed, seconds)
    watch = Timer(2 * seconds, _cut, [connection])  # a server that drips ends too
    watch.daemon = True
    watch.start()
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, content, dict(headers))
        response = connection.getresponse()
        return _answer(response.status, response.getheader("Retry-After") or "")
    except _InsideError:
        return Answer("refused", "its name leads to an inside address")
    except ssl.SSLCertVerificationError as error:
        return Answer("deferred", f"certificate: {line(error.verify_message, 200)}")
    except (OSError, http.client.HTTPException) as error:
        return Answer("deferred", line(str(error), 200) or type(error).__name__)
    finally:
        watch.cancel()
        connection.close()


def next_try(tries: int, answer: Answer, now: datetime) -> datetime | None:
    """When after so many tries it is tried again; None where it is given up."""
    if tries > len(BACKOFF):
        return None
    wait = max(60.0 * BACKOFF[tries - 1], min(answer.wait or 0.0, _LONGEST_WAIT))
    return now + timedelta(seconds=wait)


def _answer(status: int, retry_after: str) -> Answer:
    if 200 <= status < 300:
        return Answer("sent", f"{status}")
    if 400 <= status < 500 and status not in _AGAIN:
        return Answer("refused", f"{status}")
    if 300 <= status < 400:
        return Answer("refused", f"{status}: a redirect, which is not followed")
    wait = float(retry_after) if retry_after.isascii() and retry_after.isdecimal() else None
    return Answer("deferred", f"{status}", wait)


def _cut(connection: http.client.HTTPSConnection) -> None:
    with suppress(OSError):
        if connection.sock is not None:
            connection.sock.shutdown(socket.SHUT_RDWR)
