"""The models that come with Vigie: one folder each beside this module, with a card.

`card.json` says what a program needs: version, form, licence, the SHA-256 of every other file and
the figures; `README.md` says the same to a person. Nothing is loaded whose files differ from the
card: a model that was cut short or changed would give results that no card answers for.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from vigie.errors import ModelError

VIGIE = "vigie"  # what the settings call the shipped models
FORM = 1  # of card.json and the folder; a folder of another form is refused
ROOT = Path(__file__).parent
TASKS = ("entities", "vectors")


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of a card's table: what was measured, and what came out for each language."""

    what: str
    values: tuple[tuple[str, float], ...]  # (language or pair, value)


@dataclass(frozen=True, slots=True)
class Card:
    """What `card.json` says."""

    task: str
    version: str
    licence: str
    about: str
    files: tuple[tuple[str, str], ...]  # (name, SHA-256)
    figures: tuple[Figure, ...]

    @property
    def revision(self) -> str:
        """`vigie-` with task and version, and 12 digits of a hash over the files' hashes."""
        digest = hashlib.sha256("".join(name + sha for name, sha in self.files).encode())
        return f"{VIGIE}-{self.task}-{self.version}-{digest.hexdigest()[:12]}"


def folder_of(task: str) -> Path:
    return ROOT / task


def is_shipped(task: str) -> bool:
    """Whether this Vigie comes with a model for the task."""
    return (folder_of(task) / "card.json").is_file()


def read_card(folder: Path) -> Card:
    """The card of a model folder. Raises ModelError, naming folder and way out."""
    try:
        said = json.loads((folder / "card.json").read_text("utf-8"))
        form = said["form"]
        if form != FORM:
            raise _unusable(folder, f"it is of form {form}, and this Vigie reads form {FORM}")
        return Card(
            task=str(said["task"]),
            version=str(said["version"]),
            licence=str(said["licence"]),
            about=str(said["about"]),
            files=tuple(sorted((str(k), str(v)) for k, v in said["files"].items())),
            figures=tuple(
                Figure(
                    str(row["what"]), tuple((str(k), float(v)) for k, v in row["values"].items())
                )
                for row in said["figures"]
            ),
        )
    except FileNotFoundError as error:
        raise _unusable(folder, "there is no card.json") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unusable(folder, f"its card.json cannot be read ({error})") from error


def verified(folder: Path) -> Card:
    """The card, after every file was found to be the one it names. Raises ModelError."""
    card = read_card(folder)
    for name, expected in card.files:
        try:
            with (folder / name).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise _unusable(folder, f"{name} cannot be read ({error.strerror})") from error
        if found != expected:
            raise _unusable(folder, f"{name} is not the file that its card names (SHA-256 differs)")
    return card


@cache
def verified_once(folder: Path) -> Card:
    """`verified`, once a process and folder: a model is opened in several places."""
    return verified(folder)


def card_text(folder: Path) -> str:
    """The card for a person. Raises ModelError."""
    try:
        return (folder / "README.md").read_text("utf-8")
    except OSError as error:
        raise _unusable(folder, f"there is no README.md ({error.strerror})") from error


def _unusable(folder: Path, why: str) -> ModelError:
    if folder.parent == ROOT:
        way_out = "install Vigie again (`pip install --force-reinstall vigie`)"
    else:
        way_out = "put the whole folder in place again"
    return ModelError(
        f"the model in {folder} cannot be used: {why}. To put it right, {way_out}, or name another "
        "model under [models] in vigie.toml"
    )
