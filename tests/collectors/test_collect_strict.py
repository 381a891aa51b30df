"""The fast way for clean feeds says what the reference says, or steps aside."""

from __future__ import annotations

import html
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collectors import documents, feeds, plain, strict, urls
from vigie.model import Fetched, ParsedFeed

AT = datetime(2026, 11, 21, tzinfo=UTC)
BASE = "https://a.fr/flux/rss.xml"
SERVED = 0.8  # of the sound feeds of replay are read the fast way, at least
SAMPLE = 24  # one file of so many is read by the quick test

SPACES = (
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    ' xmlns:media="http://search.yahoo.com/mrss/" xmlns:x="https://a.fr/x"'
    ' xmlns:atom="http://www.w3.org/2005/Atom"'
)


def fetched(body: bytes, content_type: str = "") -> Fetched:
    return Fetched("k", BASE, AT, BASE, status=200, content_type=content_type, body=body)


def both(body: bytes) -> tuple[ParsedFeed, ParsedFeed | None]:
    """What the reference says of a document, and what the fast way says."""
    one = fetched(body)
    unpacked = documents.unpacked(body, 20_000_000)
    assert unpacked is not None
    return feeds.by_reference(one, unpacked), strict.parse(one, unpacked)


def rss(*items: str, head: str = "", root: str = "") -> bytes:
    entries = "".join(f"<item>{item}</item>" for item in items)
    start = f'<rss version="2.0"{SPACES}{root}><channel><title>Le fil</title>{head}'
    return f"{start}{entries}</channel></rss>".encode()


def compared(paths: list[Path]) -> tuple[int, int]:
    """How many of the sound feeds there are, and how many of them are read the fast way."""
    sound = served = 0
    for path in paths:
        reference, fast = both(path.read_bytes())
        noted = any(note.where == "feed" for note in reference.unparsed)
        sound += bool(reference.items) and not noted
        served += fast is not None
        assert fast is None or fast == reference, path
    return sound, served


@pytest.mark.parametrize("step", [SAMPLE, pytest.param(1, marks=pytest.mark.slow)])
def test_real_feeds_are_read_as_by_the_reference(shared: Path, step: int) -> None:
    sound, served = compared(sorted((shared / "replay" / "files").iterdir())[::step])
    print(f"{served} of {sound} sound feeds of replay are read the fast way")  # noqa: T201
    assert served >= SERVED * sound


@pytest.mark.parametrize("step", [SAMPLE, pytest.param(1, marks=pytest.mark.slow)])
def test_conformance_feeds_are_read_as_by_the_reference(shared: Path, step: int) -> None:
    folder = shared / "feeds-conformance"
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".md"]
    sound, served = compared(paths[::step])
    print(f"{served} of {sound} sound feeds of feeds-conformance")  # noqa: T201
    assert served


CLEAN = rss(
    "<title>Un &amp;amp; deux</title><link>https://a.fr/1?utm_source=x</link>"
    "<guid isPermaLink='false'>g1</guid><pubDate>Sun, 01 Mar 2026 10:00:00 +0100</pubDate>"
    "<description>&lt;p&gt;Début&lt;/p&gt;</description><category domain='d'>Ports</category>"
    "<content:encoded><![CDATA[<p>Un <b>gras</b></p>]]></content:encoded><dc:creator>A</dc:creator>"
    "<media:thumbnail url='https://a.fr/i.jpg'/><x:mark>1</x:mark><media:title>Non</media:title>",
    head="<language>fr-BE</language><ttl>90</ttl><atom:link rel='self' href='https://a.fr/f'/>",
)


def test_a_clean_feed_is_read_the_fast_way() -> None:
    reference, fast = both(CLEAN)
    assert fast == reference
    assert reference.items[0].categories == ("Ports",)


@pytest.mark.parametrize(
    "body",
    [
        CLEAN.replace(b"https://a.fr/1", b"/1"),
        CLEAN.replace(b"<p>Un", b"<p>\xff"),
        CLEAN.replace(b"<rss", b"<!DOCTYPE rss [<!ENTITY a 'x'>]><rss"),
        CLEAN.replace(b"Sun, 01 Mar 2026", b"dimanche 1er mars 2026"),
        CLEAN.replace(b"<channel>", b"<channel><item><title>x</channel>"),
        CLEAN.replace(b"&lt;p&gt;D", b"<p>x</p>D"),
        CLEAN.replace(b"<x:mark>", b"<y:mark>"),
        CLEAN.replace(b"isPermaLink='false'", b""),
        CLEAN.replace(b"Un &amp;amp; deux", b"&#146;"),
        CLEAN.replace(b"<x:mark>1", b"<x:mark><title>Autre</title>"),
        CLEAN.replace(b"<title>Un", b"<title>Un</title><title>Un"),
        CLEAN.replace(b"version=", b"base='https://b.fr/' version="),
        CLEAN.replace(b"<title>Le fil", b"<media:title>Non</media:title><title>Le fil"),
        b"<rss version='2.0'><channel><title>t</title></channel></rss>",
        b"<a>" * 300_000,
        b'{"items": []}',
        b"",
    ],
)
def test_what_is_not_certain_is_left_to_the_reference(body: bytes) -> None:
    assert strict.parse(fetched(body), body) is None


