"""Where a redirect leads, and whether it is followed. Pure; shared by both ways of fetching."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from collectors.outcome import Refused
from vigie.model import FailureKind

# Addresses that need no escaping: all that most servers and feeds ever give.
_SAFE = re.compile(r"https?://[a-z0-9.-]+(?::\d{1,5})?(?:/[A-Za-z0-9/._~=&?+-]*)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Way:
    """The way that a job's requests have taken so far."""

    url: str  # where it stands
    chain: tuple[str, ...] = ()  # the addresses before, without fragments
    permanent: bool = True  # so far, all redirects were
    moved_to: str = ""  # where the permanent ones led


def escaped(url: str | bytes) -> str:
    """The address with what may not stand in one percent-encoded, as browsers do."""
    if isinstance(url, str) and _SAFE.fullmatch(url):
        return url
    from w3lib.url import safe_url_string  # noqa: PLC0415  slow to load, and few addresses need it

    return safe_url_string(url)


def host_of(url: str) -> str:
    """The host that is asked.

    Raises ValueError where the address is none of the web's, or has a user's name in it.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise ValueError(url)
    return parts.hostname


def onward(way: Way, status: int, location: bytes | None, most: int) -> Way | None:
    """The way after an answer that redirects; None for any other answer.

    `location` is the header as it came, `most` the redirects that are followed. Raises Refused for
    a circle, for too many, and for what is no web address without a user's name.
    """
    if status not in (301, 302, 303, 307, 308) or not location:
        return None
    target = urljoin(way.url, escaped(location.strip())).partition("#")[0]
    chain = (*way.chain, way.url.partition("#")[0])
    _check(target, chain, most)
    permanent = way.permanent and status in (301, 308)
    return Way(target, chain, permanent, target if permanent else way.moved_to)


def _check(target: str, chain: tuple[str, ...], most: int) -> None:
    if target in chain:
        circle = " -> ".join([*chain[chain.index(target) :], target])
        raise Refused(FailureKind.REDIRECTS, f"redirects in a circle: {circle}"[:1000])
    if len(chain) > most:
        detail = f"more than {most} redirects, the last one to {target}"
        raise Refused(FailureKind.REDIRECTS, detail[:1000])
    parts = urlsplit(target)
    if parts.username is not None:
        raise Refused(FailureKind.REDIRECTS, "redirected to an address with a user's name")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        detail = f"redirected to what is no web address: {target}"
        raise Refused(FailureKind.REDIRECTS, detail[:1000])
