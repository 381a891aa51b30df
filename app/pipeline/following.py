"""Sources that need several addresses: what was read leads on, and all is put together.

A sitemap's index names sitemaps, a list of advisories names advisories. They are asked in rounds,
after everything else, within what is left of the source's own budget. A document that is listed as
it was when it was last read is not asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from vigie.model import Fetched, FetchJob, Item, Limits, ParsedFeed, SourceId, Unparsed

ROUNDS = 2  # after the first
MOST_FOLLOWED = 50  # addresses of one source in one poll
MOST_ITEMS = 5_000  # of all steps

_NOTHING: Mapping[SourceId, Mapping[str, str]] = MappingProxyType({})

Answer = tuple[Fetched, ParsedFeed]
Read = Mapping[SourceId, Mapping[str, str]]  # address to stamp of what need not be read again
Ask = Callable[[Sequence[FetchJob]], Iterable[Answer]]


def complete(
    jobs: Sequence[FetchJob], ask: Ask, limits: Limits, read: Read = _NOTHING
) -> Iterator[Answer]:
    """One answer for each source: as it comes, or when all that it led to has come too."""
    polls: dict[SourceId, _Poll] = {}
    for fetched, parsed in ask(jobs) if jobs else ():
        poll = _Poll(fetched, parsed, read.get(fetched.key, {}))
        if poll.take(parsed, fetched):
            polls[fetched.key] = poll
        else:
            yield poll.merged() if parsed.follow else (fetched, parsed)
    for step in range(1, ROUNDS + 1):
        wanted = [job for poll in polls.values() for job in poll.jobs(step, limits)]
        open_jobs = {key: len(poll.waiting) for key, poll in polls.items()}
        for fetched, parsed in ask(wanted) if wanted else ():
            polls[fetched.key].take(parsed, fetched)
            open_jobs[fetched.key] -= 1
            poll = polls[fetched.key]
            if not open_jobs[fetched.key] and (step == ROUNDS or not poll.wanted):
                yield polls.pop(fetched.key).merged()
    for poll in polls.values():
        yield poll.merged()


@dataclass(slots=True)
class _Poll:
    """One source's poll, as it grows."""

    first: Fetched
    start: ParsedFeed
    known: Mapping[str, str]  # address to stamp of what need not be read again
    further: list[tuple[Fetched, ParsedFeed]] = field(default_factory=list)
    wanted: dict[str, FetchJob] = field(default_factory=dict)  # for the next round, by address
    waiting: list[str] = field(default_factory=list)  # asked in this round
    asked: set[str] = field(default_factory=set)
    stamped: dict[str, FetchJob] = field(default_factory=dict)  # all that bear a stamp, by address
    led: int = 0  # addresses it has led to
    left_out: int = 0
    spared: bool = False  # a document need not be asked again

    def __post_init__(self) -> None:
        self.asked |= {self.first.url, self.first.final_url}
        self.first = _light(self.first)

    def take(self, parsed: ParsedFeed, fetched: Fetched) -> bool:
        """Note where an answer leads; True where that is somewhere."""
        if fetched.step:
            self.further.append((_light(fetched), parsed))
        for job in parsed.follow:
            if job.url in self.asked or job.url in self.wanted:
                continue
            if job.stamp and self.known.get(job.url) == job.stamp:
                self.spared = True
                continue
            if self.led < MOST_FOLLOWED:
                self.led += 1
                self.wanted[job.url] = job
                self.stamped |= {job.url: job} if job.stamp else {}
            else:
                self.left_out += 1
        return bool(self.wanted)

    def jobs(self, step: int, limits: Limits) -> list[FetchJob]:
        """The next round's, within what is left to the source: none where nothing is."""
        answers = [self.first, *(fetched for fetched, _ in self.further)]
        seconds = limits.seconds - sum(fetched.seconds for fetched in answers)
        size = limits.max_bytes - sum(fetched.size for fetched in answers)
        jobs = [
            replace(job, key=self.first.key, step=step, seconds=seconds, max_bytes=size)
            for job in self.wanted.values()
        ]
        self.wanted.clear()
        if seconds <= 0 or size <= 0:
            self.left_out += len(jobs)
            jobs = []
        self.waiting = [job.url for job in jobs]
        self.asked |= set(self.waiting)
        return jobs

    def merged(self) -> Answer:
        """All steps as one answer.

        Validators are left out: an unchanged index says nothing of what it leads to. A step that
        failed is noted; the poll has failed where no step gave anything.
        """
        parts = [self.start, *(parsed for _, parsed in self.further)]
        items = _items(self.start, [parsed for _, parsed in self.further])
        failures = [(f.url, p.failure or f.failure) for f, p in self.further]
        notes = [Unparsed(url, failure.detail, b"") for url, failure in failures if failure]
        left = self.left_out + len(self.wanted)
        if left:
            notes.append(Unparsed("follow", f"{left} addresses more than one poll may ask", b""))
        if len(items) > MOST_ITEMS:
            reason = f"{len(items)} items, of which the first {MOST_ITEMS} are read"
            notes.append(Unparsed("follow", reason, b""))
        unparsed = [note for part in parts for note in part.unparsed]
        failed = [failure for _, failure in failures if failure]
        nothing = not items and failed and len(failed) == len(self.further) and not self.spared
        answers = [self.first, *(fetched for fetched, _ in self.further)]
        waits = [one.retry_after for one in answers if one.retry_after is not None]
        fetched = replace(
            self.first,
            etag="",
            last_modified="",
            seconds=sum(one.seconds for one in answers),
            size=sum(one.size for one in answers),
            retry_after=max(waits, default=None),
        )
        return fetched, replace(
            self.start,
            items=tuple(items[:MOST_ITEMS]),
            unparsed=(*unparsed, *notes),
            failure=failed[0] if nothing else self.start.failure,
            follow=(),
            followed=tuple(self._read()),
        )

    def _read(self) -> Iterator[FetchJob]:
        """The documents that were read, and need not be while they are listed as they are."""
        for fetched, parsed in self.further:
            job = self.stamped.get(fetched.url)
            if job and not (fetched.failure or parsed.failure or parsed.unparsed):
                yield job


def _light(fetched: Fetched) -> Fetched:
    """Without its body, which has been read."""
    return replace(fetched, body=b"", size=fetched.size or len(fetched.body))


def _items(start: ParsedFeed, further: Sequence[ParsedFeed]) -> list[Item]:
    """All items; of two that are of one article, the one from the later step, which says more."""
    deeper = [item for part in further for item in part.items]
    known = {item.canonical_url for item in deeper} | {item.guid for item in deeper}
    known.discard("")
    return [
        *deeper,
        *(i for i in start.items if i.canonical_url not in known and i.guid not in known),
    ]
