"""sources add: from an address to a block in sources.toml."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from app.cli import Invocation

if TYPE_CHECKING:  # `vigie sources` alone needs none of these
    from app.curating.find import Finding, FoundFeed
    from app.curating.propose import Proposal, Seen
    from vigie.model import Limits


@click.command(epilog="Example: vigie sources add https://port.example/ --theme ports-maritime")
@click.argument("url")
@click.option("--id", "source_id", default="", help="Its id.  [default: made from the title]")
@click.option("--title", default="", help="The name that readers see.  [default: the feed's]")
@click.option("--theme", "themes", multiple=True, help="A theme's id; may be given again.")
@click.option(
    "--rights",
    default="link",
    show_default=True,
    type=click.Choice(["full", "excerpt", "link"]),
    help="What may be kept and shown.",
)
@click.option("--edition", "editions", multiple=True, help="An edition's id; may be given again.")
@click.option(
    "--kind",
    default="feed",
    show_default=True,
    type=click.Choice(["feed", "page", "sitemap", "advisory", "mailbox", "file", "contribution"]),
    help="What the URL is read as.",
)
@click.option("--links", default="", help="page: a CSS selector, one element an article.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["certfr", "csaf"]),
    help="advisory: how it is written.  [default: by its address]",
)
@click.option("--sender", "senders", multiple=True, help="mailbox: an address or @domain wanted.")
@click.option("--yes", is_flag=True, help="Take the first feed and write, without asking.")
@click.pass_obj
def add(
    invocation: Invocation,
    url: str,
    source_id: str,
    title: str,
    themes: tuple[str, ...],
    rights: str,
    editions: tuple[str, ...],
    kind: str,
    links: str,
    form: str | None,
    senders: tuple[str, ...],
    yes: bool,
) -> None:
    """Find the feed of a site, show its last items, propose its block and write it.

    URL is a feed or any page of the site. With --kind it is that page, sitemap or list of
    advisories itself; a mailbox as imaps://USER@HOST/FOLDER (its password stands in
    VIGIE_MAILBOX_PASSWORD), a drop folder as file:depot, and for contributions any name.

    Nothing is written before you agree.
    """
    from app.curating.other_kinds import asked, named
    from app.curating.propose import Seen, Wanted, propose
    from app.curating.shelf import Shelf
    from app.folder import clock
    from vigie.model import Kind, Rights

    shelf = Shelf.at(invocation.home)
    shelf.known(themes, editions)
    taken = shelf.taken()
    wanted = Wanted(source_id, title, themes, Rights(rights), editions, Kind(kind))
    if wanted.kind is Kind.FEED:
        url = address_of(url)
        _refuse(taken.clash(url, source_id), url)
        finding, feed = _found(url, shelf.settings.collect.limits(), ask=not yes)
        seen = _seen(finding, feed)
    else:
        url, table, title = named(wanted.kind, url, links, form or "", senders)
        wanted = replace(wanted, table=table, title=wanted.title or title)
        _refuse(taken.clash(url, source_id), url or title)
        feed = asked(url, wanted, shelf.settings, clock())
        seen = Seen(url, _site(url), feed.look.feed.title, feed.look.feed.items)
    _refuse(taken.clash(seen.url, source_id), seen.url or seen.title)
    proposal = propose(seen, wanted, shelf.settings, taken)
    if not (yes and invocation.quiet):
        _preview(feed, proposal)
    if not yes and not click.confirm(f"Write this to {shelf.path}?"):
        raise click.Abort
    shelf.add([proposal.source], clock())
    click.echo(f"{proposal.source.id} added; the next `vigie run` asks it")


def address_of(url: str) -> str:
    """A web address as typed, `https://` added where it lacks. Raises CuratingError."""
    from app.curating.entries import unfit
    from vigie.errors import CuratingError

    whole = url.strip() if "://" in url else f"https://{url.strip()}"
    if why := unfit(whole):
        raise CuratingError(why)
    return whole


def _refuse(clash: str, url: str) -> None:
    from vigie.errors import CuratingError

    if clash:
        raise CuratingError(f"{url}: {clash}; nothing was written")


def _site(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/" if parts.netloc else ""


def _found(url: str, limits: Limits, *, ask: bool) -> tuple[Finding, FoundFeed]:
    from app.curating.find import find
    from vigie.errors import CuratingError

    finding = find(url, limits)
    if not finding.feeds:
        raise CuratingError(_nothing(finding))
    if len(finding.feeds) == 1:
        return finding, finding.feeds[0]
    for number, feed in enumerate(finding.feeds, 1):
        title = feed.look.feed.title or "without a title"
        click.echo(f"{number}. {title}: {feed.look.url} ({feed.why})")
    most = click.IntRange(1, len(finding.feeds))
    number = click.prompt("Which one?", default=1, type=most) if ask else 1
    return finding, finding.feeds[number - 1]


def _nothing(finding: Finding) -> str:
    told = f"no feed found at {finding.asked}: {finding.met}"
    if finding.page_url:
        told += "; neither its links nor the usual addresses lead to one"
    if finding.sitemaps:
        told += f". There is a sitemap: `vigie sources add {finding.sitemaps[0]} --kind sitemap`"
    if finding.page_url:
        told += f". If it lists articles: `vigie sources add {finding.page_url} --kind page`"
    return told


def _seen(finding: Finding, feed: FoundFeed) -> Seen:
    """What the proposal is made from. Moves for good are followed, others are not."""
    from app.curating.propose import Seen

    address = feed.look.fetched.moved_to or feed.look.fetched.url
    return Seen(
        address,
        finding.page_url or _site(address),
        feed.look.feed.title or finding.page.title,
        feed.look.feed.items,
    )


def _preview(feed: FoundFeed, proposal: Proposal) -> None:
    from app.curating import tomlfile

    items = feed.look.feed.items
    click.echo(f"\n{feed.look.url}: {len(items)} items ({feed.why}); the last ones:")
    for note in feed.look.feed.unparsed[:5]:
        click.secho(f"  {note.where}: {note.reason}", fg="yellow")
    for item in items[:5]:
        day = f"{item.published:%Y-%m-%d}" if item.published else "no date   "
        click.echo(f"  {day}  {item.title}")
    click.echo(tomlfile.added("", [proposal.source]))
    for key, reason in proposal.why:
        click.secho(f"  {key}: {reason}", dim=True)
