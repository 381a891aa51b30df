"""A loopback HTTP server that misbehaves on request."""

from __future__ import annotations

import asyncio
import gzip
import ssl
import tempfile
import threading
import time
import zlib
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

RSS = b"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>Essai</title><link>/</link><description/>
<item><title>Premier</title><link>/1</link><guid>un</guid></item>
<item><title>Second</title><link>/2</link><guid>deux</guid></item>
</channel></rss>"""

Answer = Callable[["FaultyServer", asyncio.StreamWriter, dict[str, str]], Awaitable[None]]


def http(status: str, body: bytes = b"", **headers: str) -> bytes:
    """A complete answer; `Retry_After` stands for Retry-After."""
    headers = {"Content_Length": str(len(body)), **headers}
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode("latin-1") + body


@cache
def self_signed() -> ssl.SSLContext:
    """A server's TLS context that nobody trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as file:
        file.write(certificate.public_bytes(Encoding.PEM))
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        file.flush()
        context.load_cert_chain(file.name)
    return context


class FaultyServer:
    """Answers by path; `seen` holds the path and headers of every request."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.port = 0
        self.tls_port = 0
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._ready.wait(10)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def paths(self) -> list[str]:
        return [path for path, _ in self.seen]

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        tls = self._loop.run_until_complete(
            asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self_signed())
        )
        self.tls_port = tls.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        tls.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode("latin-1").split("\r\n")
                path = lines[0].split(" ")[1]
                pairs = (line.partition(": ") for line in lines[1:] if line)
                headers = {name.lower(): value for name, _, value in pairs}
                self.seen.append((path, headers))
                await ANSWERS[path.partition("?")[0]](self, writer, headers)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass
        finally:
            writer.close()


ANSWERS: dict[str, Answer] = {}


def answers(path: str) -> Callable[[Answer], Answer]:
    def register(answer: Answer) -> Answer:
        ANSWERS[path] = answer
        return answer

    return register


def always(path: str, answer: bytes) -> None:
    async def write(
        server: FaultyServer, writer: asyncio.StreamWriter, headers: dict[str, str]
    ) -> None:
        writer.write(answer)

    ANSWERS[path] = write


def moved(path: str, location: str, status: str = "302 Found") -> None:
    always(path, http(status, Location=location))


always("/feed", http("200 OK", RSS, Content_Type="application/rss+xml", ETag='"é1"'))
always("/404", http("404 Not Found", b"gone"))
always("/429", http("429 Too Many Requests", Retry_After="120"))
LATER = format_datetime(datetime.now(UTC) + timedelta(hours=2), usegmt=True)
always("/503", http("503 Service Unavailable", Retry_After=LATER))
always("/299", http("799 Odd"))
always("/empty", http("200 OK"))
always(
    "/html", http("200 OK", b"<!DOCTYPE html><title>Connexion</title>", Content_Type="text/html")
)
always("/unasked-304", http("304 Not Modified"))
moved("/moved", "/moved-again", "301 Moved Permanently")
moved("/moved-again", "/feed", "308 Permanent Redirect")
moved("/moved-then-found", "/to-feed", "301 Moved Permanently")
moved("/to-feed", "/feed")
moved("/circle", "/circle-2")
moved("/circle-2", "/circle")
moved("/to-metadata", "http://169.254.169.254/latest/meta-data/")
moved("/to-file", "file:///etc/passwd")
always("/gzip", http("200 OK", gzip.compress(RSS), Content_Encoding="gzip"))
always("/deflate", http("200 OK", zlib.compress(RSS), Content_Encoding="deflate"))
always("/bad-gzip", http("200 OK", b"\x1f\x8bnot gzip at all", Content_Encoding="gzip"))
BOMB = gzip.compress(b" " * 200_000_000, 9)
always("/bomb", http("200 OK", BOMB, Content_Encoding="gzip"))
always("/large", http("200 OK", b"x" * 3_000_000))
always("/almost", http("200 OK", b" " * 1_900_000))
always("/not-http", b"220 smtp.example.fr ESMTP\r\n\r\n")
always("/robots.txt", http("200 OK", b"User-agent: *\nDisallow: /private\n"))
always("/private", http("200 OK", RSS))


always(
    "/told",
    http(
        "200 OK", RSS, Cache_Control="max-age=600", tdm_reservation="1", tdm_policy="https://a.fr/p"
    ),
)
moved("/to-user", "http://someone:secret@127.0.0.1/feed")
moved("/to-inside-name", "http://inside.test/feed")


@answers("/to-name")
async def to_name(
    server: FaultyServer, writer: asyncio.StreamWriter, headers: dict[str, str]
) -> None:
    writer.write(http("302 Found", Location=f"http://localhost:{server.port}/feed"))


@answers("/500-once")
async def stumbles(
    server: FaultyServer, writer: asyncio.StreamWriter, headers: dict[str, str]
) -> None:
    first = server.paths().count("/500-once") == 1
    writer.write(http("500 Internal Server Error") if first else http("200 OK", RSS))


always("/500", http("500 Internal Server Error"))


@answers("/slow-way")
async def slow_way(
    server: FaultyServer, writer: asyncio.StreamWriter, headers: dict[str, str]
) -> None:
    await asyncio.sleep(0.6)
    writer.write(http("302 Found", Location=f"/slow-way?step={len(server.seen)}"))


@answers("/endless-head")
async def endless_head(
    server: FaultyServer, writer: asyncio.StreamWriter, headers: dict[str, str]
) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    for _ in range(600):
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.1)


@answers("/304")
async def not_modified(
    server: FaultyServer, writer: asyncio.StreamWriter, headers: dict[str, str]
) -> None:
    known = headers.get("if-none-match") == '"é1"'
    writer.write(http("304 Not Modified") if known else http("200 OK", RSS, ETag='"é1"'))


@answers("/long-way")
async def long_way(
    server: FaultyServer, writer: asyncio.StreamWriter, headers: dict[str, str]
) -> None:
    step = len(server.seen)
    writer.write(http("302 Found", Location=f"/long-way?step={step}"))


@answers("/to-localhost")
async def to_localhost(
    server: FaultyServer, writer: asyncio.StreamWriter, headers: dict[str, str]
) -> None:
    # The tests allow 127.0.0.1 for the server itself, and refuse 127.0.0.9.
    writer.write(http("302 Found", Location=f"http://127.0.0.9:{server.port}/feed"))


@answers("/hang")
async def hang(server: FaultyServer, writer: asyncio.StreamWriter, headers: dict[str, str]) -> None:
    await asyncio.sleep(60)


@answers("/drip")
async def drip(server: FaultyServer, writer: asyncio.StreamWriter, headers: dict[str, str]) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(600):
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.1)


@answers("/endless")
async def endless(
    server: FaultyServer, writer: asyncio.StreamWriter, headers: dict[str, str]
) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    until = time.monotonic() + 60
    while time.monotonic() < until:
        writer.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
        await writer.drain()


@answers("/cut")
async def cut(server: FaultyServer, writer: asyncio.StreamWriter, headers: dict[str, str]) -> None:
    writer.write(http("200 OK", RSS)[:-20])
    await writer.drain()
    writer.close()


@pytest.fixture
def server() -> Iterator[FaultyServer]:
    running = FaultyServer()
    yield running
    running.close()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of test data, which is never part of the project."""
    folder = Path(__file__).parents[2].parent / "shared" / "data"
    if not (folder / "replay" / "index.json").exists():
        pytest.skip(f"no test data at {folder}")
    return folder
