"""WikiANN's labels put right: what stays, what becomes another kind, what is not learnt from."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.ner.passages import Corpus, read_corpus
from training.ner.wikiann import UNSURE, judged, put_right

NAMES = [
    ("Parti socialiste", "ORG", "ORG"),
    ("Ligue nationale de hockey", "ORG", "ORG"),
    ("Université de Caen", "ORG", "ORG"),
    ("Harvard Law School", "ORG", "ORG"),
    ("Commonwealth War Graves Commission", "ORG", "ORG"),
    ("Championnat de France de football", "ORG", ""),
    ("Coupe du monde 1994", "ORG", ""),
    ("Tweede Wereldoorlog", "ORG", ""),
    ("Fußball-Weltmeisterschaft 2002", "ORG", ""),
    ("Battle of the Somme", "ORG", ""),
    ("List of airports in France", "ORG", ""),
    ("Soldier of Love ( album )", "ORG", ""),
    ("2 Hearts ( chanson de Toto )", "ORG", ""),
    ("PlayStation 3", "ORG", ""),
    ("Prime Minister of Japan", "ORG", ""),
    ("composés les plus volatils", "ORG", ""),
    ("Championnat de France de Division 2", "ORG", UNSURE),
    ("équipe de France", "ORG", UNSURE),
    ("Nederlands voetbalelftal", "ORG", UNSURE),
    ("Stade de France", "ORG", "LOC"),
    ("Carnegie Hall", "ORG", "LOC"),
    ("Interstate 80", "ORG", "LOC"),
    ("Kölner Hauptbahnhof", "ORG", "LOC"),
    ("Canal+", "ORG", "ORG"),
    ("française", "LOC", ""),
    ("Amerikaanse", "LOC", ""),
    ("German", "LOC", ""),
    ("Papst", "LOC", ""),
    ("Berlin", "LOC", "LOC"),
    ("Suisse", "LOC", UNSURE),
    ("Batman", "PER", "PER"),
    ("attaquant", "PER", ""),
]


@pytest.mark.parametrize(("name", "label", "right"), NAMES)
def test_a_name_is_judged_by_its_words(name: str, label: str, right: str) -> None:
    words = ["Avec", *name.split(), "."]
    assert judged(words, (1, len(words) - 1), label) == right


MARKED = [
    ("sur l'album '' Outlandos d'Amour ''", "Outlandos d'Amour", "ORG", ""),
    ("elle pose pour '' Le Monde ''", "Le Monde", "ORG", "ORG"),
    ("le papillon '' Motacilla cinerea ''", "Motacilla cinerea", "LOC", ""),
    ("le film '' Batman ''", "Batman", "PER", UNSURE),
    ("chez ' '' Olympique de Marseille '' '", "Olympique de Marseille", "ORG", "ORG"),
]


@pytest.mark.parametrize(("text", "name", "label", "right"), MARKED)
def test_a_name_in_italics_is_a_work(text: str, name: str, label: str, right: str) -> None:
    words, sought = text.split(), name.split()
    start = next(row for row in range(len(words)) if words[row : row + len(sought)] == sought)
    assert judged(words, (start, start + len(sought)), label) == right


SENTENCES = [
    ("Dallas/B-LOC (/I-LOC Texas/I-LOC )/I-LOC gagne/O", "B-LOC O B-LOC O O"),
    ("Frisco/B-LOC ,/I-LOC Texas/I-LOC ./O", "B-LOC O B-LOC O"),
    ("Jack/B-PER Adams/I-PER (/I-PER hockey/I-PER )/I-PER", "B-PER I-PER O O O"),
    ("la/O Chambre/B-ORG (/I-ORG Éthiopie/I-ORG )/I-ORG", "O B-ORG O B-? O"),
    ("Paris/B-LOC Lyon/B-LOC", "B-LOC B-LOC"),
]


@pytest.mark.parametrize(("marked", "right"), SENTENCES)
def test_a_link_named_by_its_article_is_cut(marked: str, right: str) -> None:
    words, tags = zip(*(one.rsplit("/", 1) for one in marked.split()), strict=True)
    assert put_right(words, tags) == right.split()


def test_a_passage_keeps_what_is_not_learnt_from(tmp_path: Path) -> None:
    (tmp_path / "wikiann").mkdir()
    rows = [
        "Avec\tO",
        "l'\tO",
        "équipe\tB-ORG",
        "de\tI-ORG",
        "France\tI-ORG",
        "à\tO",
        "Lyon\tB-LOC",
    ]
    (tmp_path / "wikiann" / "train.fr.conll").write_text("\n".join([*rows, ""]), "utf-8")
    (passage,) = read_corpus(tmp_path, Corpus("wikiann", 1.0, judged=True))
    assert [passage.text[a:b] for a, b in passage.unsure] == ["équipe de France"]
    assert [(passage.text[a:b], label) for a, b, label in passage.names] == [("Lyon", "LOC")]
    (plain,) = read_corpus(tmp_path, Corpus("wikiann", 1.0))
    assert [label for _, _, label in plain.names] == ["ORG", "LOC"]
