"""digest rebuild, correct, withdraw, calendar: what is frozen, what is put right, what is due."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from app import report
from app.cli import Invocation, quiet_option
from app.cli.editing import who_option
from app.folder import Folder, clock
from vigie.archive import held, issues
from vigie.errors import NotFoundError
from vigie.model import Edit

_out = click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Where files go."
)
_revision = click.option("--revision", default=0, help="Which.  [default: the last one]")


@click.command(epilog="Example: vigie digest rebuild normandie-2026Q4")
@click.argument("issue")
@_revision
@click.option("--stored", is_flag=True, help="Write the files as they were frozen; draw nothing.")
@click.option("--trust", default="", help="Run forms of another Vigie, by their SHA-256.")
@_out
@quiet_option
@click.pass_obj
def rebuild(
    invocation: Invocation, issue: str, revision: int, stored: bool, trust: str, out: Path | None
) -> None:
    """Make a published ISSUE again from what was frozen, and compare it byte by byte.

    The forms are those that it was published with. What differs is named, and so is each library
    that is not of the version it was; the command then fails. The frozen files stay the truth.
    """
    from app.pipeline import issuing, rebuilding

    folder = Folder.at(invocation.home)
    with folder.reading() as archive, folder.desk() as desk:
        if stored:
            found, files = rebuilding.stored(archive, issue, revision)
        else:
            made = rebuilding.rebuild(archive, desk, issue, revision, trust)
            found, files = made.issue, list(made.files)
    if out or stored:
        main = folder.settings.edition(found.edition).language
        target = out or folder.settings.paths.bulletin
        for path in issuing.write_files(files, target, main):
            if not invocation.quiet:
                click.echo(path)
    if stored:
        return
    for line in report.rebuilt(made) if not (invocation.quiet and made.same) else []:
        click.echo(line, err=not made.same)
    if not made.same:
        raise click.exceptions.Exit(1)


@click.command(epilog='Example: vigie digest correct normandie-2026Q4 --erratum "Lire 30 MW"')
@click.argument("issue")
@click.option("--erratum", required=True, help="What is put right, in the bulletin's language.")
@quiet_option
@click.pass_obj
def correct(invocation: Invocation, issue: str, erratum: str) -> None:
    """Draft the next revision of a published ISSUE: the same, with a line that says what changes.

    Then say what changes, by `vigie digest note`, `rate`, `move` or `drop`, and publish. Who has
    the revision before is not written to again unless `vigie digest send --again` asks for it.
    """
    from app.pipeline import issuing

    folder, now = Folder.at(invocation.home), clock()
    if not erratum.strip():
        raise click.UsageError("--erratum says in a sentence what is put right")
    with folder.reading() as archive, folder.desk() as desk:
        draft = issuing.correct(archive, desk, issue, erratum, now)
    if not invocation.quiet:
        click.echo(f"{draft.id}, revision {draft.revision}: {erratum}")
        click.echo(f"Next: vigie digest publish {draft.id}")


@click.command(epilog='Example: vigie digest withdraw normandie-2026Q4 energie/2 --why "erreur"')
@click.argument("issue")
@click.argument("name", metavar="ITEM")
@click.option("--why", default="", help="What its source said, in the bulletin's language.")
@who_option
@quiet_option
@click.pass_obj
def withdraw(invocation: Invocation, issue: str, name: str, why: str, who: str) -> None:
    """Take an ITEM that its source has withdrawn out of a published ISSUE, and say so in it."""
    from app.pipeline import issuing

    folder, now = Folder.at(invocation.home), clock()
    with folder.reading() as archive, folder.desk() as desk:
        published = held.whole(archive, desk, issue)
        item = issues.item_of(archive, published, name)
        if item is None:
            raise NotFoundError(f"{issue} has no item {name!r}; `vigie digest show {issue}`")
        edit = Edit(item.story, "stands", "drop", who, now)
        draft = issuing.withdraw(archive, desk, folder.settings, item, edit, issue, why)
    if not invocation.quiet:
        click.echo(f"{draft.id}, revision {draft.revision}: {draft.errata[-1].text}")
        click.echo(f"Next: vigie digest publish {draft.id}")


@click.command(epilog="Example: vigie digest calendar --draft")
@click.option("--draft", "make", is_flag=True, help="Draft what is due, as `vigie serve` does.")
@quiet_option
@click.pass_obj
def calendar(invocation: Invocation, make: bool) -> None:
    """When each edition's next issues are due, and what is due now.

    `vigie serve` drafts what is due. It never publishes: a person does.
    """
    from app.pipeline import proposing

    folder, now = Folder.at(invocation.home), clock()
    zone = ZoneInfo(folder.settings.general.timezone)
    with folder.reading() as archive, folder.desk() as desk:
        if make:
            for line in proposing.propose(archive, desk, folder.settings, now):
                click.echo(line)
        for edition in folder.settings.editions:
            click.secho(edition.id, bold=True)
            if line := proposing.standing(archive, desk, folder.settings, edition, now):
                click.echo(f"  {line}")
            for due in islice(proposing.upcoming(folder.settings, edition, now), 3):
                click.echo(f"  {due.at.astimezone(zone):%Y-%m-%d %H:%M}  {due.period}")


FROZEN = (rebuild, correct, withdraw, calendar)
