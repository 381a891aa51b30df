"""What a message that came back says: of whom, and whether it is for good. Pure.

Whom: by its return path (VERP), which nobody can forge without the desk's key; else by the
addresses that flufl.bounce, or the message's delivery status (RFC 3464), names.

For good: the enhanced status code (RFC 3463) decides where there is one. Hard are 5.1.x (no such
mailbox or domain), 5.2.1 (mailbox closed), 5.4.4 (no host) and 5.0.0 said of a failure without
more. Other 5.x.x are soft: a full mailbox (5.2.2), a message that is too large (5.2.3), a policy
or a filter (5.7.x) say nothing against the address. 4.x.x are soft. Without a code, what
flufl.bounce finds permanent is hard.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message
from email.utils import getaddresses

from flufl.bounce import all_failures

from digest.clean import line
from digest.links import Linker

log = logging.getLogger("vigie.bounces")

LARGEST = 2_000_000  # bytes of a message that is looked at
_HARD = re.compile(r"5\.(1\.\d+|2\.1|4\.4|0\.0|1\.10)")
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_LEAVE = re.compile(r"\bunsubscribe (\d{1,18}~[a-z0-9-]*~\d{1,6}~[A-Za-z0-9_-]+)")
_MINE = ("To", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "Cc")
_FULL = re.compile(
    r"quota|mailbox (is )?full|over ?quota|bo[iî]te .{0,20}pleine|postvak .{0,10}vol|voll\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Returned:
    """What a message that was read says; `kind` "" for one that is no bounce."""

    digest: str  # SHA-256 of its bytes
    kind: str  # hard, soft, unclear, or ""
    delivery: int | None = None
    addresses: tuple[str, ...] = ()
    status: str = ""
    detail: str = ""


def judge(content: bytes, linker: Linker) -> Returned:
    """What a message says. Never raises on hostile bytes: what cannot be read is unclear."""
    digest = hashlib.sha256(content).hexdigest()
    if len(content) > LARGEST:
        return Returned(digest, "unclear", detail=f"a message of {len(content)} bytes")
    message = message_from_bytes(content, policy=policy.compat32)
    delivery = _delivery(message, linker)
    reports = list(_reports(message))
    soft, hard = _flufl(content)
    addresses = tuple(dict.fromkeys((*(r.address for r in reports if r.address), *hard, *soft)))
    if not reports and not addresses and not _looks_returned(message):
        return Returned(digest, "")
    failed = [report for report in reports if report.failed] or reports
    text = _text(message)
    status = next((r.status for r in failed if r.status), "") or _first_status(text)
    detail = line(next((r.said for r in failed if r.said), "") or _sentence(text), 300)
    kind = _kind(status, failed, bool(hard), bool(soft), f"{detail} {text}")
    return Returned(digest, kind, delivery, addresses, status, detail)


def wish_to_leave(content: bytes) -> str:
    """The token of a mail program's "unsubscribe" mail, by its subject; "" where it is none."""
    subject = message_from_bytes(content[:100_000], policy=policy.compat32).get("Subject")
    found = _LEAVE.search(line(str(subject or ""), 400))
    return found[1] if found else ""


@dataclass(frozen=True, slots=True)
class _Report:
    """One recipient's block of a delivery status."""

    address: str
    action: str
    status: str
    said: str

    @property
    def failed(self) -> bool:
        return self.action in ("failed", "")


def _kind(status: str, reports: list[_Report], hard: bool, soft: bool, words: str) -> str:
    if any(report.action == "delayed" for report in reports):
        return "soft"
    if status.startswith("2") or any(r.action in ("delivered", "relayed") for r in reports):
        return "unclear"
    if _FULL.search(words) and not status.startswith("5.1."):
        return "soft"
    if status.startswith("5"):
        return "hard" if _HARD.fullmatch(status) else "soft"
    if status.startswith("4"):
        return "soft"
    return "hard" if hard else "soft" if soft else "unclear"


def _reports(message: Message) -> Iterator[_Report]:
    for part in _walk(message):
        if part.get_content_type() != "message/delivery-status":
            continue
        blocks = part.get_payload()
        for block in blocks if isinstance(blocks, list) else []:
            if not isinstance(block, Message):
                continue
            final = _plain(block, "Final-Recipient") or _plain(block, "Original-Recipient")
            status = _first_status(_plain(block, "Status"))
            if final or status:
                yield _Report(
                    final.rpartition(";")[2].strip().strip("<>"),
                    _plain(block, "Action").strip().casefold(),
                    status,
                    _plain(block, "Diagnostic-Code").partition(";")[2] or "",
                )


def _walk(message: Message) -> Iterable[Message]:
    """The message's parts but for what it returns: our own text says nothing."""
    yield message
    payload = message.get_payload()
    if message.is_multipart() and message.get_content_type() != "message/rfc822":
        for part in payload if isinstance(payload, list) else []:
            if isinstance(part, Message):
                yield from _walk(part)


def _plain(message: Message, name: str) -> str:
    return line(str(message.get(name) or ""), 400)


def _delivery(message: Message, linker: Linker) -> int | None:
    values = [str(v) for name in _MINE for v in message.get_all(name, [])]
    for _, found in getaddresses(values):
        number = linker.delivery(found.rpartition("@")[0])
        if number is not None:
            return number
    return None


def _flufl(content: bytes) -> tuple[list[str], list[str]]:
    """(temporary, permanent) addresses, in a stable order."""
    parsed = message_from_bytes(content, _class=Message, policy=policy.compat32)
    try:
        temporary, permanent = all_failures(parsed)
    except Exception:  # its detectors are many, and the bytes are anyone's
        log.exception("flufl.bounce cannot read a message; its own report decides")
        return [], []

    def texts(found: Iterable[bytes]) -> list[str]:
        return sorted(one.decode("utf-8", "replace") for one in found)

    return texts(temporary), texts(permanent)


def _looks_returned(message: Message) -> bool:
    """An empty or a mailer's sender, and no automatic answer of a person."""
    if "auto-replied" in _plain(message, "Auto-Submitted").casefold():
        return False
    sender = _plain(message, "Return-Path").strip()
    origin = _plain(message, "From").casefold()
    return sender == "<>" or "mailer-daemon" in origin or "postmaster" in origin


def _first_status(text: str) -> str:
    found = _STATUS.search(text)
    return found[1] if found else ""


def _text(message: Message) -> str:
    """The first readable text, without what is returned below it."""
    for part in _walk(message):
        if part.get_content_type() == "text/plain" and not part.is_multipart():
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                text = _decoded(payload, part.get_content_charset() or "utf-8")
                return re.split(r"(?im)^-+ ?(below|original|message original|copie)", text)[0][
                    :8000
                ]
    return ""


def _decoded(payload: bytes, charset: str) -> str:
    try:
        return payload.decode(charset, "replace")
    except (LookupError, ValueError):  # a name that is no charset, or one of no text
        return payload.decode("utf-8", "replace")


def _sentence(text: str) -> str:
    """The line that says why, where one can be told."""
    rows = [row.strip() for row in text.splitlines() if row.strip()]
    telling = (row for row in rows if re.search(r"\b[45]\d\d\b|\b[45]\.\d\.\d", row))
    return next(telling, rows[0] if rows else "")