LINKS = ["https://a.fr/1", "http://b.be:8080/x/y.html?a=1&amp;b=2#c", "/relative", "", "mailto:x@y"]
DATES = ["Sun, 01 Mar 2026 10:00:00 GMT", "2026-03-01T10:00:00.5+01:00", "Tue,  3 Mar 2026 1:2:3 Z"]
DATES += ["Mon, 02 Mar 2026 23:59:60 EST", "Wed, 31 Jun 2026 10:00:00 -0330", "hier", "", "2026-03"]
DATES += ["Thu, 05 Mar 2026 10:00:00 EDT", "2026-03-01T10:00:00Z", "2026-03-01T10:00:00+0100"]
WORDS = ["Énergie", "a &amp; b", "&lt;p&gt;Un&lt;br/&gt;deux&lt;/p&gt;", "Ã©tÃ©", "&#233;", " ", ""]
WORDS += [
    "<![CDATA[<div class='x'>é &nbsp; &#8217;</div>]]>",
    "x&#133;y",
    "\u00a0fin",
    "<!-- c -->z",
]
TEXTS = [
    "title",
    "description",
    "content:encoded",
    "dc:creator",
    "author",
    "category",
    "dc:subject",
]
TEXTS += ["media:title", "media:description", "media:keywords", "atom:summary", "x:other", "source"]
TEXTS += ["comments", "dc:language", "language", "atom:content", "image", "media:credit"]


def element(name: str, text: str, extra: str) -> str:
    return f"<{name}{extra}>{text}</{name}>"


ATTRIBUTES = st.sampled_from(
    ["", "", "", " type='html'", " xml:lang='nl'", " domain='d'", " term='t'", " xml:base='/b/'"]
)
CHILDREN = st.one_of(
    st.builds(element, st.sampled_from(TEXTS), st.sampled_from(WORDS), ATTRIBUTES),
    st.builds(element, st.sampled_from(["link", "guid"]), st.sampled_from(LINKS), ATTRIBUTES),
    st.builds(
        element,
        st.sampled_from(["pubDate", "dc:date", "atom:updated"]),
        st.sampled_from(DATES),
        st.just(""),
    ),
    st.sampled_from(
        [
            "<guid isPermaLink='false'>n 1</guid>",
            "<enclosure url='https://a.fr/i.jpg' type='image/jpeg'/>",
            "<enclosure url='/i.PNG' type='IMAGE/PNG'/>",
            "<atom:link href='https://a.fr/z' rel='alternate'/>",
            "<atom:link href='https://a.fr/c' rel='replies' type='text/html'/>",
            "<atom:link href='https://a.fr/e.gif' rel='enclosure' type='image/gif'/>",
            "<atom:author><atom:name>Anne</atom:name><atom:email>a@b.fr</atom:email></atom:author>",
            "<media:group><media:content url='https://a.fr/m.jpg' medium='image'/></media:group>",
            "<media:content url='/n.jpg' type='image/png'><media:title/></media:content>",
            "<media:thumbnail url='https://a.fr/t.jpg'/>",
        ]
    ),
)
ITEMS = st.lists(CHILDREN, max_size=7).map("".join)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(ITEMS, min_size=1, max_size=3),
    st.sampled_from(["", "<language>de</language>", "<image><title>i</title></image>", "<x:y/>"]),
    st.sampled_from(["", " xml:lang='nl'"]),
)
def test_invented_feeds_are_read_as_by_the_reference(
    items: list[str], head: str, root: str
) -> None:
    body = rss("<title>t</title><link>https://a.fr/0</link>", *items, head=head, root=root)
    reference, fast = both(body)
    assert fast is None or fast == reference


MARKUP = st.lists(
    st.sampled_from(
        [
            *["<p>", "</p>", "<br/>", "<BR>", "<b>", "</b>", "<li>", "</ul>", "<h2>", "</br>"],
            *[
                "<div class='x'>",
                "<",
                ">",
                "&",
                "&amp;",
                "&lt;p&gt;",
                "&eacute;",
                "&notit;",
                "&#39;",
            ],
            *["&#233;", "&#150;", "&#xe9;", "&#1;", "&nbsp", "é", " ", "mot", "<script>x</script>"],
        ]
    ),
    max_size=12,
).map("".join)


@settings(max_examples=400, deadline=None)
@given(MARKUP)
def test_bare_tags_go_as_the_sanitiser_has_it(markup: str) -> None:
    fast, slow = (
        " ".join(text.split()) for text in (plain._stripped(markup), plain._by_sanitiser(markup))
    )
    assert fast == slow


def test_what_only_looks_like_bare_tags_is_sanitised() -> None:
    assert plain.line("<p>a</p><img src=x onerror=alert(1)>b", 100) == "a b"
    assert html.escape(plain.line("&lt;script&gt;x()", 100)) == "&lt;script&gt;x()"


ADDRESS = st.lists(
    st.sampled_from(
        [
            *[
                "https://",
                "http://",
                "www.",
                "m.",
                "a",
                ".fr",
                ":80",
                ":443",
                ":8080",
                ":70000",
                "/",
            ],
            *[
                "amp",
                "/amp/",
                ".amp",
                "..",
                "/./",
                "~b",
                "%7e",
                "?",
                "a=1",
                "utm_source=x",
                "#",
                ";",
            ],
            *["A", "é", "-", "--", "_", "mobile.", "de.m."],
        ]
    ),
    max_size=10,
).map("".join)


@settings(max_examples=500, deadline=None)
@given(ADDRESS)
def test_what_is_canonical_at_sight_is_so_by_the_rules(url: str) -> None:
    assert urls.canonical(url) == urls._by_rules(url)


@settings(max_examples=300, deadline=None)
@given(ADDRESS)
def test_what_is_complete_at_sight_is_not_changed_by_joining(url: str) -> None:
    from urllib.parse import urljoin, urlsplit  # noqa: PLC0415

    from collectors.items import COMPLETE  # noqa: PLC0415

    if COMPLETE.fullmatch(url):
        assert urljoin(BASE, url) == url
        assert urlsplit(url).hostname
