"""The demo: the whole job, from feeds over HTTP to mail over SMTP, looked at from outside."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import tomllib
from collections import Counter, defaultdict
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import main
from app.demo.run import CHOICES, demonstrate
from app.demo.world import load_world
from vigie.errors import ArchiveError
from vigie.model import Form

ISSUE = "demo-2026Q4"
LANGUAGES = ("fr", "nl", "de", "en")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("demo") / "out"
    demonstrate(home)
    return home


@pytest.fixture(scope="module")
def summary(home: Path) -> dict:
    return json.loads((home / "summary.json").read_text("utf-8"))


def vigie(home: Path, *arguments: str):
    return CliRunner().invoke(main, ["--home", str(home), *arguments])


def query(home: Path, sql: str) -> list[tuple]:
    db = sqlite3.connect(f"file:{home}/archive.db?mode=ro", uri=True)
    rows = db.execute(sql).fetchall()
    db.close()
    return rows


def test_every_item_of_the_world_is_in_the_archive_once(home: Path) -> None:
    world = load_world()
    keys = [key for (key,) in query(home, "SELECT key FROM articles")]
    assert len(keys) == len(set(keys)) == len(world.items)


def test_faulty_sources_are_named_with_their_fault_and_harm_no_other(summary: dict) -> None:
    world = load_world()
    faulty = {feed.id for feed in world.feeds if not feed.serves_items}
    kinds = {failed["source"]: failed["kind"] for failed in summary["failed"]}
    assert set(kinds) == faulty
    assert kinds.pop("hostile") in ("too-large", "timeout")  # whichever limit is met first
    assert sorted(kinds.values()) == ["hostile", "not-a-feed", "timeout"]
    assert summary["sources_ok"] == summary["sources"] - len(faulty)


def test_full_texts_are_fetched_where_rights_say_so_and_only_there(home: Path) -> None:
    rows = query(
        home,
        """SELECT s.rights, r.text_from, count(*), min(length(r.text)) FROM revisions r
           JOIN articles a ON a.id = r.article_id JOIN sources s ON s.id = a.source_id
           GROUP BY 1, 2""",
    )
    found = {(rights, came_from): shortest for rights, came_from, _, shortest in rows}
    assert set(found) == {("full", "page"), ("excerpt", ""), ("link", "")}
    assert found["full", "page"] > 200


def test_nothing_of_the_hostile_world_was_fetched_beyond_loopback(home: Path) -> None:
    config = tomllib.loads((home / "config" / "sources.toml").read_text("utf-8"))
    assert all("//127.0.0.1:" in source["url"] for source in config["source"])


def test_languages_are_those_of_the_outlets(home: Path) -> None:
    rows = query(
        home,
        """SELECT s.language, g.language FROM readings g JOIN articles a ON a.id = g.article_id
           JOIN sources s ON s.id = a.source_id""",
    )
    wrong = [row for row in rows if row[0] != row[1]]
    assert len(wrong) <= 0.02 * len(rows), wrong


def pairs_of(groups: dict[str, set[str]]) -> set[frozenset[str]]:
    return {
        frozenset((a, b)) for members in groups.values() for a in members for b in members if a < b
    }


def truth(kind: str) -> set[frozenset[str]]:
    groups: dict[str, set[str]] = defaultdict(set)
    for item in load_world().items:
        if name := getattr(item, kind):
            groups[name].add(item.id)
    return pairs_of(groups)


def found(home: Path, sql: str) -> set[frozenset[str]]:
    groups: dict[str, set[str]] = defaultdict(set)
    for key, group in query(home, sql):
        groups[group].add(key.rsplit("/", 1)[1].removesuffix(".html"))
    return pairs_of(groups)


def test_near_duplicates_are_found_and_follow_ups_are_not_folded(home: Path) -> None:
    wanted = truth("duplicate")
    got = found(
        home,
        """SELECT a.key, m.group_id FROM duplicate_members m
           JOIN articles a ON a.id = m.article_id""",
    )
    # The demo's own texts, 43 groups: a look at the machinery, not a measure of quality.
    assert len(got & wanted) >= 0.5 * len(wanted)
    assert len(got - wanted) <= 0.1 * len(got)


def test_stories_meet_across_sources_and_languages(home: Path, summary: dict) -> None:
    wanted = truth("story")
    got = found(
        home, "SELECT a.key, m.story_id FROM story_members m JOIN articles a ON a.id = m.article_id"
    )
    assert len(got & wanted) >= 0.5 * len(wanted)
    assert len(got - wanted) <= 0.15 * len(got)
    assert summary["counts"]["stories_across_languages"] >= 8


def test_stories_meet_across_languages_and_none_that_should_not(home: Path) -> None:
    """The demo's own stories in two languages and more: all of them, none false."""
    language = {feed.id: feed.language for feed in load_world().feeds}
    items = {one.id: one for one in load_world().items}

    def crossing(pairs: set[frozenset[str]]) -> set[frozenset[str]]:
        return {pair for pair in pairs if len({language[items[one].feed] for one in pair}) == 2}

    got = crossing(
        found(
            home,
            "SELECT a.key, m.story_id FROM story_members m JOIN articles a ON a.id = m.article_id",
        )
    )
    wanted = crossing(truth("story"))
    told = {items[one].story for pair in wanted for one in pair}
    met = {items[one].story for pair in got & wanted for one in pair}
    assert got - wanted == set()
    assert told - met == set()
    assert len(told) == 28


