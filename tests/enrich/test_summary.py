"""A story in a few of its own sentences: within rights, none twice, each with its article."""

from __future__ import annotations

import pytest

from enrich.summary import Telling, split, summary
from vigie.model import Rights

CAPS = {Rights.FULL: 80, Rights.EXCERPT: 40, Rights.LINK: 0}
FIRE = "Un incendie a détruit un entrepôt du port de Rouen dans la nuit de lundi."
CAUSE = "La préfecture a ouvert une enquête sur les produits chimiques stockés."
NOBODY = "Aucun blessé n'est à déplorer, selon les pompiers de la Seine-Maritime."


def told(number: int, text: str, rights: Rights = Rights.FULL, language: str = "fr") -> Telling:
    return Telling(number, f"https://x.example/{number}", f"S{number}", language, rights, text)


def said(*tellings: Telling, sentences: int = 3) -> list[tuple[int, str]]:
    return [(one.article, one.text) for one in summary(tellings, CAPS, sentences)]


def test_sentences_come_from_several_articles_each_with_its_own() -> None:
    found = summary((told(1, FIRE), told(2, CAUSE), told(3, NOBODY)), CAPS)
    assert [one.article for one in found] == [1, 2, 3]
    assert (found[1].text, found[1].url, found[1].source) == (CAUSE, "https://x.example/2", "S2")


@pytest.mark.parametrize(
    "again",
    [
        FIRE,
        FIRE.upper(),
        "Un incendie a détruit dans la nuit de lundi un entrepôt du port de Rouen.",
        "Un incendie a détruit un entrepôt du port de Rouen dans la nuit de lundi à mardi.",
    ],
)
def test_no_sentence_stands_twice_nor_nearly_so(again: str) -> None:
    assert len(said(told(1, FIRE), told(2, again))) == 1


def test_a_link_gives_nothing_and_an_excerpt_no_more_than_its_cap() -> None:
    assert said(told(1, FIRE, Rights.LINK)) == []
    long = f"{FIRE} {CAUSE} {NOBODY} " + "Le trafic fluvial reprendra demain matin vers Paris."
    found = said(told(1, long, Rights.EXCERPT), sentences=4)
    assert sum(len(text.split()) for _, text in found) <= 40
    assert all(text in long for _, text in found)
    assert len(said(told(1, long), sentences=4)) == 4


def test_what_is_not_named_in_the_caps_is_not_quoted() -> None:
    assert summary((told(1, FIRE),), {}) == ()


@pytest.mark.parametrize(
    "text",
    [
        "Un incendie a détruit un entrepôt du port de Rouen…",
        "Un incendie a détruit un entrepôt du port de Rouen [...]",
        "Lire la suite de cet article sur notre site",
        "Trop court.",
        "Et de un, et de deux, et de trois.",
        "mot " * 80 + ".",
        "",
    ],
)
def test_what_is_cut_off_or_says_nothing_is_not_quoted(text: str) -> None:
    assert said(told(1, text)) == []


def test_a_summary_is_in_the_language_of_the_main_article() -> None:
    dutch = "Een brand heeft een loods in de haven van Rouen volledig verwoest."
    assert said(told(1, FIRE), told(2, dutch, language="nl")) == [(1, FIRE)]
    assert said(told(2, dutch, language="nl"), told(1, FIRE)) == [(2, dutch)]


def test_what_several_tell_comes_before_what_one_tells() -> None:
    aside = "Le maire de la commune voisine attend toujours sa nouvelle salle des fêtes."
    same = "Un incendie a détruit un entrepôt du port de Rouen dans la nuit de lundi à mardi."
    found = said(told(1, aside), told(2, FIRE), told(3, same), sentences=1)
    assert found[0][0] in (2, 3)


def test_the_same_articles_give_the_same_summary() -> None:
    tellings = (told(1, f"{FIRE} {CAUSE}"), told(2, NOBODY))
    assert said(*tellings) == said(*tellings)


@pytest.mark.parametrize(
    ("language", "text", "sentences"),
    [
        ("fr", "M. Dupont est venu à St. Malo. Il a parlé.", 2),
        ("fr", "Cf. art. 5 de la loi no. 12. Elle s'applique.", 2),
        ("nl", "Dhr. Jansen kwam o.a. om 8.30 u. aan. Hij zei: \u201cNee.\u201d Toen ging hij.", 3),
        ("de", "Dr. Müller kam z. B. am 3. Mai. Dann ging er.", 2),
        ("en", "Mr. Smith of the U.S. came at 8 a.m. today. He left.", 2),
        ("und", "One. Two.", 2),
        ("fr", "Un titre\nUne phrase.", 2),
    ],
)
def test_sentences_end_where_a_reader_ends_them(language: str, text: str, sentences: int) -> None:
    assert len(split(text, language)) == sentences, split(text, language)
