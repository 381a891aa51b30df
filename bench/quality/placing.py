"""Our own grouping over items in one go, as a night of the pipeline leaves it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import numpy as np

from bench.quality.files import Pressed, each
from bench.quality.inforce import InForce
from collectors.urls import canonical
from enrich.grouping import regroup
from enrich.models.static import shipped_vectors
from enrich.vectors import GroupingVectors, text_of
from vigie.model import GroupingItem, Placement, ReadingJob

BATCH = 256


def placed(
    items: Sequence[Pressed],
    language: str,
    force: InForce,
    embedder: GroupingVectors,
    advance: Callable[[int], None] = lambda _steps: None,
) -> list[Placement]:
    """The place of each item, in the order given, as a night's regrouping leaves it.

    The items are grouped in order of publication, all as one window.
    """
    whole = grouping_items(items, language, force)
    order = sorted(range(len(items)), key=lambda place: (whole[place].published, place))
    if not order:
        return []
    vectors = np.concatenate(
        [
            embedder.encode(
                [text_of(items[place].title, items[place].summary, "") for place in some]
            )
            for some in each(order, BATCH)
        ]
    )
    ordered = [whole[place] for place in order]
    words = shipped_vectors()
    placements = regroup(ordered, vectors, force.settings.grouping, advance=advance, words=words)
    found = dict(zip(order, placements, strict=True))
    return [found[place] for place in range(len(items))]


def grouping_items(items: Sequence[Pressed], language: str, force: InForce) -> list[GroupingItem]:
    """What grouping looks at, with the entities that the reader in force finds."""
    found: list[GroupingItem] = []
    for batch in each(items, BATCH):
        jobs = [
            ReadingJob(number, 1, item.title, item.summary, "", language)
            for number, item in enumerate(batch)
        ]
        read = force.entities.read(jobs, [language] * len(jobs))
        for item, mentions in zip(batch, read, strict=True):
            found.append(
                GroupingItem(
                    article=len(found) + 1,
                    source=item.publisher,
                    published=moment(item.published),
                    language=language,
                    title=item.title,
                    lead=item.summary,
                    entities=frozenset(one.entity for one in mentions),
                    address=canonical(item.url),
                )
            )
    return found


def moment(said: str) -> datetime:
    """A date in ISO 8601, in the way of mails or as 2024-01-26T0028; 1970 for what is none."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = read(said)
        except ValueError:
            continue
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    return datetime(1970, 1, 1, tzinfo=UTC)
