"""The story of a source's last polls, in sentences. Pure: rows in, lines out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from vigie.archive.sources import FetchRow

_NOT_MODIFIED = 304


def summary(polls: Sequence[FetchRow]) -> str:
    """How many of the polls went well, and how many brought something."""
    if not polls:
        return "It was never polled."
    failed = sum(bool(poll.failure) for poll in polls)
    brought = sum(bool(poll.new or poll.revised) for poll in polls)
    whole = "Its one poll" if len(polls) == 1 else f"Its last {len(polls)} polls, the latest first"
    return (
        f"{whole}: {len(polls) - failed} went well, "
        f"{brought} brought something new, {failed} failed."
    )


def told(polls: Sequence[FetchRow]) -> Iterator[str]:
    """A line for each poll; those that are alike and follow on each other share one."""
    for words, group in groupby(polls, key=_alike):
        alike = list(group)
        last = alike[0]
        if len(alike) == 1:
            yield f"{last.at:%Y-%m-%d %H:%M}  {_outcome(last)}"
        else:
            first = alike[-1]
            yield (
                f"{last.at:%Y-%m-%d %H:%M}  {words}: {len(alike)} polls, "
                f"since {first.at:%Y-%m-%d %H:%M}"
            )


def _alike(poll: FetchRow) -> str:
    """The same for polls that need not be told one by one."""
    if poll.failure:
        return f"failed: {poll.failure}"
    if poll.status == _NOT_MODIFIED:
        return "nothing had changed"
    if poll.new or poll.revised:
        return f"{poll.at}"
    return "it answered, with nothing new" if poll.items else "it answered, with no item at all"


def _outcome(poll: FetchRow) -> str:
    took = f"in {poll.seconds:.1f} s"
    if poll.failure:
        return f"failed after {poll.seconds:.1f} s: {poll.failure}"
    if poll.status == _NOT_MODIFIED:
        return f"answered {took} that nothing had changed"
    noun = "item" if poll.items == 1 else "items"
    told = [f"{poll.new} new" if poll.new else "", f"{poll.revised} edited" if poll.revised else ""]
    news = " and ".join(filter(None, told)) or "none of them new"
    return (
        f"answered {took} with {poll.items} {noun}, {news}"
        if poll.items
        else (f"answered {took}, with no item at all")
    )
