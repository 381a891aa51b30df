"""Themes from all signals: after reading and embedding, what likeness and learnt models add.

A fourth queue, for it lacks different things again: a theme's new description, example or model
asks for this alone. Rows whose themes were told by the present revision are left as they are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlite_utils import Database

from app.progress import Progress, Silent
from enrich import learning
from enrich.learning import Learnt
from enrich.prototypes import BACKGROUND, LEAST, TOLD, Prototypes
from enrich.signals import combine
from enrich.vectors import Embedder, Matrix
from vigie.archive import theming
from vigie.archive.readings import ModelRow
from vigie.archive.theming import Themeable, ThemeModelRow
from vigie.model import Signal, ThemeHit, ThemeSignal
from vigie.schema import Theme
from vigie.settings import Settings

BATCH = 512
_MORE = 10  # new decisions from which on a theme's model is learnt anew
_KEPT = 200  # examples of a model that its reasons may name


@dataclass(frozen=True, slots=True)
class _InForce:
    """A learnt model with the articles that people said were of the theme, to name one."""

    row: ThemeModelRow
    model: Learnt
    names: tuple[str, ...]
    rows: Matrix


def theme_all(
    db: Database,
    settings: Settings,
    embedder: Embedder,
    model: ModelRow,
    now: datetime,
    progress: Progress | None = None,
) -> int:
    """Tell the themes of each article that has a reading and a vector. Raises ModelError."""
    progress = progress or Silent()
    train_all(db, settings.themes, model, now)
    kept = [
        found
        for theme in settings.themes
        if (found := _in_force(db, theme.id, model.id)) is not None
    ]
    prototypes = _prototypes(db, settings.themes, embedder, model)
    revision = _revision(prototypes, kept, settings.themes)
    total = theming.count_waiting(db, model.id, revision)
    with progress.stage("Themes", total) as advance:
        while jobs := theming.waiting(db, model.id, revision, BATCH):
            theming.store(db, revision, _told(jobs, prototypes, kept), now)
            advance(len(jobs))
    return total


def train_all(
    db: Database,
    themes: Sequence[Theme],
    model: ModelRow,
    now: datetime,
    *,
    again: bool = False,
) -> list[str]:
    """Learn each theme that has decisions enough and new; the ids of those that were learnt."""
    known = theming.latest_models(db, model.id)
    done = []
    for theme in themes:
        decided = theming.labelled(db, theme.id, model.id)
        last = known.get(theme.id)
        fresh = last is None or again or abs(len(decided) - last.decisions) >= _MORE
        labels = [one.of_theme for one in decided]
        if not fresh or not learning.enough(labels):
            continue
        trained = learning.train(_matrix([one.vector for one in decided]), labels)
        if trained is None:
            continue
        theming.add_model(
            db,
            ThemeModelRow(
                theme=theme.id,
                revision=0,
                vectors=model.id,
                trained_at=now,
                decisions=trained.decisions,
                of_theme=trained.of_theme,
                precision=trained.precision,
                recall=trained.recall,
                on_last=trained.on_last,
                state=trained.model.state(),
            ),
        )
        done.append(theme.id)
    return done


def _in_force(db: Database, theme: str, model: int) -> _InForce | None:
    row = theming.latest_models(db, model).get(theme)
    if row is None:
        return None
    yes = [one for one in theming.labelled(db, theme, model) if one.of_theme][-_KEPT:]
    names = tuple(one.article for one in yes)
    return _InForce(row, Learnt.from_state(row.state), names, _matrix([y.vector for y in yes]))


def _prototypes(
    db: Database, themes: Sequence[Theme], embedder: Embedder, model: ModelRow
) -> Prototypes:
    """Measured on 100, 400 or 1,600 articles: a new one changes the measure little."""
    vectors = theming.background(db, model.id, BACKGROUND)
    most = max((n for n in (LEAST, 4 * LEAST, 16 * LEAST) if n <= len(vectors)), default=0)
    return Prototypes(themes, embedder, _matrix(vectors[:most]))


def _told(
    jobs: Sequence[Themeable], prototypes: Prototypes, kept: Sequence[_InForce]
) -> list[tuple[int, list[ThemeSignal], tuple[ThemeHit, ...]]]:
    rows = _matrix([job.vector for job in jobs])
    likeness = prototypes.signals(rows)
    learnt = [_learnt(jobs, rows, one) for one in kept]
    results = []
    for place, job in enumerate(jobs):
        new = list(likeness[place])
        new += [signals[place] for signals in learnt if signals[place] is not None]  # type: ignore[misc]  # just asked
        results.append((job.article, new, combine([*job.signals, *new], job.said)))
    return results


def _learnt(jobs: Sequence[Themeable], rows: Matrix, one: _InForce) -> list[ThemeSignal | None]:
    """What one theme's model says of each row; nothing where it says no and no rule was met."""
    chances = one.model.chances(rows)
    alike = rows @ one.rows.T if len(one.rows) else np.zeros((len(rows), 1), dtype=np.float32)
    theme = one.row.theme
    found: list[ThemeSignal | None] = []
    for place, job in enumerate(jobs):
        ruled = any(s.theme == theme and s.signal is Signal.RULES for s in job.signals)
        if chances[place] < TOLD and not ruled:
            found.append(None)
            continue
        nearest = one.names[int(alike[place].argmax())] if one.names else ""
        why = f"learnt from {one.row.decisions} decisions (model {one.row.revision})"
        why += f", nearest of those kept is {nearest}" if nearest else ""
        found.append(ThemeSignal(theme, Signal.LEARNT, round(float(chances[place]), 4), why))
    return found


def _revision(prototypes: Prototypes, kept: Sequence[_InForce], themes: Sequence[Theme]) -> str:
    digest = hashlib.sha256(b"r1")
    digest.update(repr([theme.id for theme in themes]).encode())
    digest.update(repr([(one.row.theme, one.row.revision) for one in kept]).encode())
    return f"{prototypes.revision}+{digest.hexdigest()[:8]}"


def _matrix(vectors: Sequence[bytes]) -> Matrix:
    if not vectors:
        return np.zeros((0, 1), dtype=np.float32)
    return np.vstack([np.frombuffer(one, dtype="<f2") for one in vectors]).astype(np.float32)
