"""models: what is installed and in force, cards, fetching another."""

from __future__ import annotations

import click

from app.cli import Invocation
from app.folder import Folder, clock


@click.group(invoke_without_command=True, epilog="Example: vigie --home ma-veille models --speed")
@click.option("--speed", is_flag=True, help="Measure the speed of the models in force here.")
@click.pass_context
def models(ctx: click.Context, speed: bool) -> None:
    """Which models are installed, which are in force, and what they are good for."""
    if ctx.invoked_subcommand is not None:
        return
    from app.models import overview, progress_of_change, speeds

    folder = Folder.at(ctx.obj.home)
    for one in overview(folder):
        mark = "*" if one.in_force else " "
        click.secho(f"{mark} {one.task:<9} {one.name}", bold=one.in_force, nl=False)
        click.echo(f"  {one.revision}" if one.revision else "")
        for line in (one.note, one.error and f"cannot be used: {one.error}"):
            if line:
                click.echo(f"    {line}")
    click.echo("* in force. `vigie models show NAME` prints a card.")
    for line in progress_of_change(folder):
        click.echo(line)
    if speed:
        for what, figure in speeds(folder):
            click.echo(f"{what}: {figure:,.0f} texts a second of one core")


@models.command(epilog="Example: vigie models show vectors")
@click.argument("name")
def show(name: str) -> None:
    """Print the card of a model that comes with Vigie: entities or vectors."""
    from enrich.models import shipped
    from vigie.errors import ModelError

    if name not in shipped.TASKS or not shipped.is_shipped(name):
        there = ", ".join(task for task in shipped.TASKS if shipped.is_shipped(task))
        raise ModelError(
            f"{name} does not come with Vigie, so there is no card of it here; cards: {there}"
        )
    shipped.verified(shipped.folder_of(name))
    click.echo_via_pager(shipped.card_text(shipped.folder_of(name)))


@models.command(epilog="Example: vigie --home ma-veille models pull intfloat/multilingual-e5-small")
@click.argument("name")
@click.pass_obj
def pull(invocation: Invocation, name: str) -> None:
    """Fetch a spaCy pipeline or a sentence-transformers model, where the network allows.

    Its revision is recorded. It comes into force when vigie.toml names it.
    """
    from enrich.models.pull import pull as fetch

    folder = Folder.at(invocation.home)
    if not invocation.quiet:
        click.echo(f"Fetching {name} ...", err=True)
    done = fetch(name, folder.settings.paths.models, clock())
    if not invocation.quiet:
        task = "entities" if done.kind == "spacy" else "vectors"
        click.echo(f"{done.name} {done.revision} is here. To use it, in vigie.toml:")
        click.echo(f'[models]\n{task} = "{done.name}"')


COMMANDS = {"models": models}
