"""All items in all forms, the same bytes every time, light and accessible."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import feedparser
import pikepdf
import pypdf
import pytest
from digest_cases import LABELS
from lxml import html as lxml_html

from digest.render import render
from digest.render.glyphs import GLYPHS, printable
from digest.render.html import LIMIT
from digest.render.pdf import draw
from digest.render.text import COLUMNS
from digest.render.view import Copy, PageView, view
from vigie.model import Form, Issue, IssueItem, Tlp
from vigie.schema import LANGUAGES

MakeItem = Callable[..., IssueItem]
MakeIssue = Callable[..., Issue]
FEEDS = (Form.ATOM, Form.JSON)
PAGES = tuple(form for form in Form if form not in FEEDS)


def one(issue: Issue, form: Form, language: str = "fr") -> bytes:
    (rendered,) = render(issue, language, (form,))
    return rendered.content


def pdf_text(content: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def shown(issue: Issue, form: Form, language: str = "fr") -> str:
    """The words that a reader of one form sees, one space between them."""
    content = one(issue, form, language)
    if form is Form.PDF:
        return pdf_text(content)
    if form in (Form.HTML, Form.WEB):
        text = " ".join(lxml_html.fromstring(content).find("body").itertext())
    elif form in FEEDS:
        text = " ".join(feed_texts(content, form))
    else:
        text = content.decode()
    return " ".join(text.split())


def feed_texts(content: bytes, form: Form) -> Iterator[str]:
    """Title and description, then each entry's title and words."""
    if form is Form.ATOM:
        read = feedparser.parse(content)
        yield from (read.feed.title, read.feed.subtitle)
        rows = [(one.title, one.content[0].value) for one in read.entries]
    else:
        feed = json.loads(content)
        yield from (feed["title"], feed["description"])
        rows = [(one["title"], one["content_html"]) for one in feed["items"]]
    for title, markup in rows:
        yield title
        yield from lxml_html.fromstring(f"<div>{markup}</div>").itertext()


@pytest.fixture
def sixty(item: MakeItem, issue: MakeIssue) -> Issue:
    """60 items with titles, extracts and addresses of the lengths that the press has."""
    words = "Le port du Havre et la Région annoncent un terminal pour l’hydrogène, l’ammoniac et "
    themes = list(LABELS)
    return issue(
        *(
            item(
                number,
                section=themes[number % 3],
                rank=number // 3 + 1,
                title=f"{words[:78]} {number}",
                excerpt=(words * 4)[:270],
                url=f"https://www.journal-{number}.example/actualites/2026/11/{words[:60]}",
                themes=tuple(themes),
                language=("fr", "nl")[number % 2],
            )
            for number in range(60)
        )
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", PAGES)
def test_every_item_shows_all_that_it_has_in_every_form_and_language(
    form: Form, language: str, item: MakeItem, issue: MakeIssue
) -> None:
    made = issue(
        item(1),
        item(2, section="cyber", rank=1, themes=("cyber", "energie"), comment="Retenir ceci"),
        item(3, section="maritime", rank=1, place="Caen", reliability="E", credibility="2"),
    )
    text = shown(made, form, language)
    page = view(made, language)
    assert text.index(page.tlp) < text.lower().index(page.heading.lower())
    for section in page.sections:
        assert text.lower().count(section.label.lower()) >= 3  # contents, heading, item
        assert f"{section.label} · {section.count}" in text
        for shown_item in section.items:
            for part in (
                shown_item.title,
                f"{shown_item.source} (news.example.org) ·",
                shown_item.date,
                shown_item.place,
                shown_item.reliability,
                shown_item.credibility,
                shown_item.carried,
                shown_item.excerpt,
                page.words.why,
                shown_item.why,
                shown_item.comment,
            ):
                assert " ".join(part.split()) in text, part
    assert page.published_by in text
    assert page.contact in text
    assert page.words.scale.replace("\u00a0", " ") in text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("language", "date"),
    [
        ("fr", "1er octobre 2026"),
        ("nl", "1 oktober 2026"),
        ("de", "1. Oktober 2026"),
        ("en", "1 October 2026"),
    ],
)
def test_dates_are_the_readers_own_in_words_and_in_time_zone(
    language: str, date: str, item: MakeItem, issue: MakeIssue
) -> None:
    late = datetime(2026, 9, 30, 22, 30, tzinfo=UTC)
    page = view(issue(item(1, published=late)), language)
    assert page.sections[0].items[0].date == date
    utc = view(issue(item(1, published=late)), language, "UTC")
    assert "30" in utc.sections[0].items[0].date


def test_empty_sections_are_not_shown(issue: MakeIssue) -> None:
    assert [section.label for section in view(issue(), "fr").sections] == ["Énergie"]


