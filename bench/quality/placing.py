"""Our own grouping over items in one go, as the pipeline places them: read, embedded, placed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from bench.quality.files import Pressed, each
from bench.quality.inforce import InForce
from enrich.grouping import Window
from enrich.vectors import Embedder, text_of
from vigie.model import GroupingItem, Placement, ReadingJob

BATCH = 256


def placed(
    items: Sequence[Pressed],
    language: str,
    force: InForce,
    embedder: Embedder,
    advance: Callable[[int], None] = lambda _steps: None,
) -> list[Placement]:
    """The placement of each item, in the order given; they are placed in order of publication."""
    window = Window(force.settings.grouping, embedder.name)
    whole = grouping_items(items, language, force)
    order = sorted(range(len(items)), key=lambda place: (whole[place].published, place))
    found: dict[int, Placement] = {}
    for batch in each(order, BATCH):
        vectors = embedder.encode(
            [text_of(items[place].title, items[place].summary, "") for place in batch]
        )
        for place, vector in zip(batch, vectors, strict=True):
            found[place] = window.place(whole[place], vector)
        advance(len(batch))
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
