"""Advisories: fields as the issuer gives them, and one article for each reference."""

from __future__ import annotations

import gzip
import json
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from collectors.decide import decide, keys
from collectors.fetch import fetch
from collectors.kinds import advisory
from vigie.archive import articles, connect, declared
from vigie.archive.connect import transaction
from vigie.model import (
    FailureKind,
    Fetched,
    FetchJob,
    Item,
    Limits,
    Novelty,
    ParsedFeed,
    Rights,
    Tlp,
)
from vigie.schema import Source

AT = datetime(2026, 11, 21, tzinfo=UTC)
SITE = "https://www.cert.ssi.gouv.fr"


def source(form: str = "certfr", url: str = f"{SITE}/avis/feed/") -> Source:
    return Source.model_validate(
        {
            "id": "avis",
            "title": "Avis",
            "kind": "advisory",
            "url": url,
            "rights": "full",
            "advisory": {"format": form},
        }
    )


def parse(body: Any, url: str, form: str = "certfr", step: int = 1) -> ParsedFeed:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    fetched = Fetched("avis", url, AT, url, status=200, body=data, step=step)
    return advisory.parse(fetched, source(form))


def one(body: Any, url: str, form: str = "certfr") -> Item:
    (item,) = parse(body, url, form).items
    return item


# ------------------------------------------------------------------------------------- CERT-FR

NOTICE: dict[str, Any] = {
    "reference": "CERTFR-2026-AVI-0001",
    "title": "Vulnérabilité dans <span class='textit'>Phare</span> < 7.2",
    "summary": "Une vulnérabilité a été découverte\ndans Phare.\n",
    "content": "## Solution\n\nSe référer au bulletin\nde l'éditeur.\n",
    "affected_systems": [
        {
            "description": "Phare versions < 7.2",
            "product": {"name": "Phare", "vendor": {"name": "Lanterne", "scada": False}},
        },
        {
            "description": "Bouée toutes versions",
            "product": {"name": "N/A", "vendor": {"name": "Lanterne", "scada": False}},
        },
    ],
    "affected_systems_content": None,
    "cves": [{"name": "CVE-2026-0001", "url": "x"}, {"name": "CVE-nonsense"}, 3],
    "risks": [{"description": "Déni de service à distance"}],
    "revisions": [{"description": "Version initiale", "revision_date": "2026-01-02T00:00:00.0000"}],
    "vendor_advisories": [{"title": "Bulletin Lanterne", "url": "https://lanterne.example/1"}],
    "links": [],
}
URL = f"{SITE}/avis/CERTFR-2026-AVI-0001/json/"


def test_a_notice_of_cert_fr() -> None:
    item = one(NOTICE, URL)
    assert item.url == f"{SITE}/avis/CERTFR-2026-AVI-0001/"
    assert item.guid == "CERTFR-2026-AVI-0001"
    assert item.title == "Vulnérabilité dans Phare < 7.2"
    assert item.summary == "Une vulnérabilité a été découverte dans Phare."
    assert "Solution\nSe référer au bulletin de l'éditeur." in item.text
    assert "Phare versions < 7.2\nBouée toutes versions" in item.text
    assert item.published == datetime(2026, 1, 2, tzinfo=UTC)
    fields = item.advisory
    assert fields is not None
    assert (fields.reference, fields.revision) == ("CERTFR-2026-AVI-0001", "2026-01-02")
    assert fields.issuer == "CERT-FR"
    assert fields.cves == ("CVE-2026-0001",)
    assert fields.vendors == ("Lanterne",)
    assert fields.products == ("Phare",)
    assert fields.risks == ("Déni de service à distance",)
    assert fields.tlp is None


def test_the_feed_leads_to_each_notice_and_holds_none() -> None:
    rss = f"""<rss version="2.0"><channel><title>CERT-FR</title>
    <item><title>a</title><link>{SITE}/avis/CERTFR-2026-AVI-0001/</link></item>
    <item><title>b</title><link>{SITE}/alerte/CERTFR-2026-ALE-001</link></item>
    <item><title>a again</title><link>{SITE}/avis/CERTFR-2026-AVI-0001/</link></item>
    <item><title>elsewhere</title><link>https://evil.example/CERTFR-2026-AVI-0002/</link></item>
    <item><title>a post</title><link>{SITE}/a-propos/</link></item></channel></rss>"""
    feed = parse(rss.encode(), f"{SITE}/avis/feed/", step=0)
    assert [job.url for job in feed.follow] == [URL, f"{SITE}/alerte/CERTFR-2026-ALE-001/json/"]
    assert {(job.key, job.step) for job in feed.follow} == {("avis", 1)}
    assert [item.title for item in feed.items] == ["elsewhere", "a post"]


