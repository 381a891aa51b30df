"""What commands tell a person when they are done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import click

from app.pipeline.collect import Collected
from app.pipeline.enriching import Enriched
from app.pipeline.rebuilding import Rebuilt
from vigie.model import Delivery, DeliveryState, Emerging, Issue, IssueItem, Tlp


def print_collected(done: Collected) -> None:
    """Counts, then each source that failed with its reason."""
    well = len(done.outcomes) - len(done.failed)
    unchanged = sum(outcome.not_modified for outcome in done.outcomes)
    click.echo(
        f"{len(done.outcomes)} sources polled: {well} answered ({unchanged} unchanged), "
        f"{len(done.failed)} failed. {done.items} items: {done.new} new, {done.revised} revised. "
        f"{done.pages} pages read, {done.pages_failed} without text."
    )
    if done.outage:
        click.echo("Most sources failed at once: our own network, it seems. None is blamed for it.")
    for outcome in sorted(done.failed, key=lambda outcome: outcome.source):
        if outcome.failure is not None:
            click.echo(f"  {outcome.source}: {outcome.failure.detail}")


def print_enriched(done: Enriched) -> None:
    """Counts and the models that gave them."""
    click.echo(f"{done.read} articles read, {done.embedded} embedded, {done.placed} grouped.")
    click.echo(f"Models in force: {', '.join(done.models)}")
    if done.reread:
        click.echo(f"{done.reread} articles read again, since the model or the rules changed.")
    if done.waiting:
        click.echo(
            f"{done.waiting} articles wait for the new model; until all are done, what the "
            "archive shows of them is the old one's."
        )


def print_emerging(signals: Sequence[Emerging]) -> None:
    """What rises that was not told before, where there is something."""
    if signals:
        labels = "; ".join(f"{one.label} ({one.strength.value})" for one in signals)
        click.echo(f"Rises by itself since this turn: {labels}. `vigie emerging` says why.")


def print_issue(issue: Issue) -> None:
    """An issue as a list: sections, items, and why each is there."""
    click.echo(f"{issue.id}, revision {issue.revision}, {len(issue.items)} items, {issue.tlp}")
    for erratum in issue.errata:
        click.echo(f"Erratum of revision {erratum.revision}: {erratum.text}")
    for section in issue.sections:
        items = [item for item in issue.items if item.section == section.theme]
        if not items:
            continue
        click.secho(f"\n{section.labels.get('fr', section.theme)} [{section.theme}]", bold=True)
        for item in items:
            print_item(item)
    if issue.contributors:
        click.echo(f"\nContributors: {', '.join(issue.contributors)}")


def print_item(item: IssueItem) -> None:
    """One item: its place, what is printed, what people said of it, and why it is there."""
    day = f"{item.happens:%Y-%m-%d}: " if item.happens else ""
    click.echo(f"  {item.rank}. {day}{item.title} ({item.source}, {item.published:%Y-%m-%d})")
    said = [
        f"{item.place} {item.nuts}".strip(),
        item.reference,
        f"credibility {item.credibility}" if item.credibility else "",
        item.tlp.value if item.tlp is not Tlp.CLEAR else "",
    ]
    told = ", ".join(one for one in said if one)
    click.secho(f"     {item.section}/{item.rank} {item.story}" + (f", {told}" if told else ""))
    if item.comment:
        click.echo(f"     À retenir: {item.comment}")
    click.secho(f"     {item.why}", dim=True)


def rebuilt(made: Rebuilt) -> Iterator[str]:
    """Each file that differs, each library that does, and what follows from it."""
    issue = made.issue
    good = sum(one.same for one in made.compared)
    yield (
        f"{issue.id} revision {issue.revision}, forms {made.template}: "
        f"{good} of {len(made.compared)} files have the same bytes"
    )
    for one in made.compared:
        name = f"{one.stored.language}.{one.stored.form.value}"
        if one.damaged:
            yield f"  {name}: the frozen file is damaged (its hash says so); restore a backup"
        elif not one.same:
            yield f"  {name}: differs"
    for line in made.differing:
        yield f"  {line}"
    if not made.same:
        yield f"The frozen files stay the truth: vigie digest rebuild {issue.id} --stored"


def print_deliveries(
    count: Counter[DeliveryState], unsettled: Sequence[Delivery], issue: str, *, quiet: bool
) -> None:
    """How many were served; each recipient who was not, why, and the way out (even when quiet)."""
    total = sum(count.values())
    if not quiet:
        told = ", ".join(f"{count[state]} {state.value}" for state in DeliveryState if count[state])
        click.echo(f"{total} recipients: {told or 'none on this list yet'}")
    for row in unsettled:
        again = f" (again at {row.next_try:%H:%M} UTC)" if row.next_try else ""
        detail = f", {row.detail}" if row.detail else ""
        click.echo(f"  {row.recipient.address}: {row.state.value}{detail}{again}", err=True)
        if row.state is DeliveryState.IN_DOUBT:
            settle = f"vigie digest settle {issue} {row.recipient.address}"
            click.echo(f"    it arrived: {settle} --sent", err=True)
            click.echo(f"    it did not: {settle} --resend", err=True)
