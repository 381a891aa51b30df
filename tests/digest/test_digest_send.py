"""The SMTP dialogue, against real servers on the loopback that answer as they are told."""

# ruff: noqa: ARG002, N802 -- names and arguments of handlers are aiosmtpd's

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from digest.send import Settled, Summary, send
from digest.smtp import Outgoing
from vigie.mailing import Mail
from vigie.model import Delivery, DeliveryState, Recipient

S = DeliveryState
NOW = datetime(2027, 1, 6, 8, 0, tzinfo=UTC)


class MemoryLedger:
    """The ledger's contract, kept in a dict."""

    def __init__(self, names: Sequence[str], taken: Sequence[str] = ()) -> None:
        self.rows = [
            Delivery(n, "x-2026Q4", 1, Recipient(n, name, f"{name}@p.example", "fr", "s"), S.QUEUED)
            for n, name in enumerate(names)
        ]
        self.state = {row.id: S.QUEUED for row in self.rows}
        self.detail: dict[int, str] = {}
        self.how: dict[int, Settled] = {}
        self.taken = set(taken)
        self.leaving: set[str] = set()
        self.events: list[tuple[str, str]] = []

    def waiting(self) -> int:
        return sum(state is S.QUEUED for state in self.state.values())

    def batch(self, after: int, limit: int) -> Sequence[Delivery]:
        due = [row for row in self.rows if self.state[row.id] is S.QUEUED and row.id > after]
        return due[:limit]

    def claim(self, delivery: Delivery) -> bool:
        if delivery.recipient.name in self.taken:
            return False
        assert self.state[delivery.id] is S.QUEUED
        self.state[delivery.id] = S.CLAIMED
        self.events.append(("claim", delivery.recipient.name))
        return True

    def sending(self, delivery: Delivery) -> bool:
        if delivery.recipient.name in self.leaving:
            return False
        assert self.state[delivery.id] in (S.CLAIMED, S.SENDING)
        self.state[delivery.id] = S.SENDING
        self.events.append(("sending", delivery.recipient.name))
        return True

    def settle(self, delivery: Delivery, how: Settled) -> None:
        assert self.state[delivery.id] in (S.CLAIMED, S.SENDING)
        self.state[delivery.id], self.detail[delivery.id] = how.state, how.detail
        self.how[delivery.id] = how
        self.events.append((how.state.value, delivery.recipient.name))

    def states(self) -> dict[str, DeliveryState]:
        return {row.recipient.name: self.state[row.id] for row in self.rows}