def novelty(before: Item, after: Item) -> Novelty:
    (key,) = keys("avis", [before])
    assert keys("avis", [after]) == [key]
    (first,) = decide("avis", [before], {})
    known = {key: articles.Known(1, key, before.guid, first.content_hash)}
    (intent,) = decide("avis", [after], known)
    return intent.novelty


@pytest.mark.parametrize(
    ("change", "expected", "revision"),
    [
        ({}, Novelty.SEEN, "2026-01-02"),
        ({"last_revision_date": "2026-02-03T00:00:00"}, Novelty.REVISED, "2026-02-03"),
        (
            {
                "revisions": [
                    *NOTICE["revisions"],
                    {"revision_date": "2026-01-02", "description": "b"},
                ]
            },
            Novelty.REVISED,
            "2026-01-02.2",
        ),
        ({"cves": []}, Novelty.REVISED, "2026-01-02"),
    ],
)
def test_revisions(change: Mapping[str, Any], expected: Novelty, revision: str) -> None:
    after = one({**NOTICE, **change}, URL)
    assert after.advisory is not None
    assert after.advisory.revision == revision
    assert novelty(one(NOTICE, URL), after) is expected


@pytest.mark.parametrize(
    ("body", "step", "kind"),
    [
        (b"{", 0, FailureKind.MALFORMED),
        (b"{}", 0, FailureKind.MALFORMED),
        (b"[" * 100_000, 0, FailureKind.NOT_A_FEED),
        (b'{"a":' + b"[" * 200_000, 0, FailureKind.HOSTILE),
        (b"", 0, FailureKind.EMPTY),
        (b"{}", 1, None),
        (b'{"reference": ["x"], "cves": {"a": 1}}', 1, None),
    ],
)
@pytest.mark.parametrize("form", ["certfr", "csaf"])
def test_what_is_no_advisory(body: bytes, step: int, kind: FailureKind | None, form: str) -> None:
    parsed = parse(body, URL, form, step)
    assert not parsed.items
    if step:
        assert parsed.failure is None
        assert parsed.unparsed[0].where == URL
    else:
        assert parsed.failure is not None
        assert form == "csaf" or parsed.failure.kind is kind


# ---------------------------------------------------------------------------------------- CSAF

HOST = "https://csaf.example/.well-known/csaf"
DOCUMENT: dict[str, Any] = {
    "document": {
        "category": "csaf_security_advisory",
        "csaf_version": "2.0",
        "title": "Phare: <script> in the lamp",
        "lang": "en-GB",
        "publisher": {"name": "Lanterne PSIRT", "namespace": "https://lanterne.example"},
        "tracking": {
            "id": "LSA-2026-1",
            "version": "2.1.0",
            "initial_release_date": "2026-03-01T10:00:00Z",
            "current_release_date": "2026-03-09T10:00:00Z",
            "revision_history": [
                {"number": "1", "date": "2026-03-01T10:00:00Z", "summary": "First"}
            ],
        },
        "notes": [
            {"category": "summary", "text": "The lamp may go out.", "title": "Summary"},
            {"category": "legal_disclaimer", "text": "No warranty.", "title": "Terms"},
        ],
        "references": [
            {"category": "self", "url": f"{HOST}/white/2026/lsa-2026-1.json", "summary": "JSON"},
            {"category": "self", "url": "https://lanterne.example/lsa-2026-1", "summary": "HTML"},
        ],
        "distribution": {"tlp": {"label": "WHITE"}},
    },
    "product_tree": {
        "branches": [
            {
                "category": "vendor",
                "name": "Lanterne",
                "branches": [
                    {
                        "category": "product_name",
                        "name": "Phare",
                        "branches": [{"category": "product_version", "name": "7.1"}],
                    }
                ],
            }
        ]
    },
    "vulnerabilities": [
        {
            "cve": "CVE-2026-1234",
            "cwe": {"id": "CWE-79", "name": "Cross-site Scripting"},
            "scores": [{"cvss_v3": {"baseScore": 7.5, "baseSeverity": "HIGH"}, "products": ["a"]}],
            "threats": [{"category": "impact", "details": "Important"}],
            "remediations": [{"category": "vendor_fix", "details": "Use 7.2."}],
        },
        {"cve": "CVE-2026-1235", "scores": [{"cvss_v2": {"baseScore": 4.3}}]},
    ],
}
FILE = f"{HOST}/white/2026/lsa-2026-1.json"


