"""An IMAP connection with one deadline and a limit of bytes, over the standard library's imaplib.

imaplib's own timeout is for each read, so that a server that drips a byte a second is never too
slow. Here every read looks at what is left of the whole poll's time.
"""

from __future__ import annotations

import imaplib
import socket
import ssl
import time

_LONGEST_LINE = 1_000_000  # bytes; as in imaplib
_SLACK = 100_000  # bytes that an answer may have beside the message
_MOST_BYTES = 200_000_000  # of one poll


class Deadline:
    """A moment of the monotonic clock, `seconds` from now."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds. Raises TimeoutError where none are left."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("out of time")
        return left


class TimedImap(imaplib.IMAP4):
    """imaplib's client over a socket that is read by the clock.

    What `open`, `read`, `readline`, `send` and `shutdown` do may be replaced, its manual says.
    """

    def __init__(
        self,
        host: str,
        port: int,
        context: ssl.SSLContext | None,
        deadline: Deadline,
        largest: int,
    ) -> None:
        self._context = context
        self._deadline = deadline
        self._largest = largest + _SLACK
        self._received = 0
        self._buffer = bytearray()
        self._buffered_from: socket.socket | None = None
        super().__init__(host, port)

    def open(self, host: str = "", port: int = 143, timeout: float | None = None) -> None:  # noqa: ARG002  the deadline stands for it
        self.host, self.port = host, port
        plain = socket.create_connection((host, port), self._deadline.left)
        if self._context is None:
            self.sock = plain
        else:
            try:
                self.sock = self._context.wrap_socket(plain, server_hostname=host)
            except BaseException:
                plain.close()
                raise
        self.file = self.sock.makefile("rb")  # which imaplib closes

    def read(self, size: int) -> bytes:
        """Raises `abort` for more than a message may have."""
        if size > self._largest:
            raise self.abort(f"an answer of {size} bytes")
        self._follow()
        while len(self._buffer) < size and self._receive():
            pass
        return self._taken(size)

    def readline(self) -> bytes:
        self._follow()
        searched = 0
        while (end := self._buffer.find(b"\n", searched)) < 0:
            searched = len(self._buffer)
            if searched > _LONGEST_LINE:
                raise self.abort(f"a line of more than {_LONGEST_LINE} bytes")
            if not self._receive():
                return self._taken(searched)
        return self._taken(end + 1)

    def send(self, data: bytes) -> None:  # type: ignore[override]  # typeshed has a wider buffer
        self.sock.settimeout(self._deadline.left)
        self.sock.sendall(data)

    def _follow(self) -> None:
        """Forget what came in plain once STARTTLS has made another socket."""
        if self._buffered_from is not self.sock:
            self._buffer.clear()
            self._buffered_from = self.sock

    def _receive(self) -> bool:
        """Take what there is; False at the end of the stream."""
        self.sock.settimeout(self._deadline.left)
        data = self.sock.recv(65_536)
        self._received += len(data)
        if self._received > _MOST_BYTES:
            raise self.abort(f"more than {_MOST_BYTES} bytes in one poll")
        self._buffer += data
        return bool(data)

    def _taken(self, size: int) -> bytes:
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        return data
