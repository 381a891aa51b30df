"""Kinds of source in sources.toml: each its address and its table, and no other's."""

from __future__ import annotations

from pathlib import Path

import pytest

from vigie import naming, settings
from vigie.errors import SettingsError
from vigie.model import Kind
from vigie.schema import Source

GOOD = """
[[source]]
id = "page"
title = "Une page"
kind = "page"
url = "https://a.example/actus"
page = { links = "article h2 a", title = "h2", date = "time", pattern = "/20[0-9]{2}/" }

[[source]]
id = "plan"
title = "Un plan"
kind = "sitemap"
url = "https://a.example/sitemap.xml"
sitemap = { pattern = "/actu/", max_age_days = 10 }

[[source]]
id = "depot"
title = "Un dossier"
kind = "file"
url = "file:depot/etudes"
file = { glob = "*.csv", columns = { title = "Titre", url = "Lien" } }

[[source]]
id = "depot-ris"
title = "Le même dossier"
kind = "file"
url = "file:depot/etudes"
file = { glob = "*.ris" }

[[source]]
id = "boite"
title = "Une boîte"
kind = "mailbox"
mailbox = { host = "imap.a.example", user = "veille@a.example", senders = ["@b.example"] }

[[source]]
id = "boite-2"
title = "La même boîte"
kind = "mailbox"
mailbox = { host = "imap.a.example", user = "veille@a.example", senders = ["@c.example"] }

[[source]]
id = "avis"
title = "Avis"
kind = "advisory"
url = "https://a.example/avis"
advisory = { format = "certfr" }

[[source]]
id = "partenaires"
title = "Partenaires"
kind = "contribution"
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    config = tmp_path / "config"
    config.mkdir()
    (config / "vigie.toml").write_text(
        '[[edition]]\nid = "n"\ntitle = { fr = "N", nl = "N", de = "N", en = "N" }\n'
    )
    (config / "themes.toml").write_text("")
    (config / "gazetteer.toml").write_text("")
    return tmp_path


def test_every_kind_is_read(home: Path) -> None:
    (home / "config" / "sources.toml").write_text(GOOD)
    found = {source.id: source for source in settings.load(home).sources}
    assert {source.kind for source in found.values()} | {Kind.FEED} == set(Kind)
    assert found["page"].address == "https://a.example/actus"
    assert found["depot"].address == "file:depot/etudes/*.csv"
    assert found["boite"].address == "mailbox:imap.a.example/INBOX"  # and nobody's address
    assert found["partenaires"].address == "contribution:partenaires"
    assert found["boite"].mailbox is not None
    assert found["boite"].mailbox.port == 993


@pytest.mark.parametrize(
    ("lines", "key", "said"),
    [
        ('kind = "page"', "url", "the http(s) address that is polled for a page"),
        ('kind = "feed"\nurl = "file:x"', "url", "the http(s) address"),
        ('kind = "file"', "url", "as file:depot"),
        ('kind = "file"\nurl = "file:/etc"', "url", "below the one that holds config/"),
        ('kind = "file"\nurl = "file:../x"', "url", "below the one that holds config/"),
        ('kind = "file"\nurl = "file:."', "url", "below the one that holds config/"),
        ('kind = "contribution"\nurl = "https://a.example"', "url", "no url"),
        ('kind = "mailbox"', "mailbox", 'a table "mailbox"'),
        ('kind = "advisory"\nurl = "https://a.example"', "advisory", 'a table "advisory"'),
        (
            'url = "https://a.example"\npage = { links = "a" }',
            "page",
            'no table "page" on a source of kind "feed"',
        ),
        (
            'kind = "page"\nurl = "https://a.example"\npage = { links = "a[" }',
            "page.links",
            "a CSS selector",
        ),
        (
            'kind = "page"\nurl = "https://a.example"\npage = { pattern = "(" }',
            "page.pattern",
            "a regular expression",
        ),
        (
            'kind = "page"\nurl = "https://a.example"\npage = { link = "a" }',
            "page.link",
            "only the keys",
        ),
        ('kind = "file"\nurl = "file:x"\nfile = { glob = "../*" }', "file.glob", "within the"),
        (
            'kind = "file"\nurl = "file:x"\nfile = { columns = { titre = "T" } }',
            "file.columns.titre",
            "'title'",
        ),
    ],
)
def test_what_does_not_fit_the_kind_is_named(home: Path, lines: str, key: str, said: str) -> None:
    text = f'[[source]]\nid = "x"\ntitle = "T"\n{lines}\n'
    (home / "config" / "sources.toml").write_text(text)
    with pytest.raises(SettingsError) as caught:
        settings.load(home)
    named = [problem for problem in caught.value.problems if said in problem.expected]
    assert named, caught.value.problems
    assert named[0].key.startswith(f"source.0.{key}")
    assert named[0].key.endswith("(x)")


def test_one_folder_under_two_ids_is_a_mistake(home: Path) -> None:
    (home / "config" / "sources.toml").write_text(GOOD.replace('"*.ris"', '"*.csv"'))
    with pytest.raises(SettingsError, match=r"file:depot/etudes/\*.csv"):
        settings.load(home)


def test_a_feed_is_what_it_was() -> None:
    assert Source(id="a", title="A", url="https://a.fr/f").address == "https://a.fr/f"


@pytest.mark.parametrize(
    ("url", "title"),
    [
        ("https://a.fr/2026/11/port-jerome-accueille-1_612.html", "Port jerome accueille"),
        ("https://a.fr/actus/123456/un%C3%A9-%C3%A9t%C3%A9", "Uné été"),
        ("https://a.fr/", ""),
        ("https://a.fr/12345", ""),
        ("https://a.fr/plan-2030/objectif-2030-pour-la-seine", "Objectif 2030 pour la seine"),
        ("https://[", ""),
    ],
)
def test_a_title_is_made_from_an_address(url: str, title: str) -> None:
    assert naming.from_address(url) == title
