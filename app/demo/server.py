"""A loopback web server for the demonstration world, good manners and faults included."""

import gzip
import hashlib
import socket
import sys
import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from app.demo import render
from app.demo.world import DemoFeed, DemoItem, World, load_world

DRIP_SECONDS = 0.3
ENDLESS_SECONDS = 60.0
IDLE_SECONDS = 60.0
BOMB_BYTES = 256 * 1024 * 1024
_BOMB_BLOCK = b" " * (1024 * 1024)
_BROKEN_PAGE = (
    "<!DOCTYPE html><html lang='fr'><head><title>Erreur</title></head><body>"
    "<h1>Une erreur est survenue</h1><p>Nos équipes sont prévenues & reviennent vite.<br>"
    "</body></html>"
).encode()


@dataclass(frozen=True)
class Resource:
    """What a path answers when nothing is wrong with it."""

    content: bytes
    content_type: str
    modified: datetime

    @property
    def etag(self) -> str:
        """A weak tag: the same text, folded by gzip or not."""
        return f'W/"{hashlib.sha256(self.content).hexdigest()[:20]}"'


def gzip_bomb() -> Iterator[bytes]:
    """Yield a gzip whose content, over 200 MB, is never held unfolded by this side."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, 31)
    yield squeeze.compress(b"<?xml version='1.0'?><rss version='2.0'><channel><title>")
    for _ in range(BOMB_BYTES // len(_BOMB_BLOCK)):
        yield squeeze.compress(_BOMB_BLOCK)
    yield squeeze.compress(b"</title></channel></rss>") + squeeze.flush()


def entity_bomb() -> bytes:
    """Build an RSS whose title, entities unfolded, would be ten thousand million letters long."""
    levels = [f'<!ENTITY e{level} "{f"&e{level - 1};" * 10}">' for level in range(1, 10)]
    doctype = "\n".join(['<!ENTITY e0 "ha">', *levels])
    return (
        f"<?xml version='1.0'?>\n<!DOCTYPE rss [\n{doctype}\n]>\n"
        "<rss version='2.0'><channel><title>&e9;</title></channel></rss>\n"
    ).encode()


class _Handler(BaseHTTPRequestHandler):
    """One client's connection; everything it knows, it asks its server."""

    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    server: "_Server"

    def do_GET(self) -> None:  # http.server's name
        path = self.path.partition("?")[0]
        self.server.count(path)
        fault = self.server.faults.get(path)
        if fault is not None:
            fault(self)
            return
        found = self.server.find(path)
        if found is None:
            missing = b"404\n"
            self._head(HTTPStatus.NOT_FOUND, "text/plain; charset=utf-8", length=len(missing))
            self._body(missing)
        elif self._is_fresh(found):
            self._head(HTTPStatus.NOT_MODIFIED, None, found)
        else:
            self._send(found)

    def do_HEAD(self) -> None:  # the same, less the body: see _body
        self.do_GET()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Say nothing: the demonstration's own log is the one to read."""

    def answer_broken(self) -> None:
        """An error page that claims to be fine."""
        self._head(HTTPStatus.OK, render.HTML_TYPE, length=len(_BROKEN_PAGE))
        self._body(_BROKEN_PAGE)

    def answer_laughs(self) -> None:
        """A small document that is large inside."""
        content = entity_bomb()
        self._head(HTTPStatus.OK, render.RSS_TYPE, length=len(content))
        self._body(content)

    def answer_moved(self, path: str) -> None:
        """Point to where the feed went."""
        self.send_response(HTTPStatus.MOVED_PERMANENTLY)
        self.send_header("Location", self.server.base_url + path)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def answer_slowly(self) -> None:
        """Keep the client busy with a byte now and then; give up on our own in the end."""
        self._open_ended({})
        if self.command == "HEAD":
            return
        end = time.monotonic() + ENDLESS_SECONDS
        self._body(b"<?xml version='1.0'?>")
        while time.monotonic() < end and not self.server.closing.wait(DRIP_SECONDS):
            self._body(b" ")

    def answer_bomb(self) -> None:
        """Send the gzip whether or not the client accepts gzip, as an attacker would."""
        self._open_ended({"Content-Encoding": "gzip"})
        if self.command == "HEAD":
            return
        for block in gzip_bomb():
            if self.server.closing.is_set():
                return
            self._body(block)

    def _open_ended(self, headers: dict[str, str]) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", render.RSS_TYPE)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()

    def _is_fresh(self, found: Resource) -> bool:
        """An entity tag, when the client has one, is asked before the date (RFC 9110, 13.2.2)."""
        tags = self.headers.get("If-None-Match")
        if tags is not None:
            known = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
            return "*" in known or found.etag.removeprefix("W/") in known
        since = self.headers.get("If-Modified-Since")
        if since is None:
            return False
        try:
            moment = parsedate_to_datetime(since)
        except ValueError:
            return False
        return found.modified.replace(microsecond=0) <= moment.astimezone(UTC)

    def _send(self, found: Resource) -> None:
        content = found.content
        folded = _accepts_gzip(self.headers.get("Accept-Encoding", ""))
        if folded:
            content = gzip.compress(content, mtime=0)
        self._head(HTTPStatus.OK, found.content_type, found, len(content), folded)
        self._body(content)

    def _head(
        self,
        status: HTTPStatus,
        content_type: str | None,
        found: Resource | None = None,
        length: int | None = None,
        folded: bool = False,
    ) -> None:
        self.send_response(status)
        if content_type is not None:
            self.send_header("Content-Type", content_type)
        if length is not None:
            self.send_header("Content-Length", str(length))
        if folded:
            self.send_header("Content-Encoding", "gzip")
        if found is not None:
            self.send_header("ETag", found.etag)
            self.send_header("Last-Modified", format_datetime(found.modified, usegmt=True))
            self.send_header("Vary", "Accept-Encoding")
        self.end_headers()

    def _body(self, content: bytes) -> None:
        if self.command != "HEAD":
            self.wfile.write(content)


