"""An issue from draft to frozen and back: edited, killed between steps, corrected, made again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from issue_cases import NOW, START, Told, add, folder

from app.cli import main
from app.folder import Folder
from app.pipeline import issuing, proposing, rebuilding
from digest import frozen
from vigie.archive import desk as desk_rows
from vigie.archive import editing, held, issues
from vigie.errors import PublishError
from vigie.model import Edit, Issue, Rights

ID = "normandie-2026Q4"
FIRE = "Un incendie a détruit un entrepôt du port de Rouen dans la nuit de lundi."
CAUSE = "La préfecture a ouvert une enquête sur les produits chimiques stockés."
STORIES = (
    Told(1, title="Un électrolyseur à Port-Jérôme"),
    Told(2, title="Feu au port", text=f"{FIRE} Le trafic reprend.", theme="energy"),
    Told(2, source="bassins", title="Feu au port", text=CAUSE, theme="energy"),
    Told(2, source="liens", title="Feu", text="Un détail que personne ne peut citer ici."),
    Told(3, source="port", title="Un quai électrifié", author="Anne Roux"),
    Told(4, title="Hors sujet", theme=""),
)


@pytest.fixture
def home(tmp_path: Path) -> Folder:
    return folder(tmp_path, *STORIES)


@pytest.fixture(autouse=True)
def _light(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only text is drawn: how forms are drawn has tests of its own."""
    from digest import publish  # noqa: PLC0415
    from vigie.model import Form  # noqa: PLC0415

    monkeypatch.setattr(publish, "FORMS", (Form.TEXT,))


def run(home: Folder, *words: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home.settings.home), *words])


def draft(home: Folder, period: str = "2026Q4") -> Issue:
    with home.reading() as archive, home.desk() as desk:
        return issuing.draft(archive, desk, home.settings, "normandie", period, NOW)


def publish(home: Folder, issue: Issue | None = None) -> Issue:
    with home.archive(NOW) as archive, home.desk() as desk:
        chosen = issue or desk_rows.draft(desk, ID)
        issuing.publish(archive, desk, home.settings, chosen, "mc", NOW)
        return issues.published(archive, ID)


# -------------------------------------------------------------------------------- drafting


def test_a_draft_holds_what_the_archive_has_with_summaries_and_contributors(home: Folder) -> None:
    issue = draft(home)
    found = {item.story: item for item in issue.items}
    assert set(found) == {"s-1", "s-2", "s-3"}
    assert issue.contributors == ("Anne Roux (Port de X)",)
    assert found["s-3"].contributor == "Port de X"
    assert found["s-1"].summary == ()
    quoted = {(one.source, one.text) for one in found["s-2"].summary}
    assert quoted == {("Le Phare", FIRE), ("La Gazette", CAUSE)}
    assert len(found["s-2"].carried) == 3


def test_a_month_a_week_and_a_range_are_periods_too(home: Folder) -> None:
    assert draft(home, "2026-10").items
    assert draft(home, "2026W41").items
    assert not draft(home, "2026W42").items
    assert draft(home, "2026-10-01--2026-10-05").id == "normandie-2026-10-01--2026-10-05"
    refused = run(home, "digest", "draft", "--period", "2026Q9")
    assert refused.exit_code == 2
    assert "2026-11-01--2026-11-15" in refused.output


# --------------------------------------------------------------------------------- editing


def test_what_is_said_at_the_command_line_survives_a_new_draft(home: Folder) -> None:
    draft(home)
    for words in (
        ("note", ID, "energy/1", "À suivre en mars"),
        ("rate", ID, "s-1", "--credibility", "2", "--place", "frd22"),
        ("keep", ID, "s-4"),
        ("drop", ID, "s-3"),
        ("move", ID, "s-2", "--to", "cyber"),
    ):
        done = run(home, "digest", *words, "--who", "mc")
        assert done.exit_code == 0, done.output
    with home.desk() as desk:
        once = desk_rows.draft(desk, ID)
    add(home, Told(1, days=1))
    again = draft(home)
    assert {item.story: item.section for item in again.items} == {
        "s-1": "energy",
        "s-2": "cyber",
        "s-4": "outside",
    }
    assert {item.story for item in once.items} == {item.story for item in again.items}
    one = next(item for item in again.items if item.story == "s-1")
    assert (one.credibility, one.nuts, one.place) == ("2", "FRD22", "Seine-Maritime")
    assert "À suivre en mars" in {item.comment for item in again.items}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("note", ID, "s-9", "x"), "has no item 's-9'"),
        (("note", "nord-2026Q4", "s-1", "x"), "no draft of nord-2026Q4"),
        (("note", ID, "s-1", "x", "--who", "a@b.example"), "a handle"),
        (("rate", ID, "s-1"), "say --credibility"),
        (("rate", ID, "s-1", "--place", "XX9"), "no such NUTS code"),
        (("rate", ID, "s-1", "--credibility", "7"), "7"),
        (("move", ID, "s-1", "--to", "sport"), "one of cyber"),
        (("move", ID, "s-1"), "say --to"),
        (("keep", ID, "s-9"), "s-9"),
    ],
)
def test_what_cannot_be_said_is_told_with_the_way_out(
    words: tuple[str, ...], told: str, home: Folder
) -> None:
    draft(home)
    done = run(home, "digest", *words)
    assert done.exit_code != 0
    assert told in done.output


