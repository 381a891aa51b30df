"""A small folder of data of the layout that `make quality` reads, invented line by line."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any


def lines(path: Path, rows: list[Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")


def text(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")


def named(language: str, written: str, *names: tuple[str, str]) -> dict[str, Any]:
    spans = [[written.index(name), written.index(name) + len(name), label] for name, label in names]
    return {"id": written[:8], "lang": language, "text": written, "entities": spans}


def story(number: int, title: str, said: str, group: str, near: str = "") -> dict[str, Any]:
    near = near or f"own-{number}"
    return {
        "id": f"i{number}",
        "publisher": f"P{number}",
        "published": f"2026-01-05T{6 + number:02}:00:00+00:00",
        "title": title,
        "description": said,
        "url": f"https://example.org/{number}",
        "story": group,
        "near_dup": near,
        "hard": False,
        **({"nd_kind": "text"} if not near.startswith("own") else {}),
    }


NAMES = [
    named("fr", "L'OTAN se réunit à Bruxelles\nLa Commission européenne attend.", ("OTAN", "ORG"),
          ("Bruxelles", "LOC"), ("Commission européenne", "ORG")),
    named("nl", "De NAVO komt bijeen in Antwerpen.", ("NAVO", "ORG"), ("Antwerpen", "LOC")),
]  # fmt: skip
STORIES = [
    story(1, "Un incendie ravage le port de Dunkerque", "Trois entrepôts ont brûlé.", "feu", "d1"),
    story(2, "Un incendie ravage le port de Dunkerque", "Trois entrepôts ont brûlé.", "feu", "d1"),
    story(3, "Le budget de la région adopté", "Le conseil a voté le texte mardi.", "budget"),
    story(4, "Une école fermée à Lille", "Le chauffage est en panne.", "ecole"),
]
ADVISORY = {
    "title": "Vulnérabilité dans Microsoft Edge",
    "summary": "Une faille a été découverte dans Microsoft Edge.",
    "content": "## Solution\nMettre à jour.",
    "cves": [{"name": "CVE-2026-1234"}],
    "affected_systems": [
        {"description": "Edge 1", "product": {"name": "Edge", "vendor": {"name": "Microsoft"}}}
    ],
}


def whole(root: Path) -> Path:
    """Something of every kind but pages."""
    lines(root / "gold/ner-unseen.jsonl", NAMES)
    lines(root / "gold/stories-fr-unseen.jsonl", STORIES)
    text(
        root / "gold/aliases-unseen.json",
        json.dumps({"entries": [
            {"id": "otan", "names": {"fr": "OTAN", "nl": "NAVO", "en": "NATO"}, "acronyms": {}}
        ], "ambiguous": {"USA": ["otan", "etats-unis"]}}),
    )  # fmt: skip
    text(root / "ner/news-fr-test.tsv", "Paris\tB-LOC\nrit\tO\n\nLille\tI-LOC\n.\tO\n")
    text(root / "sts/stsb-nl-test.csv", 'Een man loopt.,"Een man, loopt.",5.0\nJa.,Een paard.,0\n')
    text(root / "lid/sentences/fr.txt", "Le conseil régional se réunit demain matin à Rouen.\n")
    text(root / "lid/sentences/it.txt", "Il governo ha approvato la nuova legge di bilancio.\n")
    lines(
        root / "lid/news-titles.jsonl", [{"lang": "nl", "title": "De regering wil minder uitgeven"}]
    )
    lines(
        root / "topics/mini-fr.jsonl",
        [{"category": ("sport", "politique")[n % 2], "text": f"Le match ou le vote {n}"}
         for n in range(6)],
    )  # fmt: skip
    lines(root / "certfr/advisories.jsonl.gz", [ADVISORY])
    lines(root / "news-fr-raw/items.jsonl", STORIES)
    text(root / "news-fr-raw/same-article-revisions.json", json.dumps([{"ids": ["i1", "i2"]}]))
    lines(
        root / "news-similarity/pairs.jsonl",
        [
            {"lang1": "fr", "lang2": "fr", "overall": overall, "text1": one, "text2": other}
            for overall, one, other in (
                (1.0, "Incendie à Dunkerque  Le port a brûlé.", "Incendie au port de Dunkerque."),
                (4.0, "Le budget est voté.", "Une école ferme à Lille."),
            )
        ],
    )
    text(root / "ntrex/fr-nl.tsv", "Bonjour Paris\tHallo Parijs\nUn cheval\tEen paard\n")
    return root
