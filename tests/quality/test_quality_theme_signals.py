"""Measuring themes on labelled news: what is read, what is left out, what more examples do."""

from __future__ import annotations

import json
from pathlib import Path

from bench.quality.theme_signals import measure_topics, told
from enrich.vectors import TfidfEmbedder

SPORT = "Football : les joueurs et les clubs, matchs et championnats, {n} résultats"
HEALTH = "Santé : hôpitaux, médecins et patients, {n} maladies et vaccins"


def test_prototypes_then_examples(tmp_path: Path) -> None:
    rows = [
        {"category": name, "headline": title.format(n=n), "text": ""}
        for n in range(60)
        for name, title in (("sports", SPORT), ("health", HEALTH), ("unheard-of", "Rien {n}"))
    ]
    lines = "\n".join(json.dumps(row) for row in rows)
    (tmp_path / "essai-fra.jsonl").write_text(lines, "utf-8")
    (tmp_path / "essai-xx.jsonl").write_text(lines, "utf-8")
    embedder = TfidfEmbedder.fit([str(row["headline"]) for row in rows])
    found = measure_topics(tmp_path, embedder)
    assert [(row.data, row.language, row.labelled) for row in found] == [
        ("essai-fra.jsonl", "fr", 0),
        ("essai-fra.jsonl", "fr", 50),
    ]
    assert [(row.items, row.categories) for row in found] == [(120, 2), (70, 2)]
    assert found[0].macro_f1 > 0.9
    assert found[1].macro_f1 == 1.0
    assert "prototypes alone" in next(iter(told(found)))
    assert measure_topics(tmp_path / "nothing", embedder) == []
