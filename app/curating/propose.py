"""What a new source's block should say, told from its items, each with its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from pydantic import ValidationError

from app.curating.entries import Taken, words
from collectors import plain
from enrich.language import LanguageReader
from enrich.reading import Reader
from vigie.errors import CuratingError
from vigie.model import Item, Kind, Language, ReadingJob, Rights
from vigie.schema import Source
from vigie.settings import Settings

Rhythm: TypeAlias = Literal["hourly", "daily", "weekly", "monthly"]

_MOST_READ = 30  # items that are read for language and themes
_SHARE = 0.3  # of the items that a theme must be found in, two at least
_MOST_THEMES = 3
_RHYTHMS: tuple[tuple[timedelta, Rhythm], ...] = (
    (timedelta(hours=3), "hourly"),
    (timedelta(days=3), "daily"),
    (timedelta(days=14), "weekly"),
)
_COUNTRIES = ("fr", "be", "nl", "de", "lu", "ch", "uk", "eu")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the coordinator has said; the rest is proposed."""

    id: str = ""
    title: str = ""
    themes: tuple[str, ...] = ()
    rights: Rights = Rights.LINK
    editions: tuple[str, ...] = ()
    kind: Kind = Kind.FEED
    table: Mapping[str, object] | None = None  # of its kind


@dataclass(frozen=True, slots=True)
class Proposal:
    """A source's block, and why it says what it says: (key, reason) pairs."""

    source: Source
    why: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """The feed that the proposal is made from."""

    url: str
    homepage: str
    title: str
    items: Sequence[Item]


def propose(seen: Seen, wanted: Wanted, settings: Settings, taken: Taken) -> Proposal:
    """The block for a feed. Raises CuratingError on a bad wish, and ModelError."""
    table = {wanted.kind.value: wanted.table} if wanted.table else {}
    host = urlsplit(seen.url).hostname or str((wanted.table or {}).get("host", ""))
    title = wanted.title or plain.line(seen.title, 300) or host
    language = seen_language(seen.items)
    themes, why_themes = _themes(seen.items, language.code, settings)
    rhythm, why_rhythm = rhythm_of(seen.items)
    domain = host.rpartition(".")[2]
    territory = domain.upper() if domain in _COUNTRIES else "INT"
    source = _validated(
        id=wanted.id or taken.free_id(title, seen.url),
        kind=wanted.kind,
        title=title,
        url=seen.url,
        homepage=seen.homepage,
        language="" if language.code == "und" else language.code,
        territory=territory,
        themes=wanted.themes or themes,
        rights=wanted.rights,
        rhythm=rhythm,
        editions=wanted.editions,
        **table,
    )
    stated = "link, since none was stated" if wanted.rights is Rights.LINK else "as stated"
    why = (
        ("language", language.why),
        ("territory", f"{territory}, since the address ends with .{domain}"),
        ("themes", "as stated" if wanted.themes else why_themes),
        ("rights", stated),
        ("reliability", "F: cannot be judged yet"),
        ("rhythm", why_rhythm),
    )
    return Proposal(source, why)


def _validated(**values: object) -> Source:
    try:
        return Source.model_validate(values)
    except ValidationError as error:
        raise CuratingError(words(error)) from error


def seen_language(items: Sequence[Item], reader: LanguageReader | None = None) -> Language:
    """The language of the items' own words, whatever the feed declares."""
    words = [f"{item.title}. {item.summary[:200]}" for item in items[:_MOST_READ]]
    return (reader or LanguageReader()).read("\n".join(words))


def rhythm_of(items: Sequence[Item]) -> tuple[Rhythm, str]:
    """How often something new comes: the median gap between the items' dates."""
    dates = sorted({item.published for item in items if item.published})
    if len(dates) < 3:
        return "daily", "too few dated items to tell"
    gap = timedelta(seconds=median(_seconds(pair) for pair in pairwise(dates)))
    rhythm: Rhythm = next((name for most, name in _RHYTHMS if gap <= most), "monthly")
    return rhythm, f"median gap {_duration(gap)} between {len(dates)} dates"


def _seconds(pair: tuple[datetime, datetime]) -> float:
    return (pair[1] - pair[0]).total_seconds()


def _duration(gap: timedelta) -> str:
    hours = gap.total_seconds() / 3600
    return f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.1f} days"


def _themes(
    items: Sequence[Item], language: str, settings: Settings
) -> tuple[tuple[str, ...], str]:
    """The themes of the editions that the items speak of often enough."""
    read = items[:_MOST_READ]
    if not read:
        return (), "no items to read"
    used = {edition.taxonomy for edition in settings.editions}
    named = {name for edition in settings.editions for name in edition.themes}
    offered = {t.id for t in settings.themes if t.taxonomy in used or t.id in named}
    jobs = [
        ReadingJob(number, 1, item.title, item.summary, item.text, language)
        for number, item in enumerate(read)
    ]
    count = Counter(
        hit.theme
        for reading in Reader(settings).read(jobs)
        for hit in reading.themes
        if hit.theme in offered
    )
    least = max(2.0, _SHARE * len(read))
    often = [(theme, n) for theme, n in count.most_common(_MOST_THEMES) if n >= least]
    if not often:
        return (), f"no theme in as many as {least:.0f} of {len(read)} items"
    told = ", ".join(f"{theme} in {n}" for theme, n in often)
    return tuple(theme for theme, _ in often), f"{told} of {len(read)} items"
