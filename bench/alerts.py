"""What a partner with two vendors and one theme receives in a year of CERT-FR, and how fast.

    python bench/alerts.py --data FOLDER              # certfr/advisories.jsonl.gz in it
    python bench/alerts.py --data FOLDER --second     # each again by an invented second issuer

Every revision of every advisory is stored at eight in the morning (UTC) of its day, as the parser
of CERT-FR reads it, then read and alerted as `vigie run` does, with mail over loopback SMTP. The
data hold each advisory's last text alone: an earlier revision is told in the words of the last.
Themes are those that rules tell (no vectors). With --second, the day after each revision the same
CVE numbers and vendors come again under another issuer's name, as a vendor's own advisory would.
"""

from __future__ import annotations

import argparse
import gzip
import json
import statistics
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.demo.smtp import Outbox
from app.folder import Folder, write_starter
from app.pipeline import alerting
from app.pipeline.enriching import read_new
from app.progress import Silent, for_terminal
from collectors.kinds import certfr
from enrich.reading import Reader
from vigie.archive import alerts, articles, people, readings, wishes
from vigie.archive.connect import transaction
from vigie.archive.people import NewRecipient
from vigie.archive.wishes import Wish
from vigie.errors import NotFoundError
from vigie.model import ArticleIntent, Fetched, Item, Novelty, Rights, Severity
from vigie.schema import ALERTS, LANGUAGES

SITE = "https://www.cert.ssi.gouv.fr/avis/{}/json/"
SOURCES = """
[[source]]
id = "cert-fr-avis"
title = "CERT-FR"
kind = "advisory"
url = "https://www.cert.ssi.gouv.fr/avis/feed/"
rights = "full"
reliability = "A"
advisory = { format = "certfr" }
"""
_INDUSTRY = ("industry-innovation",)
PARTNERS = {
    "Fortinet, Siemens, energy": Wish((), ("Fortinet", "Siemens"), ("energy",)),
    "Microsoft, Cisco, industry-innovation": Wish((), ("Microsoft", "Cisco"), _INDUSTRY),
    "the same, high and critical": Wish((), ("Microsoft", "Cisco"), _INDUSTRY, Severity.HIGH),
    "every advisory": Wish(),
}
RULES = '[[alert]]\nid = "every"\nsources = ["cert-fr-avis"]\nadvisories = true\n'


@dataclass(frozen=True, slots=True)
class Event:
    """A revision of an advisory, on the day it was published."""

    day: datetime
    item: Item


def events(path: Path, *, second: bool) -> list[Event]:
    with gzip.open(path) as file:
        rows = [json.loads(line) for line in file]
    found = [event for row in rows for event in _revisions(row)]
    if second:
        found += [_by_another(event) for event in found if event.item.advisory]
    return sorted(found, key=lambda event: (event.day, event.item.guid))


def _revisions(row: dict[str, object]) -> Iterator[Event]:
    every = row["revisions"]
    assert isinstance(every, list)
    for count in range(1, len(every) + 1):
        document = {**row, "revisions": every[:count]}
        body = json.dumps(document).encode()
        url = SITE.format(row["reference"])
        day = datetime.fromisoformat(every[count - 1]["revision_date"]).replace(tzinfo=UTC)
        day = day.replace(hour=8, minute=0, second=0, microsecond=0)
        fetched = Fetched("cert-fr-avis", url, day, final_url=url, status=200, body=body)
        (item,) = certfr.parse(fetched, "cert-fr-avis", body.decode()).items
        yield Event(day, item)


def _by_another(event: Event) -> Event:
    advisory = event.item.advisory
    assert advisory is not None
    url = f"https://maker.example/{advisory.reference}"
    said = replace(advisory, issuer="Maker", reference=f"M-{advisory.reference}")
    item = replace(event.item, url=url, canonical_url=url, guid=said.reference, advisory=said)
    return Event(event.day + timedelta(days=1), item)


def prepare(home: Path, port: int) -> Folder:
    write_starter(home)
    path = home / "config" / "vigie.toml"
    text = path.read_text("utf-8")
    text = text.replace('host = "localhost"\nport = 25', f'host = "127.0.0.1"\nport = {port}')
    text = text.replace("per_minute = 600", "per_minute = 100000")
    text = text.replace("per_domain = 120", "per_domain = 100000")
    path.write_text(text.replace('entities = "vigie"', 'entities = "gazetteer"'), encoding="utf-8")
    (home / "config" / "sources.toml").write_text(SOURCES, encoding="utf-8")
    (home / "config" / "alerts.toml").write_text(RULES, encoding="utf-8")
    folder = Folder.at(home)
    start = datetime(2023, 12, 1, tzinfo=UTC)
    with folder.desk() as desk:
        for number, (name, wish) in enumerate(PARTNERS.items()):
            person = NewRecipient(
                *(name, f"p{number}@partner.example", "fr", name, (ALERTS,)),
                *("contract", "bench"),
            )
            people.add_recipient(desk, person, start)
            wishes.wish(desk, number + 1, wish, start)
        alerts.begun(desk, start, timedelta())
    return folder


def store(db: object, event: Event, now: datetime) -> None:
    item = event.item
    content = repr(item)
    try:
        known: int | None = articles.find(db, item.canonical_url)
    except NotFoundError:
        known = None
    how = Novelty.NEW if known is None else Novelty.REVISED
    intent = ArticleIntent(how, item.canonical_url, item, content, article=known)
    with transaction(db):
        articles.store(db, "cert-fr-avis", Rights.FULL, [intent], now)


