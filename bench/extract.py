"""How well and how fast the text of article pages is found, beside trafilatura's own modes.

    python bench/extract.py [--data ../shared/data] [--set pages-aeb] [--each 1]

Three sets of real pages with a truth made by people, each scored as its makers do:

* pages-aeb: shingles of four words; means of precision and recall over pages, and their F1;
* pages-trafilatura: segments that must, and others that must not, be in the text;
* pages-fundus: words as a multiset, F1 of each page, the mean over pages.

All tools read a page one after the other, so that the load of the machine falls on all alike, and
each page `--rounds` times, of which the quickest counts: what a tool loads once is no page's cost.
CPU seconds are the process's own: pages per CPU second is per core. Every tool gets the page's
bytes. What each gives for its seconds:

* ours: text, title, author, date with its hour, language, paywall, reservation against mining;
* default, precision, recall: trafilatura's text alone, as `trafilatura.extract` gives it;
* with facts: trafilatura's default with its own metadata: title, author, date, categories, site.

Days and authors are compared with those that the sets state; an author is right where one word of
the name is. Where a set states none, what was found cannot be judged, and is counted apart.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import trafilatura

from collectors import pages
from vigie.model import Fetched, Page

DATA = Path(__file__).parents[2] / "shared" / "data"
_WORD = re.compile(r"\w+")
_AT = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Truth:
    """What people found on one page."""

    url: str
    file: Path
    text: str = ""
    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()
    day: str = ""
    authors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    precision: float
    recall: float
    f1: float


@dataclass(slots=True)
class Run:
    """One tool on one set."""

    pages: list[Page] = field(default_factory=list)
    seconds: float = 0.0  # CPU


def aeb(root: Path) -> Iterator[Truth]:
    known = json.loads((root / "ground-truth.json").read_text("utf-8"))
    for name, page in known.items():
        yield Truth(page.get("url") or "", root / "html" / f"{name}.html.gz", page["articleBody"])


def segments(root: Path) -> Iterator[Truth]:
    known = json.loads((root / "evaldata.json").read_text("utf-8"))
    for url, page in known.items():
        yield Truth(
            url,
            root / "html" / f"{page['file']}.gz",
            wanted=tuple(page["with"]),
            unwanted=tuple(page["without"]),
            day=page.get("date") or "",
            authors=(page["author"],) if page.get("author") else (),
        )


def fundus(root: Path) -> Iterator[Truth]:
    """A publisher's latest page goes with the latest version of its truth."""
    index = json.loads((root / "index.json").read_text("utf-8"))
    for entry in index:
        same = [one for one in index if one["truth"] == entry["truth"]]
        same.sort(key=lambda one: one["crawl_date"])
        version = entry["versions"][same.index(entry) - len(same)]
        truth = json.loads((root / entry["truth"]).read_text("utf-8"))[version]
        yield Truth(
            entry["url"],
            root / entry["file"],
            "\n".join(_paragraphs(truth["body"])),
            day=(truth.get("publishing_date") or "")[:10],
            authors=tuple(truth.get("authors") or ()),
        )


def _paragraphs(body: Any) -> Iterator[str]:
    yield from body.get("summary") or ()
    for section in body["sections"]:
        yield from section.get("headline") or ()
        yield from section["paragraphs"]


def by_shingles(texts: Sequence[str], truths: Sequence[Truth]) -> Score:
    precisions, recalls = [], []
    for text, truth in zip(texts, truths, strict=True):
        found, right = _shingles(text), _shingles(truth.text)
        both = (found & right).total()
        if found:
            precisions.append(both / found.total())
        if right:
            recalls.append(both / right.total())
    return _score(_mean(precisions), _mean(recalls))


def by_segments(texts: Sequence[str], truths: Sequence[Truth]) -> Score:
    pairs = list(zip(texts, truths, strict=True))
    right = sum(part in text for text, truth in pairs for part in truth.wanted)
    wrong = sum(part in text for text, truth in pairs for part in truth.unwanted)
    wanted = sum(len(truth.wanted) for truth in truths)
    return _score(right / max(1, right + wrong), right / max(1, wanted))


def by_words(texts: Sequence[str], truths: Sequence[Truth]) -> Score:
    scores = []
    for text, truth in zip(texts, truths, strict=True):
        found, right = Counter(_WORD.findall(text)), Counter(_WORD.findall(truth.text))
        both = (found & right).total()
        scores.append(_score(both / max(1, found.total()), both / max(1, right.total())))
    return Score(
        _mean([one.precision for one in scores]),
        _mean([one.recall for one in scores]),
        _mean([one.f1 for one in scores]),
    )


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text)
    last = max(1, len(words) - 3) if words else 0
    return Counter(tuple(words[start : start + 4]) for start in range(last))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / max(1, len(values))


def _score(precision: float, recall: float) -> Score:
    total = precision + recall
    return Score(precision, recall, 2 * precision * recall / total if total else 0.0)


