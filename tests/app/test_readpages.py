"""Who sees what of an issue: the archive, the public pages, a recipient's own copy."""

from __future__ import annotations

import io
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pypdf
import pytest
from click.testing import CliRunner
from folders import without_names
from starlette.testclient import TestClient

from app.cli import main
from app.folder import Folder, write_starter
from app.pipeline import issuing, mailing
from app.pipeline.copies import linker
from app.serve import application
from digest.links import TEST, Purpose
from vigie.archive import desk as desk_rows
from vigie.archive import held, issues, people
from vigie.archive.people import NewRecipient
from vigie.errors import NotFoundError
from vigie.model import Carried, Erratum, Form, Issue, IssueItem, Quoted, Section, Tlp

NOW = datetime.now(UTC)
START = NOW - timedelta(days=60)
ISSUE = "normandie-2026Q4"
SECRET = "zibeline"  # a word of what is above TLP:CLEAR, and of nothing else
CLEARANCES = {"clear": Tlp.CLEAR, "amber": Tlp.AMBER, "red": Tlp.RED}
THEMES = ("energy", "cyber")


def item(number: int, section: str, tlp: Tlp = Tlp.CLEAR) -> IssueItem:
    word = SECRET if tlp is not Tlp.CLEAR else "loutre"
    return IssueItem(
        article=number,
        revision=1,
        story=f"story-{number}",
        section=section,
        rank=number,
        title=f"{word} {number}",
        excerpt=f"Un extrait sur {word}.",
        url=f"https://news.example.org/{word}/{number}",
        source=f"Journal {word}",
        reliability="B",
        published=START + timedelta(days=number * 3),
        language="fr",
        place=f"Ville {word}",
        themes=(section,),
        sources=tuple(f"{word} {n}" for n in range(9 if word == SECRET else 1)),
        why="retenu par mc",
        comment=f"Retenir {word}",
        tlp=tlp,
        summary=(Quoted(f"Phrase sur {word}.", number, "https://x.example", word),) * 2,
        nuts=("FRD22", "FRD11", "FRD12", "BE100")[number % 4],
        contributor=f"Structure {word}",
        carried=tuple(Carried(START + timedelta(days=n), f"{word} {n}") for n in range(9)),
    )


