"""What stands between a job and the network: time, memory, redirects, robots and addresses.

Subclasses of Scrapy's own parts, each adding one rule. Runs in the child process.
"""

from __future__ import annotations

import asyncio
import gc
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

from scrapy import Request, Spider
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import DownloadTimeoutError, IgnoreRequest, StopDownload
from scrapy.http import Response
from scrapy.resolver import CachingHostnameResolver
from scrapy.robotstxt import RobotParser
from twisted.internet.base import ReactorBase
from twisted.internet.interfaces import IHostnameResolver, IResolutionReceiver
from w3lib.url import safe_url_string
from zope.interface import implementer  # type: ignore[import-untyped]  # it ships no types

from collectors.guard import is_inside, may_carry
from collectors.outcome import Refused
from vigie.model import FailureKind

BUDGET = "vigie_budget"  # keys of Request.meta
MOVED = "vigie_moved"
CREDENTIAL = "vigie_credential"
_PERMANENT_SO_FAR = "vigie_permanent"
_CHAIN = "vigie_chain"

_ROBOTS_BYTES = 512_000  # RFC 9309 asks for at least 500 KiB
_IDLE_SECONDS = 10  # for which an unused connection is kept
_ROOM = 48_000_000  # bytes of all bodies on their way
_SMALL = 1_000_000  # bytes that any one of them may hold all the same


@dataclass(eq=False, slots=True)
class Purse:
    """What is left to all jobs of one source together."""

    seconds: float
    size: float  # bytes, decoded


@dataclass(eq=False, slots=True)
class Budget:
    """What one job has used over all its requests: redirects, and its one retry."""

    number: int  # of the job
    seconds: float  # that it may take in transfers; waiting for its turn is not its fault
    purse: Purse | None = None
    spent: float = 0.0
    held: int = 0  # bytes received and not yet passed on

    @property
    def left(self) -> float:
        """Seconds. Raises Refused where its source has had all the bytes it may have."""
        if self.purse is None:
            return self.seconds - self.spent
        if self.purse.size <= 0:
            raise Refused(FailureKind.TOO_LARGE, "its source has led to too much already")
        return min(self.seconds - self.spent, self.purse.seconds)

    def spend(self, seconds: float) -> None:
        self.spent += seconds
        if self.purse:
            self.purse.seconds -= seconds

    def refund(self) -> None:
        """As if it had not begun."""
        if self.purse:
            self.purse.seconds += self.spent
        self.spent = 0.0

    def pay(self, size: int) -> None:
        """Raises Refused where the body is more than its source may still have."""
        if self.purse:
            self.purse.size -= size
            if self.purse.size < 0:
                raise Refused(FailureKind.TOO_LARGE, "more than its source may have in all")


class Ledger:
    """Keeps all bodies on their way within `_ROOM` bytes.

    Where they would not be, the transfers that hold most are broken off and asked again later. The
    one that grew large first is never broken off, so that each gets its turn.
    """

    def __init__(self) -> None:
        self._total = 0
        self._garbage = 0  # bytes released since the last collection
        self._large: dict[Budget, None] = {}  # in the order in which they grew large
        self._freed = asyncio.Event()

    def received(self, data: bytes, request: Request) -> None:
        """Count what came. Raises StopDownload."""
        budget: Budget | None = request.meta.get(BUDGET)
        if budget is None:
            return
        budget.held += len(data)
        self._total += len(data)
        if budget.held > _SMALL:
            self._large.setdefault(budget)
            if self._total > _ROOM and budget is not next(iter(self._large)):
                raise StopDownload

    def release(self, budget: Budget) -> None:
        self._total -= budget.held
        self._garbage += budget.held
        if self._garbage > _ROOM // 4:  # bodies in reference cycles, which Python counts as small
            self._garbage = 0
            gc.collect()
        budget.held = 0
        self._large.pop(budget, None)
        self._freed.set()

    async def room(self) -> None:
        """Wait until at least half of the room is free."""
        while self._total > _ROOM // 2:
            self._freed.clear()
            await self._freed.wait()


class GuardedHandler(HTTP11DownloadHandler):
    """Scrapy's handler, within what the job's time budget leaves."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool.cachedConnectionTimeout = _IDLE_SECONDS  # many hosts, few file descriptors

    async def download_request(self, request: Request) -> Response:
        budget: Budget | None = request.meta.get(BUDGET)
        if budget is None:  # robots.txt
            request.meta["download_maxsize"] = _ROBOTS_BYTES
            return await super().download_request(request)
        left = budget.left
        if left <= 0:
            raise DownloadTimeoutError(request.url)
        request.meta["download_timeout"] = left
        start = monotonic()
        try:
            return await super().download_request(request)
        finally:
            budget.spend(monotonic() - start)


class Decompression(HttpCompressionMiddleware):
    """Scrapy's, but jobs' bodies are decoded by the spider, one at a time, on their way out."""

    def process_response(
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Request | Response:
        if BUDGET in request.meta:
            return response
        return super().process_response(request, response, spider)

    def decoded(self, request: Request, response: Response) -> Response:
        """Raises Refused where the decoded body is too large, or was not compressed as said."""
        try:
            result = super().process_response(request, response)
        except IgnoreRequest as error:
            detail = f"more than {self._max_size} bytes once decompressed"
            raise Refused(FailureKind.TOO_LARGE, detail) from error
        except (OSError, EOFError, ValueError, zlib.error) as error:
            raise Refused(FailureKind.MALFORMED, "broken compression") from error
        assert isinstance(result, Response)  # noqa: S101  it makes no new request
        return result


class Robots(RobotsTxtMiddleware):
    """Scrapy's, naming its refusal."""

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        try:
            super().process_request_2(rp, request)
        except IgnoreRequest as error:
            raise Refused(FailureKind.ROBOTS, "robots.txt asks not to fetch this") from error


