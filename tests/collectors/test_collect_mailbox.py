"""Newsletters: what a message says, and a real IMAP server that must not notice us."""

from __future__ import annotations

import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from dovecot import BINARY, PASSWORD, USER, Dovecot

from collectors import decide
from collectors.kinds import mailbox, newsletter
from vigie.model import FailureKind, Gathered, Item, Known, Novelty, PollState
from vigie.schema import Source

AT = datetime.now(UTC).replace(microsecond=0)
NEWS = "news@lettre.example"
HTML = """<html><head><title>titre</title><style>p {color: red}</style></head><body>
<div style="display:none">Aperçu caché</div>
<p>Si ce message ne s'affiche pas, <a href="https://lettre.example/voir/12">cliquez ici</a>.</p>
<h1>La lettre du port</h1>
<table><tr><td><h2><a href="https://lettre.example/r?u=1">Un quai électrifié à Exempleville</a></h2>
<p>Les navires s'y brancheront dès l'été.</p>
<a href="https://lettre.example/r?u=1">Lire la suite</a>
</td></tr><tr><td><h2>La houle menace la digue nord</h2><p>Des travaux sont prévus.</p>
<a href="https://lettre.example/r?u=2">Lire la suite &gt;</a></td></tr>
<tr><td><p>Le maire, dans <a href="https://autre.example/">un entretien donné au journal</a>, se dit
prêt.</p></td></tr></table>
<p>Envoyé à VEILLE@region.example.
<a href="https://lettre.example/pref?e=veille%40region.example">Mes préférences</a></p>
<p><a href="https://lettre.example/unsubscribe/1">Se désinscrire de cette lettre</a></p>
<p><a href="mailto:contact@lettre.example">Écrire à la rédaction du port</a>
<a href="https://www.linkedin.com/company/port">Suivez le port sur LinkedIn chaque jour</a></p>
<img src="https://lettre.example/pixel.gif" width="1" height="1"></body></html>"""


def letter(
    subject: str = "La lettre du port, n° 12",
    html: str = HTML,
    *,
    sender: str = f"Port d'Exempleville <{NEWS}>",
    ident: str = "<12@lettre.example>",
) -> bytes:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = USER
    message["Subject"] = subject
    message["Message-ID"] = ident
    message["Date"] = "Fri, 20 Nov 2026 08:00:00 +0100"
    message.set_content("Version texte de la lettre.")
    message.add_alternative(html, subtype="html")
    return message.as_bytes()


def one(raw: bytes) -> Item:
    read = newsletter.read(raw, AT, links=False, own=[USER])
    assert not read.unparsed
    (item,) = read.items
    return item


def links(raw: bytes) -> tuple[Item, ...]:
    return newsletter.read(raw, AT, links=True, own=[USER]).items


# -------------------------------------------------------------------------------- the message


def test_a_newsletter_is_one_item() -> None:
    item = one(letter())
    assert item.title == "La lettre du port, n° 12"
    assert item.url == "https://lettre.example/voir/12"
    assert item.canonical_url == ""
    assert item.guid == "12@lettre.example"
    assert item.author == "Port d'Exempleville"
    assert item.published == datetime(2026, 11, 20, 7, tzinfo=UTC)
    words = item.text or item.summary
    assert "Les navires s'y brancheront dès l'été." in words
    for unwanted in ("caché", "color", "désinscrire", "préférences", "cliquez", "titre"):
        assert unwanted not in words


def test_recipients_are_taken_out() -> None:
    html = (
        "<p>Bonjour Veille@Region.example, voici votre lettre.</p>"
        "<a href='https://l.example/a?e=veille%40region.example&amp;n=1'>"
        "Un quai pour les ferries</a>"
    )
    for item in (one(letter("Pour veille@region.example", html)), *links(letter(html=html))):
        assert "region.example" not in f"{item}".lower()
    assert links(letter(html=html))[0].url == "https://l.example/a?n=1"


