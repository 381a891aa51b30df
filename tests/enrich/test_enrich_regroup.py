"""Repairs, people's locks, and input that would glue everything together."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import product

import numpy as np
import pytest

from enrich.grouping import FREE, Held, Locks, Window, regroup
from enrich.grouping.likeness import publisher_of
from enrich.vectors import GroupingVectors, TfidfEmbedder, text_of
from vigie.model import GroupingItem, Placement, StoryAct
from vigie.schema import Grouping

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
FIRE = "Incendie dans une usine chimique de Rouen"
VOTE = "Le Sénat vote la réforme des retraites à Paris"
FOOT = "Lens bat Monaco en quart de finale de la coupe"


def item(n: int, title: str, lead: str = "", source: str = "", hours: float = 0.0) -> GroupingItem:
    source = source or f"source-{n}"
    return GroupingItem(n, source, NOON + timedelta(hours=hours), "fr", title, f"{title}\n{lead}")


def grouped(
    items: Sequence[GroupingItem], locks: Locks = FREE, held: Sequence[Held] = ()
) -> dict[int, Placement]:
    return {one.article: one for one in regroup(items, vectors(items), Grouping(), locks, held)}


def vectors(items: Sequence[GroupingItem]) -> np.ndarray:
    texts = [text_of(one.title, one.lead, "") for one in items]
    return GroupingVectors(TfidfEmbedder.fit(texts)).encode(texts)


def act(together: bool, one: tuple[int, ...], other: tuple[int, ...]) -> StoryAct:
    return StoryAct(together, one, other, "mc", NOON)


# ---------------------------------------------------------------------------------- locks

FIRES = [item(n, FIRE, "Le feu a pris dans la nuit près de la Seine.", hours=n) for n in (1, 2, 3)]
VOTES = [item(n, VOTE, "Le texte passe de peu après une nuit de débats.", hours=n) for n in (4, 5)]


def test_without_locks_there_are_two_stories() -> None:
    found = grouped(FIRES + VOTES)
    assert [found[n].story for n in range(1, 6)] == [1, 1, 1, 4, 4]


def test_what_people_split_stays_apart_and_its_near_duplicates_too() -> None:
    found = grouped(FIRES + VOTES, Locks([act(False, (2,), (1, 3))]))
    assert [found[n].story for n in range(1, 6)] == [1, 2, 1, 4, 4]
    assert found[2].group == 2


def test_what_people_merged_stays_together() -> None:
    found = grouped(FIRES + VOTES, Locks([act(True, (3,), (5,))]))
    assert found[5].story == found[3].story
    assert found[5].story_why == "a person put them together"


def test_the_later_act_counts() -> None:
    merged, parted = act(True, (1, 2, 3), (4, 5)), act(False, (4, 5), (1, 2, 3))
    assert len({one.story for one in grouped(FIRES + VOTES, Locks([merged, parted])).values()}) == 2
    assert len({one.story for one in grouped(FIRES + VOTES, Locks([parted, merged])).values()}) == 1


def test_a_stranger_joins_either_side_but_never_binds_them() -> None:
    locks = Locks([act(False, (2,), (1,))])
    found = grouped([*FIRES, item(6, FIRE, "Toujours le feu.", hours=8)], locks)
    assert found[1].story != found[2].story
    assert found[6].story in (found[1].story, found[2].story)


def test_locks_hold_for_single_placements_too() -> None:
    window = Window(Grouping(), Locks([act(False, (2,), (1, 3))]))
    rows = vectors(FIRES)
    found = [window.place(one, row) for one, row in zip(FIRES, rows, strict=True)]
    assert [one.story for one in found] == [1, 2, 1]


def test_bonds_after_any_acts_are_as_the_last_act_on_each_pair_says() -> None:
    acts = [
        act(True, (1, 2), (3,)),
        act(False, (2,), (1, 3)),
        act(True, (4,), (2,)),
        act(False, (3,), (1,)),
    ]
    locks = Locks(acts)
    together = {(a, b) for a, b in product(range(1, 5), repeat=2) if locks.bond(a) == locks.bond(b)}
    assert together == {(n, n) for n in range(1, 5)} | {(2, 4), (4, 2)}
    apart = {
        (a, b)
        for a, b in product(range(1, 5), repeat=2)
        if locks.bond(b) in locks.apart(locks.bond(a))
    }
    assert {(2, 1), (2, 3), (4, 1), (3, 1)} <= apart
    assert (2, 4) not in apart


def test_held_items_keep_their_story_and_new_ones_join_it() -> None:
    alone = Placement(1, 1, None, 0.0, "alone", 1, None, 0.0, "alone")
    held = [Held(FIRES[0], vectors(FIRES)[0], alone)]
    found = grouped(FIRES[1:] + VOTES, held=held)
    assert set(found) == {2, 3, 4, 5}
    assert [found[n].story for n in (2, 3, 4, 5)] == [1, 1, 4, 4]


def test_a_regrouping_says_the_same_each_time() -> None:
    assert grouped(FIRES + VOTES) == grouped(FIRES + VOTES)


# ------------------------------------------------------------------------------ bad input


def largest(found: dict[int, Placement]) -> int:
    return max(Counter(one.story for one in found.values()).values())


def test_empty_and_two_word_items_stand_alone() -> None:
    words = [
        "alpha",
        "bravo",
        "charlie",
        "delta",
        "echo",
        "foxtrot",
        "golf",
        "hotel",
        "india",
        "juliette",
    ]
    some = [item(n, title) for n, title in enumerate(["", " ", "...", "\x00", "🙂", "Le direct"])]
    some += [item(10 + n, f"{word} direct", hours=n) for n, word in enumerate(words)]
    assert largest(grouped(some)) <= 2


def test_one_title_over_other_matter_is_no_story() -> None:
    matters = [f"mot{n}a mot{n}b mot{n}c mot{n}d mot{n}e mot{n}f mot{n}g" for n in range(400)]
    some = [item(n + 1, "Le direct", matter, "tv", n / 60) for n, matter in enumerate(matters)]
    found = grouped(some)
    assert largest(found) <= 8
    assert max(Counter(one.group for one in found.values()).values()) <= 8


def test_a_rubric_at_ten_publishers_is_no_story() -> None:
    """One title and the day's matter that it seems to be: the words below it must meet."""
    some = [
        item(
            n + 1,
            "Suivez le journal de notre rédaction",
            f"mot{n}a mot{n}b mot{n}c mot{n}d mot{n}e",
            f"tv{n % 10}",
            n / 60,
        )
        for n in range(300)
    ]
    assert largest(grouped(some)) <= 8


