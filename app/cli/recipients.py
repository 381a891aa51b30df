"""digest recipients: who receives an edition. They live in the desk, never in the archive."""

from __future__ import annotations

from pathlib import Path

import click

from app.cli import Invocation, quiet_option
from app.folder import Folder, clock
from digest.addresses import address as checked_address
from vigie.archive import bounced, people, privacy, wishes
from vigie.model import Tlp
from vigie.schema import LANGUAGES

BASIS = "legitimate interest: messages tied to the function"


def as_kept(address: str) -> str:
    """An address as the desk keeps it (a domain in IDNA); what is none stays as it is typed."""
    try:
        return checked_address(address)
    except ValueError:
        return address


@click.group(epilog="Example: vigie digest recipients import partenaires.csv --dry-run")
def recipients() -> None:
    """List, import, change and remove recipients."""


@recipients.command("list", epilog="Example: vigie digest recipients list --csv > liste.csv")
@click.option("--csv", "as_csv", is_flag=True, help="As a file that `import` reads.")
@click.pass_obj
def list_recipients(invocation: Invocation, as_csv: bool) -> None:
    """Everyone who receives an edition or alerts, by structure; those who left are counted."""
    from app import recipients as writing

    with Folder.at(invocation.home).desk() as desk:
        people.forget_the_removed(desk)
        rows = people.recipients(desk)
        if as_csv:
            listed = [(row, wishes.wish_of(desk, row.id)) for row in rows if not row.removed]
            click.echo(writing.write_csv(listed), nl=False)
            return
    for row in rows:
        if row.removed:
            continue
        chosen = "; ".join(
            one.edition + (f" ({', '.join(one.themes)})" if one.themes else "")
            for one in row.subscriptions
        )
        state = ", has not confirmed" if row.awaited else ""
        state += f", suspended since {row.suspended_at:%Y-%m-%d}" if row.suspended_at else ""
        extra = f", {row.clearance}" if row.clearance is not Tlp.CLEAR else ""
        click.echo(
            f"{row.structure}: {row.name} <{row.address}> {row.language}, {chosen}{extra}{state}"
        )
    gone = sum(row.removed for row in rows)
    if gone:
        click.echo(f"{gone} left")


@recipients.command("import", epilog="Example: vigie digest recipients import partenaires.csv")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--edition", default="", help="An edition's id.  [default: the first]")
@click.option(
    "--basis",
    default=BASIS,
    show_default=True,
    help="The legal basis on which they are written to; `consent` asks each of them first.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@quiet_option
@click.pass_obj
def import_recipients(
    invocation: Invocation, file: Path, edition: str, basis: str, dry_run: bool
) -> None:
    """Add the people of a CSV FILE with the columns name, address, language, structure.

    Further columns: editions, themes, clearance, format, basis, origin, contact, and for alerts
    alerts (rules), alert_vendors, alert_themes, alert_severity. Every refused line is named with
    its field, what was found and what was expected. Someone who is there already is left as they
    are; someone who has left stays away.
    """
    from app import recipients as reading
    from app.pipeline import joining

    folder, now = Folder.at(invocation.home), clock()
    try:
        text = file.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file}: not UTF-8 (byte {error.start}); save it so") from error
    if not reading.legal_basis(basis):
        raise click.BadParameter(
            f"begins with one of {', '.join(reading.BASES)}", param_hint="--basis"
        )
    origin = f"import of {file.name}, {now:%Y-%m-%d}"
    read = reading.read_csv(text, joining.defaults(folder.settings, edition, basis, origin))
    with folder.desk() as desk:
        done = joining.bring_in(desk, read.people, now, dry_run=dry_run)
    for refused in read.refused:
        click.echo(str(refused), err=True)
    added = [one for one in done if one.added is people.Added.ADDED]
    for one in done:
        if one.added is not people.Added.ADDED:
            click.echo(
                f"line {one.listed.line}, address: {one.listed.person.address} {one.added}",
                err=True,
            )
        for gone in one.held:
            who = one.listed.person.address
            click.echo(f"line {one.listed.line}, editions: {who} has left {gone}", err=True)
    if not invocation.quiet:
        would = "would be added" if dry_run else "added"
        there = sum(one.added is people.Added.THERE for one in done)
        left = sum(one.added is people.Added.LEFT for one in done)
        click.echo(
            f"{len(added)} {would}, {there} there already, {left} have left, "
            f"{len(read.refused)} lines refused"
        )
        if any(one.listed.person.awaited for one in added):
            click.echo("Some have to confirm: vigie digest recipients confirm")
    if read.refused:
        raise click.exceptions.Exit(1)


@recipients.command(epilog="Example: vigie digest recipients confirm")
@click.option("--again", "address", default="", help="Write once more to this address.")
@quiet_option
@click.pass_obj
def confirm(invocation: Invocation, address: str) -> None:
    """Write to those whose basis is consent and who have not been asked yet.

    Each gets a link to a page where they confirm. Nothing else is sent to them before.
    """
    from app.pipeline import joining

    folder, now = Folder.at(invocation.home), clock()
    with folder.desk() as desk:
        done = joining.ask(folder.settings, desk, now, as_kept(address))
    for held, why in done.held:
        click.echo(f"{held}: {why}", err=True)
    if not invocation.quiet:
        click.echo(f"{len(done.asked)} asked, {len(done.held)} held back")
    if done.held:
        raise click.exceptions.Exit(1)


