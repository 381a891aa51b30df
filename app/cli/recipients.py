"""digest recipients: who receives an edition. They live in the desk, never in the archive."""

from __future__ import annotations

from pathlib import Path

import click

from app.cli import Invocation, quiet_option
from app.folder import Folder, clock
from app.recipients import read_csv
from vigie.archive import desk as desk_rows


@click.group(epilog="Example: vigie digest recipients import partenaires.csv --dry-run")
def recipients() -> None:
    """List, import and remove recipients."""


@recipients.command("list", epilog="Example: vigie digest recipients list")
@click.pass_obj
def list_recipients(invocation: Invocation) -> None:
    """Everyone who receives an edition, by structure."""
    with Folder.at(invocation.home).desk() as desk:
        for row in desk_rows.recipients(desk):
            gone = " (removed)" if row.removed else ""
            click.echo(
                f"{row.structure}: {row.name} <{row.address}> {row.language}, "
                f"{', '.join(row.editions)}{gone}"
            )


@recipients.command("import", epilog="Example: vigie digest recipients import partenaires.csv")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--edition", default="", help="An edition's id.  [default: the first]")
@click.option(
    "--basis",
    default="legitimate interest: messages tied to the function",
    show_default=True,
    help="The legal basis on which they are written to.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@quiet_option
@click.pass_obj
def import_recipients(
    invocation: Invocation, file: Path, edition: str, basis: str, dry_run: bool
) -> None:
    """Add the people of a CSV FILE with the columns name, address, language, structure.

    Every refused line is named with its reason. Someone who is there already is left as they are.
    """
    folder, now = Folder.at(invocation.home), clock()
    chosen = folder.settings.edition(edition)
    try:
        text = file.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file}: not UTF-8 (byte {error.start}); save it so") from error
    read = read_csv(text, chosen.id, basis, f"import of {file.name}, {now:%Y-%m-%d}")
    if not dry_run:
        with folder.desk() as desk:
            for person in read.people:
                desk_rows.add_recipient(desk, person, now)
    for refused in read.refused:
        click.echo(f"line {refused.line}: {refused.why}", err=True)
    would = "would be added" if dry_run else "are on the list"
    if not invocation.quiet:
        click.echo(f"{len(read.people)} {would}, {len(read.refused)} lines refused")
    if read.refused:
        raise click.exceptions.Exit(1)


@recipients.command(epilog="Example: vigie digest recipients remove jane@example.org")
@click.argument("address")
@quiet_option
@click.pass_obj
def remove(invocation: Invocation, address: str) -> None:
    """Send nothing to ADDRESS again."""
    with Folder.at(invocation.home).desk() as desk:
        desk_rows.remove_recipient(desk, address, clock())
    if not invocation.quiet:
        click.echo(f"{address} receives nothing any more")
