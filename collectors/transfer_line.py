"""One of libcurl's handles, and the request that it serves: addresses, limits, trust.

For the child process; `collectors.transfer` says who is asked when, and what becomes of it.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pycurl  # type: ignore[import-untyped]  # it ships no types

from collectors import encodings, outcome
from collectors.budgets import Budget, Ledger
from collectors.guard import is_inside, may_carry
from collectors.redirects import Way
from vigie.model import Failure, FetchJob, Limits

_IDLE_SECONDS = 10  # for which an unused connection is kept
_BUFFER = 131_072  # bytes that come at once
# Where systems keep the authorities that they trust.
_TRUSTED = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


@dataclass(eq=False, slots=True)
class Request:
    """One job on its way, over its redirects and its second try."""

    job: FetchJob
    budget: Budget
    way: Way
    host: str
    again: bool = False  # this is its second try
    status: int = 0
    head: list[bytes] = field(default_factory=list)
    body: list[bytes] = field(default_factory=list)
    received: int = 0  # bytes of the body
    inside: str = ""  # an address that was refused
    outside: bool = False  # one that was not
    verdict: Failure | None = None  # why we broke it off
    put_off: bool = False  # broken off for want of room
    began: float = 0.0
    until: float = 0.0  # by the clock of `began`

    def begin(self, now: float, left: float) -> None:
        """Start anew, with `left` seconds to go."""
        self.head, self.body, self.received, self.status = [], [], 0, 0
        self.inside, self.outside, self.verdict, self.put_off = "", False, None, False
        self.began, self.until = now, now + left

    def header(self, name: str) -> bytes | None:
        """The last of that name, as Scrapy has it."""
        found = self.headers(name)
        return found[-1] if found else None

    def headers(self, name: str) -> list[bytes]:
        wanted = name.lower().encode("ascii")
        pairs = (line.partition(b":") for line in self.head)
        return [value.strip() for key, _, value in pairs if key.strip().lower() == wanted]


class Line:
    """One of libcurl's handles, with the request that it serves now."""

    def __init__(self, limits: Limits, ledger: Ledger) -> None:
        self._request: Request | None = None
        self._limits = limits
        self._ledger = ledger
        self.handle: Any = pycurl.Curl()
        options = {
            pycurl.PROTOCOLS: pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS,
            pycurl.HTTP_VERSION: pycurl.CURL_HTTP_VERSION_1_1,
            pycurl.FOLLOWLOCATION: 0,
            pycurl.PROXY: "",  # none, whatever the environment says
            pycurl.NOPROXY: "*",
            pycurl.PATH_AS_IS: 1,
            pycurl.SSL_VERIFYPEER: 1,
            pycurl.SSL_VERIFYHOST: 2,
            pycurl.NOSIGNAL: 1,
            pycurl.MAXAGE_CONN: _IDLE_SECONDS,
            pycurl.MAXFILESIZE_LARGE: limits.max_bytes,
            pycurl.BUFFERSIZE: _BUFFER,
            pycurl.USERAGENT: limits.user_agent,
            pycurl.OPENSOCKETFUNCTION: self._socket,
            pycurl.HEADERFUNCTION: self._headed,
            pycurl.WRITEFUNCTION: self._received,
        }
        for option, value in options.items():
            self.handle.setopt(option, value)

    def take(self, request: Request, addresses: Sequence[str], now: float) -> None:
        """Be ready for a request; `addresses` are its host's, where that is a name."""
        self._request = request
        job, url = request.job, request.way.url
        headers = {
            "Accept": outcome.ACCEPT.get(job.accept, "*/*").encode(),
            "Accept-Encoding": encodings.ACCEPTED.encode(),
            **outcome.conditions(job),
        }
        # Looked at anew for each request, so that no redirect carries it elsewhere, or out of TLS.
        if job.auth and may_carry(job.auth_for, url):
            headers["Authorization"] = job.auth.encode("latin-1", "ignore")
        lines = [name.encode() + b": " + value for name, value in headers.items()]
        self.handle.setopt(pycurl.URL, url)
        self.handle.setopt(pycurl.HTTPHEADER, lines)
        self.handle.setopt(pycurl.TIMEOUT_MS, max(1, int((request.until - now) * 1000)))
        self.handle.setopt(pycurl.RESOLVE, _resolved(url, addresses))
        if url.startswith("https:"):
            self.handle.setopt(pycurl.CAINFO, _trusted())

    def _socket(self, _purpose: int, address: Any) -> Any:
        """A socket for the address that is about to be connected to; none where it is inside."""
        request = self._of_now()
        known = address.family in (socket.AF_INET, socket.AF_INET6)
        if not known or is_inside(address.addr[0], self._limits.allow_inside):
            request.inside = str(address.addr[0])
            return pycurl.SOCKET_BAD
        request.outside = True
        return socket.socket(address.family, address.socktype, address.protocol)

    def _headed(self, line: bytes) -> None:
        request = self._of_now()
        if line.startswith(b"HTTP/"):
            request.head = []  # what came before was a mere "go on"
        request.head.append(line)

    def _received(self, data: bytes) -> int:
        """How much is taken: all, or less where the transfer is to end."""
        request = self._of_now()
        request.received += len(data)
        if request.received > self._limits.max_bytes:
            request.verdict = outcome.too_large(self._limits)
            return 0
        if not self._ledger.received(request.budget, len(data)):
            request.put_off = True
            return 0
        request.body.append(data)
        return len(data)

    def give_back(self) -> Request:
        """The request that has ended."""
        request, self._request = self._of_now(), None
        return request

    def _of_now(self) -> Request:
        if self._request is None:
            raise RuntimeError("libcurl speaks of a request that has ended")
        return self._request


def _resolved(url: str, addresses: Sequence[str]) -> list[str]:
    """What libcurl need not look up, as it wants it told."""
    if not addresses:
        return []
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    known = [f"[{address}]" if ":" in address else address for address in addresses]
    return [f"{parts.hostname}:{port}:{','.join(known)}"]


@cache
def _trusted() -> str:
    """The file of authorities: the system's, so that an intranet's own count; else certifi's."""
    for path in (os.environ.get("SSL_CERT_FILE", ""), *_TRUSTED):
        if path and Path(path).is_file():
            return path
    import certifi  # noqa: PLC0415  only where the system has none

    return certifi.where()
