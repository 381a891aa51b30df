"""Regrouping an archive: people's acts hold, cited ids lead on, a stopped one goes on."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from app.demo.server import WorldServer
from app.demo.settings import write_settings
from app.folder import Folder
from app.pipeline import regrouping
from app.pipeline.enriching import enrich
from app.pipeline.regrouping import is_due, regroup_all
from vigie.archive import articles, stories
from vigie.archive.connect import transaction
from vigie.model import ArticleIntent, Item, Novelty, Rights

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
TEXTS = (
    ("Incendie dans une usine chimique de Rouen", "Le feu a pris dans la nuit près de la Seine."),
    ("Rouen : incendie dans une usine chimique", "Les pompiers de Rouen luttent contre le feu."),
    ("Le Sénat vote la réforme des retraites", "Le texte passe après une nuit de débats."),
    ("Réforme des retraites : vote du Sénat", "Les sénateurs adoptent le texte de nuit."),
    ("Lens bat Monaco en coupe de France", "Deux buts en fin de match pour les Nordistes."),
)


def vigie(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A folder whose archive holds the texts, published in the last month, placed."""
    with WorldServer() as world:
        write_settings(tmp_path, world.world, world.base_url, 1)
    folder = Folder.at(tmp_path)
    with folder.archive(NOW) as db:
        source = folder.settings.sources[0].id
        for week in range(3):
            for n, (title, summary) in enumerate(TEXTS):
                key = f"https://phare.example/{week}-{n}"
                published = NOW - timedelta(days=9 * week, hours=n)
                item = Item(
                    url=key,
                    canonical_url=key,
                    guid=key,
                    title=f"{title}, semaine {week}",
                    summary=summary,
                    published=published,
                )
                intent = ArticleIntent(Novelty.NEW, key, item, content_hash=key)
                with transaction(db):
                    articles.store(db, source, Rights.EXCERPT, [intent], NOW)
        enrich(db, folder.settings, NOW)
    return folder


def found(folder: Folder) -> dict[str, str]:
    """Each article's story, by their names."""
    with folder.reading() as db:
        return dict(db.execute("SELECT article, story FROM news").fetchall())


def public(folder: Folder, key: str) -> str:
    with folder.reading() as db:
        return str(db.execute("SELECT public_id FROM articles WHERE key = ?", [key]).fetchone()[0])


def test_a_regrouping_leaves_nobody_out_and_a_second_one_changes_nothing(folder: Folder) -> None:
    with folder.archive(NOW) as db:
        assert regroup_all(db, folder.settings, NOW, everything=True) == 15
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    before = found(folder)
    assert len(before) == 15
    assert all(before.values())
    with folder.archive(NOW) as db:
        regroup_all(db, folder.settings, NOW, everything=True)
    assert found(folder) == before


def test_what_people_merged_and_split_outlives_regroupings(folder: Folder) -> None:
    home = str(folder.settings.home)
    fire, foot, vote = (public(folder, f"https://phare.example/0-{n}") for n in (0, 4, 2))
    other_vote = public(folder, "https://phare.example/0-3")
    assert found(folder)[vote] == found(folder)[other_vote]
    cited = found(folder)[foot]
    merged = vigie("--home", home, "stories", "merge", fire, foot, "--who", "mc", "--why", "x")
    assert merged.exit_code == 0, merged.output
    parted = vigie(
        "--home", home, "stories", "split", vote, other_vote, "--who", "mc", "--why", "non"
    )
    assert parted.exit_code == 0, parted.output
    again = vigie("--home", home, "enrich", "--regroup")
    assert again.exit_code == 0, again.output
    after = found(folder)
    assert after[fire] == after[foot] != cited
    assert after[vote] != after[other_vote]
    shown = vigie("--home", home, "archive", "show", cited)
    assert after[fire] in shown.output
    assert "merge by mc: x" in shown.output
    hits = vigie("--home", home, "search", "--story", cited, "--json")
    assert "Lens bat Monaco" in hits.output
    why = vigie("--home", home, "why", other_vote)
    assert "split off by mc: non" in why.output
    assert "(1 article)" in why.output
    unknown = vigie("--home", home, "stories", "show", "s-nothing")
    assert unknown.exit_code == 1
    assert "vigie search" in unknown.stderr


def test_why_names_the_nearest_member_the_score_and_what_is_shared(folder: Folder) -> None:
    second = public(folder, "https://phare.example/0-0")
    said = vigie("--home", str(folder.settings.home), "why", second).output
    assert "nearest, 0." in said
    assert "shares" in said
    assert "Rouen" in said


def test_a_stopped_regrouping_goes_on_with_its_next_chunk(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = []
    real = stories.store_regrouped

    def stored(*arguments: object) -> None:
        if len(whole) == 1:
            raise KeyboardInterrupt
        whole.append(1)
        real(*arguments)  # type: ignore[arg-type]  # passed on as they came

    with folder.archive(NOW) as db:
        monkeypatch.setattr(regrouping.stories, "store_regrouped", stored)
        with pytest.raises(KeyboardInterrupt):
            regroup_all(db, folder.settings, NOW, everything=True)
        monkeypatch.setattr(regrouping.stories, "store_regrouped", real)
        assert regroup_all(db, folder.settings, NOW, everything=True) == 10  # 5 were done
        assert stories.last_regrouped(db) == NOW


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        (None, "2026-11-20T12:00", True),
        ("2026-11-20T02:30", "2026-11-20T12:00", False),  # 3:30 in Paris: this night's
        ("2026-11-20T01:30", "2026-11-20T12:00", True),  # 2:30 in Paris: before this night
        ("2026-11-19T12:00", "2026-11-20T01:30", False),  # the night has not come yet
        ("2026-11-10T12:00", "2026-11-20T01:30", True),  # missed ones are made up by one
    ],
)
def test_once_a_night(last: str | None, now: str, due: bool) -> None:
    moments = [datetime.fromisoformat(f"{text}+00:00") if text else None for text in (last, now)]
    assert moments[1] is not None
    assert is_due(moments[0], moments[1], "Europe/Paris") is due
