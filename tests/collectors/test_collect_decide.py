"""New, revised, seen, adopted."""

from dataclasses import replace
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.decide import candidates, content_hash, decide, keys
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


DAY = datetime(2026, 1, 1, tzinfo=UTC)
OLD = replace(
    item("https://a.fr/old-12345", "g1", "Un port", summary="Il a rouvert."), published=DAY
)
HOME = "https://a.fr/"


def carried(one: Item, key: str = "") -> Known:
    return Known(7, key or one.canonical_url, one.guid, content_hash(one), one.published)


def under(url: str, one: Item = OLD, **more: str) -> Item:
    return replace(one, url=url, canonical_url=url, **more)


@pytest.mark.parametrize(
    ("sentence", "now", "novelty"),
    [
        ("a CMS changes all ids, addresses stay", replace(OLD, guid="new"), Novelty.SEEN),
        ("an id changes while the title is edited", replace(OLD, guid="n", title="B"), "revised"),
        ("an address changes, the id stays", under("https://a.fr/neu"), Novelty.SEEN),
        (
            "an address follows an edited title, the id stays",
            under("https://a.fr/neu", title="Un port rouvre"),
            Novelty.REVISED,
        ),
        (
            "title, words and address change, id and number stay",
            under("https://a.fr/new-12345", title="B", summary="C"),
            Novelty.REVISED,
        ),
        (
            "an id is used again for another article",
            under("https://a.fr/other", title="B", summary="C"),
            Novelty.NEW,
        ),
        (
            "address and id change at once, words and date stay",
            under("https://b.fr/1", guid="n"),
            Novelty.SEEN,
        ),
        (
            "the same words on another day are another article",
            replace(under("https://a.fr/2", guid="n"), published=datetime(2026, 1, 2, tzinfo=UTC)),
            Novelty.NEW,
        ),
        (
            "an address is used again for another entry",
            replace(OLD, guid="n", title="B", summary="C"),
            Novelty.NEW,
        ),
    ],
)
def test_ids_and_addresses_that_change(sentence: str, now: Item, novelty: str) -> None:
    before = carried(OLD)
    known_keys = {before.key: before} if now.canonical_url == before.key else {}
    (intent,) = decide("src", [now], known_keys, [before])
    assert intent.novelty == novelty, sentence
    assert (intent.article == 7) is (novelty != Novelty.NEW)
    if intent.article == 7:
        assert intent.key == before.key
        assert intent.alias == ("" if now.canonical_url == before.key else now.canonical_url)
        assert intent.renamed is (now.guid != OLD.guid)


def test_an_address_that_is_still_in_the_feed_has_not_moved() -> None:
    before = carried(OLD)
    copy = under("https://a.fr/copy", guid="n")
    first, second = decide("src", [OLD, copy], {before.key: before}, [before])
    assert (first.novelty, second.novelty) == (Novelty.SEEN, Novelty.NEW)


def test_a_link_to_the_home_page_is_nobodys_address() -> None:
    monday, tuesday = item(HOME, "g1", "A", summary="x"), item(HOME, "g2", "B", summary="y")
    (one,) = decide("src", [monday], {})
    assert one.key.startswith("urn:vigie:src:")
    assert decide("src", [tuesday], {}, [carried(monday, one.key)])[0].novelty is Novelty.NEW
    again = decide("src", [monday], {one.key: carried(monday, one.key)})
    assert again[0].novelty is Novelty.SEEN


def test_the_last_entry_of_a_shared_page_keeps_its_name() -> None:
    both = [item(guid="g1", title="A"), item(guid="g2", title="B")]
    before = {
        one.key: Known(number, one.key, one.item.guid, one.content_hash)
        for number, one in enumerate(decide("src", both, {}))
    }
    assert len(before) == 2
    (alone,) = decide("src", both[1:], before)
    assert (alone.novelty, alone.article) == (Novelty.SEEN, 1)


def test_an_entry_keeps_its_address_when_a_second_one_shares_it() -> None:
    before = carried(item(guid="g1", title="A"))
    both = [item(guid="g1", title="A"), item(guid="g2", title="B")]
    first, second = decide("src", both, {before.key: before})
    assert (first.novelty, second.novelty) == (Novelty.SEEN, Novelty.NEW)


@settings(max_examples=200, deadline=None)
@given(ITEMS, st.randoms())
def test_the_order_of_items_does_not_matter(items: list[Item], chance: Random) -> None:
    turned = list(items)
    chance.shuffle(turned)
    assert {(one.key, one.content_hash) for one in decide("src", items, {})} == {
        (one.key, one.content_hash) for one in decide("src", turned, {})
    }


@settings(max_examples=300, deadline=None)
@given(ITEMS, ITEMS)
def test_nothing_is_lost_or_doubled_and_a_revision_means_other_words(
    before: list[Item], now: list[Item]
) -> None:
    held = stored(decide("src", before, {}))
    known_now = {key: held[key] for key in candidates("src", now) if key in held}
    intents = decide("src", now, known_now, list(held.values()))
    assert len({intent.key for intent in intents}) == len(intents)
    by_article = {one.article: one for one in held.values()}
    for intent in intents:
        if intent.article is None:
            assert intent.key not in held
        else:
            same = by_article[intent.article].content_hash == intent.content_hash
            assert (intent.novelty is Novelty.SEEN) is same
