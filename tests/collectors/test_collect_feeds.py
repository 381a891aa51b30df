"""Feeds of all kinds and conditions."""

from __future__ import annotations

import gzip
import json
import re
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collectors import documents, feeds, plain
from vigie.model import Failure, FailureKind, Fetched, Item, ParsedFeed

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
BASE = "https://a.fr/flux/rss.xml"


def parse(body: bytes | str, content_type: str = "", base: str = BASE) -> ParsedFeed:
    data = body.encode() if isinstance(body, str) else body
    return feeds.parse(
        Fetched("k", BASE, AT, base, status=200, content_type=content_type, body=data)
    )


def rss(*items: str, head: str = "", declaration: str = "") -> str:
    entries = "".join(f"<item>{item}</item>" for item in items)
    return (
        f'{declaration}<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        ' xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'
        ' xmlns:media="http://search.yahoo.com/mrss/">'
        f"<channel><title>Le fil</title>{head}{entries}</channel></rss>"
    )


def item(*parts: str) -> Item:
    (only,) = parse(rss("".join(parts))).items
    return only


def test_an_item_of_rss() -> None:
    feed = parse(
        rss(
            "<title>L'&#233;nergie &amp;amp; nous</title><link>/a?utm_source=rss</link>"
            "<guid isPermaLink='false'>g1</guid><pubDate>Sun, 01 Mar 2026 10:00:00 +0100</pubDate>"
            "<dc:creator>Anne Martin</dc:creator><category>Énergie</category>"
            "<category>Énergie</category><category>Ports</category>"
            "<description>&lt;p&gt;Un&lt;/p&gt;&lt;p&gt;deux&lt;/p&gt;</description>"
            "<content:encoded><![CDATA[<p>Un <b>gras</b></p><script>x()</script>]]>"
            "</content:encoded><enclosure url='/i.jpg' type='image/jpeg' length='1'/>",
            head="<language>fr-BE</language><ttl>90</ttl>",
        )
    )
    assert (feed.title, feed.language, feed.ttl, feed.failure) == ("Le fil", "fr", 5400.0, None)
    assert feed.unparsed == ()
    assert feed.items == (
        Item(
            url="https://a.fr/a?utm_source=rss",
            canonical_url="https://a.fr/a",
            guid="g1",
            title="L'énergie & nous",
            summary="Un\ndeux",
            text="Un gras",
            author="Anne Martin",
            published=datetime(2026, 3, 1, 9, tzinfo=UTC),
            categories=("Énergie", "Ports"),
            language="fr",
            image="https://a.fr/i.jpg",
        ),
    )


def test_atom_with_xml_base() -> None:
    feed = parse(
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="nl-BE" xml:base="https://b.be/x/">'
        "<title>Nieuws</title><entry><id>tag:1</id><title type='html'>A &amp;lt; B</title>"
        "<link href='een'/><updated>2026-02-28T10:00:00Z</updated>"
        "<content type='html'>&lt;p&gt;Tekst&lt;/p&gt;</content></entry></feed>"
    )
    (entry,) = feed.items
    assert (entry.url, entry.guid, entry.title) == ("https://b.be/x/een", "tag:1", "A < B")
    assert (entry.summary, entry.language, feed.language) == ("Tekst", "nl", "nl")
    assert entry.text == ""  # it says no more than the summary
    assert entry.updated == datetime(2026, 2, 28, 10, tzinfo=UTC)


def test_rdf_and_its_dates() -> None:
    (entry,) = parse(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        ' xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        "<channel><title>t</title></channel><item><title>T</title><link>https://a.fr/1</link>"
        "<dc:date>2026-02-01T00:00:00Z</dc:date></item></rdf:RDF>"
    ).items
    assert entry.published == datetime(2026, 2, 1, tzinfo=UTC)


def test_json_feed() -> None:
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "JSON",
        "language": "de",
        "items": [
            {
                "id": 7,
                "url": "/eins",
                "title": "Eins",
                "content_html": "<p>Text</p>",
                "date_published": "2026-02-28T10:00:00+01:00",
                "authors": [{"name": "Jo"}],
                "tags": ["Hafen"],
            },
            {"id": "leer"},
            "nothing",
        ],
    }
    feed = parse(json.dumps(document))
    (entry,) = feed.items
    assert (entry.url, entry.guid, entry.text) == ("https://a.fr/eins", "7", "Text")
    assert (entry.author, entry.categories) == ("Jo", ("Hafen",))
    assert entry.published == datetime(2026, 2, 28, 9, tzinfo=UTC)
    assert [note.where for note in feed.unparsed] == ["entry 2", "entry 3"]


