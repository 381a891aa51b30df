"""Whole texts beside each other: one text edited, one told anew, and what says something new."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from enrich.grouping import Window
from enrich.grouping.fulltexts import FullTexts, common
from enrich.vectors import GroupingVectors, TfidfEmbedder, text_of
from vigie.model import GroupingItem
from vigie.schema import Grouping

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)

TITLE = "Le port de Fécamp commande deux grues électriques à Marcelin"
LEAD = "Les engins remplaceront ceux du bassin Freycinet au printemps."
TEXT = """Le port de Fécamp a signé lundi avec la société Marcelin une commande de deux grues
électriques, pour 14 millions d'euros. Elles remplaceront au printemps les engins du bassin
Freycinet, qui datent de 1987 et tombent souvent en panne. La région Normandie paie 40 % de la
facture, le département le reste. Selon Odile Brument, directrice du port, les 62 dockers seront
formés dès janvier à Bléville. Le syndicat des dockers, par la voix de Karim Lestang, demande que
la formation soit payée et que 12 postes promis en 2024 soient pourvus. La première grue sera montée
à Dunkerque puis amenée par la mer."""
EDITED = TEXT.replace("a signé lundi", "vient de signer").replace("souvent en panne", "en panne")
CUT = TEXT[:430]
ANEW = """Deux grues électriques pour Fécamp : la commande à Marcelin vaut 14 millions d'euros,
dont 40 % à la charge de la région Normandie et le reste au département. Au bassin Freycinet, les
engins de 1987 sont à bout, reconnaît la directrice du port, Odile Brument. Une grue sera montée à
Dunkerque et amenée par la mer au printemps. Quant aux 62 dockers, leur formation commence à
Bléville en janvier ; Karim Lestang, du syndicat, veut qu'elle soit payée et rappelle les 12 postes
promis."""
NEW_FIGURES = TEXT.replace("14 millions", "19 millions").replace("62 dockers", "80 dockers")
FOLLOW_UP = """La livraison des grues de Fécamp est repoussée d'un an, dit la société Marcelin. Un
incendie a détruit mardi son atelier de Dunkerque, et la préfecture du Nord y interdit tout travail
jusqu'en mars. Le maire, Paul Hautot, parle d'un coup dur et réclame des pénalités de 300 000 euros.
Le port avait commandé deux grues électriques pour 14 millions d'euros. Elles devaient remplacer les
engins du bassin Freycinet, qui datent de 1987."""

ONE = (TITLE, LEAD, TEXT)
SAME = {
    "one text, edited, under another title": (
        (
            "Fécamp : 14 millions d'euros pour les grues du port",
            "Un marché longtemps attendu.",
            EDITED,
        )
    ),
    "one text, cut": ("Grues : Fécamp choisit Marcelin", "Deux engins au bassin Freycinet.", CUT),
    "the same told anew": ("À Fécamp, deux grues signées Marcelin", "Le port se modernise.", ANEW),
}
OTHER = {
    "a follow-up that repeats the background": (
        ("Fécamp attendra ses grues un an de plus", "L'atelier de Marcelin a brûlé.", FOLLOW_UP)
    ),
    "other figures in the same places": (
        ("Fécamp : les grues du port coûteront plus cher", "Un marché revu.", NEW_FIGURES)
    ),
    "another matter": (
        ("Une pouliche vendue cher au haras", "L'acheteur vient d'Irlande.", "Rien à voir. " * 40)
    ),
}


def groups(*told: tuple[str, str, str], one_source: bool = False) -> list[int]:
    items = [
        GroupingItem(
            n,
            "port" if one_source else f"s{n}",
            NOON + timedelta(hours=n),
            "fr",
            title,
            f"{title}\n{lead}",
            frozenset({"org:fecamp", "org:marcelin"}),
            text=text,
        )
        for n, (title, lead, text) in enumerate(told, 1)
    ]
    texts = [text_of(one.title, one.lead, "") for one in items]
    vectors = GroupingVectors(TfidfEmbedder.fit(texts)).encode(texts)
    window = Window(Grouping())
    found = [one.group for one in window.place_many(items, vectors)]
    assert all(not one.text for one in window.rows.items)  # kept packed, not twice
    return found


@pytest.mark.parametrize("name", SAME)
def test_two_publishers_whole_texts_say_the_same(name: str) -> None:
    assert groups(ONE, SAME[name]) == [1, 1]


@pytest.mark.parametrize("name", OTHER)
def test_whole_texts_say_something_new(name: str) -> None:
    assert groups(ONE, OTHER[name]) == [1, 2]


def test_whole_texts_decide_and_not_one_title() -> None:
    assert groups(ONE, (TITLE, LEAD, FOLLOW_UP)) == [1, 2]


def test_a_text_in_other_words_at_one_publisher_is_another_item() -> None:
    assert groups(ONE, SAME["the same told anew"], one_source=True) == [1, 2]


def test_a_short_text_shows_no_more_than_a_lead() -> None:
    kept = FullTexts()
    item = GroupingItem(1, "s", NOON, "fr", TITLE, LEAD, text="Deux grues pour le port.")
    assert kept.take(0, item).text == ""
    assert kept.of(0) is None
    assert kept.of(1) is None  # a row that has none


def test_a_name_that_begins_a_sentence_is_known() -> None:
    kept = FullTexts()
    item = GroupingItem(1, "s", NOON, "fr", TITLE, LEAD, text=TEXT)
    other = TEXT.replace("Selon Odile Brument, directrice", "Brument, la directrice")
    for row, text in enumerate((TEXT, other)):
        kept.take(row, replace(item, text=text))
    one, second = kept.of(0), kept.of(1)
    assert one is not None
    assert second is not None
    assert common(one, second).names[1] == 1.0