def test_every_result_says_which_model_and_why(home: Path) -> None:
    for table in ("readings", "duplicate_members", "story_members"):
        ((without,),) = query(
            home,
            f"""SELECT count(*) FROM {table} t LEFT JOIN models m ON m.id = t.model_id
                WHERE m.revision IS NULL OR t.why = ''""",
        )
        assert without == 0
    for table in ("mentions", "article_themes"):
        assert query(home, f"SELECT count(*) FROM {table} WHERE why = ''") == [(0,)]


def test_the_coordinators_choices_are_decisions_and_shape_the_issue(home: Path) -> None:
    verdicts = Counter(row[0] for row in query(home, "SELECT verdict FROM decisions"))
    assert verdicts == Counter(choice.verdict.value for choice in CHOICES)
    issue = query(home, "SELECT story, why FROM issue_items ORDER BY position")
    rejected = query(
        home,
        """SELECT st.public_id FROM decisions d JOIN story_members m ON m.article_id = d.article_id
           JOIN stories st ON st.id = m.story_id WHERE d.verdict = 'reject'""",
    )
    assert not {story for story, _ in issue} & {story for (story,) in rejected}
    kept = [why for _, why in issue if "retenu par mc" in why]
    assert len(kept) == verdicts["keep"]


def test_the_issue_is_frozen_with_its_files(home: Path) -> None:
    files = query(home, "SELECT language, form, content FROM issue_files")
    assert {(language, form) for language, form, _ in files} == {
        (language, form.value) for language in LANGUAGES for form in Form
    }
    for language, form, content in files:
        middle = "" if language == "fr" else f".{language}"
        assert (home / "bulletin" / f"{ISSUE}{middle}.{Form(form).suffix}").read_bytes() == content
    ((items,),) = query(home, "SELECT count(*) FROM issue_items")
    assert items >= 20


def test_the_issue_has_what_no_theme_foresees_each_with_its_reason(home: Path) -> None:
    rows = query(home, "SELECT section, title, why, happens FROM bulletin ORDER BY position")
    found = {section: [row[1:] for row in rows if row[0] == section] for section, *_ in rows}
    titles = {section: " ".join(title for title, *_ in ones) for section, ones in found.items()}
    assert "Lorient" in titles["elsewhere"]
    assert "Köln" in titles["elsewhere"]
    assert "Galet" in titles["outside"]
    assert "Colloque sur le secret des affaires" in titles["agenda"]
    days = [day for *_, day in found["agenda"]]
    assert days == sorted(days)
    assert min(days) > "2026-11-20"
    assert all(why for _, _, why, _ in rows)
    stories = query(home, "SELECT count(*), count(DISTINCT story) FROM issue_items")
    assert stories[0][0] == stories[0][1]
    assert "TunnelMar" in titles["alerts"]
    noted = query(home, "SELECT credibility FROM bulletin WHERE comment LIKE 'L’enquête%'")
    assert noted == [("2",)]
    quoted = query(home, "SELECT count(*) FROM issue_items WHERE summary <> '[]'")
    assert quoted[0][0] >= 15


@pytest.mark.slow
def test_the_issue_is_drawn_again_byte_for_byte(home: Path) -> None:
    result = vigie(home, "digest", "rebuild", ISSUE)
    assert result.exit_code == 0, result.output
    assert "24 of 24 files have the same bytes" in result.output


def outbox(home: Path) -> list[EmailMessage]:
    return [
        message_from_bytes(path.read_bytes(), policy=default)  # type: ignore[misc]  # its class
        for path in sorted((home / "outbox").glob("*.eml"))
    ]


def test_one_alert_left_beside_the_bulletin_and_says_why(home: Path, summary: dict) -> None:
    (alert,) = [one for one in outbox(home) if "<alerts." in one["List-Id"]]
    body = alert.get_body(("plain",)).get_content()
    assert summary["alerts"] == 1
    assert "CVE-2026-990341" in body
    assert "Une faille dont on parle" in body
    ((kind, sources),) = query(home, "SELECT kind, sources FROM alert_list")
    assert (kind, sources) == ("story", 4)


