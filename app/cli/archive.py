"""archive: its schema, its counts, its soundness."""

from __future__ import annotations

import click

from app.cli import Invocation
from app.folder import Folder
from vigie.archive import articles, connect, stories
from vigie.archive.explain import explain, story
from vigie.errors import ArchiveError


@click.group(epilog="Example: vigie archive schema | less")
def archive() -> None:
    """The archive's schema, counts and soundness."""


@archive.command(epilog="Example: vigie archive schema --desk")
@click.option("--desk", is_flag=True, help="The desk's schema instead of the archive's.")
def schema(desk: bool) -> None:
    """Print the complete commented DDL."""
    click.echo(connect.schema("desk" if desk else "archive"))


@archive.command(epilog="Example: vigie --home ma-veille archive counts")
@click.pass_obj
def counts(invocation: Invocation) -> None:
    """How many rows each table holds."""
    with Folder.at(invocation.home).reading() as db:
        for table in db.table_names():
            if not table.startswith(("articles_fts", "_sqlite", "sqlite_")):
                click.echo(f"{db.table(table).count:>9,}  {table}")


@archive.command(epilog="Example: vigie --home ma-veille archive show a-k3v5qd2m7x4ta")
@click.argument("article")
@click.pass_obj
def show(invocation: Invocation, article: str) -> None:
    """All that is known of an ARTICLE (id or address), each result with its reason.

    The id of a story (`s-…`) shows the story, also where it was merged into another since.
    """
    with Folder.at(invocation.home).reading() as db:
        if article.startswith("s-"):
            told = iter(story(db, stories.find(db, article)))
        else:
            told = explain(db, articles.find(db, article))
        for heading, lines in told:
            click.secho(heading, bold=True)
            for line in lines:
                click.echo(f"  {line}")


@archive.command(epilog="Example: vigie --home ma-veille archive check")
@click.pass_obj
def check(invocation: Invocation) -> None:
    """Verify both databases page by page. Fails when anything is wrong."""
    paths = Folder.at(invocation.home).settings.paths
    wrong: list[str] = []
    for path in (paths.archive, paths.desk):
        db = connect.read(path)
        found = connect.check(db)
        db.close()
        click.echo(f"{path}: {'sound' if not found else f'{len(found)} faults'}")
        wrong += found
    if wrong:
        raise ArchiveError("\n".join(wrong))


COMMANDS = {"archive": archive}
