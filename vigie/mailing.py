"""What `[mail]` and `[bounces]` of vigie.toml say: how mail leaves, and where it comes back."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Security = Literal["none", "starttls", "tls"]
_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,40}@[A-Za-z0-9.-]+")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _return_path(text: str) -> str:
    if text and not _PLAIN.fullmatch(text):
        raise ValueError("a plain address such as retours@region.example, at most 40 before the @")
    return text


def public_url(text: str) -> str:
    """An https address without its last slash, http for this very machine only. ValueError."""
    if not text:
        return ""
    parts = urlsplit(text)
    inside = parts.hostname == "localhost" or _is_loopback(parts.hostname or "")
    well = parts.scheme == "https" or (parts.scheme == "http" and inside)
    if not well or not parts.hostname or "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("the address of these pages, such as https://veille.region.example")
    return text.rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Dkim(_Part):
    """A key of this machine's own; leave it out where the relay signs."""

    key: Path  # PEM, RSA; relative to the folder that holds config/
    selector: Annotated[str, Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$")]
    domain: str = ""  # the sender's, where left out


class Mail(_Part):
    host: str = "localhost"
    port: Annotated[int, Field(ge=1, le=65535)] = 25
    security: Security = "none"
    user: str = ""
    sender: Annotated[str, Field(min_length=1, max_length=400)] = (
        "Bulletin de veille <veille@example.org>"
    )
    per_minute: Annotated[int, Field(ge=1, le=100_000)] = 600
    per_domain: Annotated[int, Field(ge=1, le=100_000)] = 120  # a minute, to one domain
    seconds: Annotated[float, Field(gt=0, le=600)] = 60.0
    # RFC 5321, 4.5.4.1: at least 30 minutes between two tries, and some days before giving up.
    retry_minutes: Annotated[int, Field(ge=30, le=1440)] = 30
    retry_hours: Annotated[int, Field(ge=1, le=240)] = 48
    approval: bool = False  # a second coordinator approves before anything is sent
    return_path: Annotated[str, AfterValidator(_return_path)] = ""  # '': the sender's address
    verp: bool = True  # a return path of its own for each message, where return_path is set
    dkim: Dkim | None = None
    link_days: Annotated[int, Field(ge=30, le=3650)] = 400  # of a link to one's preferences
    confirm_days: Annotated[int, Field(ge=1, le=60)] = 7  # of a link that confirms consent
    confirmations_per_address: Annotated[int, Field(ge=1, le=20)] = 3  # in 30 days
    confirmations_per_structure: Annotated[int, Field(ge=1, le=1000)] = 30  # in 24 hours


class Bounces(_Part):
    """Where messages that come back are read: an IMAP folder, a folder of files, or both."""

    host: str = ""  # IMAP; the password is read from VIGIE_BOUNCES_PASSWORD
    port: Annotated[int, Field(ge=1, le=65535)] = 993
    security: Security = "tls"
    user: str = ""
    mailbox: str = "INBOX"
    seconds: Annotated[float, Field(gt=0, le=600)] = 60.0
    folder: Path | None = None  # one message a file; relative to the folder that holds config/
