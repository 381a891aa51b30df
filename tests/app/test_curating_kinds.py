"""`vigie sources check` and `test` on every kind of source, credentials and all."""

from __future__ import annotations

import base64
import json
import os
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from app.folder import Folder
from app.pipeline.collect import collect

pytestmark = pytest.mark.usefixtures("quick")
NOW = datetime.now(UTC).replace(microsecond=0)
SECRET = "lecteur:motsecret42"  # a test's
SENT = "Basic " + base64.b64encode(SECRET.encode()).decode()
MAIN = """
[collect]
seconds = 5.0
delay = 0.0
allow_inside = ["127.0.0.1/32"]
[[edition]]
id = "n"
title = { fr = "N", nl = "N", de = "N", en = "N" }
"""
RSS = '<rss version="2.0"><channel><title>t</title>{}</channel></rss>'
ITEM = "<item><title>{1}</title><link>{0}</link></item>"
ROW = "<article><h2><a href='/actu/{0}'>Une nouvelle de la page, numéro {0}</a></h2></article>"
URLSET = "<urlset><url><loc>/a/b-c-d</loc><lastmod>{:%Y-%m-%d}</lastmod></url></urlset>"
REFERENCES = [f"CERTFR-2026-AVI-000{number}" for number in range(1, 8)]


def notice(reference: str, revised: str = "2026-11-02T00:00:00") -> dict[str, object]:
    return {
        "reference": reference,
        "title": f"Vulnérabilité {reference}",
        "summary": "Une vulnérabilité a été découverte.",
        "last_revision_date": revised,
        "revisions": [{"description": "Version initiale", "revision_date": "2026-11-02T00:00:00"}],
    }


CSAF = {
    "document": {
        "category": "csaf_security_advisory",
        "csaf_version": "2.0",
        "publisher": {"name": "Lanterne", "category": "vendor", "namespace": "https://l.example"},
        "title": "Phare: overflow",
        "tracking": {
            "id": "LSA-1",
            "version": "1",
            "status": "final",
            "initial_release_date": "2026-11-01T00:00:00Z",
            "current_release_date": "2026-11-01T00:00:00Z",
            "revision_history": [],
        },
    }
}


class Site:
    """Paths with their bodies; those under /prive want the secret. `seen`: what was asked."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        self.seen: list[tuple[str, str]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                sent = self.headers.get("Authorization", "")
                site.seen.append((self.path, sent))
                body = site.pages.get(self.path, "").encode()
                refused = self.path.startswith("/prive") and sent != SENT
                self.send_response(401 if refused else 200 if body else 404)
                html = self.path.endswith(".html")
                self.send_header("Content-Type", "text/html" if html else "text/plain")
                self.send_header("Content-Length", str(0 if refused else len(body)))
                self.end_headers()
                self.wfile.write(b"" if refused else body)

            def log_message(self, *_: object) -> None:
                """The test looks at `seen`."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()

    def list_advisories(self, references: list[str]) -> None:
        items = "".join(ITEM.format(f"{self.url}/avis/{name}/", name) for name in references)
        self.pages["/avis/feed/"] = RSS.format(items)
        for name in references:
            self.pages.setdefault(f"/avis/{name}/json/", json.dumps(notice(name)))

    def asked(self, what: str) -> list[str]:
        return [path for path, _ in self.seen if what in path]


@pytest.fixture
def site() -> Iterator[Site]:
    running = Site()
    rows = "".join(ROW.format(number) for number in range(3))
    rolie = {
        "feed": {
            "entry": [
                {"updated": "2026-11-01T00:00:00Z", "content": {"src": f"{running.url}/lsa-1.json"}}
            ]
        }
    }
    metadata = {
        "distributions": [
            {"rolie": {"feeds": [{"tlp_label": "WHITE", "url": f"{running.url}/rolie.json"}]}}
        ]
    }
    running.pages = {
        "/prive/feed": RSS.format(ITEM.format("/prive/1.html", "Un titre réservé")),
        "/prive/1.html": "<article><h1>Un titre réservé</h1><p>"
        + "Un paragraphe assez long. " * 40,
        "/page.html": f"<html lang=fr><main>{rows}</main></html>",
        "/vide.html": "<html><p>Rien.</p></html>",
        "/sitemap.xml": "<sitemapindex><sitemap><loc>/s1.xml</loc></sitemap></sitemapindex>",
        "/s1.xml": URLSET.format(NOW),
        "/provider-metadata.json": json.dumps(metadata),
        "/rolie.json": json.dumps(rolie),
        "/lsa-1.json": json.dumps(CSAF),
    }
    running.list_advisories(REFERENCES)
    yield running
    running.server.shutdown()
    running.server.server_close()


