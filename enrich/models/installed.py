"""The models on this machine: shipped, installed as spaCy pipelines, or fetched by command."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

from enrich.models import shipped
from vigie.errors import ModelError
from vigie.schema import Models

RECORD = "pulled.json"  # in the models folder of the settings
_SPEED_TEXTS = 512
_SPEED_SECONDS = 0.4  # at most, for each model, its loading not counted


@dataclass(frozen=True, slots=True)
class Pulled:
    """A model that was fetched by command: its commit or version, so that it can be had again."""

    name: str
    kind: str  # spacy or sentence-transformers
    revision: str
    at: str


@dataclass(frozen=True, slots=True)
class Installed:
    """One line of `vigie models`."""

    task: str  # entities or vectors
    name: str  # as the settings would name it
    revision: str
    in_force: bool
    note: str  # the card's key figures, or where it comes from
    error: str = ""  # why it cannot be used, and the way out


def installed(models: Models, folder: Path) -> list[Installed]:
    """Everything that the settings could name without a download, and what they name."""
    found = [_shipped(task, models) for task in shipped.TASKS if shipped.is_shipped(task)]
    found.append(_line("entities", "gazetteer", "", models, "names of config/gazetteer.toml"))
    found.append(_line("vectors", "tfidf", "", models, "fitted here; groups are made with it"))
    pulled = {one.name: one for one in read_record(folder)}
    pipelines = dict(spacy_pipelines())
    for name, version in pipelines.items():
        found.append(_line("entities", name, version, models, "spaCy pipeline"))
    for one in pulled.values():
        if one.name not in pipelines:
            task = "vectors" if one.kind == "sentence-transformers" else "entities"
            found.append(_line(task, one.name, one.revision[:12], models, f"fetched {one.at}"))
    told = {(one.task, one.name) for one in found}
    for task, name in sorted(_named(models) - told):
        found.append(Installed(task, name, "", True, "named in vigie.toml"))
    return found


def _line(task: str, name: str, revision: str, models: Models, note: str) -> Installed:
    return Installed(task, name, revision, (task, name) in _named(models), note)


def _named(models: Models) -> set[tuple[str, str]]:
    """(task, name) of every model that the settings name."""
    chosen = models.entities
    names = {chosen} if isinstance(chosen, str) else set(chosen.values())
    return {("entities", name) for name in names} | {("vectors", models.vectors)}


def _shipped(task: str, models: Models) -> Installed:
    used = (task, shipped.VIGIE) in _named(models)
    try:
        card = shipped.verified(shipped.folder_of(task))
    except ModelError as error:
        return Installed(task, shipped.VIGIE, "", used, "", str(error))
    first = card.figures[0] if card.figures else None
    note = f"{first.what}: {_values(first)}" if first else card.about
    return Installed(task, shipped.VIGIE, card.revision, used, note)


def _values(figure: shipped.Figure) -> str:
    return ", ".join(f"{name} {value:.3f}".replace(" 0.", " .") for name, value in figure.values)


def spacy_pipelines() -> list[tuple[str, str]]:
    """(name, version) of the installed packages that spaCy would load as a pipeline."""
    entries = metadata.entry_points(group="spacy_models")
    return sorted((one.name, one.dist.version if one.dist else "") for one in entries)


def read_record(folder: Path) -> list[Pulled]:
    """What was fetched by command. Raises ModelError where the record cannot be read."""
    path = folder / RECORD
    if not path.exists():
        return []
    try:
        return [Pulled(**row) for row in json.loads(path.read_text("utf-8"))]
    except (OSError, ValueError, TypeError) as error:
        raise ModelError(
            f"{path} cannot be read ({error}); remove it, the models themselves stay"
        ) from error


def write_record(folder: Path, one: Pulled) -> None:
    """Add a fetched model, or its new revision."""
    kept = [other for other in read_record(folder) if other.name != one.name]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / RECORD
    waiting = path.with_suffix(".new")
    rows = [asdict(row) for row in sorted([*kept, one], key=lambda row: row.name)]
    waiting.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    waiting.replace(path)


def speed(work: Callable[[list[str]], object], texts: list[str]) -> float:
    """Texts a second of processor time. What `work` must load is loaded by a first call."""
    texts = (texts * (_SPEED_TEXTS // len(texts) + 1))[:_SPEED_TEXTS]
    work(texts[:8])
    done, start = 0, time.process_time()
    while (took := time.process_time() - start) < _SPEED_SECONDS:
        work(texts)
        done += len(texts)
    return done / took
