"""The crawl: Scrapy with only the parts that fetching pages needs. Runs in the child process.

Feeds are fetched by `collectors.transfer`; what both decide alike stands in `outcome`, `redirects`,
`budgets` and `encodings`.

Environment proxies are ignored (Scrapy's HttpProxyMiddleware is not among the middlewares): behind
one, the address connected to would be the proxy's, and nothing could be checked.
"""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Self
from urllib.parse import urlsplit

from scrapy import Request, Spider, signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.exceptions import CannotResolveHostError, StopDownload
from scrapy.http import Response
from twisted.python.failure import Failure as TwistedFailure

from collectors import outcome
from collectors.budgets import ROOM, Budget, Purses
from collectors.crawl_faults import of_exception
from collectors.encodings import decoded
from collectors.frames import FrameWriter
from collectors.middlewares import (
    BUDGET,
    CREDENTIAL,
    WAY,
    Credentials,
    Decompression,
    GuardedHandler,
    GuardedResolver,
    Redirects,
    Robots,
    Room,
    refused_address,
)
from collectors.redirects import Way, host_of
from vigie.model import Failure, FailureKind, Fetched, FetchJob, Limits


def crawl(
    jobs: Mapping[int, FetchJob], limits: Limits, writer: FrameWriter, room: int = ROOM
) -> None:
    """Fetch all jobs, by their numbers, and write a frame for each; returns when all is done.

    `room`: bytes of all bodies on their way.
    """
    process = AsyncCrawlerProcess(_settings(limits))
    # A robots.txt that cannot be had is no error of ours: the page may then be fetched.
    logging.getLogger("scrapy.downloadermiddlewares.robotstxt").setLevel(logging.CRITICAL)
    process.crawl(FetchSpider, jobs=jobs, limits=limits, writer=writer, room=room)
    gc.freeze()  # what is loaded so far stays: collections look at the crawl only
    process.start(install_signal_handlers=False)


class FetchSpider(Spider):
    """One request for each job, one frame for each outcome."""

    name = "fetch"
    jobs: Mapping[int, FetchJob]
    limits: Limits
    writer: FrameWriter
    room: int

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.ledger = Room(spider.room)
        spider.turn = asyncio.Lock()
        spider.purses = Purses(spider.limits)
        spider.pool = ThreadPoolExecutor(1)
        crawler.signals.connect(spider.ledger.received, signals.bytes_received)
        return spider

    ledger: Room
    turn: asyncio.Lock
    purses: Purses
    pool: ThreadPoolExecutor

    async def start(self) -> AsyncIterator[Any]:
        for number, job in self.jobs.items():
            try:
                request = self._request(number, job)
            except ValueError:
                await self._send(number, self._fetched(job, outcome.NO_ADDRESS))
            else:
                yield request

    def _request(self, number: int, job: FetchJob) -> Request:
        """Raises ValueError where the address is none of the web's."""
        host_of(job.url)
        return Request(
            job.url,
            callback=self.answered,
            errback=self.failed,
            headers={
                "Accept": outcome.ACCEPT.get(job.accept, "*/*").encode(),
                **outcome.conditions(job),
            },
            dont_filter=True,
            meta={
                BUDGET: self.purses.budget(number, job),
                CREDENTIAL: (job.auth, job.auth_for),
                "handle_httpstatus_all": True,
                "dont_obey_robotstxt": job.accept != "page",
            },
        )

    async def answered(self, response: Response) -> None:
        """Decode, one answer at a time, and hand it on."""
        assert response.request is not None  # noqa: S101  Scrapy sets it on all that it hands on
        budget: Budget = response.request.meta[BUDGET]
        async with self.turn:
            fetched = self._of_response(self.jobs[budget.number], response)
            await self._send(budget.number, fetched)
        self.ledger.release(budget)

    async def failed(self, failure: TwistedFailure) -> list[Request]:
        """Name what happened; or ask again what was put off for want of memory."""
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy sets it
        budget: Budget = request.meta[BUDGET]
        error: BaseException = failure.value or RuntimeError(str(failure))
        received = budget.held
        self.ledger.release(budget)
        if isinstance(error, StopDownload):
            error.response = None  # its body is let go,
            failure.cleanFailure()  # type: ignore[no-untyped-call]  # and the stack's hold on it
            await self.ledger.wait()
            budget.refund()
            return [request.replace(priority=request.priority - 1)]
        job = self.jobs[budget.number]
        fetched = self._fetched(job, self._named(request, error, received), request)
        async with self.turn:
            await self._send(budget.number, fetched)
        return []

    def _named(self, request: Request, error: BaseException, received: int) -> Failure:
        address = refused_address(request.url)
        if address and isinstance(error, CannotResolveHostError):
            return outcome.inside(urlsplit(request.url).hostname or "", address)
        known = of_exception(error, self.limits, received)
        if known:
            return known
        self.logger.error("%s: %r", request.url, error)
        return Failure(FailureKind.CRASHED, f"{type(error).__name__}: {error}"[:300])

    def _of_response(self, job: FetchJob, response: Response) -> Fetched:
        assert response.request is not None  # noqa: S101  Scrapy sets it on all that it hands on
        fetched = outcome.answered(
            replace(self._fetched(job, None, response.request), final_url=response.url),
            response.status,
            response.headers.get,
            conditional=bool(job.etag or job.last_modified),
        )
        if fetched.failure or fetched.not_modified:
            return fetched
        names = b",".join(response.headers.getlist("Content-Encoding")).decode("latin-1")
        try:
            body = decoded(response.body, names, self.limits.max_bytes)
            response.request.meta[BUDGET].pay(len(body))
        except outcome.Refused as refusal:
            return replace(fetched, failure=refusal.failure)
        return replace(fetched, body=body)

    def _fetched(
        self, job: FetchJob, failure: Failure | None, request: Request | None = None
    ) -> Fetched:
        fetched = Fetched(job.key, job.url, datetime.now(UTC), failure=failure, step=job.step)
        if request is None:
            return fetched
        way: Way | None = request.meta.get(WAY)
        return replace(
            fetched,
            final_url=request.url,
            seconds=round(request.meta[BUDGET].spent, 3),
            moved_to=way.moved_to if way else "",
        )

    async def _send(self, number: int, fetched: Fetched) -> None:
        """Write a frame in a thread of its own, so that a busy parent stops no clock here."""
        await asyncio.get_running_loop().run_in_executor(
            self.pool, self.writer.send, number, fetched
        )