def test_the_heading_stands_without_its_period_where_the_title_ends_in_it(
    issue: MakeIssue,
) -> None:
    page = view(issue(), "fr")
    assert (page.heading, page.period) == ("Bulletin de veille", "4e trimestre 2026")
    own = view(issue(title={"fr": "Numéro spécial"}), "fr")
    assert (own.heading, own.period) == ("Numéro spécial", "")


def test_a_foreign_item_says_its_language_in_html_and_the_others_do_not(
    item: MakeItem, issue: MakeIssue
) -> None:
    made = issue(item(1), item(2, language="nl"), item(3, language='x" onclick="y'))
    tree = lxml_html.fromstring(one(made, Form.HTML).decode())
    assert [heading.get("lang") for heading in tree.iter("h3")] == [None, "nl", None]
    assert len(tree.xpath('//p[@lang="nl"]')) == 1


def test_the_html_has_language_direction_title_and_headings_in_order(sixty: Issue) -> None:
    tree = lxml_html.fromstring(one(sixty, Form.HTML, "de").decode())
    assert (tree.get("lang"), tree.get("dir")) == ("de", "ltr")
    assert tree.findtext("head/title").startswith("Bulletin")
    levels = [int(node.tag[1]) for node in tree.iter("h1", "h2", "h3", "h4")]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(table.get("role") == "presentation" for table in tree.iter("table"))
    anchors = {node.get("id") for node in tree.iter("h2")}
    inside = [a.get("href")[1:] for a in tree.iter("a") if a.get("href").startswith("#")]
    assert inside
    assert set(inside) <= anchors


def test_the_html_loads_nothing(sixty: Issue) -> None:
    text = one(sixty, Form.HTML).decode()
    tree = lxml_html.fromstring(text)
    assert not list(tree.iter("img", "script", "link", "iframe", "form", "object", "svg"))
    assert not re.search(r"url\(|@import|@font-face|src=", text)
    for anchor in tree.iter("a"):
        assert re.match(r"https?://|mailto:|#t-", anchor.get("href"))


def test_a_60_item_html_is_under_95_kb_in_each_language_with_whole_extracts(
    sixty: Issue,
) -> None:
    for language in LANGUAGES:
        content = one(sixty, Form.HTML, language)
        assert len(content) <= LIMIT
        assert view(sixty, language).words.shortened not in content.decode()


def test_a_heavier_html_has_shorter_extracts_and_says_so(sixty: Issue) -> None:
    heavy = replace(sixty, items=tuple(replace(i, excerpt="longmot " * 80) for i in sixty.items))
    content = one(heavy, Form.HTML)
    assert len(content) <= LIMIT
    assert view(heavy, "fr").words.shortened in content.decode()
    assert content.count(b"<h3") == 60


