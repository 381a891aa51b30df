from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from digest import message
from digest.render import Links, render
from vigie.model import Form, Issue, IssueItem, Recipient, Rendered, Tlp

NOW = datetime(2027, 1, 6, 7, 30, tzinfo=UTC)
SENDER = "Bulletin de veille <veille@normandie.example>"
NO_LINKS = Links()
MakeItem = Callable[..., IssueItem]
MakeIssue = Callable[..., Issue]


def forms(issue: Issue, language: str = "fr") -> tuple[Rendered, Rendered]:
    html, text = render(issue, language, (Form.HTML, Form.TEXT))
    return html, text


def sent(
    issue: Issue,
    recipient: Recipient,
    language: str = "fr",
    sender: str = SENDER,
    domain: str = "veille.normandie.example",
    links: Links = NO_LINKS,
) -> EmailMessage:
    """The message as it reads after the wire."""
    html, text = forms(issue, language)
    data = message.mould(issue, html, text, sender, domain).fill(recipient, links, NOW)
    assert max(map(len, data.split(b"\r\n"))) <= 998
    assert data.isascii()
    read = message_from_bytes(data, policy=policy.default)
    assert isinstance(read, EmailMessage)
    assert not read.defects
    return read


def test_it_is_text_then_html_and_nothing_else(issue: MakeIssue, recipient: Recipient) -> None:
    made = issue()
    read = sent(made, recipient)
    html, text = forms(made)
    assert read.get_content_type() == "multipart/alternative"
    parts = list(read.iter_parts())
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    assert [part["Content-Language"] for part in parts] == ["fr", "fr"]
    assert [part.get_content().replace("\r\n", "\n").rstrip("\n") for part in parts] == [
        text.content.decode().rstrip("\n"),
        html.content.decode().rstrip("\n"),
    ]


def test_answers_go_where_the_edition_says(issue: MakeIssue, recipient: Recipient) -> None:
    made = issue()
    html, text = forms(made)
    for reply_to, expected in (("Équipe <e@r.example>", "e@r.example"), ("", None)):
        mould = message.mould(made, html, text, SENDER, reply_to=reply_to)
        read = message_from_bytes(mould.fill(recipient, NO_LINKS, NOW), policy=policy.default)
        found = read["Reply-To"]
        assert (found.addresses[0].addr_spec if found else None) == expected
    with pytest.raises(ValueError, match="nobody"):
        message.mould(made, html, text, SENDER, reply_to="nobody")


def test_its_headers_say_who_what_and_how_to_leave(issue: MakeIssue, recipient: Recipient) -> None:
    read = sent(issue(), recipient)
    assert read["Date"] == "Wed, 06 Jan 2027 07:30:00 +0000"
    assert read["From"] == "Bulletin de veille <veille@normandie.example>"
    assert read["To"] == "Zoé Lefèvre <zoe@partner.example>"
    assert read["Subject"] == "Bulletin de veille\u00a0– 4e trimestre 2026"
    assert read["List-Id"] == "<normandie.veille.normandie.example>"
    assert (
        read["List-Unsubscribe"]
        == "<mailto:veille@normandie.example?subject=unsubscribe%20normandie>"
    )
    assert read["Auto-Submitted"] == "auto-generated"
    assert read["Precedence"] is None
    assert len(set(read.keys())) == len(read.keys())


@pytest.mark.parametrize("tlp", Tlp)
def test_the_subject_bears_the_label_above_clear(
    tlp: Tlp, item: MakeItem, issue: MakeIssue, recipient: Recipient
) -> None:
    subject = sent(issue(item(1, tlp=tlp)), recipient, "nl")["Subject"]
    label = "" if tlp is Tlp.CLEAR else f"[{tlp.value}] "
    assert subject == f"{label}Bulletin\u00a0– 4e kwartaal 2026"


def test_the_message_id_is_that_of_issue_revision_and_recipient(
    issue: MakeIssue, recipient: Recipient
) -> None:
    made = issue()
    variants = [
        sent(made, recipient),
        sent(made, replace(recipient, id=8)),
        sent(replace(made, revision=2), recipient),
        sent(replace(made, id="normandie-2027Q1"), recipient),
    ]
    assert len({read["Message-ID"] for read in variants}) == 4
    assert sent(made, replace(recipient, name="X"))["Message-ID"] == variants[0]["Message-ID"]
    assert variants[0]["Message-ID"].endswith("@veille.normandie.example>")


def test_the_same_arguments_give_the_same_bytes(issue: MakeIssue, recipient: Recipient) -> None:
    made = issue()
    html, text = forms(made)
    first, second = (
        message.mould(made, html, text, SENDER, "x.example").fill(recipient, Links(), NOW)
        for _ in range(2)
    )
    assert first == second


@pytest.mark.parametrize(
    "evil",
    [
        "x\r\nBcc: victim@example.org",
        "x\nBcc: victim@example.org",
        "x\rBcc: victim@example.org",
        "x\u2028Bcc: victim@example.org",
        "x\x85Bcc: victim@example.org",
        '"x" <victim@example.org>, y',
        "=?utf-8?q?x=0D=0ABcc=3A_victim=40example=2Eorg?=",
        "é" * 60 + "\r\nBcc: victim@example.org",
        "\ud800\r\n\r\n<script>",
    ],
)
def test_no_header_can_be_injected(
    evil: str, item: MakeItem, issue: MakeIssue, recipient: Recipient
) -> None:
    made = issue(item(1, title=evil, source=evil), title={"fr": evil}, publisher=evil)
    plain = sent(issue(), recipient)
    read = sent(made, replace(recipient, name=evil, structure=evil))
    assert read.keys() == plain.keys()
    assert [address.addr_spec for address in read["To"].addresses] == ["zoe@partner.example"]
    assert read["Bcc"] is None


def test_it_refuses_forms_of_another_issue(issue: MakeIssue, recipient: Recipient) -> None:
    made = issue()
    html, text = forms(made)
    with pytest.raises(ValueError, match="not the html of"):
        message.mould(made, text, html, SENDER, "x.example")
    with pytest.raises(ValueError, match="revision 2"):
        message.mould(replace(made, revision=2), html, text, SENDER, "x.example")
    with pytest.raises(ValueError, match="is not a domain"):
        message.mould(made, html, text, SENDER, "x>\r\ny")


def test_the_domain_is_the_senders_where_none_is_given(
    issue: MakeIssue, recipient: Recipient
) -> None:
    read = sent(issue(), recipient, domain="")
    assert read["Message-ID"].endswith("@normandie.example>")
    assert read["List-Id"] == "<normandie.normandie.example>"
