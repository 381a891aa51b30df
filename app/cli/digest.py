"""digest: from a quarter of watch to messages in mailboxes."""

from __future__ import annotations

import getpass
from pathlib import Path

import click

from app import report
from app.cli import Invocation, quiet_option
from app.cli.editing import EDITING
from app.cli.frozen import FROZEN
from app.cli.recipients import recipients
from app.cli.sending import SENDING
from app.folder import Folder, clock
from vigie.archive import desk as desk_rows
from vigie.archive import held, issues


@click.group(
    epilog="Example: vigie digest draft --quarter 2026Q4 && vigie digest publish normandie-2026Q4"
)
def digest() -> None:
    """Draft, publish and send the bulletin."""


@digest.command(epilog="Example: vigie digest draft --quarter 2026Q4 --edition normandie")
@click.option(
    "--period",
    default="",
    help="2026Q4, 2026-11, 2026W47 or 2026-11-01--2026-11-15.  [default: the present quarter]",
)
@click.option("--quarter", default="", help="The same, for a quarter.")
@click.option("--edition", default="", help="An edition's id.  [default: the first]")
@quiet_option
@click.pass_obj
def draft(invocation: Invocation, period: str, quarter: str, edition: str) -> None:
    """Propose an issue: kept stories first, then the best of each section.

    A draft may be made again at any time, after `vigie keep` and `vigie reject` for instance. What
    people said of its items (`vigie digest note`, `rate`, `keep`, `drop`, `move`) stays.
    """
    from app.pipeline import issuing

    folder, now = Folder.at(invocation.home), clock()
    with folder.reading() as archive, folder.desk() as desk:
        issue = issuing.draft(archive, desk, folder.settings, edition, period or quarter, now)
    if not invocation.quiet:
        report.print_issue(issue)
        click.echo(f"Next: vigie digest publish {issue.id}")


@digest.command(epilog="Example: vigie digest show normandie-2026Q4")
@click.argument("issue")
@click.pass_obj
def show(invocation: Invocation, issue: str) -> None:
    """Show ISSUE, its draft if there is one: each item with the reason why it is there."""
    folder = Folder.at(invocation.home)
    with folder.reading() as archive, folder.desk() as desk:
        drafted = any(row.id == issue for row in desk_rows.drafts(desk))
        last = issues.last_revision(archive, issue)
        found = desk_rows.draft(desk, issue) if drafted or not last else None
        found = found or held.whole(archive, desk, issue)
    report.print_issue(found)


@digest.command(epilog="Example: vigie digest publish normandie-2026Q4 --who mc")
@click.argument("issue")
@click.option("--who", default="", help="Your handle.  [default: your login name]")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Where files go.")
@quiet_option
@click.pass_obj
def publish(invocation: Invocation, issue: str, who: str, out: Path | None) -> None:
    """Freeze the draft of ISSUE and write it as HTML, text and PDF, in each language.

    What is published never changes: its items, their versions and the files are in the archive.
    """
    from app.pipeline import issuing

    folder, now = Folder.at(invocation.home), clock()
    settings = folder.settings
    with folder.archive(now) as archive, folder.desk() as desk:
        proposed = desk_rows.draft(desk, issue)
        files = issuing.publish(archive, desk, settings, proposed, who or getpass.getuser(), now)
    main_language = settings.edition(proposed.edition).language
    for path in issuing.write_files(files, out or settings.paths.bulletin, main_language):
        if not invocation.quiet:
            click.echo(path)


@digest.command("list", epilog="Example: vigie digest list")
@click.pass_obj
def list_issues(invocation: Invocation) -> None:
    """List the drafts and the published issues."""
    folder = Folder.at(invocation.home)
    with folder.reading() as archive, folder.desk() as desk:
        for row in desk_rows.drafts(desk):
            click.echo(f"{row.id}  draft of {row.drafted_at:%Y-%m-%d %H:%M}")
        for issue in issues.overview(archive):
            whole = held.whole(archive, desk, issue.id, issue.revision)
            above = len(whole.items) - issue.items
            click.echo(
                f"{issue.id}  published {issue.published_at:%Y-%m-%d} by {issue.published_by}, "
                f"revision {issue.revision}, {len(whole.items)} items, {whole.tlp}"
                + (f" ({above} above TLP:CLEAR, not in the archive)" if above else "")
            )


digest.add_command(recipients)
for command in (*EDITING, *FROZEN):
    digest.add_command(command)
for command in SENDING:
    digest.add_command(command)
COMMANDS = {"digest": digest}
