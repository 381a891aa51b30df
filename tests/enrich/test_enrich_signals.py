"""How three signals become one score; what is learnt from decisions, and how it is kept."""

from __future__ import annotations

import numpy as np
import pytest

from enrich.learning import LEAST, Learnt, enough, train
from enrich.prototypes import LEAST as LEAST_BACKGROUND
from enrich.prototypes import Prototypes
from enrich.signals import combine
from enrich.vectors import TfidfEmbedder
from vigie.errors import ModelError
from vigie.model import Signal, ThemeSignal
from vigie.schema import Theme

R, L, M, N = Signal.RULES, Signal.LIKENESS, Signal.LEARNT, Signal.NOT

COMBINED = {
    "rules alone, with their own reason": ({R: 0.7}, 0.7, "why rules"),
    "likeness alone, large": ({L: 0.8}, 0.4, "likeness 0.80: why likeness"),
    "likeness alone, small": ({L: 0.59}, None, ""),
    "rules and likeness": ({R: 0.5, L: 0.8}, 0.7, "rules 0.50: why rules | likeness 0.80"),
    "people's decisions weigh two thirds": ({R: 0.7, M: 0.1}, 0.3, "learnt 0.10"),
    "learnt alone, sure": ({M: 0.9}, 0.6, "learnt 0.90"),
    "learnt alone, unsure": ({M: 0.45}, None, ""),
    "what rules out": ({R: 0.9, L: 0.9, N: 0.0}, None, ""),
    "nothing": ({}, None, ""),
}


@pytest.mark.parametrize("name", COMBINED)
def test_signals_together(name: str) -> None:
    said, score, why = COMBINED[name]
    hits = combine([ThemeSignal("t", s, v, f"why {s.value}") for s, v in said.items()], {})
    if score is None:
        assert hits == ()
    else:
        assert hits[0].score == pytest.approx(score)
        assert why in hits[0].why


def test_what_people_say_stands_above_all() -> None:
    signals = [ThemeSignal("a", R, 0.9, ""), ThemeSignal("b", R, 0.4, "x")]
    hits = combine(signals, {"a": (False, "said by mc"), "c": (True, "said by mc: sûr")})
    assert [(hit.theme, hit.score, hit.why) for hit in hits] == [
        ("c", 1.0, "said by mc: sûr"),
        ("b", 0.4, "x"),
    ]


def rows(count: int, seed: int = 1) -> tuple[np.ndarray, list[bool]]:
    """Two clouds with some noise, unit rows."""
    random = np.random.default_rng(seed)
    labels = [bool(n % 2) for n in range(count)]
    made = random.normal(size=(count, 8)).astype(np.float32)
    made[:, 0] += np.where(labels, 2.5, -2.5)
    return made / np.linalg.norm(made, axis=1, keepdims=True), labels


def test_a_theme_is_learnt_from_fifty_decisions_on() -> None:
    made, labels = rows(LEAST)
    assert train(made[:-1], labels[:-1]) is None
    assert not enough([True] * 80 + [False] * 4)
    trained = train(made, labels)
    assert trained is not None
    assert (trained.decisions, trained.of_theme, trained.on_last) == (50, 25, 10)
    assert trained.precision is not None
    assert trained.precision >= 0.8
    new, truth = rows(200, seed=2)
    chances = trained.model.chances(new)
    assert ((chances >= 0.5) == truth).mean() > 0.9
    assert ((chances > 0) & (chances < 1)).all()


def test_a_model_comes_back_the_same_and_a_damaged_one_is_told() -> None:
    made, labels = rows(60)
    trained = train(made, labels)
    assert trained is not None
    again = Learnt.from_state(trained.model.state())
    assert np.array_equal(again.chances(made), trained.model.chances(made))
    with pytest.raises(ModelError, match="vigie themes train"):
        Learnt.from_state(b"{}\nabc")


def test_likeness_needs_a_background_and_names_the_example() -> None:
    labels = dict.fromkeys(("fr", "nl", "de", "en"), "Éolien")
    example = "Un parc éolien en mer sera construit devant Fécamp"
    theme = Theme(id="eolien", labels=labels, examples=(example,))
    silent = Theme(id="muet", labels=labels)
    texts = [f"Le conseil numéro {n} vote le budget de la commune" for n in range(LEAST_BACKGROUND)]
    embedder = TfidfEmbedder.fit([*texts, example])
    background = embedder.encode(texts)
    new = embedder.encode(["Le parc éolien en mer devant Fécamp avance", texts[0]])
    assert Prototypes((theme,), embedder, background[:-1]).signals(new) == [[], []]
    likes, other = Prototypes((theme, silent), embedder, background).signals(new)
    assert other == []
    assert [(one.theme, one.signal) for one in likes] == [("eolien", L)]
    assert "like the example “Un parc éolien" in likes[0].why
