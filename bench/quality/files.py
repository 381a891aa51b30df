"""The data folder: which files there are, and what stands in them, as typed rows.

A file that is not what its name says raises BadFile with the line; nothing else of it is used.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import lzma
import re
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from vigie.schema import LANGUAGES

_LANGUAGE = re.compile(r"(?:^|[-_.])([a-z]{2,3})(?=[-_.]|$)")
_THREE = {"fra": "fr", "fre": "fr", "nld": "nl", "dut": "nl", "deu": "de", "ger": "de", "eng": "en"}
_UNREADABLE = (OSError, EOFError, UnicodeDecodeError, zlib.error, lzma.LZMAError, tarfile.TarError)
_MISSHAPEN = (KeyError, TypeError, ValueError, IndexError, AttributeError)


T = TypeVar("T")


class BadFile(Exception):  # noqa: N818  # it names the thing, as the report does
    """A file that is there and cannot be used; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Data:
    """A folder of data, of the layout that the module's parts know by patterns."""

    root: Path

    def find(self, *patterns: str) -> list[Path]:
        """Files that match, each once, in the order of their names; README files are no data."""
        found = {path for pattern in patterns for path in self.root.glob(pattern)}
        return sorted(
            path for path in found if path.is_file() and not path.name.startswith(("README", "."))
        )

    def name(self, path: Path) -> str:
        """How reports name a file: relative to the folder."""
        return path.relative_to(self.root).as_posix()


def digest(path: Path) -> str:
    """SHA-256 of a file's bytes. Raises BadFile."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BadFile(_said(error)) from error


def language_of(name: str) -> str:
    """The language that a file's name tells ("stsb-fr-dev.csv", "enp_DE.lft", "eng"), or ""."""
    for match in _LANGUAGE.finditer(name.lower()):
        code = _THREE.get(match[1], match[1])
        if code in LANGUAGES:
            return code
    return ""


