"""Times as the databases hold them: UTC, ISO 8601, whole seconds, with a Z. Sorts as text."""

from __future__ import annotations

from datetime import UTC, datetime


def to_text(moment: datetime) -> str:
    """Raises ValueError for a naive time: a time without its zone is a bug upstream."""
    if moment.tzinfo is None:
        raise ValueError(f"a time without a zone: {moment!r}")
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat()[:19] + "Z"  # years have four digits in Python


def from_text(text: str) -> datetime:
    """Raises ValueError for a text that is not such a time."""
    if len(text) != 20 or text[-1] != "Z":
        raise ValueError(f"not a time of ours: {text!r}")
    return datetime.fromisoformat(text[:19]).replace(tzinfo=UTC)


def maybe(text: str | None) -> datetime | None:
    return from_text(text) if text else None


def maybe_text(moment: datetime | None) -> str | None:
    return to_text(moment) if moment else None
