"""Links that only their recipient has: signed, told apart by purpose, some with an end. Pure.

A token is `id~what~day~signature`: the recipient's number, the edition (for leaving), the day on
which it was made (days since 1970) and an HMAC-SHA256. It holds no address and no name.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from itsdangerous import BadSignature, Signer

from digest.render.view import Links

_DAY = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TEST = 0  # the recipient of a test's links: nobody


class Purpose(StrEnum):
    """What a link is for; a token for one is forged for another."""

    LEAVE = "leave"  # one edition; has no end, since leaving must always work
    PREFERENCES = "list"
    CONFIRM = "confirm"
    READ = "read"  # their own copy of an issue on the web, and its feeds
    RETURN = "return"  # the mark in a return path (VERP)


@dataclass(frozen=True, slots=True)
class Signed:
    """What a genuine token says."""

    recipient: int
    what: str
    made: datetime

    def expired(self, days: int, now: datetime) -> bool:
        """Whether it is older than so many days."""
        return now - self.made > timedelta(days=days + 1)


class Linker:
    """Makes and reads tokens with the desk's own key."""

    def __init__(self, key: bytes, url: str = "") -> None:
        self._key, self._url = key, url

    def token(self, purpose: Purpose, recipient: int, what: str, now: datetime) -> str:
        day = (now - _EPOCH) // _DAY
        return self._signer(purpose).sign(f"{recipient}~{what}~{day}").decode("ascii")

    def read(self, purpose: Purpose, token: str) -> Signed | None:
        """None for what this key did not sign for that purpose."""
        try:
            text = self._signer(purpose).unsign(token).decode("ascii")
        except (BadSignature, UnicodeError):
            return None
        number, what, day = text.split("~")
        return Signed(int(number), what, _EPOCH + int(day) * _DAY)

    def address(self, purpose: Purpose, recipient: int, what: str, now: datetime) -> str:
        """Where the link leads; "" where these pages have no public address."""
        return f"{self._url}/{purpose}/{self.token(purpose, recipient, what, now)}" * bool(
            self._url
        )

    def own(
        self, recipient: int, edition: str, now: datetime, mailbox: str = "", issue: str = ""
    ) -> Links:
        """The links of one recipient's copy of an issue; `mailbox` is one that Vigie reads."""
        token = self.token(Purpose.LEAVE, recipient, edition, now)
        return Links(
            mailto=f"{mailbox}?subject=unsubscribe%20{token}" if mailbox else "",
            leave=self.address(Purpose.LEAVE, recipient, edition, now),
            preferences=self.address(Purpose.PREFERENCES, recipient, "", now),
            web=self.address(Purpose.READ, recipient, issue, now) if issue else "",
        )

    def return_path(self, address: str, delivery: int) -> str:
        """The address with a mark of that delivery: retours+d17-0f3a…@region.example."""
        local, _, domain = address.rpartition("@")
        return f"{local}+d{delivery}-{self._mark(delivery)}@{domain}"

    def delivery(self, local: str) -> int | None:
        """The delivery that a return path's local part names; None where the mark is not ours."""
        number, _, mark = local.rpartition("+d")[2].partition("-")
        if not number.isdecimal() or not number.isascii() or len(number) > 18:
            return None
        return int(number) if self._same(self._mark(int(number)), mark) else None

    def _mark(self, delivery: int) -> str:
        # short and in small letters: mail systems fold case, and 64 octets is the limit
        digest = self._signer(Purpose.RETURN).get_signature(str(delivery))
        return hashlib.sha256(digest).hexdigest()[:12]

    @staticmethod
    def _same(ours: str, theirs: str) -> bool:
        return (
            hashlib.sha256(ours.encode()).digest()
            == hashlib.sha256(theirs.casefold().encode()).digest()
        )

    def _signer(self, purpose: Purpose) -> Signer:
        return Signer(
            self._key,
            salt=f"vigie.{purpose}",
            sep="~",
            key_derivation="hmac",
            digest_method=hashlib.sha256,
        )
