"""Themes on labelled news: prototypes alone, then with 50 and 200 labelled examples.

This measures the vectors in force with the plainest classifiers there are: the nearest prototype
(a short description of the category, in the language of the set), and logistic regression on the
vectors. Where `enrich` has a theme model of its own, `measure` is the one function to replace.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.quality.files import Data, language_of, sampled, table
from bench.quality.inforce import MINILM, NO_MINILM, InForce, minilm
from bench.quality.section import Sheet
from bench.quality.theme_signals import measure_topics
from enrich.vectors import Embedder, Matrix, text_of

MOST = 2_000  # items of one file; more are sampled evenly
EXAMPLES = (50, 200)
_SIGNALS = "vigie's theme signals"
_DRAWS = 5  # training sets drawn for each size: one alone moves by several points
_SEED = 20_261_121
_LEFT = 100  # items that must be left to test on

# What a coordinator would write of a theme. Keys are folded parts of the sets' category names.
_WORDS: Mapping[str, Mapping[str, str]] = {
    "fr": {
        "environ": "environnement, climat, science, recherche, espèces, énergie, espace",
        "cultur": "culture, cinéma, musique, livres, théâtre, exposition, festival, artiste",
        "econ": "économie, entreprises, emploi, croissance, banque, budget, bourse, inflation",
        "business": "économie, entreprises, commerce, marché, emploi, croissance, banque, prix",
        "politi": "politique, gouvernement, ministre, président, élection, parti, parlement, vote",
        "sport": "sport, football, match, équipe, joueur, championnat, coupe, victoire, entraîneur",
        "health": "santé, maladie, médecin, hôpital, vaccin, virus, traitement, patients",
        "sante": "santé, maladie, médecin, hôpital, vaccin, virus, traitement, patients",
        "techno": "technologie, numérique, internet, téléphone, logiciel, intelligence",
        "science": "science, technologie, numérique, espace, recherche, smartphone, jeu vidéo",
        "divertiss": "divertissement, télévision, cinéma, musique, célébrités, série, émission",
        "international": "international, guerre, étranger, pays, diplomatie, armée, Nations unies",
        "france": "France, faits divers, police, justice, société, école, villes",
        "homepage": "à la une, actualité du jour",
        "religi": "religion, église, mosquée, foi, prière, pape, imam",
    },
    "de": {
        "panorama": "Panorama, Unglück, Polizei, Unfall, Kriminalität, Gericht, Wetter, Menschen",
        "web": "Internet, Computer, Smartphone, Software, Google, Apple, Facebook, Datenschutz",
        "wirtschaft": "Wirtschaft, Unternehmen, Bank, Börse, Umsatz, Gewinn, Arbeitsplätze, Euro",
        "international": "International, Ausland, Krieg, Präsident, Außenminister, Armee, UNO, USA",
        "inland": "Inland, Österreich, Regierung, Minister, Partei, ÖVP, SPÖ, FPÖ, Nationalrat",
        "sport": "Sport, Fußball, Spiel, Trainer, Mannschaft, Sieg, Tor, Meisterschaft, Rennen",
        "etat": "Medien, Fernsehen, ORF, Zeitung, Sender, Journalisten, Quote, Werbung",
        "wissenschaft": "Wissenschaft, Forschung, Studie, Universität, Forscher, Physik, Biologie",
        "kultur": "Kultur, Theater, Kunst, Musik, Film, Ausstellung, Buch, Festival, Oper",
    },
    "en": {
        "sport": "sport, football, match, team, player, championship, cup, win, coach, league",
        "politi": "politics, government, minister, president, election, party, parliament, vote",
        "business": "business, economy, companies, market, jobs, bank, prices, trade, energy bills",
        "entertain": "entertainment, music, film, singer, actor, television, celebrity, album",
        "health": "health, disease, doctors, hospital, vaccine, virus, treatment, patients",
        "techno": "technology, internet, software, phone, app, artificial intelligence, online",
        "religi": "religion, church, mosque, faith, prayer, pope, imam",
    },
    "nl": {
        "sport": "sport, voetbal, wedstrijd, ploeg, speler, kampioenschap, winst, trainer",
        "politi": "politiek, regering, minister, verkiezingen, partij, parlement, kamer",
        "econ": "economie, bedrijven, markt, banen, bank, prijzen, handel",
        "cultu": "cultuur, film, muziek, boek, theater, tentoonstelling",
        "techn": "technologie, internet, software, computer, kunstmatige intelligentie",
    },
}


@dataclass(frozen=True, slots=True)
class _Item:
    category: str
    text: str


def measure(data: Data, force: InForce, sheet: Sheet) -> None:
    """topics/*.jsonl ({category, text} with headline or title): macro F1."""
    files = data.find("topics/*.jsonl")
    if not files:
        sheet.lacks("topics/*.jsonl", "no such file")
    if force.compare and not minilm():
        sheet.lacks(MINILM, NO_MINILM)
    texts: list[str] = []
    with sheet.progress.stage("topics", len(files)) as advance:
        for path in files:
            name = data.name(path)
            with sheet.reading(name):
                items = sampled(table(path, _item), MOST)
                language = language_of(path.stem)
                _scores(sheet, name, language, items, force)
                texts += [item.text for item in items]
            advance(1)
    if not texts:
        return
    with sheet.reading("topics/, by Vigie's own theme signals"):
        _signals(sheet, files[0].parent, force.embedder(texts))


def _signals(sheet: Sheet, folder: Path, embedder: Embedder) -> None:
    """The same by what Vigie does with themes: likeness and learnt models, combined."""
    for row in measure_topics(folder, embedder):
        of = f"{row.language}, {row.labelled} examples" if row.labelled else row.language
        of = of if row.labelled else f"{of}, prototypes alone"
        note = f"{row.categories} categories it has words for; deviation {row.spread:.3f}"
        name = f"topics/{row.data}"
        sheet.row(
            name, of, "vigie's theme signals", "macro F1", row.macro_f1, row.items, "items", note
        )


def _item(row: Any) -> _Item:
    title = str(row.get("headline") or row.get("title") or "")
    text = text_of(title, "", str(row.get("text") or ""))
    if not text:
        raise ValueError("neither title nor text")
    return _Item(str(row["category"]), text)


def _scores(sheet: Sheet, name: str, language: str, items: Sequence[_Item], force: InForce) -> None:
    counts = Counter(item.category for item in items)
    labels = sorted(counts)
    gold = np.array([labels.index(item.category) for item in items])
    prototypes = [_described(label, language) for label in labels]
    texts = [item.text for item in items]
    for system, embedder in force.embedders([*texts, *prototypes]):
        vectors, ideal = embedder.encode(texts), embedder.encode(prototypes)
        found = (vectors @ ideal.T).argmax(axis=1)
        of = f"{language or '?'}, prototypes alone"
        note = f"{len(labels)} categories"
        value = macro_f1(gold, found)
        sheet.row(name, of, system, "macro F1", value, len(items), "items", note)
        for size in EXAMPLES:
            if len(items) - size < _LEFT:
                what = f"{name}, {size} examples"
                sheet.lacks(what, f"{len(items)} items: too few would be left to test on")
                continue
            drawn = [_learnt(vectors, gold, size, draw) for draw in range(_DRAWS)]
            of = f"{language or '?'}, {size} examples"
            told = f"{note}; mean of {_DRAWS} draws, {min(drawn):.3f} to {max(drawn):.3f}"
            mean = sum(drawn) / len(drawn)
            sheet.row(name, of, system, "macro F1", mean, len(items) - size, "items", told)


def _described(category: str, language: str) -> str:
    folded = category.lower().replace("é", "e")
    known = _WORDS.get(language, {})
    words = [said for part, said in known.items() if part in folded]
    return ", ".join(words) or category.replace("_", " ").replace("-", " ").lower()


def _learnt(vectors: Matrix, gold: NDArray[np.int_], size: int, draw: int) -> float:
    """Logistic regression on `size` items drawn by chance; macro F1 on the others."""
    regression: Any = import_module("sklearn.linear_model").LogisticRegression  # 1 s

    order = np.random.default_rng(_SEED + draw).permutation(len(gold))
    known, rest = order[:size], order[size:]
    if len(set(gold[known].tolist())) < 2:
        return 0.0
    model = regression(C=10.0, class_weight="balanced", max_iter=1_000)
    model.fit(vectors[known], gold[known])
    return macro_f1(gold[rest], model.predict(vectors[rest]))


def macro_f1(gold: NDArray[np.int_], found: NDArray[np.int_]) -> float:
    """The mean F1 of the categories that occur in `gold`."""
    scores = []
    for label in sorted(set(gold.tolist())):
        right = int(((gold == label) & (found == label)).sum())
        both = int((gold == label).sum()) + int((found == label).sum())
        scores.append(2 * right / both)
    return sum(scores) / len(scores)
