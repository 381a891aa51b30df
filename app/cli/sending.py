"""digest preview, approve, schedule, send, status, settle, bounces: from an issue to mailboxes."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from app import report
from app.cli import Invocation, quiet_option
from app.cli.recipients import as_kept
from app.folder import Folder, clock
from app.progress import for_terminal
from vigie.archive import bounced, issues, sendings
from vigie.archive import desk as desk_rows
from vigie.model import DeliveryState

_by = click.option("--by", "who", default="", help="Your handle.  [default: your login name]")


@click.command(epilog="Example: vigie digest preview normandie-2026Q4 --as jane@example.org")
@click.argument("issue")
@click.option("--as", "address", required=True, help="A recipient's address.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Where files go.")
@click.pass_obj
def preview(invocation: Invocation, issue: str, address: str, out: Path | None) -> None:
    """Show what a recipient would get of ISSUE: subject, items, and what is left out and why.

    The message is written as .html, .txt and .eml. Its links belong to nobody.
    """
    from app.pipeline import mailing

    folder, now = Folder.at(invocation.home), clock()
    with folder.reading() as archive, folder.desk() as desk:
        shown = mailing.preview(folder, archive, desk, issue, as_kept(address), now)
    who = shown.recipient
    state = "a draft" if shown.draft else f"published, revision {shown.issue.revision}"
    click.echo(f"Issue    {shown.issue.id}, {state}")
    click.echo(f"To       {who.name} <{who.address}>, {who.structure}")
    click.echo(
        f"Copy     {shown.language}, {', '.join(who.themes) or 'all themes'}, {who.clearance}"
    )
    if shown.why_not:
        click.echo(f"Nothing would be sent: {shown.why_not}.")
    if shown.subject:
        click.echo(f"Subject  {shown.subject}")
        report.print_issue(shown.issue)
    for item, why in shown.left_out:
        click.secho(f"  left out: {item.title} ({why})", dim=True)
    if not shown.message:
        return
    target = out or folder.settings.paths.desk.parent / "preview"
    target.mkdir(parents=True, exist_ok=True)
    target.chmod(0o700)  # it may hold what is not for everyone
    for ending, content in (("html", shown.html), ("txt", shown.text), ("eml", shown.message)):
        path = target / f"{shown.issue.id}-{who.id}.{ending}"
        path.write_bytes(content)
        click.echo(path)


@click.command(epilog="Example: vigie digest approve normandie-2026Q4 --by lh")
@click.argument("issue")
@_by
@quiet_option
@click.pass_obj
def approve(invocation: Invocation, issue: str, who: str) -> None:
    """Approve the sending of ISSUE, as someone else than who published it.

    Needed where `approval = true` stands under [mail] in vigie.toml.
    """
    from app.pipeline import mailing

    folder, now = Folder.at(invocation.home), clock()
    with folder.reading() as archive, folder.desk() as desk:
        found = mailing.approve(archive, desk, issue, who or getpass.getuser(), now)
    if not invocation.quiet:
        click.echo(
            f"{found.id} revision {found.revision} may be sent: vigie digest send {found.id}"
        )


@click.command(epilog="Example: vigie digest schedule normandie-2026Q4 2027-01-11T09:00")
@click.argument("issue")
@click.argument("date")
@_by
@quiet_option
@click.pass_obj
def schedule(invocation: Invocation, issue: str, date: str, who: str) -> None:
    """Let `vigie serve` send ISSUE at DATE, in your time zone; `never` takes it back.

    Where `vigie serve` did not run at that hour and finds the issue more than an hour late, it does
    not send it but asks.
    """
    folder, now = Folder.at(invocation.home), clock()
    with folder.reading() as archive, folder.desk() as desk:
        found = issues.published(archive, issue)
        if date == "never":
            done = sendings.unschedule(desk, found.id, found.revision)
            click.echo(f"{found.id} is not sent by itself" + ("" if done else ": it never was"))
            return
        due = _moment(date, folder.settings.general.timezone)
        if due <= now:
            raise click.ClickException(f"{date} is over; `vigie digest send {issue}` sends it now")
        sendings.schedule(desk, found.id, found.revision, due, who or getpass.getuser())
        approval = folder.settings.mail.approval
        lacking = approval and not sendings.approved_by(desk, found.id, found.revision)
    if not invocation.quiet:
        click.echo(f"`vigie serve` sends {found.id} at {due:%Y-%m-%d %H:%M} UTC")
    if lacking:
        click.echo(
            f"Somebody else has to approve it before: vigie digest approve {issue}", err=True
        )


def _moment(text: str, timezone: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.ClickException(f"{text!r} is not a date such as 2027-01-11T09:00") from error
    local = found if found.tzinfo else found.replace(tzinfo=ZoneInfo(timezone))
    return local.astimezone(UTC)


@click.command(epilog="Example: vigie digest send normandie-2026Q4 --test me@example.org")
@click.argument("issue")
@click.option("--test", default="", help="Send one copy to this address and nothing else.")
@click.option("--as", "address", default="", help="With --test: the copy of this recipient.")
@click.option("--again", is_flag=True, help="A correction also to those who have the issue.")
@quiet_option
@click.pass_obj
def send(invocation: Invocation, issue: str, test: str, address: str, again: bool) -> None:
    """Send a published ISSUE to its recipients, each of them once.

    A later revision goes to those who have none yet, unless --again asks for everyone.

    Stopped half way, the same command goes on where it stopped. Whoever was refused, deferred or
    is in doubt is named; the command fails when this run left anyone without it.
    """
    from app.pipeline import mailing

    folder, now = Folder.at(invocation.home), clock()
    if test:
        with folder.reading() as archive, folder.desk() as desk:
            said = mailing.try_out(folder, archive, desk, issue, test, now, as_kept(address))
        if not invocation.quiet:
            click.echo(f"{test}: {said}")
        return
    if address:
        raise click.UsageError("--as goes with --test, or with `vigie digest preview`")
    with folder.lock(), folder.archive(now) as archive, folder.desk() as desk:
        progress = for_terminal(quiet=invocation.quiet)
        to = mailing.Whom.ALL if again else mailing.Whom.NEW
        sent = mailing.send(folder, archive, desk, issue, now, progress, clock, to=to)
        found = issues.published(archive, issue)
        count = desk_rows.tally(desk, found.id, found.revision)
        unsettled = desk_rows.unsettled(desk, found.id, found.revision)
    report.print_deliveries(count, unsettled, issue, quiet=invocation.quiet)
    if sent.error:
        raise click.ClickException(f"{sent.error}; {sent.left} still to send")
    failed = set(sent.counts) - {DeliveryState.SENT, DeliveryState.WITHDRAWN}
    if failed:
        raise click.exceptions.Exit(1)


@click.command(epilog="Example: vigie digest status normandie-2026Q4")
@click.argument("issue")
@click.pass_obj
def status(invocation: Invocation, issue: str) -> None:
    """Show how the sending of ISSUE stands, and what a person has to decide."""
    folder, now = Folder.at(invocation.home), clock()
    with folder.reading() as archive, folder.desk() as desk:
        found = issues.published(archive, issue)
        key = found.id, found.revision
        publisher = issues.published_by(archive, *key)
        approver = sendings.approved_by(desk, *key)
        due = [one for one in sendings.scheduled(desk) if (one.issue, one.revision) == key]
        count, unsettled = desk_rows.tally(desk, *key), desk_rows.unsettled(desk, *key)
    approved = f", approved by {approver}" if approver else ""
    click.echo(f"{found.id} revision {found.revision}, published by {publisher}{approved}")
    for one in due:
        late = one.due_at < now
        click.echo(
            f"{'Overdue since' if late else 'To be sent at'} {one.due_at:%Y-%m-%d %H:%M} UTC"
            + (f": vigie digest send {found.id}, or schedule it anew" if late else "")
        )
    report.print_deliveries(count, unsettled, issue, quiet=False)


@click.command(epilog="Example: vigie digest settle normandie-2026Q4 jane@example.org --sent")
@click.argument("issue")
@click.argument("address")
@click.option("--sent", "how", flag_value="sent", help="It arrived.")
@click.option("--resend", "how", flag_value="resend", help="It did not: the next send tries again.")
@_by
@quiet_option
@click.pass_obj
def settle(invocation: Invocation, issue: str, address: str, how: str | None, who: str) -> None:
    """Settle a delivery of ISSUE that is in doubt; --resend also what was refused or bounced."""
    if how is None:
        raise click.UsageError("say --sent or --resend; ask the recipient whether it arrived")
    folder, now = Folder.at(invocation.home), clock()
    with folder.lock(), folder.reading() as archive, folder.desk() as desk:
        found = issues.published(archive, issue)
        desk_rows.recover(desk, now)
        desk_rows.settle_by_hand(
            desk,
            found.id,
            found.revision,
            as_kept(address),
            resend=how == "resend",
            who=who or getpass.getuser(),
            now=now,
        )
    if not invocation.quiet:
        after = f"queued: vigie digest send {issue}" if how == "resend" else "sent"
        click.echo(f"{address}: {after}")


@click.command(epilog="Example: vigie digest bounces --read")
@click.option("--read", is_flag=True, help="Read the mailbox and the folder of [bounces] first.")
@quiet_option
@click.pass_obj
def bounces(invocation: Invocation, read: bool) -> None:
    """List the messages that came back, and whom nothing is sent to any more.

    A hard bounce suspends its recipient; `vigie digest recipients restore ADDRESS` undoes it.
    """
    from app.pipeline import bouncing

    folder, now = Folder.at(invocation.home), clock()
    with folder.desk() as desk:
        if read:
            done = bouncing.read(folder.settings, desk, now)
            if not invocation.quiet:
                click.echo(done.counts())
            for error in done.errors:
                click.echo(error, err=True)
        rows = bounced.overview(desk)
    for row in rows if not invocation.quiet else []:
        who = f"{row.name} <{row.address}>, {row.structure}" if row.address else "nobody we know"
        state = ", suspended" if row.suspended else ""
        click.echo(f"{row.at:%Y-%m-%d} {row.kind} {row.status} {who}{state}".replace("  ", " "))
        if row.detail:
            click.secho(f"    {row.detail}", dim=True)
    if not rows and not invocation.quiet:
        click.echo("no message came back")
    if read and done.errors:
        raise click.exceptions.Exit(1)


SENDING = (preview, approve, schedule, send, status, settle, bounces)
