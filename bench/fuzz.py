"""Mutated documents against every reader, the canonical URL and the decider, for some minutes.

    python bench/fuzz.py --minutes 10 [--seed 1] [--data ../shared/data]

Real documents are mutated in memory: bytes flipped, cut out, doubled, repeated, parts of others
put in. What a reader may raise is nothing; what it gives obeys the same rules as in the tests
(`faults`). Printed for each target: executions, findings, the longest run; then peak memory.
"""

from __future__ import annotations

import argparse
import faulthandler
import gzip
import random
import resource
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import typst

from collectors import feeds, pages, pdf, references, spreadsheet
from collectors.decide import candidates, decide
from collectors.items import Raw, build
from collectors.kinds import advisory, newsletter, sitemap
from collectors.urls import canonical
from vigie.kinds import AdvisoryRules
from vigie.model import Fetched, Item, Kind, Known, Novelty, Page, ParsedFeed
from vigie.schema import Source

DATA = Path(__file__).parents[2] / "shared" / "data"
_AT = datetime(2026, 11, 1, tzinfo=UTC)
_LONGEST = 400_000  # bytes of a document that is mutated
_SLOW = 15.0  # seconds after which a reader is asked where it stands
_ODD = (
    b"\x00",
    b"\xff\xfe",
    b"]]>",
    b"<![CDATA[",
    b"&#0;",
    b"&#x110000;",
    b"<!--",
    b"%s",
    b"\xed\xa0\x80",
)
_ODD += (
    b"<",
    b">",
    b'"',
    b"{",
    b"[" * 300,
    b"<b>" * 300,
    b"9" * 400,
    b"https://[",
    b"xn--",
    b"\r\n\r\n",
)


@dataclass(slots=True)
class Tally:
    runs: int = 0
    findings: int = 0
    longest: float = 0.0
    seconds: float = 0.0