def test_titles_without_a_word_are_no_story() -> None:
    some = [item(n + 1, "Le direct", "", f"tv{n % 10}", n / 60) for n in range(100)]
    assert largest(grouped(some)) == 1


def test_an_item_that_is_a_copy_of_two_makes_one_group_of_them() -> None:
    """Two accounts too far from each other, and the text between them: most pairs must agree."""
    lead = "Le feu a pris dans la nuit près de la Seine, sans faire de victime selon les pompiers."
    titles = (f"{FIRE}", "Rouen : l'usine chimique en feu", f"{FIRE}, ce que disent les pompiers")
    some = [item(n + 1, title, lead, hours=n) for n, title in enumerate(titles)]
    assert {one.group for one in grouped(some).values()} == {1}


def test_an_archive_republished_in_a_day_is_no_story() -> None:
    towns = [f"Ville{n}" for n in range(60)]
    facts = ["un vol", "une crue", "un concert", "une grève", "un procès"]
    some = [
        item(
            n + 1,
            f"{fact.capitalize()} à {town}",
            f"Le maire de {town} a parlé du quartier{n} après {fact}.",
            "journal",
            n / 60,
        )
        for n, (town, fact) in enumerate(product(towns, facts))
    ]
    assert largest(grouped(some)) <= 30


