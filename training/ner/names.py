"""The list of names that the model sees, from WikiANN, the gazetteer and lists of places in CC0."""

from __future__ import annotations

import csv
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from enrich.blank import spacy_without_torch
from enrich.names import LOC, LONGEST, ORG, PER, Codes, NameList, Run, key_of
from enrich.words import STOP
from training.ner.passages import Corpus, Passage, read_corpus
from vigie.schema import Entity

KIND = {"PER": PER, "LOC": LOC, "ORG": ORG}
ORIGIN = "wikiann"  # the set whose own names the list holds
LISTED = 3  # a name of a list counts as one of so many passages
RARE = 0.2  # a kind that fewer of a name's passages have is a mistake
SHORTEST = 3  # letters of a name of one word
OFTEN = 5  # passages that must say a name before it is called a common word
COMMON = 0.2  # of those that say it, labelled in fewer
SURE = 0.4  # labelled in as many: where it is not, the label was forgotten

Counts = dict[int, Counter[str]]


class Names:
    """Counts of the names by kind. A passage that gave names may be read without them."""

    def __init__(self, nlp: Any, data: Path, gazetteer: Path) -> None:
        self._nlp = nlp
        self._norm = spacy_without_torch().attrs.NORM
        self._counts: Counts = {}
        passages = read_corpus(data, Corpus(ORIGIN, 1.0, shortest=1, judged=True))
        labelled: Counter[int] = Counter()
        for passage in passages:
            for key, label in self.own(passage):
                self._counts.setdefault(key, Counter())[label] += 1
                labelled[key] += 1
        self.list = self._list()
        said = Counter(run.key for passage in passages for run in self._all(passage))
        # `Bundesstaat` was a link now and then, but it is no name.
        for key, times in said.items():
            if times >= OFTEN and labelled[key] < COMMON * times:
                del self._counts[key]
        self.sure = {key for key in self._counts if labelled[key] >= SURE * said[key]}
        for name, label in (*_gazetteer(gazetteer), *_places(data)):
            if key := self._key(name):
                self._counts.setdefault(key, Counter())[label] += LISTED
        self.list = self._list()

    def _all(self, passage: Passage) -> list[Run]:
        doc = self._nlp.make_doc(passage.text)
        return self.list.runs(doc.to_array(self._norm)) if len(doc) else []

    def runs(self, passage: Passage, norms: Codes) -> list[Run]:
        """Names in the passage that other passages, or the lists, know too."""
        runs = self.list.runs(norms)
        if passage.origin != ORIGIN or not runs:
            return runs
        own: dict[int, list[str]] = {}
        for key, label in self.own(passage):
            own.setdefault(key, []).append(label)
        kept = []
        for run in runs:
            if run.key not in own:
                kept.append(run)
            elif kinds := _kinds(self._counts[run.key] - Counter(own[run.key])):
                kept.append(Run(run.start, run.end, run.key, kinds))
        return kept

    def own(self, passage: Passage) -> set[tuple[int, str]]:
        """Keys and labels of the passage's names."""
        names = {(passage.text[a:b], label) for a, b, label in passage.names if label in KIND}
        return {(key, label) for name, label in names if (key := self._key(name))}

    def _key(self, name: str) -> int:
        doc = self._nlp.make_doc(name)
        plain = len(doc) == 1 and (len(name) < SHORTEST or name.lower() in STOP)
        if not 0 < len(doc) <= LONGEST or plain or name.isdigit():
            return 0
        return key_of(doc.to_array(self._norm))

    def _list(self) -> NameList:
        kinds = {key: _kinds(count) for key, count in self._counts.items()}
        keys = np.array(sorted(key for key, kind in kinds.items() if kind), dtype=np.uint32)
        return NameList(keys, np.array([kinds[int(key)] for key in keys], dtype=np.uint8))


def _kinds(counts: Mapping[str, int]) -> int:
    total = sum(counts.values())
    least = max(1, RARE * total)
    return sum(KIND[label] for label, count in counts.items() if count >= least)


def _gazetteer(path: Path) -> Iterable[tuple[str, str]]:
    for row in tomllib.loads(path.read_text("utf-8"))["entity"]:
        entity = Entity(**row)
        if entity.label in KIND:
            for name in {entity.name, *entity.names.values(), *entity.aliases}:
                yield name, entity.label


def _places(data: Path) -> Iterable[tuple[str, str]]:
    """Towns of Natural Earth (CC0) in their languages."""
    folder = data / "gazetteer"
    with (folder / "natural-earth-places.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            spelt = (row[code] for code in ("name", "en", "fr", "nl", "de"))
            yield from ((name, "LOC") for name in spelt if name)
