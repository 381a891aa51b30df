"""The demonstration world: its content is what it says, its server and mailbox behave."""

import gzip
import http.client
import itertools
import json
import re
import smtplib
import urllib.request
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import feedparser
import pytest

from app.demo import render
from app.demo.server import BOMB_BYTES, WorldServer, gzip_bomb
from app.demo.smtp import Outbox
from app.demo.world import DemoFeed, DemoItem, World, load_world

WORLD = load_world()
HEALTHY = [feed for feed in WORLD.feeds if not feed.fault]
LANGUAGE = {feed.id: feed.language for feed in WORLD.feeds}
RIGHTS = {feed.id: feed.rights for feed in WORLD.feeds}


def grouped(key: str) -> dict[str, list[DemoItem]]:
    groups: dict[str, list[DemoItem]] = defaultdict(list)
    for item in WORLD.items:
        if slug := getattr(item, key):
            groups[slug].append(item)
    return groups


def by_fault(fault: str, trick: str = "") -> DemoFeed:
    return next(feed for feed in WORLD.feeds if (feed.fault, feed.trick) == (fault, trick))


@cache
def shingles(item: DemoItem) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", " ".join((item.summary, *item.body)).lower())
    return set(itertools.pairwise(words))


@pytest.fixture(scope="module")
def server() -> Iterator[WorldServer]:
    with WorldServer(WORLD) as running:
        yield running


def get(
    server: WorldServer, path: str, method: str = "GET", **headers: str
) -> tuple[http.client.HTTPResponse, bytes]:
    """Fetch without following anything."""
    connection = http.client.HTTPConnection(urlsplit(server.base_url).netloc, timeout=10)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, headers=named)
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response, content


# The content


def test_there_is_enough_of_everything() -> None:
    languages = Counter(LANGUAGE[item.feed] for item in WORLD.items)
    assert len(WORLD.items) >= 190
    assert languages["fr"] >= 100
    assert languages["nl"] >= 40
    assert languages["de"] >= 20
    assert languages["en"] >= 30
    assert len(HEALTHY) >= 14
    assert {feed.format for feed in HEALTHY} == {"rss20", "atom10", "rdf10", "jsonfeed"}
    assert sum(feed.rights == "full" for feed in HEALTHY) >= 4
    assert Counter(feed.fault for feed in WORLD.feeds if feed.fault) == {
        "broken": 1,
        "slow": 1,
        "moved": 1,
        "hostile": 2,
    }


def test_stories_cross_feeds_and_languages() -> None:
    stories = grouped("story")
    carried = [items for items in stories.values() if len({item.feed for item in items}) > 1]
    crossing = [items for items in carried if len({LANGUAGE[item.feed] for item in items}) > 1]
    with_duplicates = {items[0].story for items in grouped("duplicate").values()}
    assert len(carried) >= 28
    assert len(crossing) >= 8
    assert len(with_duplicates) >= 18
    assert sum(not item.story for item in WORLD.items) >= 20


def test_near_duplicates_share_most_of_their_text_and_nothing_else_does() -> None:
    for items in grouped("duplicate").values():
        assert len(items) >= 2
        assert len({(item.story, LANGUAGE[item.feed]) for item in items}) == 1
        for one, other in itertools.combinations(items, 2):
            a, b = shingles(one), shingles(other)
            assert one.title != other.title
            assert (one.summary, one.body) != (other.summary, other.body)
            assert len(a & b) >= 0.8 * min(len(a), len(b)), (one.id, other.id)
    for one, other in itertools.combinations(WORLD.items, 2):
        if not one.duplicate or one.duplicate != other.duplicate:
            a, b = shingles(one), shingles(other)
            assert len(a & b) <= 0.4 * min(len(a), len(b)), (one.id, other.id)


def test_items_keep_to_their_frame() -> None:
    start, end = datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC)
    for item in WORLD.items:
        assert start <= item.published < end, item.id
        if RIGHTS[item.feed] == "full":
            words = sum(len(paragraph.split()) for paragraph in item.body)
            assert 3 <= len(item.body) <= 6, item.id
            assert 120 <= words <= 250, item.id
        assert "'" not in " ".join((item.title, item.summary, *item.body)), item.id


def test_invented_cve_numbers_are_valid_and_plainly_invented() -> None:
    text = " ".join(" ".join((item.title, item.summary, *item.body)) for item in WORLD.items)
    numbers = re.findall(r"CVE-[\w-]+", text)
    assert numbers
    assert all(re.fullmatch(r"CVE-2026-99\d{4}", number) for number in numbers)


# The loader

