"""run, collect, enrich, serve: the daily work."""

from __future__ import annotations

import click

from app import report
from app.cli import Invocation, quiet_option
from app.folder import Folder, clock
from app.progress import for_terminal
from vigie.archive import emerging


@click.command(epilog="Example: vigie --home ma-veille collect --all")
@click.option("--all", "everything", is_flag=True, help="Poll every source, due or not.")
@quiet_option
@click.pass_obj
def collect(invocation: Invocation, everything: bool) -> None:
    """Poll the sources that are due and store what is new.

    One source that fails never stops the others; the command fails only when all of them do.
    """
    from app.pipeline.collect import collect as work

    folder, now = Folder.at(invocation.home), clock()
    with folder.lock(), folder.archive(now) as db:
        done = work(
            db, folder.settings, now, for_terminal(quiet=invocation.quiet), everything=everything
        )
    if not invocation.quiet:
        report.print_collected(done)
    _fail_when_nothing_answered(len(done.outcomes), len(done.failed))


@click.command(epilog="Example: vigie --home ma-veille enrich")
@click.option("--refit", is_flag=True, help="Fit TF-IDF vectors anew on the archive's texts.")
@click.option(
    "--regroup", is_flag=True, help="Look at all groups and stories again; stopped, it goes on."
)
@quiet_option
@click.pass_obj
def enrich(invocation: Invocation, refit: bool, regroup: bool) -> None:
    """Read, embed and group the articles that still lack it, for the models in force.

    What people merged and split stays as they said, and ids that were cited lead on.
    """
    from app.pipeline.enriching import enrich as work
    from app.pipeline.regrouping import regroup_all

    folder, now = Folder.at(invocation.home), clock()
    with folder.lock(), folder.archive(now) as db:
        progress = for_terminal(quiet=invocation.quiet)
        done = work(db, folder.settings, now, progress, refit=refit)
        again = regroup_all(db, folder.settings, now, progress, everything=True) if regroup else 0
    if regroup and not invocation.quiet:
        click.echo(f"{again} articles looked at again")
    if not invocation.quiet:
        report.print_enriched(done)


@click.command(epilog="Example: vigie --home ma-veille run")
@click.option("--all", "everything", is_flag=True, help="Poll every source, due or not.")
@quiet_option
@click.pass_obj
def run(invocation: Invocation, everything: bool) -> None:
    """One full turn: poll what is due, read, group, see what emerges, send the alerts.

    Stop it at any moment and start it again: nothing is lost and nothing stands twice.
    """
    from app.pipeline import alerting
    from app.pipeline.run import turn

    folder, now = Folder.at(invocation.home), clock()
    collected, enriched = turn(
        folder, now, for_terminal(quiet=invocation.quiet), everything=everything
    )
    alerts = alerting.by_itself(folder, now, clock)
    if not invocation.quiet:
        report.print_collected(collected)
        report.print_enriched(enriched)
        with folder.reading() as db:
            report.print_emerging(emerging.raised_at(db, now))
        if alerts.said:
            click.echo(f"Alerts: {alerts.said}")
    _fail_when_nothing_answered(len(collected.outcomes), len(collected.failed))


@click.command(epilog="Example: vigie --home ma-veille serve --port 8321")
@click.option("--host", help="Address to listen on.  [default: that of vigie.toml]")
@click.option("--port", type=int, help="Port to listen on.  [default: that of vigie.toml]")
@click.option("--no-schedule", is_flag=True, help="Serve the archive without polling.")
@click.pass_obj
def serve(invocation: Invocation, host: str | None, port: int | None, no_schedule: bool) -> None:
    """One process: the timetable, and the archive for reading at /archive."""
    from app.serve import serve as work

    folder = Folder.at(invocation.home)
    host = host or folder.settings.serve.host
    port = folder.settings.serve.port if port is None else port
    click.echo(f"http://{host}:{port}/ and http://{host}:{port}/archive/ (Ctrl+C stops)")
    work(folder, host, port, schedule=not no_schedule)


def _fail_when_nothing_answered(polled: int, failed: int) -> None:
    if polled and polled == failed:
        raise click.ClickException(
            f"none of the {polled} sources answered: is this machine connected? "
            "`vigie sources` says what each one met"
        )


COMMANDS = {"run": run, "collect": collect, "enrich": enrich, "serve": serve}
