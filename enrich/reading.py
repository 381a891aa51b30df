"""One article's reading: its language, its entities, its references, its themes.

    reader = Reader(settings)
    readings = reader.read(jobs)        # one Reading for each job, in their order

Any text is read: an empty one has language `und` or the declared one, no mention and no theme;
control characters count as spaces; what lies beyond the caps below is not looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property

from enrich import references
from enrich.boilerplate import Boilerplate
from enrich.entities import EntityReader
from enrich.language import LanguageReader
from enrich.themes import ThemeReader
from enrich.twins import Twins
from enrich.words import without_controls
from vigie.model import Language, Mention, Reading, ReadingJob
from vigie.settings import Settings
from vigie.uncollected import uncollected

MAX_TITLE = 1_000  # characters
MAX_SUMMARY = 5_000
MAX_TEXT = 20_000
_MAX_WORD = 200  # characters: longer runs without a space are data, not words


class Reader:
    """The three readers together, as the settings have them."""

    @uncollected()
    def __init__(self, settings: Settings) -> None:
        self._languages = LanguageReader()
        self._entities = EntityReader(settings.gazetteer, settings.models)
        self._twins = Twins(settings.gazetteer)
        self._boilerplate = Boilerplate(settings.gazetteer)
        self._themes = ThemeReader(settings.themes, settings.gazetteer)

    @cached_property
    def revision(self) -> str:
        """Changes with any model, the gazetteer or the rules. Raises ModelError."""
        parts = (
            *(self._languages.revision, self._entities.revision),
            *(references.REVISION, self._themes.revision),
        )
        return "+".join(parts)

    @cached_property
    @uncollected()
    def _loaded(self) -> bool:
        """Whether the models are here: both are loaded at once. Raises ModelError."""
        with ThreadPoolExecutor(1, "languages") as beside:
            languages = beside.submit(self._languages.load)
            self._entities.load()
            languages.result()
        return True

    def read(self, jobs: Sequence[ReadingJob]) -> list[Reading]:
        """Read a batch. Raises ModelError where a model in force cannot be loaded."""
        if not jobs or not self._loaded:
            return []
        cut = [_cut(job) for job in jobs]
        languages = [
            self._languages.read(
                "\n".join(part for part in (job.title, job.summary, job.text) if part),
                job.declared_language,
            )
            for job in cut
        ]
        mentions = self._entities.read(cut, [language.code for language in languages])
        return [self._reading(*row) for row in zip(cut, languages, mentions, strict=True)]

    def _reading(
        self, job: ReadingJob, language: Language, mentions: tuple[Mention, ...]
    ) -> Reading:
        mentions = self._boilerplate.mark(job, self._twins.settle(mentions))
        counted = [mention for mention in mentions if not mention.boilerplate]
        themes, ruled_out = self._themes.judge(job, language.code, counted)
        return Reading(
            article=job.article,
            revision=job.revision,
            language=language,
            mentions=mentions,
            themes=themes,
            references=references.read(job, language.code),
            ruled_out=ruled_out,
        )


def _cut(job: ReadingJob) -> ReadingJob:
    """The job within the caps; offsets stay those of the texts as given."""
    return replace(
        job,
        title=_readable(job.title, MAX_TITLE),
        summary=_readable(job.summary, MAX_SUMMARY),
        text=_readable(job.text, MAX_TEXT),
    )


def _readable(text: str, most: int) -> str:
    cut = without_controls(text[:most])
    if len(cut) <= _MAX_WORD or max(map(len, cut.split()), default=0) <= _MAX_WORD:
        return cut
    return " ".join(" " * len(word) if len(word) > _MAX_WORD else word for word in cut.split(" "))
