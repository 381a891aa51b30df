"""Real feeds: where feedparser finds items, so do we. Nothing of them is quoted here."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import feedparser
import pytest

from collectors import feeds, plain
from collectors.decide import decide
from vigie.model import Fetched, Novelty, ParsedFeed

AT = datetime(2026, 11, 21, tzinfo=UTC)
SAMPLE = 12  # one feed of so many is read by the quick test


def read(path: Path) -> ParsedFeed:
    url = "https://example.org/feed"
    return feeds.parse(Fetched("k", url, AT, url, status=200, body=path.read_bytes()))


def check(path: Path) -> ParsedFeed:
    """No crash, sane values, and items wherever the reference finds some."""
    feed = read(path)
    for item in feed.items:
        assert item.title or item.url or item.summary or item.text
        assert not item.url or item.url.startswith(("http://", "https://"))
        assert len(item.title) <= 500
        assert len(item.summary) <= 5000
        assert len(item.text) <= 100_000
        assert item.published is None or item.published.tzinfo is UTC
    return feed


def says_something(entry: Any) -> bool:
    """Words, or a link of the web: some test entries hold neither."""
    words = plain.line(entry.get("title", "") + entry.get("summary", ""), 100)
    return bool(words) or entry.get("link", "").startswith("http")


def replayed(shared: Path) -> list[Path]:
    index = json.loads((shared / "replay" / "index.json").read_text())
    return [shared / "replay" / entry["file"] for entry in index if entry["items"]]


def test_a_sample_of_real_feeds(shared: Path) -> None:
    for path in replayed(shared)[::SAMPLE]:
        feed = check(path)
        assert feed.items, path.name
        first = decide("s", feed.items, {})
        assert all(intent.novelty is Novelty.NEW for intent in first)


@pytest.mark.slow
def test_all_real_feeds(shared: Path) -> None:
    for path in replayed(shared):
        assert check(path).items, path.name


@pytest.mark.slow
def test_conformance_feeds(shared: Path) -> None:
    folder = shared / "feeds-conformance"
    if not folder.exists():
        pytest.skip(f"no conformance feeds at {folder}")
    lost = []
    for path in sorted(folder.rglob("*.*")):
        if not path.is_file() or path.suffix in (".md", ".py", ".txt"):
            continue
        found = check(path)
        if found.items:
            continue
        # The entry's own markup, not feedparser's rewriting of it, says whether it holds words.
        reference = feedparser.parse(
            path.read_bytes(), sanitize_html=False, resolve_relative_uris=False
        )
        if any(map(says_something, reference.entries)):
            lost.append((str(path.relative_to(folder)), found.failure))
    assert lost == []
