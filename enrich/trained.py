"""Trained spaCy pipelines: the one shipped with Vigie, and any that is installed.

The shipped one stands in enrich/models/entities: a spaCy pipeline with weights of 16 bits, the list
of names that it sees, and its card with the hash of each file. What differs from its hash is
refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from enrich.blank import spacy_without_torch
from enrich.models.shipped import VIGIE, folder_of, verified_once
from enrich.names import NameList
from enrich.network import Name, NameNetwork
from enrich.stored import Stored, read
from enrich.words import fold, without_controls
from vigie.errors import ModelError

FOLDER = folder_of("entities")

LABELS = {
    "PER": "PER", "PERSON": "PER", "PERS": "PER",
    "LOC": "LOC", "GPE": "LOC", "FAC": "LOC",
    "ORG": "ORG", "NORP": "MISC", "MISC": "MISC", "EVENT": "MISC", "PRODUCT": "MISC",
    "LAW": "MISC", "WORK_OF_ART": "MISC",
}  # fmt: skip

_LONGEST = 4_000  # characters read at once: a name never runs across a paragraph
_BATCH = 10_000  # characters given to the network together: what a processor's cache can hold
_NO_WORD = re.compile(r"\S{120,}")  # data: an address, a key, base64
_WORDS = re.compile(r"[^\W_](?:.*[\w.!)+])?", re.DOTALL)  # a name begins and ends in words
_NOT_ELIDED = r"(?!(?<=^[ldjnsmtcLDJNSMTC])['’]$|(?<=^[qQ]u)['’]$)"
_WORDS_TO_SHOUT = 3  # fewer in capitals may be acronyms


@dataclass(frozen=True, slots=True)
class Found:
    """One name: characters of the text, and the label in Vigie's own four."""

    start: int
    end: int
    label: str


class TrainedReader:
    """One pipeline, by its name or path, or the shipped one. Loaded when first needed."""

    def __init__(self, name: str, folder: Path = FOLDER) -> None:
        self.name = name
        self._folder = folder

    @cached_property
    def _pipeline(self) -> NameNetwork | _Installed:
        return _shipped(self._folder) if self.name == VIGIE else _Installed(self.name)

    @cached_property
    def revision(self) -> str:
        """The shipped model's revision, or the pipeline's language, name and version.

        Raises ModelError.
        """
        pipeline = None if self.name == VIGIE else self._pipeline
        if isinstance(pipeline, _Installed):
            return pipeline.revision
        return verified_once(self._folder).revision

    def load(self) -> None:
        """Load it now. Raises ModelError."""
        _ = self._pipeline

    def read(self, texts: Sequence[str]) -> list[tuple[Found, ...]]:
        """The names of each text, in their order. Raises ModelError where it cannot be loaded.

        Paragraphs are read apart, alike lengths together; the result is that of each text alone.
        """
        pieces = [
            (row, start, piece)
            for row, text in enumerate(texts)
            for start, piece in _paragraphs(_readable(text))
        ]
        pieces.sort(key=lambda piece: len(piece[2]))
        found: list[list[Found]] = [[] for _ in texts]
        for batch in _batches(pieces):
            read = self._pipeline.find([_as_written(piece) for _, _, piece in batch])
            for (row, start, piece), names in zip(batch, read, strict=True):
                found[row] += _names(names, piece, start)
        return [tuple(sorted(names, key=lambda name: name.start)) for names in found]


def set_word_features(nlp: Any) -> None:
    """What the shipped pipeline sees of a word beside its shape: folded, of both its ends.

    Accents and capitals, which titles often lack, then change the shape only. Must be set before
    the pipeline sees its first word.
    """
    attrs = spacy_without_torch().attrs
    getters = nlp.vocab.lex_attr_getters
    getters[attrs.NORM] = fold
    getters[attrs.PREFIX] = lambda word: fold(word)[:4]
    getters[attrs.SUFFIX] = lambda word: fold(word)[-3:]


def keeping_elided(stored: Stored) -> Stored:
    """An article that a space parts from its noun (`l' Escaut`) is one word, as in `l'Escaut`."""
    affixes = replace(stored.affixes, suffix=_NOT_ELIDED + stored.affixes.suffix)
    return replace(stored, affixes=affixes)


# ----------------------------------------------------------------------------------- loading


def _shipped(folder: Path) -> NameNetwork:
    verified_once(folder)
    try:
        stored = keeping_elided(read(folder / "pipeline"))
        return NameNetwork(stored, NameList.load(folder / "names.npz"))
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(
            f"the entity model in {folder} cannot be used: this Vigie cannot read it "
            f"({_first(error)}). Install Vigie again, or set models.entities = 'gazetteer'"
        ) from error


class _Installed:
    """A pipeline of the reader's own, run as spaCy runs it."""

    def __init__(self, name: str) -> None:
        spacy = spacy_without_torch()
        try:
            self._nlp = spacy.load(name)
        except Exception as error:
            raise ModelError(
                f"models.entities names the spaCy pipeline {name!r}, which cannot be loaded "
                f"({_first(error)}). Install it (`python -m spacy download {name}`), or give the "
                f"path of a folder that holds it, or set models.entities = 'vigie' or 'gazetteer'"
            ) from error
        meta = self._nlp.meta
        self.revision = f"{meta.get('lang')}_{meta.get('name')}-{meta.get('version')}"

    def find(self, texts: Sequence[str]) -> list[list[Name]]:
        """The names of each text, as characters."""
        docs = self._nlp.pipe(texts, batch_size=len(texts))
        return [[(one.start_char, one.end_char, one.label_) for one in doc.ents] for doc in docs]


def _first(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:300]


# ----------------------------------------------------------------------------------- reading


def _paragraphs(text: str) -> Iterator[tuple[int, str]]:
    """Each line of the text with its offset, cut at a space where it is very long."""
    start = 0
    for line in text.split("\n"):
        place = 0
        while place < len(line):
            end = min(len(line), place + _LONGEST)
            if end < len(line):
                end = max(line.rfind(" ", place, end), place) or end
                end = end if end > place else place + _LONGEST
            piece = line[place:end]
            if len(piece.strip()) > 1:  # one sign alone is no name
                yield start + place, piece
            place = end
        start += len(line) + 1


def _batches(
    pieces: Sequence[tuple[int, int, str]],
) -> Iterator[list[tuple[int, int, str]]]:
    batch: list[tuple[int, int, str]] = []
    size = 0
    for piece in pieces:
        if batch and size + len(piece[2]) > _BATCH:
            yield batch
            batch, size = [], 0
        batch.append(piece)
        size += len(piece[2])
    if batch:
        yield batch


def _readable(text: str) -> str:
    """The text with blanks for what is no word; offsets stay true."""
    return _NO_WORD.sub(lambda match: " " * len(match[0]), without_controls(text))


def _as_written(text: str) -> str:
    """The text in small letters where all are capitals, which say no more; offsets stay true."""
    if text.isupper() and len(text.split()) >= _WORDS_TO_SHOUT:
        small = text.lower()
        return small if len(small) == len(text) else text
    return text


def _names(names: Sequence[Name], text: str, offset: int) -> Iterator[Found]:
    for start, end, said in names:
        label = LABELS.get(said)
        word = _WORDS.search(text, start, end)
        figure = word is not None and label == "PER" and word[0][0].isdigit()  # 26°C is nobody
        if label and word and not figure:
            yield Found(offset + word.start(), offset + word.end(), label)