def test_each_recipient_received_one_message_in_their_language(home: Path, summary: dict) -> None:
    messages = [one for one in outbox(home) if "<alerts." not in one["List-Id"]]
    assert len(messages) == 8 == len({str(message["To"]) for message in messages})
    assert {one["state"] for one in summary["sent"]} == {"sent"}
    assert len({one["structure"] for one in summary["sent"]}) == 4
    languages = Counter()
    for message in messages:
        assert isinstance(message, EmailMessage)
        assert [part.get_content_type() for part in message.iter_parts()] == [
            "text/plain",
            "text/html",
        ]
        assert message["Message-ID"]
        assert message["List-Id"]
        page = message.get_body(("html",)).get_content()
        languages[next(code for code in LANGUAGES if f'lang="{code}"' in page[:600])] += 1
    assert languages == Counter({"fr": 4, "nl": 2, "de": 1, "en": 1})


def test_no_address_of_a_person_is_in_the_archive(home: Path) -> None:
    db = sqlite3.connect(home / "desk.db")
    addresses = [address for (address,) in db.execute("SELECT address FROM recipients")]
    db.close()
    content = (home / "archive.db").read_bytes() + (home / "archive.db-wal").read_bytes()
    assert addresses
    assert not [address for address in addresses if address.encode() in content]


def test_search_answers_in_json_and_csv(home: Path) -> None:
    result = vigie(
        home, "search", "énergie OR chantage", "--lang", "fr", "--since", "2026-01", "--json"
    )
    assert result.exit_code == 0
    hits = json.loads(result.stdout)
    assert hits
    assert {hit["language"] for hit in hits} == {"fr"}
    rows = list(csv.DictReader(io.StringIO(vigie(home, "search", "port", "--csv").stdout)))
    assert rows
    assert rows[0]["article"].startswith("a-")


@pytest.mark.parametrize(
    "arguments",
    [
        ("search", "énergie"),
        ("sources",),
        ("sources", "--ill", "--json"),
        ("sources", "show", "phare-normand"),
        ("archive", "counts"),
        ("archive", "check"),
        ("digest", "list"),
        ("digest", "recipients", "list"),
        ("digest", "send", ISSUE),
    ],
)
def test_the_commands_work_on_what_the_demo_left(home: Path, arguments: tuple[str, ...]) -> None:
    result = vigie(home, *arguments)
    assert result.exit_code == 0, result.output


def test_keeping_rejecting_and_drafting_again_by_command(home: Path) -> None:
    ((article,),) = query(
        home,
        """SELECT a.public_id FROM articles a WHERE a.id NOT IN
           (SELECT article_id FROM article_themes) ORDER BY a.public_id LIMIT 1""",
    )
    assert vigie(home, "keep", article, "--who", "lv", "--why", "à suivre").exit_code == 0
    draft = vigie(home, "digest", "draft", "--quarter", "2026Q4")
    assert draft.exit_code == 0, draft.output
    assert "revision 2" in draft.output
    shown = vigie(home, "digest", "show", ISSUE)
    assert "Hors catégorie" in shown.output
    assert "retenu par lv\xa0: à suivre" in shown.output
    assert vigie(home, "reject", article, "--who", "lv").exit_code == 0
    vigie(home, "digest", "draft", "--quarter", "2026Q4")
    assert "retenu par lv" not in vigie(home, "digest", "show", ISSUE).output


def test_all_that_is_known_of_an_article_is_told_with_its_reason(home: Path) -> None:
    ((article,),) = query(
        home,
        """SELECT a.public_id FROM articles a JOIN duplicate_members m ON m.article_id = a.id
           JOIN article_themes t ON t.article_id = a.id JOIN mentions n ON n.article_id = a.id
           WHERE m.neighbour_id IS NOT NULL ORDER BY 1 LIMIT 1""",
    )
    told = vigie(home, "archive", "show", article).output
    for heading in ("Article", "Carried by", "Language", "Themes", "Names", "Story", "Models"):
        assert f"{heading}\n" in told
    assert "nearest is a-" in told


def test_a_wrong_quarter_is_an_error_that_shows_a_right_one(home: Path) -> None:
    result = vigie(home, "digest", "draft", "--quarter", "winter")
    assert result.exit_code == 2
    assert "2026Q4" in result.stderr


def test_a_folder_that_no_demo_wrote_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep me")
    with pytest.raises(ArchiveError, match="--dir"):
        demonstrate(tmp_path)
    assert (tmp_path / "mine.txt").read_text() == "keep me"
