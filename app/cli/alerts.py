"""vigie alerts: what goes out between two issues, by which rules, and who said yes."""

from __future__ import annotations

import getpass
from pathlib import Path

import click

from app.cli import Invocation, quiet_option
from app.cli.recipients import as_kept
from app.folder import Folder, clock
from app.progress import for_terminal
from vigie.archive import alert_posts, alerts, ids, people, wishes
from vigie.archive import desk as desk_rows
from vigie.archive.wishes import EVERY, Wish
from vigie.model import Alert, DeliveryState, Severity
from vigie.schema import ALERTS

_who = click.option("--who", default="", help="Your handle.  [default: your login name]")


@click.group("alerts", epilog="Example: vigie alerts rules --days 30")
def alerts_group() -> None:
    """Alerts between two issues: rules, approval, sending, log."""


@alerts_group.command(epilog="Example: vigie alerts rules fortinet --days 90")
@click.argument("rule", required=False, default="")
@click.option("--days", type=click.FloatRange(0, 3650), help="Try on the last so many days.")
@click.option("--limit", type=int, default=20, show_default=True, help="Alerts to list at most.")
@click.pass_obj
def rules(invocation: Invocation, rule: str, days: float | None, limit: int) -> None:
    """List the rules of alerts.toml; with --days, what RULE (or all) would have made since then.

    A trial sends and stores nothing.
    """
    from app.pipeline import alert_desk

    folder, now = Folder.at(invocation.home), clock()
    if days is None:
        for one in folder.settings.alert_rules:
            if not rule or one.id == rule:
                state = "" if one.active else ", not active"
                asks = ", asks for approval" if one.approval else ""
                click.echo(f"{one.id}: {', '.join(one.conditions)}; {one.tlp}{asks}{state}")
        if not folder.settings.alert_rules:
            click.echo("no rules: write [[alert]] tables into config/alerts.toml")
        return
    with folder.reading() as archive, folder.desk() as desk:
        found = alert_desk.trial(folder.settings, archive, desk, rule, days, now)
    for alert, people_count in found.alerts[:limit]:
        click.echo(f"{_head(alert)}  to {people_count}")
        click.secho(f"    {_because(alert)}", dim=True)
    articles = f"{found.looked} article{'s' * (found.looked != 1)}"
    made = f"{len(found.alerts)} alert{'s' * (len(found.alerts) != 1)}"
    click.echo(f"{articles} of {days:g} days: {made}")


@alerts_group.command(epilog="Example: vigie alerts pending")
@click.pass_obj
def pending(invocation: Invocation) -> None:
    """List the alerts that wait for a person's yes."""
    with Folder.at(invocation.home).desk() as desk:
        rows = alerts.pending(desk)
    for row in rows:
        click.echo(f"{_head(row.alert)}  to {row.recipients} people, {row.hooks} machines")
        click.secho(f"    {_because(row.alert)}", dim=True)
        click.echo(f"    vigie alerts approve {ids.alert(row.alert.key)}")
    if not rows:
        click.echo("no alert waits for approval")


@alerts_group.command(epilog="Example: vigie alerts approve CERTFR-2026-AVI-0001 --who mc")
@click.argument("alert")
@_who
@quiet_option
@click.pass_obj
def approve(invocation: Invocation, alert: str, who: str) -> None:
    """Let an ALERT go that waits: its id, or an advisory's reference."""
    _settle(invocation, alert, who, yes=True, why="")


@alerts_group.command(epilog='Example: vigie alerts reject al-2b3c4d5e6f7g2 --why "déjà traité"')
@click.argument("alert")
@_who
@click.option("--why", default="", help="For the log.")
@quiet_option
@click.pass_obj
def reject(invocation: Invocation, alert: str, who: str, why: str) -> None:
    """Stop an ALERT that waits. A later revision of it waits again."""
    _settle(invocation, alert, who, yes=False, why=why)


