"""The lean way to fetch: libcurl, for all that is no page. Runs in the child process.

Each connection is made to the very address that was checked: libcurl is told a name's addresses,
and asks for a socket by the one that it is about to connect to; for one inside it gets none.
Redirects are decided here, by the rules that pages have too. Proxies of the environment do not
count.
"""

from __future__ import annotations

import socket
import threading
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from queue import SimpleQueue
from select import select
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import pycurl  # type: ignore[import-untyped]  # it ships no types

from collectors import encodings, outcome
from collectors.budgets import ROOM, Budget, Ledger, Purses
from collectors.frames import FrameWriter
from collectors.guard import is_inside
from collectors.names import Names, is_literal
from collectors.outcome import Refused
from collectors.redirects import Way, escaped, host_of, onward
from collectors.transfer_faults import PASSING, of_code
from collectors.transfer_line import Line, Request
from collectors.turns import Turns
from vigie.model import Failure, FailureKind, Fetched, FetchJob, Limits

_UNSENT = 2_000_000  # bytes of answers that wait for the parent; with more, nothing new is asked
_STUMBLES = (500, 502, 504)  # asked once more; 429 and 503 ask for more patience
_PAUSE = 1.0  # seconds without a look around, at most
_LOOK_UPS = 4  # threads for names, for each request at once: some may hang


def transfer(
    jobs: Mapping[int, FetchJob],
    limits: Limits,
    writer: FrameWriter,
    room: int = ROOM,
) -> None:
    """Fetch all jobs, by their numbers, and write a frame for each; returns when all is done.

    `room`: bytes of all bodies on their way.
    """
    bell = _Bell()
    sender = _Sender(limits, writer, bell)
    try:
        _Transfers(jobs, limits, sender, bell, room).run()
    finally:
        sender.close()


class _Bell:
    """Wakes the transfers from another thread."""

    def __init__(self) -> None:
        self.ear, self._mouth = socket.socketpair()
        self.ear.setblocking(False)
        self._mouth.setblocking(False)

    def ring(self) -> None:
        with suppress(BlockingIOError):  # it has rung often enough
            self._mouth.send(b"!")

    def hush(self) -> None:
        with suppress(BlockingIOError):
            self.ear.recv(4096)


class _Sender:
    """Decodes answers and hands them on, one at a time, in a thread of its own.

    So a busy parent stops no clock of the transfers.
    """

    def __init__(self, limits: Limits, writer: FrameWriter, bell: _Bell) -> None:
        self.sent: deque[Budget] = deque()  # whose bodies were let go since the last look
        self._limits = limits
        self._writer = writer
        self._bell = bell
        self._queue: SimpleQueue[tuple[Budget, Fetched, Request | None] | None] = SimpleQueue()
        self._fault: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def send(self, budget: Budget, fetched: Fetched, answer: Request | None = None) -> None:
        """`answer` where there is a body to decode."""
        self.check()
        self._queue.put((budget, fetched, answer))

    def check(self) -> None:
        """Raise what befell the thread."""
        if self._fault:
            raise self._fault

    def close(self) -> None:
        self._queue.put(None)
        self._thread.join()
        self.check()

    def _run(self) -> None:
        try:
            while (item := self._queue.get()) is not None:
                budget, fetched, answer = item
                if answer is not None:
                    fetched = self._with_body(budget, fetched, answer)
                self._writer.send(budget.number, fetched)
                if budget.held:
                    self.sent.append(budget)
                    self._bell.ring()
                del item, answer, fetched
        except BaseException as fault:  # noqa: BLE001  raised again where the transfers are
            self._fault = fault
            self._bell.ring()

    def _with_body(self, budget: Budget, fetched: Fetched, answer: Request) -> Fetched:
        names = b",".join(answer.headers("Content-Encoding")).decode("latin-1")
        body, answer.body = b"".join(answer.body), []
        try:
            body = encodings.decoded(body, names, self._limits.max_bytes)
            budget.pay(len(body))
        except Refused as refusal:
            return replace(fetched, failure=refusal.failure)
        return replace(fetched, body=body)


