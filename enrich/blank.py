"""spaCy without torch, for pipelines of the reader's own.

thinc, which spaCy stands on, imports torch whenever it is installed: 2.7 s and 180 MB that a small
pipeline never uses. Here the import is told that there is none; whoever imports torch afterwards
gets it, only thinc's torch bridge stays off in this process. Where torch is loaded already, nothing
is hidden. The shipped model does not need spaCy at all (see `enrich.stored`).
"""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import Any


@lru_cache(maxsize=1)
def spacy_without_torch() -> Any:
    """The module spacy. Raises ImportError where it is not installed."""
    hidden = "torch" not in sys.modules and "spacy" not in sys.modules
    if hidden:
        # None in sys.modules makes `import torch` an ImportError, which thinc takes for "no torch".
        sys.modules["torch"] = None  # type: ignore[assignment]  # the import system's own convention
    try:
        import spacy  # noqa: PLC0415 (1 s: only where entities are read)
    finally:
        if hidden:
            del sys.modules["torch"]
    return spacy
