"""Small matrices are multiplied by one thread.

OpenBLAS gives every product to as many threads as there are cores, which then wait for one another:
30 words times a layer of 288 by 288 took 34 ms on four busy cores, and 0.8 ms on one of them.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache

from threadpoolctl import ThreadpoolController


def one_thread() -> AbstractContextManager[object]:
    """While it is open, BLAS has one thread, in the whole process. Takes 20 microseconds."""
    limited: AbstractContextManager[object] = _controller().limit(limits=1, user_api="blas")
    return limited


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()  # looks once for the libraries that are loaded: numpy's is
