"""A folder with rules of alerts, people on their list, and articles put into the archive."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.folder import Folder
from app.pipeline import alerting
from app.pipeline.alerting import Cycle
from vigie.archive import articles, groups, people, readings, wishes
from vigie.archive.connect import transaction
from vigie.archive.people import NewRecipient
from vigie.archive.wishes import Wish
from vigie.errors import NotFoundError
from vigie.model import (
    Advisory,
    ArticleIntent,
    Item,
    Language,
    Novelty,
    Placement,
    Reading,
    Rights,
    ThemeHit,
)
from vigie.schema import ALERTS

NOW = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)  # a Wednesday, ten in Paris
SOURCES = """
[[source]]
id = "cert"
title = "CERT-FR"
url = "https://cert.example/feed"
rights = "full"

[[source]]
id = "maker"
title = "Fabrique PSIRT"
url = "https://maker.example/feed"
rights = "excerpt"
"""
RULES = """
[[alert]]
id = "grave"
title = "Avis graves"
severity = "high"

[[alert]]
id = "fortinet"
vendors = ["Fortinet"]
"""


SETTINGS = """
[collect]
allow_inside = {inside}

[mail]
host = "127.0.0.1"
port = {port}
sender = "Veille <veille@example.org>"
per_minute = 100000
per_domain = 100000
{mail}

[serve]
url = "https://veille.example"

[[edition]]
id = "normandie"
title = {{ fr = "Bulletin", nl = "Bulletin", de = "Bulletin", en = "Bulletin" }}
languages = ["fr", "nl", "de", "en"]
"""
THEMES = """
[[theme]]
id = "cyber"
labels = { fr = "Cybersécurité", nl = "Cyber", de = "Cyber", en = "Cyber" }

[[theme]]
id = "energy"
labels = { fr = "Énergie", nl = "Energie", de = "Energie", en = "Energy" }
"""


def folder(
    home: Path, port: int, rules: str = RULES, mail: str = "", inside: tuple[str, ...] = ()
) -> Folder:
    """A folder whose mail goes to that port; `mail` adds to its table."""
    config = home / "config"
    config.mkdir(parents=True, exist_ok=True)
    if "per_minute" in mail:
        mail, main = "", SETTINGS.replace("per_minute = 100000", mail)
    else:
        main = SETTINGS
    main = main.format(port=port, mail=mail, inside=json.dumps(inside))
    texts = {"vigie": main, "sources": SOURCES, "themes": THEMES, "gazetteer": "", "alerts": rules}
    for name, text in texts.items():
        (config / f"{name}.toml").write_text(text, encoding="utf-8")
    return Folder.at(home)


def person(
    folder: Folder, name: str, wish: Wish | None = None, *editions: str, **said: object
) -> int:
    """Someone on the list of alerts; gives their number."""
    plain = NewRecipient(
        *(name.title(), f"{name}@a.example", "fr", "Structure A", editions or (ALERTS,)),
        *("legitimate interest", "test"),
    )
    new = replace(plain, **said)  # type: ignore[arg-type] # fields are given by name, any of them
    with folder.desk() as desk:
        people.add_recipient(desk, new, NOW)
        row = people.recipient(desk, new.address)
        if wish is not None:
            wishes.wish(desk, row.id, wish, NOW)
    return row.id


@dataclass(frozen=True, slots=True)
class Said:
    """An article as a test tells it."""

    url: str
    title: str = "Vulnérabilité dans les produits Fortinet"
    summary: str = "Une vulnérabilité a été découverte."
    source: str = "cert"
    advisory: Advisory | None = None
    published: datetime = NOW - timedelta(hours=1)
    theme: str = ""
    cites: tuple[str, ...] = ()
    story: str = ""  # the address of the article with which it stands in one story


def advisory(number: int = 1, revision: str = "2026-11-18", **said: object) -> Advisory:
    plain = Advisory(
        reference=f"CERTFR-2026-AVI-{number:04}",
        revision=revision,
        issuer="CERT-FR",
        cves=(f"CVE-2026-{1000 + number}",),
        vendors=("Fortinet",),
        products=("FortiOS",),
        risks=("Exécution de code arbitraire à distance",),
    )
    return replace(plain, **said)  # type: ignore[arg-type] # fields are given by name, any of them


def tell(folder: Folder, *every: Said, now: datetime = NOW) -> None:
    """Store articles, or new revisions of them, as read and placed."""
    with folder.archive(now) as db:
        for said in every:
            _store(db, said, now)
        model = readings.register_model(db, "reading", "test", "1", now)
        jobs = readings.unread(db, 1000)
        by_url = {articles.find(db, said.url): said for said in every}
        found = [_reading(job.article, job.revision, by_url[job.article]) for job in jobs]
        readings.store_readings(db, model.id, zip(jobs, found, strict=True), now)
        grouping = readings.register_model(db, "grouping", "test", "1", now)
        placed = {row[0] for row in db.execute("SELECT article_id FROM story_members")}
        for article, said in by_url.items():
            if article not in placed:
                founder = articles.find(db, said.story) if said.story else article
                groups.store(db, grouping.id, [_placement(article, founder)], now)


def _store(db: object, said: Said, now: datetime) -> None:
    item = Item(
        url=said.url,
        canonical_url=said.url,
        guid=said.url,
        title=said.title,
        summary=said.summary,
        published=said.published,
        advisory=said.advisory,
    )
    content = repr((said.title, said.summary, said.advisory))
    try:
        article: int | None = articles.find(db, said.url)  # type: ignore[arg-type]  # a Database
    except NotFoundError:
        article = None
    intent = ArticleIntent(Novelty.NEW, said.url, item, content)
    if article is not None:
        intent = ArticleIntent(
            Novelty.REVISED, said.url, item, content, article=article, changed=("text",)
        )
    with transaction(db):  # type: ignore[arg-type]  # a Database
        rights = Rights.FULL if said.source == "cert" else Rights.EXCERPT
        articles.store(db, said.source, rights, [intent], now)  # type: ignore[arg-type]  # the same


def _reading(article: int, revision: int, said: Said) -> Reading:
    themes = (ThemeHit(said.theme, 0.9, "dit"),) if said.theme else ()
    return Reading(article, revision, Language("fr", 1.0, "dit"), (), themes)


def _placement(article: int, founder: int) -> Placement:
    near = None if article == founder else founder
    return Placement(article, article, None, 1.0, "dit", founder, near, 1.0, "dit")


def turn(folder: Folder, now: datetime = NOW) -> Cycle:
    """One cycle of alerts at that moment."""
    with folder.lock(), folder.archive(now) as archive, folder.desk() as desk:
        return alerting.cycle(folder.settings, archive, desk, now)
