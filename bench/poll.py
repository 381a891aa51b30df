"""Vigie's collect stage as a runner that an outside driver can time.

    python bench/poll.py --manifest FEEDS.json --state FOLDER --phase first --out OUTCOME.json

The manifest lists feeds ({"feeds": [{"url": ...}]}). FOLDER keeps the settings and the archive from
one phase to the next; the phase `due` asks only those whose time has come, by a clock that may be
put forward. The outcome file says, for each address, its items, its error and when it was done;
seconds, CPU and memory are for the driver to read from outside.
"""

from __future__ import annotations

import argparse
import json
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from app.pipeline.collect import Collected

_REQUESTS = 64  # at once: all feeds of the bench share one host, which asks for no politeness
_MAIN = """[paths]
archive = "archive.db"
desk = "desk.db"

[collect]
seconds = {seconds}
per_host = {requests}
concurrency = {requests}
delay = 0.0
allow_inside = {inside}

[[edition]]
id = "bench"
title = {{ fr = "Mesure", nl = "Meting", de = "Messung", en = "Bench" }}
"""


def main() -> None:
    # Here, not above: the processes that parse load this module too, as Python's spawn has it.
    from app.folder import Folder, clock  # noqa: PLC0415
    from app.pipeline.collect import Collected, collect  # noqa: PLC0415
    from vigie import __version__  # noqa: PLC0415

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--manifest", type=Path, required=True)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--phase", choices=("first", "second", "due", "search"), required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--workers", type=int, default=20, help="the driver's word for peers")
    parser.add_argument("--seconds", type=float, default=30.0, help="budget of one source")
    parser.add_argument("--forward", type=float, default=0.0, help="seconds added to the clock")
    options = parser.parse_args()
    urls = [feed["url"] for feed in json.loads(options.manifest.read_text("utf-8"))["feeds"]]
    if options.phase == "first":
        write_settings(options.state, urls, options.seconds)
    folder, now = Folder.at(options.state), clock() + timedelta(seconds=options.forward)
    start = time.perf_counter()
    with folder.archive(now) as db:
        # Full text is indexed as articles are stored: there is nothing left for a search phase.
        done = (
            Collected()
            if options.phase == "search"
            else collect(db, folder.settings, now, everything=options.phase != "due")
        )
        (total,) = db.execute("SELECT count(*) FROM articles_fts").fetchone()
    seconds = time.perf_counter() - start
    text = json.dumps({**outcome(done, urls, seconds), "version": __version__, "total": total})
    options.out.write_text(text, encoding="utf-8")


def write_settings(home: Path, urls: list[str], seconds: float) -> None:
    config = home / "config"
    config.mkdir(parents=True, exist_ok=True)
    hosts = {urlsplit(url).hostname or "" for url in urls}
    inside = json.dumps(sorted(f"{host}/32" for host in hosts))  # those and no other
    text = _MAIN.format(requests=_REQUESTS, seconds=seconds, inside=inside)
    (config / "vigie.toml").write_text(text, encoding="utf-8")
    for name in ("themes.toml", "gazetteer.toml"):
        (config / name).write_text("", encoding="utf-8")
    blocks = [
        f'[[source]]\nid = "f{place}"\ntitle = "Feed {place}"\nurl = {json.dumps(url)}\n'
        'rights = "excerpt"\n'
        for place, url in enumerate(urls)
    ]
    (config / "sources.toml").write_text("\n".join(blocks), encoding="utf-8")


def outcome(done: Collected, urls: list[str], seconds: float) -> dict[str, object]:
    """What the driver reads. All sources end within the run; when each did is not kept."""
    by_url = {urls[int(one.source.removeprefix("f"))]: one for one in done.outcomes}
    return {
        "items": {url: one.items for url, one in by_url.items()},
        "errors": {
            url: f"{one.failure.kind}: {one.failure.detail}"
            for url, one in by_url.items()
            if one.failure
        },
        "done": {url: round(seconds, 2) for url in by_url},
        "seconds": seconds,
    }


if __name__ == "__main__":
    main()
