"""New, revised, seen, adopted."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.decide import content_hash, decide, keys
from vigie.model import ArticleIntent, Item, Known, Novelty


def item(url: str = "https://a.fr/1", guid: str = "g1", title: str = "Titre", **more: str) -> Item:
    values = {"summary": "Un résumé", "text": "", **more}
    return Item(url=url, canonical_url=url, guid=guid, title=title, **values)


ONE = item()


def known(one: Item, key: str = "", article: int = 7) -> Known:
    return Known(article, key or one.canonical_url, one.guid, content_hash(one))


def test_the_hash_knows_words_not_white_space_nor_dates() -> None:
    later = replace(ONE, published=datetime(2026, 1, 1, tzinfo=UTC), title=" Titre\n")
    assert content_hash(later) == content_hash(ONE)
    assert content_hash(replace(ONE, text="x")) != content_hash(ONE)
    moved = replace(ONE, title=ONE.summary, summary=ONE.title)
    assert content_hash(moved) != content_hash(ONE)


@pytest.mark.parametrize(
    ("now", "before", "novelty", "changed"),
    [
        (ONE, None, Novelty.NEW, ()),
        (ONE, known(ONE), Novelty.SEEN, ()),
        (replace(ONE, title="Autre"), known(ONE), Novelty.REVISED, ("title",)),
        (replace(ONE, summary="a", text="b"), known(ONE), Novelty.REVISED, ("summary", "text")),
        (ONE, replace(known(ONE), content_hash=""), Novelty.ADOPTED, ()),
        (ONE, replace(known(ONE), content_hash="of another age"), Novelty.REVISED, ()),
    ],
)
def test_novelty(
    now: Item, before: Known | None, novelty: Novelty, changed: tuple[str, ...]
) -> None:
    table = {before.key: before} if before else {}
    (intent,) = decide("src", [now], table)
    assert (intent.novelty, intent.changed) == (novelty, changed)
    assert intent.article == (before.article if before else None)
    assert intent.key == now.canonical_url
    assert intent.content_hash == content_hash(now)
    assert intent.why


def test_a_key_is_the_address() -> None:
    assert keys("src", [ONE, item("https://a.fr/2", "g2")]) == ["https://a.fr/1", "https://a.fr/2"]


def test_without_address_the_guid_names_the_item() -> None:
    first, second, again = keys("src", [item("", "g1"), item("", "g2"), item("", "g1", "Autre")])
    assert first.startswith("urn:vigie:src:")
    assert first == again != second
    assert keys("other", [item("", "g1")]) != [first]


def test_without_address_and_guid_the_title_names_the_item() -> None:
    first, second, untitled, third = keys(
        "src",
        [item("", "", "A"), item("", "", "B"), item("", "", ""), item("", "", "", summary="x")],
    )
    assert len({first, second, untitled, third}) == 4


def test_entries_that_share_a_listing_page_have_names_of_their_own() -> None:
    shared = [item(guid="g1", title="A"), item(guid="g2", title="B"), item("https://a.fr/2")]
    first, second, other = keys("src", shared)
    assert first != second
    assert {first[:14], second[:14]} == {"urn:vigie:src:"}
    assert other == "https://a.fr/2"


def test_one_article_twice_under_two_guids_is_one() -> None:
    twice = [item(guid="g1"), item(guid="g2")]
    assert keys("src", twice) == ["https://a.fr/1"] * 2
    assert len(decide("src", twice, {})) == 1


def test_of_two_entries_with_one_key_the_latest_stands_in_any_order() -> None:
    later = replace(ONE, title="Autre", updated=datetime(2026, 1, 2, tzinfo=UTC))
    for pair in ([ONE, later], [later, ONE]):
        assert [intent.item.title for intent in decide("src", pair, {})] == ["Autre"]


ITEMS = st.lists(
    st.builds(
        item,
        url=st.sampled_from(["", "https://a.fr/1", "https://a.fr/2"]),
        guid=st.sampled_from(["", "g1", "g2", "g3"]),
        title=st.sampled_from(["", "A", "B"]),
        summary=st.sampled_from(["", "x", "y"]),
    ),
    max_size=8,
)


def stored(intents: list[ArticleIntent]) -> dict[str, Known]:
    return {
        intent.key: Known(number, intent.key, intent.item.guid, intent.content_hash)
        for number, intent in enumerate(intents)
    }


@settings(max_examples=300, deadline=None)
@given(ITEMS)
def test_deciding_twice_finds_nothing_new(items: list[Item]) -> None:
    first = decide("src", items, {})
    assert all(intent.novelty is Novelty.NEW for intent in first)
    assert len({intent.key for intent in first}) == len(first)
    assert {intent.key for intent in first} == set(keys("src", items))
    again = decide("src", items, stored(first))
    assert [intent.novelty for intent in again] == [Novelty.SEEN] * len(first)
    assert decide("src", items, {}) == first
