"""Sending an issue from the desk: copies by wish, approval, retries, schedules, bounces, DKIM."""

from __future__ import annotations

import base64
import importlib.util
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import dkim
import pytest
from click.testing import CliRunner, Result
from folders import without_names

from app import doctor
from app.cli import main
from app.demo.smtp import Outbox
from app.folder import Folder, write_starter
from app.pipeline import bouncing, joining, mailing
from app.pipeline.copies import Copies, linker
from digest import smtp
from digest.select import public
from vigie.archive import bounced, held, issues, people, sendings
from vigie.archive import desk as desk_rows
from vigie.archive.people import NewRecipient
from vigie.errors import MailingError, NotFoundError, SettingsError
from vigie.mailing import Dkim
from vigie.model import DeliveryState, Issue, IssueItem, Section, Tlp

NOW = datetime(2027, 1, 6, 8, 0, tzinfo=UTC)
ID = "normandie-2026Q4"
S = DeliveryState


def item(number: int, section: str, tlp: Tlp = Tlp.CLEAR) -> IssueItem:
    return IssueItem(
        article=number,
        revision=1,
        story=f"s-{number}",
        section=section,
        rank=number,
        title=f"Titre {number}",
        excerpt="Quelques mots.",
        url=f"https://news.example.org/{number}",
        source="Journal",
        reliability="B",
        published=NOW,
        language="fr",
        place="",
        themes=(section,),
        sources=("A",),
        why="retenu par mc",
        tlp=tlp,
    )


ITEMS = (item(1, "cyber"), item(2, "energy"), item(3, "energy", Tlp.AMBER), item(4, "other"))


def person(name: str, domain: str = "a.example", **said: object) -> NewRecipient:
    plain = NewRecipient(
        *(name.title(), f"{name}@{domain}", "fr", f"Structure {domain}", ("normandie",)),
        *("legitimate interest", "test"),
    )
    return replace(plain, **said)  # type: ignore[arg-type] # fields are given by name, any of them


def publish(folder: Folder, *items: IssueItem, revision: int = 1) -> None:
    edition = folder.settings.editions[0]
    names = ("cyber", "energy", "other")
    issue = Issue(
        id=ID,
        edition="normandie",
        title=dict(edition.title),
        period="2026Q4",
        start=NOW - timedelta(days=90),
        end=NOW,
        revision=revision,
        sections=tuple(Section(n, dict.fromkeys(("fr", "nl", "de", "en"), n)) for n in names),
        items=items or ITEMS,
        drafted_at=NOW,
        contact="veille@example.org",
    )
    with folder.archive(NOW) as db, folder.desk() as desk:
        db.execute("PRAGMA foreign_keys = OFF")  # no articles here
        held.keep(desk, issue)
        issues.publish(db, issues.Freeze(public(issue), [], issue.title["fr"], "mc", NOW))


def settings(home: Path, port: int, extra: str = "", mail: str = "") -> Folder:
    path = home / "config" / "vigie.toml"
    if not path.exists():
        write_starter(home)
        (home / "config" / "sources.toml").write_text("", encoding="utf-8")
        without_names(home)
    text = path.read_text("utf-8")
    text = re.sub(r'host = "localhost"\nport = \d+', f'host = "127.0.0.1"\nport = {port}', text)
    text = text.replace("per_minute = 600", "per_minute = 100000")
    text = text.replace("per_domain = 120", "per_domain = 100000")
    text = text.replace('languages = ["fr"] ', 'languages = ["fr", "nl", "de", "en"] ')
    text = text.replace('url = ""  ', 'url = "https://veille.example"  ')
    for line in mail.splitlines():
        key = line.partition(" =")[0]
        text = re.sub(rf"(?m)^{key} = [^\n]*", line, text, count=1)
    path.write_text(text + extra, encoding="utf-8")
    return Folder.at(home)


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with Outbox(tmp_path / "outbox") as outbox:
        yield outbox


@pytest.fixture
def folder(tmp_path: Path, outbox: Outbox) -> Folder:
    folder = settings(tmp_path / "home", outbox.port)
    publish(folder)
    return folder


def add(folder: Folder, *new: NewRecipient) -> None:
    with folder.desk() as desk:
        for one in new:
            people.add_recipient(desk, one, NOW)


