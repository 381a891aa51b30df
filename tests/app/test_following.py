"""Sources of several addresses: rounds, limits, and what failures leave."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from app.pipeline.following import MOST_FOLLOWED, Answer, complete
from vigie.model import Failure, FailureKind, Fetched, FetchJob, Item, Limits, ParsedFeed

AT = datetime(2026, 11, 20, tzinfo=UTC)
LIMITS = Limits()
GONE = Failure(FailureKind.HTTP, "404 Not Found", 404)


class World:
    """Addresses with what stands there; what it was asked, round by round."""

    def __init__(self, **pages: ParsedFeed) -> None:
        self.pages = pages
        self.asked: list[list[FetchJob]] = []

    def ask(self, jobs: Sequence[FetchJob]) -> Iterable[Answer]:
        self.asked.append(list(jobs))
        for job in jobs:
            parsed = self.pages.get(job.url, ParsedFeed(failure=GONE))
            fetched = Fetched(
                job.key, job.url, AT, status=200, etag='"1"', body=b"x" * 10, seconds=1.0,
                step=job.step, failure=parsed.failure,
            )  # fmt: skip
            yield fetched, parsed

    def run(self, *urls: str) -> dict[str, Answer]:
        answers = list(complete([FetchJob(url, url) for url in urls], self.ask, LIMITS))
        assert len({fetched.key for fetched, _ in answers}) == len(answers)
        return {fetched.key: (fetched, parsed) for fetched, parsed in answers}


def says(*names: str, follow: Iterable[str] = ()) -> ParsedFeed:
    items = tuple(Item(f"https://a.fr/{n}", f"https://a.fr/{n}", "", n, "") for n in names)
    return ParsedFeed(items=items, follow=tuple(FetchJob("?", url) for url in follow))


def titles(answer: Answer) -> list[str]:
    return [item.title for item in answer[1].items]


def test_all_steps_are_one_answer_and_the_others_do_not_wait() -> None:
    world = World(
        index=says(follow=["one", "two"]), one=says("a"), two=says("b", follow=["three"]),
        three=says("c"), feed=says("x"),
    )  # fmt: skip
    found = world.run("index", "feed")
    assert list(found) == ["feed", "index"]
    assert titles(found["index"]) == ["a", "b", "c"]
    fetched, parsed = found["index"]
    assert (fetched.seconds, fetched.size, fetched.etag) == (4.0, 40, "")
    assert (parsed.follow, parsed.failure) == ((), None)
    assert [[(job.key, job.url, job.step) for job in jobs] for jobs in world.asked[1:]] == [
        [("index", "one", 1), ("index", "two", 1)],
        [("index", "three", 2)],
    ]
    assert found["feed"][0].etag == '"1"'


def test_a_failed_step_keeps_what_the_others_gave_and_is_noted() -> None:
    found = World(index=says("i", follow=["one", "gone"]), one=says("a")).run("index")["index"]
    assert titles(found) == ["a", "i"]
    assert found[1].failure is None
    assert [(note.where, note.reason) for note in found[1].unparsed] == [("gone", "404 Not Found")]


def test_what_is_listed_as_it_was_read_is_not_asked_again() -> None:
    jobs = tuple(FetchJob("?", url, stamp=url[0]) for url in ("a1", "b1", "c1"))
    world = World(index=ParsedFeed(follow=jobs), a1=says("a"))
    first = world.run("index")["index"][1]
    assert [job.url for job in first.followed] == ["a1"]
    known = {"index": {"a1": "a", "b1": "b", "c1": "other"}}
    ((_, parsed),) = complete([FetchJob("index", "index")], world.ask, LIMITS, known)
    assert [job.url for job in world.asked[-1]] == ["c1"]
    assert parsed.failure is None  # of what was asked nothing came, but the rest is known
    known["index"]["c1"] = "c"
    ((fetched, parsed),) = complete([FetchJob("index", "index")], world.ask, LIMITS, known)
    assert (fetched.etag, parsed.items, parsed.failure, parsed.follow) == ("", (), None, ())


def test_where_no_step_gives_anything_the_source_has_failed() -> None:
    found = World(index=says(follow=["gone", "gone-too"])).run("index")["index"]
    assert found[1].failure == GONE


def test_circles_end_and_rounds_are_two() -> None:
    world = World(
        index=says(follow=["index", "one"]), one=says("a", follow=["one", "index", "two"]),
        two=says("b", follow=["three"]), three=says("c"),
    )  # fmt: skip
    found = world.run("index")["index"]
    assert titles(found) == ["a", "b"]
    assert [note.reason for note in found[1].unparsed] == ["1 addresses more than one poll may ask"]


def test_no_more_than_fifty_addresses() -> None:
    world = World(index=says(follow=[str(number) for number in range(70)]), **{"0": says("a")})
    found = world.run("index")["index"]
    assert len(world.asked[1]) == MOST_FOLLOWED
    assert found[1].unparsed[-1].reason == "20 addresses more than one poll may ask"


def test_the_budget_is_the_sources_own() -> None:
    def ask(jobs: Sequence[FetchJob]) -> Iterable[Answer]:
        for fetched, parsed in world.ask(jobs):
            yield replace(fetched, seconds=31.0 if slow else 12.0), parsed

    world, slow = World(index=says("i", follow=["one"]), one=says("a")), False
    ((_, parsed),) = complete([FetchJob("index", "index")], ask, LIMITS)
    assert (world.asked[1][0].seconds, len(parsed.items)) == (18.0, 2)
    world, slow = World(index=says("i", follow=["one"]), one=says("a")), True
    ((_, parsed),) = complete([FetchJob("index", "index")], ask, LIMITS)
    assert len(world.asked) == 1
    assert [item.title for item in parsed.items] == ["i"]


def test_of_one_article_the_later_step_says_more() -> None:
    first = replace(says("a", follow=["one"]).items[0], guid="rss", title="short")
    world = World(index=ParsedFeed(items=(first,), follow=(FetchJob("?", "one"),)), one=says("a"))
    assert titles(world.run("index")["index"]) == ["a"]


def test_retry_after_of_any_step_is_the_sources() -> None:
    def ask(jobs: Sequence[FetchJob]) -> Iterable[Answer]:
        for fetched, parsed in world.ask(jobs):
            yield replace(fetched, retry_after=60.0 if fetched.step else None), parsed

    world = World(index=says(follow=["one"]), one=says("a"))
    ((fetched, _),) = complete([FetchJob("index", "index")], ask, LIMITS)
    assert fetched.retry_after == 60.0
