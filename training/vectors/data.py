"""Parallel texts in French, Dutch, German and English, set by set.

Each pair has two sides that say the same, and the English text that both mean where one is known:
the teacher knows English. Sets whose licence forbids a derived model are not read (see SETS).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Pair:
    one: str
    other: str
    english: str  # "" where none is known


@dataclass(frozen=True, slots=True)
class Set:
    """One set of the archive: how often it is drawn, and what is owed to whom."""

    name: str
    weight: float  # of all pairs that are drawn
    licence: str
    origin: str


_TATOEBA = "Tatoeba by way of manythings.org; "
_FROM = {
    "fr": "modelexlab/data@adddaf33ac35572bcfeb421efec29435e7ea9332, "
    "genimind/seq2seq@4f3f8eb0adde54fcc8b89394336b002e7961244c",
    "nl": "BMKessels/lstm_lecture@2ef6fb5a6e851a258e29f348bc8c54a4dc04a530",
    "de": "rioyshky/translation@de48b7027f7318d77010a6e08ed928c10748c23d, "
    "jhamburg/dats6450_nlp@fc38d83c4353d753fb9b34d98e945cbc5fab2811",
}
_CC_BY = "CC BY 2.0"
SETS = (
    Set("tatoeba en-fr", 3.0, _CC_BY, _TATOEBA + _FROM["fr"]),
    Set("tatoeba en-nl", 2.5, _CC_BY, _TATOEBA + _FROM["nl"]),
    Set("tatoeba en-de", 3.0, _CC_BY, _TATOEBA + _FROM["de"]),
    Set("tatoeba fr-nl", 2.5, _CC_BY, _TATOEBA + "the same, joined through English"),
    Set("tatoeba fr-de", 2.5, _CC_BY, _TATOEBA + "the same, joined through English"),
    Set("tatoeba nl-de", 2.5, _CC_BY, _TATOEBA + "the same, joined through English"),
    Set(
        "eurovoc",
        1.0,
        "reuse with source (Commission Decision 2011/833/EU)",
        "EuroVoc labels, Publications Office of the EU; "
        "bocchilorenzo/AutoEuroVoc@524be94037fb27ae0d564b8fea5e8ca2488e7c20",
    ),
    Set(
        "ud-pud",
        0.6,
        "CC BY-SA 3.0",
        "Parallel Universal Dependencies, en, fr, de; "
        "UniversalDependencies/UD_French-PUD@c245786cfb3020d43bcfc96215ae531a1b07bcbc",
    ),
    Set(
        "ep-opendata",
        0.1,
        "reuse with source (European Parliament's legal notice)",
        "titles of documents and sittings; "
        "europarl/open-data-beta-testing@6a0700279a894f28e83a9868e2ef2aa898c921ac",
    ),
    Set(
        "xquad",
        0.5,
        "CC BY-SA 4.0",
        "contexts and questions, en-de; "
        "google-deepmind/xquad@7d30520c717524000f0d9d2f9c10a069acd9d285",
    ),
    Set(
        "esco",
        1.0,
        "free reuse (Commission Decision 2011/833/EU)",
        "occupations and their descriptions, European Commission; emanuellandell/public@"
        "d2764d58d0a3a5ec5a0f5145fc6c2a72c6923d8e, "
        "threehook/esco-search@dbf363d553db6f984bd49200ae38a325989d9101",
    ),
    Set(
        "wiktionary",
        1.2,
        "CC BY-SA 3.0",
        "dictionaries drawn from the English Wiktionary by M. Buchmeier; "
        "open-dsl-dict/wiktionary-dict@74c2c11f3398606ef334dd6d0d3ecb9555a44faf",
    ),
)
WIKINEWS = Set(
    "wikinews-en",
    0.0,
    "CC BY 2.5",
    "English sentences for the teacher alone; "
    "vanatteveldt/wikinews@347254178bf343f3801aac1d03c41cc09c35decb",
)
_ASIDE = re.compile(r"\{[^}]*\}|\[[^\]]*\]|/[^/]*/|\([^)]*\)")


def pairs(root: Path) -> dict[str, list[Pair]]:
    """Every set of SETS under the unpacked archive's folder `root`."""
    found: dict[str, list[Pair]] = dict(_tatoeba(root))
    found["eurovoc"] = _rows_of_four(root / "eurovoc/id-en-fr-nl-de.tsv", 1)
    found["ud-pud"] = _rows_of_four(root / "ud-pud/en-fr-de.tsv", 0)
    found["ep-opendata"] = _rows_of_four(root / "ep-opendata/titles.en-fr-nl-de.tsv", 1)
    found["xquad"] = _rows_of_four(root / "xquad/context.en-de.tsv", 0)
    found["xquad"] += _rows_of_four(root / "xquad/question.en-de.tsv", 0)
    found["esco"] = _rows_of_four(root / "esco/occupation-descriptions.en-nl.tsv", 0)
    found["esco"] += _rows_of_four(root / "esco/occupations.uri-en-fr-nl.tsv", 1)
    found["wiktionary"] = list(_dictionaries(root / "wiktionary-dict"))
    return {one.name: found[one.name] for one in SETS}