def test_a_csaf_document() -> None:
    item = one(DOCUMENT, FILE, "csaf")
    assert item.title == "Phare: <script> in the lamp"
    assert item.url == "https://lanterne.example/lsa-2026-1"
    assert item.canonical_url == FILE  # named by the tracking id, whatever the page's address
    assert item.guid == "LSA-2026-1"
    assert item.summary == "The lamp may go out."
    assert "CVE-2026-1234 CVSS 7.5 (high)\nUse 7.2." in item.text
    assert "warranty" not in item.text
    assert (item.language, item.author) == ("en", "Lanterne PSIRT")
    assert item.updated == datetime(2026, 3, 9, 10, tzinfo=UTC)
    fields = item.advisory
    assert fields is not None
    assert (fields.reference, fields.revision) == ("LSA-2026-1", "2.1.0")
    assert fields.cves == ("CVE-2026-1234", "CVE-2026-1235")
    assert (fields.vendors, fields.products) == (("Lanterne",), ("Phare",))
    assert fields.risks == ("Important", "Cross-site Scripting")
    assert (fields.severity, fields.tlp) == ("high", Tlp.CLEAR)


def changed(**head: Any) -> dict[str, Any]:
    return {**DOCUMENT, "document": {**DOCUMENT["document"], **head}}


def test_a_new_version_is_a_revision() -> None:
    before = one(DOCUMENT, FILE, "csaf")
    tracking = {**DOCUMENT["document"]["tracking"], "version": "2.2.0"}
    assert novelty(before, one(DOCUMENT, FILE, "csaf")) is Novelty.SEEN
    assert novelty(before, one(changed(tracking=tracking), FILE, "csaf")) is Novelty.REVISED


@pytest.mark.parametrize("label", ["AMBER", "RED", "GREEN", "AMBER+STRICT", "SECRET"])
def test_what_is_not_for_everybody_is_not_kept(label: str) -> None:
    parsed = parse(changed(distribution={"tlp": {"label": label}}), FILE, "csaf")
    assert not parsed.items
    (note,) = parsed.unparsed
    assert note.reason == f"LSA-2026-1 is labelled TLP:{label}, so it is not kept"
    assert note.sample == b""


def test_metadata_lead_to_the_feeds_open_to_all() -> None:
    metadata = {
        "canonical_url": f"{HOST}/provider-metadata.json",
        "distributions": [
            {
                "rolie": {
                    "feeds": [
                        {"tlp_label": "WHITE", "url": f"{HOST}/white/feed.json"},
                        {"tlp_label": "AMBER", "url": f"{HOST}/amber/feed.json"},
                    ]
                }
            },
            {"directory_url": f"{HOST}/white/"},
        ],
    }
    parsed = parse(metadata, f"{HOST}/provider-metadata.json", "csaf", step=0)
    assert [job.url for job in parsed.follow] == [f"{HOST}/white/feed.json"]
    metadata["distributions"] = [{"directory_url": f"{HOST}/white/"}]
    parsed = parse(metadata, f"{HOST}/provider-metadata.json", "csaf", step=0)
    assert [job.url for job in parsed.follow] == [f"{HOST}/white/changes.csv"]


def rolie(*days: int) -> dict[str, Any]:
    entries = [
        {
            "id": f"LSA-{day}",
            "updated": f"2026-03-{day:02}T00:00:00Z",
            "link": [{"rel": "self", "href": f"{HOST}/white/2026/lsa-{day}.json"}],
            "content": {"type": "application/json", "src": f"{HOST}/white/2026/lsa-{day}.json"},
        }
        for day in days
    ]
    return {"feed": {"id": "white", "entry": entries}}


CHANGES = b""""2026/lsa-1.json","2026-03-01T00:00:00Z"
"2026/lsa-3.json","2026-03-03T00:00:00+00:00"
"2026/lsa-2.json","2026-03-02T00:00:00Z"
"../../etc/passwd.json","2026-03-04"
"""


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("feed.json", json.dumps(rolie(1, 3, 2)).encode()),
        (
            "changes.csv",
            CHANGES,
        ),
        ("index.txt", b"2026/lsa-1.json\n2026/lsa-3.json\n2026/lsa-2.json\n/etc/x.json\n"),
    ],
)
def test_listings_lead_to_the_latest_documents_first(name: str, body: bytes) -> None:
    parsed = parse(body, f"{HOST}/white/{name}", "csaf")
    expected = [f"{HOST}/white/2026/lsa-{day}.json" for day in (3, 2, 1)]
    assert [job.url for job in parsed.follow] == expected
    assert {job.step for job in parsed.follow} == {2}


def test_an_empty_feed_is_no_fault() -> None:
    assert parse(rolie(), f"{HOST}/white/feed.json", "csaf", step=0).failure is None


# ---------------------------------------------------------------------------------- the archive


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Database]:
    db = connect.open_archive(tmp_path / "archive.db")
    declared.declare(db, [source()], AT)
    yield db
    db.close()


