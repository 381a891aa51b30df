"""Alerts for machines: signed, over TLS, again with the same key, never to an inside address."""

from __future__ import annotations

import hashlib
import hmac
import http.server
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alerting_cases import NOW, RULES, Said, advisory, folder, person, tell
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.folder import Folder
from app.pipeline import alerting
from digest.alerts import hook
from vigie.archive import alert_posts, alerted, alerts

KEY = "VIGIE_TEST_HOOK_KEY"
HOOK = """
[[hook]]
id = "soc"
url = "https://localhost:{port}/in?x=1"
secret_env = "VIGIE_TEST_HOOK_KEY"
"""
MINUTE = timedelta(minutes=1)


class Machine(http.server.BaseHTTPRequestHandler):
    """Answers what it is told to, and keeps what it was given."""

    got: list[tuple[dict[str, str], bytes]]
    answers: list[tuple[int, dict[str, str]]]

    def do_POST(self) -> None:  # the library's name
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.got.append((dict(self.headers), content))
        status, headers = self.answers.pop(0) if self.answers else (204, {})
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_said: object) -> None:
        pass


def certificate(path: Path) -> None:
    """A certificate for localhost and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    certificate(path)
    return path


@pytest.fixture
def machine(pem: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[int, type[Machine]]]:
    handler = type("Mine", (Machine,), {"got": [], "answers": []})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    monkeypatch.setenv(KEY, "sesame")
    yield server.server_address[1], handler
    server.shutdown()
    server.server_close()


def here(home: Path, rules: str, *, inside: bool = True) -> Folder:
    return folder(home, 1, rules, inside=("127.0.0.0/8", "::1/128") if inside else ())


def turn(made: Folder, now: datetime = NOW) -> dict[str, int]:
    with made.lock(), made.archive(now) as archive, made.desk() as desk:
        return dict(alerting.cycle(made.settings, archive, desk, now).posts)


def states(made: Folder) -> list[tuple[str, int, str]]:
    with made.desk() as desk:
        rows = desk.execute("SELECT state, tries, detail FROM alert_posts ORDER BY id")
        return list(rows.fetchall())


AVIS = Said("https://cert.example/avis/1/", advisory=advisory(1))


def test_a_post_is_signed_json_and_goes_once(
    tmp_path: Path, machine: tuple[int, type[Machine]]
) -> None:
    port, handler = machine
    made = here(tmp_path / "home", RULES + HOOK.format(port=port))
    tell(made, AVIS)
    assert turn(made) == {"sent": 1}
    assert turn(made) == {}
    ((headers, content),) = handler.got
    stamp, signed = headers["Vigie-Signature"].split(",")
    said = stamp.removeprefix("t=").encode() + b"." + content
    assert signed == "v1=" + hmac.new(b"sesame", said, hashlib.sha256).hexdigest()
    assert headers["Content-Type"] == "application/json"
    assert json.loads(content)["cves"] == ["CVE-2026-1001"]
    with made.reading() as archive:
        assert len(alerted.between(archive, NOW, NOW + MINUTE)) == 1


@pytest.mark.parametrize(
    ("answer", "state", "minutes"),
    [
        ((503, {}), "deferred", 1),
        ((429, {"Retry-After": "600"}), "deferred", 10),
        ((400, {}), "refused", None),
        ((302, {"Location": "https://localhost/"}), "refused", None),
    ],
    ids=["not now", "too many", "never", "elsewhere"],
)
def test_an_answer_settles_a_post_or_puts_it_off(
    tmp_path: Path,
    machine: tuple[int, type[Machine]],
    answer: tuple[int, dict[str, str]],
    state: str,
    minutes: int | None,
) -> None:
    port, handler = machine
    made = here(tmp_path / "home", RULES + HOOK.format(port=port))
    handler.answers.append(answer)
    tell(made, AVIS)
    assert turn(made) == {state: 1}
    assert turn(made) == {}
    if minutes is not None:
        assert turn(made, NOW + (minutes - 0.5) * MINUTE) == {}
        assert turn(made, NOW + minutes * MINUTE) == {"sent": 1}
        first, second = (headers["Idempotency-Key"] for headers, _ in handler.got)
        assert first == second


def test_what_was_interrupted_is_posted_again_with_the_same_key(
    tmp_path: Path, machine: tuple[int, type[Machine]]
) -> None:
    port, handler = machine
    made = here(tmp_path / "home", RULES + HOOK.format(port=port))
    tell(made, AVIS)
    turn(made)
    with made.desk() as desk:  # as a kill leaves it
        desk.execute("UPDATE alert_posts SET state = 'sending'")
    assert turn(made) == {"sent": 1}
    first, second = (headers["Idempotency-Key"] for headers, _ in handler.got)
    assert first == second


def test_a_name_that_leads_inside_is_never_connected_to(
    tmp_path: Path, machine: tuple[int, type[Machine]]
) -> None:
    port, handler = machine
    made = here(tmp_path / "home", RULES + HOOK.format(port=port), inside=False)
    tell(made, AVIS)
    assert turn(made) == {"refused": 1}
    assert handler.got == []
    assert "inside" in states(made)[0][2]


def test_an_unknown_certificate_is_not_trusted(
    tmp_path: Path, machine: tuple[int, type[Machine]], monkeypatch: pytest.MonkeyPatch
) -> None:
    port, handler = machine
    other = tmp_path / "other.pem"
    certificate(other)
    monkeypatch.setenv("SSL_CERT_FILE", str(other))
    made = here(tmp_path / "home", RULES + HOOK.format(port=port))
    tell(made, AVIS)
    assert turn(made) == {"deferred": 1}
    assert handler.got == []
    assert "certificate" in states(made)[0][2]


def test_without_its_key_nothing_is_posted_and_the_log_says_why(
    tmp_path: Path, machine: tuple[int, type[Machine]], monkeypatch: pytest.MonkeyPatch
) -> None:
    port, handler = machine
    monkeypatch.delenv(KEY)
    made = here(tmp_path / "home", RULES + HOOK.format(port=port))
    tell(made, AVIS)
    assert turn(made) == {"deferred": 1}
    assert handler.got == []
    assert KEY in states(made)[0][2]


@pytest.mark.parametrize(
    ("said", "posted"),
    [
        ("", 1),
        ('rules = ["fortinet"]', 1),
        ('severity = "critical"', 0),
        ("active = false", 0),
    ],
)
def test_a_machine_gets_what_it_asks_for(
    tmp_path: Path, machine: tuple[int, type[Machine]], said: str, posted: int
) -> None:
    port, handler = machine
    made = here(tmp_path / "home", RULES + HOOK.format(port=port) + said)
    tell(made, AVIS)
    turn(made)
    assert len(handler.got) == posted


def test_a_rule_above_a_machines_clearance_is_not_there_for_it(
    tmp_path: Path, machine: tuple[int, type[Machine]]
) -> None:
    port, handler = machine
    secret = '[[alert]]\nid = "f"\nvendors = ["Fortinet"]\ntlp = "TLP:AMBER"\n'
    made = here(tmp_path / "home", secret + HOOK.format(port=port))
    tell(made, AVIS)
    turn(made)
    assert handler.got == []


def test_a_folder_gets_whole_files_in_cap(tmp_path: Path) -> None:
    drop = '[[hook]]\nid = "d"\nfolder = "data/cap"\nformat = "cap"\n'
    made = here(tmp_path / "home", RULES + drop)
    person(made, "ana")
    tell(made, AVIS)
    assert turn(made) == {"sent": 1}
    (path,) = (tmp_path / "home" / "data" / "cap").iterdir()
    assert path.suffix == ".xml"
    assert b"CVE-2026-1001" in path.read_bytes()
    tell(made, Said(AVIS.url, advisory=advisory(1, "2026-11-19")))
    turn(made, NOW + MINUTE)
    assert len(list(path.parent.iterdir())) == 2


def test_what_is_never_answered_is_given_up_in_the_end(
    tmp_path: Path, machine: tuple[int, type[Machine]]
) -> None:
    port, handler = machine
    handler.answers += [(503, {})] * 20
    made = here(tmp_path / "home", RULES + HOOK.format(port=port))
    tell(made, AVIS)
    now = NOW
    for _ in range(len(hook.BACKOFF) + 1):
        turn(made, now)
        now += timedelta(hours=13)
    assert states(made)[0][:2] == ("refused", len(hook.BACKOFF) + 1)
    with made.desk() as desk:
        assert [post.state for post in alert_posts.posts(desk)] == ["refused"]
        assert alerts.log(desk, 5)[0].copies == {"hook refused": 1}


def test_a_server_that_drips_its_answer_is_cut(pem: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_drip, args=(listener, context), daemon=True)
        thread.start()
        url = f"https://localhost:{listener.getsockname()[1]}/"
        before = time.monotonic()
        answer = hook.post(url, b"x", {}, lambda _ip: True, seconds=0.4)
        assert (answer.state, time.monotonic() - before < 5) == ("deferred", True)
        thread.join(10)


def _drip(listener: socket.socket, context: ssl.SSLContext) -> None:
    plain, _ = listener.accept()
    with suppress(OSError), context.wrap_socket(plain, server_side=True) as line:
        for _ in range(200):
            line.sendall(b"H")
            time.sleep(0.1)
