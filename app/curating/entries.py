"""One line of a list of sources (OPML, CSV), and the source that it makes or why it makes none."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from collectors import plain
from collectors.urls import canonical
from enrich.words import STOP, fold
from vigie.model import SourceId
from vigie.schema import Source

_LONGEST_ID = 80
_WEB_KINDS = ("", "feed", "page", "sitemap", "advisory")  # the others have no web address
_LISTS = ("themes", "editions")
_SEPARATORS = re.compile(r"[\s,;]+")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # a list is anybody's; a terminal shows it
_PLAIN_HOST = re.compile(r"^(?:www\d?|feeds?|rss|m)\.")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line as read: every field is text, "" where it says nothing."""

    place: str  # "outline 3", "row 12"
    url: str
    title: str = ""
    id: str = ""
    kind: str = ""
    homepage: str = ""
    language: str = ""
    territory: str = ""
    themes: str = ""  # ids, with a space between
    rights: str = ""
    reliability: str = ""
    rhythm: str = ""
    editions: str = ""
    active: str = ""  # "true" or "false"
    paused_until: str = ""
    note: str = ""
    more: str = ""  # JSON: what else a source of its kind says
    folders: tuple[str, ...] = ()  # the names of folders and categories it stands in


FIELDS = tuple(name for name in Entry.__dataclass_fields__ if name not in ("place", "folders"))


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that makes no source, and why."""

    place: str
    what: str  # its title or address
    why: str

    def __str__(self) -> str:
        return f"{self.place}, {self.what}: {self.why}"


@dataclass(frozen=True, slots=True)
class Listing:
    """A whole list as read."""

    entries: tuple[Entry, ...] = ()
    refused: tuple[Refusal, ...] = ()


def of_source(source: Source) -> Entry:
    """The line that says all of a source."""
    said = source.model_dump(mode="json", exclude_defaults=True)
    more = {key: value for key, value in said.items() if key not in FIELDS}
    return Entry(
        place=source.id,
        url=source.url,
        title=source.title,
        id=source.id,
        kind=source.kind.value,
        homepage=source.homepage,
        language=source.language,
        territory=source.territory,
        themes=" ".join(source.themes),
        rights=source.rights.value,
        reliability=source.reliability,
        rhythm=source.rhythm,
        editions=" ".join(source.editions),
        active="true" if source.active else "false",
        paused_until=str(source.paused_until or ""),
        note=source.note,
        more=json.dumps(more, ensure_ascii=False, sort_keys=True) if more else "",
    )


def to_source(
    entry: Entry, taken: Taken, themes: Mapping[str, str], editions: Iterable[str]
) -> Source | Refusal:
    """The source that a line makes, or why it makes none.

    `themes` are names of themes, folded, with their ids (see `theme_names`). A line without an id
    gets one from its title or host; one without themes gets those that its folders name.
    """
    what = plain.line(entry.title, 80) or entry.url[:80] or "a line without title and address"
    url = "".join(entry.url.split())
    web = entry.kind in _WEB_KINDS
    clash = (unfit(url) if web else "") or taken.clash(url, entry.id)
    if clash:
        return Refusal(entry.place, what, clash)
    values: dict[str, Any] = {
        name: text.strip()
        for name in FIELDS
        if name not in ("url", "more", *_LISTS) and (text := getattr(entry, name)).strip()
    }
    values |= {name: _names(getattr(entry, name)) for name in _LISTS if getattr(entry, name)}
    values["url"] = url
    values["title"] = _CONTROL.sub("", entry.title) if entry.id else what
    values["note"] = _CONTROL.sub("", entry.note)
    values["id"] = entry.id or taken.free_id(entry.title, url)
    if not entry.themes and not entry.id:
        values["themes"] = guessed_themes(entry.folders, themes)
    try:
        values |= json.loads(entry.more) if entry.more else {}
        source = Source.model_validate(values)
    except ValidationError as error:
        return Refusal(entry.place, what, words(error))
    except (ValueError, TypeError, RecursionError) as error:
        return Refusal(entry.place, what, f"more: not JSON of a source's fields ({error})")
    unknown = [f"no theme {name!r}" for name in source.themes if name not in themes.values()]
    unknown += [f"no edition {name!r}" for name in source.editions if name not in set(editions)]
    if unknown:
        return Refusal(entry.place, what, f"{', '.join(unknown)} in these settings")
    return source


def unfit(url: str) -> str:
    """Why an address cannot be a source's, or ""."""
    try:
        parts = urlsplit(url)
        secret = parts.username is not None or parts.password is not None
    except ValueError:
        return "not a web address"
    if not url:
        return "no address of a feed"
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        return f"not a web address: {url[:80]}"
    if secret:
        return "the address holds a name or password; these belong in the environment"
    return ""


