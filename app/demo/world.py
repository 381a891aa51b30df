"""The demonstration world's content, read from the TOML files beside this module."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from importlib.resources.abc import Traversable

LANGUAGES = frozenset({"fr", "nl", "de", "en"})
FORMATS = frozenset({"rss20", "atom10", "rdf10", "jsonfeed"})
RIGHTS = frozenset({"full", "excerpt", "link"})
RELIABILITIES = frozenset("ABCDEF")
FAULTS = frozenset({"", "broken", "slow", "moved", "hostile"})
TRICKS = frozenset({"", "gzip", "laughs"})

FEEDS_FILE = "feeds.toml"


@dataclass(frozen=True)
class DemoFeed:
    """An invented outlet, with the fault it shows, if any."""

    id: str
    title: str
    description: str
    language: str
    format: str
    rights: str
    reliability: str
    territory: str
    fault: str = ""
    trick: str = ""

    @property
    def serves_items(self) -> bool:
        """Whether a patient and careful reader ever gets items from this feed."""
        return self.fault in ("", "moved")


@dataclass(frozen=True)
class DemoItem:
    """An invented item; `story` and `duplicate` are the truth that grouping is measured against."""

    id: str
    feed: str
    story: str
    duplicate: str
    published: datetime
    title: str
    summary: str
    body: tuple[str, ...]
    author: str
    categories: tuple[str, ...]


@dataclass(frozen=True)
class World:
    """All feeds, in the order of their file, and all items, newest first."""

    feeds: tuple[DemoFeed, ...]
    items: tuple[DemoItem, ...]

    def feed(self, feed_id: str) -> DemoFeed:
        """Return the feed of that id; KeyError when there is none."""
        for feed in self.feeds:
            if feed.id == feed_id:
                return feed
        raise KeyError(feed_id)

    def items_of(self, feed_id: str) -> tuple[DemoItem, ...]:
        """Return one feed's items, newest first."""
        return tuple(item for item in self.items if item.feed == feed_id)


@dataclass(frozen=True)
class _Row:
    """One TOML table and where it stands, so that an error can say so."""

    where: str
    values: Mapping[str, object]

    def fail(self, problem: str) -> ValueError:
        return ValueError(f"{self.where}: {self.values.get('id', '(no id)')}: {problem}")

    def text(self, key: str, *, default: str | None = None) -> str:
        value = self.values.get(key, default)
        if not isinstance(value, str):
            raise self.fail(f"{key} must be a string")
        return value

    def needed(self, key: str) -> str:
        value = self.text(key)
        if not value.strip():
            raise self.fail(f"{key} is empty")
        return _joined(value)

    def chosen(self, key: str, allowed: frozenset[str], *, default: str | None = None) -> str:
        value = self.text(key, default=default)
        if value not in allowed:
            raise self.fail(f"{key} is {value!r}, not one of {sorted(allowed)}")
        return value

    def moment(self, key: str) -> datetime:
        value = self.values.get(key)
        if not isinstance(value, datetime) or value.tzinfo is None:
            raise self.fail(f"{key} must be a date and time with an offset")
        return value.astimezone(UTC)

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.values.get(key, [])
        if not isinstance(value, list):
            raise self.fail(f"{key} must be a list")
        found = tuple(part for part in value if isinstance(part, str))
        if len(found) != len(value):
            raise self.fail(f"{key} must be a list of strings")
        return found

    def only(self, known: frozenset[str]) -> None:
        unknown = sorted(set(self.values) - known)
        if unknown:
            raise self.fail(f"unknown key {unknown[0]}")


_FEED_KEYS = frozenset(DemoFeed.__dataclass_fields__)
_ITEM_KEYS = frozenset(DemoItem.__dataclass_fields__)


def load_world(folder: Traversable | None = None) -> World:
    """Read the packaged world, or the one in `folder`; ValueError names the file and the id."""
    source = folder if folder is not None else files("app.demo").joinpath("world")
    feeds = _unique_feeds(_rows(source.joinpath(FEEDS_FILE), "feed"))
    names = sorted(
        entry.name
        for entry in source.iterdir()
        if entry.name.endswith(".toml") and entry.name != FEEDS_FILE
    )
    known = frozenset(feed.id for feed in feeds if feed.serves_items)
    items: dict[str, DemoItem] = {}
    for name in names:
        for row in _rows(source.joinpath(name), "item"):
            item = _item(row, known)
            if item.id in items:
                raise row.fail("id already used")
            items[item.id] = item
    newest_first = sorted(items.values(), key=lambda item: (item.published, item.id), reverse=True)
    return World(feeds=feeds, items=tuple(newest_first))


def _rows(file: Traversable, table: str) -> list[_Row]:
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{file.name}: {error}") from error
    rows = document.pop(table, [])
    if document or not isinstance(rows, list):
        raise ValueError(f"{file.name}: only [[{table}]] tables are expected")
    return [_Row(file.name, values) for values in rows]


def _unique_feeds(rows: list[_Row]) -> tuple[DemoFeed, ...]:
    feeds: dict[str, DemoFeed] = {}
    for row in rows:
        feed = _feed(row)
        if feed.id in feeds:
            raise row.fail("id already used")
        feeds[feed.id] = feed
    return tuple(feeds.values())


def _feed(row: _Row) -> DemoFeed:
    row.only(_FEED_KEYS)
    fault = row.chosen("fault", FAULTS, default="")
    trick = row.chosen("trick", TRICKS, default="")
    if (fault == "hostile") != bool(trick):
        raise row.fail("a trick goes with the fault 'hostile', and only with it")
    return DemoFeed(
        id=row.needed("id"),
        title=row.needed("title"),
        description=row.text("description", default=""),
        language=row.chosen("language", LANGUAGES),
        format=row.chosen("format", FORMATS),
        rights=row.chosen("rights", RIGHTS),
        reliability=row.chosen("reliability", RELIABILITIES),
        territory=row.needed("territory"),
        fault=fault,
        trick=trick,
    )


def _item(row: _Row, feeds: frozenset[str]) -> DemoItem:
    row.only(_ITEM_KEYS)
    feed = row.needed("feed")
    if feed not in feeds:
        raise row.fail(f"no feed {feed!r} that serves items")
    return DemoItem(
        id=row.needed("id"),
        feed=feed,
        story=row.text("story", default=""),
        duplicate=row.text("duplicate", default=""),
        published=row.moment("published"),
        title=row.needed("title"),
        summary=row.needed("summary"),
        body=_paragraphs(row.text("body", default="")),
        author=row.text("author", default=""),
        categories=row.texts("categories"),
    )


def _paragraphs(text: str) -> tuple[str, ...]:
    """Blank lines part paragraphs; single line ends are only there for the editor's comfort."""
    return tuple(_joined(block) for block in text.split("\n\n") if block.strip())


def _joined(text: str) -> str:
    return " ".join(text.split())
