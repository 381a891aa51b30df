"""The language of sentences and of titles, among the four and "other"."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from bench.quality.files import Data, lines, sampled, table
from bench.quality.inforce import OURS, InForce
from bench.quality.section import Sheet
from vigie.schema import LANGUAGES

LONG = 6  # words of a title from which on the bar holds
MOST = 6_000  # texts of one kind; more are sampled evenly
# What lingua may choose from: more languages cost memory and draw titles away from the four.
_LINGUA = ["FR", "NL", "DE", "EN", "ES", "IT", "PT", "CA", "DA", "SV", "PL", "RO", "AF", "LA"]

Guess = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class _Text:
    language: str
    text: str

    @property
    def words(self) -> int:
        return len(self.text.split())


def measure(data: Data, force: InForce, sheet: Sheet) -> None:
    """lid/*/*.txt (named by language) and lid/*titles*.jsonl ({lang, title})."""
    if not data.find("lid/**/*.txt", "lid/*.jsonl"):
        sheet.lacks("lid/", "no such folder, or nothing in it")
        return
    systems = _systems(force, sheet)
    kinds = sorted({path.parent for path in data.find("lid/*/*.txt")})
    titles = data.find("lid/*titles*.jsonl")
    if not titles:
        sheet.lacks("lid/*titles*.jsonl", "no such file")
    if not any(kind.name == "sentences" for kind in kinds):
        sheet.lacks("lid/sentences", "no such folder")
    with sheet.progress.stage("languages", len(kinds) + len(titles)) as advance:
        for kind in kinds:
            texts: list[_Text] = []
            for path in data.find(f"lid/{kind.name}/*.txt"):
                with sheet.reading(data.name(path)):
                    texts += [_Text(path.stem, line.strip()) for line in lines(path)]
            if texts:
                _passages(sheet, data.name(kind), sampled(texts, MOST), systems)
            advance(1)
        for path in titles:
            with sheet.reading(data.name(path)):
                shaped = table(path, lambda row: _Text(str(row["lang"]), str(row["title"])))
                _titles(sheet, data.name(path), shaped, systems)
                _declared(sheet, data.name(path), shaped, force)
            advance(1)


def _passages(
    sheet: Sheet, name: str, texts: Sequence[_Text], systems: Sequence[tuple[str, Guess]]
) -> None:
    for system, guess in systems:
        found = [guess(text.text) for text in texts]
        exact = sum(code == text.language for code, text in zip(found, texts, strict=True))
        _accuracy(sheet, (name, "all", system), texts, found)
        sheet.row(name, "all", system, "exact code", exact / len(texts), len(texts), "texts")
        by_language = name.endswith("sentences")  # single words tell little of any one language
        for language in sorted({text.language for text in texts}) if by_language else ():
            pairs = [
                pair for pair in zip(texts, found, strict=True) if pair[0].language == language
            ]
            some, codes = [text for text, _ in pairs], [code for _, code in pairs]
            _accuracy(sheet, (name, language, system), some, codes)


def _titles(
    sheet: Sheet, name: str, texts: Sequence[_Text], systems: Sequence[tuple[str, Guess]]
) -> None:
    for system, guess in systems:
        start = time.process_time()
        found = [guess(text.text) for text in texts]
        speed = len(texts) / max(1e-9, time.process_time() - start)
        sheet.row(name, "all titles", system, "texts/s", round(speed), len(texts), "texts")
        sizes: list[tuple[str, int, int]] = [("all titles", 0, 10_000)]
        sizes += [(f"{LONG} words and more", LONG, 10_000), ("1-3 words", 0, 3)]
        sizes += [("4-5 words", 4, 5), ("6-9 words", 6, 9), ("10 words and more", 10, 10_000)]
        for label, least, most in sizes:
            _slice(sheet, (name, label, system), texts, found, (least, most))
        for language in sorted({text.language for text in texts}):
            some = [text for text in texts if text.language == language]
            codes = [
                code for code, text in zip(found, texts, strict=True) if text.language == language
            ]
            where = (name, f"{language}, {LONG} words and more", system)
            _slice(sheet, where, some, codes, (LONG, 10_000))


def _slice(
    sheet: Sheet,
    where: tuple[str, str, str],
    texts: Sequence[_Text],
    found: Sequence[str],
    size: tuple[int, int],
) -> None:
    pairs = [pair for pair in zip(texts, found, strict=True) if size[0] <= pair[0].words <= size[1]]
    if pairs:
        _accuracy(sheet, where, [text for text, _ in pairs], [code for _, code in pairs])


def _declared(sheet: Sheet, name: str, texts: Sequence[_Text], force: InForce) -> None:
    """What the feed says: right in all items, or wrong in all."""
    codes = list(LANGUAGES)
    for label, step in (("declared rightly", 0), ("declared wrongly", 1)):
        found = []
        for text in texts:
            place = codes.index(text.language) if text.language in codes else 0
            said = codes[(place + step) % len(codes)]
            found.append(force.languages.read(text.text, said).code)
        _accuracy(sheet, (name, f"all titles, {label}", OURS), texts, found)
        where = (name, f"{LONG} words and more, {label}", OURS)
        _slice(sheet, where, texts, found, (LONG, 10_000))


def _accuracy(
    sheet: Sheet, where: tuple[str, str, str], texts: Sequence[_Text], found: Sequence[str]
) -> None:
    """The right one of the four, or none of them where the text is in another language."""
    right = sum(
        _of_four(code) == _of_four(text.language) for code, text in zip(found, texts, strict=True)
    )
    sheet.row(*where, "accuracy", right / len(texts), len(texts), "texts")


def _of_four(code: str) -> str:
    return code if code in LANGUAGES else "other"


def _systems(force: InForce, sheet: Sheet) -> list[tuple[str, Guess]]:
    found: list[tuple[str, Guess]] = [(OURS, lambda text: force.languages.read(text).code)]
    force.languages.read("Bonjour à tous")  # the model is loaded
    if not force.compare:
        return found
    langid: Any = import_module("py3langid.langid")
    plain = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE)
    found.append(("py3langid, all its languages", lambda text: str(plain.classify(text)[0])))
    try:
        lingua: Any = import_module("lingua")
    except ImportError:
        sheet.lacks("lingua", "lingua-language-detector is not installed")
        return found
    codes = [getattr(lingua.IsoCode639_1, code) for code in _LINGUA]
    spoken = [lingua.Language.from_iso_code_639_1(code) for code in codes]
    detector = lingua.LanguageDetectorBuilder.from_languages(*spoken).build()

    def guess(text: str) -> str:
        language = detector.detect_language_of(text)
        return language.iso_code_639_1.name.lower() if language else ""

    found.append(("lingua, 14 languages", guess))
    return found
