"""The fetching process: `python -m collectors.child`, started by `collectors.fetch` only.

Reads limits and jobs from stdin, writes frames to stdout. stdin stays open for as long as the
parent lives: its end, however it came, ends this process at once.
"""

from __future__ import annotations

import os
import sys
import threading

from collectors import frames
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

    from collectors.crawl import crawl  # noqa: PLC0415  Scrapy takes a while; jobs are read first

    with os.fdopen(out, "wb", buffering=0) as stream:
        crawl(jobs, limits, stream)


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
