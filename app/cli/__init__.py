"""The command line. Commands are imported when called: `vigie --help` loads none of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import click

from vigie import __version__
from vigie.errors import VigieError


@dataclass(frozen=True, slots=True)
class Invocation:
    """What the options before the command say."""

    home: Path
    quiet: bool


_Command = TypeVar("_Command", bound=Callable[..., Any])


def _hush(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        ctx.obj = replace(ctx.obj, quiet=True)


def quiet_option(command: _Command) -> _Command:
    """`--quiet` behind the command as well as before it."""
    return click.option(
        "--quiet",
        is_flag=True,
        expose_value=False,
        callback=_hush,
        help="No progress bars, no report but errors.",
    )(command)


# name: (module, what it does)
COMMANDS = {
    "init": ("setup", "Write a commented starter set of settings."),
    "demo": ("setup", "Run the whole job on a small world of its own."),
    "doctor": ("setup", "Say what is installed, in force, or wrong."),
    "run": ("work", "Collect, enrich, send alerts: one full turn."),
    "collect": ("work", "Poll the sources that are due."),
    "enrich": ("work", "Read, embed and group what is new."),
    "serve": ("work", "Run the timetable and the archive's pages."),
    "digest": ("digest", "Draft, publish and send the bulletin."),
    "alerts": ("alerts", "Alerts between two issues: rules, approval, log."),
    "search": ("search", "Search the archive."),
    "keep": ("curate", "Keep an article for the bulletin."),
    "reject": ("curate", "Leave an article out of the bulletin."),
    "why": ("stories", "Why an article stands in its group and story."),
    "story": ("stories", "A story in a few sentences of its sources."),
    "stories": ("stories", "Show, merge and split stories."),
    "emerging": ("emerging", "What rises by itself: list, evidence, put to sleep, wake."),
    "coordination": ("coordination", "Alike texts across sources that credit no agency."),
    "sources": ("sources", "Show the sources and how they are."),
    "themes": ("themes", "Show the themes, try their rules, say what is of them."),
    "archive": ("archive", "The archive's schema, counts and soundness."),
    "models": ("models", "The models: installed, in force, cards, fetching."),
    "replay": ("setup", "Measure the pipeline on captured feeds."),
}


class LazyGroup(click.Group):
    """A group whose commands live in modules that are imported on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click's signature
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"app.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = module.COMMANDS[cmd_name]
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  # click's signature
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except VigieError as error:
            click.echo(f"vigie: {error}", err=True)
            ctx.exit(error.exit_code)


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: vigie init ma-veille && vigie --home ma-veille run",
)
@click.version_option(__version__, prog_name="vigie")
@click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    envvar="VIGIE_HOME",
    show_default="this folder",
    help="The folder that holds config/ and the databases.",
)
@click.option("--quiet", is_flag=True, help="No progress bars, no report but errors.")
@click.pass_context
def main(ctx: click.Context, home: Path, quiet: bool) -> None:
    """Vigie: a collaborative watch, from feeds to a curated bulletin and its archive."""
    ctx.obj = Invocation(home, quiet)
