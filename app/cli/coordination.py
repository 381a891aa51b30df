"""coordination: the same text at several sources without an agency's credit, as evidence."""

from __future__ import annotations

import json
from datetime import timedelta

import click

from app.cli import Invocation
from app.folder import Folder, clock
from app.pipeline.coordinating import look_for
from app.progress import for_terminal
from vigie.errors import NotFoundError
from vigie.model import Case, Coordinated

_SHOWN = 10  # rows of the network and of the rates
_CAUTION = (
    "Evidence, not a verdict: a release, a common owner or an agency that nobody credits look the "
    "same."
)
_days = click.option(
    "--days", type=click.IntRange(1, 3660), help="How far back.  [default: the settings']"
)


@click.group(invoke_without_command=True, epilog="Example: vigie coordination --days 7")
@_days
@click.option("--json", "as_json", is_flag=True, help="One JSON object a case.")
@click.pass_context
def coordination(ctx: click.Context, days: int | None, as_json: bool) -> None:
    """Near-identical texts of several sources within hours that credit no press agency.

    Then who had texts after whom, and how much of what each source printed stood elsewhere before.
    """
    if ctx.invoked_subcommand:
        return
    found = _found(ctx.obj, days)
    if as_json:
        for case in found.cases:
            click.echo(json.dumps(_as_json(case), ensure_ascii=False))
        return
    for case in found.cases:
        click.secho(case.title, bold=True, nl=False)
        click.echo(f"  {case.group}")
        click.echo(f"  {case.why}")
    _print_network(found)
    click.echo(
        f"Cases: {len(found.cases)}. Left out since a text credits an agency: {found.credited}."
    )
    click.echo(_CAUTION)


@coordination.command(epilog="Example: vigie coordination show d-k3v5qd2m7x4ta")
@click.argument("group")
@_days
@click.pass_obj
def show(invocation: Invocation, group: str, days: int | None) -> None:
    """One case: each text in the order of appearance, and what it is likest to."""
    for case in _found(invocation, days).cases:
        if case.group == group:
            _print_case(case)
            click.echo(_CAUTION)
            return
    raise NotFoundError(f"no case {group!r} in these days; `vigie coordination` lists them")


def _found(invocation: Invocation, days: int | None) -> Coordinated:
    folder = Folder.at(invocation.home)
    with folder.reading() as db, for_terminal(quiet=invocation.quiet).stage("Comparing", 1) as step:
        found = look_for(db, folder.settings, clock(), days)
        step(1)
    return found


def _print_case(case: Case) -> None:
    click.secho(case.title, bold=True)
    click.echo(f"  {case.why}")
    for titles in case.related:
        click.echo(f"  of one publisher: {', '.join(titles)}")
    for one in case.appearances:
        text = one.text
        lag = "first" if not one.like else _lag(one.after)
        likest = f", {one.likeness:.0%} as in {one.like}" if one.like else ""
        click.echo(f"  {text.published:%Y-%m-%d %H:%M}  {lag:>9}  {text.source_title}{likest}")
        click.secho(f"    {text.public_id}  {text.title}  {text.address}", dim=True)


def _print_network(found: Coordinated) -> None:
    if found.edges:
        click.secho("Who had a text after whom", bold=True)
    for edge in found.edges[:_SHOWN]:
        click.echo(f"  {edge.first} -> {edge.then}: {edge.times}, {_lag(edge.lag)} (median)")
    if found.rates:
        click.secho("Of what each source printed, what stood elsewhere before", bold=True)
    for rate in found.rates[:_SHOWN]:
        click.echo(
            f"  {rate.title}: {rate.later} of {rate.texts} ({rate.rate:.1%}); "
            f"{rate.first} that others had later"
        )


def _lag(after: timedelta | None) -> str:
    if after is None:
        return "no date"
    minutes = int(after / timedelta(minutes=1))
    return f"+{minutes} min" if minutes < 120 else f"+{minutes / 60:.1f} h"


def _as_json(case: Case) -> dict[str, object]:
    return {
        "group": case.group,
        "title": case.title,
        "why": case.why,
        "publishers": case.publishers,
        "of_one_publisher": case.related,
        "appearances": [
            {
                "article": one.text.public_id,
                "source": one.text.source,
                "publisher": one.publisher,
                "published": one.text.published.isoformat(),
                "dated": one.text.dated,
                "minutes_after": None if one.after is None else one.after / timedelta(minutes=1),
                "likeness": one.likeness,
                "like": one.like,
                "title": one.text.title,
                "url": one.text.address,
            }
            for one in case.appearances
        ],
    }


COMMANDS = {"coordination": coordination}
