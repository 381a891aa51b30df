"""An issue with one of everything that a form can show, invented."""

from __future__ import annotations

from datetime import date, timedelta

from digest_cases import END, NOW, START

from vigie.model import (
    Carried,
    Erratum,
    Issue,
    IssueItem,
    Quoted,
    Section,
    SectionKind,
    Strength,
    Tlp,
)

LABELS = {
    "energie": ("Énergie", "Energie", "Energie und Netze", "Energy"),
    "maritime": ("Maritime et ports", "Maritiem", "Seeverkehr", "Maritime affairs"),
    "cyber": ("Cybersécurité", "Cyberveiligheid", "Cybersicherheit", "Cybersecurity"),
    "signals": ("Signaux émergents", "Opkomende signalen", "Neue Signale", "Emerging signals"),
    "outside": ("Hors catégorie", "Buiten categorie", "Außer der Reihe", "Outside the categories"),
    "elsewhere": ("Initiatives d’ailleurs", "Van elders", "Von anderswo", "From elsewhere"),
    "alerts": ("Alertes", "Waarschuwingen", "Warnungen", "Alerts"),
    "agenda": ("Agenda", "Agenda", "Termine", "Agenda"),
}
LANGUAGES = ("fr", "nl", "de", "en")
TITLES = {
    "fr": "Rançongiciel : « la mairie » de Vauve revient au papier ?",
    "nl": "Windpark voor de kust krijgt een vergunning",
    "de": "Neues Umspannwerk für die Häfen",
    "en": "A barge sails without a crew",
}
PLACES = (
    ("Le Havre", "FRD22"),
    ("Caen", "FRD11"),
    ("Eupen", "BE336"),
    ("Lille", "FRE11"),
    ("", ""),
)
OUTLETS = ("Ouest-Littoral", "Het Havenblad", "Eupener Bote", "The Quay", "La Ville de l’Estuaire")


def rich(per_theme: int = 4, tlp: Tlp = Tlp.CLEAR, **said: object) -> Issue:
    """`per_theme` items in each of three themes, then one of each other kind of section."""
    items = [
        _item(number * 3 + at, section, number + 1)
        for at, section in enumerate(("energie", "maritime", "cyber"))
        for number in range(per_theme)
    ]
    items += [
        _item(901, "signals", 1, strength=Strength.STRONG),
        _item(902, "signals", 2, strength=Strength.WEAK),
        _item(903, "outside", 1),
        _item(904, "elsewhere", 1, nuts="DE9", place="Hannover"),
        _item(905, "alerts", 1, reference="CERTFR-2026-AVI-0912"),
        _item(906, "agenda", 1, happens=date(2027, 1, 21)),
        _item(907, "energie", per_theme + 1, tlp=tlp),
    ]
    values: dict[str, object] = {
        "id": "normandie-2026Q4",
        "edition": "normandie",
        "title": {
            "fr": "Bulletin de veille\u00a0– 4e trimestre 2026",
            "nl": "Bulletin\u00a0– 4e kwartaal 2026",
            "de": "Bulletin\u00a0– 4. Quartal 2026",
            "en": "Bulletin\u00a0– 4th quarter 2026",
        },
        "period": "2026Q4",
        "start": START,
        "end": END,
        "revision": 2,
        "sections": tuple(
            Section(key, dict(zip(LANGUAGES, four, strict=True)), _kind(key))
            for key, four in LABELS.items()
        ),
        "items": tuple(items),
        "drafted_at": NOW,
        "publisher": "Région Normandie",
        "contact": "veille@normandie.example",
        "contributors": ("Pôle TES", "CCI Seine Estuaire"),
        "errata": (Erratum(2, NOW, "Le coût est de 240 millions d'euros, et non 24."),),
        "header": "Région Normandie · mission veille",
    }
    return Issue(**(values | said))  # type: ignore[arg-type] # fields are given by name, any of them


def _kind(key: str) -> SectionKind:
    return next((kind for kind in SectionKind if kind.value == key), SectionKind.THEME)


def _item(number: int, section: str, rank: int, **said: object) -> IssueItem:
    language = LANGUAGES[number % 4]
    place, nuts = PLACES[number % len(PLACES)]
    source = OUTLETS[number % len(OUTLETS)]
    url = f"https://www.journal-{number}.example/2026/11/terminal-{number}"
    sentences = (
        Quoted("Le syndicat mixte a retenu trois projets.", number, url, source),
        Quoted("Le coût est estimé à 240 millions d’euros.", number, url, source),
        Quoted("Les riverains demandent une étude.", number, f"{url}/b", "La Ville de l’Estuaire"),
    )
    values: dict[str, object] = {
        "article": number,
        "revision": 1,
        "story": f"story-{number:03}",
        "section": section,
        "rank": rank,
        "title": f"{TITLES[language]} ({number})",
        "excerpt": f"Extrait de la nouvelle {number}, assez court pour être cité.",
        "url": url,
        "source": source,
        "reliability": "ABCDEF"[number % 6],
        "published": START + timedelta(days=number * 5 % 90, hours=9),
        "language": language,
        "place": place,
        "themes": (section, "cyber"),
        "sources": OUTLETS[: 1 + number % 4],
        "why": "retenu par mc\u00a0: utile pour les ports\u202f; repris par 2 sources",
        "comment": "Candidater avant le 15 janvier." if number % 4 == 0 else "",
        "summary": sentences if number % 2 == 0 else (),
        "credibility": str(1 + number % 6) if number % 3 else "",
        "nuts": nuts,
        "contributor": "Pôle TES" if number % 5 == 1 else "",
        "carried": tuple(
            Carried(START + timedelta(days=20 + at, hours=at * 5), OUTLETS[at % 5])
            for at in range(9)
        )
        if number == 2
        else (),
    }
    return IssueItem(**(values | said))  # type: ignore[arg-type] # fields are given by name
