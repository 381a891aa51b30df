"""How fast an issue is sent: personalised messages a second over loopback SMTP, and memory.

    python bench/mailing.py                    # 400, then 20,000 recipients
    python bench/mailing.py --recipients 400 --dkim

The sender runs in a process of its own, so that its CPU seconds and its peak of memory are its own;
the server is another process, which counts and throws away. Recipients read four languages and have
three of sixteen themes each. The same number of ready-made messages sent by bare smtplib, over one
connection to the same server, is what it is compared with.
"""

from __future__ import annotations

import argparse
import itertools
import json
import multiprocessing
import resource
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiosmtpd.controller import Controller

from app.folder import Folder, write_starter
from app.pipeline import mailing
from vigie.archive import desk as desk_rows
from vigie.archive import issues, people
from vigie.archive.people import NewRecipient
from vigie.model import Issue, IssueItem, Section
from vigie.schema import LANGUAGES

NOW = datetime(2027, 1, 6, 8, 0, tzinfo=UTC)
ITEMS = 60
THEMES = 3


class _Counting:
    """Takes every message and keeps its recipient only."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def handle_DATA(self, _server: object, _session: object, envelope: object) -> str:  # noqa: N802
        with self._path.open("a") as file:
            file.write("".join(f"{one}\n" for one in envelope.rcpt_tos))  # type: ignore[attr-defined]
        return "250 taken"


def _serve(port: int, path: Path, ready: object) -> None:
    Controller(_Counting(path), hostname="127.0.0.1", port=port).start()
    ready.set()  # type: ignore[attr-defined]
    time.sleep(1e6)


@contextmanager
def server(path: Path) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    ready = multiprocessing.Event()
    process = multiprocessing.Process(target=_serve, args=(port, path, ready), daemon=True)
    process.start()
    ready.wait(30)
    try:
        yield port
    finally:
        process.terminate()


def prepare(home: Path, port: int, recipients: int, *, dkim: bool) -> None:
    """A folder with a published issue of 60 items and that many recipients."""
    write_starter(home)
    path = home / "config" / "vigie.toml"
    text = path.read_text("utf-8")
    text = text.replace('host = "localhost"\nport = 25', f'host = "127.0.0.1"\nport = {port}')
    text = text.replace("per_minute = 600", "per_minute = 100000")
    text = text.replace("per_domain = 120", "per_domain = 100000")
    text = text.replace('url = ""  ', 'url = "https://veille.example"  ')
    text = text.replace('languages = ["fr"]', 'languages = ["fr", "nl", "de", "en"]')
    text = text.replace('return_path = ""  ', 'return_path = "retours@veille.example"  ')
    if dkim:
        key = ["openssl", "genrsa", "-out", str(home / "dkim.pem"), "2048"]
        subprocess.run(key, check=True, capture_output=True)
        signing = '[mail.dkim]\nkey = "dkim.pem"\nselector = "bench"\n\n[bounces]'
        text = text.replace("[bounces]", signing)
    path.write_text(text, encoding="utf-8")
    folder = Folder.at(home)
    themes = [theme.id for theme in folder.settings.sections(folder.settings.editions[0])]
    choices = list(itertools.combinations(themes, THEMES))
    with folder.archive(NOW) as archive, folder.desk() as desk:
        _publish(archive, folder, themes)
        desk.execute("PRAGMA synchronous = OFF")
        for n in range(recipients):
            person = NewRecipient(
                name=f"Prénom{n} Nom",
                address=f"p{n}@structure{n % 120}.example",
                language=LANGUAGES[n % 4],
                structure=f"Structure {n % 120}",
                editions=("normandie",),
                legal_basis="legitimate interest",
                origin="bench",
                themes=choices[(n * 7) % len(choices)],
            )
            people.add_recipient(desk, person, NOW)


def _publish(archive: object, folder: Folder, themes: list[str]) -> None:
    item = IssueItem(
        article=0,
        revision=1,
        story="",
        section="",
        rank=1,
        title="Un titre de longueur ordinaire pour une nouvelle de la région",
        excerpt="Quelques mots de la source, assez pour savoir de quoi il retourne. " * 3,
        url="https://news.example.org/1",
        source="Journal",
        reliability="B",
        published=NOW,
        language="fr",
        place="Le Havre",
        themes=(),
        sources=("A", "B"),
        why="retenu par mc : utile pour les ports ; repris par 2 sources",
    )
    items = [
        IssueItem(**{**{f: getattr(item, f) for f in item.__slots__}, "section": themes[n % 16],
                     "story": f"s-{n}", "article": n, "rank": n // 16 + 1})
        for n in range(ITEMS)
    ]  # fmt: skip
    edition = folder.settings.editions[0]
    labels = {theme.id: dict(theme.labels) for theme in folder.settings.themes}
    issue = Issue(
        id="normandie-2026Q4",
        edition="normandie",
        title=dict(edition.title),
        period="2026Q4",
        start=NOW - timedelta(days=90),
        end=NOW,
        revision=1,
        sections=tuple(Section(theme, labels[theme]) for theme in themes),
        items=tuple(items),
        drafted_at=NOW,
        publisher="Région",
        contact="veille@example.org",
    )
    archive.execute("PRAGMA foreign_keys = OFF")  # type: ignore[attr-defined]  # no articles here
    issues.publish(archive, issues.Freeze(issue, [], issue.title["fr"], "mc", NOW))


def send(home: Path) -> None:
    """The measured process: prints what it took as JSON."""
    folder = Folder.at(home)
    begun, cpu = time.perf_counter(), time.process_time()
    with folder.lock(), folder.archive(NOW) as archive, folder.desk() as desk:
        loaded = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        done = mailing.send(folder, archive, desk, "normandie-2026Q4", NOW)
        left = desk_rows.unsettled(desk, "normandie-2026Q4", 1)
    print(
        json.dumps(
            {
                "sent": sum(done.counts.values()),
                "unsettled": len(left),
                "error": done.error,
                "seconds": time.perf_counter() - begun,
                "cpu": time.process_time() - cpu,
                "loaded_kb": loaded,
                "peak_kb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
            }
        )
    )


def bare(port: int, number: int, message: bytes) -> tuple[float, float]:
    """Seconds, and CPU seconds, that smtplib alone takes for as many ready-made messages."""
    begun, cpu = time.perf_counter(), time.process_time()
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        for n in range(number):
            smtp.sendmail("veille@example.org", [f"p{n}@structure.example"], message)
    return time.perf_counter() - begun, time.process_time() - cpu


def sample(home: Path) -> bytes:
    folder = Folder.at(home)
    with folder.reading() as archive, folder.desk() as desk:
        address = "p0@structure0.example"
        shown = mailing.preview(folder, archive, desk, "normandie-2026Q4", address, NOW)
    return shown.message


def measure(number: int, *, dkim: bool) -> None:
    with tempfile.TemporaryDirectory() as name, server(Path(name) / "got") as port:
        home = Path(name) / "home"
        prepare(home, port, number, dkim=dkim)
        message = sample(home)
        command = [sys.executable, __file__, "--send", str(home)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        took = json.loads(done.stdout)
        served = Counter((Path(name) / "got").read_text().split())
        once = len(served) == number and set(served.values()) == {1}
        some = min(number, 2000)
        plain, plain_cpu = (part * number / some for part in bare(port, some, message))
    print(
        f"{number} recipients{', signed' if dkim else ''}: "
        f"{'all once' if once else 'NOT ALL ONCE'}, "
        f"{number / took['seconds']:.0f} messages/s ({number / took['cpu']:.0f} per CPU second), "
        f"{took['seconds'] / plain:.1f} times the time and {took['cpu'] / plain_cpu:.1f} times the "
        f"CPU of bare smtplib with a message of {len(message)} bytes, "
        f"peak {took['peak_kb'] / 1024:.0f} MB ({took['loaded_kb'] / 1024:.0f} before)"
        f"{took['error'] and '; ' + took['error']}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recipients", type=int, nargs="*", default=[400, 20_000])
    parser.add_argument("--dkim", action="store_true")
    parser.add_argument("--send", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.send:
        send(options.send)
        return
    for number in options.recipients:
        measure(number, dkim=options.dkim)


if __name__ == "__main__":
    main()
