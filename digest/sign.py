"""DKIM (RFC 6376): signing with a key of this machine's own, the unsubscribe headers included."""

from __future__ import annotations

from typing import Any

import dkim
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from digest.addresses import mailbox
from vigie.errors import Problem, SettingsError
from vigie.mailing import Mail

# RFC 8058, 4: the signature must cover both unsubscribe headers. From stands twice, so that a
# second one cannot be added (RFC 6376, 8.15).
COVERED = (
    *(b"from", b"from", b"to", b"subject", b"date", b"message-id", b"mime-version"),
    *(b"content-type", b"list-id", b"list-unsubscribe", b"list-unsubscribe-post"),
    b"auto-submitted",
)


class _Rsa:
    """An RSA key of `cryptography`, in the form in which dkimpy asks a key to sign a digest."""

    def __init__(self, pem: bytes) -> None:
        key = load_pem_private_key(pem, password=None)
        if not isinstance(key, RSAPrivateKey):
            raise ValueError("not an RSA key")
        self._key = key
        self.signature = b""

    def sign(self, digest: bytes) -> _Rsa:
        self.signature = self._key.sign(digest, PKCS1v15(), Prehashed(SHA256()))
        return self


class _Dkim(dkim.DKIM):  # type: ignore[misc]  # dkimpy ships no types
    """dkimpy, but for the exponentiation: its own, in Python, takes 20 of 22 ms a message."""

    key: _Rsa

    def gen_header(self, fields: Any, include: Any, policy: Any, name: Any, *_: Any) -> Any:
        # What the header says is settled in `fields`; here the name only chooses who signs: for
        # ed25519 it is an object that is given the digest, for rsa dkimpy's own arithmetic.
        self.signature_algorithm = b"ed25519-sha256"
        return super().gen_header(fields, include, policy, name, self.key)


class Signer:
    """Signs with the key of `[mail.dkim]`; gives messages back as they are where there is none."""

    def __init__(self, mail: Mail) -> None:
        """Raises SettingsError for a key that cannot be read."""
        self._dkim = mail.dkim
        if mail.dkim is None:
            return
        self._domain = (mail.dkim.domain or mailbox(mail.sender).domain).encode("ascii")
        try:
            self._key = mail.dkim.key.read_bytes()
            self._rsa = _Rsa(self._key)
            self(b"From: x@example.org\r\n\r\nx\r\n")
        except (OSError, ValueError, TypeError, dkim.DKIMException) as error:
            raise SettingsError(
                [Problem("vigie.toml", "mail.dkim.key", f"{error}", "a PEM file with an RSA key")]
            ) from error

    def __call__(self, message: bytes) -> bytes:
        """The message with its signature in front."""
        if self._dkim is None:
            return message
        present = {name.lower() for name in (b.split(b":")[0] for b in _heads(message))}
        covered = [name for name in COVERED if name in present]
        signer = _Dkim(message)
        signer.key = self._rsa
        signature = signer.sign(
            self._dkim.selector.encode("ascii"),
            self._domain,
            self._key,
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=covered,
        )
        return bytes(signature) + message


def _heads(message: bytes) -> list[bytes]:
    return message.partition(b"\r\n\r\n")[0].split(b"\r\n")
