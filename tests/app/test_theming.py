"""Themes from three signals, over a real archive: reading, vectors, decisions, the commands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import main
from app.folder import Folder, write_starter
from app.pipeline.enriching import enrich, vectors_in_force
from app.pipeline.theming import theme_all, train_all
from vigie.archive import articles, theming
from vigie.archive.connect import transaction
from vigie.archive.explain import explain
from vigie.model import ArticleIntent, Item, Novelty, Rights

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
THEMES = """
[[theme]]
id = "cyber"
labels = { fr = "Cyber", nl = "Cyber", de = "Cyber", en = "Cyber" }
examples = ["Le serveur de la mairie piraté, des données volées"]
[theme.description]
fr = "Rançongiciel, serveur piraté, données volées, pirate informatique, logiciel malveillant."
[theme.rules.fr]
any = ["rançongiciel*"]
not = ["jeu vidéo"]

[[theme]]
id = "mer"
labels = { fr = "Mer", nl = "Zee", de = "Meer", en = "Sea" }
[theme.rules.fr]
any = ["chalutier*"]
"""
CYBER = "Le serveur de la mairie de Port{n} piraté, des données volées par un pirate informatique"
OTHER = "Le chalutier de Port{n} rentre au quai avec du poisson, la criée ouvre demain à l'aube"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with 140 articles: 40 of cyber without a word of its rules, 1 with, 99 others."""
    home = tmp_path_factory.mktemp("watch")
    write_starter(home)
    config = home / "config"
    (config / "themes.toml").write_text(THEMES, "utf-8")
    (config / "gazetteer.toml").write_text("", "utf-8")
    (config / "sources.toml").write_text(
        '[[source]]\nid = "phare"\ntitle = "Phare"\nurl = "https://phare.example/feed"\n'
        'rights = "full"\n',
        "utf-8",
    )
    titles = [CYBER.format(n=n) for n in range(40)] + [OTHER.format(n=n) for n in range(98)]
    titles += ["Un rançongiciel à l'hôpital", "Un rançongiciel dans un jeu vidéo"]
    folder = Folder.at(home)
    with folder.archive(NOW) as db:
        with transaction(db):
            for n, title in enumerate(titles):
                url = f"https://phare.example/{n}"
                at = NOW - timedelta(minutes=n)
                item = Item(url, url, url, title, "", published=at)
                intent = ArticleIntent(Novelty.NEW, url, item, content_hash=title)
                articles.store(db, "phare", Rights.FULL, [intent], NOW)
        enrich(db, folder.settings, NOW)
    return home


def themes_of(home: Path, n: int) -> dict[str, str]:
    with Folder.at(home).reading() as db:
        article = articles.find(db, f"https://phare.example/{n}")
        rows = db.execute(
            "SELECT theme_id, why FROM article_themes WHERE article_id = ?", [article]
        )
        return dict(rows.fetchall())


def test_rules_likeness_and_what_is_ruled_out(home: Path) -> None:
    assert "title: rançongiciel" in themes_of(home, 138)["cyber"]
    assert themes_of(home, 139) == {}
    assert "like the" in themes_of(home, 3)["cyber"]
    assert "cyber" not in themes_of(home, 60)
    with Folder.at(home).reading() as db:
        told = dict(explain(db, articles.find(db, "https://phare.example/139")))
    assert any("ruled out by title: jeu vidéo" in line for line in told["Signals"])


def test_a_second_turn_has_nothing_to_do(home: Path) -> None:
    folder = Folder.at(home)
    with folder.archive(NOW) as db:
        embedder, model = vectors_in_force(db, folder.settings, NOW)
        assert theme_all(db, folder.settings, embedder, model, NOW) == 0


def test_people_stand_above_signals_and_teach_the_theme(home: Path) -> None:
    run = CliRunner()
    told = ["--home", str(home), "themes", "say", "cyber", "--who", "mc"]
    first = run.invoke(main, [*told, "--no", "--why", "pas ici", "https://phare.example/138"])
    assert first.exit_code == 0, first.output
    yes = [f"https://phare.example/{n}" for n in range(30)]
    no = [f"https://phare.example/{n}" for n in range(50, 80)]
    assert run.invoke(main, [*told, "--yes", *yes]).exit_code == 0
    assert run.invoke(main, [*told, "--no", *no]).exit_code == 0
    folder = Folder.at(home)
    with folder.archive(NOW) as db:
        enrich(db, folder.settings, NOW)
        (model,) = theming.latest_models(db).values()
        _, vectors = vectors_in_force(db, folder.settings, NOW)
        assert train_all(db, folder.settings.themes, vectors, NOW) == []
    assert (model.theme, model.revision, model.decisions, model.of_theme) == ("cyber", 1, 61, 30)
    assert model.on_last == 12
    assert themes_of(home, 138) == {}
    assert themes_of(home, 5) == {"cyber": "said by mc"}
    learnt = themes_of(home, 35)["cyber"]
    assert "learnt from 61 decisions (model 1), nearest of those kept is a-" in learnt
    listed = run.invoke(main, ["--home", str(home), "themes"])
    assert "from 61 decisions" in listed.output
    again = run.invoke(main, ["--home", str(home), "themes", "train"])
    assert "cyber: model 2" in again.output


def test_an_edit_of_the_rules_is_tried_before_it_is_made(home: Path) -> None:
    path = home / "config" / "themes.toml"
    path.write_text(THEMES.replace('"chalutier*"', '"criée NEAR/3 aube", "hôpital~"'), "utf-8")
    try:
        words = ["--home", str(home), "themes", "test", "mer", "--limit", "2"]
        tried = CliRunner().invoke(main, words)
    finally:
        path.write_text(THEMES, "utf-8")
    assert tried.exit_code == 0, tried.output
    assert "its rules match 1 articles" in tried.output
    assert "1 would be gained" in tried.output
    assert "98 would be lost" in tried.output
    assert "and 96 more" in tried.output
    unknown = CliRunner().invoke(main, ["--home", str(home), "themes", "test", "lune"])
    assert "there are cyber, mer" in unknown.output


def test_an_address_is_no_handle(home: Path) -> None:
    said = CliRunner().invoke(
        main,
        ["--home", str(home), "themes", "say", "mer", "--yes", "--who", "a@b.fr", "https://x/"],
    )
    assert said.exit_code != 0
    assert "no address" in said.output
