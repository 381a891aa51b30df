"""Lists of sources: OPML and CSV, there and back, and what is refused."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.curating import entries, opml, table
from app.curating.entries import Entry, Refusal, Taken
from vigie.errors import CuratingError
from vigie.model import Rights
from vigie.schema import Source

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
THEMES = entries.theme_names(
    [
        ("cyber", ("Cybersécurité", "Cyberveiligheid", "Cybersicherheit", "Cybersecurity")),
        ("energy", ("Énergie", "Energie", "Energie", "Energy")),
        ("economic-security", ("Sécurité économique", "Economische veiligheid", "x", "y")),
    ]
)

slugs = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,5}){0,2}", fullmatch=True)
# What XML can hold, spreadsheets' dangerous beginnings among it.
words = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), min_size=1
).filter(lambda text: len(text) <= 60)
starts = st.sampled_from(["", "=", "+", "-", "@", "'=", "''-", "'"])
sources = st.builds(
    Source,
    id=slugs,
    title=st.builds(lambda start, text: start + text, starts, words),
    url=st.builds("https://{}.example/{}".format, slugs, slugs),
    homepage=st.sampled_from(["", "https://a.example/?b=1&c=<2>"]),
    language=st.sampled_from(["", "fr", "nl", "es"]),
    territory=st.sampled_from(["INT", "FRD1", "BE336"]),
    themes=st.sampled_from([(), ("cyber",), ("energy", "cyber")]),
    rights=st.sampled_from(list(Rights)),
    reliability=st.sampled_from("ABCDEF"),
    rhythm=st.sampled_from(["hourly", "daily", "weekly", "monthly"]),
    editions=st.sampled_from([(), ("normandie",), ("normandie", "belgique")]),
    active=st.booleans(),
    paused_until=st.none() | st.dates(date(2000, 1, 1)),
    note=st.just("") | words.map(str.strip),
)
lists = st.lists(sources, max_size=6, unique_by=(lambda s: s.id, lambda s: entries.same(s.url)))


def back(listing: entries.Listing) -> list[Source]:
    taken = Taken()
    made = []
    for entry in listing.entries:
        source = entries.to_source(entry, taken, THEMES, ["normandie", "belgique"])
        assert isinstance(source, Source), source
        taken.add(source.id, source.url)
        made.append(source)
    assert not listing.refused
    return made


@settings(deadline=None, max_examples=40)
@given(lists)
def test_opml_brings_back_what_was_written(many: list[Source]) -> None:
    data = opml.write([entries.of_source(source) for source in many], "Vigie & co", NOW)
    assert back(opml.read(data)) == many


@settings(deadline=None, max_examples=40)
@given(lists)
def test_csv_brings_back_what_was_written_and_no_cell_is_a_formula(many: list[Source]) -> None:
    data = table.write([entries.of_source(source) for source in many])
    for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)
    assert back(table.read(data)) == many


@given(st.builds(lambda start, text: start + text, starts | st.just("\t"), st.text()))
def test_inert_is_undone_exactly(text: str) -> None:
    assert table.restored(table.inert(text)) == text


@given(st.binary() | st.text().map(str.encode))
def test_no_file_breaks_the_readers(data: bytes) -> None:
    for reader in (opml.read, table.read):
        try:
            reader(data)
        except CuratingError as error:
            assert str(error)  # noqa: PT017  # said in words, whatever it was


def test_folders_are_opened_and_say_themes() -> None:
    data = """<opml version="1.0"><body>
      <outline text="Cyber security"><outline text="Veille"><outline text="CERT-EU"
        xmlUrl="https://cert.example/f"/></outline></outline>
      <outline text="Énergie"><outline text="Watts" XMLURL="https://watts.example/f"/></outline>
      <outline text="Security"><outline text="Misc" xmlUrl="https://misc.example/f"
        category="/sport,/energy"/></outline>
      <outline text="An empty folder"/>
    </body></opml>""".encode()
    listing = opml.read(data)
    made = [entries.to_source(entry, Taken(), THEMES, ()) for entry in listing.entries]
    assert [(source.id, source.themes) for source in made] == [
        ("cert-eu", ("cyber",)),
        ("watts", ("energy",)),
        ("misc", ("energy",)),
    ]
    assert all(source.rights is Rights.LINK for source in made)
    assert [str(line) for line in listing.refused] == [
        "outline 8, An empty folder: no xmlUrl: not a feed"
    ]


def test_ampersands_that_nobody_escaped_are_read() -> None:
    data = b'<?xml version="1.0"?><opml><body><outline text="A & B" xmlUrl="http://x.y/?a&b=1"/>'
    listing = opml.read(data + b"</body></opml>")
    assert [(entry.title, entry.url) for entry in listing.entries] == [
        ("A & B", "http://x.y/?a&b=1")
    ]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"<html><body/></html>", "no OPML"),
        (b"<opml><head/></opml>", "no OPML"),
        (b"<opml><body>", "not readable as XML"),
        (b"", "not readable as XML"),
        (
            b'<!DOCTYPE o [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><opml><body>&b;</body></opml>',
            "entities",
        ),
        (
            b'<!DOCTYPE o [<!ENTITY x SYSTEM "file:///etc/passwd">]><opml><body/></opml>',
            "entities",
        ),
    ],
)
def test_what_is_no_opml_is_refused_in_words(data: bytes, told: str) -> None:
    with pytest.raises(CuratingError, match=told):
        opml.read(data)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://a.example/f,Le Port\n", [("https://a.example/f", "Le Port")]),
        ("Titre;Flux\nLe Port;https://a.example/f\n", [("https://a.example/f", "Le Port")]),
        ("url\tname\nhttps://a.example/f\t'=1+1\n", [("https://a.example/f", "=1+1")]),
        ('title,url\n"Port, le",https://a.example/f\n\n', [("https://a.example/f", "Port, le")]),
    ],
)
def test_tables_of_others_are_understood(text: str, expected: list[tuple[str, str]]) -> None:
    for data in (text.encode(), text.encode("utf-8-sig"), text.encode("cp1252")):
        assert [(entry.url, entry.title) for entry in table.read(data).entries] == expected


def test_a_table_without_addresses_says_what_it_has() -> None:
    with pytest.raises(CuratingError, match="nom, site"):
        table.read(b"nom,site\nLe Port,port.example\n")


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (Entry("row 1", "https://there.example/feed/"), "already there, as 'there'"),
        (Entry("row 1", "http://there.example/feed?utm_source=x"), "already there, as 'there'"),
        (Entry("row 1", "https://new.example/", id="there"), "in use for another address"),
        (Entry("row 1", "https://new.example/", id="Bad Id"), "id: "),
        (Entry("row 1", "ftp://new.example/"), "not a web address"),
        (Entry("row 1", ""), "no address"),
        (Entry("row 1", "https://me:secret@new.example/"), "environment"),
        (Entry("row 1", "https://new.example/", rights="all"), "rights: "),
        (Entry("row 1", "https://new.example/", themes="sport"), "no theme 'sport'"),
        (Entry("row 1", "https://new.example/", editions="x"), "no edition 'x'"),
        (Entry("row 1", "https://new.example/", more="{"), "more: "),
        (Entry("row 1", "https://new.example/", more='{"colour": 1}'), "colour: "),
        (Entry("row 1", "https://new.example/", more=json.dumps([1])), "more: "),
    ],
)
def test_a_line_is_refused_with_its_reason(entry: Entry, why: str) -> None:
    taken = Taken([("there", "https://there.example/feed")])
    refusal = entries.to_source(entry, taken, THEMES, ["normandie"])
    assert isinstance(refusal, Refusal)
    assert why in refusal.why
    assert "secret" not in refusal.why


def test_ids_are_made_from_titles_and_never_twice() -> None:
    taken = Taken()
    for expected in ("l-oeil-du-port", "l-oeil-du-port-2", "l-oeil-du-port-3"):
        name = taken.free_id("L'Œil du Port", "https://x.example/")
        assert name == expected
        taken.add(name, f"https://x.example/{name}")
    assert taken.free_id("美团", "https://www.tech.example/feed") == "tech-example"
    assert len(taken.free_id("mot " * 100, "https://x.example/")) <= 80


def test_a_former_source_gets_its_id_back_and_nobody_else_does() -> None:
    taken = Taken()
    taken.reserve("vieux", "https://vieux.example/f")
    assert taken.free_id("Un titre", "http://vieux.example/f/") == "vieux"
    assert not taken.clash("https://vieux.example/f", "vieux")
    assert "in use" in taken.clash("https://autre.example/", "vieux")