def _settings(limits: Limits) -> dict[str, Any]:
    return {
        "USER_AGENT": limits.user_agent,
        "CONCURRENT_ITEMS": 1,  # there are none: the default starts 100 tasks for each answer
        "CONCURRENT_REQUESTS": limits.concurrency,
        "CONCURRENT_REQUESTS_PER_DOMAIN": limits.per_host,
        "DOWNLOAD_DELAY": limits.delay,
        "DOWNLOAD_DELAY_JITTER": 0.0,
        "DOWNLOAD_TIMEOUT": limits.seconds,
        "DOWNLOAD_MAXSIZE": limits.max_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "DNS_RESOLVER": GuardedResolver,
        "INSIDE_ALLOWED": limits.allow_inside,
        "REDIRECT_MAX_TIMES": limits.redirects,
        "RETRY_TIMES": 1,
        "RETRY_HTTP_CODES": [500, 502, 504],  # a stumble; 429 and 503 ask for more patience
        "RETRY_EXCEPTIONS": [
            "scrapy.exceptions.DownloadFailedError",
            "scrapy.exceptions.ResponseDataLossError",
        ],
        "RETRY_GIVE_UP_LOG_LEVEL": "DEBUG",
        "ROBOTSTXT_OBEY": True,  # for pages; requests for feeds say that they do not
        "REACTOR_THREADPOOL_MAXSIZE": limits.concurrency + 8,  # DNS look-ups that hang
        "SCRAPER_SLOT_MAX_ACTIVE_SIZE": 2_000_000,  # bytes that wait for the parent
        "LOG_LEVEL": "ERROR",
        "TELNETCONSOLE_ENABLED": False,
        # Only what is named here takes part: no proxies, no cookies, no caches, no referers.
        "EXTENSIONS_BASE": {},
        "SPIDER_MIDDLEWARES_BASE": {},
        "DOWNLOAD_HANDLERS_BASE": {},
        "DOWNLOAD_HANDLERS": {"http": GuardedHandler, "https": GuardedHandler},
        "DOWNLOADER_MIDDLEWARES_BASE": {},
        "DOWNLOADER_MIDDLEWARES": {
            Robots: 100,
            "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
            Credentials: 510,
            "scrapy.downloadermiddlewares.retry.RetryMiddleware": 550,
            Decompression: 590,
            Redirects: 600,
        },
    }