def test_headlines_are_items() -> None:
    first, second = links(letter())
    assert first.title == "Un quai électrifié à Exempleville"
    assert first.url == "https://lettre.example/r?u=1"  # as given, and never asked for
    assert first.summary == "Les navires s'y brancheront dès l'été."
    assert second.title == "La houle menace la digue nord"
    assert second.url == "https://lettre.example/r?u=2"
    assert second.summary == "Des travaux sont prévus."


def test_plain_text_has_headlines_too() -> None:
    message = EmailMessage()
    message["From"] = NEWS
    message["Subject"] = "Brèves"
    message.set_content(
        "Un quai électrifié à Exempleville\nhttps://lettre.example/1\n\n"
        "Pour vous désabonner de cette lettre\nhttps://lettre.example/2\n"
    )
    (item,) = links(message.as_bytes())
    assert (item.title, item.url) == (
        "Un quai électrifié à Exempleville",
        "https://lettre.example/1",
    )


@pytest.mark.parametrize(
    ("header", "title"),
    [
        ("=?utf-8?q?D=C3=A9fense?=", "Défense"),
        ("=?iso-8859-1?Q?D=C3=A9fense?=", "Défense"),  # labelled wrongly
        ("=?utf-8?Q?D=E9fense?=", "Défense"),
        ("=?x-unknown?Q?D=C3=A9fense?=", "Défense"),
        ("=?utf-8*fr?Q?D=C3=A9fense?=", "Défense"),
        ("=?utf-8?B?RMOp?= =?utf-8?B?ZmVuc2U=?=", "Défense"),
        ("=?utf-8?B?w?= reste", "=?utf-8?B?w?= reste"),
        ("Prix < 5 & plus", "Prix < 5 & plus"),
        ("Une\r\n suite", "Une suite"),
    ],
)
def test_subjects(header: str, title: str) -> None:
    raw = f"From: {NEWS}\r\nSubject: {header}\r\n\r\ntexte\r\n".encode()
    assert one(raw).title == title


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_raw_bytes_in_headers(encoding: str) -> None:
    raw = f"From: Réseau <{NEWS}>\r\nSubject: Sécurité d'été\r\n\r\ntexte".encode(encoding)
    item = one(raw)
    assert (item.title, item.author) == ("Sécurité d'été", "Réseau")


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("; charset=utf-8", "latin-1"),
        ("; charset=us-ascii", "utf-8"),
        ("; charset=iso-8859-1", "utf-8"),
        ("; charset=windows-1252", "cp1252"),
        ("; charset=nowhere", "utf-8"),
        ("", "utf-8"),
        ("", "latin-1"),
    ],
)
def test_bodies_without_mojibake(declared: str, encoding: str) -> None:
    head = f"From: {NEWS}\r\nSubject: x\r\nContent-Type: text/html{declared}\r\n\r\n"
    body = "<p>Les élus ont débattu du réseau électrique, à l'été.</p>"
    item = one(head.encode() + body.encode(encoding))
    assert item.summary == "Les élus ont débattu du réseau électrique, à l'été."


def test_odd_transfer_encoding_is_understood() -> None:
    raw = (
        b"From: n@x.example\r\nSubject: x\r\nContent-Type: text/plain; charset=utf-8\r\n"
        b"Content-Transfer-Encoding: quoted-printable;\r\n\r\nl=27=C3=A9t=C3=A9\r\n"
    )
    assert one(raw).summary == "l'été"


def test_a_message_without_id_keeps_its_name() -> None:
    raw = letter().replace(b"Message-ID: <12@lettre.example>\n", b"")
    first, again = one(raw), one(raw)
    assert first.guid == again.guid
    assert first.guid.startswith("mail:")


def test_an_author_is_never_an_address() -> None:
    assert one(letter(sender=NEWS)).author == "lettre.example"
    assert one(letter(sender=f'"{NEWS}" <{NEWS}>')).author == "lettre.example"


def test_what_has_no_bottom_is_told() -> None:
    deep = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
        for n in range(1500)
    )
    read = newsletter.read(b"From: a@x.example\r\nSubject: x\r\n" + deep, AT, links=False)
    assert read.items or read.unparsed
    assert all(part.sample == b"" for part in read.unparsed)


