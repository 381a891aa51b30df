"""digest note, rate, keep, drop, move: a coordinator's words on an issue before it is published."""

from __future__ import annotations

import getpass

import click
from sqlite_utils import Database

from app import report
from app.cli import Invocation, quiet_option
from app.folder import Folder, clock
from vigie import territories
from vigie.archive import desk as desk_rows
from vigie.archive import issues, stories
from vigie.errors import NotFoundError
from vigie.model import Edit, Issue, Tlp

_LABELS = [label.value.removeprefix("TLP:") for label in Tlp]


def handle(_ctx: click.Context, _parameter: click.Parameter, value: str) -> str:
    """A handle, the login name by default; never an address."""
    if "@" in value:
        raise click.BadParameter("a handle such as 'mc', never an address")
    return value or getpass.getuser()


who_option = click.option(
    "--who", default="", callback=handle, help="Your handle.  [default: your login name]"
)
_item_argument = click.argument("name", metavar="ITEM")


@click.command(epilog='Example: vigie digest note normandie-2026Q4 energie/2 "Réponse avant mars"')
@click.argument("issue")
@_item_argument
@click.argument("text")
@who_option
@quiet_option
@click.pass_obj
def note(invocation: Invocation, issue: str, name: str, text: str, who: str) -> None:
    """Write what is to be remembered ("À retenir") of an ITEM of ISSUE; "" takes it back.

    ITEM is its place (energie/2), its story's id, its article's id or address. Only people
    write it.
    """
    _say(invocation, issue, name, who, {"comment": text})


@click.command(epilog="Example: vigie digest rate normandie-2026Q4 energie/2 --credibility 2")
@click.argument("issue")
@_item_argument
@click.option(
    "--credibility",
    type=click.Choice(["1", "2", "3", "4", "5", "6", "none"]),
    help="Of the information: 1 confirmed, 2 probably true, 3 possibly true, 4 doubtful, "
    "5 improbable, 6 cannot be judged.",
)
@click.option("--tlp", type=click.Choice(_LABELS, case_sensitive=False), help="Who may see it.")
@click.option("--place", "nuts", help="NUTS code of where it happens, such as FRD2.")
@click.option("--place-name", "place", help="How the place is called, if not as the code says.")
@who_option
@quiet_option
@click.pass_obj
def rate(
    invocation: Invocation,
    issue: str,
    name: str,
    credibility: str | None,
    tlp: str | None,
    nuts: str | None,
    place: str | None,
    who: str,
) -> None:
    """Rate an ITEM of ISSUE: Admiralty credibility 1-6, TLP label, place.

    The reliability of its source, A-F, is that of sources.toml. An issuer's own label is never made
    less restrictive.
    """
    said: dict[str, str] = {}
    if credibility:
        said["credibility"] = "" if credibility == "none" else credibility
    if tlp:
        said["tlp"] = f"TLP:{tlp.upper()}"
    if nuts:
        found = territories.by_code().get(nuts.upper())
        if found is None:
            raise click.BadParameter(f"{nuts}: no such NUTS code", param_hint="--place")
        said |= {"nuts": found.code, "place": place or found.name}
    elif place:
        said["place"] = place
    if not said:
        raise click.UsageError("say --credibility, --tlp or --place")
    _say(invocation, issue, name, who, said)


@click.command(epilog="Example: vigie digest keep normandie-2026Q4 s-k3v5qd2m7x4ta")
@click.argument("issue")
@click.argument("names", nargs=-1, required=True, metavar="ITEM...")
@who_option
@quiet_option
@click.pass_obj
def keep(invocation: Invocation, issue: str, names: tuple[str, ...], who: str) -> None:
    """Put ITEMs into ISSUE, or hold them there: stories of the archive, whatever their date.

    They come first in their section and are never cut, in this issue alone; `vigie keep` keeps an
    article for every edition.
    """
    for name in names:
        _say(invocation, issue, name, who, {"stands": "keep"}, anywhere=True)


@click.command(epilog="Example: vigie digest drop normandie-2026Q4 energie/3")
@click.argument("issue")
@click.argument("names", nargs=-1, required=True, metavar="ITEM...")
@click.option("--undo", is_flag=True, help="Leave it to the machine again.")
@who_option
@quiet_option
@click.pass_obj
def drop(invocation: Invocation, issue: str, names: tuple[str, ...], undo: bool, who: str) -> None:
    """Leave ITEMs out of ISSUE, however often it is drafted; `vigie reject` is for all issues."""
    folder = Folder.at(invocation.home)
    with folder.reading() as archive, folder.desk() as desk:
        draft = desk_rows.draft(desk, issue)
        found = [_story(archive, draft, name, anywhere=True) for name in names]
    for story in found:
        stands = {"stands": "" if undo else "drop"}
        _say(invocation, issue, story, who, stands, anywhere=True)


@click.command(epilog="Example: vigie digest move normandie-2026Q4 energie/3 --to agenda --rank 1")
@click.argument("issue")
@_item_argument
@click.option("--to", "section", help="A theme's id, signals, outside, elsewhere, alerts, agenda.")
@click.option("--rank", type=click.IntRange(1, 200), help="Its place in the section, from 1.")
@who_option
@quiet_option
@click.pass_obj
def move(
    invocation: Invocation, issue: str, name: str, section: str | None, rank: int | None, who: str
) -> None:
    """Move an ITEM of ISSUE to another section, or to another place in its own."""
    if section is None and rank is None:
        raise click.UsageError("say --to, --rank, or both")
    folder = Folder.at(invocation.home)
    if section is not None:
        with folder.desk() as desk:
            edition = folder.settings.edition(desk_rows.draft(desk, issue).edition)
        known = [theme.id for theme in folder.settings.sections(edition)]
        known += [one for one in edition.sections if one != "themes"]
        if section not in known:
            raise click.BadParameter(f"one of {', '.join(known)}", param_hint="--to")
    said = {"section": section} if section else {}
    _say(invocation, issue, name, who, said | ({"rank": str(rank)} if rank else {}))


def _say(
    invocation: Invocation,
    issue: str,
    name: str,
    who: str,
    said: dict[str, str],
    *,
    anywhere: bool = False,
) -> None:
    """Keep these words on one item, and show how the section stands then."""
    from app.pipeline import issuing

    folder, now = Folder.at(invocation.home), clock()
    with folder.reading() as archive, folder.desk() as desk:
        draft = desk_rows.draft(desk, issue)
        story = _story(archive, draft, name, anywhere=anywhere)
        edits = [Edit(story, field, value, who, now) for field, value in said.items()]
        draft = issuing.edit(archive, desk, folder.settings, draft, edits)
    if invocation.quiet:
        return
    found = next((item for item in draft.items if item.story == story), None)
    if found is None:
        click.echo(f"{story} does not stand in {issue}")
        return
    report.print_item(found)


def _story(archive: Database, issue: Issue, name: str, *, anywhere: bool) -> str:
    """The public id of the story that a person named. Raises NotFoundError."""
    if (item := issues.item_of(archive, issue, name)) is not None:
        return item.story
    if anywhere:
        return stories.public_id(archive, stories.find(archive, name))
    raise NotFoundError(
        f"{issue.id} has no item {name!r}; `vigie digest show {issue.id}` lists them, and"
        f" `vigie digest keep {issue.id} ARTICLE` puts one in"
    )


EDITING = (note, rate, keep, drop, move)
