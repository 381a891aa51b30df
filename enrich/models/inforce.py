"""Which models are in force here, for `vigie doctor`: said, never guessed.

torch is loaded only where the settings name a sentence-transformers model.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from enrich.entities import GAZETTEER, EntityReader
from enrich.language import LanguageReader
from enrich.models.shipped import VIGIE, folder_of, verified
from enrich.themes import ThemeReader
from enrich.vectors import TFIDF, TfidfEmbedder, needs_fitting, open_embedder
from vigie.errors import ModelError
from vigie.schema import Models
from vigie.settings import Settings

NOT_FITTED = "not fitted yet"


@dataclass(frozen=True, slots=True)
class ModelInForce:
    """One model, or set of rules, as `vigie doctor` shows it."""

    task: str  # language, entities, themes, vectors or grouping
    name: str
    revision: str  # "" where it cannot be loaded, NOT_FITTED for TF-IDF before its first texts
    origin: str  # where it comes from, in words
    error: str = ""  # why it cannot be loaded, and the way out

    @property
    def ok(self) -> bool:
        return not self.error


def in_force(settings: Settings, state: bytes | None = None) -> list[ModelInForce]:
    """Each task's model. `state`: what the archive keeps of fitted TF-IDF."""
    entities = EntityReader(settings.gazetteer, settings.models)
    chosen = settings.models.entities
    name = chosen if isinstance(chosen, str) else ", ".join(f"{k}: {v}" for k, v in chosen.items())
    count = len(settings.gazetteer)
    listed = f"config/gazetteer.toml, {count} entities"
    ours = "comes with Vigie; `vigie models show entities` prints its card"
    source = ours if name == VIGIE else "spaCy pipelines installed here"
    origin = listed if name == GAZETTEER else f"{source}; {listed}"
    rules = f"config/themes.toml, {len(settings.themes)} themes"
    return [
        _told("language", "py3langid", "the Python package", lambda: LanguageReader().revision),
        _told("entities", name, origin, lambda: entities.revision),
        _told(
            "themes",
            "rules",
            rules,
            lambda: ThemeReader(settings.themes, settings.gazetteer).revision,
        ),
        _told("vectors", settings.models.vectors, *_vectors(settings.models, state)),
        _lexical(state),
    ]


def _vectors(models: Models, state: bytes | None) -> tuple[str, Callable[[], str]]:
    """Where the vectors come from, and how to learn their revision."""
    if models.vectors == VIGIE:
        folder = folder_of("vectors")
        said = "comes with Vigie; `vigie models show vectors` prints its card"
        return said, lambda: verified(folder).revision
    if needs_fitting(models):
        said = "scikit-learn, fitted on this archive's texts"
        return said, lambda: open_embedder(models, state).revision if state else NOT_FITTED
    said = "sentence-transformers, from the local cache or a folder"
    return said, lambda: open_embedder(models, None).revision


def _lexical(state: bytes | None) -> ModelInForce:
    origin = "scikit-learn, fitted on this archive's texts; between languages the shipped vectors"
    if state is None:
        return ModelInForce("grouping", TFIDF, NOT_FITTED, origin)
    return _told("grouping", TFIDF, origin, lambda: TfidfEmbedder.from_state(state).revision)


def _told(task: str, name: str, origin: str, revision: Callable[[], str]) -> ModelInForce:
    try:
        return ModelInForce(task, name, revision(), origin)
    except ModelError as error:
        return ModelInForce(task, name, "", origin, str(error))