def test_a_large_newsletter_takes_little_time() -> None:
    row = "<tr><td><a href='https://l.example/{n}'>Un titre assez long pour en être un {n}</a></td>"
    html = "<table>" + "".join(row.format(n=n) for n in range(20_000)) + "<div>" * 5_000
    start = time.monotonic()
    assert len(links(letter(html=html))) == 200
    for hostile in ("<a href='https://l.example/'></a>" * 40_000, "<b>ici " * 100_000, "a" * 10**6):
        links(letter(html=hostile))
    assert time.monotonic() - start < 20


@pytest.mark.timeout(10)
def test_a_line_of_a_thousand_addresses_is_read_at_once() -> None:
    """Found by fuzzing: all that stood before each address was searched for its title."""
    message = EmailMessage()
    message["From"] = NEWS
    message.set_content("un titre assez long pour en être un https://l.example/ " * 3_000)
    (item,) = links(message.as_bytes())
    assert item.url == "https://l.example/"


@pytest.mark.parametrize(
    ("rules", "wanted"),
    [
        ((), True),
        (("news@lettre.example",), True),
        (("NEWS@Lettre.example",), True),
        (("@lettre.example",), True),
        (("@example",), False),
        (("other@lettre.example",), False),
    ],
)
def test_sender_rules(rules: tuple[str, ...], wanted: bool) -> None:
    addresses = newsletter.senders(f"From: =?utf-8?q?N=C3=A9?= <{NEWS.upper()}>\r\n\r\n".encode())
    assert newsletter.is_wanted(addresses, rules) is wanted


def test_real_messages(shared: Path) -> None:
    folder = shared / "emails"
    if not folder.exists():
        pytest.skip(f"no messages at {folder}")
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    read = 0
    for path in files:
        raw = path.read_bytes()
        if path.suffix == ".html":
            raw = b"From: n@x.example\r\nSubject: x\r\nContent-Type: text/html\r\n\r\n" + raw
        elif path.suffix == ".md":
            continue
        whole = newsletter.read(raw, AT, links=False)
        each = newsletter.read(raw, AT, links=True)
        assert whole.items or whole.unparsed, path
        for item in (*whole.items, *each.items):
            words = f"{item.title} {item.summary} {item.text} {item.author}"
            assert "\ufffd" not in words or b"\xef\xbf\xbd" in raw, path
            if b"&acirc;" not in raw:  # one sender's own mojibake, spelt out in entities
                assert not any(sign in words for sign in ("Ã©", "Ã¨", "â€™", "=?utf")), path
            assert "@" not in item.author or "@" not in item.author.partition("@")[2], path
        read += bool(whole.items)
    assert read >= len(files) - 3


# --------------------------------------------------------------------------------- the server


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    if BINARY is None:
        pytest.skip("dovecot is not installed (Debian: apt-get install dovecot-imapd)")
    # Not tmp_path: pytest closes it to the user as whom dovecot reads mail.
    folder = Path(tempfile.mkdtemp(prefix="dovecot-"))
    folder.chmod(0o755)
    try:
        running = Dovecot(folder)
        yield running
        running.close()
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGIE_TEST_PASSWORD", PASSWORD)


def source(port: int, **options: object) -> Source:
    table = {
        "host": "localhost",
        "port": port,
        "security": "none",
        "user": USER,
        "password_env": "VIGIE_TEST_PASSWORD",
        "senders": ["@lettre.example"],
        **options,
    }
    return Source.model_validate(
        {"id": "lettre", "title": "Lettre", "kind": "mailbox", "mailbox": table}
    )


def poll(from_source: Source, cursor: str = "") -> Gathered:
    return mailbox.gather(from_source, PollState(AT, etag=cursor), AT)


def titles(gathered: Gathered) -> list[str]:
    assert gathered.fetched.failure is None
    return [item.title for item in gathered.parsed.items]


