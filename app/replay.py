"""Run the pipeline on captured feeds served over loopback: `vigie replay`, `make replay`.

FOLDER holds index.json (a list of entries with at least `file`) and the files it names. The feeds
are served without validators, so that a second run reads everything again; it must add no article.
"""

from __future__ import annotations

import json
import mimetypes
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from app.demo.summary import Counts, FailedSource, count, failures
from app.folder import Folder, clock, starter
from app.meter import Meter
from app.pipeline.collect import Collected, collect
from app.pipeline.enriching import embed_all as embed
from app.pipeline.enriching import embed_for_grouping, place_all, read_all, vectors_in_force
from app.progress import Progress
from enrich.reading import Reader
from vigie.errors import Problem, SettingsError

_MAIN = """[paths]
archive = "archive.db"
desk = "desk.db"

[collect]
per_host = 16
delay = 0.0
allow_inside = ["127.0.0.0/8"]

[[edition]]
id = "replay"
title = { fr = "Rejeu", nl = "Herhaling", de = "Wiederholung", en = "Replay" }
"""


@dataclass(frozen=True, slots=True)
class Captured:
    """One captured feed: where its bytes are, and what it is called."""

    id: str
    path: Path
    title: str


@dataclass(slots=True)
class Outcome:
    """The whole of replay.json."""

    data: str
    feeds: int
    read: int
    refused: tuple[FailedSource, ...]
    items: int
    new: int
    second_run_new: int
    second_run_revised: int
    counts: Counts
    models: tuple[str, ...]
    seconds: dict[str, float] = field(default_factory=dict)
    peak_megabytes: dict[str, int] = field(default_factory=dict)


def captured(data: Path) -> list[Captured]:
    """The feeds that index.json lists. Raises SettingsError naming what is missing."""
    index = data / "index.json"
    try:
        entries = json.loads(index.read_text("utf-8"))
        names = [str(entry["file"]) for entry in entries]
    except (OSError, ValueError, KeyError, TypeError) as error:
        expected = "a list of entries, each with a `file`"
        raise SettingsError([Problem(str(index), "", str(error), expected)]) from error
    missing = [name for name in names if not (data / name).is_file()]
    if missing:
        problems = [Problem(str(index), "file", name, "a file in this folder") for name in missing]
        raise SettingsError(problems)
    return [
        Captured(f"feed-{place:04}", data / name, str(entry.get("title") or name))
        for place, (name, entry) in enumerate(zip(names, entries, strict=True))
    ]


@contextmanager
def served(feeds: Sequence[Captured]) -> Iterator[str]:
    """Serve the captured bytes as they are; gives the server's address."""
    by_path = {f"/{feed.id}": feed.path for feed in feeds}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = by_path.get(self.path)
            body = path.read_bytes() if path else b""
            self.send_response(200 if path else 404)
            if path:
                kind, packed = mimetypes.guess_type(path.name)
                self.send_header("Content-Type", kind or "application/xml")
                if packed == "gzip":
                    self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """A replay has its own report."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def replay(data: Path, home: Path, progress: Progress) -> Outcome:
    """Two runs over the captured feeds, in a fresh `home`."""
    feeds = captured(data)
    shutil.rmtree(home, ignore_errors=True)
    meter = Meter()
    with served(feeds) as base_url:
        _write_settings(home, feeds, base_url)
        folder = Folder.at(home)
        first, models = _run(folder, meter, progress, "")
        second, _ = _run(folder, meter, progress, "second ")
    with folder.reading() as db:
        counts = count(db)
    return Outcome(
        data=data.name,
        feeds=len(feeds),
        read=len(feeds) - len(first.failed),
        refused=failures(first),
        items=first.items,
        new=first.new,
        second_run_new=second.new,
        second_run_revised=second.revised,
        counts=counts,
        models=models,
        seconds={stage: round(took, 2) for stage, took in meter.seconds.items()},
        peak_megabytes={stage: size // 1_000_000 for stage, size in meter.peak_bytes.items()},
    )


def _run(
    folder: Folder, meter: Meter, progress: Progress, prefix: str
) -> tuple[Collected, tuple[str, ...]]:
    now, settings = clock(), folder.settings
    with folder.lock(), folder.archive(now) as db:
        with meter.stage(f"{prefix}collect"):
            collected = collect(db, settings, now, progress, everything=True)
        with meter.stage(f"{prefix}read"):
            reader = Reader(settings)
            read_all(db, reader, now, progress)
        with meter.stage(f"{prefix}embed"):
            vectors, _ = embed_for_grouping(db, now, now, progress)
            embedder, model = vectors_in_force(db, settings, now)
            embed(db, embedder, model, now, progress)
        with meter.stage(f"{prefix}group"):
            place_all(db, settings, vectors, now, progress)
    return collected, (reader.revision, f"{embedder.name}@{embedder.revision}")


def _write_settings(home: Path, feeds: Sequence[Captured], base_url: str) -> None:
    config = home / "config"
    config.mkdir(parents=True)
    (config / "vigie.toml").write_text(_MAIN, encoding="utf-8")
    for name in ("themes.toml", "gazetteer.toml"):
        (config / name).write_text(starter(name), encoding="utf-8")
    blocks = [
        f'[[source]]\nid = "{feed.id}"\ntitle = {json.dumps(feed.title[:300])}\n'
        f'url = "{base_url}/{feed.id}"\nrights = "excerpt"\n'
        for feed in feeds
    ]
    (config / "sources.toml").write_text("\n".join(blocks), encoding="utf-8")


def write(outcome: Outcome, path: Path) -> None:
    """The outcome as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asdict(outcome), ensure_ascii=False, indent=2)
    path.write_text(text + "\n", encoding="utf-8")


def lines(outcome: Outcome) -> Iterator[str]:
    """The outcome as a person reads it."""
    counts = outcome.counts
    yield f"Feeds       {outcome.read} of {outcome.feeds} read"
    for refused in outcome.refused:
        yield f"              {refused.source}: {refused.detail}"
    yield f"Items       {outcome.items}, of which {outcome.new} articles"
    yield f"Languages   {', '.join(f'{code} {n}' for code, n in counts.languages.items())}"
    yield f"Entities    {counts.entities}, named {counts.mentions} times"
    yield f"Themes      on {counts.articles_with_theme} articles"
    yield f"Groups      {counts.duplicates} near-duplicates folded"
    yield (
        f"Stories     {counts.stories_of_several} of several articles, "
        f"{counts.stories_across_languages} across languages"
    )
    yield f"Quarantine  {counts.quarantined}"
    yield f"Second run  {outcome.second_run_new} new, {outcome.second_run_revised} revised"
    for stage, took in outcome.seconds.items():
        yield f"  {stage:<16}{took:8.2f} s {outcome.peak_megabytes[stage]:6} MB at most"
