"""The window's vectors: in memory, and in a mapped file where they are many."""

from __future__ import annotations

import errno
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from enrich.grouping.vectors import Vectors

DIMS = 4
MANY = 20_000  # rows: more than stay in memory


def some(count: int) -> np.ndarray:
    found = np.random.default_rng(1).normal(size=(count, DIMS)).astype(np.float32)
    found[0] = 0.0
    found[1:] /= np.linalg.norm(found[1:], axis=1, keepdims=True)
    return found


def filled(vectors: np.ndarray, folder: Path | None) -> Vectors:
    kept = Vectors(folder)
    for first in range(0, len(vectors), 256):
        kept.extend(first, vectors[first : first + 256])
    return kept


def mapped_files() -> int:
    """How many files without a name this process has mapped."""
    return sum("(deleted)" in line for line in Path("/proc/self/maps").read_text().splitlines())


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """As on a disk with so many bytes left."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_file_holds_what_memory_would(tmp_path: Path) -> None:
    vectors, rows = some(MANY), np.array([0, 1, 255, 256, 16_383, 16_384, MANY - 1])
    in_memory, in_file = filled(vectors, None), filled(vectors, tmp_path)
    assert np.array_equal(in_memory.of(rows), in_file.of(rows))
    assert np.array_equal(in_memory.products(rows, rows), in_file.products(rows, rows))
    assert np.allclose(in_file.of(rows), vectors[rows], atol=0.01)


def test_only_a_wide_window_takes_a_file_and_leaves_none_behind(tmp_path: Path) -> None:
    before = mapped_files()
    few = filled(some(1_000), tmp_path)
    assert mapped_files() == before
    many = filled(some(MANY), tmp_path)
    assert mapped_files() == before + 1
    assert list(tmp_path.iterdir()) == []
    del few, many
    assert mapped_files() == before


def test_a_full_disk_is_an_error_before_a_row_is_lost(tmp_path: Path) -> None:
    vectors = some(MANY)
    kept = filled(vectors[:16_384], tmp_path)
    with files_of_at_most(1_000), pytest.raises(OSError, match=r"[Ff]ile too large|[Nn]o space"):
        kept.extend(16_384, vectors[16_384:])
    assert np.allclose(kept.of(np.array([16_383])), vectors[16_383], atol=0.01)


def test_vectors_of_two_lengths_are_refused() -> None:
    kept = filled(some(3), None)
    with pytest.raises(ValueError, match="a vector of 5 numbers among vectors of 4"):
        kept.extend(3, np.ones((1, 5), dtype=np.float32))


@pytest.mark.parametrize("missing", [AttributeError, OSError(errno.EOPNOTSUPP, "not supported")])
def test_a_file_system_that_reserves_no_room_will_do(
    missing: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: int) -> None:
        raise missing

    monkeypatch.setattr("os.posix_fallocate", refuse)
    vectors, rows = some(MANY), np.array([1, MANY - 1])
    assert np.allclose(filled(vectors, tmp_path).of(rows), vectors[rows], atol=0.01)