def send(folder: Folder, now: datetime = NOW, **said: bool) -> dict[DeliveryState, int]:
    with folder.lock(), folder.archive(now) as archive, folder.desk() as desk:
        return dict(mailing.send(folder, archive, desk, ID, now, **said).counts)


def got(outbox: Outbox) -> dict[str, EmailMessage]:
    found = {}
    for one in outbox.received:
        message = message_from_bytes(one.path.read_bytes(), policy=policy.default)
        assert isinstance(message, EmailMessage)
        assert one.rcpt_tos[0] not in found, "served twice"
        found[one.rcpt_tos[0]] = message
    return found


def titles(message: EmailMessage) -> set[int]:
    body = message.get_body(("plain",))
    assert body
    return {int(number) for number in re.findall(r"Titre (\d)", body.get_content())}


def test_each_gets_what_they_wish_and_may_see(folder: Folder, outbox: Outbox) -> None:
    add(
        folder,
        person("all"),
        person("cyber", themes=("cyber",), language="nl"),
        person("energy", themes=("energy",), clearance=Tlp.AMBER),
        person("text", format="text", language="de"),
    )
    assert send(folder) == {S.SENT: 4}
    assert send(folder) == {}
    mails = got(outbox)
    assert {name.partition("@")[0]: titles(mail) for name, mail in mails.items()} == {
        "all": {1, 2, 4},
        "cyber": {1, 4},
        "energy": {2, 3, 4},
        "text": {1, 2, 4},
    }
    assert mails["energy@a.example"]["Subject"].startswith("[TLP:AMBER] ")
    assert not mails["all@a.example"]["Subject"].startswith("[")
    assert [part.get_content_type() for part in mails["cyber@a.example"].iter_parts()] == [
        *("text/plain", "text/html")
    ]
    assert mails["text@a.example"].get_content_type() == "text/plain"
    assert mails["cyber@a.example"]["Subject"].startswith("Gezamenlijk")
    assert "Titre 3" not in mails["all@a.example"].as_string()


def test_each_has_links_of_their_own_in_headers_and_bodies(folder: Folder, outbox: Outbox) -> None:
    add(folder, person("a"), person("b"))
    send(folder)
    links = set()
    for mail in got(outbox).values():
        header = mail["List-Unsubscribe"]
        found = re.fullmatch(r"<(https://veille\.example/leave/\S+)>,\s*<mailto:\S+>", header)
        assert found
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        for kind in ("plain", "html"):
            body = mail.get_body((kind,))
            assert body
            text = body.get_content()
            assert found[1] in text
            assert "https://veille.example/list/" in text
            assert ".invalid" not in text
            assert "<img" not in text
        links.add(found[1])
    assert len(links) == 2


def test_who_has_nothing_in_the_issue_gets_nothing(tmp_path: Path, outbox: Outbox) -> None:
    folder = settings(tmp_path / "home", outbox.port)
    publish(folder, item(1, "cyber"), item(2, "energy", Tlp.RED))
    add(folder, person("a", themes=("energy",)), person("b"))
    assert send(folder) == {S.SENT: 1, S.WITHDRAWN: 1}
    assert set(got(outbox)) == {"b@a.example"}


