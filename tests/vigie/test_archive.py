"""The archive: transactional, migrated once, read-only for readers, and the queue of the stages."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from vigie.archive import articles, connect, decisions, declared, groups, ids, readings, sources
from vigie.archive.connect import transaction
from vigie.archive.moments import from_text, to_text
from vigie.archive.search import SearchFilter, query_of, search
from vigie.errors import ArchiveError, NotFoundError
from vigie.model import (
    ArticleIntent,
    Decision,
    Failure,
    FailureKind,
    Item,
    Novelty,
    Page,
    Placement,
    PollState,
    Rights,
    Unparsed,
    Verdict,
)
from vigie.schema import Source

ANY = SearchFilter()


def test_a_new_archive_is_sound_and_every_view_answers(archive) -> None:
    assert connect.check(archive.db) == []
    for view in archive.db.view_names():
        archive.db.execute(f"SELECT * FROM {view}").fetchall()
    (mode,) = archive.db.execute("PRAGMA journal_mode").fetchone()
    (keys,) = archive.db.execute("PRAGMA foreign_keys").fetchone()
    assert (mode, keys) == ("wal", 1)


def test_opening_again_migrates_nothing_and_loses_nothing(archive) -> None:
    archive.carries("https://phare.example/1", "Un titre")
    steps = archive.db.table("_sqlite_migrations").count
    again = connect.open_archive(archive.path)
    assert again.table("articles").count == 1
    assert again.table("_sqlite_migrations").count == steps
    again.close()


def test_an_archive_of_an_earlier_vigie_is_brought_up_to_date_when_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "archive.db"
    with monkeypatch.context() as earlier:
        earlier.setattr(connect, "ARCHIVE", connect.ARCHIVE[:1])
        old = connect.open_archive(path)
        old.execute("INSERT INTO source_events (at, kind, detail) VALUES ('t', 'outage', 'all')")
        old.conn.commit()
        old.close()
    db = connect.read(path)
    assert db.execute("SELECT kind, detail FROM source_events").fetchall() == [("outage", "all")]
    assert db.execute("SELECT count(*) FROM followed").fetchone() == (0,)
    db.close()


def test_an_archive_of_a_later_vigie_is_refused(archive) -> None:
    archive.db.execute("UPDATE _sqlite_migrations SET name = 'archive_9999' WHERE rowid = 1")
    with pytest.raises(ArchiveError, match="later Vigie"):
        connect.open_archive(archive.path)


def test_a_file_that_is_no_database_is_refused_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(ArchiveError, match=r"archive\.db"):
        connect.open_archive(path)
    with pytest.raises(ArchiveError, match=r"archive\.db"):
        connect.read(path)


def test_a_failed_transaction_leaves_nothing(archive) -> None:
    def half() -> None:
        with transaction(archive.db):
            archive.db.execute("UPDATE sources SET title = 'changed' WHERE id = 'phare'")
            archive.db.execute("INSERT INTO polls (source_id, next_due) VALUES ('nobody', 'x')")

    with pytest.raises(sqlite3.IntegrityError):
        half()
    (title,) = archive.db.execute("SELECT title FROM sources WHERE id = 'phare'").fetchone()
    assert title == "Le Phare"


def test_readers_cannot_write(archive) -> None:
    reader = connect.read(archive.path)
    with pytest.raises(sqlite3.OperationalError, match=r"readonly|query_only"):
        reader.execute("DELETE FROM sources")
    reader.close()


def test_the_ddl_is_complete_and_commented() -> None:
    for name in ("archive", "desk"):
        ddl = connect.schema(name)
        tables = [line for line in ddl.splitlines() if line.startswith("CREATE TABLE")]
        assert tables
        assert "--" in ddl
    for wanted in (
        *("sources", "fetches", "articles", "revisions", "entities", "mentions", "themes"),
        *("article_themes", "vectors", "duplicate_groups", "stories", "decisions", "issues"),
        *("issue_items", "quarantine"),
    ):
        assert f"CREATE TABLE {wanted} (" in connect.schema("archive")
    for wanted in (
        *("users", "partners", "recipients", "subscriptions", "deliveries", "drafts", "comments"),
    ):
        assert f"CREATE TABLE {wanted} (" in connect.schema("desk")


def test_times_without_a_zone_are_refused() -> None:
    moment = from_text("2026-11-20T08:00:00Z")
    assert to_text(moment) == "2026-11-20T08:00:00Z"
    with pytest.raises(ValueError, match="without a zone"):
        to_text(moment.replace(tzinfo=None))


def test_an_edit_is_a_revision_and_search_finds_the_new_words_only(archive) -> None:
    key = "https://phare.example/1"
    archive.carries(key, "Éoliennes en mer")
    archive.edits(key, "Hydroliennes en mer")
    rows = archive.db.execute("SELECT n, title FROM revisions ORDER BY n").fetchall()
    assert rows == [(1, "Éoliennes en mer"), (2, "Hydroliennes en mer")]
    assert archive.db.execute("SELECT revision FROM articles").fetchone() == (2,)
    assert [hit.title for hit in search(archive.db, "hydroliennes", ANY)] == ["Hydroliennes en mer"]
    assert search(archive.db, "éoliennes", ANY) == []


def test_search_folds_accents_and_capitals(archive) -> None:
    archive.carries("https://phare.example/1", "L'énergie à Évreux")
    for words in ("energie", "ÉNERGIE", "evreux", "l'énergie", '"energie a evreux"', "ener*"):
        assert len(search(archive.db, words, ANY)) == 1, words
    assert search(archive.db, "energie NOT evreux", ANY) == []
    assert len(search(archive.db, "absent OR (energie AND evreux)", ANY)) == 1


@pytest.mark.parametrize(
    ("words", "query"),
    [
        ("énergie OR chantage", '"énergie" OR "chantage"'),
        ("l'État", '"l\'État"'),
        ("NIS-2", '"NIS-2"'),
        ("port*", '"port"*'),
        ('"mer du Nord"', '"mer du Nord"'),
        ("a:b", '"a:b"'),
        ("- ; *", ""),
    ],
)
def test_what_a_person_types_becomes_a_query(words: str, query: str) -> None:
    assert query_of(words) == query


def test_a_query_that_cannot_be_read_says_so(archive) -> None:
    with pytest.raises(ArchiveError, match="cannot be read"):
        search(archive.db, "énergie OR", ANY)


def test_filters_narrow_a_search(archive) -> None:
    archive.carries("https://phare.example/1", "EDF et le vent")
    archive.reads()
    for narrow, found in (
        (SearchFilter(language="fr"), 1),
        (SearchFilter(language="nl"), 0),
        (SearchFilter(since="2026-11"), 1),
        (SearchFilter(since="2026-12"), 0),
        (SearchFilter(until="2026-11"), 1),
        (SearchFilter(until="2026-10-31"), 0),
        (SearchFilter(theme="energy"), 1),
        (SearchFilter(entity="edf"), 1),
        (SearchFilter(entity="rte"), 0),
        (SearchFilter(source="cap"), 0),
    ):
        assert len(search(archive.db, "vent", narrow)) == found, narrow
        assert len(search(archive.db, "", narrow)) == found, narrow


def test_rights_decide_what_is_kept(archive) -> None:
    long = " ".join(f"mot{n}" for n in range(150))
    item = Item("https://x.example/1", "https://x.example/1", "g", "T", long, text="corps entier")
    for n, (rights, words, text) in enumerate(
        [(Rights.FULL, 150, "corps entier"), (Rights.EXCERPT, 100, ""), (Rights.LINK, 0, "")]
    ):
        intent = ArticleIntent(Novelty.NEW, f"k{n}", item, "h")
        with transaction(archive.db):
            articles.store(archive.db, "phare", rights, [intent], archive.now)
        (summary, kept) = archive.db.execute(
            "SELECT summary, text FROM revisions ORDER BY article_id DESC LIMIT 1"
        ).fetchone()
        assert (len(summary.split()), kept) == (words, text)


def test_a_page_joins_the_current_revision_and_is_searched(archive) -> None:
    archive.source = "cap"
    item = Item("https://cap.example/1", "https://cap.example/1", "g", "Titre", "Résumé")
    with transaction(archive.db):
        articles.store(
            archive.db,
            "cap",
            Rights.FULL,
            [ArticleIntent(Novelty.NEW, "k", item, "h")],
            archive.now,
        )
    (wanted,) = articles.wanted_pages(archive.db, archive.now)
    with transaction(archive.db):
        articles.store_page(archive.db, wanted.article, Page(text="Le corps de la page"))
    assert articles.wanted_pages(archive.db, archive.now) == []
    assert len(search(archive.db, "corps", ANY)) == 1


@pytest.mark.parametrize(
    ("kind", "tries"), [(FailureKind.TIMEOUT, articles.PAGE_TRIES), (FailureKind.HTTP, 1)]
)
def test_a_passing_page_fault_is_tried_again_a_lasting_one_is_not(archive, kind, tries) -> None:
    item = Item("https://cap.example/1", "https://cap.example/1", "g", "Titre", "Résumé")
    with transaction(archive.db):
        articles.store(
            archive.db,
            "cap",
            Rights.FULL,
            [ArticleIntent(Novelty.NEW, "k", item, "h")],
            archive.now,
        )
    for _ in range(tries):
        (wanted,) = articles.wanted_pages(archive.db, archive.now)
        with transaction(archive.db):
            articles.store_page(archive.db, wanted.article, Page(failure=Failure(kind, "why")))
    assert articles.wanted_pages(archive.db, archive.now) == []
    assert archive.db.execute("SELECT page, page_detail FROM articles").fetchone() == (
        "failed",
        "why",
    )


def test_the_same_unreadable_part_is_quarantined_once(archive) -> None:
    part = Unparsed("entry 3", "no title", b"<item/>")
    for _ in range(2):
        with transaction(archive.db):
            articles.quarantine(archive.db, "phare", [part], archive.now)
    assert archive.db.table("quarantine").count == 1


def test_a_source_is_due_when_its_time_has_come(archive) -> None:
    assert [source.id for source in sources.due(archive.db, archive.now)] == ["cap", "phare"]
    state = PollState(
        next_due=from_text("2026-11-20T09:00:00Z"),
        etag='"x"',
        failures=2,
        failure=Failure(FailureKind.HTTP, "404 Not Found", 404),
        ill_since=archive.now,
        last_polled=archive.now,
    )
    sources.save_state(archive.db, "cap", state)
    assert [source.id for source in sources.due(archive.db, archive.now)] == ["phare"]
    assert len(sources.due(archive.db, archive.now, everything=True)) == 2
    archive.later(hours=1)
    found = {source.id: source.state for source in sources.due(archive.db, archive.now)}
    assert found["cap"] == state
    rows = {row.id: row for row in sources.overview(archive.db)}
    assert (rows["cap"].state, rows["cap"].failure) == ("ill", "404 Not Found")


def test_a_source_that_leaves_the_file_is_retired_and_keeps_its_articles(archive) -> None:
    archive.carries("https://phare.example/1", "Un titre")
    kept = Source(id="cap", title="Le Cap", url="https://cap.example/f", rights=Rights.FULL)
    declared.declare(archive.db, [kept], archive.now)
    rows = {row.id: row for row in sources.overview(archive.db)}
    assert (rows["phare"].state, rows["phare"].articles) == ("retired", 1)
    assert [source.id for source in sources.due(archive.db, archive.now)] == ["cap"]


def test_a_new_address_forgets_the_validators_of_the_old(archive) -> None:
    later = from_text("2026-11-21T09:00:00Z")
    sources.save_state(archive.db, "cap", PollState(next_due=later, etag='"old"'))
    moved = Source(id="cap", title="Le Cap", url="https://cap.example/new", rights=Rights.FULL)
    declared.declare(archive.db, [moved], archive.now)
    (due,) = [source for source in sources.due(archive.db, archive.now) if source.id == "cap"]
    assert (due.url, due.state.etag) == ("https://cap.example/new", "")


def test_reading_is_a_queue_that_an_edit_fills_again(archive) -> None:
    archive.carries("https://phare.example/1", "EDF")
    assert readings.count_unread(archive.db) == 1
    archive.reads()
    assert readings.count_unread(archive.db) == 0
    archive.edits("https://phare.example/1", "EDF, suite")
    assert readings.count_unread(archive.db) == 1
    archive.reads()
    assert archive.db.table("mentions").count == 1


def test_old_articles_get_one_vector_and_are_not_embedded_anew(archive) -> None:
    old = from_text("2020-01-01T00:00:00Z")
    oldest = archive.carries("https://phare.example/old", "Vieux", published=old)
    archive.carries("https://phare.example/new", "Neuf")
    first = readings.register_model(archive.db, "vectors", "tfidf", "1", archive.now)
    since = from_text("2026-01-01T00:00:00Z")
    jobs = readings.unembedded(archive.db, first.id, since, 10)
    assert [job.title for job in jobs] == ["Vieux", "Neuf"]
    readings.store_vectors(archive.db, first.id, [(job, b"\0\0") for job in jobs])
    second = readings.register_model(archive.db, "vectors", "tfidf", "2", archive.now)
    lacking = readings.unembedded(archive.db, second.id, since, 10)
    assert [job.title for job in lacking] == ["Vieux", "Neuf"]  # until it has its place
    place = Placement(oldest, oldest, None, 1.0, "founds", oldest, None, 1.0, "founds")
    rules = readings.register_model(archive.db, "grouping", "vigie", "1", archive.now)
    groups.store(archive.db, rules.id, [place], archive.now)
    assert [job.title for job in readings.unembedded(archive.db, second.id, since, 10)] == ["Neuf"]


def test_places_are_stored_with_ids_made_from_the_founder(archive) -> None:
    first = archive.carries("https://phare.example/1", "Un")
    second = archive.carries("https://phare.example/2", "Deux")
    archive.reads()
    model = readings.register_model(archive.db, "vectors", "tfidf", "1", archive.now)
    jobs = readings.unembedded(archive.db, model.id, archive.now, 10)
    readings.store_vectors(archive.db, model.id, [(job, b"\0\0") for job in jobs])
    other = readings.register_model(archive.db, "vectors", "vigie", "1", archive.now)
    by = groups.Vectors(model.id, other.id)
    assert groups.count_unplaced(archive.db, by) == 0  # both kinds are wanted
    readings.store_vectors(archive.db, other.id, [(job, b"\1\1") for job in jobs])
    assert groups.count_unplaced(archive.db, by) == 2
    placements = [
        Placement(first, first, None, 1.0, "founds", first, None, 1.0, "founds"),
        Placement(second, second, None, 1.0, "founds", first, first, 0.7, "same names"),
    ]
    grouping = readings.register_model(archive.db, "grouping", "vigie", "1", archive.now)
    groups.store(archive.db, grouping.id, placements, archive.now)
    assert groups.unplaced(archive.db, by, 10) == []
    stories = archive.db.execute("SELECT story, articles, title FROM story_overview").fetchall()
    assert stories == [(ids.story(archive.public("https://phare.example/1")), 2, "Un")]
    found = list(groups.placed(archive.db, by, archive.now, archive.now))
    assert {one.placement for one in found} == set(placements)
    assert {one.vector for one in found} == {b"\0\0\1\1"}


def test_decisions_are_appended_and_hold_no_address(archive) -> None:
    article = archive.carries("https://phare.example/1", "Un")
    for verdict in (Verdict.REJECT, Verdict.KEEP):
        decisions.append(archive.db, Decision(article, verdict, "mc", archive.now, "vu"))
    found = [decision.verdict for decision in decisions.of_article(archive.db, article)]
    assert found == [Verdict.REJECT, Verdict.KEEP]
    with pytest.raises(sqlite3.IntegrityError):
        decisions.append(archive.db, Decision(article, Verdict.KEEP, "m@x.example", archive.now))


def test_an_article_is_found_by_id_address_and_number(archive) -> None:
    key = "https://phare.example/1"
    article = archive.carries(key, "Un")
    assert {articles.find(archive.db, name) for name in (key, archive.public(key), "1")} == {
        article
    }
    with pytest.raises(NotFoundError, match="a-nothing"):
        articles.find(archive.db, "a-nothing")
