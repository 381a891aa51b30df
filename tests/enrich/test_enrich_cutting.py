"""Words cut, shaped and numbered as spaCy does, and the gazetteer's names among them."""

from __future__ import annotations

import random
from typing import Any

import pytest

from enrich.blank import spacy_without_torch
from enrich.cutting import Affixes, Cutter, number_of, shape_of
from enrich.stored import read
from enrich.trained import FOLDER, set_word_features
from enrich.words import fold

TEXTS = (
    "",
    " ",
    "L'élue d'Évreux, qu'on dit « prudente », a réuni 1.200 agents (dont 3/4 à temps partiel).",
    "  deux  espaces,\u00a0une insécable\tet une\nligne ",
    "De NAVO-top in Den Haag: 'n besluit... of niet?",
    "Frankreichs Häfen – Le Havre/Rouen – wachsen um 5,3%",
    "The U.K.'s ports; Dover's too… e.g. rock'n'roll",
    "🎉🎉 #Dieppe @ville https://exemple.test/a?b=c&d=e <b>!</b>",
    "mark agent number root _ X XX xXdd 'tis ''",
    "aujourd'hui…demain ...hier...",
    "e\u0301lu \u0301 İstanbul ǅ ﬁn",
    "مرفأ לה האבר 漢字",
)
SIGNS = "aéœßI\u0130\u01c5  \t\n\u00a0\u0301🎉-–—/+&:;,!?()[]«»“\"*=|<>~'’.…012XYZl d'qu'Le mark _"


@pytest.fixture(scope="module")
def nlp() -> Any:
    loaded = spacy_without_torch().load(FOLDER / "pipeline")
    set_word_features(loaded)
    return loaded


@pytest.fixture(scope="module")
def texts() -> list[str]:
    chance = random.Random(7)
    some = ["".join(chance.choices(SIGNS, k=chance.randint(1, 60))) for _ in range(400)]
    return [*TEXTS, *some]


def test_words_are_spacys(nlp: Any, texts: list[str]) -> None:
    cutter = Cutter(read(FOLDER / "pipeline").affixes)
    for text in texts:
        doc = nlp.make_doc(text)
        assert cutter.cut(text) == ([w.text for w in doc], [w.idx for w in doc]), text


def test_numbers_and_shapes_are_spacys(nlp: Any, texts: list[str]) -> None:
    for word in {word.text: word for text in texts for word in nlp.make_doc(text)}.values():
        norm = fold(word.text)
        ours = [number_of(part) for part in (norm, norm[:4], norm[-3:], shape_of(word.text))]
        assert ours == [word.norm, word.prefix, word.suffix, word.shape], word.text


def test_every_symbol_that_a_folded_word_can_be_has_spacys_number() -> None:
    symbols = spacy_without_torch().symbols.IDS
    reachable = {name for name in symbols if name == fold(name) or set(name) <= set("Xxd")}
    assert {name: number_of(name) for name in reachable} == {n: symbols[n] for n in reachable}
    assert len(reachable) > 50


def test_a_long_words_shape_is_not_looked_at() -> None:
    assert shape_of("a" * 100) == "LONG"
    assert shape_of("a" * 99) == "xxxx"


def test_an_expression_that_is_none_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        Cutter(Affixes("(", "x$", "-"))
