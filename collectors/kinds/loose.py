"""JSON that somebody else wrote: every step may be missing or of another type. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from collectors import plain
from vigie.model import Failure, FailureKind

MOST_NAMES = 1_000  # of one list
_LONGEST = 300  # characters of a name


def load(text: str) -> Mapping[str, Any] | Failure:
    """The JSON object that a text is, or why it is none."""
    try:
        document: Any = json.loads(text)
    except json.JSONDecodeError as error:
        detail = f"malformed JSON, line {error.lineno}: {error.msg}"
        return Failure(FailureKind.MALFORMED, detail)
    except (ValueError, RecursionError):  # absurd numbers, absurd depth
        return Failure(FailureKind.HOSTILE, "JSON nested too deep, or numbers too long")
    if not isinstance(document, dict):
        return Failure(FailureKind.MALFORMED, "JSON, but no object")
    return document


def said(part: Any, *path: str) -> str:
    """The text under a path of keys, or ""."""
    for key in path:
        part = part.get(key) if isinstance(part, dict) else None
    return part if isinstance(part, str) else ""


def inner(part: Any, *path: str) -> Mapping[str, Any]:
    """The object under a path of keys, or an empty one."""
    for key in path:
        part = part.get(key) if isinstance(part, dict) else None
    return part if isinstance(part, dict) else {}


def each(part: Any, *path: str) -> list[Mapping[str, Any]]:
    """The objects of the list under a path of keys."""
    *way, last = path
    found = inner(part, *way).get(last)
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def names(texts: Iterable[str]) -> tuple[str, ...]:
    """Each text once, in its order, as one line of plain text; empty ones are left out."""
    kept: dict[str, None] = {}
    for text in texts:
        name = plain.line(text, _LONGEST)
        if name:
            kept.setdefault(name)
        if len(kept) == MOST_NAMES:
            break
    return tuple(kept)


def moment(text: str) -> datetime | None:
    """An ISO 8601 date or time; one without a zone is UTC."""
    try:
        date = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