def mutate(body: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """The document with one to eight small harms."""
    data = bytearray(body)
    for _ in range(chance.randint(1, 8)):
        place = chance.randrange(len(data) + 1)
        span = chance.choice((1, 2, 8, 64, 1_000))
        match chance.randrange(6):
            case 0:
                data[place : place + 1] = bytes([chance.randrange(256)])
            case 1:
                del data[place : place + span]
            case 2:
                data[place:place] = data[place : place + span] * chance.choice((1, 2, 20))
            case 3:
                data[place:place] = chance.choice(_ODD)
            case 4:
                other = chance.choice(others)
                start = chance.randrange(len(other) + 1)
                data[place:place] = other[start : start + span]
            case _:
                data[place:] = data[place:][: chance.choice((0, 10, 10_000))]
    return bytes(data[: 2 * _LONGEST])


def of_items(items: Sequence[Item]) -> Iterator[str]:
    """Which rules the items break."""
    for item in items:
        words = (item.title, item.summary, item.text, item.author, *item.categories)
        if not (item.url or item.title or item.summary or item.text):
            yield "an item that says nothing"
        if any(ord(c) < 32 and c != "\n" for text in words for c in text):
            yield "a control character"
        if any(
            moment and moment > _AT + timedelta(days=1) for moment in (item.published, item.updated)
        ):
            yield "a date in the future"
        if item.url and not item.url.startswith(("http://", "https://")):
            yield f"an address that is none: {item.url[:60]!r}"
        yield from of_url(item.url)


def of_url(url: str) -> Iterator[str]:
    once = canonical(url)
    if canonical(once) != once:
        yield f"a canonical URL that is none: {url[:200]!r}"


def of_page(page: Page) -> Iterator[str]:
    if not page.failure and not page.text:
        yield "neither text nor failure"
    if any(ord(c) < 32 and c not in "\n\t" for c in page.text + page.title + page.author):
        yield "a control character in a page"
    if page.published and page.published > _AT + timedelta(days=1):
        yield "a page of the future"


def of_decisions(items: Sequence[Item]) -> Iterator[str]:
    first = decide("src", items, {})
    if len({one.key for one in first}) != len(first):
        yield "one key twice"
    known = {
        one.key: Known(n, one.key, one.item.guid, one.content_hash, one.item.published)
        for n, one in enumerate(first)
    }
    asked = {key: known[key] for key in candidates("src", items) if key in known}
    again = decide("src", items, asked, list(known.values()))
    if any(one.novelty is not Novelty.SEEN for one in again):
        yield f"not seen again: {Counter(one.novelty.value for one in again)}"
    if {one.article for one in again} != set(range(len(first))):
        yield "lost or doubled at the second poll"
    turned = decide("src", items[::-1], {})
    if {(one.key, one.content_hash) for one in turned} != {(o.key, o.content_hash) for o in first}:
        yield "another order, another outcome"


def fetched(body: bytes, content_type: str = "") -> Fetched:
    url = "https://a.example/x/y"
    return Fetched("src", url, _AT, url, 200, body=body, content_type=content_type)


def _of_feed(parsed: ParsedFeed) -> Iterator[str]:
    yield from of_items(parsed.items)
    yield from of_decisions(parsed.items[:200])


def _source(kind: Kind, **more: object) -> Source:
    return Source.model_validate(
        {"id": "src", "title": "Src", "kind": kind, "url": "https://a.example/x", **more}
    )


_SITEMAP = _source(Kind.SITEMAP)
_CSAF = _source(Kind.ADVISORY, advisory=AdvisoryRules(format="csaf"))
_CERTFR = _source(Kind.ADVISORY, advisory=AdvisoryRules(format="certfr"))


def _rows(read: Callable[[str], object]) -> Callable[[bytes], Iterator[str]]:
    def run(body: bytes) -> Iterator[str]:
        read(body.decode("utf-8", "replace"))
        yield from ()

    return run


TARGETS: dict[str, Callable[[bytes], Iterator[str]]] = {
    "feed": lambda body: _of_feed(feeds.parse(fetched(body))),
    "json feed": lambda body: _of_feed(feeds.parse(fetched(body, "application/feed+json"))),
    "sitemap": lambda body: _of_feed(sitemap.parse(fetched(body), _SITEMAP)),
    "csaf": lambda body: _of_feed(advisory.parse(fetched(body), _CSAF)),
    "cert-fr": lambda body: _of_feed(advisory.parse(fetched(body), _CERTFR)),
    "page": lambda body: of_page(pages.extract(fetched(body, "text/html"))),
    "pdf": lambda body: of_page(pdf.read(body, _AT)),
    "url": lambda body: of_url(body.decode("utf-8", "replace")),
}
TARGETS |= {
    "newsletter": lambda body: of_items(newsletter.read(body, _AT, links=True).items),
    "csv": lambda body: _of_raws(spreadsheet.read(body, {}, _AT, "fr", 500)),
    "bibtex": lambda body: _of_raws(references.bibtex(body, _AT, 500)),
    "ris": lambda body: _of_raws(references.ris(body, _AT, 500)),
}


def _of_raws(raws: Iterator[object]) -> Iterator[str]:
    built = [build(raw, "https://a.example/", _AT) for raw in raws if isinstance(raw, Raw)]
    yield from of_items([item for item in built if item])


def _unpacked(path: Path) -> bytes:
    body = path.read_bytes()
    return gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body


def seeds(data: Path) -> dict[str, list[bytes]]:
    """The documents that each target starts from; our own where no set has any."""
    feed_files = [*(data / "feeds-conformance").rglob("*"), *(data / "replay").rglob("*")]
    found = [_unpacked(path) for path in sorted(feed_files) if path.is_file()]
    found = [body[:_LONGEST] for body in found if body]
    page_files = sorted((data / "pages-aeb" / "html").glob("*"))[:20]
    mails = [_unpacked(path) for path in sorted((data / "emails").rglob("*")) if path.is_file()]
    text = "Le port a reçu davantage de navires cette année. " * 20
    small_map = (
        b'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url>'
        b"<loc>https://a.example/2026/un-port</loc><lastmod>2026-10-30T10:00:00Z</lastmod></url>"
        b"</urlset>"
    )
    csaf = (
        b'{"document":{"category":"csaf_security_advisory","csaf_version":"2.0","title":"T",'
        b'"publisher":{"name":"P"},"tracking":{"id":"X-1","version":"1","status":"final",'
        b'"initial_release_date":"2026-01-02T00:00:00Z","current_release_date":'
        b'"2026-01-02T00:00:00Z"}},"vulnerabilities":[{"cve":"CVE-2026-0001"}]}'
    )
    json_feed = (
        b'{"version":"https://jsonfeed.org/version/1.1","title":"T","items":[{"id":"1","url":'
        b'"https://a.example/1","title":"Un port","content_html":"<p>x</p>","date_published":'
        b'"2026-10-30T10:00:00Z","authors":[{"name":"A"}],"tags":["a"]}]}'
    )
    return {
        "feed": found,
        "json feed": [json_feed, *(body for body in found if body.lstrip()[:1] == b"{")],
        "sitemap": [small_map, *found[:50]],
        "csaf": [csaf, json_feed],
        "cert-fr": [csaf, *found[:50]],
        "page": [_unpacked(path)[:_LONGEST] for path in page_files] or [b"<html><p>x"],
        "pdf": [typst.compile(f"= Titre\n{text}\n\n{text}".encode())],
        "url": [
            f"https://m.a.example/{n}/é%C3%A9/../x.amp?utm_source=a&b={n}#c".encode()
            for n in range(9)
        ],
        "newsletter": mails or [b"Subject: x\n\ny"],
        "csv": [b"titre;url;date\nUn port;https://a.example/1;30/10/2026\n" * 20],
        "bibtex": [
            b"@article{a, title={Un {P}ort}, author={Martin, A}, year=2026, url={https://a.example}}\n"
            * 9
        ],
        "ris": [
            b"TY  - JOUR\nTI  - Un port\nAU  - Martin, A\nPY  - 2026\nUR  - https://a.fr\nER  - \n"
            * 9
        ],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Mutated documents against every reader.")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--only", nargs="+", choices=sorted(TARGETS), default=sorted(TARGETS))
    given = parser.parse_args()
    chance = random.Random(given.seed)
    start_of = seeds(given.data)
    every = [body for bodies in start_of.values() for body in bodies]
    tallies = {name: Tally() for name in given.only}
    kinds: Counter[str] = Counter()
    end = time.monotonic() + given.minutes * 60
    while time.monotonic() < end:
        name = min(tallies, key=lambda one: tallies[one].seconds)  # the same time for each
        _one(name, mutate(chance.choice(start_of[name]), every, chance), tallies[name], kinds)
    for name, tally in tallies.items():
        print(
            f"{name:<11}{tally.runs:8} runs {tally.findings} findings, "
            f"longest {tally.longest:.2f} s"
        )
    print("decider: with every feed, sitemap and advisory")
    for what, count in kinds.most_common():
        print(f"FINDING {count:5} x {what}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{sum(t.runs for t in tallies.values())} runs, peak memory {peak} MB")


def _one(name: str, body: bytes, tally: Tally, kinds: Counter[str]) -> None:
    faulthandler.dump_traceback_later(_SLOW)  # where a slow one stands
    start = time.perf_counter()
    try:
        found = list(TARGETS[name](body))
    except Exception as error:  # noqa: BLE001  what a reader raises is the finding
        place = traceback.extract_tb(error.__traceback__)[-1]
        ours = [f for f in traceback.extract_tb(error.__traceback__) if "collectors" in f.filename]
        at = f"{ours[-1].name}:{ours[-1].lineno}" if ours else ""
        found = [f"{type(error).__name__} at {at}, {place.name}: {str(error)[:80]}"]
    took = time.perf_counter() - start
    faulthandler.cancel_dump_traceback_later()
    tally.runs += 1
    tally.seconds += took
    tally.longest = max(tally.longest, took)
    tally.findings += bool(found)
    kinds.update(f"{name}: {one}" for one in set(found))


if __name__ == "__main__":
    main()
