"""DKIM (RFC 6376): signing with a key of this machine's own, the unsubscribe headers included."""

from __future__ import annotations

import dkim

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
            self(b"From: x@example.org\r\n\r\nx\r\n")
        except (OSError, ValueError, dkim.DKIMException) as error:
            raise SettingsError(
                [Problem("vigie.toml", "mail.dkim.key", f"{error}", "a PEM file with an RSA key")]
            ) from error

    def __call__(self, message: bytes) -> bytes:
        """The message with its signature in front."""
        if self._dkim is None:
            return message
        present = {name.lower() for name in (b.split(b":")[0] for b in _heads(message))}
        covered = [name for name in COVERED if name in present]
        signature = dkim.sign(
            message,
            self._dkim.selector.encode("ascii"),
            self._domain,
            self._key,
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=covered,
        )
        return bytes(signature) + message


def _heads(message: bytes) -> list[bytes]:
    return message.partition(b"\r\n\r\n")[0].split(b"\r\n")
