"""themes: what they hold, what an edit of their rules would change, and what people say of them."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime

import click

from app.cli import Invocation, quiet_option
from app.folder import Folder, clock
from vigie.errors import NotFoundError
from vigie.schema import Theme
from vigie.settings import Settings

_EVER = datetime(1, 1, 1, tzinfo=UTC)


@click.group(invoke_without_command=True, epilog="Example: vigie --home ma-veille themes")
@click.pass_context
def themes(ctx: click.Context) -> None:
    """The themes: how many articles each has, by which signal, and how good its model is.

    Signals: rules (words and names), likeness (to description and examples), learnt (from
    decisions). `vigie themes test THEME` tries the rules as they stand in themes.toml.
    """
    if ctx.invoked_subcommand is None:
        _list(ctx.obj)


def _list(invocation: Invocation) -> None:
    from rich.console import Console
    from rich.table import Table

    from vigie.archive import theming

    folder = Folder.at(invocation.home)
    with folder.reading() as db:
        counts, models = theming.counts(db), theming.latest_models(db)
    table = Table(box=None)
    for name in ("theme", "articles", "rules", "likeness", "learnt", "said", "model"):
        table.add_column(name, justify="left" if name in ("theme", "model") else "right")
    for theme in folder.settings.themes:
        found = counts.get(theme.id)
        numbers = (
            (found.articles, found.rules, found.likeness, found.learnt, found.decisions)
            if found
            else (0,) * 5
        )
        table.add_row(theme.id, *map(str, numbers), _model(models.get(theme.id)))
    Console().print(table)


def _model(row: object) -> str:
    from vigie.archive.theming import ThemeModelRow

    if not isinstance(row, ThemeModelRow):
        return ""
    how = "proposed none" if row.precision is None else f"precision {row.precision:.2f}"
    return f"{row.revision}, from {row.decisions} decisions; {how} on the last {row.on_last}"


@themes.command(epilog="Example: vigie --home ma-veille themes test cyber --since 2026-10")
@click.argument("theme")
@click.option("--since", default="", help="Published from that year, month or day on.")
@click.option("--limit", default=15, show_default=True, type=click.IntRange(1, 10_000))
@click.pass_obj
def test(invocation: Invocation, theme: str, since: str, limit: int) -> None:
    """What THEME's rules, as themes.toml has them now, match in the archive.

    Beside it what they would newly gain or lose against what the archive was read with: edit the
    rules, look here, and let `vigie enrich` read the archive anew when you like what you see.
    """
    from app.pipeline.trying import try_rules
    from app.progress import for_terminal

    folder = Folder.at(invocation.home)
    chosen = _theme(folder.settings, theme)
    start = _since(since)
    with folder.reading() as db:
        progress = for_terminal(quiet=invocation.quiet)
        found = list(try_rules(db, folder.settings, chosen, start, progress))
    matched = [one for one in found if one.change != "lost"]
    parts = (("gained", "would be gained"), ("lost", "would be lost"), ("", "stay as they are"))
    click.echo(f"{chosen.id}: its rules match {len(matched)} articles")
    for change, words in parts:
        rows = sorted((o for o in found if o.change == change), key=lambda o: o.published)[::-1]
        click.secho(f"\n{len(rows)} {words}", bold=True)
        for one in rows[:limit]:
            click.echo(f"  {one.published:%Y-%m-%d}  {one.article}  {one.title}")
            click.secho(f"              {one.why}", dim=True)
        if len(rows) > limit:
            click.echo(f"  and {len(rows) - limit} more (--limit shows them)")


@themes.command(epilog="Example: vigie themes say cyber a-k3v5qd2m7x4ta --no --why 'jeu vidéo'")
@click.argument("theme")
@click.argument("articles", nargs=-1, required=True, metavar="ARTICLE...")
@click.option("--yes/--no", "is_of", required=True, help="Whether they are of the theme.")
@click.option("--why", default="", help="Your reason.")
@click.option(
    "--who", help="Your handle, never an address.  [default: your login name]", default=""
)
@quiet_option
@click.pass_obj
def say(
    invocation: Invocation,
    theme: str,
    articles: tuple[str, ...],
    is_of: bool,
    why: str,
    who: str,
) -> None:
    """Say that ARTICLES are, or are not, of THEME. It stands above what any signal says.

    The theme learns from it: with 50 decisions or more it gets a model of its own.
    """
    from vigie.archive import articles as stored
    from vigie.archive import theming

    if "@" in who:
        raise click.UsageError("--who takes a handle such as 'mc': the archive holds no address")
    folder, now = Folder.at(invocation.home), clock()
    chosen = _theme(folder.settings, theme)
    with folder.archive(now) as db:
        signed = who or getpass.getuser()
        for article in [stored.find(db, name) for name in articles]:
            theming.say(db, article, chosen.id, is_of=is_of, who=signed, why=why, now=now)
    if not invocation.quiet:
        click.echo(f"{len(articles)} noted; `vigie enrich` gives them their themes anew")


@themes.command(epilog="Example: vigie --home ma-veille themes train")
@quiet_option
@click.pass_obj
def train(invocation: Invocation) -> None:
    """Learn the themes anew from all decisions, and say how good each model is.

    `vigie enrich` does so by itself once a theme has ten new decisions.
    """
    from app.pipeline.theming import train_all
    from vigie.archive import readings, theming

    folder, now = Folder.at(invocation.home), clock()
    settings = folder.settings
    with folder.lock(), folder.archive(now) as db:
        model = readings.latest_model(db, "vectors", settings.models.vectors)
        if model is None:
            raise NotFoundError("no article has a vector yet: `vigie enrich` gives them theirs")
        done = train_all(db, settings.themes, model, now, again=True)
        models = theming.latest_models(db, model.id)
    if not invocation.quiet:
        for theme in done:
            click.echo(f"{theme}: model {_model(models[theme])}")
        click.echo(f"{len(done)} themes learnt; 50 decisions are needed, 5 of either kind")


def _theme(settings: Settings, name: str) -> Theme:
    for theme in settings.themes:
        if theme.id == name:
            return theme
    names = ", ".join(theme.id for theme in settings.themes)
    raise NotFoundError(f"no theme {name!r} in themes.toml; there are {names}")


def _since(text: str) -> datetime:
    if not text:
        return _EVER
    for shape in ("%Y", "%Y-%m", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, shape).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise click.BadParameter("a date such as 2026, 2026-01 or 2026-01-15", param_hint="--since")


COMMANDS = {"themes": themes}
