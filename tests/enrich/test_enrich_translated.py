"""Accounts in two languages that share no name: what the words that translate each other do."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from enrich.grouping import Window
from enrich.grouping.translated import Translator
from enrich.models.static import shipped_vectors
from enrich.vectors import GroupingVectors, TfidfEmbedder, text_of
from vigie.model import GroupingItem, Placement
from vigie.schema import Grouping

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
OTHERS = (
    ("Le musée rouvre ses salles de peinture", "Les travaux ont duré deux hivers."),
    ("Un potager sur le toit de la gare", "Des bénévoles y sèment des radis."),
    ("De bibliotheek blijft op zondag open", "Lezers vroegen er al lang om."),
    ("Nieuwe banken op het plein", "Ze zijn van hout uit de streek."),
    ("Une chorale chante pour les pompiers", "La recette paie une échelle."),
    ("De bakker verhuist naar de overkant", "De oven bleef in het oude pand."),
)
CHEESE = "Le beurre et le fromage de la vallée sous un même label"
IN_DUTCH = ("Boter en kaas uit de vallei krijgen een label", "De makers vroegen er al om.")


def placed(
    *items: tuple[str, str, str], words: bool = True, others: Sequence[tuple[str, str]] = OTHERS
) -> list[Placement]:
    """Items, each a language, a title and a summary, placed after the others, an hour apart."""
    every = [("xx", *other) for other in others] + list(items)
    texts = [text_of(title, summary, "") for _, title, summary in every]
    vectors = GroupingVectors(TfidfEmbedder.fit(texts)).encode(texts)
    window = Window(Grouping(), words=shipped_vectors() if words else None)
    found = [
        window.place(
            GroupingItem(
                number,
                f"source-{number}",
                NOON + timedelta(hours=number / len(every)),
                language,
                title,
                f"{title}\n{summary}".strip(),
                frozenset(),
            ),
            vector,
        )
        for number, ((language, title, summary), vector) in enumerate(
            zip(every, vectors, strict=True), start=1
        )
    ]
    return found[len(others) :]


def test_a_title_alone_meets_an_account_in_another_language() -> None:
    first, second = placed(("fr", CHEESE, ""), ("nl", *IN_DUTCH))
    assert second.story == first.story, second.story_why
    assert second.group == second.article
    assert "kaas = fromage" in second.story_why
    assert "boter = beurre" in second.story_why


def test_without_vectors_of_words_it_does_not() -> None:
    first, second = placed(("fr", CHEESE, ""), ("nl", *IN_DUTCH), words=False)
    assert second.story != first.story


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("Le fromage préféré de nos lecteurs", ("Kaas op school?", "De koks aarzelen nog.")),
        ("Cinq fromages à goûter", ("Vijf soorten kaas", "De keuze van onze keurders.")),
        ("Le lait, la bière et le film", ("Melk, bier en een film", "Zo was de avond.")),
    ],
    ids=["one word", "a word and a number", "everyday words"],
)
def test_two_rarer_words_are_asked_for(title: str, other: tuple[str, str]) -> None:
    first, second = placed(("fr", title, ""), ("nl", *other))
    assert second.story != first.story, second.story_why


def test_words_that_many_items_have_do_not_count() -> None:
    fair = [(f"Stand {n} : du fromage, du beurre", f"Allée {n}, label {n}.") for n in range(10)]
    first, second = placed(("fr", CHEESE, ""), ("nl", *IN_DUTCH), others=(*OTHERS, *fair))
    assert second.story != first.story, second.story_why


def test_words_of_one_language_are_not_translated() -> None:
    _, second = placed(("fr", CHEESE, ""), ("fr", "Du beurre et du fromage sous un label", ""))
    assert " = " not in second.story_why


def test_a_vector_found_once_is_not_asked_for_again_until_the_room_is_full() -> None:
    asked: list[str] = []

    class Letters:
        def encode(self, texts: Sequence[str]) -> np.ndarray:
            asked.extend(texts)
            return np.array([[float(ord(word[0])), 1.0] for word in texts], dtype=np.float32)

        def everyday(self, words: Sequence[str]) -> np.ndarray:
            return np.zeros(len(words), dtype=np.bool_)

    names = [chr(97 + n) * 3 for n in range(6)]
    translator = Translator(Letters(), room=4)
    for keys in ([0, 1, 2], [2, 1, 1], [3], [4, 5, 0]):
        wanted = np.array(keys, dtype=np.int32)
        vectors = translator.vectors(translator.places(wanted, names))
        assert vectors[:, 0].tolist() == [97.0 + key for key in keys]
    assert asked == [names[key] for key in (0, 1, 2, 3, 0, 4, 5)]