@pytest.fixture
def home(tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PORT_FEED", SECRET)
    config = tmp_path / "config"
    config.mkdir()
    (config / "vigie.toml").write_text(MAIN)
    (config / "themes.toml").write_text("")
    (config / "gazetteer.toml").write_text("")
    sources: dict[str, dict[str, object]] = {
        "prive": {"url": f"{site.url}/prive/feed", "auth_env": "PORT_FEED", "rights": "full"},
        "page": {"kind": "page", "url": f"{site.url}/page.html"},
        "vide": {"kind": "page", "url": f"{site.url}/vide.html"},
        "plan": {"kind": "sitemap", "url": f"{site.url}/sitemap.xml"},
        "avis": {"kind": "advisory", "url": f"{site.url}/avis/feed/"},
        "csaf": {"kind": "advisory", "url": f"{site.url}/provider-metadata.json"},
        "depot": {"kind": "file", "url": "file:depot"},
        "absent": {"kind": "file", "url": "file:absent"},
        "partenaires": {"kind": "contribution"},
    }
    blocks = []
    for name, keys in sources.items():
        lines = ["[[source]]", f'id = "{name}"', f'title = "{name}"']
        lines += [f"{key} = {json.dumps(value)}" for key, value in keys.items()]
        if keys.get("kind") == "advisory":
            form = "csaf" if name == "csaf" else "certfr"
            lines.append(f'advisory = {{ format = "{form}" }}')
        blocks.append("\n".join(lines))
    (config / "sources.toml").write_text("\n".join(blocks))
    (tmp_path / "depot").mkdir()
    drop(tmp_path / "depot" / "liste.csv", "Titre,Lien\nUne étude,https://a.fr/etude\n")
    drop(tmp_path / "depot" / "lettre.docx", "PK")
    return tmp_path


def drop(path: Path, text: str) -> None:
    path.write_text(text)
    os.utime(path, (time.time() - 60, time.time() - 60))


def vigie(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), "sources", *arguments])


def test_check_asks_every_kind_and_stores_nothing(home: Path, site: Site) -> None:
    result = vigie(home, "check", "--report", str(home / "report.json"))
    rows = {row["source"]: row for row in json.loads((home / "report.json").read_text())["results"]}
    verdicts = {name: (row["verdict"], row["items"]) for name, row in rows.items()}
    assert verdicts == {
        "prive": ("ok", 1),
        "page": ("ok", 3),
        "vide": ("failed", 0),
        "plan": ("ok", 1),
        "avis": ("ok", 5),
        "csaf": ("ok", 1),
        "depot": ("ok", 1),
        "absent": ("failed", 0),
        "partenaires": ("ok", 0),
    }
    assert "7 documents listed, 5 of them read" in rows["avis"]["words"]
    assert rows["depot"]["words"].startswith("2 files: ")
    assert "lettre.docx" in rows["depot"]["words"]
    assert rows["absent"]["words"] == "the drop folder is not there"
    assert "filled by the desk" in rows["partenaires"]["words"]
    assert rows["vide"]["words"]
    assert result.exit_code == 1
    assert "2 of 9" in result.stderr
    assert not (home / "data").exists()
    assert SECRET not in result.output + (home / "report.json").read_text()
    assert SENT.split()[1] not in result.output + (home / "report.json").read_text()
    assert dict(site.seen)["/prive/feed"] == SENT
    assert {sent for path, sent in site.seen if not path.startswith("/prive")} == {""}


def test_a_credential_that_is_not_set_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PORT_FEED")
    checked = " ".join(vigie(home, "check", "prive").output.split())
    assert "no PORT_FEED in the environment" in checked
    tested = vigie(home, "test", "prive")
    assert "no PORT_FEED in the environment" in tested.stderr
    assert "401" in tested.stderr


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("prive", ["Un titre réservé", "The first item's page", "Un paragraphe assez long"]),
        ("page", ["3 items", "Une nouvelle de la page, numéro 0"]),
        ("plan", ["1 items", "/a/b-c-d"]),
        ("avis", ["7 documents listed, 5 of them read", "Vulnérabilité CERTFR-2026-AVI-0001"]),
        ("csaf", ["Phare: overflow"]),
        ("depot", ["lettre.docx, file: not of a kind that is read", "Une étude"]),
        ("partenaires", ["filled by the desk"]),
    ],
)
def test_test_shows_the_items_of_every_kind(home: Path, name: str, told: list[str]) -> None:
    result = vigie(home, "test", name)
    assert result.exit_code == 0, result.output
    for words in told:
        assert words in result.output
    assert "motsecret42" not in result.output
    assert not (home / "data").exists()


def test_test_reads_an_address_as_the_kind_that_is_named(home: Path, site: Site) -> None:
    result = vigie(home, "test", f"{site.url}/page.html", "--kind", "page")
    assert "3 items" in result.output


# ------------------------------------------------------------------- advisories, asked once


def poll(home: Path, hours: float) -> tuple[int, int]:
    """New and revised of the advisories, polled that many hours from now."""
    folder, now = Folder.at(home), NOW + timedelta(hours=hours)
    with folder.archive(now) as db:
        done = collect(db, folder.settings, now, everything=True)
    (avis,) = [one for one in done.outcomes if one.source == "avis"]
    assert avis.failure is None
    return avis.new, avis.revised