Scorer = Callable[[Sequence[str], Sequence[Truth]], Score]
SETS: dict[str, tuple[Callable[[Path], Iterator[Truth]], Scorer]] = {
    "pages-aeb": (aeb, by_shingles),
    "pages-trafilatura": (segments, by_segments),
    "pages-fundus": (fundus, by_words),
}


def ours(body: bytes, url: str) -> Page:
    return pages.extract(Fetched("page", url, _AT, url, 200, body=body))


def _their(**mode: bool) -> Callable[[bytes, str], str]:
    return lambda body, url: (
        trafilatura.extract(body, url=url, include_comments=False, **mode) or ""
    )


def with_facts(body: bytes, url: str) -> Page:
    """Trafilatura's default with its own metadata, as a page of ours."""
    found = trafilatura.bare_extraction(body, url=url, include_comments=False, with_metadata=True)
    if found is None:
        return Page()
    said: str = getattr(found, "date", None) or ""
    published = datetime.fromisoformat(said).replace(tzinfo=UTC) if said else None
    author = getattr(found, "author", None) or ""
    return Page(text=getattr(found, "text", None) or "", author=author, published=published)


WHOLE: dict[str, Callable[[bytes, str], Page]] = {"ours": ours, "with facts": with_facts}
MODES = {
    "default": _their(),
    "precision": _their(favor_precision=True),
    "recall": _their(favor_recall=True),
}


def body_of(truth: Truth) -> bytes:
    body = truth.file.read_bytes()
    return gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body


def digest(truths: Sequence[Truth]) -> str:
    """The set's hash: of each page and what is true of it."""
    whole = hashlib.sha256()
    for truth in truths:
        told = (truth.url, truth.text, truth.wanted, truth.unwanted, truth.day, truth.authors)
        whole.update(hashlib.sha256(body_of(truth)).digest() + repr(told).encode())
    return whole.hexdigest()[:16]


def measure(truths: Sequence[Truth], scorer: Scorer, rounds: int) -> None:
    runs = {name: Run() for name in (*WHOLE, *MODES)}
    for number, truth in enumerate(truths):
        body = body_of(truth)
        names = list(runs)
        names = names[number % len(names) :] + names[: number % len(names)]  # each goes first
        for name in names:
            page, seconds = min(
                (_timed(name, body, truth.url) for _ in range(rounds)), key=lambda one: one[1]
            )
            runs[name].seconds += seconds
            runs[name].pages.append(page)
    slowest = runs["default"].seconds
    for name, run in runs.items():
        texts = [page.text for page in run.pages]
        score = scorer(texts, truths)
        print(
            f"  {name:<10} F1 {score.f1:.4f}  P {score.precision:.4f}  R {score.recall:.4f}"
            f"  {len(truths) / run.seconds:6.1f} pages/CPU s  {slowest / run.seconds:.2f} x default"
            f"  {sum(not text for text in texts)} without text"
        )
    for name in WHOLE:
        print(f"  {name}: {_facts(runs[name].pages, truths)}")
    spoken = sum(bool(page.language) for page in runs["ours"].pages)
    print(f"  ours: language found on {spoken} of {len(truths)}")


def _timed(name: str, body: bytes, url: str) -> tuple[Page, float]:
    start = time.process_time()
    page = WHOLE[name](body, url) if name in WHOLE else Page(text=MODES[name](body, url))
    return page, time.process_time() - start


def _facts(found: Sequence[Page], truths: Sequence[Truth]) -> str:
    pairs = list(zip(found, truths, strict=True))
    dated = [(page, truth) for page, truth in pairs if truth.day]
    days = sum(truth.day == str(page.published)[:10] for page, truth in dated)
    some_day = sum(page.published is not None for page, _ in dated)
    signed = [(page, truth) for page, truth in pairs if truth.authors]
    names = sum(
        bool(_names(page.author) & _names(" ".join(truth.authors))) for page, truth in signed
    )
    some_name = sum(bool(page.author) for page, _ in signed)
    unsigned = sum(bool(page.author) for page, truth in pairs if not truth.authors)
    return (
        f"day right on {days} of {len(dated)} that state one ({some_day} found), author on {names} "
        f"of {len(signed)} ({some_name} found), and on {unsigned} of {len(pairs) - len(signed)} "
        "that state none"
    )


def _names(text: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(text) if len(word) > 1}


def main() -> None:
    parser = argparse.ArgumentParser(description="Text of article pages, beside trafilatura's.")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--set", choices=SETS, action="append", dest="sets")
    parser.add_argument("--each", type=int, default=1, help="every so many pages only")
    parser.add_argument("--rounds", type=int, default=2, help="the quickest of so many counts")
    given = parser.parse_args()
    for name in given.sets or SETS:
        reader, scorer = SETS[name]
        truths = list(reader(given.data / name))[:: given.each]
        print(f"{name}: {len(truths)} pages, {digest(truths)}", flush=True)
        measure(truths, scorer, max(1, given.rounds))


if __name__ == "__main__":
    main()
