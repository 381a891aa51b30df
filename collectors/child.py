"""The fetching process: `python -m collectors.child`, started by `collectors.fetch` only.

Reads limits and jobs from stdin, writes frames to stdout. stdin stays open for as long as the
parent lives: its end, however it came, ends this process at once.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Mapping
from urllib.parse import urlsplit

from collectors import frames
from collectors.budgets import ROOM
from collectors.frames import FrameWriter
from vigie.model import FetchJob, Limits


def main() -> None:
    """Fetch what stdin asks for, then return."""
    told = _told()
    if told is None:
        return
    limits, jobs = told
    threading.Thread(target=_end_with_parent, daemon=True).start()
    out = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what libraries print is no frame
    with os.fdopen(out, "wb", buffering=0) as stream:
        fetch_all(dict(enumerate(jobs)), limits, FrameWriter(stream))


def fetch_all(jobs: Mapping[int, FetchJob], limits: Limits, writer: FrameWriter) -> None:
    """Fetch all jobs: pages by Scrapy, all else by libcurl, at once where there are both.

    Each is loaded only where it is needed: Scrapy takes a second, and most runs have no pages.
    """
    pages = for_pages(jobs)
    others = {number: job for number, job in jobs.items() if number not in pages}
    if not pages:
        from collectors.transfer import transfer  # noqa: PLC0415

        return transfer(others, limits, writer)
    from collectors.crawl import crawl  # noqa: PLC0415

    if not others:
        return crawl(pages, limits, writer)
    return _both(pages, others, limits, writer)


def for_pages(jobs: Mapping[int, FetchJob]) -> dict[int, FetchJob]:
    """The jobs that Scrapy does: pages, and what else goes to their hosts or is of their sources.

    So each host is asked by one of the two only, and is asked politely; redirects aside.
    """
    numbers: set[int] = set()
    found = {number for number, job in jobs.items() if job.accept == "page"}
    while found - numbers:
        numbers |= found
        hosts = {_host(jobs[number]) for number in numbers}
        keys = {jobs[number].key for number in numbers}
        found = {n for n, job in jobs.items() if job.key in keys or _host(job) in hosts}
    return {number: job for number, job in jobs.items() if number in numbers}


def _host(job: FetchJob) -> str:
    try:
        return urlsplit(job.url).hostname or ""
    except ValueError:
        return ""


def _both(
    pages: Mapping[int, FetchJob],
    others: Mapping[int, FetchJob],
    limits: Limits,
    writer: FrameWriter,
) -> None:
    """libcurl in a thread, since Twisted wants the main one; each has half of the room."""
    from collectors.crawl import crawl  # noqa: PLC0415
    from collectors.transfer import transfer  # noqa: PLC0415

    faults: list[BaseException] = []

    def run() -> None:
        try:
            transfer(others, limits, writer, ROOM // 2)
        except BaseException as fault:  # noqa: BLE001  raised again below
            faults.append(fault)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    crawl(pages, limits, writer, ROOM // 2)
    thread.join()
    if faults:
        raise faults[0]


def _told() -> tuple[Limits, list[FetchJob]] | None:
    """Limits and jobs, or None where the parent ended before all was said."""
    lines = iter(sys.stdin.buffer.readline, b"")
    first = next(lines, None)
    if first is None:
        return None
    jobs: list[FetchJob] = []
    for line in lines:
        if line == b"\n":
            return frames.read_limits(first), jobs
        jobs.append(frames.read_job(line))
    return None


def _end_with_parent() -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
