"""sources: what is watched, and how it is."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

import click

from app.cli import Invocation, curating_sources, story
from app.folder import Folder, clock
from vigie.archive import sources as rows
from vigie.archive.moments import to_text
from vigie.archive.sources import FetchRow, SourceRow
from vigie.archive.watching import EventRow
from vigie.errors import NotFoundError
from vigie.model import Health, HealthState, Kind, Reservation
from vigie.schema import LANGUAGES

_NEVER = datetime.min.replace(tzinfo=UTC)
_ILL = (HealthState.ILL, HealthState.REFUSED)
_GRAVITY = [
    *("refused", "ill", "silent", "late", "moved"),
    *("paused", "retired", "never polled", "well"),
]
_ORDERS: dict[str, Callable[[SourceRow, Health], Any]] = {
    "id": lambda row, _: row.id,
    "state": lambda _, health: _GRAVITY.index(health.state.value),
    "since": lambda _, health: health.since or _NEVER,
    "last": lambda _, health: health.last_item or _NEVER,
    "norm": lambda _, health: health.norm,
    "kind": lambda row, _: (row.kind, row.id),
    "territory": lambda row, _: (row.territory, row.id),
    "responsible": lambda row, _: (row.responsible, row.id),
    "articles": lambda row, _: -row.articles,
    "duplicates": lambda _, health: -(health.duplicates or 0.0),
    "kept": lambda _, health: -(health.kept or 0.0),
}


@click.group(
    invoke_without_command=True,
    epilog="Example: vigie sources --state late --sort last, then vigie sources show certfr-avis",
)
@click.option("--ill", is_flag=True, help="Only those that failed at their last poll, or refuse.")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([state.value for state in HealthState]),
    help="Only those in this state; may be given again.",
)
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice([kind.value for kind in Kind]),
    help="Only those of this kind; may be given again.",
)
@click.option("--theme", default="", help="Only those that usually serve this theme.")
@click.option("--language", default="", help="Only those declared in this language.")
@click.option(
    "--territory", default="", help="Only those of this territory and its parts: FR, FRD, FRD2."
)
@click.option("--responsible", help="Only those that this handle answers for; '' for nobody.")
@click.option(
    "--sort", type=click.Choice(list(_ORDERS)), default="id", show_default=True, help="The order."
)
@click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")
@click.pass_context
def sources(
    ctx: click.Context,
    ill: bool,
    states: tuple[str, ...],
    kinds: tuple[str, ...],
    theme: str,
    language: str,
    territory: str,
    responsible: str | None,
    sort: str,
    as_json: bool,
) -> None:
    """List the sources: how each is, since when and why, its norm, duplicates, what is kept."""
    if ctx.invoked_subcommand is not None:
        return
    from app.health import overview

    invocation: Invocation = ctx.obj
    folder = Folder.at(invocation.home)
    wanted = {*states, *(state.value for state in _ILL if ill)}
    with folder.reading() as db:
        health = {found.source: found for found in overview(db, clock())}
        found = [
            (row, health[row.id])
            for row in rows.overview(db)
            if (not wanted or health[row.id].state.value in wanted)
            and (not kinds or row.kind in kinds)
            and (not theme or theme in row.themes)
            and language in ("", row.language)
            and row.territory.startswith(territory.upper())
            and responsible in (None, row.responsible)
        ]
    found.sort(key=lambda pair: _ORDERS[sort](*pair))
    if as_json:
        plain = [{**asdict(row), **_told(health)} for row, health in found]
        click.echo(json.dumps(plain, ensure_ascii=False, indent=2, default=_said))
        return
    if theme and theme not in {known.id for known in folder.settings.themes}:
        click.echo(f"there is no theme {theme!r} in themes.toml", err=True)
    if found:
        _print_table(found)
    if not invocation.quiet:
        click.echo(_summary(found), err=True)


def _summary(found: list[tuple[SourceRow, Health]]) -> str:
    count = Counter(health.state.value for _, health in found)
    told = ", ".join(f"{count[state]} {state}" for state in _GRAVITY if count[state])
    noun = "source" if len(found) == 1 else "sources"
    return f"{len(found)} {noun}: {told}" if found else "no source is like that"


def _print_table(found: list[tuple[SourceRow, Health]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from collectors.health import span

    names = ("source", "state", "since", "articles", "last item", "norm", "dupl.", "kept", "why")
    table = Table(*names, box=None)
    table.columns[0].overflow = "fold"
    for row, health in found:
        since = f"{health.since:%Y-%m-%d}" if health.since else ""
        last = f"{health.last_item:%Y-%m-%d}" if health.last_item else ""
        cells = (
            *(row.id, health.state.value, since, str(row.articles), last, span(health.norm)),
            *(_share(health.duplicates), _share(health.kept), health.why),
        )
        table.add_row(*(Text(cell, overflow="fold") for cell in cells))
    Console().print(table)


@sources.command(epilog="Example: vigie sources show certfr-alertes")
@click.argument("source")
@click.pass_obj
def show(invocation: Invocation, source: str) -> None:
    """Tell the story of a SOURCE: how it is, what happened to it, its last 20 polls."""
    from app.health import overview
    from collectors.health import span
    from vigie.archive import watching

    folder = Folder.at(invocation.home)
    with folder.reading() as db:
        row = next((row for row in rows.overview(db) if row.id == source), None)
        if row is None:
            raise NotFoundError(f"no source {source!r}; `vigie sources` lists them")
        health = next(found for found in overview(db, clock()) if found.source == source)
        asks = watching.reservation(db, source)
        events = list(watching.events(db, source))
        polls = list(rows.history(db, source))
        unread = list(watching.unread(db, source))
    since = f" since {health.since:%Y-%m-%d %H:%M} UTC" if health.since else ""
    click.echo(f"{row.title} ({row.id}): {health.state.value}{since}\n{row.kind}: {row.url}")
    click.echo(
        "; ".join(
            [
                f"themes: {', '.join(row.themes) or 'none'}",
                f"language: {row.language or 'not said'}",
                f"territory: {row.territory}",
                f"rights: {row.rights}",
                f"answers for it: {row.responsible or 'nobody'}",
            ]
        )
    )
    if health.why:
        label = "notice" if health.state is HealthState.WELL else "why"
        click.echo(f"{label}: {health.why}")
    last = f"{health.last_item:%Y-%m-%d %H:%M} UTC" if health.last_item else "none"
    click.echo(f"last item: {last}; usually one every {span(health.norm)}")
    click.echo(
        f"{row.articles} articles; in the last 90 days {_share(health.duplicates) or 'none'} "
        f"duplicates of other sources, {_share(health.kept) or 'none'} kept"
    )
    _print_asks(asks)
    if row.next_due and health.state not in (HealthState.RETIRED, HealthState.PAUSED):
        click.echo(f"next poll after {row.next_due:%Y-%m-%d %H:%M} UTC")
    _print_past(events, polls, unread)


def _print_asks(asks: Reservation | None) -> None:
    if asks:
        tdm = (
            f"reserved ({asks.tdm_from}) {asks.tdm_policy}".strip() if asks.tdm else "not reserved"
        )
        click.echo(f"robots.txt: {asks.robots} {asks.robots_detail}".strip())
        click.echo(f"text and data mining: {tdm}; asked {asks.checked_at:%Y-%m-%d}")


def _print_past(
    events: Sequence[EventRow], polls: Sequence[FetchRow], unread: Sequence[EventRow]
) -> None:
    if events:
        click.echo("\nWhat happened to it, the latest first:")
    for event in events:
        click.echo(f"  {event.at:%Y-%m-%d %H:%M}  {event.kind}: {event.detail}".rstrip(": "))
    if unread:
        click.echo("\nWhat of it could not be read:")
    for one in unread:
        click.echo(f"  {one.at:%Y-%m-%d %H:%M}  {one.kind}: {one.detail}")
    click.echo(f"\n{story.summary(polls)}")
    for line in story.told(polls):
        click.echo(f"  {line}")


@sources.command("health", epilog="Example: vigie sources health --since-last")
@click.option("--since-last", is_flag=True, help="Only what those responsible were not told yet.")
@click.option("--mail", is_flag=True, help="Write to those responsible, who have news, now.")
@click.pass_obj
def health_command(invocation: Invocation, since_last: bool, mail: bool) -> None:
    """Say how the sources are: how many are well, and each that is not."""
    from app import health

    folder, now = Folder.at(invocation.home), clock()
    if mail:
        reached = health.tell(folder, now)
        click.echo(f"written to {', '.join(reached)}" if reached else "nothing new to tell")
        return
    if since_last:
        with folder.reading() as db, folder.desk() as desk:
            news = health.news(folder.settings, db, desk, now)
        for who, changed in sorted(news.items()):
            for before, found in changed:
                click.echo(f"{who}: {found.source}: {before} -> {found.state}. {found.why}".strip())
        if not news and not invocation.quiet:
            click.echo("nothing new to tell")
        return
    with folder.reading() as db:
        states = health.overview(db, now)
    count = Counter(found.state.value for found in states)
    click.echo(", ".join(f"{count[state]} {state}" for state in _GRAVITY if count[state]))
    for found in sorted(states, key=lambda one: _GRAVITY.index(one.state.value)):
        if found.why:
            click.echo(f"  {found.source}: {found.state}. {found.why}")


@sources.command(
    epilog='Example: vigie sources coordinator mc --address mc@region.example --name "Marie Cap"'
)
@click.argument("handle")
@click.option("--address", required=True, help="Where the weekly health message goes.")
@click.option("--name", default="", help="The person's name.  [default: the handle]")
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    help="The message's language.  [default: that of vigie.toml]",
)
@click.pass_obj
def coordinator(
    invocation: Invocation, handle: str, address: str, name: str, language: str | None
) -> None:
    """Note at the desk who HANDLE is, who answers for the sources that name them `responsible`."""
    from digest.addresses import address as checked
    from vigie.archive import telling

    folder = Folder.at(invocation.home)
    if not handle or "@" in handle or " " in handle:
        raise click.BadParameter("a short name without @ and space, as `responsible` has it")
    try:
        spec = checked(address)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--address") from error
    person = telling.User(
        handle, name or handle, spec, language or folder.settings.general.language
    )
    with folder.desk() as desk:
        try:
            telling.save_coordinator(desk, person, clock())
        except sqlite3.IntegrityError as error:
            raise click.ClickException(f"{address} is somebody else's already") from error
    count = sum(source.responsible == handle for source in folder.settings.sources)
    click.echo(f"{handle} is known at the desk, and answers for {count} sources")


def _share(part: float | None) -> str:
    return "" if part is None else f"{part:.0%}"


def _told(health: Health) -> dict[str, object]:
    """Health as JSON, beside what the archive's own row says."""
    return {key: value for key, value in asdict(health).items() if key != "source"}


def _said(value: object) -> str:
    """Moments and days in writing, as JSON has neither."""
    if isinstance(value, datetime):
        return to_text(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"nothing that JSON can say: {value!r}")


curating_sources.attach(sources)

COMMANDS = {"sources": sources}