def luminance(colour: str) -> float:
    colour = colour[1:] if len(colour) == 7 else "".join(char * 2 for char in colour[1:])
    channels = [int(colour[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize(
    ("ink", "paper"),
    [
        ("#1f2933", "#ffffff"),
        ("#52606d", "#ffffff"),
        ("#12507f", "#ffffff"),
        ("#12507f", "#eaeff1"),
        ("#46545f", "#eaeff1"),
        ("#0b5a4e", "#e4f0ed"),
        ("#dbe8f3", "#12355b"),
        ("#e2e8ec", "#000000"),
        ("#ff2b2b", "#000000"),
        ("#dfe7ec", "#16232e"),
        ("#aebcc6", "#16232e"),
        ("#9fd0f5", "#16232e"),
        ("#c5efe6", "#1d4a45"),
        ("#f2f6f8", "#22343f"),
    ],
)
def test_colours_that_meet_have_the_contrast_of_wcag_aa(
    ink: str, paper: str, issue: MakeIssue
) -> None:
    text = one(issue(), Form.HTML).decode()
    assert ink in text or ink == "#ff2b2b"
    assert paper in text
    light, dark = sorted((luminance(ink), luminance(paper)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_the_text_is_within_its_columns_and_addresses_stand_alone(sixty: Issue) -> None:
    lines = one(sixty, Form.TEXT).decode().split("\n")
    long = [line for line in lines if len(line) > COLUMNS]
    assert all(line.startswith("  https://") for line in long)
    assert sum(line.startswith("  https://") for line in lines) == 60
    assert "\r" not in "".join(lines)
    assert lines[0].startswith("TLP:CLEAR")


@pytest.mark.parametrize("tlp", Tlp)
@pytest.mark.parametrize("form", Form)
def test_the_most_restrictive_label_stands_at_the_head_word_for_word(
    form: Form, tlp: Tlp, item: MakeItem, issue: MakeIssue
) -> None:
    made = issue(item(1), item(2, tlp=tlp))
    text = shown(made, form, "de")
    assert text.count(f"{tlp.value} · Source 2") == int(tlp is not Tlp.CLEAR)
    assert text.count(tlp.value) >= (1 if form in FEEDS else 2)
    first = text.index("TLP:")
    assert text[first:].startswith(tlp.value)


@pytest.mark.parametrize("form", Form)
def test_the_same_issue_gives_the_same_bytes(form: Form, sixty: Issue) -> None:
    first, second = render(sixty, "fr", (form,)), render(sixty, "fr", (form,))
    assert first == second
    assert first[0].sha256 != render(sixty, "nl", (form,))[0].sha256


# ------------------------------------------------------------------------------------- PDF/UA


def structure(node: pikepdf.Object) -> Iterator[str]:
    if isinstance(node, pikepdf.Array):
        for child in node:  # type: ignore[attr-defined] # an Array is iterable, its stub is an Object's
            yield from structure(child)
    elif isinstance(node, pikepdf.Dictionary):
        if "/S" in node:
            yield str(node["/S"])
        if "/K" in node:
            yield from structure(node["/K"])


def test_the_pdf_is_tagged_titled_and_declared_ua_1(sixty: Issue) -> None:
    with pikepdf.open(io.BytesIO(one(sixty, Form.PDF, "nl"))) as pdf:
        root = pdf.Root
        assert root.MarkInfo.Marked
        assert str(root.Lang).startswith("nl")
        assert root.ViewerPreferences.DisplayDocTitle
        metadata = pdf.open_metadata()
        assert metadata["pdfuaid:part"] == "1"
        assert metadata["dc:title"].startswith("Bulletin")
        assert metadata["dc:creator"] == ["Région Normandie"]
        assert metadata["xmp:CreateDate"].startswith("2027-01-05T09:00:00")
        tags = list(structure(root.StructTreeRoot.K))
        assert tags.count("/H1") + tags.count("/H2") + tags.count("/H3") >= 63
        assert tags.count("/Link") >= 60
        assert "/TOC" in tags
        assert len(pdf.open_outline().root) == 3
        assert all(page.get("/Tabs") == pikepdf.Name.S for page in pdf.pages)


def test_the_pdf_leads_to_every_item(sixty: Issue) -> None:
    with pikepdf.open(io.BytesIO(one(sixty, Form.PDF))) as pdf:
        uris = {
            str(note.A.URI)
            for page in pdf.pages
            for note in page.get("/Annots", [])
            if "/A" in note and "/URI" in note.A
        }
    hrefs = {item.href for section in view(sixty, "fr").sections for item in section.items}
    assert len(hrefs) == 60
    assert hrefs <= uris


def test_every_character_said_to_have_a_glyph_has_one_in_every_style(
    item: MakeItem, issue: MakeIssue
) -> None:
    page = view(issue(item(1)), "fr")
    text = "".join(chr(code) for first, last in GLYPHS for code in range(first, last + 1))
    chunks = [text[start : start + 60] for start in range(0, len(text), 60)]
    section = page.sections[0]
    items = tuple(
        replace(section.items[0], title=chunk, source=chunk, excerpt=chunk) for chunk in chunks
    )
    heading = text[60:].replace("\u00ad", "")
    full: PageView = replace(
        page,
        heading=heading,
        period=heading,
        publisher=heading,
        published_by=heading,
        sections=(replace(section, label=heading, items=items),),
    )
    assert draw(Copy(full, tuple)).startswith(b"%PDF")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Énergie – « prix » : 5 €…", "Énergie – « prix » : 5 €…"),
        ("𝗚𝗿𝗮𝘀 ﬁn ½", "Gras fin ½"),
        ("🚀 Décollage 🇫🇷", "Décollage"),
        ("中文标题 et la suite", "□ et la suite"),
        ("كابل بحري", "□"),
        ("", ""),
    ],
)
def test_what_has_no_glyph_becomes_its_equivalent_a_box_or_nothing(
    text: str, expected: str
) -> None:
    assert printable(text) == expected


def test_a_title_that_the_fonts_cannot_show_still_says_where_it_leads(
    item: MakeItem, issue: MakeIssue
) -> None:
    made = issue(item(1, title="كابل بحري", language="ar"), item(2, title="🚀"))
    assert pdf_text(one(made, Form.PDF)).count("□ news.example.org") == 2


@pytest.mark.slow
def test_a_60_item_issue_in_four_languages_takes_under_ten_seconds(sixty: Issue) -> None:
    start = datetime.now(UTC)
    for language in LANGUAGES:
        render(sixty, language)
    assert datetime.now(UTC) - start < timedelta(seconds=10)