def test_boilerplate_of_a_source_glues_nothing() -> None:
    blurb = (
        "Chaque matin retrouvez toute l'actualité de la région avec notre équipe de journalistes. "
        "Abonnez-vous à notre lettre pour ne rien manquer de la vie locale."
    )
    some = [
        item(
            n + 1,
            f"sujet{n}a sujet{n}b sujet{n}c sujet{n}d",
            f"Propos{n}x propos{n}y. {blurb}",
            "radio",
            n / 30,
        )
        for n in range(200)
    ]
    found = grouped(some)
    assert largest(found) <= 3
    assert max(Counter(one.group for one in found.values()).values()) <= 3


def test_wrong_dates_neither_fail_nor_chain() -> None:
    years = (1, 1970, 1999, 2026, 2038, 9998)
    some = [
        GroupingItem(n * 10 + m, f"s{m}", datetime(year, 6, 1, tzinfo=UTC), "fr", title, title)
        for n, year in enumerate(years)
        for m, title in enumerate((FIRE, VOTE, FOOT), 1)
    ]
    found = grouped(some)
    assert largest(found) == 1  # another year is another event
    assert len(found) == len(some)


def test_a_glue_text_does_not_make_two_stories_one() -> None:
    fires = [
        item(n, f"{FIRE}, jour {n}", f"Le feu près de la Seine, détail{n}.", hours=n)
        for n in range(1, 13)
    ]
    votes = [
        item(n, f"{VOTE}, acte {n}", f"Le texte passe de peu, détail{n}.", hours=n)
        for n in range(13, 25)
    ]
    glue = [
        item(
            100 + n,
            f"{FIRE} et {VOTE}",
            f"Le feu près de la Seine. Le texte passe de peu. {FIRE} {VOTE}",
            f"glue{n}",
            12 + n,
        )
        for n in range(3)
    ]
    found = grouped(sorted([*fires, *votes, *glue], key=lambda one: (one.published, one.article)))
    assert {found[n].story for n in range(1, 13)} & {found[n].story for n in range(13, 25)} == set()


def test_a_day_of_one_word_takes_in_only_what_is_of_the_matter() -> None:
    """A dominant matter needs the word, a companion and nearness: one word everywhere is not it."""
    some = []
    for n in range(150):
        title = f"Crise : mot{n}a mot{n}b mot{n}c" if n % 2 else f"autre{n}a autre{n}b autre{n}c"
        some.append(item(n + 1, title, f"Propos{n}x propos{n}y propos{n}z.", f"s{n % 9}", n / 10))
    assert largest(grouped(some)) <= 5


@pytest.mark.slow
def test_a_story_of_3000_articles_swallows_no_other() -> None:
    fires = [
        item(
            n,
            f"{FIRE} : point {n % 40}",
            f"Le feu près de la Seine, bilan du jour {n % 7}.",
            f"s{n % 50}",
            n / 30,
        )
        for n in range(1, 3001)
    ]
    others = [
        item(5000 + n, f"ville{n}a fait{n}b nom{n}c", f"propos{n}d propos{n}e", f"s{n % 50}", n / 2)
        for n in range(200)
    ]
    some = sorted([*fires, *others], key=lambda one: (one.published, one.article))
    found = grouped(some)
    mixed = {found[one.article].story for one in fires} & {
        found[one.article].story for one in others
    }
    assert mixed == set()


@pytest.mark.slow
def test_5000_items_of_one_title_are_quick_and_no_story() -> None:
    some = [
        item(n + 1, "Le direct", f"mot{n}a mot{n}b mot{n}c mot{n}d mot{n}e", "tv", n / 60)
        for n in range(5_000)
    ]
    assert largest(grouped(some)) <= 50


@pytest.mark.parametrize(
    ("address", "publisher"),
    [
        ("https://sport.paper.example/a", "paper.example"),
        ("https://www.paper.example:8443/a", "paper.example"),
        ("https://cyber.gouv.fr/a", "cyber.gouv.fr"),
        ("https://www.sante.gouv.fr/a", "sante.gouv.fr"),
        ("http://127.0.0.1:8080/a", "feed"),
        ("http://localhost/a", "feed"),
        ("", "feed"),
    ],
)
def test_a_publisher_is_a_domain_or_else_the_source(address: str, publisher: str) -> None:
    one = GroupingItem(1, "feed", NOON, "fr", FIRE, FIRE, frozenset(), address)
    assert publisher_of(one) == publisher
