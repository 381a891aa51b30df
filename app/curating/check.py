"""Verifying sources: each asked once, nothing stored, every answer in words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum

from app.curating import look
from app.curating.look import Look
from app.curating.propose import seen_language
from app.progress import Progress
from collectors import discover
from enrich.language import LanguageReader
from vigie.archive.moments import maybe_text, to_text
from vigie.model import FailureKind, Fetched, Kind, ParsedFeed, SourceId
from vigie.schema import Source
from vigie.settings import Settings, credential

_LEAST_SURE = 0.8  # below this a language seen is not held against the one declared
_GONE = (404, 410)
_MOST_FEEDS = 5
_MOST_NOTES = 3  # of what could not be read
_EMPTY = {
    Kind.FEED: "it is a feed, but holds no item",
    Kind.MAILBOX: "no newsletter of these senders",
    Kind.FILE: "nothing to read in it yet",
}


class Verdict(StrEnum):
    OK = "ok"
    MOVED = "moved"
    FAILED = "failed"
    NOT_A_FEED = "not a feed"


@dataclass(frozen=True, slots=True)
class Checked:
    """What one source answered."""

    source: SourceId
    url: str
    verdict: Verdict
    words: str = ""
    items: int = 0
    newest: datetime | None = None
    language: str = ""  # seen; "" where nothing could be read
    declared: str = ""  # the source's own declaration
    seconds: float = 0.0
    moved_to: str = ""
    feeds: tuple[str, ...] = ()  # found instead

    @property
    def failed(self) -> bool:
        return self.verdict in (Verdict.FAILED, Verdict.NOT_A_FEED)


def check(
    sources: Sequence[Source], settings: Settings, now: datetime, progress: Progress
) -> list[Checked]:
    """Ask every source, then look for feeds where there is none any more; in the sources' order."""
    by_id = {source.id: source for source in sources}
    limits = settings.collect.limits()
    reader = LanguageReader()
    found: dict[SourceId, Checked] = {}
    homes: dict[SourceId, str] = {}
    for seen in look.declared(sources, settings, now, progress):
        source = by_id[seen.fetched.key]
        found[source.id] = judged(source, seen, reader)
        if _lost(seen) and not found[source.id].feeds and source.homepage:
            homes[source.id] = source.homepage
    pages = {page.url: page for page in look.raw(sorted(set(homes.values())), limits)}
    for source_id, home in homes.items():
        found[source_id] = _with_home(found[source_id], pages.get(home))
    return [found.get(source.id) or _of_the_desk(source) for source in sources]


def judged(source: Source, seen: Look, reader: LanguageReader) -> Checked:
    """What an answer means for its source."""
    failure = seen.failure
    if failure is None:
        return _read(source, seen, reader)
    if source.kind is Kind.FEED and failure.kind is FailureKind.NOT_A_FEED and seen.fetched.body:
        page = discover.announced(seen.html(), seen.url)
        return Checked(
            source.id,
            source.address,
            Verdict.NOT_A_FEED,
            failure.detail,
            declared=source.language,
            seconds=seen.fetched.seconds,
            feeds=tuple(candidate.url for candidate in page.feeds[:_MOST_FEEDS]),
        )
    return Checked(
        source.id,
        source.address,
        Verdict.FAILED,
        "; ".join([failure.detail, *without_credential(source)]),
        declared=source.language,
        seconds=seen.fetched.seconds,
        moved_to=seen.fetched.moved_to,
    )


def _read(source: Source, seen: Look, reader: LanguageReader) -> Checked:
    items = seen.feed.items
    language = seen_language(items, reader) if items else None
    code = language.code if language and language.code != "und" else ""
    words = _notes(source, seen)
    if not items:
        words.append(_EMPTY.get(source.kind, "it is read, but holds no item"))
    sure = language is not None and language.confidence >= _LEAST_SURE
    if sure and source.language and code != source.language:
        words.append(f"reads as {code}, declared {source.language}")
    moved = seen.fetched.moved_to
    return Checked(
        source.id,
        source.address,
        Verdict.MOVED if moved else Verdict.OK,
        "; ".join([*([f"moved to {moved}"] if moved else []), *words]),
        len(items),
        seen.newest,
        code,
        source.language,
        seen.fetched.seconds,
        moved,
    )


def _notes(source: Source, seen: Look) -> list[str]:
    """What there is to say of an answer that could be read."""
    if source.kind is Kind.FEED:
        words = [note.reason for note in seen.feed.unparsed if note.where == "feed"]
    else:
        words = [f"{note.where}: {note.reason}" for note in seen.feed.unparsed[:_MOST_NOTES]]
        if source.kind.local:
            words.insert(0, seen.feed.title)
    if seen.listed > len(seen.feed.followed) > 0:
        words.append(f"{seen.listed} documents listed, {len(seen.feed.followed)} of them read")
    return [*words, *without_credential(source)]


def without_credential(source: Source) -> list[str]:
    """That a credential is named and not there: the answer may be for want of it."""
    if source.auth_env and not credential(source):
        return [f"no {source.auth_env} in the environment: asked without a credential"]
    return []


def _lost(seen: Look) -> bool:
    """Whether the site still answers, but not with this feed."""
    failure = seen.failure
    return failure is not None and (
        failure.kind is FailureKind.NOT_A_FEED or failure.status in _GONE
    )


def _with_home(checked: Checked, page: Fetched | None) -> Checked:
    if page is None or page.failure or not page.body:
        return checked
    seen = Look(page, ParsedFeed())
    announced = discover.announced(seen.html(), seen.url)
    urls = tuple(candidate.url for candidate in announced.feeds if candidate.url != checked.url)
    return replace(checked, feeds=urls[:_MOST_FEEDS])


def _of_the_desk(source: Source) -> Checked:
    words = "filled by the desk with what partners send in: there is nothing to ask"
    return Checked(source.id, source.address, Verdict.OK, words, declared=source.language)


def report(rows: Iterable[Checked], now: datetime) -> str:
    """The JSON report."""
    told = list(rows)
    counts = {verdict.value: sum(row.verdict is verdict for row in told) for verdict in Verdict}
    document = {
        "checked_at": to_text(now),
        "sources": len(told),
        "counts": counts,
        "results": list(_plain(told)),
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _plain(rows: Iterable[Checked]) -> Iterator[dict[str, object]]:
    for row in rows:
        yield {**asdict(row), "newest": maybe_text(row.newest), "feeds": list(row.feeds)}
