"""sources: what is watched, and how it is."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime

import click

from app.cli import Invocation, curating_sources
from app.folder import Folder
from vigie.archive import sources as rows
from vigie.archive.moments import to_text
from vigie.errors import NotFoundError


@click.group(
    invoke_without_command=True,
    epilog="Example: vigie sources --ill, then vigie sources show certfr-alertes",
)
@click.option("--ill", is_flag=True, help="Only those that failed at their last poll.")
@click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")
@click.pass_context
def sources(ctx: click.Context, ill: bool, as_json: bool) -> None:
    """List the sources: well or ill, since when and why, articles, last article."""
    if ctx.invoked_subcommand is not None:
        return
    invocation: Invocation = ctx.obj
    folder = Folder.at(invocation.home)
    with folder.reading() as db:
        found = [row for row in rows.overview(db) if not ill or row.state == "ill"]
    if as_json:
        plain = [_plain(asdict(row)) for row in found]
        click.echo(json.dumps(plain, ensure_ascii=False, indent=2))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("source", "state", "articles", "last article", "what is wrong", box=None)
    table.columns[0].overflow = "fold"
    for row in found:
        since = f" since {row.ill_since:%Y-%m-%d %H:%M}" if row.ill_since else ""
        last = f"{row.last_article:%Y-%m-%d}" if row.last_article else ""
        table.add_row(row.id, row.state + since, str(row.articles), last, row.failure)
    Console().print(table)


@sources.command(epilog="Example: vigie sources show certfr-alertes")
@click.argument("source")
@click.pass_obj
def show(invocation: Invocation, source: str) -> None:
    """Tell the story of a SOURCE's last 20 polls."""
    folder = Folder.at(invocation.home)
    with folder.reading() as db:
        row = next((row for row in rows.overview(db) if row.id == source), None)
        if row is None:
            raise NotFoundError(f"no source {source!r}; `vigie sources` lists them")
        polls = list(rows.history(db, source))
    click.echo(f"{row.title} ({row.id}): {row.state}\n{row.url}")
    if row.failure:
        click.echo(f"last failure: {row.failure}")
    if row.next_due:
        click.echo(f"next poll after {row.next_due:%Y-%m-%d %H:%M} UTC")
    for poll in polls:
        outcome = poll.failure or (
            "not modified"
            if poll.status == 304
            else f"{poll.items} items, {poll.new} new, {poll.revised} revised"
        )
        click.echo(
            f"  {poll.at:%Y-%m-%d %H:%M}  {poll.status or '---'}  {poll.seconds:5.1f} s  {outcome}"
        )


def _plain(row: dict[str, object]) -> dict[str, object]:
    return {
        key: to_text(value) if isinstance(value, datetime) else value for key, value in row.items()
    }


curating_sources.attach(sources)

COMMANDS = {"sources": sources}
