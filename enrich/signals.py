"""How the three signals of a theme become one score. Pure.

Each signal is kept by itself, 0 to 1: `rules` (r), `likeness` to description and examples (l), and
`learnt` from decisions (m), where the theme has a model.

    without a model   score = 1 - (1 - r)(1 - l / 2)      given where r > 0, or l >= 0.6
    with a model      score = (that + 2 m) / 3            given where score >= 1/3, or r > 0

So likeness alone never reaches what one strong word in a title does, and people's decisions weigh
two thirds. A theme whose rules are met is always given, if only at the end of the list: whoever
wrote the rule expects it there. A phrase of `not` takes a theme away from rules and likeness; what
a person says of an article and a theme stands above all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from vigie.model import Signal, ThemeHit, ThemeSignal

LIKE_ENOUGH = 0.6
_LIKENESS_COUNTS = 0.5
_LEARNT_COUNTS = 2 / 3
_GIVEN = 1 / 3


def combine(
    signals: Iterable[ThemeSignal], said: Mapping[str, tuple[bool, str]]
) -> tuple[ThemeHit, ...]:
    """The themes of one article, the surest first.

    `said`: what people said of the article, by theme: whether it is of it, and who and why.
    """
    by_theme: dict[str, dict[Signal, ThemeSignal]] = {}
    for one in signals:
        by_theme.setdefault(one.theme, {})[one.signal] = one
    hits = [
        _combined(theme, found)
        for theme, found in by_theme.items()
        if theme not in said and Signal.NOT not in found
    ]
    hits += [ThemeHit(theme, 1.0, why) for theme, (is_of, why) in said.items() if is_of]
    return tuple(sorted(filter(None, hits), key=lambda hit: (-hit.score, hit.theme)))


def _combined(theme: str, found: Mapping[Signal, ThemeSignal]) -> ThemeHit | None:
    rules, likeness, learnt = (
        found.get(signal) for signal in (Signal.RULES, Signal.LIKENESS, Signal.LEARNT)
    )
    met = rules.score if rules else 0.0
    like = likeness.score if likeness else 0.0
    score = 1.0 - (1.0 - met) * (1.0 - _LIKENESS_COUNTS * like)
    given = met > 0 or like >= LIKE_ENOUGH
    if learnt:
        score = (1.0 - _LEARNT_COUNTS) * score + _LEARNT_COUNTS * learnt.score
        given = met > 0 or score >= _GIVEN
    if not given:
        return None
    return ThemeHit(theme, round(score, 4), _why([rules, likeness, learnt]))


def _why(found: Sequence[ThemeSignal | None]) -> str:
    """The reason of each signal that speaks; rules alone as they are."""
    told = [one for one in found if one]
    if [one.signal for one in told] == [Signal.RULES]:
        return told[0].why
    return " | ".join(f"{one.signal.value} {one.score:.2f}: {one.why}" for one in told)