class Handler:
    """Answers by the recipient's name; notes what it has taken."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.bodies: list[bytes] = []
        self.sessions: set[int] = set()
        self.on_mail: Callable[[SMTP], str] = lambda _server: "250 ok"
        self.on_rcpt: dict[str, str] = {}
        self.on_data: dict[str, str] = {}
        self.drop_at_rcpt: Counter[str] = Counter()
        self.drop_after_data: set[str] = set()
        self.keep_after_data: set[str] = set()

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.sessions.add(id(session))
        answer = self.on_mail(server)
        if answer.startswith("250"):
            envelope.mail_from = address
        return answer

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        name = address.partition("@")[0]
        if self.drop_at_rcpt[name]:
            self.drop_at_rcpt[name] -= 1
            server.transport.abort()
            return "250 never read"
        answer = self.on_rcpt.get(name, "250 ok")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        name = envelope.rcpt_tos[0].partition("@")[0]
        assert len(envelope.rcpt_tos) == 1
        if name in self.drop_after_data:
            if name in self.keep_after_data:
                self.taken.append(name)
            server.transport.abort()
            return "250 never read"
        answer = self.on_data.get(name, "250 taken")
        if answer.startswith("250"):
            self.taken.append(name)
            self.bodies.append(bytes(envelope.original_content or b""))
        return answer


class NoTlsServer(Controller):
    def factory(self) -> SMTP:
        return SMTP(self.handler, hostname="test.example")


@pytest.fixture
def handler() -> Handler:
    return Handler()


@pytest.fixture
def mail(handler: Handler) -> Iterator[Mail]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = NoTlsServer(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield Mail(
        host="127.0.0.1",
        port=port,
        sender="Veille <veille@x.example>",
        per_minute=100_000,
        per_domain=100_000,
    )
    controller.stop()


def compose(delivery: Delivery) -> Outgoing:
    message = EmailMessage()
    message["Subject"] = delivery.recipient.name
    message.set_content("Bonjour\n.\n..point\n.fin\n")
    return Outgoing(message.as_bytes(), "veille@x.example")


def run(ledger: MemoryLedger, mail: Mail, **said: Any) -> Summary:
    return send(ledger, said.pop("compose", compose), mail, sleep=lambda _seconds: None, **said)


def test_all_are_served_once_over_one_connection(mail: Mail, handler: Handler) -> None:
    ledger = MemoryLedger(["a", "b", "c"])
    told: list[tuple[str, DeliveryState]] = []
    summary = run(
        ledger, mail, progress=lambda row, state: told.append((row.recipient.name, state))
    )
    assert summary == Summary(Counter({S.SENT: 3}))
    assert handler.taken == ["a", "b", "c"]
    assert len(handler.sessions) == 1
    assert told == [("a", S.SENT), ("b", S.SENT), ("c", S.SENT)]


def test_each_row_is_claimed_then_noted_then_sent_then_settled(
    mail: Mail, handler: Handler
) -> None:
    ledger = MemoryLedger(["a", "b"])
    run(ledger, mail)
    assert ledger.events == [
        (event, name) for name in ("a", "b") for event in ("claim", "sending", "sent")
    ]


def test_lines_that_begin_with_a_dot_arrive_as_they_were(mail: Mail, handler: Handler) -> None:
    run(MemoryLedger(["a"]), mail)
    assert b"\r\n\r\nBonjour\r\n.\r\n..point\r\n.fin\r\n" in handler.bodies[0]


def test_a_second_run_sends_nothing(mail: Mail, handler: Handler) -> None:
    ledger = MemoryLedger(["a"])
    run(ledger, mail)
    assert run(ledger, mail) == Summary()
    assert handler.taken == ["a"]


def test_a_row_that_another_process_has_is_left_to_it(mail: Mail, handler: Handler) -> None:
    ledger = MemoryLedger(["a", "b", "c"], taken=["b"])
    assert run(ledger, mail).counts == {S.SENT: 2}
    assert handler.taken == ["a", "c"]


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ("550 5.1.1 no such user", S.REFUSED),
        ("553 no", S.REFUSED),
        ("450 4.2.0 mailbox busy", S.DEFERRED),
        ("451 greylisted, come back later", S.DEFERRED),
    ],
)
def test_a_recipient_that_is_refused_or_put_off_ends_alone(
    answer: str, state: DeliveryState, mail: Mail, handler: Handler
) -> None:
    handler.on_rcpt["b"] = answer
    ledger = MemoryLedger(["a", "b", "c"])
    assert run(ledger, mail) == Summary(Counter({S.SENT: 2, state: 1}))
    assert ledger.states() == {"a": S.SENT, "b": state, "c": S.SENT}
    assert ledger.detail[1] == f"RCPT: {answer}"
    assert ("sending", "b") not in ledger.events
    assert len(handler.sessions) == 1


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ("554 5.7.1 looks like spam", S.REFUSED),
        ("452 4.3.1 disk full", S.DEFERRED),
        ("421 4.3.2 shutting down", S.DEFERRED),
    ],
)
def test_an_answer_to_the_message_settles_its_row_only(
    answer: str, state: DeliveryState, mail: Mail, handler: Handler
) -> None:
    handler.on_data["b"] = answer
    ledger = MemoryLedger(["a", "b", "c"])
    run(ledger, mail)
    assert ledger.states() == {"a": S.SENT, "b": state, "c": S.SENT}
    assert answer in ledger.detail[1]


def test_a_connection_lost_before_data_is_made_again_and_nobody_is_skipped(
    mail: Mail, handler: Handler
) -> None:
    handler.drop_at_rcpt["b"] = 1
    ledger = MemoryLedger(["a", "b", "c"])
    assert run(ledger, mail) == Summary(Counter({S.SENT: 3}))
    assert handler.taken == ["a", "b", "c"]
    assert len(handler.sessions) >= 2


def test_a_connection_lost_twice_before_data_defers_that_row(mail: Mail, handler: Handler) -> None:
    handler.drop_at_rcpt["b"] = 2
    ledger = MemoryLedger(["a", "b", "c"])
    assert run(ledger, mail) == Summary(Counter({S.SENT: 2, S.DEFERRED: 1}))
    assert ledger.states()["b"] is S.DEFERRED
    assert "connection lost twice" in ledger.detail[1]


@pytest.mark.parametrize("really_taken", [True, False])
def test_a_connection_lost_after_the_final_dot_leaves_the_row_in_doubt_and_goes_on(
    really_taken: bool, mail: Mail, handler: Handler
) -> None:
    handler.drop_after_data = {"b"}
    handler.keep_after_data = {"b"} if really_taken else set()
    ledger = MemoryLedger(["a", "b", "c"])
    assert run(ledger, mail) == Summary(Counter({S.SENT: 2, S.IN_DOUBT: 1}))
    assert ledger.states()["b"] is S.IN_DOUBT
    assert "no answer" in ledger.detail[1]
    assert handler.taken.count("b") == int(really_taken)


def test_a_421_before_data_defers_one_row_and_the_next_has_a_new_connection(
    mail: Mail, handler: Handler
) -> None:
    handler.on_rcpt["b"] = "421 too many, goodbye"
    ledger = MemoryLedger(["a", "b", "c"])
    run(ledger, mail)
    assert ledger.states() == {"a": S.SENT, "b": S.DEFERRED, "c": S.SENT}


def test_an_address_that_is_none_is_refused_without_a_word_to_the_server(
    mail: Mail, handler: Handler
) -> None:
    ledger = MemoryLedger(["a", "b b\r\nRCPT TO:<victim", "é", "d"])
    assert run(ledger, mail).counts == {S.SENT: 2, S.REFUSED: 2}
    assert handler.taken == ["a", "d"]


def test_nothing_is_claimed_when_no_server_answers() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        closed = Mail(host="127.0.0.1", port=probe.getsockname()[1])
        ledger = MemoryLedger(["a", "b"])
        summary = run(ledger, closed)
    assert (summary.counts, summary.left) == (Counter(), 2)
    assert "refused" in summary.error
    assert summary.error.startswith("127.0.0.1:")
    assert ledger.events == []


def test_no_connection_is_made_when_nothing_is_queued() -> None:
    assert run(MemoryLedger([]), Mail(host="127.0.0.1", port=1)) == Summary()


def test_a_server_that_goes_away_for_good_leaves_the_rest_queued(
    mail: Mail, handler: Handler
) -> None:
    ledger = MemoryLedger(["a", "b", "c"])
    listening = {mail.port}

    def compose_and_break(delivery: Delivery) -> Outgoing:
        if delivery.recipient.name == "b":
            handler.drop_at_rcpt["b"] = 1
            listening.clear()
        return compose(delivery)

    original = socket.create_connection

    def connect(address: tuple[str, int], *args: Any, **said: Any) -> socket.socket:
        if address[1] not in listening:
            raise ConnectionRefusedError(111, "Connection refused")
        return original(address, *args, **said)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "create_connection", connect)
        summary = run(ledger, mail, compose=compose_and_break)
    assert ledger.states() == {"a": S.SENT, "b": S.QUEUED, "c": S.QUEUED}
    assert (summary.counts, summary.left) == (Counter({S.SENT: 1}), 2)
    assert "refused" in summary.error


def test_a_refused_sender_stops_the_run_for_it_is_everyones(mail: Mail, handler: Handler) -> None:
    handler.on_mail = lambda _server: "550 not yours to send from"
    ledger = MemoryLedger(["a", "b"])
    summary = run(ledger, mail)
    assert ledger.states() == {"a": S.QUEUED, "b": S.QUEUED}
    assert summary.left == 2
    assert "sender veille@x.example refused: 550" in summary.error


def test_a_server_without_starttls_is_not_spoken_to_in_clear(mail: Mail, handler: Handler) -> None:
    ledger = MemoryLedger(["a"])
    summary = run(ledger, mail.model_copy(update={"security": "starttls"}))
    assert "STARTTLS" in summary.error
    assert handler.sessions == set()
    assert ledger.events == []


def test_a_login_that_the_server_does_not_offer_is_said(mail: Mail) -> None:
    summary = run(MemoryLedger(["a"]), mail.model_copy(update={"user": "x"}), password="y")
    assert "AUTH" in summary.error


def test_a_bug_in_composing_is_not_hidden_and_its_row_can_be_sent_again(mail: Mail) -> None:
    def broken(delivery: Delivery) -> Outgoing:
        raise KeyError(delivery.recipient.name)

    ledger = MemoryLedger(["a", "b"])
    with pytest.raises(KeyError):
        run(ledger, mail, compose=broken)
    assert ledger.states() == {"a": S.CLAIMED, "b": S.QUEUED}


def test_the_pace_is_even_and_counts_the_time_that_sending_took(mail: Mail) -> None:
    now = [100.0]
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(round(seconds, 6))
        now[0] += seconds

    def slow(delivery: Delivery) -> Outgoing:
        now[0] += {"b": 0.4, "c": 5.0}.get(delivery.recipient.name, 0.0)
        return compose(delivery)

    paced = mail.model_copy(update={"per_minute": 60})
    send(MemoryLedger(["a", "b", "c", "d", "e"]), slow, paced, sleep=sleep, clock=lambda: now[0])
    assert slept == [1.0, 0.6, 1.0]


@contextmanager
def wire(script: Callable[[Any, Any], Any]) -> Iterator[Mail]:
    """A server that is no SMTP server: it says what the script says."""
    loop = asyncio.new_event_loop()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await script(reader, writer)
        writer.close()

    server = loop.run_until_complete(asyncio.start_server(serve, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield Mail(host="127.0.0.1", port=server.sockets[0].getsockname()[1], seconds=0.5)
    loop.call_soon_threadsafe(server.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()


def test_a_server_that_says_nothing_costs_its_time_and_no_row() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    ledger = MemoryLedger(["a"])
    with wire(silent) as mail:
        summary = run(ledger, mail)
    assert summary.left == 1
    assert summary.error
    assert ledger.states() == {"a": S.QUEUED}


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ({b"RCPT": b"what?\r\n"}, S.DEFERRED),
        ({b"DATA": b"250 not what DATA gives\r\n"}, S.DEFERRED),
        ({b"DATA": b"503 5.5.1 out of order\r\n"}, S.REFUSED),
        ({b".": b"nonsense\r\n"}, S.IN_DOUBT),
        ({b".": b""}, S.IN_DOUBT),
        ({b".": b"x" * 100_000}, S.IN_DOUBT),
    ],
)
def test_a_server_that_answers_nonsense_never_makes_a_row_sent(
    answers: dict[bytes, bytes], state: DeliveryState
) -> None:
    async def odd(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 odd\r\n")
        in_data = False
        while line := await reader.readline():
            word = line.strip() if in_data else line.split()[0].upper()
            if in_data and word != b".":
                continue
            in_data = False
            default = b"354 go\r\n" if word == b"DATA" else b"250 ok\r\n"
            answer = answers.get(word, default)
            in_data = answer.startswith(b"354")
            writer.write(answer)
            if not answer:
                return

    ledger = MemoryLedger(["a"])
    with wire(odd) as mail:
        run(ledger, mail)
    assert ledger.states() == {"a": state}


def test_who_leaves_between_claim_and_data_is_not_sent_to(mail: Mail, handler: Handler) -> None:
    ledger = MemoryLedger(["a", "b", "c"])
    ledger.leaving = {"b"}
    assert run(ledger, mail).counts == {S.SENT: 2, S.WITHDRAWN: 1}
    assert handler.taken == ["a", "c"]


def test_who_has_nothing_to_read_is_withdrawn_without_a_word(mail: Mail, handler: Handler) -> None:
    def nothing(delivery: Delivery) -> Outgoing | None:
        return None if delivery.recipient.name == "a" else compose(delivery)

    ledger = MemoryLedger(["a", "b"])
    assert run(ledger, mail, compose=nothing).counts == {S.SENT: 1, S.WITHDRAWN: 1}
    assert handler.taken == ["b"]


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("answer", "deferred_at", "state", "next_try"),
    [
        ("451 later", None, S.DEFERRED, NOW + HOUR / 2),
        ("451 later", NOW - 47 * HOUR, S.DEFERRED, NOW + HOUR / 2),
        ("451 later", NOW - 48 * HOUR, S.REFUSED, None),
        ("550 no", NOW - HOUR, S.REFUSED, None),
        ("250 ok", NOW - 48 * HOUR, S.SENT, None),
    ],
)
def test_later_has_a_deadline(
    answer: str,
    deferred_at: datetime | None,
    state: DeliveryState,
    next_try: datetime | None,
    mail: Mail,
    handler: Handler,
) -> None:
    handler.on_rcpt["a"] = answer
    ledger = MemoryLedger(["a"])
    ledger.rows = [replace(ledger.rows[0], deferred_at=deferred_at)]
    summary = run(ledger, mail, now=lambda: NOW)
    assert ledger.states() == {"a": state}
    assert ledger.how[0].next_try == next_try
    assert summary.counts == {state: 1}


def test_a_lost_connection_is_nobodys_fault_and_the_deadline_does_not_run(
    mail: Mail, handler: Handler
) -> None:
    handler.drop_at_rcpt["a"] = 2
    ledger = MemoryLedger(["a"])
    run(ledger, mail, now=lambda: NOW)
    assert (ledger.how[0].state, ledger.how[0].deferred_at) == (S.DEFERRED, None)
    assert ledger.how[0].next_try == NOW + HOUR / 2


def test_a_server_that_loses_everybody_stops_the_run(mail: Mail, handler: Handler) -> None:
    names = [f"n{n}" for n in range(20)]
    handler.drop_at_rcpt = Counter(dict.fromkeys(names, 9))
    ledger = MemoryLedger(names)
    summary = run(ledger, mail)
    assert "connection lost with 5 recipients in a row" in summary.error
    assert summary.left == 15
    assert Counter(ledger.states().values()) == {S.DEFERRED: 5, S.QUEUED: 15}


def test_a_slow_domain_keeps_nobody_else_waiting(mail: Mail, handler: Handler) -> None:
    now = [0.0]
    order: list[tuple[str, float]] = []

    def sleep(seconds: float) -> None:
        now[0] += seconds

    ledger = MemoryLedger(["a", "b", "c", "d", "e"])
    ledger.rows = [
        replace(row, recipient=replace(row.recipient, address=f"{row.recipient.name}@{domain}"))
        for row, domain in zip(
            ledger.rows, ("big.example", "big.example", "BIG.example", "x.example", "y.example"),
            strict=True,
        )
    ]  # fmt: skip
    slow = mail.model_copy(update={"per_domain": 6})
    send(
        ledger,
        compose,
        slow,
        progress=lambda row, _state: order.append((row.recipient.name, round(now[0]))),
        sleep=sleep,
        clock=lambda: now[0],
    )
    assert order == [("a", 0), ("d", 0), ("e", 0), ("b", 10), ("c", 20)]


class Utf8Server(Controller):
    def factory(self) -> SMTP:
        return SMTP(self.handler, hostname="test.example", enable_SMTPUTF8=True)


@pytest.mark.parametrize("offered", [True, False])
def test_a_name_outside_ascii_needs_a_server_that_takes_it(offered: bool, handler: Handler) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kind = Utf8Server if offered else NoTlsServer
    controller = kind(handler, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        mail = Mail(host="127.0.0.1", port=port, per_minute=100_000, per_domain=100_000)
        ledger = MemoryLedger(["zoé", "b"])
        run(ledger, mail)
    finally:
        controller.stop()
    assert ledger.states() == {"zoé": S.SENT if offered else S.REFUSED, "b": S.SENT}
    assert offered or "no SMTPUTF8" in ledger.detail[0]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", str(key), "-out", str(cert)]
    subprocess.run([*command, *names, *files], check=True, capture_output=True)
    return cert, key


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize(
    ("security", "host", "trusted", "password", "error"),
    [
        ("starttls", "localhost", True, "well", ""),
        ("tls", "localhost", True, "well", ""),
        ("starttls", "localhost", True, "wrong", "535"),
        ("tls", "localhost", True, "wrong", "535"),
        ("starttls", "localhost", False, "well", "certificate verify failed"),
        ("tls", "localhost", False, "well", "certificate verify failed"),
        ("starttls", "127.0.0.1", True, "well", "certificate"),
        ("tls", "127.0.0.1", True, "well", "certificate"),
    ],
)
def test_tls_and_login_hold_or_nothing_is_said(
    security: str,
    host: str,
    trusted: bool,
    password: str,
    error: str,
    handler: Handler,
    certificate: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cert, key = certificate
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(cert, key)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(cert))

    def login(_server: SMTP, _session: Session, _envelope: Envelope, kind: str, data: Any) -> Any:
        return AuthResult(success=data.password == b"well", handled=data.password == b"well")

    said = {"authenticator": login, "auth_required": True}

    class Secured(Controller):
        def factory(self) -> SMTP:
            if security == "tls":
                return SMTP(self.handler, hostname="x", auth_require_tls=False, **said)
            tls = {"tls_context": server, "require_starttls": True}
            return SMTP(self.handler, hostname="x", **tls, **said)

        def _trigger_server(self) -> None:
            """The controller's own first connection, which sees that it listens."""
            unchecked = ssl.create_default_context()
            unchecked.check_hostname, unchecked.verify_mode = False, ssl.CERT_NONE
            with socket.create_connection((self.hostname, self.port), 1.0) as first:
                if security == "tls":
                    unchecked.wrap_socket(first).close()

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    context = server if security == "tls" else None
    controller = Secured(handler, hostname="127.0.0.1", port=port, ssl_context=context)
    controller.start()
    try:
        mail = Mail(
            host=host,
            port=port,
            security=security,  # type: ignore[arg-type] # one of the two
            user="bulletin",
            per_minute=100_000,
            per_domain=100_000,
        )
        ledger = MemoryLedger(["a", "b"])
        summary = run(ledger, mail, password=password)
    finally:
        controller.stop()
    if error:
        assert error in summary.error
        assert ledger.states() == {"a": S.QUEUED, "b": S.QUEUED}
        assert ledger.events == []
    else:
        assert (summary.error, handler.taken) == ("", ["a", "b"])
