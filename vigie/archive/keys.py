"""The desk's own keys: made when first needed, kept in desk.db, shown nowhere."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import UTC, datetime

from sqlite_utils import Database

from vigie.archive.connect import transaction
from vigie.archive.moments import to_text

BYTES = 32


def key(db: Database, name: str) -> bytes:
    """The key of that name, made at the first call. Not to be called inside a transaction."""
    row = db.execute("SELECT value FROM keys WHERE name = ?", [name]).fetchone()
    if row is None:
        with transaction(db):
            db.execute(
                "INSERT INTO keys VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                [name, secrets.token_bytes(BYTES), to_text(datetime.now(UTC))],
            )
        row = db.execute("SELECT value FROM keys WHERE name = ?", [name]).fetchone()
    return bytes(row[0])


def hashed(db: Database, address: str) -> str:
    """HMAC-SHA256 of an address, whatever its case: tells whether it is the same, and no more."""
    text = address.strip().casefold().encode()
    return hmac.new(key(db, "addresses"), text, hashlib.sha256).hexdigest()