BOMB = (
    '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;">]><rss><channel><item>'
    "<title>&b;</title></item></channel></rss>"
)
LONG_ENTITY = f'<!DOCTYPE x [<!ENTITY a "{"x" * 2000}">]><rss><channel/></rss>'
MANY = "".join(f'<!ENTITY a{number} "x">' for number in range(600))
INNER = b"<rss/>"
for _ in range(4):
    INNER = gzip.compress(INNER, mtime=0)  # the same bytes, and so the same test id, everywhere


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (b"", FailureKind.EMPTY, "empty"),
        (b" \n\t", FailureKind.EMPTY, "empty"),
        (
            b"<!DOCTYPE html><html><head><title>Se  connecter</title></head></html>",
            FailureKind.NOT_A_FEED,
            "'Se connecter'",
        ),
        (b"<!-- x --><HTML><body>404</body>", FailureKind.NOT_A_FEED, "without a title"),
        (b"Bonjour", FailureKind.NOT_A_FEED, "plain text"),
        (b"<note><to>x</to></note>", FailureKind.NOT_A_FEED, "<note>, not a feed"),
        (b"<rss><channel><title>x", FailureKind.MALFORMED, "malformed XML, line 1"),
        (b'{"a": 1}', FailureKind.NOT_A_FEED, "no JSON Feed"),
        (b'{"items": [', FailureKind.MALFORMED, "malformed JSON, line 1"),
        (b'{"items": ' + b"[" * 200_000, FailureKind.HOSTILE, "nested"),
        (BOMB.encode(), FailureKind.HOSTILE, "entities made of entities"),
        (BOMB.encode("utf-16"), FailureKind.HOSTILE, "entities made of entities"),
        (LONG_ENTITY.encode(), FailureKind.HOSTILE, "more than 1000 characters"),
        (f"<!DOCTYPE x [{MANY}]><rss/>".encode(), FailureKind.HOSTILE, "more than 500"),
        (gzip.compress(b" " * 30_000_000, mtime=0), FailureKind.HOSTILE, "gzip"),
        (INNER, FailureKind.HOSTILE, "gzip"),
        (b"<rss><channel>" + b"<a>" * 200_000, FailureKind.HOSTILE, "never closed"),
    ],
)
def test_what_is_no_feed_is_named(body: bytes, kind: FailureKind, words: str) -> None:
    feed = parse(body)
    assert feed.failure is not None
    assert feed.failure.kind is kind, feed.failure
    assert words in feed.failure.detail
    assert feed.items == ()
    assert all(len(note.sample) <= 2000 for note in feed.unparsed)


def test_failures_and_unmodified_pass_through() -> None:
    failure = Failure(FailureKind.DNS, "x")
    assert feeds.parse(Fetched("k", BASE, AT, failure=failure)) == ParsedFeed(failure=failure)
    assert feeds.parse(Fetched("k", BASE, AT, status=304)) == ParsedFeed()


def test_an_empty_channel_is_no_failure() -> None:
    assert parse(rss()).failure is None


def test_small_entity_sets_are_no_attack() -> None:
    body = '<!DOCTYPE rss [<!ENTITY nbsp "&#160;">]>' + rss("<title>a&nbsp;b</title>")
    assert [entry.title for entry in parse(body).items] == ["a b"]


def test_gzip_within_is_unpacked() -> None:
    assert len(parse(gzip.compress(rss("<title>x</title>").encode())).items) == 1


def test_malformed_but_readable_is_read_with_a_note() -> None:
    feed = parse(rss("<title>Un</title>", "<title>A & B</title><b>", "<title>Trois</title>"))
    assert feed.failure is None
    assert [entry.title for entry in feed.items] == ["Un", "A & B", "Trois"]
    (note,) = feed.unparsed
    assert note.where == "feed"
    assert "malformed XML, line 1" in note.reason
    assert note.sample


def test_an_entry_that_says_nothing_is_set_aside() -> None:
    feed = parse(rss("<title>Un</title>", "<author>x</author>", "<link>javascript:x()</link>"))
    assert [entry.title for entry in feed.items] == ["Un"]
    assert [note.where for note in feed.unparsed] == ["entry 2", "entry 3"]


