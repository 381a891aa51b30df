"""What the categories of labelled news sets are about, as a coordinator would describe them. Data.

Written from the categories' names alone, never from their texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_SPORT = {
    "fr": (
        "Sport : matchs, championnats, football, rugby, tennis, cyclisme, résultats, "
        "joueurs, clubs, entraîneurs."
    ),
    "de": (
        "Sport: Spiele, Meisterschaften, Fußball, Skifahren, Tennis, Ergebnisse, "
        "Spieler, Vereine, Trainer."
    ),
    "en": (
        "Sport: matches, championships, football, rugby, cricket, tennis, results, "
        "players, clubs, coaches."
    ),
}
_ECONOMY = {
    "fr": (
        "Économie : entreprises, marchés, bourse, emploi, prix, inflation, banques, "
        "industrie, croissance, commerce."
    ),
    "de": (
        "Wirtschaft: Unternehmen, Märkte, Börse, Arbeitsplätze, Preise, Banken, "
        "Industrie, Wachstum, Handel."
    ),
    "en": (
        "Business: companies, markets, shares, jobs, prices, inflation, banks, "
        "industry, growth, trade."
    ),
}
_POLITICS = {
    "fr": (
        "Politique : gouvernement, président, ministres, parlement, élections, partis, "
        "lois, débats, réformes."
    ),
    "de": (
        "Innenpolitik: Regierung, Parteien, Minister, Parlament, Wahlen, Gesetze, "
        "Koalition, Länder."
    ),
    "en": (
        "Politics: government, president, ministers, parliament, elections, parties, laws, policy."
    ),
}
_CULTURE = {
    "fr": (
        "Culture et spectacles : cinéma, musique, livres, théâtre, expositions, "
        "artistes, célébrités, télévision."
    ),
    "de": (
        "Kultur: Theater, Musik, Bücher, Film, Ausstellungen, Kunst, Künstler, Festspiele, Oper."
    ),
    "en": (
        "Entertainment: film, music, television, celebrities, actors, singers, shows, "
        "awards, festivals."
    ),
}
_SCIENCE = {
    "fr": (
        "Sciences et environnement : recherche, climat, espace, espèces, découvertes, "
        "pollution, énergie, médecine."
    ),
    "de": (
        "Wissenschaft: Forschung, Studie, Universität, Weltraum, Biologie, Medizin, "
        "Archäologie, Klima."
    ),
    "en": "Science: research, study, space, species, climate, discovery, medicine, university.",
}
_TECHNOLOGY = {
    "fr": (
        "Technologie : internet, téléphones, logiciels, applications, réseaux sociaux, "
        "intelligence artificielle, jeux."
    ),
    "de": (
        "Web und Technik: Internet, Smartphones, Software, Apps, soziale Netzwerke, "
        "Google, Apple, Datenschutz."
    ),
    "en": (
        "Technology: internet, phones, software, apps, social networks, artificial "
        "intelligence, gadgets, games."
    ),
}
_HEALTH = {
    "fr": (
        "Santé : hôpitaux, médecins, maladies, traitements, vaccins, épidémies, "
        "patients, alimentation."
    ),
    "de": "Gesundheit: Krankenhäuser, Ärzte, Krankheiten, Behandlungen, Impfstoffe, Patienten.",
    "en": (
        "Health: hospitals, doctors, diseases, treatments, vaccines, epidemics, "
        "patients, nutrition."
    ),
}
_WORLD = {
    "fr": (
        "International : conflits, diplomatie, pays étrangers, guerre, manifestations, "
        "dirigeants, Nations unies."
    ),
    "de": (
        "International: Konflikte, Diplomatie, Krieg, Ausland, Präsident, Proteste, "
        "Vereinte Nationen, Flüchtlinge."
    ),
    "en": (
        "World: conflicts, diplomacy, foreign countries, war, protests, leaders, United Nations."
    ),
}
_FRANCE = {
    "fr": (
        "France : faits divers, justice, police, société, régions, accidents, procès, "
        "manifestations, météo."
    ),
}
_PANORAMA = {
    "de": (
        "Panorama: Unfälle, Verbrechen, Polizei, Gericht, Wetter, Katastrophen, "
        "Prominente, Vermischtes."
    ),
}
_MEDIA = {
    "de": (
        "Medien: Fernsehen, Zeitungen, ORF, Rundfunk, Journalisten, Verlage, Sender, "
        "Quoten, Werbung."
    ),
}

DESCRIPTIONS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("sports", "SPORTS", "Sport"), _SPORT),
        **dict.fromkeys(("business", "economie", "ECONOMIE", "Wirtschaft"), _ECONOMY),
        **dict.fromkeys(("politics", "POLITIQUE", "Inland"), _POLITICS),
        **dict.fromkeys(("entertainment", "divertissements", "CULTURE", "Kultur"), _CULTURE),
        **dict.fromkeys(("ENVIRONNEMENT-SCIENCES", "Wissenschaft"), _SCIENCE),
        **dict.fromkeys(("technology", "science_tech", "Web"), _TECHNOLOGY),
        **dict.fromkeys(("health", "sante"), _HEALTH),
        **dict.fromkeys(("international", "International"), _WORLD),
        "france": _FRANCE,
        "Panorama": _PANORAMA,
        "Etat": _MEDIA,
    }
)