def sampled(rows: Sequence[T], most: int) -> list[T]:
    """At most so many rows, evenly spaced: the same ones in every run."""
    if len(rows) <= most:
        return list(rows)
    return [rows[place * len(rows) // most] for place in range(most)]


def text(path: Path) -> str:
    """A UTF-8 text, unpacked where the name ends in .gz. Raises BadFile."""
    try:
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        return data.decode("utf-8-sig")
    except _UNREADABLE as error:
        raise BadFile(_said(error)) from error


def lines(path: Path) -> list[str]:
    """The lines that are not empty, in order. Raises BadFile."""
    return [line for line in text(path).split("\n") if line.strip()]


def table(path: Path, shape: Callable[[Any], T]) -> list[T]:
    """JSON lines, each through `shape`. Raises BadFile with the number of the first bad line."""
    found = []
    for number, line in enumerate(text(path).split("\n"), 1):
        if line.strip():
            with _line(number):
                found.append(shape(json.loads(line)))
    return _some(found)


def listed(path: Path, key: str, shape: Callable[[Any], T]) -> list[T]:
    """A JSON list, or the list under `key` of a JSON object. Raises BadFile."""
    content = document(path)
    rows = content.get(key) if isinstance(content, dict) else content
    if not isinstance(rows, list):
        raise BadFile(f"neither a list nor an object with a list {key!r}")
    found = []
    for number, row in enumerate(rows, 1):
        try:
            found.append(shape(row))
        except _MISSHAPEN as error:
            raise BadFile(f"entry {number}: {_said(error)}") from error
    return _some(found)


def document(path: Path) -> Any:
    """A JSON document. Raises BadFile."""
    try:
        return json.loads(text(path))
    except ValueError as error:
        raise BadFile(f"not JSON: {error}") from error


def cells(path: Path) -> list[list[str]]:
    """The rows of a CSV file. Raises BadFile."""
    try:
        return _some([row for row in csv.reader(io.StringIO(text(path), newline="")) if row])
    except csv.Error as error:
        raise BadFile(f"not CSV: {error}") from error


def packed(path: Path, ending: str) -> str:
    """The one text of a .tar.xz whose name ends so. Raises BadFile, LookupError for none."""
    try:
        with tarfile.open(path, "r|*") as archive:
            for member in archive:
                if member.isfile() and member.name.endswith(ending):
                    file = archive.extractfile(member)
                    return file.read().decode("utf-8") if file else ""
    except _UNREADABLE as error:
        raise BadFile(_said(error)) from error
    raise LookupError(ending)


# ------------------------------------------------------------------------------------- shapes


@dataclass(frozen=True, slots=True)
class Span:
    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True)
class Annotated:
    """A text with its names. `text`: title, newline and summary, or one passage."""

    language: str
    text: str
    spans: frozenset[Span]


def annotated(path: Path) -> list[Annotated]:
    """Gold names: {lang, text, entities: [[start, end, label]]} a line. Raises BadFile."""

    def shape(row: Any) -> Annotated:
        spans = [Span(int(start), int(end), str(label)) for start, end, label in row["entities"]]
        size = len(row["text"])
        for span in spans:
            if not 0 <= span.start < span.end <= size:
                raise ValueError(f"a span from {span.start} to {span.end} in {size} characters")
        return Annotated(str(row["lang"]), str(row["text"]), frozenset(spans))

    return table(path, shape)


def tagged(path: Path) -> list[Annotated]:
    """Token, tab, BIO tag; an empty line between sentences. Words are joined by one space.

    Also read: I- without B-, further columns, comments, tags in lower case. Raises BadFile.
    """
    language = language_of(path.name)
    found: list[Annotated] = []
    sentence: list[tuple[str, str]] = []
    for number, line in enumerate([*text(path).split("\n"), ""], 1):
        columns = line.rstrip("\r").split("\t")
        if line.startswith("#") and len(columns) < 2:
            continue
        if not columns[0].strip():
            if sentence:
                found.append(_joined(language, sentence))
                sentence = []
        elif columns[0] == "TOKEN":  # a heading, as HIPE's tables have
            continue
        elif len(columns) < 2:
            raise BadFile(f"line {number}: no tab between token and tag")
        else:
            sentence.append((columns[0].strip(), columns[1].strip()))
    return _some(found)


_LABELS = {"PERS": "PER", "PERSON": "PER", "GPE": "LOC", "LOCATION": "LOC", "ORGANIZATION": "ORG"}


def _joined(language: str, sentence: Iterable[tuple[str, str]]) -> Annotated:
    words: list[str] = []
    spans: list[Span] = []
    at, before = 0, "O"
    for word, tag in sentence:
        kind, _, raw = tag.upper().partition("-")
        label = _LABELS.get(raw, raw)
        if label and kind in "BI":
            if kind == "I" and before == label and spans:
                spans[-1] = Span(spans[-1].start, at + len(word), label)
            else:
                spans.append(Span(at, at + len(word), label))
        before = label if kind in "BI" else "O"
        words.append(word)
        at += len(word) + 1
    return Annotated(language, " ".join(words), frozenset(spans))


@dataclass(frozen=True, slots=True)
class Pressed:
    """An item of a feed; `story` and `near_dup` where it is labelled."""

    id: str
    publisher: str
    published: str
    url: str
    title: str
    summary: str
    story: str = ""
    near_dup: str = ""
    kind: str = ""  # of the near-duplicate: text, wire, retold
    hard: bool = False
    hard_on: frozenset[str] | None = None  # None: the file does not say
    known: bool = False  # seen in the development window too: not scored


def pressed(path: Path, *, gold: bool) -> list[Pressed]:
    """Feed items, with labels where `gold`. Raises BadFile."""

    def shape(row: Any) -> Pressed:
        hard_on = row.get("hard_on")
        return Pressed(
            id=str(row["id"]),
            publisher=str(row.get("publisher") or row.get("site") or ""),
            published=str(row.get("published") or row.get("first_seen") or ""),
            url=str(row["url"]),
            title=str(row["title"] or ""),
            summary=str(row["description"] or ""),
            story=str(row["story"]) if gold else "",
            near_dup=str(row["near_dup"]) if gold else "",
            kind=str(row.get("nd_kind") or ""),
            hard=bool(row.get("hard")),
            hard_on=None if hard_on is None else frozenset(map(str, hard_on)),
            known=bool(row.get("url_in_dev")),
        )

    return table(path, shape)


# -------------------------------------------------------------------------------------- parts


class _line:  # noqa: N801  # a context manager that reads as a word
    def __init__(self, number: int) -> None:
        self._number = number

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, _MISSHAPEN):
            raise BadFile(f"line {self._number}: {_said(error)}") from error


def _some(found: list[T]) -> list[T]:
    if not found:
        raise BadFile("nothing in it")
    return found


def _said(error: BaseException) -> str:
    """The error in a line, without the path of the machine."""
    if isinstance(error, KeyError):
        return f"no field {error.args[0]!r}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    first = (str(error).strip() or type(error).__name__).splitlines()[0]
    return f"{type(error).__name__}: {first}"[:200]


def each(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Batches of `size`."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
