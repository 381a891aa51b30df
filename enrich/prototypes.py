"""How like a theme a text is: the theme's description and examples as points in the vectors' space.

A theme's points are its description in each language and its examples. A text's likeness to it is
that of the nearest point. How large a cosine must be to mean anything differs between models and
themes, so each theme's cosines are measured on a background, articles of all kinds: the signal is
how many deviations z above the background's median the text stands, as

    likeness = (z - 3) / 6, within 0 and 1

so that 0.5 is six deviations. Median and median absolute deviation (times 1.4826, which makes it
the standard deviation of normal noise; Hampel 1974) are those of the many that are not of the
theme, even where a third of the archive is. Without a background of `LEAST` articles nothing is
said.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from enrich.vectors import Embedder, Matrix
from vigie.model import Signal, ThemeSignal
from vigie.schema import Theme

LEAST = 100  # articles of background
BACKGROUND = 2_000  # articles; more change the measure little
TOLD = 0.3  # likeness below which a row would only fill the archive
_SHOWN = 60  # characters of an example in a reason


@dataclass(frozen=True, slots=True)
class _Point:
    theme: str
    origin: str  # as a reason names it


class Prototypes:
    """The points of all themes, and what their cosines are on the background."""

    def __init__(self, themes: Sequence[Theme], embedder: Embedder, background: Matrix) -> None:
        """`background`: unit rows, shape (n, dims). Raises ModelError where the embedder does."""
        points = [point for theme in themes for point in _points(theme)]
        self._points = [point for point, _ in points]
        self._rows = embedder.encode([text for _, text in points])
        self._themes = list(dict.fromkeys(point.theme for point in self._points))
        self._of = [
            np.array([n for n, point in enumerate(self._points) if point.theme == theme])
            for theme in self._themes
        ]
        digest = hashlib.sha256(embedder.revision.encode())
        for point, text in points:
            digest.update(repr((point.theme, text)).encode())
        self.ready = len(background) >= LEAST and bool(self._themes)
        if self.ready:
            best = self._best(background)[0]
            self._median = np.median(best, axis=0)
            spread = 1.4826 * np.median(np.abs(best - self._median), axis=0)
            self._deviation = np.maximum(spread, 0.01)
            digest.update(str(len(background)).encode())
        self.revision = f"prototypes-{digest.hexdigest()[:10]}"

    def signals(self, rows: Matrix) -> list[list[ThemeSignal]]:
        """For each row, the themes that it is like, with the nearest point as the reason."""
        if not self.ready or not len(rows):
            return [[] for _ in rows]
        best, nearest = self._best(rows)
        z = (best - self._median) / self._deviation
        likeness = np.clip((z - 3.0) / 6.0, 0.0, 1.0)
        found: list[list[ThemeSignal]] = [[] for _ in rows]
        for row, column in zip(*np.nonzero(likeness >= TOLD), strict=True):
            point = self._points[int(nearest[row, column])]
            why = f"like {point.origin}: cosine {best[row, column]:.2f}, z {z[row, column]:.1f}"
            score = round(float(likeness[row, column]), 4)
            found[row].append(ThemeSignal(point.theme, Signal.LIKENESS, score, why))
        return found

    def cosines(self, rows: Matrix) -> Matrix:
        """Each row's cosine to each theme's nearest point, themes in their order."""
        return self._best(rows)[0]

    def _best(self, rows: Matrix) -> tuple[Matrix, np.ndarray[tuple[int, ...], np.dtype[np.int64]]]:
        """Each row's cosine to each theme's nearest point, and which point that is."""
        cosines = rows @ self._rows.T
        best = np.empty((len(rows), len(self._themes)), dtype=np.float32)
        nearest = np.empty(best.shape, dtype=np.int64)
        every = np.arange(len(rows))
        for column, mine in enumerate(self._of):
            place = cosines[:, mine].argmax(axis=1)
            nearest[:, column] = mine[place]
            best[:, column] = cosines[every, mine[place]]
        return best, nearest


def _points(theme: Theme) -> list[tuple[_Point, str]]:
    """A theme's points with their texts; none without a description: a label is too little."""
    points = [
        (_Point(theme.id, f"the description ({code})"), f"{theme.labels[code]}\n{text}")
        for code, text in theme.description.items()
    ]
    for text in theme.examples:
        short = text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1].rstrip()}…"
        points.append((_Point(theme.id, f"the example “{' '.join(short.split())}”"), text))
    return points
