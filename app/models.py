"""`vigie models`: what is installed and in force, how far a change has come, speed here."""

from __future__ import annotations

from collections.abc import Iterator

from app.folder import Folder
from enrich.models.installed import Installed, installed, speed
from enrich.reading import Reader
from enrich.vectors import TfidfEmbedder, needs_fitting, open_embedder
from vigie.archive.connect import read
from vigie.archive.rereadings import count_waiting, shown
from vigie.errors import ArchiveError, ModelError
from vigie.model import ReadingJob

_TEXTS = (
    "Le port de Dieppe accueille un nouveau terminal pour les éoliennes en mer",
    "De Vlaamse regering legt een plan voor tegen cyberaanvallen op ziekenhuizen",
    "Der Bundestag berät über ein Gesetz zum Schutz kritischer Anlagen",
    "The European Commission fines a chip maker over its agreements with suppliers",
)


def overview(folder: Folder) -> list[Installed]:
    """Every model that could be named, those in force marked."""
    return installed(folder.settings.models, folder.settings.paths.models)


def progress_of_change(folder: Folder) -> Iterator[str]:
    """What the archive shows, where that is not yet the model of the settings."""
    try:
        db = read(folder.settings.paths.archive)
    except ArchiveError:
        return  # nothing was read yet
    try:
        for role, of in (("reading", "entities, themes"), ("vectors", "vectors")):
            model, waiting = shown(db, role), count_waiting(db, role)
            if model and waiting:
                yield (
                    f"{of}: {waiting} articles are still those of {model.name} {model.revision}; "
                    "`vigie enrich` goes on"
                )
    finally:
        db.close()


def speeds(folder: Folder) -> Iterator[tuple[str, float]]:
    """Reading and vectors as the settings have them; a few seconds, and what loading takes."""
    reader = Reader(folder.settings)

    def read_titles(texts: list[str]) -> object:
        return reader.read([ReadingJob(n, 1, text, "", "") for n, text in enumerate(texts)])

    yield "reading titles (language, entities, themes)", speed(read_titles, list(_TEXTS))
    models = folder.settings.models
    try:
        state = TfidfEmbedder.fit(_TEXTS).state() if needs_fitting(models) else None
        embedder = open_embedder(models, state)
        yield f"vectors of titles ({embedder.name})", speed(embedder.encode, list(_TEXTS))
    except ModelError as error:
        raise ModelError(f"no speed can be measured: {error}") from error
