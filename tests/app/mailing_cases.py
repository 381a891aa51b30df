"""A small issue and 400 recipients in four languages, for tests that send it for real."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.folder import Folder, clock
from app.pipeline import mailing
from vigie.archive import issues, people
from vigie.archive.people import NewRecipient
from vigie.model import Issue, IssueItem, Section

NOW = datetime(2027, 1, 6, 8, 0, tzinfo=UTC)
ID = "bench-2026Q4"
RECIPIENTS = 400

SETTINGS = """[paths]
archive = "archive.db"
desk = "desk.db"

[mail]
host = "127.0.0.1"
port = {port}
sender = "Veille <veille@region.example>"
per_minute = 6000
per_domain = 100000

[serve]
url = "https://veille.region.example"

[[edition]]
id = "bench"
title = {{ fr = "Veille", nl = "Veille", de = "Veille", en = "Veille" }}
languages = ["fr", "nl", "de", "en"]
"""


def sending(home: Path) -> None:
    """What is killed: `vigie digest send`, without the command line around it."""
    folder, now = Folder.at(home), clock()
    with folder.lock(), folder.archive(now) as archive, folder.desk() as desk:
        mailing.send(folder, archive, desk, ID, now, moment=clock)


def prepare(home: Path, port: int) -> None:
    (home / "config").mkdir(parents=True)
    (home / "config" / "vigie.toml").write_text(SETTINGS.format(port=port), encoding="utf-8")
    for name in ("sources", "themes", "gazetteer"):
        (home / "config" / f"{name}.toml").write_text("", encoding="utf-8")
    item = IssueItem(
        *(1, 1, "s-1", "other", 1, "Titre", "Quelques mots.", "https://news.example.org/1"),
        *("Journal", "B", NOW, "fr", "", (), ("A",), "retenu par mc"),
    )
    labels = dict.fromkeys(("fr", "nl", "de", "en"), "Veille")
    start, sections = NOW - timedelta(days=90), (Section("other", labels),)
    issue = Issue(ID, "bench", labels, "2026Q4", start, NOW, 1, sections, (item,), NOW)
    folder = Folder.at(home)
    with folder.archive(NOW) as archive, folder.desk() as desk:
        archive.execute("PRAGMA foreign_keys = OFF")  # no article here
        issues.publish(archive, issues.Freeze(issue, [], "Veille", "mc", NOW))
        for n in range(RECIPIENTS):
            language = ("fr", "nl", "de", "en")[n % 4]
            person = NewRecipient(
                f"P{n}", f"p{n}@a.example", language, "S", ("bench",), "contract", "test"
            )
            people.add_recipient(desk, person, NOW)
