"""A theme's model, learnt from coordinators' decisions: logistic regression over the vectors.

Trained when a theme has at least `LEAST` decisions, `LEAST_OF_EACH` of either kind. The scores are
calibrated by Platt's sigmoid on cross-validated scores (Platt, "Probabilistic Outputs for Support
Vector Machines", 1999), so that 0.8 is right four times in five. How good it is, is said by its
precision on the last fifth of the decisions, by a model that learnt from the earlier ones alone.
A model's state is numbers, no pickle: an archive that is published runs nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from enrich.vectors import Matrix
from vigie.errors import ModelError

LEAST = 50
LEAST_OF_EACH = 5
_FOLDS = 5
_STRENGTH = 10.0  # C of the regression: little shrinking, as vectors of unit length want; not tuned
_LAST = 0.2  # of the decisions, to tell the precision on
_SEED = 20_261_121


@dataclass(frozen=True, slots=True)
class Learnt:
    """What was learnt of one theme, as it is kept."""

    weights: Matrix  # shape (dims,)
    bias: float
    slope: float  # of the calibrating sigmoid 1 / (1 + exp(slope * score + offset))
    offset: float

    def chances(self, rows: Matrix) -> NDArray[np.float64]:
        """How likely each row is of the theme, 0 to 1; shape (n,)."""
        scores = rows.astype(np.float64) @ self.weights.astype(np.float64) + self.bias
        chances: NDArray[np.float64] = 1.0 / (
            1.0 + np.exp(np.clip(self.slope * scores + self.offset, -50.0, 50.0))
        )
        return chances

    def state(self) -> bytes:
        """All of it as bytes; `from_state` gives it back."""
        head = json.dumps({"bias": self.bias, "slope": self.slope, "offset": self.offset})
        return head.encode() + b"\n" + self.weights.astype("<f4").tobytes()

    @classmethod
    def from_state(cls, state: bytes) -> Learnt:
        """Raises ModelError where the bytes are something else."""
        head, _, body = state.partition(b"\n")
        try:
            said = json.loads(head)
            weights = np.frombuffer(body, dtype="<f4").astype(np.float32)
            return cls(weights, float(said["bias"]), float(said["slope"]), float(said["offset"]))
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(
                f"a theme's model in the archive is damaged ({error}): `vigie themes train` learns "
                "it anew from the decisions"
            ) from error


@dataclass(frozen=True, slots=True)
class Trained:
    """A model with what it learnt from and how good it is."""

    model: Learnt
    decisions: int
    of_theme: int
    precision: float | None  # on the last decisions; None where it proposed none of them
    recall: float | None
    on_last: int  # how many these were


def enough(labels: Sequence[bool]) -> bool:
    """Whether there are decisions enough to learn from."""
    yes = sum(labels)
    return len(labels) >= LEAST and min(yes, len(labels) - yes) >= LEAST_OF_EACH


def train(rows: Matrix, labels: Sequence[bool]) -> Trained | None:
    """Learn from rows and labels in the order of the decisions; None where these are too few."""
    if not enough(labels):
        return None
    truth = np.array(labels, dtype=bool)
    last = max(10, round(_LAST * len(labels)))
    earlier, later = truth[:-last], truth[-last:]
    precision = recall = None
    if min(earlier.sum(), (~earlier).sum()) >= 2:
        proposed = fit(rows[:-last], earlier).chances(rows[-last:]) >= 0.5
        right = int((proposed & later).sum())
        precision = right / int(proposed.sum()) if proposed.any() else None
        recall = right / int(later.sum()) if later.any() else None
    model = fit(rows, truth)
    return Trained(model, len(labels), int(truth.sum()), precision, recall, last)


def fit(rows: Matrix, truth: NDArray[np.bool_]) -> Learnt:
    """One calibrated regression; each kind of label must stand twice at least."""
    linear: Any = import_module("sklearn.linear_model")  # 1 s: only where something is learnt
    calibration: Any = import_module("sklearn.calibration")
    folds = int(min(_FOLDS, truth.sum(), (~truth).sum()))
    base = linear.LogisticRegression(
        C=_STRENGTH, class_weight="balanced", max_iter=500, random_state=_SEED
    )
    calibrated = calibration.CalibratedClassifierCV(
        base, method="sigmoid", cv=folds, ensemble=False
    )
    calibrated.fit(rows, truth)
    (inner,) = calibrated.calibrated_classifiers_
    (sigmoid,) = inner.calibrators
    return Learnt(
        weights=inner.estimator.coef_[0].astype(np.float32),
        bias=float(inner.estimator.intercept_[0]),
        slope=float(sigmoid.a_),
        offset=float(sigmoid.b_),
    )
