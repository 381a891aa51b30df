"""Alerts from the archive to a mailbox and a machine: once each, to whom they concern."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from alerting_cases import NOW, RULES, Said, advisory, folder, person, tell, turn
from click.testing import CliRunner, Result
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app import listpages
from app.cli import main
from app.demo.smtp import Outbox
from app.folder import Folder, clock
from app.pipeline import alert_desk, alerting, bouncing
from app.pipeline.copies import linker
from digest.links import Purpose
from vigie.archive import alert_mail, alerted, alerts, people, privacy, wishes
from vigie.archive import desk as desk_rows
from vigie.archive.wishes import Wish
from vigie.model import DeliveryState, How, Severity, Tlp
from vigie.schema import ALERTS

URL = "https://cert.example/avis/{}/"
HOUR = timedelta(hours=1)
FORTINET = Wish(rules=(), vendors=("Fortinet",))


def avis(number: int = 1, revision: str = "2026-11-18", **more: object) -> Said:
    said = {key: more.pop(key) for key in ("vendors", "risks", "cves", "tlp") if key in more}
    return Said(URL.format(number), advisory=advisory(number, revision, **said), **more)  # type: ignore[arg-type]


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with Outbox(tmp_path / "outbox") as outbox:
        yield outbox


def messages(outbox: Outbox) -> list[tuple[str, EmailMessage]]:
    found = []
    for got in outbox.received:
        message = message_from_bytes(got.path.read_bytes(), policy=policy.default)
        found.append((got.rcpt_tos[0].partition("@")[0], message))
    return found  # type: ignore[return-value]  # its class


def served(outbox: Outbox) -> list[str]:
    return [name for name, _ in messages(outbox)]


@pytest.fixture
def here(tmp_path: Path, outbox: Outbox) -> Folder:
    """Two on the list of alerts: one with every rule, one with a vendor of their own."""
    made = folder(tmp_path / "home", outbox.port)
    person(made, "ana")
    person(made, "bob", FORTINET)
    return made


def test_an_advisory_is_sent_once_to_those_it_concerns(here: Folder, outbox: Outbox) -> None:
    other = avis(2, vendors=("Autre",), risks=("Déni de service",))
    tell(here, avis(1), other)
    done = turn(here)
    assert (done.hows[How.NEW], done.hows[How.NONE]) == (1, 1)
    assert served(outbox) == ["ana", "bob"]
    for _ in range(3):
        assert turn(here).said == ""
    assert len(outbox.received) == 2


def test_fetched_again_sends_nothing_and_a_new_revision_one_update(
    here: Folder, outbox: Outbox
) -> None:
    tell(here, avis(1))
    turn(here)
    tell(here, avis(1, summary="Une coquille est corrigée."))
    assert turn(here).hows[How.AGAIN] == 1
    tell(here, avis(1, "2026-11-19"))
    assert turn(here).hows[How.UPDATE] == 1
    subjects = [found["Subject"] for _, found in messages(outbox)]
    title = "[élevée] Vulnérabilité dans les produits Fortinet"
    assert subjects == [title, title, f"[MàJ] {title}", f"[MàJ] {title}"]


def test_two_issuers_on_one_matter_come_as_one_message_naming_both(
    here: Folder, outbox: Outbox
) -> None:
    said = advisory(issuer="Fabrique PSIRT", reference="FG-26-1")
    tell(here, avis(1), Said("https://maker.example/1", source="maker", advisory=said))
    turn(here)
    assert served(outbox) == ["ana", "bob"]
    body = messages(outbox)[0][1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "CERT-FR CERTFR-2026-AVI-0001" in body
    assert "Fabrique PSIRT FG-26-1" in body


def test_a_later_issuer_reaches_only_those_who_were_not_told(
    tmp_path: Path, outbox: Outbox
) -> None:
    rules = (
        '[[alert]]\nid = "cert"\nsources = ["cert"]\n[[alert]]\nid = "maker"\nsources = ["maker"]'
    )
    home = folder(tmp_path / "home", outbox.port, rules)
    person(home, "ana", Wish(("cert",)))
    person(home, "bob", Wish(("maker",)))
    tell(home, avis(1))
    turn(home)
    said = advisory(issuer="Fabrique PSIRT", reference="FG-26-1")
    tell(home, Said("https://maker.example/1", source="maker", advisory=said))
    assert turn(home).hows[How.JOINED] == 1
    assert served(outbox) == ["ana", "bob"]
    assert not messages(outbox)[1][1]["Subject"].startswith("[MàJ]")


def test_what_came_before_the_first_look_makes_no_alert(here: Folder, outbox: Outbox) -> None:
    tell(here, avis(1, "2026-11-15", published=NOW - timedelta(days=3)), avis(2))
    turn(here)
    assert len(outbox.received) == 2


def test_quiet_hours_hold_all_but_what_is_critical(tmp_path: Path, outbox: Outbox) -> None:
    quiet = '[alerts.quiet]\nfrom = "09:00"\nuntil = "12:00"\n' + RULES
    home = folder(tmp_path / "home", outbox.port, quiet)
    person(home, "ana")
    tell(home, avis(1), avis(2))
    tell(home, Said(URL.format(3), advisory=advisory(3, severity="critical")))
    turn(home)
    assert len(outbox.received) == 1
    assert "[critique]" in messages(outbox)[0][1]["Subject"]
    turn(home, NOW + 3 * HOUR)
    assert len(outbox.received) == 3


def test_a_revision_that_comes_before_the_first_was_sent_takes_its_place(
    tmp_path: Path, outbox: Outbox
) -> None:
    quiet = '[alerts.quiet]\nfrom = "09:00"\nuntil = "12:00"\n' + RULES
    home = folder(tmp_path / "home", outbox.port, quiet)
    person(home, "ana")
    tell(home, avis(1))
    turn(home)
    tell(home, avis(1, "2026-11-19"))
    turn(home)
    turn(home, NOW + 3 * HOUR)
    (found,) = messages(outbox)
    assert "[MàJ]" not in found[1]["Subject"]
    assert "2026-11-19" in found[1].get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_many_at_once_are_one_message_and_beyond_the_limit_a_number(
    tmp_path: Path, outbox: Outbox
) -> None:
    home = folder(tmp_path / "home", outbox.port, "[alerts]\nper_day = 6\n" + RULES)
    person(home, "ana")
    tell(home, *(avis(n) for n in range(1, 9)))
    turn(home)
    (first,) = messages(outbox)
    assert first[1]["Subject"].startswith("6 alertes · ")
    turn(home, NOW + HOUR)
    assert len(outbox.received) == 1
    turn(home, NOW + 24 * HOUR)
    assert messages(outbox)[1][1]["Subject"] == "2 alertes non détaillées"
    turn(home, NOW + 48 * HOUR)
    assert len(outbox.received) == 2


@pytest.mark.parametrize(("yes", "count"), [(True, 1), (False, 0)])
def test_an_alert_waits_for_a_persons_yes(
    tmp_path: Path, outbox: Outbox, yes: bool, count: int
) -> None:
    rules = '[[alert]]\nid = "f"\nvendors = ["Fortinet"]\napproval = true'
    home = folder(tmp_path / "home", outbox.port, rules)
    person(home, "ana")
    tell(home, avis(1))
    turn(home)
    with home.desk() as desk:
        (waits,) = alerts.pending(desk)
        assert waits.recipients == 1
        alert_desk.settle(desk, "CERTFR-2026-AVI-0001", "mc", NOW, yes=yes)
        assert alerts.pending(desk) == []
    turn(home)
    assert len(outbox.received) == count
    tell(home, avis(1, "2026-11-19"))
    turn(home)
    with home.desk() as desk:
        assert len(alerts.pending(desk)) == 1


def test_clearance_is_checked_when_it_is_addressed_and_when_it_is_sent(
    tmp_path: Path, outbox: Outbox
) -> None:
    rules = '[[alert]]\nid = "f"\nvendors = ["Fortinet"]\ntlp = "TLP:AMBER"'
    home = folder(tmp_path / "home", 1, rules)  # nobody listens there
    person(home, "ana")
    cleared = person(home, "bob", clearance=Tlp.RED)
    tell(home, avis(1))
    assert turn(home).mail.error
    with home.desk() as desk:
        (row,) = desk_rows.deliveries(desk, ALERTS, 1)
        assert row.recipient.address == "bob@a.example"
        people.change(desk, cleared, people.Change(clearance=Tlp.GREEN), NOW)
    turn(folder(tmp_path / "home", outbox.port, rules), NOW + HOUR)
    assert outbox.received == []
    with home.desk() as desk:
        (row,) = desk_rows.deliveries(desk, ALERTS, 1)
        assert row.state is DeliveryState.WITHDRAWN


def test_the_label_of_a_rule_stands_in_subject_and_body(tmp_path: Path, outbox: Outbox) -> None:
    rules = '[[alert]]\nid = "f"\nvendors = ["Fortinet"]\ntlp = "TLP:AMBER"'
    home = folder(tmp_path / "home", outbox.port, rules)
    person(home, "bob", clearance=Tlp.AMBER)
    tell(home, avis(1))
    turn(home)
    ((_, found),) = messages(outbox)
    assert found["Subject"].startswith("[TLP:AMBER] ")
    assert found.get_body(("plain",)).get_content().startswith("TLP:AMBER · ")  # type: ignore[union-attr]
    with home.reading() as archive:  # what AMBER alone was told has no place in public
        assert alerted.between(archive, NOW - HOUR, NOW + HOUR) == []


def test_the_archive_learns_what_went_out_and_never_to_whom(here: Folder, outbox: Outbox) -> None:
    tell(here, avis(1))
    turn(here)
    tell(here, avis(1, "2026-11-19"))
    turn(here, NOW + HOUR)
    with here.reading() as archive:
        (found,) = alerted.between(archive, NOW, NOW + 2 * HOUR)
        assert (found.revision, found.first_at, found.last_at) == (2, NOW, NOW + HOUR)
        assert (found.severity, found.vendors) == (Severity.HIGH, ("Fortinet",))
    stored = here.settings.paths.archive.read_bytes()
    assert b"ana@a.example" not in stored


def test_a_refused_address_ends_its_own_row_and_a_dead_server_costs_nothing(
    tmp_path: Path,
) -> None:
    home = folder(tmp_path / "home", 1)
    person(home, "ana")
    person(home, "bob")
    tell(home, avis(1))
    assert turn(home).mail.left == 2
    with Outbox(tmp_path / "o", refuse=frozenset({"ana@a.example"})) as outbox:
        home = folder(tmp_path / "home", outbox.port)
        done = turn(home)
        assert done.mail.counts == Counter({DeliveryState.REFUSED: 1, DeliveryState.SENT: 1})
        assert served(outbox) == ["bob"]
        assert turn(home).said == ""


def test_who_left_between_making_and_sending_gets_nothing(tmp_path: Path) -> None:
    home = folder(tmp_path / "home", 1)
    number = person(home, "ana")
    tell(home, avis(1))
    turn(home)
    with home.desk() as desk:
        people.leave(desk, number, ALERTS, NOW)
    with Outbox(tmp_path / "o") as outbox:
        turn(folder(tmp_path / "home", outbox.port))
        assert outbox.received == []


def test_leaving_the_alerts_keeps_the_bulletin(here: Folder) -> None:
    number = person(here, "eva", FORTINET, ALERTS, "normandie")
    with here.desk() as desk:
        people.leave(desk, number, ALERTS, NOW)
        assert people.recipient(desk, "eva@a.example").editions == ("normandie",)
        assert number not in {one.recipient for one in wishes.on_the_list(desk)}


def test_one_persons_alerts_are_exported_and_erased(here: Folder) -> None:
    tell(here, avis(1))
    turn(here)
    with here.desk() as desk:
        said = json.loads(privacy.export(desk, "bob@a.example"))["tables"]
        assert {"alert_wishes", "alert_items", "deliveries"} <= set(said)
        privacy.erase(desk, "bob@a.example", NOW)
        assert list(desk.query("SELECT * FROM alert_items WHERE recipient_id = 2")) == []
    tell(here, avis(1, "2026-11-19"))
    assert turn(here, NOW + HOUR).mail.counts == Counter({DeliveryState.SENT: 1})


def test_a_structures_wish_holds_for_who_says_nothing(here: Folder) -> None:
    with here.desk() as desk:
        wishes.wish_for_structure(desk, "Structure A", Wish((), ("Autre",)), NOW)
        found = {one.recipient: one.wish.vendors for one in wishes.on_the_list(desk)}
    assert found == {1: ("Autre",), 2: ("Fortinet",)}


def test_themes_of_ones_own_bring_advisories_and_stories_that_grow(
    here: Folder, outbox: Outbox
) -> None:
    person(here, "eva", Wish((), (), ("energy",)))
    lone = Said("https://cert.example/n/1", title="Un article", theme="energy")
    tell(here, lone, avis(7, vendors=("X",), risks=(), theme="energy"))
    turn(here)
    assert served(outbox) == ["eva"]


def test_an_alert_on_words_says_which(tmp_path: Path, outbox: Outbox) -> None:
    rules = '[[alert]]\nid = "r"\ntitle = "Rançons"\nwords = ["rançongiciel*"]'
    home = folder(tmp_path / "home", outbox.port, rules)
    person(home, "ana")
    tell(home, Said("https://cert.example/n/1", title="Des Rançongiciels au port"))
    turn(home)
    ((_, found),) = messages(outbox)
    body = found.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert re.search(r"- Rançons\s: mots «\sRançongiciels\s»", body)


def test_without_rules_nothing_is_looked_at(tmp_path: Path) -> None:
    home = folder(tmp_path / "home", 1, "")
    person(home, "ana")
    tell(home, avis(1))
    assert turn(home).looked == 0
    assert alerting.by_itself(home, NOW, lambda: NOW).said == ""


def test_what_could_not_be_sent_while_it_was_news_is_given_up(here: Folder, outbox: Outbox) -> None:
    tell(here, avis(1))
    with here.desk() as desk:
        desk.execute("UPDATE recipients SET suspended_at = '2026-11-18T09:00:00Z' WHERE id = 1")
    turn(here)
    with here.desk() as desk:
        desk.execute("UPDATE alert_items SET recipient_id = 1, state = 'waiting' WHERE id = 1")
        desk.execute("UPDATE recipients SET suspended_at = NULL")
    assert turn(here, NOW + timedelta(days=8)).queued == 0
    assert served(outbox) == ["bob"]


def test_every_minute_only_what_waits_is_sent(here: Folder, outbox: Outbox) -> None:
    tell(here, avis(1))
    later = NOW + HOUR
    assert alerting.by_itself(here, NOW, lambda: NOW, looking=False).said == ""
    assert alerting.by_itself(here, NOW, lambda: NOW).said == "1 new, 2 sent"
    with here.desk() as desk:  # as a stop leaves them
        desk.execute("UPDATE deliveries SET state = 'claimed'")
    assert alerting.by_itself(here, later, lambda: later, looking=False).said == "2 sent"
    with here.lock():
        assert alerting.by_itself(here, later, lambda: later).said == ""


def test_a_bounce_of_an_alert_suspends_as_an_issues_does(tmp_path: Path, outbox: Outbox) -> None:
    home = folder(tmp_path / "home", outbox.port, RULES, 'return_path = "retours@veille.example"')
    person(home, "ana")
    tell(home, avis(1))
    turn(home)
    (got,) = outbox.received
    back = (
        f"To: {got.mail_from}\nFrom: MAILER-DAEMON@a.example\nSubject: Undelivered\n"
        "MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status;"
        ' boundary="x"\n\n--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns;a\n\n'
        "Final-Recipient: rfc822;ana@a.example\nAction: failed\nStatus: 5.1.1\n\n--x--\n"
    )
    with home.desk() as desk:
        assert (
            bouncing.take(back.encode(), desk, linker(desk, home.settings), NOW, strict=True)
            == "hard"
        )
        (row,) = desk_rows.deliveries(desk, ALERTS, 0)
        assert row.state is DeliveryState.BOUNCED
    tell(home, avis(2))
    assert turn(home).queued == 0


def test_messages_of_alerts_are_no_unfinished_issue(tmp_path: Path) -> None:
    home = folder(tmp_path / "home", 1)
    person(home, "ana")
    tell(home, avis(1))
    turn(home)
    with home.desk() as desk:
        assert desk_rows.unfinished(desk, NOW) == []
        assert len(alert_mail.unsettled(desk)) == 0


# ----------------------------------------------------------------------------- the commands


@pytest.fixture
def vigie(here: Folder) -> Callable[..., Result]:
    def run(*words: str) -> Result:
        return CliRunner().invoke(main, ["--home", str(here.settings.home), *words])

    return run


def test_the_commands_try_list_preview_and_settle(
    here: Folder, vigie: Callable[..., Result], outbox: Outbox
) -> None:
    assert "fortinet: vendors; TLP:CLEAR" in vigie("alerts", "rules").output
    assert "nothing was alerted yet" in vigie("alerts", "log").output
    tell(here, avis(1))
    tried = vigie("alerts", "rules", "fortinet", "--days", "3650")
    assert "1 article of 3650 days: 1 alert\n" in tried.output
    assert outbox.received == []
    turn(here)
    logged = vigie("alerts", "log")
    assert "2 sent" in logged.output
    assert "fortinet: vendors Fortinet" in logged.output
    name = re.search(r"al-\w+", logged.output)
    assert name
    shown = vigie("alerts", "preview", name[0], "--as", "ana@a.example")
    assert "Subject: [élevée] Vulnérabilité" in shown.output
    assert vigie("alerts", "pending").output == "no alert waits for approval\n"
    assert vigie("alerts", "approve", name[0], "--who", "mc").exit_code == 1
    assert "no rule nix" in vigie("alerts", "rules", "nix", "--days", "3").output
    assert vigie("alerts", "settle", "1", "ana@a.example", "--resend").exit_code == 1


def test_a_wish_is_set_by_command_and_checked(here: Folder, vigie: Callable[..., Result]) -> None:
    said = vigie("alerts", "wish", "ana@a.example", "--vendors", "Cisco, SAP", "--rules", "-")
    assert said.exit_code == 0, said.output
    with here.desk() as desk:
        assert wishes.wish_of(desk, 1) == Wish((), ("Cisco", "SAP"))
    assert "nix is no rule" in vigie("alerts", "wish", "ana@a.example", "--rules", "nix").output
    assert "nix is no theme" in vigie("alerts", "wish", "ana@a.example", "--themes", "nix").output
    assert vigie("alerts", "wish").exit_code == 2
    assert vigie("alerts", "wish", "ana@a.example", "--rules", "-").exit_code == 2


def test_recipients_csv_says_which_alerts_and_gives_them_back(
    here: Folder, vigie: Callable[..., Result], tmp_path: Path
) -> None:
    path = tmp_path / "p.csv"
    path.write_text(
        "name,address,language,structure,alerts,alert_vendors,alert_severity\n"
        "Eva,eva@b.example,fr,B,-,Fortinet|Palo Alto,high\n"
        "Ida,ida@b.example,fr,B,fortinet,,\n"
        "Uwe,uwe@b.example,de,B,,,\n"
        "Zoe,zoe@b.example,fr,B,nix,,\n"
        "Yan,yan@b.example,fr,B,*,,grave\n",
        encoding="utf-8",
    )
    done = vigie("digest", "recipients", "import", str(path))
    assert "line 5, alerts: found 'nix'; expected one of fortinet, grave" in done.output
    assert "line 6, alert_severity: found 'grave'" in done.output
    with here.desk() as desk:
        numbers = {row.address: row.id for row in people.listed(desk)}
        eva = wishes.wish_of(desk, numbers["eva@b.example"])
        assert eva == Wish((), ("Fortinet", "Palo Alto"), (), Severity.HIGH)
        assert wishes.wish_of(desk, numbers["ida@b.example"]).rules == ("fortinet",)
        on = {one.recipient for one in wishes.on_the_list(desk)}
        assert numbers["uwe@b.example"] not in on
    told = vigie("digest", "recipients", "list", "--csv").output
    assert "eva@b.example,fr,B,normandie alerts,,TLP:CLEAR" in told
    assert "-,Fortinet|Palo Alto,,high" in told


# -------------------------------------------------------------------------------- the pages


@pytest.fixture
def page(here: Folder) -> TestClient:
    return TestClient(Starlette(routes=listpages.routes(here)))


def link(here: Folder, purpose: Purpose, number: int, what: str = "") -> str:
    with here.desk() as desk:
        return f"/{purpose}/{linker(desk, here.settings).token(purpose, number, what, clock())}"


def test_the_link_of_an_alert_leaves_the_alerts_and_nothing_else(
    here: Folder, page: TestClient
) -> None:
    number = person(here, "eva", FORTINET, ALERTS, "normandie")
    url = link(here, Purpose.LEAVE, number, ALERTS)
    assert "Alertes" in page.get(url).text
    with here.desk() as desk:
        assert ALERTS in people.recipient(desk, "eva@a.example").editions  # GET changes nothing
    for _ in range(2):
        assert page.post(url).status_code == 200
    with here.desk() as desk:
        assert people.recipient(desk, "eva@a.example").editions == ("normandie",)
        assert people.departures(desk, "eva@a.example") == {ALERTS}


def test_preferences_show_and_keep_which_alerts(here: Folder, page: TestClient) -> None:
    url = link(here, Purpose.PREFERENCES, 2)
    shown = page.get(url).text
    assert 'name="alert.vendors" maxlength="1000" value="Fortinet"' in shown
    assert "Avis graves" in shown
    form = {
        "alerts": "yes",
        "alert.rule": "grave",
        "alert.vendors": "SAP , <b>x</b>,, SAP",
        "alert.theme": ["energy", "nix"],
        "alert.severity": "high",
    }
    said = page.post(url, data=form)
    assert said.status_code == 200
    assert "SAP, &lt;b&gt;x&lt;/b&gt;" in said.text
    with here.desk() as desk:
        kept = wishes.wish_of(desk, 2)
    assert kept == Wish(("grave",), ("SAP", "<b>x</b>"), ("energy",), Severity.HIGH)


@pytest.mark.parametrize(
    ("form", "on_the_list", "wish"),
    [
        ({"alerts": "yes"}, True, Wish()),
        ({"alerts": "yes", "alert.rule": "*", "alert.severity": "worst"}, True, Wish()),
        ({"edition": "normandie"}, False, Wish()),
        ({}, True, FORTINET),
    ],
    ids=["nothing named is all", "a severity that is none", "unticked is left", "nothing at all"],
)
def test_what_the_form_says_of_alerts(
    here: Folder, page: TestClient, form: dict[str, str], on_the_list: bool, wish: Wish
) -> None:
    page.post(link(here, Purpose.PREFERENCES, 2), data=form)
    with here.desk() as desk:
        on = {one.recipient for one in wishes.on_the_list(desk)}
        assert (2 in on, wishes.wish_of(desk, 2)) == (on_the_list, wish)


def test_alerts_that_are_not_open_are_not_offered(tmp_path: Path) -> None:
    home = folder(tmp_path / "home", 1, "[alerts]\nopen = false\n" + RULES)
    number = person(home, "eva", None, "normandie")
    page = TestClient(Starlette(routes=listpages.routes(home)))
    url = link(home, Purpose.PREFERENCES, number)
    assert "alert.vendors" not in page.get(url).text
    page.post(url, data={"edition": "normandie", "alerts": "yes"})
    with home.desk() as desk:
        assert people.recipient(desk, "eva@a.example").editions == ("normandie",)
