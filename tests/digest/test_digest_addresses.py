"""Addresses as RFC 5321 and RFC 6531 allow them."""

from __future__ import annotations

import pytest

from digest import addresses


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("zoe@partner.example", "zoe@partner.example"),
        (" zoe+veille@partner.example ", "zoe+veille@partner.example"),
        ("o'neil@sub.partner.example", "o'neil@sub.partner.example"),
        ("zoe@pôle.example", "zoe@xn--ple-kna.example"),
        ("root@localhost", "root@localhost"),
        ("zoé@pôle.example", "zoé@pôle.example"),
    ],
)
def test_an_address_is_given_as_smtp_carries_it(text: str, expected: str) -> None:
    assert addresses.address(text) == expected
    assert addresses.needs_utf8(expected) == (not expected.isascii())


@pytest.mark.parametrize(
    "text",
    [
        *("", "zoe", "@partner.example", "zoe..x@partner.example", ".zoe@partner.example"),
        *('"zoe x"@partner.example', "a@b@partner.example", "zoe>@partner.example"),
        *("z" * 65 + "@partner.example", "zoe@", "zoe@-x.example", "zoe@partner..example"),
        *("zoe@par tner.example", "zoe@partner.example\r\nBcc: x@y.example"),
        *("zoe@partner.example\n", "zoe@" + "a" * 64 + ".example", "zoe@partner"),
        *("zoe@[192.0.2.1]", "zoe@é" + "a" * 70 + ".example", "zoe\x00@partner.example"),
        *("zoe\u202e@partner.example", "<zoe@partner.example>", "Zoé <zoe@partner.example>"),
    ],
)
def test_an_address_that_cannot_be_written_to_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w{3}"):
        addresses.address(text)


@pytest.mark.parametrize("sender", ["", "Bulletin", "Bulletin <x>", "x@y..z"])
def test_a_sender_that_is_no_address_is_refused(sender: str) -> None:
    with pytest.raises(ValueError, match="address"):
        addresses.mailbox(sender)
