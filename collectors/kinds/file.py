"""A drop folder: feeds, CSV, BibTeX and RIS files that people put there.

Files are never moved, changed or deleted. What has been read is remembered by name and content, in
the cursor; a file that is still being written waits for the next poll. Each file is read apart: one
that is too much for its limits is named and left out, and the others come in. It is named again
whenever the folder changes, until it is changed or taken away.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import blake2b
from importlib import import_module
from os import stat_result
from pathlib import Path
from stat import S_ISREG
from time import monotonic

from collectors import feeds
from collectors.items import SAMPLE, Raw, build
from collectors.kinds import apart
from vigie import dates
from vigie.kinds import FileRules, folder
from vigie.model import (
    Failure,
    FailureKind,
    Fetched,
    Gathered,
    Item,
    ParsedFeed,
    PollState,
    Unparsed,
)
from vigie.schema import Source

SETTLED = 5.0  # seconds since the last change, after which a file is taken for complete
MOST_ROWS = 5_000  # entries of one file, and of one poll, which finishes the file it is at
MOST_BYTES = 10_000_000  # of one file
_BYTES_A_POLL = 20_000_000
_SECONDS_A_POLL = 8.0  # after which no further file is begun: a worker has 20
_SECONDS_A_FILE = 6.0  # together with the line above less than a worker has
_MOST_FILES = 2_000
_MOST_TOLD = 10  # files named
_DIGEST = 12  # characters of the cursor for each file
_UNSETTLED = "-"
_STILL_ILL = "could not be read when it came: change it, or take it away"
_PARTIAL = (".part", ".partial", ".tmp", ".crdownload", ".filepart", ".swp", "~")

Read = Callable[[bytes, Source, datetime], Iterator[Item | Unparsed]]


@dataclass(frozen=True, slots=True)
class _File:
    name: str  # relative to the folder
    path: Path
    stat: stat_result


@dataclass(slots=True)
class _Reading:
    """One poll's reading, as it goes."""

    known: frozenset[str]
    known_ill: frozenset[str]
    items: list[Item]
    unparsed: list[Unparsed]
    digests: list[str]
    ill: list[str]  # digests of files that were too much, and are not tried again
    size: int = 0
    complete: bool = True
    begun: float = field(default_factory=monotonic)

    @property
    def full(self) -> bool:
        late = monotonic() - self.begun > _SECONDS_A_POLL
        return late or self.size >= _BYTES_A_POLL or len(self.items) >= MOST_ROWS


def gather(source: Source, state: PollState, now: datetime) -> Gathered:
    """What the folder's new files say. `source.url` names the folder by its full path."""
    fetched = Fetched(source.id, source.url, now, etag=state.etag)
    rules = source.file or FileRules()
    root = Path(folder(source.url))
    if not root.is_dir():
        failure = Failure(FailureKind.FOLDER, "the drop folder is not there")
        return Gathered(replace(fetched, failure=failure), ParsedFeed(failure=failure))
    try:
        files = sorted(_files(root, rules.glob), key=lambda file: file.stat.st_mtime_ns)
    except OSError as error:
        failure = Failure(FailureKind.FOLDER, f"the drop folder cannot be read: {error.strerror}")
        return Gathered(replace(fetched, failure=failure), ParsedFeed(failure=failure))
    salt = repr(sorted(rules.columns.items()))  # other columns, other items: read again
    stamp = _hash(salt, *(f"{f.name}\0{f.stat.st_size}\0{f.stat.st_mtime_ns}" for f in files))
    before, known, ill = f"{state.etag}::".split(":")[:3]
    if before == stamp:
        return Gathered(fetched, ParsedFeed(unchanged=True))
    reading = _Reading(frozenset(_cut(known)), frozenset(_cut(ill)), [], [], [], [])
    if len(files) > _MOST_FILES:
        reason = f"{len(files)} files, of which the newest {_MOST_FILES} are read"
        reading.unparsed.append(Unparsed("folder", reason, b""))
    for file in files[-_MOST_FILES:]:
        _read(file, source, salt, now, reading)
    cursor = f"{stamp if reading.complete else _UNSETTLED}:{''.join(reading.digests)}"
    if reading.ill:
        cursor += f":{''.join(reading.ill)}"
    parsed = ParsedFeed(_told(files), items=tuple(reading.items), unparsed=tuple(reading.unparsed))
    return Gathered(replace(fetched, etag=cursor), parsed)


def _told(files: Sequence[_File]) -> str:
    """The folder in one line: what is in it, the newest first."""
    names = [file.name for file in reversed(files)]
    more = f" and {len(names) - _MOST_TOLD} more" if len(names) > _MOST_TOLD else ""
    noun = "file" if len(names) == 1 else "files"
    return f"{len(names)} {noun}: {', '.join(names[:_MOST_TOLD])}{more}" if names else "no file"


def _files(root: Path, glob: str) -> Iterator[_File]:
    """The folder's own files: no hidden ones, nothing half loaded, no links that lead elsewhere."""
    home = root.resolve()
    for path in root.glob(glob):
        name = path.relative_to(root).as_posix()
        hidden = any(part.startswith(".") for part in name.split("/"))
        if hidden or name.lower().endswith(_PARTIAL):
            continue
        try:
            stat = path.stat()
            if S_ISREG(stat.st_mode) and path.resolve().is_relative_to(home):
                yield _File(name, path, stat)
        except FileNotFoundError:
            continue  # gone since the folder was listed, or a link to nothing