def words(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(str(step) for step in detail['loc'])}: {detail['msg']}"
        for detail in error.errors()
    )


def _names(text: str) -> list[str]:
    return [name for name in _SEPARATORS.split(text) if name]


# ------------------------------------------------------------------------------ names in use


class Taken:
    """Ids and addresses in use, so that none is given twice. Grows as sources are `add`ed."""

    def __init__(self, sources: Iterable[tuple[SourceId, str]] = ()) -> None:
        self._ids: dict[str, str] = {}  # id: address as compared
        self._urls: dict[str, SourceId] = {}
        self._live: set[SourceId] = set()  # those of today, not of former sources
        for source, url in sources:
            self.add(source, url)

    def add(self, source: SourceId, url: str) -> None:
        self._ids[source] = same(url)
        self._live.add(source)
        if same(url):
            self._urls.setdefault(same(url), source)

    def reserve(self, source: SourceId, url: str) -> None:
        """Keep an id for the address that once had it: citations refer to both."""
        self._ids[source] = same(url)

    def clash(self, url: str, source: SourceId = "") -> str:
        """Why this address or id cannot be taken, by the name of who has it; "" if it can."""
        holder = self._urls.get(same(url))
        if holder is not None:
            return f"already there, as {holder!r}"
        if source in self._live and not same(url):
            return f"the id {source!r} is in use"
        if source in self._ids and self._ids[source] != same(url):
            return f"the id {source!r} is in use for another address"
        return ""

    def free_id(self, title: str, url: str) -> SourceId:
        """The id that the address once had, else one made from title or host that nobody has."""
        former = self._ids.items() if same(url) else ()  # what has no address is no former source
        before = next((name for name, used in former if used == same(url)), "")
        if before and same(url) not in self._urls:
            return before
        host = _PLAIN_HOST.sub("", urlsplit(url).hostname or "")
        base = slug(title) or slug(host) or "source"
        if base not in self._ids:
            return base
        numbers = (f"{base[: _LONGEST_ID - 5]}-{n}" for n in range(2, 9999))
        return next(name for name in numbers if name not in self._ids)


def same(url: str) -> str:
    """What two addresses of one feed have alike: scheme and last slash do not count."""
    return canonical(url).partition("://")[2].rstrip("/")


def slug(text: str) -> str:
    """Small letters, digits and hyphens, cut at a word's end."""
    words = _NOT_SLUG.sub("-", fold(text)).strip("-")
    if len(words) > _LONGEST_ID:
        words = words[:_LONGEST_ID].rpartition("-")[0] or words[:_LONGEST_ID]
    return words.strip("-")


# ----------------------------------------------------------------------------- themes by name


def theme_names(themes: Iterable[tuple[str, Sequence[str]]]) -> dict[str, str]:
    """Every name of every theme, folded, with the theme's id: (id, labels) pairs come in."""
    names: dict[str, str] = {}
    for theme, labels in themes:
        for name in (theme, *labels):
            names.setdefault(_folded(name), theme)
    return names


def guessed_themes(folders: Iterable[str], themes: Mapping[str, str]) -> list[str]:
    """The themes that folders' names mean: by the theme's name, else by all the words of it."""
    found: dict[str, None] = {}
    for folder in folders:
        name = _folded(folder)
        theme = themes.get(name) or next(
            (theme for known, theme in themes.items() if _alike(name, known)), None
        )
        if theme:
            found.setdefault(theme)
    return list(found)


def _folded(name: str) -> str:
    return _NOT_SLUG.sub(" ", fold(name)).strip()


def _alike(name: str, known: str) -> bool:
    """Whether each word of a theme's name has its like here, as "cyber" has in "cybersecurity"."""
    words = [word for word in known.split() if word not in STOP]
    return bool(words) and all(
        any(len(word) >= 5 and mine.startswith(word) for mine in name.split()) for word in words
    )
