"""search: full text over the archive, for people and for scripts."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import asdict

import click

from app.cli import Invocation
from app.folder import Folder
from vigie.archive.moments import to_text
from vigie.archive.search import Hit, SearchFilter
from vigie.archive.search import search as find

_PARTIAL_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


def _date(_ctx: click.Context, parameter: click.Parameter, value: str) -> str:
    if value and not _PARTIAL_DATE.fullmatch(value):
        raise click.BadParameter("a date such as 2026, 2026-01 or 2026-01-15", param=parameter)
    return value


@click.command(
    epilog='Example: vigie search "énergie OR chantage" --lang fr --since 2026-01 --json'
)
@click.argument("words", nargs=-1)
@click.option("--lang", default="", help="Language: fr, nl, de, en.")
@click.option("--since", default="", callback=_date, help="From that year, month or day on.")
@click.option(
    "--until", default="", callback=_date, help="Up to that year, month or day, included."
)
@click.option("--source", default="", help="A source's id.")
@click.option("--theme", default="", help="A theme's id.")
@click.option("--entity", default="", help="An entity's id, e.g. otan.")
@click.option("--territory", default="", help="Naming a place there: a NUTS code, e.g. FRD or BE2.")
@click.option(
    "--reference",
    default="",
    help="A CVE, an act, a patent ..., as it is written: CVE-2024-1234, NIS2, '2,5 Mio. €'.",
)
@click.option("--story", default="", help="A story's id, also one that was merged away.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 100_000))
@click.option("--json", "form", flag_value="json", help="One JSON list on standard output.")
@click.option("--csv", "form", flag_value="csv", help="CSV with a heading line.")
@click.pass_obj
def search(
    invocation: Invocation,
    words: tuple[str, ...],
    lang: str,
    since: str,
    until: str,
    source: str,
    theme: str,
    entity: str,
    territory: str,
    reference: str,
    story: str,
    limit: int,
    form: str | None,
) -> None:
    """Search titles, summaries and texts; accents and capitals do not matter.

    WORDS may hold AND, OR, NOT, (parentheses), "a phrase" and a final * for the beginning of a
    word. Without WORDS, the newest articles that pass the filters.
    """
    folder = Folder.at(invocation.home)
    narrow = SearchFilter(
        *(lang, since, until, source, theme, entity, territory.upper()),
        *(_canonical(reference, lang), story),
    )
    with folder.reading() as db:
        hits = find(db, " ".join(words), narrow, limit)
    if form == "json":
        click.echo(json.dumps([_plain(hit) for hit in hits], ensure_ascii=False, indent=2))
    elif form == "csv":
        _write_csv(hits)
    else:
        _print(hits, limit)


def _canonical(reference: str, language: str) -> str:
    """The value of what is written, where it is read as one reference; else as it is written."""
    if not reference:
        return ""
    from enrich.references import read
    from vigie.model import ReadingJob

    found = {one.value for one in read(ReadingJob(0, 0, reference, "", ""), language or "fr")}
    return found.pop() if len(found) == 1 else reference


def _plain(hit: Hit) -> dict[str, object]:
    return {**asdict(hit), "published": to_text(hit.published)}


def _write_csv(hits: Sequence[Hit]) -> None:
    writer = csv.DictWriter(sys.stdout, fieldnames=list(Hit.__dataclass_fields__))
    writer.writeheader()
    for hit in hits:
        writer.writerow({key: _inert(value) for key, value in _plain(hit).items()})


def _inert(value: object) -> object:
    """A spreadsheet must not take a fetched title for a formula."""
    dangerous = isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{value}" if dangerous else value


def _print(hits: Sequence[Hit], limit: int) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console()
    for hit in hits:
        heading = f"{hit.published:%Y-%m-%d}  {hit.source} [{hit.language}]  "
        console.print(Text(heading, style="dim") + Text(hit.title, style="bold"))
        if hit.snippet:
            console.print(Text(f"  {' '.join(hit.snippet.split())}"))
        console.print(Text(f"  {hit.article}  {hit.url}", style="dim"), soft_wrap=True)
    noun = "article" if len(hits) == 1 else "articles"
    more = f" (the first {limit}: --limit shows more)" if len(hits) == limit else ""
    console.print(f"{len(hits)} {noun}{more}", style="dim")


COMMANDS = {"search": search}