def test_too_many_entries() -> None:
    feed = parse(rss(*(f"<title>{number}</title>" for number in range(2500))))
    assert [feed.items[0].title, feed.items[-1].title, len(feed.items)] == ["0", "1999", 2000]
    (note,) = feed.unparsed
    assert note.reason == "2500 entries, of which the first 2000 are read"


ACCENTED = rss("<title>Énergie à l’été</title><description>déjà vu, où ça</description>")


@pytest.mark.parametrize(
    ("encoding", "declared", "content_type"),
    [
        ("utf-8", "", ""),
        ("utf-8", "utf-8", "text/xml"),
        ("utf-8", "iso-8859-1", ""),
        ("utf-8", "", "application/rss+xml; charset=iso-8859-1"),
        ("utf-8", "utf-16", ""),
        ("utf-8-sig", "utf-8", ""),
        ("utf-16", "utf-16", ""),
        ("utf-16-le", "utf-16", ""),
        ("utf-32", "", ""),
        ("cp1252", "windows-1252", ""),
        ("cp1252", "iso-8859-1", ""),
        ("cp1252", "utf-8", "text/xml; charset=utf-8"),
        ("cp1252", "", ""),
        ("cp1252", "no-such-encoding", ""),
        ("mac-roman", "macintosh", ""),
    ],
)
def test_encodings(encoding: str, declared: str, content_type: str) -> None:
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else "<?xml?>"
    if not declared and encoding.startswith("utf-8"):
        declaration = ""
    if not declared:
        declaration = '<?xml version="1.0"?>'
    (entry,) = parse((declaration + ACCENTED).encode(encoding), content_type).items
    assert (entry.title, entry.summary) == ("Énergie à l’été", "déjà vu, où ça")


def test_other_scripts() -> None:
    body = '<?xml version="1.0" encoding="windows-1251"?>' + rss("<title>Новости дня</title>")
    assert parse(body.encode("cp1251")).items[0].title == "Новости дня"


def test_a_few_bad_bytes_spoil_nothing_else() -> None:
    body = ACCENTED.encode().replace("où".encode(), b"o\xf9")
    (entry,) = parse(body).items
    assert entry.title == "Énergie à l’été"
    assert entry.summary == "déjà vu, o\ufffd ça"


def test_control_characters_do_not_break_a_feed() -> None:
    feed = parse(rss("<title>A\x00\x08\x1fB</title>"))
    assert feed.items[0].title == "AB"
    assert feed.unparsed == ()


@pytest.mark.parametrize(
    ("written", "year"),
    [
        ("Sun, 01 Mar 2026 10:00:00 GMT", 2026),
        ("Mon, 02 Mar 2026 11:00:00 GMT", 2026),
        ("Tue, 03 Mar 2026 10:00:00 GMT", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("Mon, 31 Feb 2025 10:00:00 GMT", None),
        ("tomorrow", None),
    ],
)
def test_dates_are_sensible_or_none(written: str, year: int | None) -> None:
    entry = item(f"<title>x</title><pubDate>{written}</pubDate>")
    assert (entry.published.year if entry.published else None) == year


@pytest.mark.parametrize(
    "date",
    [
        "dim., 01 févr. 2026 10:00:00 +0100",
        "dimanche 1er février 2026 09:00",
        "zo, 01 feb. 2026 10:00:00 +0100",
        "zondag 1 februari 2026, 09:00 GMT",
        "So, 01 Feb 2026 10:00:00 +0100",
        "Sonntag, 1. Februar 2026 09:00:00",
        "Sun, 01 Feb 2026 09:00:00 GMT",
    ],
)
def test_dates_in_four_languages(date: str) -> None:
    published = item(f"<title>x</title><pubDate>{date}</pubDate>").published
    assert published == datetime(2026, 2, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "date", ["lundi 31 février 2026", "01 brumaire 2026", "mardi 3 mars 2099 10:00", "1 mars"]
)
def test_what_is_no_date_of_the_past_is_none(date: str) -> None:
    assert item(f"<title>x</title><pubDate>{date}</pubDate>").published is None


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("/a", "https://a.fr/a"),
        ("b", "https://a.fr/flux/b"),
        ("//c.fr/d", "https://c.fr/d"),
        (" https://a.fr/\n  e ", "https://a.fr/e"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("file:///etc/passwd", ""),
        ("http://[bad/", ""),
        ("", ""),
    ],
)
def test_links(link: str, url: str) -> None:
    assert item(f"<title>x</title><link>{link}</link>").url == url


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("plain", "plain"),
        ("a &lt; b", "a < b"),
        ("<p>Un</p><p>deux</p>", "Un\ndeux"),
        ("Un<br/>deux", "Un\ndeux"),
        ("<b>g</b>ras", "gras"),
        ("<script>x()</script><style>y</style>ok", "ok"),
        ("<p onclick='x()'>ok<img src=x onerror=alert(1)></p>", "ok"),
        ("&lt;p&gt;doubly&lt;/p&gt;", "doubly"),
        ("a\u200b\x85 \u00a0 b", "a b"),
        ("<!-- c -->x<unclosed", "x"),
        ("&#xD800;&#0;x", "\ufffd\ufffdx"),
    ],
)
def test_plain_text(markup: str, text: str) -> None:
    assert plain.paragraphs(markup, 1000) == text