@recipients.command(
    epilog='Example: vigie digest recipients invite jane@example.org "Jane Roe" "Ports of X"'
)
@click.argument("address")
@click.argument("name")
@click.argument("structure")
@click.option(
    "--language", type=click.Choice(LANGUAGES), default="fr", show_default=True, help="Theirs."
)
@click.option("--edition", default="", help="An edition's id.  [default: the first]")
@quiet_option
@click.pass_obj
def invite(
    invocation: Invocation, address: str, name: str, structure: str, language: str, edition: str
) -> None:
    """Ask one person to confirm that they want to receive an edition: also one who has left.

    This is the only way back for someone who has left: their own confirmation.
    """
    from app import recipients as reading
    from app.pipeline import joining

    folder, now = Folder.at(invocation.home), clock()
    with folder.desk() as desk:
        limits = joining.defaults(folder.settings, edition, "consent", f"invited {now:%Y-%m-%d}")
        read = reading.read_one(name, address, language, structure, limits)
        if isinstance(read, reading.Refused):
            raise click.ClickException(
                f"{read.field}: found {read.found}; expected {read.expected}"
            )
        row = joining.invite(desk, read, now)
        done = joining.ask(folder.settings, desk, now, row.address)
    for held, why in done.held:
        raise click.ClickException(f"{held}: {why}")
    if not invocation.quiet:
        click.echo(f"{row.address} was asked to confirm")


@recipients.command(
    epilog="Example: vigie digest recipients change jane@example.org --clearance TLP:GREEN"
)
@click.argument("address")
@click.option("--language", type=click.Choice(LANGUAGES), help="In which they read.")
@click.option(
    "--clearance", type=click.Choice([label.value for label in Tlp]), help="The most they may see."
)
@click.option(
    "--format", "form", type=click.Choice(("html", "text")), help="`text`: without layout."
)
@click.option(
    "--edition", default="", help="Which edition --themes is about.  [default: the first]"
)
@click.option("--themes", help="Themes of that edition, between commas; `*` for all.")
@quiet_option
@click.pass_obj
def change(
    invocation: Invocation,
    address: str,
    language: str | None,
    clearance: str | None,
    form: str | None,
    edition: str,
    themes: str | None,
) -> None:
    """Change what a recipient gets. Only a coordinator can change a clearance."""
    folder, now = Folder.at(invocation.home), clock()
    with folder.desk() as desk:
        row = people.recipient(desk, as_kept(address))
        subscriptions = None
        if themes is not None:
            chosen = folder.settings.edition(edition)
            known = {theme.id for theme in folder.settings.sections(chosen)}
            wanted = [one.strip() for one in themes.split(",") if one.strip() not in ("", "*")]
            if unknown := [one for one in wanted if one not in known]:
                raise click.ClickException(f"{unknown[0]} is not one of {', '.join(sorted(known))}")
            others = [one for one in row.subscriptions if one.edition != chosen.id]
            mine = people.Subscription(chosen.id, tuple(sorted(wanted)))
            subscriptions = (*others, mine)
        label = Tlp(clearance) if clearance else None
        people.change(desk, row.id, people.Change(language, form, label, subscriptions), now)
    if not invocation.quiet:
        click.echo(f"{row.address} is changed")


@recipients.command(epilog="Example: vigie digest recipients remove jane@example.org")
@click.argument("address")
@quiet_option
@click.pass_obj
def remove(invocation: Invocation, address: str) -> None:
    """Send nothing to ADDRESS again; only a keyed hash of it is kept."""
    with Folder.at(invocation.home).desk() as desk:
        people.forget_the_removed(desk)
        people.remove_recipient(desk, as_kept(address), clock())
    if not invocation.quiet:
        click.echo(f"{address} receives nothing any more")


@recipients.command(epilog="Example: vigie digest recipients restore jane@example.org")
@click.argument("address")
@quiet_option
@click.pass_obj
def restore(invocation: Invocation, address: str) -> None:
    """Write again to ADDRESS, which was suspended after a bounce."""
    with Folder.at(invocation.home).desk() as desk:
        bounced.restore(desk, as_kept(address))
    if not invocation.quiet:
        click.echo(f"{address} receives the next issue")


@recipients.command(epilog="Example: vigie digest recipients export jane@example.org > jane.json")
@click.argument("address")
@click.pass_obj
def export(invocation: Invocation, address: str) -> None:
    """Everything that is kept about ADDRESS, as JSON."""
    with Folder.at(invocation.home).desk() as desk:
        click.echo(privacy.export(desk, as_kept(address)))


@recipients.command(epilog="Example: vigie digest recipients erase jane@example.org")
@click.argument("address")
@click.option("--yes", is_flag=True, help="Do not ask.")
@quiet_option
@click.pass_obj
def erase(invocation: Invocation, address: str, yes: bool) -> None:
    """Erase all that is kept about ADDRESS but a keyed hash of it and counts of deliveries."""
    if not yes:
        click.confirm(f"Erase all that is kept about {address}? It cannot be undone", abort=True)
    folder = Folder.at(invocation.home)
    with folder.lock(), folder.desk() as desk:
        done = privacy.erase(desk, as_kept(address), clock())
    if not invocation.quiet:
        click.echo(
            f"erased: {done.recipients} recipient, {done.deliveries} deliveries (counted), "
            f"{done.users} user, {done.contacts} contact, {done.confirmations} confirmations"
        )
        if done.recipients == 0:
            click.echo("No recipient of that address was left: only its keyed hash.")