def english(root: Path, sets: dict[str, list[Pair]]) -> list[str]:
    """Every English text that the teacher may see, in alphabetical order.

    Beside the English sides: the Parliament's vocabulary, and sentences of English news.
    """
    found = {pair.english for pairs_of_set in sets.values() for pair in pairs_of_set}
    found |= {row[3] for row in read_tsv(root / "ep-opendata/vocab.en-fr-nl-de.tsv")}
    for code in ("fr", "nl", "de"):
        found |= {row[0] for row in read_tsv(root / f"tatoeba/en-{code}.tsv")}
    for article in json.loads((root / "wikinews-en/wikinews_2019_2020.json").read_text("utf-8")):
        found.add(article["title"])
        for line in article["text"].split("\n"):
            cut = re.split(r'(?<=[.!?])\s+(?=[A-Z"])', line.strip())
            found.update(part for part in cut if 25 < len(part) < 400)
    return sorted(text for text in found if text.strip())


def read_tsv(path: Path) -> list[list[str]]:
    return [line.split("\t") for line in path.read_text("utf-8").split("\n") if line]


def _tatoeba(root: Path) -> Iterator[tuple[str, list[Pair]]]:
    english: dict[str, dict[str, str]] = {}
    for code in ("fr", "nl", "de"):
        rows = [row for row in read_tsv(root / f"tatoeba/en-{code}.tsv") if len(row) > 1]
        english[code] = {row[1]: row[0] for row in rows}
        yield f"tatoeba en-{code}", [Pair(row[0], row[1], row[0]) for row in rows]
    for one, other in combinations(("fr", "nl", "de"), 2):
        rows = [r for r in read_tsv(root / f"tatoeba/{one}-{other}.pivot.tsv") if len(r) > 1]
        yield (
            f"tatoeba {one}-{other}",
            [
                Pair(r[0], r[1], english[one].get(r[0]) or english[other].get(r[1], ""))
                for r in rows
            ],
        )


def _rows_of_four(path: Path, first: int) -> list[Pair]:
    """Each two columns from `first` on, of which the first is English."""
    found = []
    for row in read_tsv(path):
        texts = row[first : first + 4]
        for one, other in combinations(texts, 2):
            if one and other:
                found.append(Pair(one, other, texts[0]))
    return found


def _dictionaries(folder: Path) -> Iterator[Pair]:
    for name in ("en-de", "en-nl", "fr-en"):
        for line in (folder / f"{name}-enwiktionary.txt").read_text("utf-8").splitlines():
            if line.startswith("#") or "::" not in line or "SEE:" in line:
                continue
            word, meanings = (_ASIDE.sub("", part).strip() for part in line.split("::", 1))
            for meaning in [part.strip() for part in meanings.split(",")][:2]:
                plain = meaning.removeprefix("to ") if name == "fr-en" else meaning
                if word and plain and len(plain) < 60:
                    yield Pair(word, plain, "")
