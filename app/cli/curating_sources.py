"""sources import, export, check, test, pause, resume, retire, diff, settle."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli import Invocation
from app.cli.adding_source import add, address_of

if TYPE_CHECKING:  # `vigie sources` alone needs none of these
    from app.curating.check import Checked
    from app.curating.look import Look
    from vigie.model import Rights

UNTIL_RESUMED = date(9999, 12, 31)
_FILE = click.Path(path_type=Path, dir_okay=False)
_RIGHTS = click.Choice(["full", "excerpt", "link"])


def attach(group: click.Group) -> None:
    """Hang these commands on the group `sources`."""
    for command in (add, import_, export, check, test, pause, resume, retire, diff, settle):
        group.add_command(command)


# ------------------------------------------------------------------------- import, export


@click.command("import", epilog="Example: vigie sources import collègues.opml --dry-run")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--dry-run", is_flag=True, help="Say what would come in and what not; write nothing.")
@click.pass_obj
def import_(invocation: Invocation, file: Path, dry_run: bool) -> None:
    """Bring in the sources of FILE: OPML (.opml, .xml) or CSV (.csv).

    A line that cannot be a source is refused with its reason; the others come in. Nothing is
    fetched: `vigie sources check` asks them all.
    """
    from app.curating import opml, table
    from app.curating.shelf import Shelf
    from app.folder import clock

    shelf = Shelf.at(invocation.home)
    reader = table if _is_csv(file) else opml
    listing = reader.read(file.read_bytes())
    made, refused = shelf.sorted_out(listing.entries, shelf.taken())
    if made and not dry_run:
        shelf.add(made, clock())
    if dry_run:
        for source in made:
            themes = ", ".join(source.themes) or "no theme"
            click.echo(f"  {source.id}: {source.title} ({source.url}; {themes})")
    for line in [*listing.refused, *refused]:
        click.echo(f"  refused: {line}", err=True)
    done = "would come in" if dry_run else "came in"
    count = len(refused) + len(listing.refused)
    click.echo(f"{len(made)} sources {done}, {count} lines were refused.")


@click.command(epilog="Example: vigie sources export veille.opml")
@click.argument("file", type=_FILE)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.pass_obj
def export(invocation: Invocation, file: Path, force: bool) -> None:
    """Write the sources of sources.toml to FILE: OPML 2.0 (.opml, .xml) or CSV (.csv).

    `vigie sources import` brings them back as they were.
    """
    from app.curating import entries, opml, table
    from app.curating.shelf import Shelf
    from app.folder import clock

    shelf = Shelf.at(invocation.home)
    if file.exists() and not force:
        raise click.ClickException(f"{file} is there already; --force writes over it")
    lines = [entries.of_source(source) for source in shelf.settings.sources]
    if _is_csv(file):
        data = table.write(lines)
    else:
        data = opml.write(lines, shelf.settings.general.name, clock())
    file.write_bytes(data)
    click.echo(f"{len(lines)} sources written to {file}")


def _is_csv(file: Path) -> bool:
    suffix = file.suffix.lower()
    if suffix not in (".csv", ".opml", ".xml"):
        raise click.BadParameter(f"{file.name}: a name that ends with .opml, .xml or .csv")
    return suffix == ".csv"


# --------------------------------------------------------------------------- check, test


@click.command(epilog="Example: vigie sources check --report verification.json")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--report", type=_FILE, help="Write what each one answered to this JSON file.")
@click.pass_obj
def check(invocation: Invocation, ids: tuple[str, ...], report: Path | None) -> None:
    """Ask all sources that are not retired, or those of these IDs, and store nothing.

    Says who answers, who moved, who fails and why, and which feeds are where one was lost. Of a
    mailbox it says the folders and the newsletters that match (none is marked as read), of a drop
    folder the files. Credentials are sent as in a poll, and never shown.

    Fails when any source does.
    """
    from app.curating import check as checking
    from app.curating.shelf import Shelf
    from app.folder import clock
    from app.progress import for_terminal

    shelf = Shelf.at(invocation.home)
    chosen = [shelf.source(name) for name in dict.fromkeys(ids)]
    if not ids:
        chosen = [source for source in shelf.settings.sources if source.active]
    rows = checking.check(chosen, shelf.settings, clock(), for_terminal(quiet=invocation.quiet))
    if report:
        report.parent.mkdir(parents=True, exist_ok=True)
        report.write_text(checking.report(rows, clock()), encoding="utf-8")
    failed = sum(row.failed for row in rows)
    if not invocation.quiet:
        _show_checked(rows)
    if failed:
        noun = "source does" if failed == 1 else "sources do"
        raise click.ClickException(f"{failed} of {len(rows)} {noun} not give what they should")
    if not invocation.quiet:
        click.echo(f"All {len(rows)} are well.")


def _show_checked(rows: list[Checked]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(
        *("source", "verdict", "items", "newest", "language", "seconds", "what there is to say"),
        box=None,
    )
    for row in rows:
        words = "; ".join([*filter(None, [row.words]), *(f"found {url}" for url in row.feeds)])
        newest = f"{row.newest:%Y-%m-%d}" if row.newest else ""
        figures = (str(row.items), newest, row.language, f"{row.seconds:.1f}")
        style = "red" if row.failed else ""
        cells = (row.source, row.verdict.value, *figures, words)
        table.add_row(*(Text(cell, overflow="fold") for cell in cells), style=style)
    Console().print(table)


@click.command(epilog="Example: vigie sources test certfr-alertes")
@click.argument("source", metavar="ID|URL")
@click.option("--rights", type=_RIGHTS, help="For a URL.  [default: link]")
@click.option(
    "--kind",
    type=click.Choice(["feed", "page", "sitemap"]),
    default="feed",
    show_default=True,
    help="For a URL: what it is read as.",
)
@click.option("--items", default=5, show_default=True, help="How many items are shown.")
@click.pass_obj
def test(invocation: Invocation, source: str, rights: str | None, kind: str, items: int) -> None:
    """Ask one source of any kind and show its items as they would be stored; store nothing.

    Where rights are `full`, the first item's page is fetched and its text shown too. A URL is read
    as a feed, or as the KIND that is named.
    """
    from app.curating import look
    from app.curating.check import without_credential
    from app.curating.shelf import Shelf
    from app.folder import clock
    from vigie.model import Kind, Rights
    from vigie.schema import Source
    from vigie.settings import credential

    shelf = Shelf.at(invocation.home)
    if "/" in source or "." in source:
        known = Source(id="preview", title="preview", url=address_of(source), kind=Kind(kind))
    else:
        known = shelf.source(source)
    kept = Rights(rights) if rights else known.rights
    if known.kind is Kind.CONTRIBUTION:
        click.echo(f"{known.id}: filled by the desk with what partners send in; nothing to ask")
        return
    for missing in without_credential(known):
        click.secho(missing, fg="yellow", err=True)
    seen = next(look.declared([known], shelf.settings, clock()))
    _show_items(seen, kept, items)
    first = seen.feed.items[0].url if seen.feed.items else ""
    if kept is Rights.FULL and first.startswith(("http://", "https://")) and not known.kind.local:
        limits = shelf.settings.collect.limits()
        page = look.page(first, limits, credential(known), known.url)
        click.secho("\nThe first item's page:", bold=True)
        click.echo(page.failure.detail if page.failure else page.text)


def _show_items(seen: Look, kept: Rights, most: int) -> None:
    from vigie.rights import stored

    answer = f"{seen.fetched.status}, " if seen.fetched.status else ""
    click.echo(f"{seen.url}: {answer}{seen.fetched.seconds:.1f} s")
    if seen.failure:
        raise click.ClickException(seen.failure.detail)
    click.echo(f"{seen.feed.title}: {len(seen.feed.items)} items, rights {kept.value}")
    if seen.listed > len(seen.feed.followed) > 0:
        click.echo(f"{seen.listed} documents listed, {len(seen.feed.followed)} of them read")
    for unread in seen.feed.unparsed:
        click.secho(f"  {unread.where}: {unread.reason}", fg="yellow")
    for given in seen.feed.items[:most]:
        item = stored(given, kept)
        when = f"{item.published:%Y-%m-%d %H:%M}" if item.published else "no date"
        click.secho(f"\n{item.title}", bold=True)
        click.echo("  " + " | ".join(filter(None, (when, item.author, item.url))))
        for text in filter(None, (item.summary, item.text)):
            click.echo(f"  {text}")


# ---------------------------------------------------------------- pause, resume, retire


@click.command(epilog='Example: vigie sources pause ouest-port --until 2027-01-15 --why "refonte"')
@click.argument("source", metavar="ID")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The day it is asked again.")
@click.option("--why", default="", help="The reason, kept in the file and the archive.")
@click.pass_obj
def pause(invocation: Invocation, source: str, until: datetime | None, why: str) -> None:
    """Stop asking a source, until a day or until `resume`."""
    from app.curating.shelf import Shelf
    from app.folder import clock

    now = clock()
    day = until.date() if until else UNTIL_RESUMED
    if day <= now.date():
        raise click.BadParameter(f"{day} is not in the future", param_hint="--until")
    Shelf.at(invocation.home).change(source, {"paused_until": day, "note": why or None}, now)
    click.echo(f"{source} is paused until {day if until else '`vigie sources resume`'}")


@click.command(epilog="Example: vigie sources resume ouest-port")
@click.argument("source", metavar="ID")
@click.pass_obj
def resume(invocation: Invocation, source: str) -> None:
    """Ask a paused or retired source again."""
    from app.curating.shelf import Shelf
    from app.folder import clock

    keys = {"paused_until": None, "active": None, "note": None}
    Shelf.at(invocation.home).change(source, keys, clock())
    click.echo(f"{source} is asked again from the next `vigie run` on")


@click.command(epilog='Example: vigie sources retire ouest-port --why "le site a fermé"')
@click.argument("source", metavar="ID")
@click.option("--why", required=True, help="The reason, kept in the file and the archive.")
@click.pass_obj
def retire(invocation: Invocation, source: str, why: str) -> None:
    """Give up a source for good. Its block and its articles stay."""
    from app.curating.shelf import Shelf
    from app.folder import clock

    keys = {"active": False, "paused_until": None, "note": why}
    Shelf.at(invocation.home).change(source, keys, clock())
    click.echo(f"{source} is retired; its articles stay")


# ----------------------------------------------------------------------- diff, settle


@click.command(epilog="Example: vigie sources diff")
@click.pass_obj
def diff(invocation: Invocation) -> None:
    """Show where sources.toml and the archive differ, field by field."""
    from app.curating.shelf import Shelf

    found = Shelf.at(invocation.home).differences()
    for one in found:
        click.echo(str(one))
    if not found and not invocation.quiet:
        click.echo("sources.toml and the archive say the same.")


@click.command(epilog="Example: vigie sources settle --from archive port-propose")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option(
    "--from",
    "side",
    type=click.Choice(["file", "archive"]),
    help="Which one is right.  [default: the archive for what the desk added, else the file]",
)
@click.pass_obj
def settle(invocation: Invocation, ids: tuple[str, ...], side: str | None) -> None:
    """Make sources.toml and the archive say the same, for all sources or those of these IDs.

    Comments and order of the file stay. `vigie sources diff` shows what there is to settle.
    """
    from app.curating.shelf import Shelf
    from app.folder import clock

    shelf = Shelf.at(invocation.home)
    differing = {one.source for one in shelf.differences()}
    for name in ids:
        if name not in differing:
            shelf.source(name)  # says so where there is no such source
    done = shelf.settle(sorted(differing & set(ids) if ids else differing), side or "", clock())
    for source in done.add:
        click.echo(f"{source.id}: written to the file")
    for name in done.change:
        click.echo(f"{name}: the file now says what the archive says")
    for source in done.declare:
        click.echo(f"{source.id}: the archive now says what the file says")
    for name in done.retire:
        click.echo(f"{name}: retired, since it is not in the file")
    if not differing and not invocation.quiet:
        click.echo("There was nothing to settle.")