def whole() -> Issue:
    """Seven items for everyone, one AMBER, one RED, and a correction of the RED one."""
    items = [item(n, THEMES[n % 2]) for n in range(1, 8)]
    items += [item(8, "energy", Tlp.AMBER), item(9, "cyber", Tlp.RED)]
    return Issue(
        id=ISSUE,
        edition="normandie",
        title=dict.fromkeys(("fr", "nl", "de", "en"), "Veille"),
        period="2026Q4",
        start=START,
        end=NOW,
        revision=1,
        sections=tuple(Section(t, dict.fromkeys(("fr", "nl", "de", "en"), t)) for t in THEMES),
        items=tuple(items),
        drafted_at=NOW,
        publisher="Région",
        contact="veille@region.example",
        contributors=("Structure loutre", f"Structure {SECRET}"),
        errata=(Erratum(1, NOW, f"Retiré : {SECRET}", Tlp.RED), Erratum(1, NOW, "Rien de grave")),
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    home = tmp_path_factory.mktemp("home")
    write_starter(home)
    (home / "config" / "sources.toml").write_text("", encoding="utf-8")
    without_names(home)
    path = home / "config" / "vigie.toml"
    text = path.read_text("utf-8").replace('url = ""  ', 'url = "https://veille.example"  ')
    path.write_text(text, encoding="utf-8")
    folder = Folder.at(home)
    with folder.archive(NOW) as archive, folder.desk() as desk:
        archive.execute("PRAGMA foreign_keys = OFF")  # no articles here
        for name, clearance in CLEARANCES.items():
            person = NewRecipient(
                *(name, f"{name}@partner.example", "fr", "Pôle", ("normandie",)),
                *("legitimate interest", "test"),
                clearance=clearance,
            )
            people.add_recipient(desk, person, NOW)
        desk_rows.save_draft(desk, whole())
        issuing.publish(archive, desk, folder.settings, whole(), "mc", NOW)
    return folder


@pytest.fixture(scope="module")
def client(folder: Folder) -> Iterator[TestClient]:
    with TestClient(application(folder, schedule=False)) as client:
        yield client


def path(folder: Folder, who: str, what: str = ISSUE, made: datetime = NOW) -> str:
    with folder.desk() as desk:
        number = people.recipient(desk, f"{who}@partner.example").id if who else TEST
        return f"/read/{linker(desk, folder.settings).token(Purpose.READ, number, what, made)}"


def words(form: Form, content: bytes) -> str:
    if form is not Form.PDF:
        return content.decode()
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return " ".join(page.extract_text() for page in pages)


def test_no_byte_of_the_archive_tells_of_what_is_above_clear(folder: Folder) -> None:
    with folder.reading() as db:
        text = "\n".join(db.conn.iterdump())
        row = issues.overview(db)[0]
        files = issues.files(db, ISSUE, 1)
        assert (row.items, row.tlp) == (7, "TLP:CLEAR")
        assert [one.rank for one in issues.published(db, ISSUE).items] == [1, 1, 2, 2, 3, 3, 4]
    assert SECRET not in text
    assert SECRET.encode().hex() not in text.lower()  # as dumped files are written
    assert {file.form for file in files} == set(Form)
    for file in files:
        assert SECRET not in words(file.form, file.content)
        assert "loutre 1" in words(file.form, file.content)
    data = folder.settings.paths.archive.read_bytes()
    assert SECRET.encode() not in data


def test_the_desk_has_it_whole(folder: Folder) -> None:
    with folder.reading() as archive, folder.desk() as desk:
        found = held.whole(archive, desk, ISSUE)
        assert [one.tlp for one in found.items if one.tlp is not Tlp.CLEAR] == [Tlp.AMBER, Tlp.RED]
        assert replace(found, template="", timezone="") == whole()
        with pytest.raises(NotFoundError):
            held.whole(archive, desk, ISSUE, 2)


def test_the_archive_refuses_what_is_above_clear(folder: Folder) -> None:
    frozen = issues.Freeze(replace(whole(), revision=2), [], "Veille", "mc", NOW)
    with folder.archive(NOW) as archive, pytest.raises(ValueError, match="TLP:RED"):
        issues.publish(archive, frozen)


@pytest.mark.parametrize("name", [ISSUE, "normandie"])
@pytest.mark.parametrize("suffix", ["html", "mail.html", "txt", "pdf", "atom", "json"])
def test_public_pages_and_feeds_have_what_is_for_everyone(
    suffix: str, name: str, client: TestClient
) -> None:
    answer = client.get(f"/bulletin/{name}.{suffix}")
    assert answer.status_code == 200
    form = next(form for form in Form if form.suffix == suffix)
    text = words(form, answer.content)
    assert "TLP:CLEAR" in text
    assert "TLP:RED" not in text
    assert SECRET not in text


def test_nothing_that_is_served_to_everyone_has_it(client: TestClient) -> None:
    for place in ("/", "/health", "/archive/", "/archive/vigie/issues", "/archive/vigie/bulletin"):
        assert SECRET not in client.get(place).text
    assert client.get("/bulletin/normandie-2026Q4.docx").status_code == 404
    assert client.get("/bulletin/none.atom").status_code == 404


@pytest.mark.parametrize(
    ("who", "shown", "label"),
    [("clear", (), "TLP:CLEAR"), ("amber", (8,), "TLP:AMBER"), ("red", (8, 9), "TLP:RED")],
)
@pytest.mark.parametrize("suffix", ["", ".html", ".txt", ".atom", ".json"])
def test_a_signed_link_shows_what_its_owner_may_see(
    suffix: str, who: str, shown: tuple[int, ...], label: str, folder: Folder, client: TestClient
) -> None:
    answer = client.get(path(folder, who) + suffix)
    assert answer.status_code == 200
    assert label in answer.text
    for number in (8, 9):
        assert (f"{SECRET} {number}" in answer.text) == (number in shown)
    assert (f"Retiré\u00a0: {SECRET}" in answer.text) == (
        who == "red" and "json" not in suffix and "atom" not in suffix
    )
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    if not suffix:
        assert (f"Structure {SECRET}" in answer.text) == (who != "clear")


def test_an_edition_in_place_of_an_issue_is_its_last_one(
    folder: Folder, client: TestClient
) -> None:
    feed = json.loads(client.get(path(folder, "amber", "normandie") + ".json").text)
    assert len(feed["items"]) == 8
    assert feed["_vigie"]["tlp"] == "TLP:AMBER"


def test_a_pdf_of_ones_own_bears_its_label_on_every_page(
    folder: Folder, client: TestClient
) -> None:
    pages = pypdf.PdfReader(io.BytesIO(client.get(path(folder, "red") + ".pdf").content)).pages
    assert all(page.extract_text().count("TLP:RED") >= 2 for page in pages)


def test_a_link_that_is_not_good_shows_nothing(folder: Folder, client: TestClient) -> None:
    good = path(folder, "red")
    old = path(folder, "red", made=NOW - timedelta(days=500))
    for bad, status in (
        (good[:-9] + ("a" if good[-9] != "a" else "b") + good[-8:], 404),
        (good.replace(f"{ISSUE}~", "normandie-2026Q3~"), 404),
        (good + ".docx", 404),
        (path(folder, "red", "none-2026Q4"), 404),
        (old, 410),
        (path(folder, ""), 200),
    ):
        answer = client.get(bad)
        assert answer.status_code == status, bad
        assert SECRET not in answer.text
    assert client.post(good).status_code == 405


def test_who_left_or_may_see_less_sees_less_at_once(folder: Folder, client: TestClient) -> None:
    with folder.desk() as desk:
        person = NewRecipient(
            *("x", "gone@partner.example", "fr", "Pôle", ("normandie",)),
            *("legitimate interest", "test"),
            clearance=Tlp.RED,
        )
        people.add_recipient(desk, person, NOW)
    link = path(folder, "gone")
    assert SECRET in client.get(link).text
    with folder.desk() as desk:
        people.leave(desk, people.recipient(desk, "gone@partner.example").id, "", NOW)
    answer = client.get(link)
    assert SECRET not in answer.text
    assert "Vous n’êtes sur aucune liste" in answer.text


def test_the_mail_leads_to_ones_own_copy_and_a_preview_to_nobodys(folder: Folder) -> None:
    with folder.reading() as archive, folder.desk() as desk:
        found = mailing.preview(folder, archive, desk, ISSUE, "amber@partner.example", NOW)
    assert found.subject == "[TLP:AMBER] Veille"
    assert f"https://veille.example/read/{TEST}~{ISSUE}~".encode() in found.html
    assert f"https://veille.example/read/{TEST}~{ISSUE}~".encode() in found.text
    assert f"{SECRET} 8".encode() in found.html
    assert f"{SECRET} 9".encode() not in found.html + found.text + found.message


def test_an_archive_of_before_that_holds_more_is_not_served(folder: Folder, tmp_path: Path) -> None:
    """Nothing above TLP:CLEAR is put there now; what an older one has stays in."""
    text = issues.to_json(whole())
    copy = sqlite3.connect(folder.settings.paths.archive)
    copy.execute("PRAGMA foreign_keys = OFF")
    copy.execute(
        """INSERT INTO issues (id, revision, edition, period, title, starts, ends, tlp,
               published_at, published_by, content)
           VALUES ('normandie-2020Q1', 1, 'normandie', '2020Q1', 'x', '2020-01-01T00:00:00Z',
                   '2020-04-01T00:00:00Z', 'TLP:RED', '2020-04-01T00:00:00Z', 'mc', ?)""",
        [text.replace(ISSUE, "normandie-2020Q1")],
    )
    copy.commit()
    with TestClient(application(folder, schedule=False)) as client:
        assert client.get("/bulletin/normandie-2020Q1.html").status_code == 404
    copy.execute("DELETE FROM issues WHERE id = 'normandie-2020Q1'")
    copy.commit()
    copy.close()


def test_the_list_of_issues_says_what_the_archive_does_not_have(folder: Folder) -> None:
    home = str(folder.settings.home)
    told = CliRunner().invoke(main, ["--home", home, "digest", "list"]).output
    assert "9 items, TLP:RED (2 above TLP:CLEAR, not in the archive)" in told
