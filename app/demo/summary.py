"""What the demo, and a replay, found: a few figures for a person and for summary.json."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from app.pipeline.collect import Collected
from vigie.model import Delivery, Issue
from vigie.settings import Settings


@dataclass(frozen=True, slots=True)
class FailedSource:
    """A source that gave nothing, and why."""

    source: str
    kind: str
    detail: str


@dataclass(frozen=True, slots=True)
class Counts:
    """What the archive holds."""

    articles: int
    articles_with_full_text: int
    languages: dict[str, int]
    duplicates: int  # articles beyond the first of their near-duplicate group
    stories_of_several: int
    stories_across_languages: int
    entities: int
    mentions: int
    articles_with_theme: int
    quarantined: int


@dataclass(frozen=True, slots=True)
class Sending:
    """A recipient, and what became of their message."""

    structure: str
    recipient: str
    language: str
    state: str
    detail: str


@dataclass(frozen=True, slots=True)
class Summary:
    """The whole of summary.json."""

    home: str
    sources: int
    sources_ok: int
    failed: tuple[FailedSource, ...]
    items: int
    pages: int
    counts: Counts
    issue: str
    issue_items: int
    sent: tuple[Sending, ...]
    next: tuple[str, ...]
    alerts: int = 0  # messages of alerts that left
    seconds: float = 0.0

    def lines(self) -> Iterator[str]:
        """The summary as a person reads it."""
        counts = self.counts
        languages = ", ".join(f"{code} {n}" for code, n in counts.languages.items())
        delivered = sum(one.state == "sent" for one in self.sent)
        structures = len({one.structure for one in self.sent})
        yield f"Sources     {self.sources_ok} of {self.sources} answered"
        for failed in self.failed:
            yield f"              {failed.source}: {failed.detail}"
        yield (
            f"Articles    {counts.articles} ({languages}), "
            f"{counts.articles_with_full_text} with their full text"
        )
        yield (
            f"Grouped     {counts.duplicates} near-duplicates folded, "
            f"{counts.stories_of_several} stories of several articles, "
            f"{counts.stories_across_languages} across languages"
        )
        yield f"Named       {counts.entities} people, places and bodies, {counts.mentions} times"
        yield f"Bulletin    {self.issue}: {self.issue_items} items, in {self.home}/bulletin"
        yield f"Sent        {delivered} of {len(self.sent)} recipients in {structures} structures"
        for one in self.sent:
            if one.state != "sent":
                yield f"              {one.recipient}: {one.state}, {one.detail}"
        if self.alerts:
            yield f"Alerts      {self.alerts} sent beside it: `vigie alerts log` says why"
        yield f"Time        {self.seconds:.0f} s"
        yield ""
        yield "Next:"
        for command in self.next:
            yield f"  {command}"


def count(db: Database) -> Counts:
    """What the archive holds now."""

    def one(sql: str) -> int:
        return int(db.execute(sql).fetchone()[0])

    languages = db.execute(
        "SELECT language, count(*) FROM readings GROUP BY language ORDER BY 2 DESC, 1"
    )
    return Counts(
        articles=one("SELECT count(*) FROM articles"),
        articles_with_full_text=one("SELECT count(*) FROM articles WHERE page = 'done'"),
        languages=dict(languages.fetchall()),
        duplicates=one("SELECT count(*) - count(DISTINCT group_id) FROM duplicate_members"),
        stories_of_several=one("SELECT count(*) FROM story_overview WHERE articles > 1"),
        stories_across_languages=one(
            "SELECT count(*) FROM story_overview WHERE instr(languages, ',') > 0"
        ),
        entities=one("SELECT count(DISTINCT entity_id) FROM mentions"),
        mentions=one("SELECT count(*) FROM mentions"),
        articles_with_theme=one("SELECT count(DISTINCT article_id) FROM article_themes"),
        quarantined=one("SELECT count(*) FROM quarantine"),
    )


def failures(collected: Collected) -> tuple[FailedSource, ...]:
    """Each source that failed, with its reason."""
    return tuple(
        FailedSource(outcome.source, outcome.failure.kind.value, outcome.failure.detail)
        for outcome in sorted(collected.failed, key=lambda outcome: outcome.source)
        if outcome.failure is not None
    )


def summarise(
    archive: Database,
    settings: Settings,
    collected: Collected,
    issue: Issue,
    ledger: Sequence[Delivery],
    command: str,
) -> Summary:
    """The demo's summary; `command` is how this person calls vigie."""
    home = settings.home
    call = f"{command} --home {home}"
    return Summary(
        home=str(home),
        sources=len(collected.outcomes),
        sources_ok=len(collected.outcomes) - len(collected.failed),
        failed=failures(collected),
        items=collected.items,
        pages=collected.pages,
        counts=count(archive),
        issue=issue.id,
        issue_items=len(issue.items),
        sent=tuple(
            Sending(
                row.recipient.structure,
                row.recipient.name,
                row.recipient.language,
                row.state.value,
                row.detail,
            )
            for row in ledger
        ),
        next=(
            f'{call} search "énergie OR chantage" --lang fr',
            f"{call} serve --no-schedule   (then open http://127.0.0.1:{settings.serve.port}/)",
            f"{command} init ma-veille   (a folder of your own)",
        ),
    )
