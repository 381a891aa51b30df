"""All kinds of source in one folder, over HTTP and from disk, run twice."""

from __future__ import annotations

import gzip
import json
import os
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from app.folder import Folder
from app.pipeline.collect import Collected, collect
from vigie.archive import sources

pytestmark = pytest.mark.usefixtures("quick")

NOW = datetime.now(UTC).replace(microsecond=0)
TODAY = f"{NOW:%Y-%m-%d}"
MAIN = """
[collect]
delay = 0.0
per_host = 8
allow_inside = ["127.0.0.0/8"]
[[edition]]
id = "n"
title = { fr = "N", nl = "N", de = "N", en = "N" }
"""
RSS = """<rss version="2.0"><channel><title>t</title><item><title>Du flux</title>
<link>/flux/1</link></item></channel></rss>"""
ROW = (
    "<article><h2><a href='/actu/{0}'>Une nouvelle de la page, numéro {0}</a></h2>"
    "<time datetime='{1}'></time><p>Un paragraphe assez long pour résumer.</p></article>"
)
TITLE = "Le vrai titre de la page"
ARTICLE = f"""<html><head><title>{TITLE} | Site</title><meta property="og:title" content="{TITLE}">
</head><body><article><h1>{TITLE}</h1><p>{"Un long paragraphe suivi. " * 40}</p></article>"""


class Site:
    """A web site whose pages a test may change while it runs."""

    def __init__(self) -> None:
        self.pages: dict[str, bytes] = {}
        self.seen: list[str] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.seen.append(self.path)
                body = site.pages.get(self.path)
                self.send_response(404 if body is None else 200)
                self.send_header("Content-Length", str(len(body or b"")))
                if body is not None and self.path.endswith(".html"):
                    self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("ETag", f'"{hash(body)}"')
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *_args: object) -> None:
                """The test looks at `seen`."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture
def site() -> Iterator[Site]:
    running = Site()
    rows = "".join(ROW.format(number, TODAY) for number in range(3))
    address = "/actu/le-port-accueille-trois-barges.html"
    urls = f"<url><loc>{address}</loc><lastmod>{TODAY}</lastmod></url>"
    running.pages = {
        "/feed": RSS.encode(),
        "/actus": f"<html lang=fr><main>{rows}</main></html>".encode(),
        "/sitemap.xml": b"<sitemapindex><sitemap><loc>/news.xml.gz</loc></sitemap>"
        b"<sitemap><loc>/gone.xml</loc></sitemap></sitemapindex>",
        "/news.xml.gz": gzip.compress(f"<urlset>{urls}</urlset>".encode(), mtime=0),
        address: ARTICLE.encode(),
    }
    yield running
    running.server.shutdown()
    running.server.server_close()


@pytest.fixture
def folder(tmp_path: Path, site: Site) -> Folder:
    config = tmp_path / "config"
    config.mkdir()
    (config / "vigie.toml").write_text(MAIN)
    (config / "themes.toml").write_text("")
    (config / "gazetteer.toml").write_text("")
    declared = {
        "flux": {"kind": "feed", "url": f"{site.url}/feed"},
        "page": {"kind": "page", "url": f"{site.url}/actus"},
        "plan": {"kind": "sitemap", "url": f"{site.url}/sitemap.xml", "rights": "full"},
        "depot": {"kind": "file", "url": "file:depot"},
        "vide": {"kind": "file", "url": "file:nulle-part"},
        "partenaires": {"kind": "contribution"},
    }
    lines = [
        "\n".join(
            ["[[source]]", f'id = "{name}"', 'title = "T"']
            + [f"{key} = {json.dumps(value)}" for key, value in keys.items()]
        )
        for name, keys in declared.items()
    ]
    (config / "sources.toml").write_text("\n".join(lines))
    drop(tmp_path / "depot" / "liste.csv", "Titre,Lien\nUne étude déposée,https://a.fr/etude\n")
    drop(tmp_path / "depot" / "biblio.ris", "TY  - RPRT\nTI  - Un rapport déposé\nER  - \n")
    return Folder.at(tmp_path)


def drop(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    os.utime(path, (time.time() - 60, time.time() - 60))


def run(folder: Folder, hours: int) -> tuple[Collected, dict[str, tuple[int, int]]]:
    now = NOW + timedelta(hours=hours)
    with folder.archive(now) as db:
        collected = collect(db, folder.settings, now, everything=True)
    return collected, {one.source: (one.items, one.new) for one in collected.outcomes}


def test_all_kinds_in_one_folder_twice(folder: Folder, site: Site) -> None:
    collected, counts = run(folder, 0)
    assert counts == {
        "flux": (1, 1),
        "page": (3, 3),
        "plan": (1, 1),
        "depot": (2, 2),
        "vide": (0, 0),
        "partenaires": (0, 0),
    }
    assert [(one.source, one.failure.detail) for one in collected.failed if one.failure] == [
        ("vide", "the drop folder is not there")
    ]
    again, counts = run(folder, 2)
    assert (again.new, again.revised) == (0, 0)
    assert counts["depot"] == (0, 0)
    assert "/robots.txt" in site.seen  # a page is read as its site asks
    with folder.reading() as db:
        titles = [row["title"] for row in db.query("SELECT title FROM current_texts")]
        notes = [row["place"] for row in db.query("SELECT place FROM quarantine")]
        rows = {row.id: row for row in sources.overview(db)}
    assert sorted(titles) == [
        *("Du flux", TITLE, "Un rapport déposé"),
        *(f"Une nouvelle de la page, numéro {number}" for number in range(3)),
        "Une étude déposée",
    ]
    assert notes == [f"{site.url}/gone.xml"]
    assert rows["depot"].url == "file:depot/*"  # no path of this machine in the archive
    assert (rows["plan"].state, rows["vide"].state) == ("well", "ill")


def test_what_leaves_a_listing_is_not_gone_and_what_joins_it_is_new(
    folder: Folder, site: Site
) -> None:
    run(folder, 0)
    rows = "".join(ROW.format(number, TODAY) for number in (1, 2, 3, 4))
    site.pages["/actus"] = f"<html lang=fr><main>{rows}</main></html>".encode()
    drop(folder.settings.home / "depot" / "autre.csv", "Titre\nUne autre étude\n")
    _, counts = run(folder, 2)
    assert (counts["page"], counts["depot"]) == ((4, 2), (1, 1))
    with folder.reading() as db:
        assert db.execute("SELECT count(*) FROM sightings WHERE source_id = 'page'").fetchone() == (
            5,
        )
