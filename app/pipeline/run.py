"""One full turn of the pipeline on a folder."""

from __future__ import annotations

from datetime import datetime

from app.folder import Folder
from app.pipeline import emerging
from app.pipeline.collect import Collected, collect
from app.pipeline.enriching import Enriched, enrich
from app.progress import Progress


def turn(
    folder: Folder,
    now: datetime,
    progress: Progress | None = None,
    *,
    everything: bool = False,
    patience: float | None = None,
) -> tuple[Collected, Enriched]:
    """Collect, enrich and look for what emerges, with the lock held. Raises BusyError, ModelError.

    `patience`: seconds for articles that a changed model has still to read again; None: no limit.
    """
    with folder.lock(), folder.archive(now) as db:
        collected = collect(db, folder.settings, now, progress, everything=everything)
        enriched = enrich(db, folder.settings, now, progress, patience=patience)
        if emerging.is_due(db, folder.settings, now):
            emerging.look_for(db, folder.settings, now, progress)
        return collected, enriched
