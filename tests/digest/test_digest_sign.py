"""DKIM: what is covered, and keys that cannot be used. Verified by dkimpy itself."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from digest.sign import Signer
from vigie.errors import SettingsError
from vigie.mailing import Dkim, Mail

MESSAGE = (
    b"From: Veille <veille@x.example>\r\nTo: zoe@p.example\r\nSubject: =?utf-8?q?=C3=A9?=\r\n"
    b"List-Unsubscribe: <https://v.example/leave/1>,\r\n <mailto:veille@x.example>\r\n"
    b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\r\nBonjour  \r\n.\r\n\r\n"
)
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PKCS8, PKCS1 = PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL


def signer(tmp_path: Path, pem: bytes, domain: str = "") -> Signer:
    path = tmp_path / "dkim.pem"
    path.write_bytes(pem)
    sender = "Veille <veille@x.example>"
    return Signer(Mail(sender=sender, dkim=Dkim(key=path, selector="v1", domain=domain)))


def dns(name: bytes, timeout: int = 5) -> bytes:
    der = KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b"v=DKIM1; k=rsa; p=" + base64.b64encode(der)


@pytest.mark.parametrize("form", [PKCS8, PKCS1])
def test_a_signature_holds_and_covers_the_unsubscribe_headers(
    form: PrivateFormat, tmp_path: Path
) -> None:
    signed = signer(tmp_path, KEY.private_bytes(Encoding.PEM, form, NoEncryption()))(MESSAGE)
    assert signed.endswith(MESSAGE)
    assert dkim.verify(signed, dnsfunc=dns)
    assert dkim.verify(signed.replace(b"Bonjour  ", b"Bonjour "), dnsfunc=dns)  # relaxed
    for before, after in (
        (b"leave/1", b"leave/2"),
        (b"=One-Click", b"=Two-Click"),
        (b"Bonjour", b"Bonsoir"),
        (b"\r\nTo:", b"\r\nFrom: other@y.example\r\nTo:"),
    ):
        assert not dkim.verify(signed.replace(before, after, 1), dnsfunc=dns)
    head = re.sub(rb"\s", b"", signed.removesuffix(MESSAGE))
    assert b"a=rsa-sha256" in head
    assert b"d=x.example" in head


def test_the_domain_may_be_another(tmp_path: Path) -> None:
    pem = KEY.private_bytes(Encoding.PEM, PKCS8, NoEncryption())
    assert b"d=example.org" in signer(tmp_path, pem, "example.org")(MESSAGE)


@pytest.mark.parametrize(
    "pem",
    [
        b"",
        b"no key",
        KEY.private_bytes(Encoding.PEM, PKCS8, BestAvailableEncryption(b"secret")),
        ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PKCS8, NoEncryption()),
    ],
)
def test_a_key_that_cannot_be_used_is_told_before_anything_is_sent(
    pem: bytes, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match=r"mail\.dkim\.key"):
        signer(tmp_path, pem)


def test_without_a_key_nothing_is_changed() -> None:
    assert Signer(Mail())(MESSAGE) == MESSAGE