@pytest.mark.usefixtures("_password")
def test_new_mail_is_found_once_and_left_as_it_was(dovecot: Dovecot) -> None:
    dovecot.put(letter("Un"), letter("Autre", sender="x@spam.example"), folder="Lettres été")
    ours = source(dovecot.plain, folder="Lettres été")
    first = poll(ours)
    assert titles(first) == ["Un"]
    assert [part.reason for part in first.parsed.unparsed] == [
        "1 messages from senders that are not on the list, ignored"
    ]
    second = poll(ours, first.fetched.etag)
    assert titles(second) == []
    assert second.fetched.etag == first.fetched.etag
    dovecot.put(letter("Deux", ident="<13@lettre.example>"), folder="Lettres été")
    third = poll(ours, second.fetched.etag)
    assert titles(third) == ["Deux"]
    assert titles(poll(ours, third.fetched.etag)) == []
    with dovecot.client() as client:
        client.select_folder("Lettres été", readonly=True)
        flags = client.get_flags(client.search())
    assert len(flags) == 3
    assert all(b"\\Seen" not in set(flag) for flag in flags.values())


@pytest.mark.usefixtures("_password")
def test_a_preview_names_folders_and_newest_newsletters_and_leaves_no_trace(
    dovecot: Dovecot,
) -> None:
    many = [letter(f"N{n}", ident=f"<p{n}@lettre.example>") for n in range(7)]
    dovecot.put(*many, letter("Autre", sender="x@spam.example"), folder="Aperçu")
    found = mailbox.preview(source(dovecot.plain, folder="Aperçu"), PollState(AT), AT)
    assert titles(found) == ["N6", "N5", "N4", "N3", "N2"]
    told = found.parsed.title
    assert told.startswith("Aperçu: 8 messages in 30 days, 7 of the last 8 from senders that are")
    assert "INBOX" in told
    with dovecot.client() as client:
        client.select_folder("Aperçu", readonly=True)
        assert not client.search(["SEEN"])
    missing = mailbox.preview(source(dovecot.plain, folder="Nulle part"), PollState(AT), AT)
    assert missing.fetched.failure is not None
    assert "there are: " in missing.fetched.failure.detail
    assert "INBOX" in missing.fetched.failure.detail


@pytest.mark.usefixtures("_password")
def test_new_numbers_are_recognised(dovecot: Dovecot) -> None:
    old = datetime.now(UTC) - timedelta(days=60)
    dovecot.put(letter("Vieux", ident="<old@lettre.example>"), when=old)
    dovecot.put(letter("Un"))
    ours = source(dovecot.plain)
    first = poll(ours)
    assert titles(first) == ["Un"]
    dovecot.renumber()
    again = poll(ours, first.fetched.etag)
    assert titles(again) == ["Un"]
    assert again.fetched.etag.split(":")[0] != first.fetched.etag.split(":")[0]
    (key,) = decide.keys("lettre", first.parsed.items)
    (new,) = decide.decide("lettre", first.parsed.items, {})
    known = {key: Known(1, key, new.item.guid, new.content_hash)}
    (intent,) = decide.decide("lettre", again.parsed.items, known)
    assert intent.novelty is Novelty.SEEN
    assert titles(poll(ours, again.fetched.etag)) == []


@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.usefixtures("_password")
def test_tls(dovecot: Dovecot, security: str, monkeypatch: pytest.MonkeyPatch) -> None:
    dovecot.put(letter("Un"), folder=security)
    port = dovecot.tls if security == "tls" else dovecot.plain
    ours = source(port, folder=security, security=security)
    failure = poll(ours).fetched.failure
    assert failure is not None
    assert failure.kind is FailureKind.TLS
    monkeypatch.setenv("SSL_CERT_FILE", str(dovecot.certificate))
    assert titles(poll(ours)) == ["Un"]


def test_a_missing_password_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VIGIE_TEST_PASSWORD", raising=False)
    failure = poll(source(1)).parsed.failure
    assert failure is not None
    assert failure.kind is FailureKind.LOGIN
    assert "VIGIE_TEST_PASSWORD is not set" in failure.detail


