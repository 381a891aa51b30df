"""The crawl: Scrapy with only the parts that fetching jobs needs. Runs in the child process.

Environment proxies are ignored (Scrapy's HttpProxyMiddleware is not among the middlewares): behind
one, the address connected to would be the proxy's, and nothing could be checked.
"""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from math import inf
from typing import IO, Any, Self
from urllib.parse import urlsplit

from scrapy import Request, Spider, signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.exceptions import CannotResolveHostError, StopDownload
from scrapy.http import Response
from twisted.python.failure import Failure as TwistedFailure

from collectors import frames, outcome
from collectors.middlewares import (
    BUDGET,
    CREDENTIAL,
    MOVED,
    Budget,
    Credentials,
    Decompression,
    GuardedHandler,
    GuardedResolver,
    Ledger,
    Purse,
    Redirects,
    Robots,
    refused_address,
)
from vigie.model import Failure, FailureKind, Fetched, FetchJob, Limits

_ACCEPT = {
    "feed": "application/rss+xml, application/atom+xml, application/feed+json,"
    " application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, */*;q=0.1",
    "page": "text/html, application/xhtml+xml;q=0.9, */*;q=0.1",
}


def crawl(jobs: Sequence[FetchJob], limits: Limits, stream: IO[bytes]) -> None:
    """Fetch all jobs and write a frame for each to `stream`; returns when all is done."""
    process = AsyncCrawlerProcess(_settings(limits))
    # A robots.txt that cannot be had is no error of ours: the page may then be fetched.
    logging.getLogger("scrapy.downloadermiddlewares.robotstxt").setLevel(logging.CRITICAL)
    process.crawl(FetchSpider, jobs=jobs, limits=limits, stream=stream)
    gc.freeze()  # what is loaded so far stays: collections look at the crawl only
    process.start(install_signal_handlers=False)


class FetchSpider(Spider):
    """One request for each job, one frame for each outcome."""

    name = "fetch"
    jobs: Sequence[FetchJob]
    limits: Limits
    stream: IO[bytes]

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.ledger = Ledger()
        spider.turn = asyncio.Lock()
        spider.purses = {}
        spider.writer = ThreadPoolExecutor(1)
        crawler.signals.connect(spider.ledger.received, signals.bytes_received)
        return spider

    ledger: Ledger
    turn: asyncio.Lock
    purses: dict[str, Purse]  # by job key, of sources that led to further addresses
    writer: ThreadPoolExecutor

    async def start(self) -> AsyncIterator[Any]:
        for number, job in enumerate(self.jobs):
            try:
                request = self._request(number, job)
            except ValueError:
                failure = Failure(FailureKind.CONNECT, "not a web address")
                await self._send(number, self._fetched(job, failure))
            else:
                yield request

    def _request(self, number: int, job: FetchJob) -> Request:
        """Raises ValueError where the address is none of the web's."""
        parts = urlsplit(job.url)
        if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
            raise ValueError(job.url)
        conditions = {"If-None-Match": job.etag, "If-Modified-Since": job.last_modified}
        known = {name: _raw(text) for name, text in conditions.items() if text.isprintable()}
        return Request(
            job.url,
            callback=self.answered,
            errback=self.failed,
            headers={
                "Accept": _ACCEPT.get(job.accept, "*/*").encode(),
                **{name: value for name, value in known.items() if value},
            },
            dont_filter=True,
            meta={
                BUDGET: Budget(
                    number, min(job.seconds or inf, self.limits.seconds), self._purse(job)
                ),
                CREDENTIAL: (job.auth, job.auth_for),
                "handle_httpstatus_all": True,
                "dont_obey_robotstxt": job.accept != "page",
            },
        )

    def _purse(self, job: FetchJob) -> Purse | None:
        """What all addresses that one source has led to may cost together."""
        if not job.step:
            return None
        seconds = min(job.seconds or inf, self.limits.seconds)
        return self.purses.setdefault(
            job.key, Purse(seconds, min(job.max_bytes or inf, self.limits.max_bytes))
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
            await self.ledger.room()
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
            host = urlsplit(request.url).hostname or ""
            where = host if host == address else f"{host} is {address}"
            return Failure(FailureKind.INSIDE, f"an inside address is never asked: {where}")
        known = outcome.of_exception(error, self.limits, received)
        if known:
            return known
        self.logger.error("%s: %r", request.url, error)
        return Failure(FailureKind.CRASHED, f"{type(error).__name__}: {error}"[:300])

    def _of_response(self, job: FetchJob, response: Response) -> Fetched:
        assert response.request is not None  # noqa: S101  Scrapy sets it on all that it hands on
        fetched = self._fetched(job, None, response.request)
        now = fetched.at
        wait = _header(response, "Retry-After")
        fetched = replace(
            fetched,
            final_url=response.url,
            status=response.status,
            content_type=_header(response, "Content-Type"),
            etag=_header(response, "ETag"),
            last_modified=_header(response, "Last-Modified"),
            retry_after=outcome.retry_after(wait, now) if wait else None,
            fresh_for=outcome.fresh_for(
                _header(response, "Cache-Control"), _header(response, "Expires"), now
            ),
            tdm=_header(response, "tdm-reservation").strip()[:1],
            tdm_policy=_header(response, "tdm-policy").strip(),
            failure=outcome.of_status(response.status, bool(job.etag or job.last_modified)),
        )
        if fetched.failure or fetched.not_modified:
            return fetched
        try:
            decompression = self.crawler.get_downloader_middleware(Decompression)
            assert decompression is not None  # noqa: S101  the settings below name it
            body = decompression.decoded(response.request, response).body
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
        return replace(
            fetched,
            final_url=request.url,
            seconds=round(request.meta[BUDGET].spent, 3),
            moved_to=request.meta.get(MOVED, ""),
        )

    async def _send(self, number: int, fetched: Fetched) -> None:
        """Write a frame in a thread of its own, so that a busy parent stops no clock here."""
        await asyncio.get_running_loop().run_in_executor(
            self.writer, _write, self.stream, frames.header(number, fetched), fetched.body
        )


def _write(stream: IO[bytes], *parts: bytes) -> None:
    for part in parts:
        rest = memoryview(part)
        while rest:
            rest = rest[stream.write(rest) :]


def _header(response: Response, name: str) -> str:
    value = response.headers.get(name) or b""
    return value.decode("latin-1")[:1000]


def _raw(value: str) -> bytes:
    """A stored header as the very bytes that came: `_header` reads them as Latin-1."""
    return value.encode("latin-1", "ignore")


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
