"""What stands between a page's job and the network: time, memory, redirects, robots, addresses.

Subclasses of Scrapy's own parts, each adding one rule. Runs in the child process.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Sequence
from time import monotonic
from typing import Any, Self
from urllib.parse import urlsplit

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
from zope.interface import implementer  # type: ignore[import-untyped]  # it ships no types

from collectors.budgets import Budget, Ledger
from collectors.guard import is_inside, may_carry
from collectors.outcome import Refused
from collectors.redirects import Way, onward
from vigie.model import FailureKind

BUDGET = "vigie_budget"  # keys of Request.meta
WAY = "vigie_way"
CREDENTIAL = "vigie_credential"

_ROBOTS_BYTES = 512_000  # RFC 9309 asks for at least 500 KiB
_IDLE_SECONDS = 10  # for which an unused connection is kept


class Room:
    """The ledger of bodies, as Scrapy's signals and coroutines use it."""

    def __init__(self, room: int) -> None:
        self._ledger = Ledger(room)
        self._much = room // 4
        self._garbage = 0  # bytes released since the last collection
        self._freed = asyncio.Event()

    def received(self, data: bytes, request: Request) -> None:
        """Count what came. Raises StopDownload."""
        budget: Budget | None = request.meta.get(BUDGET)
        if budget is not None and not self._ledger.received(budget, len(data)):
            raise StopDownload

    def release(self, budget: Budget) -> None:
        self._garbage += budget.held
        self._ledger.release(budget)
        if self._garbage > self._much:  # bodies in reference cycles, which Python counts as small
            self._garbage = 0
            gc.collect()
        self._freed.set()

    async def wait(self) -> None:
        """Wait until there is room again for what was broken off."""
        while not self._ledger.has_room:
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
    """Scrapy's for robots.txt; jobs' bodies are decoded one at a time, on their way out."""

    def process_response(
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Request | Response:
        if BUDGET in request.meta:
            return response
        return super().process_response(request, response, spider)


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
        way: Way = request.meta.get(WAY) or Way(request.url)
        onward_way = onward(way, response.status, response.headers.get("Location"), self._most)
        if onward_way is None:
            return response
        meta: dict[str, Any] = {**request.meta, WAY: onward_way}
        meta.pop("download_slot", None)  # the next host has its own
        return request.replace(url=onward_way.url, meta=meta, priority=request.priority + 1)


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