def test_an_advisory_that_is_listed_unchanged_is_asked_again_only_after_a_day(
    home: Path, site: Site
) -> None:
    text = (home / "config" / "sources.toml").read_text().split("[[source]]")
    kept = [block for block in text if 'id = "avis"' in block]
    (home / "config" / "sources.toml").write_text("[[source]]" + kept[0])
    assert poll(home, 0) == (7, 0)
    assert len(site.asked("/json/")) == 7
    site.seen.clear()
    site.list_advisories([*REFERENCES, "CERTFR-2026-AVI-0009"])
    title = "<title>CERTFR-2026-AVI-0002</title>"
    feed = site.pages["/avis/feed/"]
    site.pages["/avis/feed/"] = feed.replace(title, "<title>AVI-0002, révisé</title>")
    changed = json.dumps(notice("CERTFR-2026-AVI-0002", "2026-11-19T00:00:00"))
    site.pages["/avis/CERTFR-2026-AVI-0002/json/"] = changed
    assert poll(home, 1) == (1, 1)
    assert sorted(site.asked("/json/")) == [  # at the same time, in any order
        "/avis/CERTFR-2026-AVI-0002/json/",
        "/avis/CERTFR-2026-AVI-0009/json/",
    ]
    site.seen.clear()
    assert poll(home, 2) == (0, 0)
    assert site.asked("/json/") == []
    # One that is revised without the listing saying so is found within a day.
    changed = json.dumps(notice("CERTFR-2026-AVI-0003", "2026-11-18T00:00:00"))
    site.pages["/avis/CERTFR-2026-AVI-0003/json/"] = changed
    assert poll(home, 25.5) == (0, 1)
    assert len(site.asked("/json/")) == 8
    del site.pages["/avis/CERTFR-2026-AVI-0004/json/"]
    site.seen.clear()
    poll(home, 50)  # what fails is not taken for read
    assert poll(home, 51) == (0, 0)
    assert site.asked("/json/").count("/avis/CERTFR-2026-AVI-0004/json/") == 2


# ------------------------------------------------------------------------------------- add


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            ["{site}/actus.html", "--kind", "page", "--links", "article h2 a"],
            {"kind": "page", "page": {"links": "article h2 a"}},
        ),
        (["{site}/news.xml", "--kind", "sitemap"], {"kind": "sitemap"}),
        (
            ["{site}/csaf.json", "--kind", "advisory"],
            {"kind": "advisory", "advisory": {"format": "csaf"}},
        ),
        (["file:autre", "--kind", "file"], {"kind": "file", "url": "file:autre"}),
        (["Les ports", "--kind", "contribution"], {"kind": "contribution", "title": "Les ports"}),
    ],
)
def test_add_writes_any_kind_after_a_look(
    home: Path, site: Site, options: list[str], expected: dict[str, object]
) -> None:
    site.pages["/actus.html"] = site.pages["/page.html"]
    site.pages["/news.xml"] = site.pages["/s1.xml"]
    site.pages["/csaf.json"] = site.pages["/rolie.json"]
    (home / "autre").mkdir()
    drop(home / "autre" / "liste.csv", "Titre,Lien\nUne étude,https://a.fr/etude\n")
    filled = [option.format(site=site.url) for option in options]
    done = vigie(home, "add", *filled, "--id", "neuf", "--yes")
    assert done.exit_code == 0, done.output
    added = next(one for one in Folder.at(home).settings.sources if one.id == "neuf")
    said = added.model_dump(mode="json", exclude_none=True)
    for name, value in expected.items():
        assert said[name] == value
    assert vigie(home, "check", "neuf").exit_code == 0
    again = vigie(home, "add", *filled, "--id", "neuf", "--yes")
    assert again.exit_code == 1
    assert "nothing was written" in again.stderr


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["{site}/vide.html", "--kind", "page"], "nothing was written"),
        (["{site}/autre.html", "--kind", "page", "--links", ":::"], "a CSS selector"),
        (["file:nulle-part", "--kind", "file"], "the drop folder is not there"),
        (["../ailleurs", "--kind", "file"], "a folder below"),
        (["imap.example", "--kind", "mailbox"], "such as imaps://"),
        (["imaps://me:motsecret42@imap.example/INBOX", "--kind", "mailbox"], "environment"),
        (["imaps://me@127.0.0.1:1/INBOX", "--kind", "mailbox"], "VIGIE_MAILBOX_PASSWORD"),
        (["{site}/feed-less.html"], "--kind page"),
    ],
)
def test_what_cannot_be_added_says_why(
    home: Path, site: Site, options: list[str], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VIGIE_MAILBOX_PASSWORD", raising=False)
    site.pages["/feed-less.html"] = "<html><title>T</title><p>Rien.</p></html>"
    before = (home / "config" / "sources.toml").read_text()
    done = vigie(home, "add", *[option.format(site=site.url) for option in options], "--yes")
    assert done.exit_code == 1
    assert told in done.stderr
    assert "motsecret42" not in done.output
    assert (home / "config" / "sources.toml").read_text() == before
