"""Adding what is no feed: its address as a person types it, and one look at what is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import unquote, urlsplit

from pydantic import ValidationError

from app.curating import entries, look
from app.curating.find import FoundFeed
from app.curating.look import Look
from app.curating.propose import Wanted
from collectors import plain
from vigie.errors import CuratingError
from vigie.model import Fetched, Kind, ParsedFeed
from vigie.schema import Source
from vigie.settings import Settings

_SECURITY = {"imaps": ("tls", 993), "imap": ("starttls", 143)}
_CERTFR = ("cert.ssi.gouv.fr", "www.cert.ssi.gouv.fr")
_MAILBOX = "imaps://veille@imap.example/INBOX"


def named(
    kind: Kind, typed: str, links: str, form: str, senders: Sequence[str]
) -> tuple[str, Mapping[str, object] | None, str]:
    """The url, table and title (where one is meant) that a source of that kind gets.

    Raises CuratingError on what is no address of that kind.
    """
    match kind:
        case Kind.CONTRIBUTION:
            return "", None, plain.line(typed, 300)
        case Kind.MAILBOX:
            return "", _mailbox(typed, senders), ""
        case Kind.FILE:
            folder = typed.removeprefix("file:").strip("/")
            return f"file:{folder}", None, folder
    url = typed.strip() if "://" in typed else f"https://{typed.strip()}"
    if why := entries.unfit(url):
        raise CuratingError(why)
    if kind is Kind.ADVISORY:
        certfr = urlsplit(url).hostname in _CERTFR
        return url, {"format": form or ("certfr" if certfr else "csaf")}, ""
    return url, {"links": links} if links and kind is Kind.PAGE else None, ""


def _mailbox(typed: str, senders: Sequence[str]) -> Mapping[str, object]:
    try:
        parts = urlsplit(typed)
        port, secret = parts.port, parts.password
    except ValueError as error:
        raise CuratingError(f"not an address of a mailbox: such as {_MAILBOX}") from error
    if secret is not None:
        raise CuratingError("the address holds a password; it belongs in the environment")
    if parts.scheme not in _SECURITY or not parts.hostname or not parts.username:
        raise CuratingError(f"not an address of a mailbox: such as {_MAILBOX}")
    security, usual = _SECURITY[parts.scheme]
    return {
        "host": parts.hostname,
        "port": port or usual,
        "security": security,
        "user": unquote(parts.username),
        "folder": unquote(parts.path.strip("/")) or "INBOX",
        "senders": tuple(senders),
    }


def asked(url: str, wanted: Wanted, settings: Settings, now: datetime) -> FoundFeed:
    """One look at it. Raises CuratingError where there is nothing to read."""
    table = {wanted.kind.value: wanted.table} if wanted.table else {}
    try:
        source = Source.model_validate(
            {"id": "preview", "title": "preview", "kind": wanted.kind, "url": url, **table}
        )
    except ValidationError as error:
        raise CuratingError(entries.words(error)) from error
    if wanted.kind is Kind.CONTRIBUTION:
        nothing = Fetched(source.id, source.address, now)
        return FoundFeed(Look(nothing, ParsedFeed()), "filled by the desk")
    seen = next(look.declared([source], settings, now))
    if seen.failure:
        raise CuratingError(f"{source.address}: {seen.failure.detail}; nothing was written")
    told = seen.feed.title if wanted.kind.local else f"read as a {wanted.kind.value}"
    return FoundFeed(seen, told)