def year(folder: Folder, every: list[Event]) -> tuple[Counter[str], float]:
    """Day by day; gives what alerting did, and its CPU seconds without reading."""
    days: dict[datetime, list[Event]] = defaultdict(list)
    for event in every:
        days[event.day].append(event)
    reader, did, cpu = Reader(folder.settings), Counter[str](), 0.0
    first = min(days)
    with (
        folder.lock(),
        folder.archive(first) as archive,
        folder.desk() as desk,
        for_terminal(quiet=False).stage("Days", len(days)) as advance,
    ):
        archive.execute("PRAGMA synchronous = OFF")
        model = readings.register_model(archive, "reading", "vigie", reader.revision, first)
        for day, events_of_day in sorted(days.items()):
            for event in events_of_day:
                store(archive, event, day)
            read_new(archive, reader, model, day, Silent())
            for hours in (0, 2, 24):  # what had to wait goes later in the day, or the day after
                begun = time.process_time()
                done = alerting.cycle(folder.settings, archive, desk, day + timedelta(hours=hours))
                cpu += time.process_time() - begun
                did.update({how.value: number for how, number in done.hows.items()})
            advance(1)
    return did, cpu


def told(folder: Folder) -> None:
    """A row for each partner."""
    with folder.desk() as desk:
        for number, name in enumerate(PARTNERS, 1):
            items = desk.execute(
                """SELECT i.n, json_extract(v.content, '$.severity'), i.state,
                       json_array_length(v.content, '$.advisories')
                   FROM alert_items i JOIN alert_versions v
                       ON v.matter_id = i.matter_id AND v.n = i.n
                   WHERE i.recipient_id = ?""",
                [number],
            ).fetchall()
            (messages,) = desk.execute(
                """SELECT count(*) FROM deliveries WHERE issue_id = ? AND recipient_id = ?
                   AND state = 'sent'""",
                [ALERTS, number],
            ).fetchone()
            grave = Counter(severity or "unsaid" for _, severity, _, _ in items)
            print(
                f"{name}: {sum(n == 1 for n, *_ in items)} alerts, "
                f"{sum(n > 1 for n, *_ in items)} updates, "
                f"{sum(number > 1 for *_, number in items)} that name several advisories, "
                f"{sum(state in ('number', 'counted') for _, _, state, _ in items)} as a number; "
                f"{messages} messages; {dict(grave.most_common())}"
            )


def latency(folder: Folder, every: list[Event], outbox: Outbox, times: int = 20) -> None:
    """From an article stored to its mail at the server: reading, alerting, sending."""
    reader, took = Reader(folder.settings), []
    now = max(event.day for event in every) + timedelta(days=30)
    with folder.lock(), folder.archive(now) as archive, folder.desk() as desk:
        model = readings.register_model(archive, "reading", "vigie", reader.revision, now)
        for number in range(times):
            now += timedelta(days=2)
            item, said = every[number].item, every[number].item.advisory
            assert said is not None
            said = replace(said, reference=f"X-{number}", cves=(), vendors=("Fortinet",))
            url = f"https://cert.example/{number}"
            new = replace(item, url=url, canonical_url=url, guid=url, published=now, advisory=said)
            before = len(outbox.received)
            store(archive, Event(now, new), now)
            begun = time.perf_counter()
            read_new(archive, reader, model, now, Silent())
            alerting.cycle(folder.settings, archive, desk, now)
            took.append(time.perf_counter() - begun)
            assert len(outbox.received) > before
    print(
        f"article stored to mail: median {1000 * statistics.median(took):.0f} ms, "
        f"slowest of {times} {1000 * max(took):.0f} ms"
    )


def crowd(folder: Folder, every: list[Event], number: int) -> None:
    """One alert to many people in four languages; the server shares this process."""
    now = max(event.day for event in every) + timedelta(days=200)
    reader = Reader(folder.settings)
    with folder.lock(), folder.archive(now) as archive, folder.desk() as desk:
        desk.execute("PRAGMA synchronous = OFF")
        for place in range(number):
            person = NewRecipient(
                *(f"P{place}", f"q{place}@s{place % 120}.example", LANGUAGES[place % 4]),
                *(f"S{place % 120}", (ALERTS,), "contract", "bench"),
            )
            people.add_recipient(desk, person, now)
        desk.execute("PRAGMA synchronous = FULL")
        model = readings.register_model(archive, "reading", "vigie", reader.revision, now)
        advisory = every[0].item.advisory
        assert advisory is not None
        said, url = replace(advisory, reference="X-crowd", cves=()), "https://cert.example/crowd"
        item = replace(every[0].item, url=url, canonical_url=url, published=now, advisory=said)
        store(archive, Event(now, item), now)
        read_new(archive, reader, model, now, Silent())
        begun, cpu = time.perf_counter(), time.process_time()
        done = alerting.cycle(folder.settings, archive, desk, now)
        took, cpu = time.perf_counter() - begun, time.process_time() - cpu
    sent = sum(done.mail.counts.values())
    print(f"one alert to {sent}: {sent / took:.0f} messages/s, {sent / cpu:.0f} per CPU second")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--second", action="store_true", help="a second issuer of each")
    options = parser.parse_args()
    every = events(options.data / "certfr" / "advisories.jsonl.gz", second=options.second)
    with tempfile.TemporaryDirectory() as name, Outbox(Path(name) / "outbox") as outbox:
        folder = prepare(Path(name) / "home", outbox.port)
        did, cpu = year(folder, every)
        print(f"{len(every)} revisions: {dict(did)}; alerting took {cpu:.1f} CPU seconds")
        told(folder)
        before = len(outbox.received)
        again, _ = year(folder, [replace(event, day=every[-1].day) for event in every])
        print(f"all of it again: {dict(again)}, {len(outbox.received) - before} messages")
        latency(folder, every, outbox)
        crowd(folder, every, 400)


if __name__ == "__main__":
    main()
