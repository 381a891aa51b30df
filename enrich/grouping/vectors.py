"""The window's vectors: 8 bits a number, in a mapped file where they are many."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from tempfile import TemporaryFile

import numpy as np
from numpy.typing import NDArray

from enrich.grouping.flat import Floats, Ids

_FIRST = 256  # rows
_NO_SUCH_CALL = (errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS)  # some file systems
_MAPPED = 16_384  # rows from which on a file holds them: the system may take the memory back


class Vectors:
    """Vectors of length 1 or 0, one a row, as whole numbers from -127 to 127 times a scale.

    The cosine of two is off by 0.005 at most, measured on all pairs of 433 TF-IDF vectors.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """`folder`: where the file of a wide window lies, without a name; None for memory alone."""
        self._folder = folder
        self._numbers: NDArray[np.int8] = np.zeros((0, 0), dtype=np.int8)
        self._scales: Floats = np.zeros(0, dtype=np.float32)

    def extend(self, first: int, vectors: Floats) -> None:
        """The next rows' vectors, shape (n, dims).

        Raises ValueError for vectors of another length than the others, OSError where the disk has
        no room for a wide window.
        """
        if not len(self._numbers):
            self._numbers = np.zeros((0, vectors.shape[1]), dtype=np.int8)
        if self._numbers.shape[1] != vectors.shape[1]:
            dims = self._numbers.shape[1]
            raise ValueError(f"a vector of {vectors.shape[1]} numbers among vectors of {dims}")
        end = first + len(vectors)
        if end > len(self._numbers):
            self._grow(max(end, 2 * len(self._numbers), _FIRST))
        scales = np.abs(vectors).max(axis=1, initial=0.0) / np.float32(127.0)
        self._scales[first:end] = scales
        scales[scales == 0.0] = 1.0  # a vector of noughts
        self._numbers[first:end] = np.rint(vectors / scales[:, None])

    def _grow(self, rows: int) -> None:
        shape = (rows, self._numbers.shape[1])
        if self._folder is None or rows < _MAPPED:
            larger: NDArray[np.int8] = np.zeros(shape, dtype=np.int8)
        else:
            larger = _mapped(self._folder, shape)
        larger[: len(self._numbers)] = self._numbers
        self._numbers = larger
        self._scales = np.pad(self._scales, (0, rows - len(self._scales)))

    def of(self, rows: Ids) -> Floats:
        """Shape (len(rows), dims), as they are kept: of length nearly 1."""
        found: Floats = self._numbers[rows].astype(np.float32) * self._scales[rows][:, None]
        return found

    def products(self, mine: Ids, others: Ids) -> Floats:
        """Cosines, shape (len(mine), len(others)).

        Sums of whole numbers below 2**24 are exact in float32 whatever their order (so are those
        of 1,024 numbers): the same pair has the same cosine whatever lies around.
        """
        one, other = self._numbers.take(mine, axis=0), self._numbers.take(others, axis=0)
        sums: Floats = one.astype(np.float32) @ other.astype(np.float32).T
        sums *= self._scales[others]
        sums *= self._scales[mine][:, None]
        return sums


def _mapped(folder: Path, shape: tuple[int, int]) -> NDArray[np.int8]:
    """Noughts in a file without a name, which is gone with the process.

    The disk's room is taken at once: a full disk is an error here, not a crash at some later row.
    """
    with TemporaryFile(dir=folder) as file:
        _take_room(file.fileno(), shape[0] * shape[1])
        numbers = np.memmap(file, dtype=np.int8, mode="r+", shape=shape)
    return numbers.view(np.ndarray)  # a subclass costs at each of the many small cuts


def _take_room(file: int, size: int) -> None:
    """Lengthen a file, its room on the disk taken where the system can."""
    try:
        os.posix_fallocate(file, 0, size)
    except AttributeError:  # macOS
        os.ftruncate(file, size)
    except OSError as error:
        if error.errno not in _NO_SUCH_CALL:
            raise
        os.ftruncate(file, size)