def test_words_follow_a_story_that_was_merged(home: Folder) -> None:
    draft(home)
    run(home, "digest", "note", ID, "s-2", "À suivre", "--who", "mc")
    with home.archive(NOW) as db:
        db.execute("UPDATE story_members SET story_id = 1 WHERE story_id = 2")
        db.execute("INSERT INTO forwards VALUES ('s-2', 's-1', 't', 'merged')")
    assert next(i for i in draft(home).items if i.story == "s-1").comment == "À suivre"


# ------------------------------------------------------------------------------ publishing


def test_what_an_edition_requires_blocks_and_names_the_command(home: Folder) -> None:
    path = home.settings.home / "config" / "vigie.toml"
    text = path.read_text("utf-8").replace("required = []", 'required = ["place"]', 1)
    path.write_text(text, encoding="utf-8")
    draft(home)
    done = run(home, "digest", "publish", ID)
    assert done.exit_code == 1
    assert f"no place (say it: `vigie digest rate {ID} s-1 --place FRD2`)" in done.output


def test_a_summary_beyond_todays_rights_fails_the_build_and_says_where(home: Folder) -> None:
    issue = draft(home)
    with home.archive(NOW) as db:
        db.execute("UPDATE sources SET rights = 'link' WHERE id = 'bassins'")
        rights = issues.rights_of(db, issue)
    assert Rights.LINK in rights.values()
    with home.reading() as archive, home.desk() as desk, pytest.raises(PublishError) as caught:
        issuing.publish(archive, desk, home.settings, issue, "mc", NOW)
    assert "its summary takes of La Gazette" in str(caught.value)
    assert "allow 0 words" in str(caught.value)


STEPS = (
    (editing, "note_forms"),
    (held, "keep"),
    (issues, "publish"),
    (desk_rows, "drop_draft"),
)