def _accepts_gzip(header: str) -> bool:
    for choice in header.lower().split(","):
        name, _, weight = choice.partition(";")
        if name.strip() in ("gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


class _Server(ThreadingHTTPServer):
    """The listening socket, the threads' shared state and the list of open connections."""

    daemon_threads = True

    def __init__(self, world: World, port: int) -> None:
        self.world = world
        self.hits: Counter[str] = Counter()
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Handler)
        self.base_url = f"http://127.0.0.1:{self.server_address[1]}"
        self.faults = _faults(world)
        self._pages = _pages(world, self.base_url)

    def find(self, path: str) -> Resource | None:
        make = self._pages.get(path)
        return make() if make is not None else None

    def count(self, path: str) -> None:
        with self._lock:
            self.hits[path] += 1

    def counted(self) -> Counter[str]:
        with self._lock:
            return self.hits.copy()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is its own business; anything else is a bug to show."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)

    def hang_up(self) -> None:
        """End every connection, endless ones included, so that closing leaves nothing behind."""
        self.closing.set()
        with self._lock:
            connections = tuple(self._open)
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # its thread closed it meanwhile


_Answer = Callable[[_Handler], None]


def _faults(world: World) -> dict[str, _Answer]:
    return {render.feed_path(feed): _fault(feed) for feed in world.feeds if feed.fault}


def _fault(feed: DemoFeed) -> _Answer:
    if feed.fault == "moved":
        new_path = render.new_feed_path(feed)
        return lambda handler: handler.answer_moved(new_path)
    if feed.fault == "slow":
        return _Handler.answer_slowly
    if feed.fault == "broken":
        return _Handler.answer_broken
    return _Handler.answer_laughs if feed.trick == "laughs" else _Handler.answer_bomb


def _pages(world: World, base_url: str) -> dict[str, Callable[[], Resource]]:
    pages: dict[str, Callable[[], Resource]] = {"/robots.txt": _robots}
    for feed in world.feeds:
        if feed.serves_items:
            pages |= _feed_pages(world, feed, base_url)
    return pages


def _feed_pages(world: World, feed: DemoFeed, base_url: str) -> dict[str, Callable[[], Resource]]:
    items = world.items_of(feed.id)
    changed = render.last_change(items)

    def the_feed() -> Resource:
        content = render.render_feed(feed, items, base_url)
        return Resource(content, render.FEED_TYPES[feed.format], changed)

    def the_home() -> Resource:
        return Resource(render.render_home(feed, items, base_url), render.HTML_TYPE, changed)

    path = render.new_feed_path(feed) if feed.fault == "moved" else render.feed_path(feed)
    pages: dict[str, Callable[[], Resource]] = {path: the_feed, f"/{feed.id}/": the_home}
    for item in items:

        def the_article(item: DemoItem = item) -> Resource:
            content = render.render_article(feed, item, base_url)
            return Resource(content, render.HTML_TYPE, item.published)

        pages[render.item_path(item)] = the_article
    return pages


def _robots() -> Resource:
    started = datetime(2026, 10, 1, tzinfo=UTC)
    return Resource(b"User-agent: *\nAllow: /\n", "text/plain; charset=utf-8", started)


class WorldServer:
    """Serve a world on 127.0.0.1 for as long as the context lasts."""

    def __init__(self, world: World | None = None, *, port: int = 0) -> None:
        self.world = world if world is not None else load_world()
        self._port = port
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._server = _Server(self.world, self._port)
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.05},
            name="demo-world",
            daemon=True,
        )
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        server = self._running()
        server.shutdown()
        server.hang_up()
        server.server_close()
        if self._thread is not None:
            self._thread.join()

    @property
    def base_url(self) -> str:
        """The server's address, without a final slash."""
        return self._running().base_url

    @property
    def hits(self) -> Counter[str]:
        """How often each path was asked for, so far; a copy."""
        return self._running().counted()

    def feed_url(self, feed: DemoFeed | str) -> str:
        """Return the address a reader is given for a feed, its fault included."""
        known = self.world.feed(feed) if isinstance(feed, str) else feed
        return self.base_url + render.feed_path(known)

    def _running(self) -> _Server:
        if self._server is None:
            raise RuntimeError("the demonstration server has not been started")
        return self._server