FEED = """[[feed]]
id = "a"
title = "A"
language = "fr"
format = "rss20"
rights = "full"
reliability = "B"
territory = "FRD2"
"""
ITEM = """[[item]]
id = "one"
feed = "a"
published = 2026-10-12T08:30:00Z
title = "T"
summary = "S"
"""


@pytest.mark.parametrize(
    ("feeds", "items", "message"),
    [
        (FEED, ITEM + ITEM, r"^x\.toml: one: id already used"),
        (FEED + FEED, ITEM, r"^feeds\.toml: a: id already used"),
        (FEED, ITEM.replace('"a"', '"b"'), r"^x\.toml: one: no feed 'b'"),
        (FEED, ITEM.replace("08:30:00Z", "08:30:00"), r"^x\.toml: one: published"),
        (FEED, ITEM + "colour = 'red'\n", r"^x\.toml: one: unknown key colour"),
        (FEED.replace("rss20", "rss99"), ITEM, r"^feeds\.toml: a: format"),
        (FEED + 'fault = "hostile"\n', ITEM, r"^feeds\.toml: a: a trick"),
        (FEED, "[[item]\n", r"^x\.toml: "),
    ],
)
def test_loader_names_file_and_id(tmp_path: Path, feeds: str, items: str, message: str) -> None:
    (tmp_path / "feeds.toml").write_text(feeds, encoding="utf-8")
    (tmp_path / "x.toml").write_text(items, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        load_world(tmp_path)


def test_loader_reads_a_small_world(tmp_path: Path) -> None:
    (tmp_path / "feeds.toml").write_text(FEED, encoding="utf-8")
    body = 'body = """\nun\ndeux\n\ntrois\n"""\n'
    (tmp_path / "x.toml").write_text(ITEM + body, encoding="utf-8")
    world = load_world(tmp_path)
    assert world.items_of("a")[0].body == ("un deux", "trois")


# The server


@pytest.mark.parametrize("feed", HEALTHY, ids=lambda feed: feed.id)
def test_healthy_feed_parses_newest_first(server: WorldServer, feed: DemoFeed) -> None:
    with urllib.request.urlopen(server.feed_url(feed), timeout=10) as response:
        content = response.read()
    expected = [item.title for item in WORLD.items_of(feed.id)]
    assert expected
    if feed.format == "jsonfeed":  # which feedparser does not read
        document = json.loads(content)
        assert document["language"] == feed.language
        assert [entry["title"] for entry in document["items"]] == expected
        assert document["items"][0]["url"].startswith(server.base_url)
        return
    parsed = feedparser.parse(content)
    assert not parsed.bozo
    assert parsed.version == feed.format.replace("rdf10", "rss10")
    assert parsed.feed.title == feed.title
    assert parsed.feed.language == feed.language
    assert [entry.title for entry in parsed.entries] == expected
    assert all(entry.id and entry.summary for entry in parsed.entries)
    moments = [entry.get("published_parsed") or entry.updated_parsed for entry in parsed.entries]
    assert moments == sorted(moments, reverse=True)


def test_every_linked_page_is_there(server: WorldServer) -> None:
    for item in WORLD.items[::7]:
        response, content = get(server, render.item_path(item))
        page = content.decode()
        assert response.status == 200
        assert f'<html lang="{LANGUAGE[item.feed]}">' in page
        assert f'<link rel="canonical" href="{server.base_url}{render.item_path(item)}">' in page
    response, content = get(server, "/phare-normand/")
    assert response.status == 200
    assert b'rel="alternate" type="application/rss+xml"' in content


def test_conditional_requests_are_answered_304(server: WorldServer) -> None:
    path = urlsplit(server.feed_url("phare-normand")).path
    first, _ = get(server, path)
    etag, modified = first.headers["ETag"], first.headers["Last-Modified"]
    for headers in ({"If_None_Match": etag}, {"If_Modified_Since": modified}):
        again, content = get(server, path, **headers)
        assert again.status == 304
        assert content == b""
        assert again.headers["ETag"] == etag
    other, _ = get(server, path, If_None_Match='"else"', If_Modified_Since=modified)
    assert other.status == 200
    older, _ = get(server, path, If_Modified_Since="Thu, 01 Oct 2026 00:00:00 GMT")
    assert older.status == 200


def test_gzip_when_accepted_head_robots_and_404(server: WorldServer) -> None:
    path = urlsplit(server.feed_url("phare-normand")).path
    plain, content = get(server, path)
    folded, squeezed = get(server, path, Accept_Encoding="br, gzip;q=0.8")
    assert "Content-Encoding" not in plain.headers
    assert folded.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(squeezed) == content
    head, nothing = get(server, path, method="HEAD")
    assert (head.status, nothing) == (200, b"")
    robots, rules = get(server, "/robots.txt")
    assert (robots.status, b"Disallow" in rules) == (200, False)
    assert get(server, "/nowhere")[0].status == 404


def test_hits_are_counted_per_path(server: WorldServer) -> None:
    before = server.hits["/counted-nowhere"]
    get(server, "/counted-nowhere?twice=yes")
    get(server, "/counted-nowhere")
    assert server.hits["/counted-nowhere"] == before + 2


def test_moved_feed_answers_301_and_lives_at_its_new_address(server: WorldServer) -> None:
    feed = by_fault("moved")
    response, _ = get(server, urlsplit(server.feed_url(feed)).path)
    assert response.status == 301
    with urllib.request.urlopen(response.headers["Location"], timeout=10) as answer:
        parsed = feedparser.parse(answer.read())
    assert not parsed.bozo
    assert len(parsed.entries) == len(WORLD.items_of(feed.id)) >= 4


def test_broken_feed_is_html_under_status_200(server: WorldServer) -> None:
    response, content = get(server, urlsplit(server.feed_url(by_fault("broken"))).path)
    assert (response.status, response.headers.get_content_type()) == (200, "text/html")
    assert feedparser.parse(content).version == ""


def test_slow_feed_drips_and_blocks_nobody() -> None:
    with WorldServer(WORLD) as server:
        slow = urllib.request.urlopen(server.feed_url(by_fault("slow")), timeout=10)
        assert slow.read(24)
        assert get(server, "/robots.txt")[0].status == 200
        assert slow.read(1) == b" "
    assert slow.read() in (b"", b" ")  # the server's end is the end of it


def test_client_that_goes_away_leaves_no_traceback(
    server: WorldServer, capfd: pytest.CaptureFixture[str]
) -> None:
    for _ in range(3):
        with urllib.request.urlopen(server.feed_url(by_fault("hostile", "gzip"))) as bomb:
            bomb.read(100)
    assert get(server, "/robots.txt")[0].status == 200
    assert capfd.readouterr().err == ""


def test_gzip_bomb_is_small_folded_and_large_unfolded() -> None:
    unfold = zlib.decompressobj(31)
    folded = unfolded = 0
    for block in gzip_bomb():
        folded += len(block)
        unfolded += len(unfold.decompress(block))
    assert unfolded > BOMB_BYTES > 200_000_000
    assert folded < 1_000_000


def test_entity_bomb_is_where_the_feed_says(server: WorldServer) -> None:
    url = server.feed_url(by_fault("hostile", "laughs"))
    response, content = get(server, urlsplit(url).path)
    assert url.endswith("/hostile/laughs.xml")
    assert response.status == 200
    assert content.count(b"<!ENTITY") == 10
    assert len(content) < 2_000


def test_a_given_port_is_kept_and_can_be_taken_again() -> None:
    with WorldServer(World((), ())) as server:
        port = urlsplit(server.base_url).port
        assert port
        assert get(server, "/robots.txt")[0].status == 200
    with WorldServer(World((), ()), port=port) as server:
        assert urlsplit(server.base_url).port == port


# The mailbox


def message(to: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "vigie@example.org"
    mail["To"] = to
    mail["Subject"] = "Bulletin"
    mail.set_content("Bonjour,\n.\nà bientôt.\n")
    return mail


def test_outbox_refuses_stores_and_counts_on(tmp_path: Path) -> None:
    box = tmp_path / "outbox"
    with (
        Outbox(box, refuse=frozenset({"Partie@example.org"})) as outbox,
        smtplib.SMTP(outbox.host, outbox.port, timeout=10) as client,
    ):
        client.send_message(message("anne.morel@example.org"))
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
            client.send_message(message("partie@example.org"))
        assert refusal.value.recipients["partie@example.org"][0] == 550
        client.send_message(message("a/../b@example.org"))
        received = outbox.received
    assert [one.path.name for one in received] == ["001-anne.morel.eml", "002-a_.._b.eml"]
    assert received[0].mail_from == "vigie@example.org"
    assert received[0].rcpt_tos == ("anne.morel@example.org",)
    assert b"Subject: Bulletin\r\n" in received[0].path.read_bytes()
    with Outbox(box) as outbox, smtplib.SMTP(outbox.host, outbox.port, timeout=10) as client:
        client.send_message(message("partie@example.org"))
    assert max(path.name for path in box.iterdir()) == "003-partie.eml"
