"""Signed links: what they say, and what they refuse."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from digest.links import Linker, Purpose, Signed
from digest.render import Links

NOW = datetime(2027, 1, 6, 7, 30, tzinfo=UTC)
DAY = NOW.replace(hour=0, minute=0)
LINKER = Linker(b"k" * 32, "https://veille.example")


def test_a_token_says_what_was_signed() -> None:
    token = LINKER.token(Purpose.LEAVE, 17, "normandie", NOW)
    assert LINKER.read(Purpose.LEAVE, token) == Signed(17, "normandie", DAY)
    assert token == LINKER.token(Purpose.LEAVE, 17, "normandie", NOW + timedelta(hours=3))


def test_a_token_is_for_one_purpose_and_one_key() -> None:
    token = LINKER.token(Purpose.LEAVE, 17, "", NOW)
    assert LINKER.read(Purpose.PREFERENCES, token) is None
    assert Linker(b"j" * 32).read(Purpose.LEAVE, token) is None
    for changed in (f"1{token}", token.replace("17~", "18~"), token[:-2], "", "~", "é"):
        assert LINKER.read(Purpose.LEAVE, changed) is None


@pytest.mark.parametrize(("days", "expired"), [(0, False), (7, False), (8, False), (9, True)])
def test_a_link_ends_after_its_days_and_never_before(days: int, expired: bool) -> None:
    signed = LINKER.read(Purpose.CONFIRM, LINKER.token(Purpose.CONFIRM, 1, "", NOW))
    assert signed
    assert signed.expired(7, DAY + timedelta(days=days, seconds=1 if expired else 0)) is (
        days > 8 or (expired and days >= 8)
    )


def test_without_a_public_address_there_are_no_links() -> None:
    assert Linker(b"k" * 32).own(1, "normandie", NOW) == Links()


def test_a_return_path_names_its_delivery_and_cannot_be_made_up() -> None:
    made = LINKER.return_path("retours@region.example", 1234)
    local, _, domain = made.rpartition("@")
    assert domain == "region.example"
    assert len(local) <= 64
    assert LINKER.delivery(local) == 1234
    assert LINKER.delivery(local.upper().replace("+D", "+d")) == 1234  # some systems fold case
    for other in ("retours", "retours+d1234", "retours+d1234-", local.replace("1234", "1235"), ""):
        assert LINKER.delivery(other) is None
    assert Linker(b"j" * 32).delivery(local) is None