class Credentials:
    """Gives a source's credential to that source's own host, and to no other.

    Each request is looked at anew, so that no redirect carries it elsewhere, or out of TLS.
    """

    def process_request(self, request: Request) -> None:
        request.headers.pop("Authorization", None)
        auth, declared = request.meta.get(CREDENTIAL, ("", ""))
        if auth and may_carry(declared, request.url):
            request.headers["Authorization"] = auth


class Redirects:
    """Follows redirects, knows circles, and keeps where permanent ones led."""

    def __init__(self, most: int) -> None:
        self._most = most

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler.settings.getint("REDIRECT_MAX_TIMES"))

    def process_response(self, request: Request, response: Response) -> Request | Response:
        location = response.headers.get("Location")
        if response.status not in (301, 302, 303, 307, 308) or not location:
            return response
        target = urljoin(request.url, safe_url_string(location.strip())).partition("#")[0]
        chain: list[str] = [*request.meta.get(_CHAIN, []), request.url.partition("#")[0]]
        self._check(target, chain)
        permanent = request.meta.get(_PERMANENT_SO_FAR, True) and response.status in (301, 308)
        meta: dict[str, Any] = {**request.meta, _CHAIN: chain, _PERMANENT_SO_FAR: permanent}
        if permanent:
            meta[MOVED] = target
        meta.pop("download_slot", None)  # the next host has its own
        return request.replace(url=target, meta=meta, priority=request.priority + 1)

    def _check(self, target: str, chain: Sequence[str]) -> None:
        if target in chain:
            circle = " -> ".join([*chain[chain.index(target) :], target])
            raise Refused(FailureKind.REDIRECTS, f"redirects in a circle: {circle}"[:1000])
        if len(chain) > self._most:
            detail = f"more than {self._most} redirects, the last one to {target}"
            raise Refused(FailureKind.REDIRECTS, detail[:1000])
        parts = urlsplit(target)
        if parts.username is not None:
            raise Refused(FailureKind.REDIRECTS, "redirected to an address with a user's name")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            detail = f"redirected to what is no web address: {target}"
            raise Refused(FailureKind.REDIRECTS, detail[:1000])


# ------------------------------------------------------------------------------------ addresses

_refused: dict[str, str] = {}  # host name to the inside address that it led to; one crawl's


def refused_address(url: str) -> str:
    """The inside address for which the URL's host was refused, or ""."""
    return _refused.get(_ascii(urlsplit(url).hostname or ""), "")


class GuardedResolver(CachingHostnameResolver):
    """Hands out outside addresses only.

    The connection is made to the very address that was checked, so that a second answer of the
    DNS changes nothing. Addresses written as numbers come this way too.
    """

    def __init__(self, reactor: ReactorBase, cache_size: int, allow: Sequence[str]) -> None:
        super().__init__(reactor, cache_size)
        guard: Any = _Guard(self.original_resolver, allow)
        self.original_resolver = guard

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        allow = crawler.settings.getlist("INSIDE_ALLOWED")
        return cls(reactor, crawler.settings.getint("DNSCACHE_SIZE"), allow)


# Twisted describes these two by zope interfaces, which have no static types: hence Any, and names
# that are not ours to choose.


@implementer(IHostnameResolver)
class _Guard:
    def __init__(self, resolver: Any, allow: Sequence[str]) -> None:
        self._resolver = resolver
        self._allow = allow

    def resolveHostName(  # noqa: N802  Twisted's interface
        self,
        resolutionReceiver: Any,  # noqa: N803  Twisted's interface
        hostName: str,  # noqa: N803  Twisted's interface
        *more: Any,
        **named: Any,
    ) -> Any:
        receiver = _GuardedReceiver(resolutionReceiver, hostName, self._allow)
        return self._resolver.resolveHostName(receiver, hostName, *more, **named)


@implementer(IResolutionReceiver)
class _GuardedReceiver:
    def __init__(self, receiver: Any, host: str, allow: Sequence[str]) -> None:
        self._receiver = receiver
        self._host = host
        self._allow = allow

    def resolutionBegan(self, resolution: Any) -> None:  # noqa: N802  Twisted's interface
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:  # noqa: N802  Twisted's interface
        if is_inside(address.host, self._allow):
            _refused[_ascii(self._host)] = address.host
        else:
            self._receiver.addressResolved(address)

    def resolutionComplete(self) -> None:  # noqa: N802  Twisted's interface
        self._receiver.resolutionComplete()


def _ascii(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return host.lower()
