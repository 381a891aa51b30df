"""The edition and the quarter that the tests of this package are about."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from digest.period import bounds
from vigie.schema import Edition, Theme

PARIS = ZoneInfo("Europe/Paris")
START, END = bounds("2026Q4", PARIS)
NOW = datetime(2027, 1, 5, 9, 0, tzinfo=UTC)
LABELS = {
    "energie": ("Énergie", "Energie", "Energie und Netze", "Energy"),
    "maritime": ("Maritime", "Maritiem", "Seeverkehr", "Maritime affairs"),
    "cyber": ("Cybersécurité", "Cyberveiligheid", "Cybersicherheit", "Cybersecurity"),
}
THEMES = tuple(
    Theme(id=key, labels=dict(zip(("fr", "nl", "de", "en"), four, strict=True)))
    for key, four in LABELS.items()
)
EDITION = Edition(
    id="normandie",
    title={
        "fr": "Bulletin de veille collaborative",
        "nl": "Bulletin gezamenlijke monitoring",
        "de": "Bulletin zur gemeinsamen Beobachtung",
        "en": "Collaborative watch bulletin",
    },
    items_per_theme=3,
    excerpt_words=40,
    publisher="Région Normandie",
    contact="veille@normandie.example",
)