def stored(db: Database, items: tuple[Item, ...]) -> Counter[Novelty]:
    known = articles.known(db, "avis", keys("avis", items))
    intents = decide("avis", items, known)
    with transaction(db):
        articles.store(db, "avis", Rights.LINK, intents, AT)
    return Counter(intent.novelty for intent in intents)


def test_the_archive_keeps_the_fields_of_each_revision(archive: Database) -> None:
    first = one({**NOTICE, "cves": [{"name": "CVE-2026-1"}, {"name": "CVE-2026-0002"}]}, URL)
    none = one({**NOTICE, "reference": "CERTFR-2026-AVI-0002", "cves": []}, URL.replace("1/", "2/"))
    assert stored(archive, (first, none))[Novelty.NEW] == 2
    again = one({**NOTICE, "last_revision_date": "2026-02-03T00:00:00"}, URL)
    assert stored(archive, (again, none)) == {Novelty.REVISED: 1, Novelty.SEEN: 1}
    rows = archive.execute(
        "SELECT n, issuer_revision, cves FROM advisories"
        " WHERE reference = 'CERTFR-2026-AVI-0001' ORDER BY n"
    ).fetchall()
    assert rows == [
        (1, "2026-01-02", '["CVE-2026-0002"]'),
        (2, "2026-02-03", '["CVE-2026-0001"]'),
    ]
    listed = archive.execute("SELECT reference, cve, revision FROM advisory_list").fetchall()
    assert sorted(listed, key=str) == [
        ("CERTFR-2026-AVI-0001", "CVE-2026-0001", 2),
        ("CERTFR-2026-AVI-0002", None, 1),
    ]


# --------------------------------------------------------------------------------- the real ones


def real(shared: Path) -> list[dict[str, Any]]:
    path = shared / "certfr" / "advisories.jsonl.gz"
    if not path.exists():
        pytest.skip(f"no advisories at {path}")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def test_real_advisories_keep_their_fields(shared: Path) -> None:
    for document in real(shared):
        item = one(document, f"{SITE}/avis/{document['reference']}/json/")
        fields = item.advisory
        assert fields is not None
        products = [system["product"] for system in document["affected_systems"]]
        assert list(fields.cves) == [cve["name"] for cve in document["cves"]]
        assert set(fields.vendors) == {product["vendor"]["name"] for product in products}
        assert set(fields.products) == {product["name"] for product in products} - {"N/A"}
        assert list(fields.risks) == [risk["description"] for risk in document["risks"]]
        assert "<span" not in item.text


class Mirror:
    """CERT-FR on the loopback: a feed of all advisories, and a JSON for each."""

    def __init__(self, documents: list[dict[str, Any]]) -> None:
        self.documents = {document["reference"]: document for document in documents}
        mirror = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                body = mirror.answer(self.path)
                self.send_response(200 if body else 404)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.root = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def answer(self, path: str) -> bytes:
        if path == "/avis/feed/":
            entries = "".join(
                f"<item><title>{name}</title><link>{self.root}/avis/{name}/</link></item>"
                for name in self.documents
            )
            return f'<rss version="2.0"><channel><title>C</title>{entries}</channel></rss>'.encode()
        name = path.removeprefix("/avis/").removesuffix("/json/")
        return json.dumps(self.documents[name]).encode() if name in self.documents else b""

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def poll(mirror: Mirror) -> tuple[Item, ...]:
    """The feed, then all that it leads to."""
    # More than one poll may ask at once: here all of a year are asked, within one budget.
    limits = Limits(
        seconds=250, max_bytes=200_000_000, delay=0, per_host=16, allow_inside=("127.0.0.0/8",)
    )
    ours = source(url=f"{mirror.root}/avis/feed/")
    (answer,) = fetch([FetchJob("avis", ours.url)], limits)
    feed = advisory.parse(replace(answer, at=AT), ours)
    items: list[Item] = []
    for answer in fetch(feed.follow, limits):
        assert answer.failure is None
        items += advisory.parse(replace(answer, at=AT, step=1), ours).items
    return tuple(items)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_polled_twice_over_http(shared: Path, archive: Database) -> None:
    documents = real(shared)
    mirror = Mirror(documents)
    try:
        assert stored(archive, poll(mirror)) == {Novelty.NEW: len(documents)}
        assert stored(archive, poll(mirror)) == {Novelty.SEEN: len(documents)}
        touched = documents[7]["reference"]
        mirror.documents[touched] = {**documents[7], "last_revision_date": "2026-10-01T00:00:00"}
        count = stored(archive, poll(mirror))
        assert count == {Novelty.SEEN: len(documents) - 1, Novelty.REVISED: 1}
    finally:
        mirror.close()
    (rows,) = archive.execute("SELECT count(*) FROM advisories").fetchone()
    assert rows == len(documents) + 1