def test_texts_are_capped_at_a_word() -> None:
    assert plain.line("un deux trois", 9) == "un deux…"
    assert plain.line("x" * 20, 10) == "x" * 9 + "…"
    entry = item(f"<title>{'mot ' * 500}</title><description>{'mot ' * 5000}</description>")
    assert (len(entry.title) <= 500, len(entry.summary) <= 5000) == (True, True)
    assert len(entry.text) > 15_000


@pytest.mark.parametrize(
    ("head", "seconds"),
    [
        ("<ttl>60</ttl>", 3600.0),
        ("<ttl>0</ttl>", None),
        ("<ttl>soon</ttl>", None),
        ("<sy:updatePeriod>daily</sy:updatePeriod>", 86_400.0),
        (
            "<sy:updatePeriod> hourly </sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>",
            1800.0,
        ),
        ("", None),
    ],
)
def test_ttl(head: str, seconds: float | None) -> None:
    assert parse(rss(head=head)).ttl == seconds


FRAGMENTS = st.sampled_from(
    [
        *["<rss>", "<channel>", "<item>", "</item>", "<title>", "</title>", "<link>", "</link>"],
        *["<feed xmlns='http://www.w3.org/2005/Atom'>", "<entry>", "</entry>", "<![CDATA[", "]]>"],
        *["<!DOCTYPE x [", "<!ENTITY a '", "'>", "]>", "&a;", "&#x1F600;", "&#99999999;", "<?xml"],
        *["<pubDate>", "</pubDate>", "Sun, 31 Feb", "2026-13-45T99:99:99Z", "<content:encoded>"],
        *["http://[", "xml:base='//'", "<a href='", '"', "{", '{"items":[', '{"url":7}', "]}"],
        *["\x00", "\ud800", "é", "<", ">", "&", "%", " ", "\n"],
    ]
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(FRAGMENTS | st.text(max_size=4), max_size=30).map("".join))
def test_no_text_breaks_the_reader(text: str) -> None:
    feed = parse(text.encode("utf-8", "surrogatepass"))
    for entry in feed.items:
        assert entry.url == "" or entry.url.startswith("http")


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_break_the_decoder(body: bytes) -> None:
    assert not FORBIDDEN.search(documents.decoded(body, ""))
    parse(body)


FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32", "latin-1", "utf-7"])
@pytest.mark.parametrize("odd", ["", "\x0b", "\x1f", "\x00", "\ufffe", "\uffff", "\ud800"])
def test_what_xml_forbids_is_taken_out_of_any_encoding(odd: str, encoding: str) -> None:
    body = f"<a>é\t\r\n{odd}z</a>".encode(
        encoding, "ignore" if encoding == "latin-1" else "surrogatepass"
    )
    text = documents.decoded(body, f"text/xml; charset={encoding}")
    assert not FORBIDDEN.search(text)
    assert "\t\r\n" in text
    assert text.endswith("z</a>")


@pytest.mark.timeout(10)
@pytest.mark.parametrize("page", ["<html>" + "<title>" * 30_000, "<!---->" * 2_800 + "x"])
def test_what_repeats_itself_is_no_page_and_read_at_once(page: str) -> None:
    """Found by fuzzing: patterns with many ways to read these took minutes."""
    assert not documents.html_title(page)