class _Transfers:
    """All requests: those that wait, those on their way, and what becomes of them."""

    def __init__(
        self,
        jobs: Mapping[int, FetchJob],
        limits: Limits,
        sender: _Sender,
        bell: _Bell,
        room: int,
    ) -> None:
        self._jobs = jobs
        self._limits = limits
        self._sender = sender
        self._bell = bell
        self._ledger = Ledger(room)
        self._names = Names(_LOOK_UPS * limits.concurrency, bell.ring)
        self._looking: dict[str, list[Request]] = {}  # by host, until its name is known
        self._turns: Turns[Request] = Turns(limits.per_host, limits.delay)
        self._lines: dict[Any, Line] = {}  # by handle, of those at work
        self._idle: list[Line] = []
        self._put_off: list[Request] = []
        self._unsent = 0
        self._left = 0  # jobs not yet answered
        self._multi: Any = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_MAXCONNECTS, limits.concurrency)

    def run(self) -> None:
        self._left = len(self._jobs)
        purses = Purses(self._limits)
        for number, job in self._jobs.items():
            budget = purses.budget(number, job)
            try:
                url = escaped(job.url)
                host = host_of(url)
            except ValueError:
                self._answer(budget, self._fetched(job, None, outcome.NO_ADDRESS))
            else:
                self._turns.add(host, Request(job, budget, Way(url), host))
        while self._left:
            self._settle()
            self._start()
            self._multi.perform()
            self._finish()
            if self._left:
                self._wait()
        self._multi.close()

    def _settle(self) -> None:
        """Let go of what was sent, and of what waited for room."""
        self._sender.check()
        while self._sender.sent:
            budget = self._sender.sent.popleft()
            self._unsent -= budget.held
            self._ledger.release(budget)
        if self._put_off and self._ledger.has_room:
            for request in self._put_off:
                self._turns.add(request.host, request)
            self._put_off = []
        for host in self._names.take():
            for request in self._looking.pop(host, ()):
                self._connect(request)
        now = monotonic()
        for host, requests in list(self._looking.items()):
            for request in [request for request in requests if request.until <= now]:
                requests.remove(request)
                self._over(request)
                self._fail(request, outcome.timeout(self._limits, 0))
            if not requests:
                del self._looking[host]

    @property
    def _places(self) -> int:
        """How many more requests may be on their way."""
        if self._unsent > _UNSENT:
            return 0
        looking = sum(map(len, self._looking.values()))
        return self._limits.concurrency - len(self._lines) - looking

    def _start(self) -> None:
        while self._places > 0:
            now = monotonic()
            turn = self._turns.next(now)
            if turn is None:
                return
            _, request = turn
            try:
                left = request.budget.left
            except Refused as refusal:
                left, failure = 0.0, refusal.failure
            else:
                failure = outcome.timeout(self._limits, 0)
            request.begin(now, left)
            if left > 0:
                self._look_up(request)
            else:
                self._over(request)
                self._fail(request, failure)

    def _look_up(self, request: Request) -> None:
        host = request.host
        if is_literal(host) or self._names.known(host) is not None:
            return self._connect(request)
        if host not in self._looking:
            self._names.ask(host)
        self._looking.setdefault(host, []).append(request)
        return None

    def _connect(self, request: Request) -> None:
        """Hand a request to libcurl, with the addresses that may be connected to."""
        found = self._names.known(request.host) or ()
        outside = [one for one in found if not is_inside(one, self._limits.allow_inside)]
        if not outside and not is_literal(request.host):
            self._over(request)
            failure = outcome.inside(request.host, found[0]) if found else outcome.DNS
            return self._fail(request, failure)
        line = self._idle.pop() if self._idle else Line(self._limits, self._ledger)
        line.take(request, outside, monotonic())
        self._lines[line.handle] = line
        self._multi.add_handle(line.handle)
        return None

    def _over(self, request: Request) -> None:
        """A request has ended, however it did: its time is counted, its host free again."""
        request.budget.spend(monotonic() - request.began)
        self._turns.done(request.host)

    def _finish(self) -> None:
        more = 1
        while more:
            more, well, ill = self._multi.info_read()
            for handle in well:
                self._ended(handle, pycurl.E_OK, "")
            for handle, code, message in ill:
                self._ended(handle, code, message)

    def _ended(self, handle: Any, code: int, message: str) -> None:
        line = self._lines.pop(handle)
        request = line.give_back()
        request.status = handle.getinfo(pycurl.RESPONSE_CODE)
        system = handle.getinfo(pycurl.OS_ERRNO)
        self._multi.remove_handle(handle)
        self._idle.append(line)
        self._over(request)
        if request.put_off:
            self._drop_body(request)
            request.budget.refund()
            self._put_off.append(request)
        elif code == pycurl.E_OK:
            self._answered(request)
        elif code in PASSING and not request.again:
            self._once_more(request)
        else:
            self._fail(request, self._named(request, code, message, system))

    def _answered(self, request: Request) -> None:
        location = request.header("Location")
        try:
            way = onward(request.way, request.status, location, self._limits.redirects)
        except Refused as refusal:
            return self._fail(request, refusal.failure)
        if way is not None:
            self._drop_body(request)
            request.way, request.host = way, host_of(way.url)
            return self._turns.add(request.host, request, first=True)
        if request.status in _STUMBLES and not request.again:
            return self._once_more(request)
        fetched = outcome.answered(
            self._fetched(request.job, request, None),
            request.status,
            request.header,
            conditional=bool(request.job.etag or request.job.last_modified),
        )
        bare = fetched.failure or fetched.not_modified
        return self._answer(request.budget, fetched, None if bare else request)

    def _drop_body(self, request: Request) -> None:
        request.body = []
        self._ledger.release(request.budget)

    def _once_more(self, request: Request) -> None:
        self._drop_body(request)
        request.again = True
        self._turns.add(request.host, request, first=True)

    def _named(self, request: Request, code: int, message: str, system: int) -> Failure:
        if request.verdict:
            return request.verdict
        if request.inside and not request.outside:
            return outcome.inside(urlsplit(request.way.url).hostname or "", request.inside)
        known = of_code(code, message, system, self._limits, request.received)
        return known or Failure(FailureKind.CRASHED, f"libcurl {code}: {message}"[:300])

    def _fail(self, request: Request, failure: Failure) -> None:
        self._answer(request.budget, self._fetched(request.job, request, failure))

    def _answer(self, budget: Budget, fetched: Fetched, answer: Request | None = None) -> None:
        self._left -= 1
        self._unsent += budget.held
        self._sender.send(budget, fetched, answer)

    def _fetched(self, job: FetchJob, request: Request | None, failure: Failure | None) -> Fetched:
        fetched = Fetched(job.key, job.url, datetime.now(UTC), failure=failure, step=job.step)
        if request is None:
            return fetched
        return replace(
            fetched,
            final_url=request.way.url,
            seconds=round(request.budget.spent, 3),
            moved_to=request.way.moved_to,
        )

    def _wait(self) -> None:
        """Until something comes, a time is up, or another thread has rung."""
        now = monotonic()
        ends = [request.until - now for some in self._looking.values() for request in some]
        rest = self._turns.rest(now) if self._places > 0 else None
        due = self._multi.timeout()  # milliseconds, -1 where none is set
        ends += [] if rest is None else [rest]
        ends += [due / 1000] if due >= 0 else []
        reading, writing, failing = self._multi.fdset()
        select([*reading, self._bell.ear], writing, failing, max(0.0, min(_PAUSE, *ends, _PAUSE)))
        self._bell.hush()
