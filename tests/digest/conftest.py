"""Issues, candidates and recipients that the tests of this package make their cases from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from digest_cases import END, NOW, START, THEMES

from vigie.model import (
    Candidate,
    Issue,
    IssueItem,
    Recipient,
    Rights,
    Section,
    ThemeHit,
)


@pytest.fixture
def candidate() -> Callable[..., Candidate]:
    """A candidate of a number, with anything about it said otherwise."""

    def make(number: int, **said: object) -> Candidate:
        plain = Candidate(
            article=number,
            revision=1,
            story=f"story-{number:03}",
            title=f"Titre {number}",
            summary=f"Résumé de la nouvelle {number}.",
            text="",
            url=f"https://news.example.org/{number}",
            source="Ouest-France",
            reliability="B",
            rights=Rights.EXCERPT,
            published=START + timedelta(days=10),
            language="fr",
            themes=(ThemeHit("energie", 0.5, "« éolien en mer »"),),
            places=("Le Havre", "Caen"),
            entities=(),
            sources=("Ouest-France",),
        )
        return replace(plain, **said)  # type: ignore[arg-type] # fields are given by name, any of them

    return make


@pytest.fixture
def item() -> Callable[..., IssueItem]:
    """An item of a number, with anything about it said otherwise."""

    def make(number: int, **said: object) -> IssueItem:
        plain = IssueItem(
            article=number,
            revision=1,
            story=f"story-{number:03}",
            section="energie",
            rank=number,
            title=f"Titre {number}",
            excerpt=f"Extrait de la nouvelle {number}, assez court.",
            url=f"https://news.example.org/{number}",
            source=f"Source {number}",
            reliability="B",
            published=START + timedelta(days=10),
            language="fr",
            place="Le Havre",
            themes=("energie",),
            sources=("Source", "Autre source"),
            why=(
                "retenu par mc\u00a0: utile pour les ports\u00a0; repris par 2 sources"
                "\u00a0; thème Énergie (éolien en mer)"
            ),
        )
        return replace(plain, **said)  # type: ignore[arg-type] # fields are given by name, any of them

    return make


@pytest.fixture
def issue(item: Callable[..., IssueItem]) -> Callable[..., Issue]:
    """An issue of the given items, three plain ones by default."""

    def make(*items: IssueItem, **said: object) -> Issue:
        plain = Issue(
            id="normandie-2026Q4",
            edition="normandie",
            title={
                "fr": "Bulletin de veille\u00a0– 4e trimestre 2026",
                "nl": "Bulletin\u00a0– 4e kwartaal 2026",
                "de": "Bulletin\u00a0– 4. Quartal 2026",
                "en": "Bulletin\u00a0– 4th quarter 2026",
            },
            period="2026Q4",
            start=START,
            end=END,
            revision=1,
            sections=tuple(Section(theme.id, dict(theme.labels)) for theme in THEMES),
            items=items or tuple(item(number) for number in (1, 2, 3)),
            drafted_at=NOW,
            publisher="Région Normandie",
            contact="veille@normandie.example",
        )
        return replace(plain, **said)  # type: ignore[arg-type] # fields are given by name, any of them

    return make


@pytest.fixture
def recipient() -> Recipient:
    return Recipient(7, "Zoé Lefèvre", "zoe@partner.example", "fr", "Pôle TES")
