"""stories: what people put together and take apart, and no machine undoes. And why."""

from __future__ import annotations

import getpass

import click

from app.cli import Invocation, quiet_option
from app.folder import Folder, clock
from app.pipeline.enriching import grouping_of
from vigie.archive import articles as articles_table
from vigie.archive import stories as table
from vigie.archive.explain import grouping, story
from vigie.model import StoryAct


def _handle(_ctx: click.Context, _parameter: click.Parameter, value: str) -> str:
    if "@" in value:
        raise click.BadParameter("a handle such as 'mc': the archive holds no address")
    return value or getpass.getuser()


who_option = click.option(
    "--who",
    default="",
    callback=_handle,
    help="Your handle, never an address.  [default: your login name]",
)
why_option = click.option("--why", default="", help="Your reason, kept with the act.")


@click.group(epilog="Example: vigie stories show s-k3v5qd2m7x4ta")
def stories() -> None:
    """Show, merge and split stories."""


@stories.command(epilog="Example: vigie stories show s-k3v5qd2m7x4ta")
@click.argument("name", metavar="STORY")
@click.pass_obj
def show(invocation: Invocation, name: str) -> None:
    """A STORY's articles with their reasons, and what people said of it.

    STORY is the id of a story, of one that was merged away, or of an article.
    """
    with Folder.at(invocation.home).reading() as db:
        _print(story(db, table.find(db, name)))


@stories.command(epilog='Example: vigie stories merge s-k3v5qd2m7x4ta s-b7 --why "même incendie"')
@click.argument("one", metavar="STORY")
@click.argument("other", metavar="STORY")
@why_option
@who_option
@quiet_option
@click.pass_obj
def merge(invocation: Invocation, one: str, other: str, why: str, who: str) -> None:
    """Make two stories one, for good. The larger keeps its id; the other's leads to it."""
    folder, now = Folder.at(invocation.home), clock()
    with folder.lock(), folder.archive(now) as db:
        first, second = table.find(db, one), table.find(db, other)
        act = StoryAct(
            together=True,
            one=tuple(table.members(db, first)),
            other=tuple(table.members(db, second)),
            who=who,
            at=now,
            why=why,
        )
        name = table.public_id(db, table.merge(db, grouping_of(db), first, second, act))
    if not invocation.quiet:
        click.echo(f"{name}: {len(act.one) + len(act.other)} articles")


@stories.command(epilog="Example: vigie stories split s-k3v5qd2m7x4ta a-b7 a-c2 --who mc")
@click.argument("name", metavar="STORY")
@click.argument("articles", nargs=-1, required=True, metavar="ARTICLE...")
@why_option
@who_option
@quiet_option
@click.pass_obj
def split(invocation: Invocation, name: str, articles: tuple[str, ...], why: str, who: str) -> None:
    """Take ARTICLES out of a STORY, for good: they become a story of their own."""
    folder, now = Folder.at(invocation.home), clock()
    with folder.lock(), folder.archive(now) as db:
        found = table.find(db, name)
        out = tuple(sorted({articles_table.find(db, one) for one in articles}))
        rest = tuple(one for one in table.members(db, found) if one not in out)
        act = StoryAct(together=False, one=out, other=rest, who=who, at=now, why=why)
        new = table.public_id(db, table.split(db, grouping_of(db), found, act))
    if not invocation.quiet:
        click.echo(f"{new}: {len(out)} articles; {len(rest)} stay")


@click.command("story", epilog="Example: vigie story s-k3v5qd2m7x4ta")
@click.argument("name", metavar="STORY")
@click.option(
    "--sentences", type=click.IntRange(1, 10), default=3, show_default=True, help="At most."
)
@click.pass_obj
def one_story(invocation: Invocation, name: str, sentences: int) -> None:
    """A STORY in a few sentences of its articles, each with where it stands.

    STORY is the id of a story, of one that was merged away, or of an article. Nothing is quoted of
    sources whose rights are `link`, and of others no more than the bulletin may.
    """
    from app.pipeline import summing

    folder = Folder.at(invocation.home)
    with folder.reading() as db:
        found = table.find(db, name)
        members, shown = table.members(db, found), table.public_id(db, found)
        words = folder.settings.edition().excerpt_words
        quoted = summing.of_story(db, members[0], members, words, sentences)
    articles = "article" if len(members) == 1 else "articles"
    click.secho(f"{shown}: {len(members)} {articles}", bold=True)
    for one in quoted:
        click.echo(f"  {one.text}")
        click.secho(f"    {one.source}, {one.url}", dim=True)
    if not quoted:
        click.echo("  Nothing of it may be quoted, or no article has a whole sentence.")


@click.command(epilog="Example: vigie why a-k3v5qd2m7x4ta")
@click.argument("article")
@click.pass_obj
def why(invocation: Invocation, article: str) -> None:
    """Why an ARTICLE stands in its near-duplicate group and its story.

    The nearest member with its title, the score and what the two have in common; who else carries
    the text, and what is changed in it; what people said.
    """
    with Folder.at(invocation.home).reading() as db:
        _print(grouping(db, articles_table.find(db, article)))


def _print(parts: list[tuple[str, list[str]]]) -> None:
    for heading, lines in parts:
        click.secho(heading, bold=True)
        for line in lines:
            click.echo(f"  {line}")


COMMANDS = {"story": one_story, "stories": stories, "why": why}