def _read(file: _File, source: Source, salt: str, now: datetime, reading: _Reading) -> None:
    if abs(now.timestamp() - file.stat.st_mtime) < SETTLED:
        reading.complete = False
        return
    try:
        body = _body(file)
    except OSError as error:
        reason = f"cannot be read: {error.strerror or error}"
        reading.unparsed.append(Unparsed(file.name, reason, b""))
        reading.complete = False
        return
    digest = _hash(salt, file.name, str(file.stat.st_size) if body is None else body)
    if digest in reading.known_ill:
        reading.ill.append(digest)
        reading.unparsed.append(Unparsed(file.name, _STILL_ILL, b""))
        return
    if digest not in reading.known:
        if reading.full:
            reading.complete = False
            return
        if not _parse(file, body, source, now, reading):
            reading.ill.append(digest)
            return
    reading.digests.append(digest)


def _body(file: _File) -> bytes | None:
    """The file's bytes, None where they are too many."""
    if file.stat.st_size > MOST_BYTES:
        return None
    with file.path.open("rb") as stream:
        body = stream.read(MOST_BYTES + 1)
    return body if len(body) <= MOST_BYTES else None


def _parse(
    file: _File, body: bytes | None, source: Source, now: datetime, reading: _Reading
) -> bool:
    """Read one file; False where nothing at all could be read of it."""
    reader = _READERS.get(file.path.suffix.lower())
    if body is None:
        parts: Sequence[Item | Unparsed] = [Unparsed("file", f"more than {MOST_BYTES} bytes", b"")]
    elif reader is None:
        known = ", ".join(sorted(_READERS))
        parts = [Unparsed("file", f"not of a kind that is read: {known}", body[:SAMPLE])]
    else:
        reading.size += len(body)
        if needed := _MODULES.get(file.path.suffix.lower()):
            # Here, not again in the copy for each file: the module, and a language's dates.
            import_module(needed)
            dates.read("1 mai 2026", now, source.language)
        parts = _apart(reader, body, source, now)
    items = [part for part in parts if isinstance(part, Item)]
    unread = [part for part in parts if isinstance(part, Unparsed)]
    reading.items += items
    reading.unparsed += [replace(part, where=f"{file.name}, {part.where}") for part in unread]
    return bool(items) or not unread


def _apart(read: Read, body: bytes, source: Source, now: datetime) -> Sequence[Item | Unparsed]:
    try:
        return apart.read(lambda: list(read(body, source, now)), _SECONDS_A_FILE)
    except apart.TooMuchError as error:
        return [Unparsed("file", str(error), body[:SAMPLE])]


def _cut(known: str) -> Iterator[str]:
    for start in range(0, len(known), _DIGEST):
        yield known[start : start + _DIGEST]


def _hash(*parts: str | bytes) -> str:
    digest = blake2b(digest_size=_DIGEST * 3 // 4)
    for part in parts:
        data = part.encode("utf-8", "surrogateescape") if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big") + data)
    return urlsafe_b64encode(digest.digest()).decode("ascii")


# ------------------------------------------------------------------------------ kinds of file


def _feed(body: bytes, source: Source, now: datetime) -> Iterator[Item | Unparsed]:
    parsed = feeds.parse(Fetched(source.id, source.homepage, now, status=200, body=body))
    yield from parsed.items
    yield from parsed.unparsed
    if parsed.failure and not parsed.unparsed:
        yield Unparsed("file", parsed.failure.detail, body[:SAMPLE])


def _csv(body: bytes, source: Source, now: datetime) -> Iterator[Item | Unparsed]:
    from collectors import spreadsheet  # noqa: PLC0415  only folders that hold such files load it

    columns = {str(name): heading for name, heading in (source.file or FileRules()).columns.items()}
    return _built(spreadsheet.read(body, columns, now, source.language, MOST_ROWS), source, now)


def _bibtex(body: bytes, source: Source, now: datetime) -> Iterator[Item | Unparsed]:
    from collectors import references  # noqa: PLC0415  only folders that hold such files load it

    return _built(references.bibtex(body, now, MOST_ROWS), source, now)


def _ris(body: bytes, source: Source, now: datetime) -> Iterator[Item | Unparsed]:
    from collectors import references  # noqa: PLC0415  only folders that hold such files load it

    return _built(references.ris(body, now, MOST_ROWS), source, now)


def _built(
    parts: Iterable[Raw | Unparsed], source: Source, now: datetime
) -> Iterator[Item | Unparsed]:
    for number, part in enumerate(parts, 1):
        if isinstance(part, Unparsed):
            yield part
            continue
        item = build(part, source.homepage, now)
        yield item or Unparsed(f"entry {number}", "no title, link or content", b"")


_MODULES = {
    **dict.fromkeys((".csv", ".tsv"), "collectors.spreadsheet"),
    **dict.fromkeys((".bib", ".ris"), "collectors.references"),
}
_READERS: dict[str, Read] = {
    **dict.fromkeys((".xml", ".rss", ".atom", ".rdf", ".json"), _feed),
    **dict.fromkeys((".csv", ".tsv"), _csv),
    ".bib": _bibtex,
    ".ris": _ris,
}
