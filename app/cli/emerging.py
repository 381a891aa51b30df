"""emerging: what rises by itself, with its evidence; put to sleep and woken by people."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import click

from app.cli import Invocation, quiet_option
from app.cli.stories import who_option, why_option
from app.folder import Folder, clock
from app.progress import for_terminal
from vigie.archive import emerging as table
from vigie.archive.emerging import Episode

_DAYS = 30  # that --all reaches back


@click.group(invoke_without_command=True, epilog="Example: vigie emerging --all")
@click.option("--all", "everything", is_flag=True, help="Those that ended or sleep too, 30 days.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_context
def emerging(ctx: click.Context, everything: bool, as_json: bool) -> None:
    """What rises by itself, strongest first: kind, strength, age, and why.

    docs/emerging.md says what a signal is, and when it is weak, rising or strong.
    """
    if ctx.invoked_subcommand:
        return
    now = clock()
    with Folder.at(ctx.obj.home).reading() as db:
        found = table.since(db, now - timedelta(days=_DAYS)) if everything else table.lasting(db)
        look = table.last_look(db)
    shown = [one for one in found if everything or not one.asleep(now)]
    if as_json:
        _print_json(shown, now)
        return
    for one in shown:
        _print_line(one, now)
    if look is None:
        click.echo("Nobody has looked yet; `vigie run` does, every few hours.")
        return
    click.echo(
        f"{_signals(len(shown))}; last look {look.at:%Y-%m-%d %H:%M} UTC at {look.articles} "
        f"articles ({look.tested} names, word pairs, stories and crossings tested)"
    )
    if look.said:
        click.echo(f"Bursts were not looked for: {look.said}.")
    if asleep := sum(one.asleep(now) for one in found) if not everything else 0:
        click.echo(f"{asleep} more asleep; `vigie emerging --all` shows all.")


@emerging.command(epilog="Example: vigie emerging show phrase:generale+politique")
@click.argument("key")
@click.pass_obj
def show(invocation: Invocation, key: str) -> None:
    """One signal: why it is told, its articles, how it went, who put it to sleep."""
    with Folder.at(invocation.home).reading() as db:
        one = table.find(db, key)
        articles, steps = table.evidence(db, key), table.course(db, key)
    signal = one.signal
    _print_line(one, clock())
    click.echo(f"  {signal.first_seen:%Y-%m-%d} to {signal.last_seen:%Y-%m-%d}", nl=False)
    click.echo(f", told since {one.raised:%Y-%m-%d %H:%M} UTC", nl=False)
    click.echo(f", ended {one.ended:%Y-%m-%d %H:%M} UTC" if one.ended else "")
    for what, value in (("story", signal.story), ("places", ", ".join(signal.territories))):
        if value:
            click.echo(f"  {what}: {value}")
    click.secho("Evidence", bold=True)
    for article in articles:
        click.echo(f"  {article.published:%Y-%m-%d %H:%M}  {article.title} ({article.source})")
        click.secho(f"    {article.article}  {article.url}", dim=True)
    click.secho("How it went", bold=True)
    for step in steps:
        click.echo(
            f"  {step.at:%Y-%m-%d %H:%M}  {step.strength.value:<6}  {step.texts} texts of "
            f"{step.sources} publishers, {step.expected:.1f} likely"
        )
    if one.snooze:
        said = f": {one.snooze.why}" if one.snooze.why else ""
        click.echo(f"Asleep until {one.snooze.until:%Y-%m-%d}, said {one.snooze.who}{said}")


@emerging.command(
    epilog='Example: vigie emerging snooze entity:edf --until 2026-12-31 --why "connu"'
)
@click.argument("key")
@click.option(
    "--until",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Not shown before that day: 2026-12-31.",
)
@why_option
@who_option
@quiet_option
@click.pass_obj
def snooze(invocation: Invocation, key: str, until: datetime, why: str, who: str) -> None:
    """Put a signal to sleep until a day, in this episode and later ones.

    It is still counted, and `vigie emerging wake` brings it back.
    """
    folder, now = Folder.at(invocation.home), clock()
    moment = until.replace(tzinfo=ZoneInfo(folder.settings.general.timezone)).astimezone(UTC)
    if moment <= now:
        raise click.BadParameter("a day that is still to come", param_hint="--until")
    with folder.lock(), folder.archive(now) as db:
        one = table.snooze(db, key, moment, who=who, why=why, now=now)
    if not invocation.quiet:
        click.echo(f"{one.signal.label}: asleep until {until:%Y-%m-%d}")


@emerging.command(epilog="Example: vigie emerging wake entity:edf")
@click.argument("key")
@why_option
@who_option
@quiet_option
@click.pass_obj
def wake(invocation: Invocation, key: str, why: str, who: str) -> None:
    """Show a signal again that was put to sleep."""
    folder, now = Folder.at(invocation.home), clock()
    with folder.lock(), folder.archive(now) as db:
        one = table.wake(db, key, who=who, why=why, now=now)
    if not invocation.quiet:
        click.echo(f"{one.signal.label}: awake")


@emerging.command(epilog="Example: vigie emerging look")
@quiet_option
@click.pass_obj
def look(invocation: Invocation) -> None:
    """Look now, rather than wait for the next look of `vigie run`."""
    from app.pipeline.emerging import look_for

    folder, now = Folder.at(invocation.home), clock()
    with folder.lock(), folder.archive(now) as db:
        done = look_for(db, folder.settings, now, for_terminal(quiet=invocation.quiet))
    if not invocation.quiet:
        said = f" ({done.said})" if done.said else ""
        click.echo(f"{_signals(len(done.signals))} found, {len(done.new)} new{said}")


def _signals(number: int) -> str:
    return f"{number} signal{'' if number == 1 else 's'}"


def _print_line(one: Episode, now: datetime) -> None:
    signal = one.signal
    age = (now - signal.first_seen).days
    told = f"{signal.kind.value}, {signal.strength.value}, {age} day{'' if age == 1 else 's'} old"
    if one.number > 1:
        told += f", for the {one.number}. time"
    if one.ended:
        told += ", ended"
    if one.asleep(now):
        told += ", asleep"
    click.secho(signal.label, bold=True, nl=False)
    click.echo(f"  [{told}]  {signal.key}")
    click.echo(f"  {signal.why}")


def _print_json(episodes: Iterable[Episode], now: datetime) -> None:
    for one in episodes:
        signal = one.signal
        row = {
            "signal": signal.key,
            "kind": signal.kind.value,
            "label": signal.label,
            "strength": signal.strength.value,
            "score": signal.score,
            "first_seen": signal.first_seen.isoformat(),
            "last_seen": signal.last_seen.isoformat(),
            "raised": one.raised.isoformat(),
            "ended": one.ended.isoformat() if one.ended else None,
            "asleep": one.asleep(now),
            "why": signal.why,
            "texts": signal.texts,
            "expected": signal.expected,
            "sources": signal.sources,
            "story": signal.story,
            "territories": signal.territories,
        }
        click.echo(json.dumps(row, ensure_ascii=False))


COMMANDS = {"emerging": emerging}