def test_a_wrong_password_is_named(dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGIE_TEST_PASSWORD", "wrong-one")
    failure = poll(source(dovecot.plain)).fetched.failure
    assert failure is not None
    assert failure.kind is FailureKind.LOGIN
    assert "VIGIE_TEST_PASSWORD" in failure.detail
    assert "wrong-one" not in failure.detail
    assert USER not in failure.detail


@pytest.mark.usefixtures("_password")
def test_a_missing_folder_is_named(dovecot: Dovecot) -> None:
    failure = poll(source(dovecot.plain, folder="Rien")).fetched.failure
    assert failure is not None
    assert failure.kind is FailureKind.FOLDER
    assert "'Rien'" in failure.detail


@pytest.mark.usefixtures("_password")
def test_caps_hold_and_the_next_poll_goes_on(
    dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "MOST_MESSAGES", 2)
    monkeypatch.setattr(mailbox, "LARGEST", 20_000)
    huge = letter("Énorme", "<p>x</p>" * 5_000, ident="<huge@lettre.example>")
    some = [letter(f"N° {n}", ident=f"<{n}@lettre.example>") for n in range(4)]
    dovecot.put(some[0], huge, *some[1:], folder="Caps")
    ours = source(dovecot.plain, folder="Caps")
    first = poll(ours)
    assert titles(first) == ["N° 1", "N° 0"]
    assert "more than 20000: left out" in first.parsed.unparsed[0].reason
    second = poll(ours, first.fetched.etag)
    assert titles(second) == ["N° 3", "N° 2"]
    assert titles(poll(ours, second.fetched.etag)) == []


@pytest.mark.usefixtures("_password")
def test_links_of_a_real_mailbox(dovecot: Dovecot) -> None:
    dovecot.put(letter(), folder="Liens")
    found = poll(source(dovecot.plain, folder="Liens", items="links"))
    assert titles(found) == ["Un quai électrifié à Exempleville", "La houle menace la digue nord"]


# ---------------------------------------------------------------------- servers that mean no good


class Rogue:
    """Says what it is told to say to whoever connects."""

    def __init__(self, *says: bytes, pause: float = 0.0, forever: bool = False) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self._says, self._pause, self._forever = says, pause, forever
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        connection, _ = self._socket.accept()
        try:
            for part in self._says:
                connection.sendall(part)
                time.sleep(self._pause)
            while self._forever:
                connection.sendall(self._says[-1])
                time.sleep(self._pause)
            connection.recv(1000)
        except OSError:
            pass
        finally:
            connection.close()
            self._socket.close()


@pytest.mark.parametrize(
    ("rogue", "kind"),
    [
        (Rogue(b"* OK ready\r\n", b"* ", pause=0.1, forever=True), FailureKind.TIMEOUT),
        (Rogue(b"*", pause=0.05, forever=True), FailureKind.TIMEOUT),
        (Rogue(b"x" * 100_000, forever=True), FailureKind.CONNECT),
        (Rogue(b"HTTP/1.1 200 OK\r\n\r\n"), FailureKind.CONNECT),
        (Rogue(b"* OK\r\n* CAPABILITY {4000000000}\r\n"), FailureKind.CONNECT),
        (Rogue(b"* OK [CAPABILITY \xff\xfe]\r\n"), None),
        (Rogue(b""), FailureKind.TIMEOUT),
    ],
)
@pytest.mark.usefixtures("_password")
def test_rogue_servers(
    rogue: Rogue, kind: FailureKind | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "SECONDS", 1.0)
    start = time.monotonic()
    failure = poll(source(rogue.port, host="127.0.0.1")).fetched.failure
    assert time.monotonic() - start < 5
    assert failure is not None
    assert kind is None or failure.kind is kind, failure


@pytest.mark.usefixtures("_password")
def test_no_password_without_tls() -> None:
    """A server that drops STARTTLS from its offers does not get the password in plain."""
    rogue = Rogue(b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready\r\n", pause=0.1)
    ours = source(rogue.port, host="127.0.0.1", security="starttls")
    failure = poll(ours).fetched.failure
    assert failure is not None
    assert failure.kind in (FailureKind.TLS, FailureKind.CONNECT)


def test_nobody_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VIGIE_TEST_PASSWORD", "x")
        failure = poll(source(port, host="127.0.0.1")).fetched.failure
    assert failure is not None
    assert failure.kind is FailureKind.CONNECT
    assert replace(failure, detail="").status == 0
