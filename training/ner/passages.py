"""Labelled passages, and the reading of the open sets in CoNLL columns.

A passage is a text with its names as character spans. Sets come as one token and one BIO tag a
line; they are put back into running text, because the shipped pipeline reads running text and cuts
it by its own rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from training.ner.wikiann import UNSURE, put_right

KEPT = frozenset(("PER", "LOC", "ORG"))  # MISC is trained as no name: most sets do not have it

_MARKUP = re.compile(r"'{2,}")  # bold and italic of a wiki
_NO_SPACE_BEFORE = frozenset(".,)]}…%")
_NO_SPACE_AFTER = frozenset("([{")
_ELIDED = frozenset(("l", "d", "j", "n", "s", "m", "t", "c", "qu", "jusqu", "lorsqu", "puisqu"))
_APOSTROPHES = frozenset(("'", "’"))


@dataclass(frozen=True, slots=True)
class Passage:
    """One title, sentence or paragraph with its names."""

    text: str
    language: str
    names: tuple[tuple[int, int, str], ...]  # start, end, label; in order, not overlapping
    origin: str  # the set's folder, or "ner-news/" and the kind of source
    ref: str = ""  # of a news item
    unsure: tuple[tuple[int, int], ...] = ()  # start, end of what is not learnt from


@dataclass(frozen=True, slots=True)
class Corpus:
    """One set as the recipe uses it."""

    folder: str
    share: float  # of the words seen, relative to the other sets of its group
    shortest: int = 4  # tokens
    at_most: int = 0  # tokens kept; 0: all
    judged: bool = False  # labels put right by training.ner.wikiann


# Left out for their licence: sequoia-fr and parts of fenec (LGPL-LR), german-ler (a non-commercial
# footer beside its CC BY), ehri (EUPL, a licence for programs). Left out for what they are: mobie,
# wnut17 (chat), echr-fr (only what is to be anonymised is labelled).
CORPORA = (
    Corpus("wikiann", 1.0, shortest=7, judged=True),  # shorter lines are headings and list entries
    Corpus("germeval2014", 0.45),
    Corpus("uner", 0.35),
    Corpus("wikigold", 0.30),
    Corpus("crossner", 0.20),
    Corpus("europarl-ner", 0.12),
    Corpus("btc", 0.05, shortest=8),
    Corpus("europeana", 0.04, shortest=8, at_most=30_000),
)


def read_corpus(folder: Path, corpus: Corpus) -> list[Passage]:
    """The passages of one set, all its languages and parts, in the order of its files."""
    passages: list[Passage] = []
    for path in sorted((folder / corpus.folder).glob("*.conll")):
        language = path.name.split(".")[-2]
        tokens = 0
        for said, labelled in sentences(path, marked=corpus.judged):
            right = put_right(said, labelled) if corpus.judged else labelled
            words, tags = _plain(said, right)
            if len(words) < corpus.shortest:
                continue
            tokens += len(words)
            if corpus.at_most and tokens > corpus.at_most:
                break
            passages.append(joined(words, tags, language, corpus.folder))
    return passages


def _plain(words: list[str], tags: list[str]) -> tuple[list[str], list[str]]:
    """Without the marks of a wiki."""
    kept = [row for row, word in enumerate(words) if not _MARKUP.fullmatch(word)]
    return [words[row] for row in kept], [tags[row] for row in kept]


def joined(words: list[str], tags: list[str], language: str, origin: str) -> Passage:
    """Tokens and BIO tags as running text with spans."""
    text = ""
    names: list[list[int | str]] = []
    before = ""
    quoted = False
    for word, tag in zip(words, tags, strict=True):
        if text and _spaced(before, word, quoted):
            text += " "
        if word in ('"', "``", "''"):
            quoted = not quoted
        label = tag[2:]
        if tag == "O" or not label:
            pass
        elif tag[0] == "I" and names and names[-1][2] == label and _adjoins(names[-1], text):
            names[-1][1] = len(text) + len(word)
        else:
            names.append([len(text), len(text) + len(word), label])
        text += word
        before = word
    kept = tuple(
        (int(a), int(a) + len(text[int(a) : int(b)].rstrip(',;:!?»"')), str(label))
        for a, b, label in names
        if label in KEPT
    )
    unsure = tuple((int(a), int(b)) for a, b, label in names if label == UNSURE)
    return Passage(text, language, kept, origin, unsure=unsure)


def _adjoins(name: list[int | str], text: str) -> bool:
    return not text[int(name[1]) :].strip()


def _spaced(before: str, word: str, quoted: bool) -> bool:
    if word[0] in _NO_SPACE_BEFORE or before[-1] in _NO_SPACE_AFTER:
        return False
    if word[0] in _APOSTROPHES and (len(word) > 1 or before.lower() in _ELIDED):
        return False
    if before in _APOSTROPHES or before[-1] in _APOSTROPHES:
        return before == "''" and not quoted
    if word in ('"', "''") and quoted:
        return False
    return not (before in ('"', "``") and quoted)


def sentences(path: Path, *, marked: bool = False) -> Iterator[tuple[list[str], list[str]]]:
    """Words and tags of each sentence of a file in two columns; `marked`: with a wiki's marks."""
    words: list[str] = []
    tags: list[str] = []
    for line in [*path.read_text("utf-8").split("\n"), ""]:
        if not line.strip():
            if words:
                yield words, tags
            words, tags = [], []
            continue
        word, _, tag = line.partition("\t")
        word = word.strip()
        mark = _MARKUP.fullmatch(word) and not marked
        if not word or mark or (not words and word.startswith("http")):
            continue
        words.append(word)
        tags.append(tag.strip())


def recased(passage: Passage, text: str) -> Passage:
    """The passage in another case, or as it is where the case changes its length."""
    return replace(passage, text=text) if len(text) == len(passage.text) else passage
