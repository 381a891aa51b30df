"""Who receives the demo's bulletin: eight invented people of four invented structures."""

from __future__ import annotations

from app.demo.settings import EDITION
from vigie.archive.people import NewRecipient
from vigie.schema import ALERTS

ALERTED = "Maud Lesueur"  # who is on the list of alerts too
_PEOPLE = (
    ("Agence des Trois-Caps", "Maud Lesueur", "maud.lesueur@trois-caps.example", "fr"),
    ("Agence des Trois-Caps", "Yanis Duboscq", "yanis.duboscq@trois-caps.example", "fr"),
    ("Pôle Logistique Estuaire", "Inès Vautier", "ines.vautier@pole-estuaire.example", "fr"),
    ("Pôle Logistique Estuaire", "Paul Ferrand", "paul.ferrand@pole-estuaire.example", "en"),
    ("Steunpunt Kuststreek", "Lotte Verhaeghe", "lotte.verhaeghe@kuststreek.example", "nl"),
    ("Steunpunt Kuststreek", "Bram De Clerck", "bram.declerck@kuststreek.example", "nl"),
    ("Netzwerk Grenzregion", "Jana Reuter", "jana.reuter@grenzregion.example", "de"),
    ("Netzwerk Grenzregion", "Chloé Marchal", "chloe.marchal@grenzregion.example", "fr"),
)


def recipients() -> list[NewRecipient]:
    """All of them, subscribed to the demo's edition; one to alerts too."""
    return [
        NewRecipient(
            name=name,
            address=address,
            language=language,
            structure=structure,
            editions=(EDITION, ALERTS) if name == ALERTED else (EDITION,),
            legal_basis="legitimate interest: a message tied to the function",
            origin="demo",
        )
        for structure, name, address, language in _PEOPLE
    ]