def _settle(invocation: Invocation, name: str, who: str, *, yes: bool, why: str) -> None:
    from app.pipeline import alert_desk

    folder, now = Folder.at(invocation.home), clock()
    with folder.lock(), folder.desk() as desk:
        alert, count = alert_desk.settle(
            desk, name, who or getpass.getuser(), now, yes=yes, why=why
        )
    if not invocation.quiet:
        click.echo(f"{_head(alert)}: {count} copies {'may go' if yes else 'stopped'}")


@alerts_group.command(epilog="Example: vigie alerts send")
@quiet_option
@click.pass_obj
def send(invocation: Invocation) -> None:
    """Look at what is new and send the alerts that are due, as `vigie serve` does each minute.

    Stopped half way, the next call goes on where it stopped.
    """
    from app.pipeline import alerting

    folder, now = Folder.at(invocation.home), clock()
    with folder.lock(), folder.archive(now) as archive, folder.desk() as desk:
        progress = for_terminal(quiet=invocation.quiet)
        done = alerting.cycle(folder.settings, archive, desk, now, progress, clock)
    if not invocation.quiet:
        click.echo(done.said or "no alert is due")
    if done.mail.error:
        raise click.ClickException(f"{done.mail.error}; {done.mail.left} still to send")
    failed = set(done.mail.counts) - {DeliveryState.SENT, DeliveryState.WITHDRAWN}
    if failed or set(done.posts) - {"sent"}:
        raise click.exceptions.Exit(1)


@alerts_group.command(epilog="Example: vigie alerts log --limit 50")
@click.option("--limit", type=int, default=20, show_default=True, help="Alerts to list at most.")
@click.pass_obj
def log(invocation: Invocation, limit: int) -> None:
    """The last alerts: what was made, of which advisories, and how its copies stand."""
    from app.pipeline import alert_desk

    with Folder.at(invocation.home).desk() as desk:
        rows = alerts.log(desk, limit)
        messages = alert_desk.unsettled(desk)
        posts = alert_posts.posts(desk)
    for row in rows:
        copies = ", ".join(f"{number} {state}" for state, number in row.copies.items())
        said = f", {row.approval} {row.who}".rstrip() if row.approval else ""
        click.echo(f"{row.at:%Y-%m-%d %H:%M} {_head(row.alert)}: {copies or 'to nobody'}{said}")
        if row.alert.changed:
            click.secho(f"    changed: {row.alert.changed}", dim=True)
        click.secho(f"    {_because(row.alert)}", dim=True)
    for number, address, state, detail in messages:
        click.echo(f"  message {number} to {address}: {state}, {detail}", err=True)
        if state == DeliveryState.IN_DOUBT:
            click.echo(f"    vigie alerts settle {number} {address} --sent|--resend", err=True)
    for post in posts:
        click.echo(f"  {post.hook}: {post.state}, {post.tries} tries, {post.detail}", err=True)
    if not rows:
        click.echo("nothing was alerted yet")


@alerts_group.command(epilog="Example: vigie alerts preview al-2b3c4d5e6f7g2 --as jane@a.example")
@click.argument("alert")
@click.option("--as", "address", required=True, help="A recipient's address.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Where files go.")
@click.pass_obj
def preview(invocation: Invocation, alert: str, address: str, out: Path | None) -> None:
    """Show what a recipient would get of ALERT; with --out, write .eml, .html and .txt too."""
    from app.pipeline import alert_desk

    folder, now = Folder.at(invocation.home), clock()
    with folder.desk() as desk:
        shown = alert_desk.preview(folder.settings, desk, alert, as_kept(address), now)
    if shown.page is None:
        click.echo(f"Nothing would be sent: {shown.why_not}.")
        return
    click.echo(f"Subject: {shown.page.subject}\n")
    click.echo(shown.text.decode())
    if out:
        out.mkdir(parents=True, exist_ok=True)
        out.chmod(0o700)  # it may hold what is not for everyone
        for ending, content in (
            ("eml", shown.message),
            ("html", shown.html),
            ("txt", shown.text),
        ):
            path = out / f"alert.{ending}"
            path.write_bytes(content)
            click.echo(path)


