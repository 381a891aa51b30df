"""The pages behind a recipient's links: GET changes nothing, POST does, once or ten times."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from folders import without_names
from lxml import html as parser
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app import listpages
from app.folder import Folder, write_starter
from app.pipeline.copies import linker
from digest.links import TEST, Linker, Purpose
from vigie.archive import people
from vigie.archive.people import NewRecipient
from vigie.model import Tlp

NOW = datetime.now(UTC)
ADDRESS = "zoe@partner.example"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    write_starter(tmp_path)
    (tmp_path / "config" / "sources.toml").write_text("", encoding="utf-8")
    without_names(tmp_path)
    path = tmp_path / "config" / "vigie.toml"
    text = path.read_text("utf-8").replace('url = ""  ', 'url = "https://veille.example"  ')
    path.write_text(text, encoding="utf-8")
    folder = Folder.at(tmp_path)
    with folder.desk() as desk:
        person = NewRecipient(
            *("Zoé", ADDRESS, "nl", "Pôle", ("normandie",), "legitimate interest", "test")
        )
        people.add_recipient(desk, person, NOW)
    return folder


@pytest.fixture
def client(folder: Folder) -> Iterator[TestClient]:
    with TestClient(Starlette(routes=listpages.routes(folder))) as client:
        yield client


def links(folder: Folder) -> Linker:
    with folder.desk() as desk:
        return linker(desk, folder.settings)


def path(folder: Folder, purpose: Purpose, what: str = "", made: datetime = NOW) -> str:
    with folder.desk() as desk:
        number = people.recipients(desk)[0].id
    return f"/{purpose}/{links(folder).token(purpose, number, what, made)}"


def who(folder: Folder) -> people.RecipientRow:
    with folder.desk() as desk:
        return people.recipients(desk)[0]


def contents(folder: Folder) -> list[str]:
    with folder.desk() as desk:
        return [line for line in desk.conn.iterdump() if '"keys"' not in line]


def test_looking_changes_nothing_however_often(folder: Folder, client: TestClient) -> None:
    before = contents(folder)
    for purpose in (Purpose.LEAVE, Purpose.PREFERENCES, Purpose.CONFIRM):
        for method in ("GET", "HEAD"):
            answer = client.request(method, path(folder, purpose, "normandie"))
            assert answer.status_code == 200
    assert contents(folder) == before


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("List-Unsubscribe=One-Click", "application/x-www-form-urlencoded"),
        ("", ""),
        ("--x\r\nContent-Disposition: form-data", "multipart/form-data; boundary=x"),
        (b"\xff\xfe", "application/octet-stream"),
    ],
)
def test_one_post_leaves_and_ten_do_no_more(
    body: str | bytes, kind: str, folder: Folder, client: TestClient
) -> None:
    link = path(folder, Purpose.LEAVE, "normandie")
    answers = [
        client.post(link, content=body, headers={"Content-Type": kind} if kind else {})
        for _ in range(10)
    ]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert "U hebt de lijst verlaten" in answers[0].text
    gone = who(folder)
    assert (gone.removed, gone.name, gone.structure, gone.subscriptions) == (True, "", "", ())
    assert ADDRESS not in "".join(contents(folder))
    assert "verlaten" in client.get(link).text


def test_leaving_one_of_two_keeps_the_other(folder: Folder, client: TestClient) -> None:
    with folder.desk() as desk:
        people.add_recipient(
            desk,
            NewRecipient("Zoé", ADDRESS, "nl", "Pôle", ("belgique",), "legitimate interest", "t"),
            NOW,
        )
    client.post(path(folder, Purpose.LEAVE, "normandie"))
    assert who(folder).editions == ("belgique",)
    with folder.desk() as desk:
        assert people.departures(desk, ADDRESS.upper()) == {"normandie"}


def test_preferences_are_shown_saved_and_held(folder: Folder, client: TestClient) -> None:
    link = path(folder, Purpose.PREFERENCES)
    form = {
        "language": "de",
        "format": "text",
        "edition": ["normandie", "belgique", "none"],
        "theme.normandie": ["cyber", "energy", "<script>"],
    }
    for _ in range(3):
        answer = client.post(link, data=form)
        assert "Gespeichert" in answer.text
    row = who(folder)
    assert (row.language, row.format, row.clearance) == ("de", "text", Tlp.CLEAR)
    assert [(s.edition, s.themes) for s in row.subscriptions] == [
        ("belgique", ()),
        ("normandie", ("cyber", "energy")),
    ]
    tree = parser.fromstring(client.get(link).text)
    assert tree.xpath("//input[@checked]/@value") == [
        *("de", "text", "normandie", "cyber", "energy", "belgique")
    ]


def test_choosing_nothing_is_not_leaving(folder: Folder, client: TestClient) -> None:
    answer = client.post(path(folder, Purpose.PREFERENCES), data={"language": "fr"})
    assert answer.status_code == 422
    assert 'role="status"' in answer.text
    assert who(folder).editions == ("normandie",)


def test_a_closed_edition_cannot_be_chosen_by_whoever_is_not_on_it(
    folder: Folder, client: TestClient
) -> None:
    closed = folder.settings.editions[1].model_copy(update={"open": False})
    settings = folder.settings.model_copy(
        update={"editions": (folder.settings.editions[0], closed)}
    )
    with TestClient(Starlette(routes=listpages.routes(Folder(settings)))) as shut:
        link = path(folder, Purpose.PREFERENCES)
        shut.post(link, data={"edition": ["normandie", "belgique"]})
        assert "belgique" not in shut.get(link).text
    assert who(folder).editions == ("normandie",)


def test_a_consent_is_confirmed_by_post_and_brings_back_who_had_left(
    folder: Folder, client: TestClient
) -> None:
    with folder.desk() as desk:
        people.remove_recipient(desk, ADDRESS, NOW)
        person = NewRecipient(
            *("Zoé", ADDRESS, "fr", "Pôle", ("normandie",), "consent", "test"), awaited=True
        )
        assert people.add_recipient(desk, person, NOW) is people.Added.LEFT
        people.add_recipient(desk, person, NOW, returning=True)
    link = path(folder, Purpose.CONFIRM)
    assert "Oui, je confirme" in client.get(link).text
    assert who(folder).awaited is True
    for _ in range(2):
        assert "C’est confirmé" in client.post(link).text
    assert who(folder).awaited is False
    with folder.desk() as desk:
        assert people.departures(desk, ADDRESS) == set()


@pytest.mark.parametrize("purpose", [Purpose.PREFERENCES, Purpose.CONFIRM])
def test_an_expired_link_says_the_way_out(
    purpose: Purpose, folder: Folder, client: TestClient
) -> None:
    link = path(folder, purpose, made=NOW - timedelta(days=500))
    before = contents(folder)
    for answer in (client.get(link), client.post(link, data={"edition": "normandie"})):
        assert answer.status_code == 410
        assert "Deze link is verlopen" in answer.text
        assert "veille@example.org" in answer.text
    assert contents(folder) == before
    out = re.search(r'action="(/leave/[^"]+)"', answer.text)
    assert out
    client.post(out[1])
    assert who(folder).removed


def test_leaving_works_from_the_oldest_message(folder: Folder, client: TestClient) -> None:
    old = path(folder, Purpose.LEAVE, "normandie", NOW - timedelta(days=5000))
    other = re.search(r'href="(/list/[^"]+)"', client.get(old).text)
    assert other
    assert client.get(other[1]).status_code == 410  # an old link opens no preferences
    client.post(old)
    assert who(folder).removed


def test_a_forged_cut_or_borrowed_link_is_told_apart_from_a_good_one(
    folder: Folder, client: TestClient
) -> None:
    good = path(folder, Purpose.LEAVE, "normandie")
    token = good.rpartition("/")[2]
    before = contents(folder)
    for bad in (
        *(
            good[:-1],
            good + "A",
            good.replace("1~", "2~", 1),
            good.replace("normandie", "belgique"),
        ),
        *(
            f"/list/{token}",
            f"/confirm/{token}",
            "/leave/x",
            "/leave/1~normandie~1~x",
            "/leave/~~~",
        ),
        *(f"/leave/{Linker(b'another key' * 3).token(Purpose.LEAVE, 1, 'normandie', NOW)}",),
        *("/leave/%00%ff", "/leave/" + "A" * 5000),
    ):
        for answer in (client.get(bad), client.post(bad)):
            assert answer.status_code == 404
            assert "Ce lien ne fonctionne pas" in answer.text
            assert "veille@example.org" in answer.text
    assert contents(folder) == before


def test_a_link_of_a_test_changes_nothing(folder: Folder, client: TestClient) -> None:
    for purpose in (Purpose.LEAVE, Purpose.PREFERENCES, Purpose.CONFIRM):
        token = links(folder).token(purpose, TEST, "normandie", NOW)
        assert "message d’essai" in client.post(f"/{purpose}/{token}").text


def test_a_page_runs_nothing_and_is_kept_by_nobody(folder: Folder, client: TestClient) -> None:
    answer = client.get(path(folder, Purpose.PREFERENCES))
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    tree = parser.fromstring(answer.text)
    assert tree.get("lang") == "nl"
    assert tree.xpath("//script | //img | //iframe | //@onclick | //@style") == []
    assert all(box.xpath("ancestor::label") for box in tree.xpath("//input"))
    assert all(legend.text_content().strip() for legend in tree.xpath("//fieldset/legend"))
    assert len(tree.xpath("//h1")) == len(tree.xpath("//main")) == 1
    assert ADDRESS not in answer.text
    assert "z…@partner.example" in answer.text


def test_a_form_that_is_too_long_is_not_read(folder: Folder, client: TestClient) -> None:
    assert client.post(path(folder, Purpose.LEAVE), content=b"x" * 40_000).status_code == 413
    assert not who(folder).removed