def test_one_rendering_serves_all_who_wish_the_same(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []
    original = Copies._make

    def counted(self: Copies, wanted: object) -> object:
        made.append(wanted)
        return original(self, wanted)  # type: ignore[arg-type]

    monkeypatch.setattr(Copies, "_make", counted)
    add(folder, *(person(f"p{n}", themes=("cyber",) if n % 2 else ()) for n in range(12)))
    assert send(folder) == {S.SENT: 12}
    assert len(made) == 2


def test_who_leaves_between_queueing_and_sending_is_not_written_to(
    folder: Folder, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(folder, person("a"), person("b"), person("c"), person("d"))
    original = Copies.message

    def leaving(self: Copies, recipient: object) -> bytes | None:
        if recipient.name == "A":  # type: ignore[attr-defined]
            with folder.desk() as desk:  # one before its claim, one after it
                people.remove_recipient(desk, "b@a.example", NOW)
        if recipient.name == "C":  # type: ignore[attr-defined]
            with folder.desk() as desk:
                people.remove_recipient(desk, "c@a.example", NOW)
        return original(self, recipient)  # type: ignore[arg-type]

    monkeypatch.setattr(Copies, "message", leaving)
    assert send(folder) == {S.SENT: 2, S.WITHDRAWN: 1}
    assert set(got(outbox)) == {"a@a.example", "d@a.example"}
    with folder.desk() as desk:
        assert desk_rows.tally(desk, ID, 1) == {S.SENT: 2, S.WITHDRAWN: 2}
        assert desk_rows.unsettled(desk, ID, 1) == []
        dump = "".join(desk.conn.iterdump())
    assert "b@a.example" not in dump
    assert "c@a.example" not in dump


def test_later_is_tried_again_and_given_up_at_the_deadline(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(folder, person("a"), person("b"))
    original = smtp.Line.deliver

    def busy(self: smtp.Line, recipient: str, *rest: object) -> object:
        if recipient.startswith("a@"):
            return S.DEFERRED, "RCPT: 451 try later"
        return original(self, recipient, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(smtp.Line, "deliver", busy)
    assert send(folder) == {S.SENT: 1, S.DEFERRED: 1}
    assert send(folder, NOW + timedelta(minutes=29)) == {}
    with folder.desk() as desk:
        assert desk_rows.unfinished(desk, NOW + timedelta(minutes=29)) == []
        (due,) = desk_rows.unfinished(desk, NOW + timedelta(minutes=30))
        assert (due.issue, due.waiting, due.last) == (ID, 1, NOW + timedelta(minutes=30))
    later = NOW + timedelta(minutes=31)
    told = mailing.by_itself(folder, later, lambda: later)
    assert told == [f"{ID}: 1 deferred"]
    assert send(folder, NOW + timedelta(hours=48)) == {S.REFUSED: 1}
    with folder.desk() as desk:
        (row,) = desk_rows.unsettled(desk, ID, 1)
    assert row.detail == "given up after 48 h of trying; last RCPT: 451 try later"


def test_what_is_in_doubt_is_settled_by_a_person(folder: Folder, outbox: Outbox) -> None:
    add(folder, person("a"), person("b"))
    with folder.desk() as desk:
        desk_rows.queue(desk, ID, 1, "normandie", NOW)
        desk.execute("UPDATE deliveries SET state = 'sending'")
    assert send(folder) == {}
    said = {"who": "mc", "now": NOW}
    with folder.desk() as desk:
        assert desk_rows.tally(desk, ID, 1) == {S.IN_DOUBT: 2}
        desk_rows.settle_by_hand(desk, ID, 1, "a@a.example", resend=False, **said)  # type: ignore[arg-type]
        desk_rows.settle_by_hand(desk, ID, 1, "b@a.example", resend=True, **said)  # type: ignore[arg-type]
        with pytest.raises(NotFoundError, match="digest status"):
            desk_rows.settle_by_hand(desk, ID, 1, "a@a.example", resend=True, **said)  # type: ignore[arg-type]
    assert send(folder) == {S.SENT: 1}
    assert set(got(outbox)) == {"b@a.example"}


def test_a_second_person_approves(tmp_path: Path, outbox: Outbox) -> None:
    folder = settings(tmp_path / "home", outbox.port, mail="approval = true")
    publish(folder)
    add(folder, person("a"))
    with pytest.raises(MailingError, match="waits for a second coordinator"):
        send(folder)
    with folder.reading() as archive, folder.desk() as desk:
        for name in ("mc", " MC "):
            with pytest.raises(MailingError, match="somebody else"):
                mailing.approve(archive, desk, ID, name, NOW)
        for name in ("", "lh@region.example"):
            with pytest.raises(MailingError, match="handle"):
                mailing.approve(archive, desk, ID, name, NOW)
        desk.execute(
            "INSERT INTO users VALUES (1, 'lh', 'L H', 'lh@r.example', 'fr', 'coordinator', 'x')"
        )
        with pytest.raises(MailingError, match="not one of the coordinators: lh"):
            mailing.approve(archive, desk, ID, "xy", NOW)
        mailing.approve(archive, desk, ID, "lh", NOW)
    assert send(folder) == {S.SENT: 1}
    publish(folder, revision=2)
    with pytest.raises(MailingError, match="revision 2 waits"):
        send(folder)


def test_an_edition_writes_in_its_own_name(tmp_path: Path, outbox: Outbox) -> None:
    settings(tmp_path / "home", outbox.port)
    path = tmp_path / "home" / "config" / "vigie.toml"
    head, edition, tail = path.read_text("utf-8").partition("[[edition]]")
    tail = tail.replace('sender = ""', 'sender = "Veille <veille@nord.example>"', 1)
    path.write_text(head + edition + tail.replace('reply_to = ""', 'reply_to = "x"', 1), "utf-8")
    publish(folder := Folder.at(tmp_path / "home"))
    add(folder, person("a"))
    with pytest.raises(SettingsError, match=r"edition\.normandie\.reply_to"):
        send(folder)
    path.write_text(head + edition + tail.replace('reply_to = ""', 'reply_to = "e@r.example"', 1))
    assert send(Folder.at(tmp_path / "home")) == {S.SENT: 1}
    (message,) = got(outbox).values()
    assert (message["From"], message["Reply-To"]) == ("Veille <veille@nord.example>", "e@r.example")


@pytest.mark.parametrize(("late", "sent"), [(0, True), (59, True), (61, False), (60 * 24, False)])
def test_a_schedule_is_kept_or_asks(late: int, sent: bool, folder: Folder, outbox: Outbox) -> None:
    add(folder, person("a"))
    with folder.desk() as desk:
        sendings.schedule(desk, ID, 1, NOW, "mc")
        desk.execute(
            "INSERT INTO users VALUES (1, 'lh', 'L H', 'lh@r.example', 'fr', 'coordinator', 'x')"
        )
    before = NOW - timedelta(minutes=1)
    assert mailing.by_itself(folder, before, lambda: before) == []
    now = NOW + timedelta(minutes=late)
    for _ in range(3):
        mailing.by_itself(folder, now, lambda: now)
    assert set(got(outbox)) == ({"a@a.example"} if sent else {"lh@r.example"})
    if not sent:
        assert f"vigie digest send {ID}" in got(outbox)["lh@r.example"].get_content()
        assert send(folder, now) == {S.SENT: 1}
    with folder.desk() as desk:
        assert sendings.scheduled(desk) == []


@pytest.mark.parametrize(("minutes", "goes_on"), [(1, True), (60, True), (61, False)])
def test_a_sending_that_was_interrupted_goes_on_while_it_is_fresh(
    minutes: int, goes_on: bool, folder: Folder, outbox: Outbox
) -> None:
    add(folder, person("a"), person("b"), person("c"))
    with folder.desk() as desk:
        desk_rows.queue(desk, ID, 1, "normandie", NOW)
        desk.execute("UPDATE deliveries SET state = 'claimed' WHERE id = 2")
        desk.execute("UPDATE deliveries SET state = 'sending' WHERE id = 3")
    now = NOW + timedelta(minutes=minutes)
    mailing.by_itself(folder, now, lambda: now)
    assert set(got(outbox)) == ({"a@a.example", "b@a.example"} if goes_on else set())
    with folder.desk() as desk:
        assert desk_rows.tally(desk, ID, 1)[S.IN_DOUBT] == int(goes_on)


def test_a_message_is_signed_over_its_unsubscribe_headers(tmp_path: Path, outbox: Outbox) -> None:
    home = tmp_path / "home"
    settings(home, outbox.port)
    key = home / "dkim.pem"
    subprocess.run(["openssl", "genrsa", "-out", str(key), "2048"], check=True, capture_output=True)
    public = subprocess.run(
        ["openssl", "rsa", "-in", str(key), "-pubout", "-outform", "DER"],
        check=True,
        capture_output=True,
    ).stdout
    path = home / "config" / "vigie.toml"
    signing = '[mail.dkim]\nkey = "dkim.pem"\nselector = "v1"\n\n[bounces]'
    path.write_text(path.read_text("utf-8").replace("[bounces]", signing), encoding="utf-8")
    folder = Folder.at(home)
    publish(folder)
    add(folder, person("a"))
    assert send(folder) == {S.SENT: 1}
    data = outbox.received[0].path.read_bytes()
    record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)

    def dns(name: bytes, timeout: int = 5) -> bytes:
        assert name == b"v1._domainkey.example.org."
        return record

    assert dkim.verify(data, dnsfunc=dns)
    signed = data.partition(b"\r\nDate")[0]
    assert b"list-unsubscribe : list-unsubscribe-post" in re.sub(rb"\s+", b" ", signed)
    assert not dkim.verify(data.replace(b"/leave/1~", b"/leave/2~", 1), dnsfunc=dns)
    assert not dkim.verify(data.replace(b"One-Click", b"Two-Click"), dnsfunc=dns)
    key.write_text("no key")
    with pytest.raises(SettingsError, match=r"mail\.dkim\.key"):
        send(folder)


def bounce(folder: Folder, delivery: int, status: str = "5.1.1") -> bytes:
    with folder.desk() as desk:
        back = linker(desk, folder.settings).return_path("retours@example.org", delivery)
    return (
        f"Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nTo: {back}\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
        f"Final-Recipient: rfc822; a@a.example\nAction: failed\nStatus: {status}\n"
        "Diagnostic-Code: smtp; 550 no such user\n\n--b--\n"
    ).encode()


@pytest.fixture
def returning(tmp_path: Path, outbox: Outbox) -> Folder:
    mail = 'return_path = "retours@example.org"'
    settings(tmp_path / "home", outbox.port, mail=mail)
    path = tmp_path / "home" / "config" / "vigie.toml"
    text = path.read_text("utf-8").replace('# folder = "data/bounces"', 'folder = "data/bounces" #')
    path.write_text(text, encoding="utf-8")
    folder = Folder.at(tmp_path / "home")
    publish(folder)
    (tmp_path / "home" / "data" / "bounces").mkdir(parents=True)
    return folder


def read(folder: Folder, *contents: bytes, now: datetime = NOW) -> bouncing.Done:
    place = folder.settings.bounces.folder
    assert place
    for number, content in enumerate(contents):
        (place / f"{number}.eml").write_bytes(content)
    with folder.desk() as desk:
        return bouncing.read(folder.settings, desk, now)


def test_a_hard_bounce_suspends_until_restored_and_the_contact_is_told_once_a_day(
    returning: Folder, outbox: Outbox
) -> None:
    people_ = [person(n, contact="chef@a.example") for n in ("a", "b", "c")]
    add(returning, *people_)
    assert send(returning) == {S.SENT: 3}
    assert re.fullmatch(r"retours\+d1-[0-9a-f]{12}@example\.org", outbox.received[0].mail_from)
    done = read(returning, bounce(returning, 1), bounce(returning, 2))
    assert (done.kinds, done.contacts, done.errors) == ({"hard": 2}, 1, [])
    assert read(returning, bounce(returning, 1)).kinds == {"seen": 1}
    told = got(outbox)["chef@a.example"].get_content()
    assert "a@a.example" in told
    assert "b@a.example" in told
    hour, day = NOW + timedelta(hours=1), NOW + timedelta(days=1)
    assert read(returning, bounce(returning, 3), now=hour).contacts == 0
    assert read(returning, now=day).contacts == 1
    publish(returning, revision=2)
    assert send(returning) == {}
    with returning.desk() as desk:
        assert desk_rows.tally(desk, ID, 1) == {S.BOUNCED: 3}
        bounced.restore(desk, "a@a.example")
        with pytest.raises(NotFoundError, match="not suspended"):
            bounced.restore(desk, "a@a.example")
    assert send(returning) == {S.SENT: 1}


def test_a_mail_programs_unsubscribe_mail_is_obeyed_without_a_person(
    returning: Folder, outbox: Outbox
) -> None:
    add(returning, person("a"), person("b"))
    send(returning)
    header = got(outbox)["a@a.example"]["List-Unsubscribe"]
    found = re.search(r"<mailto:retours@example\.org\?subject=(\S+)>", header)
    assert found
    letter = f"From: anyone@x.example\nSubject: {unquote(found[1])}\n\n".encode()
    forged = letter.replace(b"1~normandie", b"2~normandie")
    for _ in range(2):
        assert read(returning, letter, forged).kinds == {"left": 1, "other": 1}
    with returning.desk() as desk:
        assert [row.address for row in people.recipients(desk)] == ["b@a.example", "gone-1"]


def test_a_soft_bounce_is_counted_and_a_forged_one_suspends_nobody(returning: Folder) -> None:
    add(returning, person("a"))
    send(returning)
    forged = bounce(returning, 1).replace(b"+d1-", b"+d1-0")
    done = read(returning, bounce(returning, 1, "5.2.2"), forged, b"From: x@y.example\n\nBonjour")
    assert done.kinds == {"soft": 1, "unclear": 1, "other": 1}
    with returning.desk() as desk:
        row = people.recipient(desk, "a@a.example")
        (soft,) = desk.execute("SELECT soft_bounces FROM recipients").fetchone()
        assert (row.suspended_at, soft) == (None, 1)


def test_a_confirmation_is_asked_within_limits_and_brings_back_who_left(
    folder: Folder, outbox: Outbox
) -> None:
    add(folder, person("a", awaited=True, legal_basis="consent"))
    assert send(folder) == {}
    with folder.desk() as desk:
        assert joining.ask(folder.settings, desk, NOW).asked == ("a@a.example",)
        assert joining.ask(folder.settings, desk, NOW).asked == ()
        for _ in range(2):
            assert joining.ask(folder.settings, desk, NOW, "a@a.example").asked
        ((_, why),) = joining.ask(folder.settings, desk, NOW, "a@a.example").held
        assert why == "3 confirmation mails in 30 days are enough"
    text = outbox.received[0].path.read_text("utf-8")
    assert "https://veille.example/confirm/1~" in text
    assert len(outbox.received) == 3


def test_a_structure_is_not_flooded(folder: Folder) -> None:
    add(folder, *(person(f"p{n}", awaited=True) for n in range(31)))
    with folder.desk() as desk:
        done = joining.ask(folder.settings, desk, NOW)
        assert (len(done.asked), len(done.held)) == (30, 1)
        tomorrow = NOW + timedelta(days=1, seconds=1)
        assert len(joining.ask(folder.settings, desk, tomorrow).asked) == 1


@pytest.fixture
def vigie(folder: Folder) -> Callable[..., Result]:
    def call(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["--home", str(folder.settings.home), "digest", *arguments])

    return call


def test_a_preview_shows_what_they_would_get_and_sends_nothing(
    folder: Folder, outbox: Outbox, vigie: Callable[..., Result]
) -> None:
    add(folder, person("a", themes=("energy",)))
    shown = vigie("preview", ID, "--as", "a@a.example")
    assert shown.exit_code == 0, shown.output
    assert "left out: Titre 1 (not one of their themes)" in shown.output
    assert "left out: Titre 3 (TLP:AMBER, above TLP:CLEAR)" in shown.output
    files = sorted((folder.settings.home / "data" / "preview").iterdir())
    assert [path.suffix for path in files] == [".eml", ".html", ".txt"]
    assert b"/leave/0~normandie~" in files[2].read_bytes()  # nobody's
    assert vigie("preview", ID, "--as", "nobody@a.example").exit_code == 1
    assert outbox.received == []


def test_a_test_goes_to_one_address_and_leaves_no_row(
    folder: Folder, outbox: Outbox, vigie: Callable[..., Result]
) -> None:
    add(folder, person("a", themes=("cyber",)))
    done = vigie("send", ID, "--test", "me@r.example", "--as", "a@a.example")
    assert done.exit_code == 0, done.output
    mail = got(outbox)["me@r.example"]
    assert mail["Subject"].startswith("[test] ")
    assert titles(mail) == {1, 4}
    with folder.desk() as desk:
        assert desk_rows.tally(desk, ID, 1) == {}
    assert vigie("send", ID, "--as", "a@a.example").exit_code == 2
    wrong = vigie("send", ID, "--test", "x\r\nBcc: y@r.example")
    assert (wrong.exit_code, "not an address" in wrong.output) == (1, True)


def test_an_address_may_be_typed_as_people_write_it(
    folder: Folder, vigie: Callable[..., Result]
) -> None:
    add(folder, person("a", "xn--ple-kna.example"))
    assert vigie("preview", ID, "--as", "A@pôle.example").exit_code == 0
    assert vigie("recipients", "remove", "a@pôle.example").exit_code == 0


def test_doctor_tells_what_waits_and_what_cannot_be_signed(tmp_path: Path, folder: Folder) -> None:
    add(folder, person("a"))
    with folder.desk() as desk:
        desk_rows.queue(desk, ID, 1, "normandie", NOW)
    assert [finding.detail for finding in doctor._mail(folder.settings)] == [
        f"1 recipients wait for it: vigie digest send {ID}"
    ]
    signing = Dkim(key=tmp_path / "none.pem", selector="x")
    mail = folder.settings.mail.model_copy(update={"dkim": signing})
    found = list(doctor._mail(folder.settings.model_copy(update={"mail": mail})))
    assert found[0].verdict is doctor.Verdict.WRONG
    assert "mail.dkim.key" in found[0].detail


def test_status_names_the_commands_that_settle_what_is_in_doubt(
    folder: Folder, vigie: Callable[..., Result]
) -> None:
    add(folder, person("a"))
    with folder.desk() as desk:
        desk_rows.queue(desk, ID, 1, "normandie", NOW)
        desk.execute("UPDATE deliveries SET state = 'in doubt'")
    told = vigie("status", ID).stderr
    assert f"vigie digest settle {ID} a@a.example --sent" in told
    assert vigie("settle", ID, "a@a.example").exit_code == 2
    assert vigie("settle", ID, "a@a.example", "--resend", "--by", "mc").exit_code == 0
    assert vigie("send", ID).exit_code == 0
    assert "1 recipients: 1 sent" in vigie("status", ID).output


def test_a_schedule_is_set_and_taken_back_by_command(
    folder: Folder, vigie: Callable[..., Result]
) -> None:
    done = vigie("schedule", ID, "2099-01-11T09:00", "--by", "mc")
    assert "2099-01-11 08:00 UTC" in done.output
    assert "To be sent at 2099-01-11 08:00 UTC" in vigie("status", ID).output
    assert vigie("schedule", ID, "never").exit_code == 0
    assert vigie("schedule", ID, "2001-01-01T00:00").exit_code == 1
    assert vigie("schedule", ID, "soon").exit_code == 1


def test_erasing_leaves_a_hash_and_counts(folder: Folder, vigie: Callable[..., Result]) -> None:
    add(folder, person("a"), person("b"))
    send(folder)
    kept = json.loads(vigie("recipients", "export", "a@a.example").output)["tables"]
    assert [row["state"] for row in kept["deliveries"]] == ["sent"]
    assert vigie("recipients", "erase", "a@a.example", "--yes").exit_code == 0
    with folder.desk() as desk:
        assert desk_rows.tally(desk, ID, 1) == {S.SENT: 2}
        assert "a@a.example" not in "".join(desk.conn.iterdump())


@pytest.fixture
def dovecot() -> Iterator[Any]:
    """The real IMAP server of the collectors' tests."""
    path = Path(__file__).parents[1] / "collectors" / "dovecot.py"
    spec = importlib.util.spec_from_file_location("dovecot_of_bounces", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if module.BINARY is None:
        pytest.skip("dovecot is not installed (Debian: apt-get install dovecot-imapd)")
    place = Path(tempfile.mkdtemp(prefix="dovecot-"))
    place.chmod(0o755)
    server = module.Dovecot(place)
    yield server, module.USER, module.PASSWORD
    server.close()
    shutil.rmtree(place, ignore_errors=True)


@pytest.mark.slow
def test_bounces_are_read_from_a_real_mailbox_once(
    returning: Folder, dovecot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, user, password = dovecot
    add(returning, person("a"), person("b"))
    send(returning)
    where = {"host": "127.0.0.1", "port": server.plain, "security": "none", "user": user}
    changed = returning.settings.bounces.model_copy(update={**where, "folder": None})
    folder = Folder(returning.settings.model_copy(update={"bounces": changed}))
    server.put(bounce(folder, 1), b"From: a@b.example\r\n\r\nBonjour", b"x" * 2_100_000)
    monkeypatch.setenv("VIGIE_BOUNCES_PASSWORD", "wrong")
    with folder.desk() as desk:
        (error,) = bouncing.read(folder.settings, desk, NOW).errors
        assert error.startswith("127.0.0.1: ")
        monkeypatch.setenv("VIGIE_BOUNCES_PASSWORD", password)
        done = bouncing.read(folder.settings, desk, NOW)
        assert (done.kinds, done.errors) == ({"hard": 1, "other": 1, "unclear": 1}, [])
        assert bouncing.read(folder.settings, desk, NOW).kinds == {}
        assert people.recipient(desk, "a@a.example").suspended_at == NOW
        assert people.recipient(desk, "b@a.example").suspended_at is None
