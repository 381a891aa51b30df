"""keep, reject: a coordinator's verdict on an article, as an appended decision."""

from __future__ import annotations

import getpass

import click

from app.cli import Invocation, quiet_option
from app.folder import Folder, clock
from vigie.archive import articles, decisions
from vigie.model import Decision, Verdict

_who = click.option(
    "--who", help="Your handle, never an address.  [default: your login name]", default=""
)


def _decide(
    invocation: Invocation, names: tuple[str, ...], verdict: Verdict, who: str, why: str
) -> None:
    if "@" in who:
        raise click.UsageError("--who takes a handle such as 'mc': the archive holds no address")
    folder, now = Folder.at(invocation.home), clock()
    with folder.archive(now) as db:
        found = [articles.find(db, name) for name in names]
        for article in found:
            signed = who or getpass.getuser()
            decisions.append(db, Decision(article, verdict, signed, now, why))
    if not invocation.quiet:
        done = "kept" if verdict is Verdict.KEEP else "rejected"
        click.echo(f"{len(found)} {done}: {', '.join(names)}")


@click.command(epilog='Example: vigie keep a-k3v5qd2m7x4ta --why "à présenter aux ports"')
@click.argument("articles", nargs=-1, required=True, metavar="ARTICLE...")
@click.option("--why", default="", help="Your reason, shown in the bulletin.")
@_who
@quiet_option
@click.pass_obj
def keep(invocation: Invocation, articles: tuple[str, ...], why: str, who: str) -> None:
    """Keep ARTICLES (ids or addresses): their stories come first in the next issue."""
    _decide(invocation, articles, Verdict.KEEP, who, why)


@click.command(epilog='Example: vigie reject a-k3v5qd2m7x4ta --why "hors sujet"')
@click.argument("articles", nargs=-1, required=True, metavar="ARTICLE...")
@click.option("--why", default="", help="Your reason.")
@_who
@quiet_option
@click.pass_obj
def reject(invocation: Invocation, articles: tuple[str, ...], why: str, who: str) -> None:
    """Leave ARTICLES (ids or addresses), and so their stories, out of the next issue.

    The last verdict counts: `vigie keep` takes a rejection back.
    """
    _decide(invocation, articles, Verdict.REJECT, who, why)


COMMANDS = {"keep": keep, "reject": reject}