@pytest.mark.parametrize("after", [False, True], ids=["before it", "after it"])
@pytest.mark.parametrize(("module", "step"), STEPS, ids=[step for _, step in STEPS])
def test_killed_between_two_steps_the_same_command_finishes(
    module: object, step: str, after: bool, home: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue = draft(home)
    real: Callable[..., object] = getattr(module, step)

    def killed(*args: object) -> None:
        if after:
            real(*args)
        raise KeyboardInterrupt

    with monkeypatch.context() as once:
        once.setattr(module, step, killed)
        with pytest.raises(KeyboardInterrupt):
            publish(home, issue)
    if (module, step, after) != (desk_rows, "drop_draft", True):
        publish(home)
    with home.reading() as archive, home.desk() as desk:
        assert issues.last_revision(archive, ID) == 1
        assert not desk_rows.drafts(desk)
        assert issues.published(archive, ID).items == issue.items
        assert archive.execute("SELECT count(*) FROM issue_items").fetchone() == (3,)


def test_what_was_said_after_a_kill_is_not_lost_without_a_word(
    home: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue = draft(home)
    with monkeypatch.context() as once:
        once.setattr(desk_rows, "drop_draft", lambda *_: None)
        publish(home, issue)
    run(home, "digest", "note", ID, "s-1", "Trop tard", "--who", "mc")
    with pytest.raises(PublishError, match="1 is published"):
        publish(home)


def test_an_empty_period_says_what_to_do(home: Folder) -> None:
    draft(home, "2025Q1")
    done = run(home, "digest", "publish", "normandie-2025Q1")
    assert done.exit_code == 1
    assert "nothing of 2025Q1" in done.output
    assert "vigie keep" in done.output


# -------------------------------------------------------------------- corrected, made again


def test_a_correction_keeps_the_rest_and_the_former_revision(home: Folder) -> None:
    draft(home)
    first = publish(home)
    add(home, Told(7, title="Arrivé depuis"), Told(1, title="Repris", days=1))
    assert run(home, "digest", "correct", ID, "--erratum", "Lire 30 MW").exit_code == 0
    run(home, "digest", "note", ID, "s-1", "30 MW", "--who", "mc")
    second = publish(home)
    assert (second.revision, second.errata[0].text) == (2, "Lire 30 MW")
    assert [item.story for item in second.items] == [item.story for item in first.items]
    changed = next(item for item in second.items if item.story == "s-1")
    assert replace(changed, comment="") == next(i for i in first.items if i.story == "s-1")
    with home.reading() as archive:
        assert issues.published(archive, ID, 1) == first


def test_a_second_erratum_joins_the_first_before_it_is_published(home: Folder) -> None:
    draft(home)
    publish(home)
    run(home, "digest", "correct", ID, "--erratum", "Lire 30 MW")
    run(home, "digest", "withdraw", ID, "s-2", "--who", "mc")
    after = publish(home)
    assert after.revision == 2
    assert [one.text[:6] for one in after.errata] == ["Lire 3", "Retiré"]


def test_an_item_withdrawn_by_its_source_leaves_with_a_line_that_says_so(home: Folder) -> None:
    draft(home)
    publish(home)
    done = run(home, "digest", "withdraw", ID, "s-2", "--why", "démenti", "--who", "mc")
    assert done.exit_code == 0, done.output
    after = publish(home)
    assert "s-2" not in {item.story for item in after.items}
    assert after.errata[0].text.startswith("Retiré par sa source, Le Phare")


def test_a_new_draft_of_a_published_issue_keeps_its_errata(home: Folder) -> None:
    draft(home)
    publish(home)
    run(home, "digest", "correct", ID, "--erratum", "Lire 30 MW")
    publish(home)
    third = draft(home)
    assert (third.revision, len(third.errata)) == (3, 1)


def test_made_again_by_the_forms_it_was_published_with(
    home: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft(home)
    publish(home)
    stored: dict[tuple[str, str], bytes] = {}

    def drawn(_content: bytes, issue: str, _name: str, _languages: object) -> object:
        with home.reading() as archive:
            assert issue == issues.content(archive, ID)
            files = issues.files(archive, ID, 1)
        stored.update({(f.language, f.form.value): f.content for f in files})
        return dict(stored)

    monkeypatch.setattr(frozen, "again", drawn)
    with home.reading() as archive, home.desk() as desk:
        made = rebuilding.rebuild(archive, desk, ID)
        assert made.same
        assert made.differing == ()
        monkeypatch.setattr(frozen, "again", lambda *_: dict.fromkeys(stored, b"other"))
        assert not rebuilding.rebuild(archive, desk, ID).same
    told = run(home, "digest", "rebuild", ID)
    assert told.exit_code == 1
    assert "fr.txt: differs" in told.output
    assert "--stored" in told.output


def test_forms_of_another_vigie_are_not_run_unless_a_person_says_so(
    home: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft(home)
    publish(home)
    with home.desk() as desk:
        desk.execute("DELETE FROM forms_of_ours")
    installed = frozen.bundle()
    monkeypatch.setattr(frozen, "bundle", lambda: replace(installed, sha256="another"))
    monkeypatch.setattr(frozen, "again", lambda *_: {})
    refused = run(home, "digest", "rebuild", ID)
    assert refused.exit_code == 1
    assert f"--trust {installed.sha256}" in refused.output
    assert run(home, "digest", "rebuild", ID, "--stored").exit_code == 0
    assert "differs" in run(home, "digest", "rebuild", ID, "--trust", installed.sha256).output


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("UPDATE issue_files SET content = x'00'", "damaged"),
        ("UPDATE forms SET content = x'00'", "cannot be unpacked"),
        ("UPDATE forms SET sha256 = 'other'", "not what their hash says"),
        ("DELETE FROM forms", "before forms were kept"),
    ],
)
def test_what_is_damaged_is_told(
    sql: str, told: str, home: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft(home)
    publish(home)
    with home.archive(NOW) as db:
        db.execute(sql)
    monkeypatch.setattr(frozen, "again", lambda *_: {})
    done = run(home, "digest", "rebuild", ID)
    assert done.exit_code == 1
    assert told in done.output


# -------------------------------------------------------------------------------- calendar


def test_what_is_due_is_drafted_once_and_published_by_nobody(home: Folder) -> None:
    due = START.replace(year=2027, month=1, day=1)
    with home.reading() as archive, home.desk() as desk:
        told = proposing.propose(archive, desk, home.settings, due)
        assert told[0] == f"{ID} was due: drafted, 3 items"
        desk_rows.drop_draft(desk, ID)
        assert proposing.propose(archive, desk, home.settings, due) == []
        assert issues.last_revision(archive, ID) == 0
        late = due.replace(month=4, day=20)
        assert proposing.propose(archive, desk, home.settings, late) == []
        assert editing.proposed(desk, "normandie", "2027Q1") == "too late"


def test_the_calendar_names_what_is_due_and_what_comes(home: Folder) -> None:
    told = run(home, "digest", "calendar")
    assert told.exit_code == 0, told.output
    assert "normandie" in told.output
    assert "vigie digest draft --edition normandie --period" in told.output
    assert told.output.count("Q") >= 6


def test_edits_are_signed_by_handles(home: Folder) -> None:
    draft(home)
    with home.desk() as desk, pytest.raises(Exception, match="CHECK"):
        editing.append(desk, ID, [Edit("s-1", "comment", "x", "a@b.example", NOW)])
