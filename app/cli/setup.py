"""init, demo, doctor, replay: before the daily work, and beside it."""

from __future__ import annotations

from pathlib import Path

import click

from app.cli import Invocation, quiet_option


@click.command(epilog="Example: vigie init ma-veille")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def init(folder: Path) -> None:
    """Write the commented starter settings into FOLDER/config.

    Only files that are not there are written: nothing is ever overwritten.
    """
    from app.folder import write_starter

    for path in write_starter(folder):
        click.echo(path)
    click.echo(f"Next: vigie --home {folder} doctor, then vigie --home {folder} run")


@click.command(epilog="Example: vigie demo --dir demo-out")
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo-out"),
    show_default=True,
    help="Where its archive, bulletins and mail go. A former demo there is replaced.",
)
@quiet_option
@click.pass_obj
def demo(invocation: Invocation, folder: Path) -> None:
    """Run the whole job on a small invented world, from feeds over HTTP to mail over SMTP.

    Nothing leaves this machine. Everything the demo serves, names of outlets included, is made up.
    """
    from app.demo.run import demonstrate
    from app.progress import for_terminal

    summary = demonstrate(folder, for_terminal(quiet=invocation.quiet))
    if not invocation.quiet:
        for line in summary.lines():
            click.echo(line)


@click.command(epilog="Example: vigie --home ma-veille doctor")
@quiet_option
@click.pass_obj
def doctor(invocation: Invocation) -> None:
    """Say what is installed, which models are in force, what is misconfigured, how the files are.

    Fails when anything is wrong; what is only worth knowing is a note.
    """
    from app.doctor import Verdict, examine

    colours = {Verdict.GOOD: "green", Verdict.NOTE: "yellow", Verdict.WRONG: "red"}
    wrong = 0
    for finding in examine(invocation.home):
        wrong += finding.verdict is Verdict.WRONG
        if finding.verdict is Verdict.WRONG or not invocation.quiet:
            mark = click.style(f"{finding.verdict.value:<6}", fg=colours[finding.verdict])
            click.echo(f"{mark}{finding.what}: {finding.detail}")
    if wrong:
        noun = "thing is" if wrong == 1 else "things are"
        raise click.ClickException(f"{wrong} {noun} wrong")


@click.command(epilog="Example: vigie replay --data captured/ --out build/replay.json")
@click.option(
    "--data",
    required=True,
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="A folder with index.json (a list of entries with `file`) and those files.",
)
@click.option(
    "--out",
    default=Path("build/replay.json"),
    show_default=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where the figures go; the archive is made in a folder of that name beside it.",
)
@quiet_option
@click.pass_obj
def replay(invocation: Invocation, data: Path, out: Path) -> None:
    """Run the pipeline twice on captured feeds, served on this machine, and measure it.

    The second run reads everything again; the command fails when it adds an article.
    """
    from app import replay as work
    from app.progress import for_terminal

    outcome = work.replay(data, out.with_suffix(""), for_terminal(quiet=invocation.quiet))
    work.write(outcome, out)
    if not invocation.quiet:
        for line in work.lines(outcome):
            click.echo(line)
    if outcome.second_run_new:
        raise click.ClickException(f"the second run added {outcome.second_run_new} articles")


COMMANDS = {"init": init, "demo": demo, "doctor": doctor, "replay": replay}
