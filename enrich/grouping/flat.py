"""Tables that rows are appended to, and lists of numbers that lie end to end, one for each row."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
Ids = NDArray[np.int64]
Hashes = NDArray[np.uint64]

_T = TypeVar("_T", bound=np.generic)


def gathered(starts: Ids, rows: Ids) -> tuple[Ids, Ids]:
    """Whose (from 0 on) and where each element of some rows' lists is.

    `starts`: where each list begins, and where the last one ends.
    """
    sizes = starts[rows + 1] - starts[rows]
    owner = np.repeat(np.arange(len(rows)), sizes)
    ends = np.cumsum(sizes)
    places = np.arange(int(ends[-1]) if len(ends) else 0)
    places += np.repeat(starts[rows] - (ends - sizes), sizes)
    return owner, places


def doubled(table: NDArray[_T]) -> NDArray[_T]:
    """The same, and noughts behind it for as many again."""
    return np.concatenate([table, np.zeros_like(table)])
