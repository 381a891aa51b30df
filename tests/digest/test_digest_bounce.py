"""Messages that came back, in the words of several mail systems. All of them are made up."""

from __future__ import annotations

import pytest

from digest.bounce import LARGEST, judge
from digest.links import Linker

LINKER = Linker(b"k" * 32)
BACK = LINKER.return_path("retours@region.example", 17)


def dsn(action: str, status: str, said: str, to: str = "zoe@partner.example") -> bytes:
    """RFC 3464, as Postfix and many others write it."""
    return f"""\
Return-Path: <>
From: MAILER-DAEMON@mx.partner.example (Mail Delivery System)
To: {BACK}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.partner.example. Your message could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.partner.example
Arrival-Date: Wed, 6 Jan 2027 08:30:00 +0100

Final-Recipient: rfc822; {to}
Original-Recipient: rfc822;{to}
Action: {action}
Status: {status}
Remote-MTA: dns; mail.partner.example
Diagnostic-Code: smtp; {said}

--b
Content-Type: message/rfc822

From: veille@region.example
To: {to}
Subject: Bulletin: 5.1.1 is not a status here, mailbox full neither

5.1.1
--b--
""".encode()


EXCHANGE = f"""\
From: Microsoft Outlook <postmaster@structure.example>
To: <{BACK}>
Subject: Non remis : Bulletin de veille
Auto-Submitted: auto-generated
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="x"

--x
Content-Type: multipart/alternative; boundary="y"

--y
Content-Type: text/plain; charset="iso-8859-1"
Content-Transfer-Encoding: quoted-printable

=C9chec de la remise =E0 ces destinataires : lea@structure.example
L'adresse de courrier n'a pas =E9t=E9 trouv=E9e. 550 5.1.10 RESOLVER.ADR.RecipientNotFound
--y--
--x
Content-Type: message/delivery-status

Reporting-MTA: dns;mail.structure.example

Final-recipient: RFC822;lea@structure.example
Action: failed
Status: 5.1.10
X-Display-Name: lea

--x--
""".encode("latin-1")

QMAIL = f"""\
Return-Path: <>
Received: (qmail 2101 invoked for bounce); 6 Jan 2027 08:30:00 -0000
Date: 6 Jan 2027 08:30:00 -0000
From: MAILER-DAEMON@old.example
To: {BACK}
Subject: failure notice

Hi. This is the qmail-send program at old.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<marc@old.example>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Return-Path: <veille@region.example>
Subject: Bulletin
""".encode()

VACATION = f"""\
From: Zoé <zoe@partner.example>
To: {BACK}
Subject: Absence
Auto-Submitted: auto-replied
Content-Type: text/plain; charset=utf-8

Je suis absente jusqu'au 12 janvier.
""".encode()


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (dsn("failed", "5.1.1", "550 5.1.1 User unknown"), "hard", "5.1.1"),
        (dsn("failed", "5.1.2", "550 no such domain"), "hard", "5.1.2"),
        (dsn("failed", "5.2.1", "550 mailbox disabled"), "hard", "5.2.1"),
        (dsn("failed", "5.4.4", "Host not found"), "hard", "5.4.4"),
        (dsn("failed", "5.0.0", "550 rejected"), "hard", "5.0.0"),
        (dsn("failed", "5.0.0", "552 over quota"), "soft", "5.0.0"),
        (dsn("failed", "5.2.2", "552 5.2.2 mailbox full"), "soft", "5.2.2"),
        (dsn("failed", "5.7.1", "554 5.7.1 looks like spam"), "soft", "5.7.1"),
        (dsn("failed", "4.4.7", "delivery time expired"), "soft", "4.4.7"),
        (dsn("delayed", "4.4.1", "connection timed out"), "soft", "4.4.1"),
        (dsn("delayed", "5.1.1", "will retry"), "soft", "5.1.1"),
        (dsn("delivered", "2.0.0", "250 ok"), "unclear", "2.0.0"),
        (EXCHANGE, "hard", "5.1.10"),
        (QMAIL, "hard", "5.1.1"),
    ],
)
def test_what_came_back_is_for_good_or_not(content: bytes, kind: str, status: str) -> None:
    found = judge(content, LINKER)
    assert (found.kind, found.status, found.delivery) == (kind, status, 17)


@pytest.mark.parametrize(
    ("content", "address", "said"),
    [
        (dsn("failed", "5.1.1", "550 5.1.1 User unknown"), "zoe@partner.example", "User unknown"),
        (EXCHANGE, "lea@structure.example", "RecipientNotFound"),
        (QMAIL, "marc@old.example", "no mailbox here"),
    ],
)
def test_whom_and_why_is_told(content: bytes, address: str, said: str) -> None:
    found = judge(content, LINKER)
    assert address in found.addresses
    assert said in found.detail


def test_a_mark_that_is_not_ours_names_no_delivery() -> None:
    forged = dsn("failed", "5.1.1", "550 gone").replace(BACK.encode(), b"retours+d17-abc@x.example")
    assert judge(forged, LINKER).delivery is None


@pytest.mark.parametrize("content", [VACATION, b"From: a@b.example\n\nBonjour\n", b"", b"\xff\x00"])
def test_what_is_no_bounce_is_left_alone(content: bytes) -> None:
    assert judge(content, LINKER).kind == ""


@pytest.mark.parametrize(
    "content",
    [
        b"Content-Type: multipart/report; boundary=b\n\n--b\n" * 200,
        dsn("failed", "5.1.1", "x" * 100_000),
        dsn("failed", "\x00\x1b", "\r\x0b"),
        dsn("failed", "5.1.1", "550", to="\r\nBcc: x@y.example"),
        b"From: mailer-daemon\nContent-Type: text/plain; charset=no-such\n\n\xff",
        b"From: postmaster@x\nContent-Type: message/delivery-status\n\nStatus: 5.1.1\n",
    ],
)
def test_hostile_bytes_are_never_an_error(content: bytes) -> None:
    found = judge(content, LINKER)
    assert len(found.detail) <= 300
    assert found.detail.isprintable()


def test_what_is_too_large_is_for_a_person() -> None:
    assert judge(b"x" * (LARGEST + 1), LINKER).kind == "unclear"
