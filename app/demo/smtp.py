"""A loopback mailbox: what Vigie sends in the demonstration lands in a folder, and nowhere else."""

import re
import socket
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

_NUMBERED = re.compile(r"(\d+)-.*\.eml")
_UNSAFE = re.compile(r"[^A-Za-z0-9._+-]")


@dataclass(frozen=True)
class Received:
    """One accepted message: its envelope, and where its bytes are."""

    mail_from: str
    rcpt_tos: tuple[str, ...]
    path: Path


class _Handler:
    """aiosmtpd's hooks; its one event loop makes the numbering safe."""

    def __init__(self, folder: Path, refuse: frozenset[str]) -> None:
        self.received: list[Received] = []
        self._folder = folder
        self._refuse = frozenset(address.casefold() for address in refuse)
        self._number = _last_number(folder)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        rcpt_options: list[str],
    ) -> str:
        if address.casefold() in self._refuse:
            return "550 5.1.1 no such mailbox here"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(rcpt_options)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        recipients = tuple(envelope.rcpt_tos)
        path = self._store(envelope.original_content or b"", recipients[0])
        self.received.append(Received(envelope.mail_from or "", recipients, path))
        return f"250 OK: kept as {path.name}"

    def _store(self, content: bytes, recipient: str) -> Path:
        """Write aside, then rename: whoever watches the folder sees whole messages only."""
        self._number += 1
        name = _UNSAFE.sub("_", recipient.rpartition("@")[0] or recipient)
        path = self._folder / f"{self._number:03d}-{name}.eml"
        aside = path.with_suffix(".part")
        aside.write_bytes(content)
        return aside.replace(path)


def _last_number(folder: Path) -> int:
    matches = (_NUMBERED.fullmatch(path.name) for path in folder.iterdir())
    return max((int(match[1]) for match in matches if match), default=0)


def _free_port() -> int:
    """Ask the system for a port: aiosmtpd's controller has to know it before it listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Outbox:
    """Accept mail on 127.0.0.1 for as long as the context lasts; refuse the given addresses."""

    host = "127.0.0.1"

    def __init__(
        self, folder: Path, *, refuse: frozenset[str] = frozenset(), port: int | None = None
    ) -> None:
        self.folder = folder
        self.port = port or 0
        self._refuse = refuse
        self._handler: _Handler | None = None
        self._controller: Controller | None = None

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = self.port or _free_port()
        self._handler = _Handler(self.folder, self._refuse)
        self._controller = Controller(self._handler, hostname=self.host, port=self.port)
        self._controller.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._controller is not None:
            self._controller.stop()

    @property
    def received(self) -> list[Received]:
        """The messages accepted since this outbox was opened, in order; a copy."""
        return list(self._handler.received) if self._handler is not None else []