@alerts_group.command(
    epilog='Example: vigie alerts wish jane@a.example --vendors "Fortinet,Microsoft" --rules -'
)
@click.argument("address", required=False, default="")
@click.option("--structure", default="", help="For all of a structure who say nothing themselves.")
@click.option("--rules", "chosen", default=EVERY, help="Rules, between commas; * all, - none.")
@click.option("--vendors", default="", help="Whose advisories they want, between commas.")
@click.option("--themes", default="", help="Of which themes they want advisories and stories.")
@click.option(
    "--severity",
    type=click.Choice([one.value for one in Severity if one]),
    help="At least this grave.",
)
@quiet_option
@click.pass_obj
def wish(
    invocation: Invocation,
    address: str,
    structure: str,
    chosen: str,
    vendors: str,
    themes: str,
    severity: str | None,
) -> None:
    """Put a recipient on the list of alerts and set which they get; or set a structure's own."""
    if bool(address) == bool(structure):
        raise click.UsageError("an address, or --structure NAME")
    folder, now = Folder.at(invocation.home), clock()
    settings = folder.settings
    named = () if chosen == "-" else _names(chosen)
    _known("rule", named, {EVERY, *(rule.id for rule in settings.alert_rules)})
    _known("theme", _names(themes), {theme.id for theme in settings.themes})
    wanted = Wish(named, _names(vendors), _names(themes), Severity(severity or ""))
    if wanted.empty:
        raise click.UsageError("that would be no alert at all: vigie alerts wish --help")
    with folder.desk() as desk:
        if structure:
            wishes.wish_for_structure(desk, structure, wanted, now)
        else:
            row = people.recipient(desk, as_kept(address))
            lists = (*row.subscriptions, people.Subscription(ALERTS))
            change = people.Change(subscriptions=lists if ALERTS not in row.editions else None)
            people.change(desk, row.id, change, now)
            wishes.wish(desk, row.id, wanted, now)
    if not invocation.quiet:
        click.echo(f"{address or structure}: {', '.join(named) or 'no rule'}, {vendors} {themes}")


@alerts_group.command(epilog="Example: vigie alerts settle 17 jane@a.example --sent")
@click.argument("message", type=int)
@click.argument("address")
@click.option("--sent", "how", flag_value="sent", help="It arrived.")
@click.option("--resend", "how", flag_value="resend", help="It did not: the next send tries again.")
@_who
@quiet_option
@click.pass_obj
def settle(invocation: Invocation, message: int, address: str, how: str | None, who: str) -> None:
    """Settle a MESSAGE of alerts that is in doubt; --resend also one that was refused."""
    if how is None:
        raise click.UsageError("say --sent or --resend; ask the recipient whether it arrived")
    folder, now = Folder.at(invocation.home), clock()
    with folder.lock(), folder.desk() as desk:
        desk_rows.recover(desk, now)
        desk_rows.settle_by_hand(
            desk,
            ALERTS,
            message,
            as_kept(address),
            resend=how == "resend",
            who=who or getpass.getuser(),
            now=now,
        )
    if not invocation.quiet:
        click.echo(f"message {message}: {'queued' if how == 'resend' else 'sent'}")


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


def _known(what: str, names: tuple[str, ...], known: set[str]) -> None:
    for name in names:
        if name not in known:
            raise click.ClickException(
                f"{name} is no {what}: {', '.join(sorted(known)) or 'there is none'}"
            )


def _head(alert: Alert) -> str:
    grave = f" [{alert.severity.value}]" if alert.severity else ""
    return f"{ids.alert(alert.key)} r{alert.revision}{grave} {alert.title}"


def _because(alert: Alert) -> str:
    """Rules and words, and the advisories that it names."""
    rules = "; ".join(
        f"{match.rule}: {', '.join(f'{b.condition} {b.found}' for b in match.because)}"
        for match in alert.matches
    )
    named = ", ".join(f"{one.issuer} {one.reference}" for one in alert.advisories)
    return f"{rules} | {named}" if named else rules


COMMANDS = {"alerts": alerts_group}
