"""Web page, feeds, charts, colours and typography, each by what its own rules ask."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import feedparser
import pikepdf
import pypdf
import pytest
from digest_cases import START
from lxml import etree
from lxml import html as lxml_html
from rich_issue import rich

from digest import typography
from digest.render import Links, figures, render
from digest.render.charts import charts
from digest.render.html import LIMIT, LINK
from digest.render.look import AA, NIGHT, PAPER, contrast, legible, look
from digest.render.view import view
from vigie.model import Carried, Form, Issue, IssueItem, Quoted, Section, SectionKind, Tlp
from vigie.schema import LANGUAGES

MakeItem = Callable[..., IssueItem]
MakeIssue = Callable[..., Issue]
READ = "https://veille.example/read/1~normandie-2026Q4~20000~abc"
NAME = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def drawn() -> dict[tuple[str, Form], bytes]:
    """One of everything, in four languages but for the PDF, which has tests of its own."""
    forms = [form for form in Form if form is not Form.PDF]
    return {
        (language, file.form): file.content
        for language in LANGUAGES
        for file in render(rich(tlp=Tlp.GREEN), language, forms, links=Links(web=READ))
    }


# --------------------------------------------------------------------- what each item shows


@pytest.mark.parametrize("form", [Form.HTML, Form.TEXT, Form.WEB])
@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "fr",
            "signal fort|signal faible|crédibilité 2|proposé par Pôle TES|21 janvier 2027",
        ),
        (
            "fr",
            "Rectificatifs|Révision 2, 5 janvier 2027\u00a0: Le coût|contributions de Pôle TES",
        ),
        ("nl", "sterk signaal|geloofwaardigheid 2|voorgesteld door Pôle TES|21 januari 2027"),
        ("de", "starkes Signal|Glaubwürdigkeit 2|vorgeschlagen von Pôle TES|21. Januar 2027"),
        ("en", "strong signal|credibility 2|proposed by Pôle TES|21 January 2027|Corrections"),
    ],
)
def test_every_kind_of_section_says_what_is_its_own(
    form: Form, language: str, words: str, drawn: dict[tuple[str, Form], bytes]
) -> None:
    text = drawn[language, form].decode()
    shown = text if form is Form.TEXT else " ".join(lxml_html.fromstring(text).itertext())
    flat = " ".join(shown.split())
    for part in (*words.split("|"), "CERTFR-2026-AVI-0912", "Le Havre, Seine-Maritime (FRD22)"):
        assert " ".join(part.split()) in flat, part


def test_a_sentence_of_a_summary_leads_to_its_own_article(item: MakeItem, issue: MakeIssue) -> None:
    one = Quoted("Un.", 1, "https://a.example/1", "A")
    other = Quoted("Trois.", 2, "https://b.example/2", "B")
    made = issue(item(1, summary=(one, replace(one, text="Deux."), other)))
    (shown,) = view(made, "fr").sections[0].items
    assert [(quote.text, quote.href) for quote in shown.summary] == [
        ("Un. Deux.", "https://a.example/1"),
        ("Trois.", "https://b.example/2"),
    ]
    assert shown.excerpt == ""  # the summary stands in its place
    for form in (Form.HTML, Form.WEB):
        (file,) = render(made, "fr", (form,))
        links = lxml_html.fromstring(file.content).xpath('//p/a[@href="https://b.example/2"]')
        assert [link.text for link in links] == ["B"]


def test_an_erratum_stands_before_the_contents(drawn: dict[tuple[str, Form], bytes]) -> None:
    for form, contents in (
        (Form.HTML, "Sommaire"),
        (Form.WEB, "Sommaire"),
        (Form.TEXT, "Sommaire"),
    ):
        text = drawn["fr", form].decode()
        assert text.index("Le coût est de 240 millions") < text.index(contents)


# ------------------------------------------------------------------------------ the mail


def test_a_mail_that_is_too_heavy_is_cut_by_section_and_leads_to_the_page(
    item: MakeItem, issue: MakeIssue
) -> None:
    long = "Une phrase assez longue pour peser lourd dans un message. " * 4
    heavy = issue(
        *(item(n, title=f"{n} {long[:180]}", source=long[:200], comment=long) for n in range(150))
    )
    holes = Links("https://leave.invalid", "https://list.invalid", "https://read.invalid")
    html, text = (file.content for file in render(heavy, "fr", (Form.HTML, Form.TEXT), links=holes))
    uses = sum(html.count(hole.encode()) for hole in (holes.leave, holes.preferences, holes.web))
    assert len(html) + uses * (LINK - 30) <= LIMIT
    tree = lxml_html.fromstring(html)
    assert 0 < len(list(tree.iter("h3"))) < 150
    assert tree.xpath('//a[@href="https://read.invalid#t-energie"]')
    assert view(heavy, "fr").words.more in html.decode()
    assert text.decode().count("\n* ") == 150


def test_the_mails_outermost_element_is_named_as_it_is_written(
    drawn: dict[tuple[str, Form], bytes],
) -> None:
    (main,) = lxml_html.fromstring(drawn["fr", Form.HTML]).xpath('//*[@role="main"]')
    assert main.get("aria-label") == "Bulletin de veille\u00a0– 4e trimestre 2026"


# -------------------------------------------------------------------------- the web page


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_whole_in_one_file_under_a_policy_of_its_own(
    language: str, drawn: dict[tuple[str, Form], bytes]
) -> None:
    text = drawn[language, Form.WEB].decode()
    tree = lxml_html.fromstring(text)
    policy = tree.xpath('//meta[@http-equiv="Content-Security-Policy"]/@content')[0]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert not list(tree.iter("script", "link", "iframe", "form", "object", "base"))
    assert not [node for node in tree.iter() if node.get("style")]
    assert (tree.get("lang"), tree.get("dir")) == (language, "ltr")
    levels = [int(node.tag[1]) for node in tree.iter("h1", "h2", "h3", "h4")]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    ids = [node.get("id") for node in tree.iter() if node.get("id")]
    assert len(set(ids)) == len(ids)
    targets = [a.get("href")[1:] for a in tree.iter("a") if a.get("href").startswith("#")]
    assert set(targets) <= set(ids)


def test_every_chart_of_the_page_has_words_and_a_table(
    drawn: dict[tuple[str, Form], bytes],
) -> None:
    tree = lxml_html.fromstring(drawn["fr", Form.WEB])
    found = list(tree.iter("figure"))
    assert len(found) == 3
    for figure in found:
        (picture,) = figure.iter("img")
        assert len(picture.get("alt")) > 40
        assert base64.b64decode(picture.get("src").partition(",")[2]).startswith(b"<svg")
        (table,) = figure.iter("table")
        assert {len(row) for row in table.iter("tr")} == {len(next(table.iter("tr")))}
        assert table.xpath('.//th[@scope="col"]')
        assert table.xpath('.//th[@scope="row"]')


# ---------------------------------------------------------------------------- the feeds


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_atom_feed_has_what_rfc_4287_asks(
    language: str, drawn: dict[tuple[str, Form], bytes]
) -> None:
    feed = etree.fromstring(drawn[language, Form.ATOM])
    for node in (feed, *feed.iter(f"{NAME}entry")):
        counts = {name: len(node.findall(f"{NAME}{name}")) for name in ("id", "title", "updated")}
        assert counts == {"id": 1, "title": 1, "updated": 1}
        assert node.find(f"{NAME}author/{NAME}name").text.strip()
        assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", node.findtext(f"{NAME}id"))
        datetime.fromisoformat(node.findtext(f"{NAME}updated"))
    ids = [node.text for node in feed.iter(f"{NAME}id")]
    assert len(set(ids)) == len(ids) == 20
    for entry in feed.iter(f"{NAME}entry"):
        assert entry.findall(f"{NAME}content[@type='html']")
        assert len(entry.findall(f"{NAME}link[@rel='alternate']")) == 1
    read = feedparser.parse(drawn[language, Form.ATOM])
    assert not read.bozo
    assert read.feed.title.startswith("[TLP:GREEN] ")
    assert read.feed.link == READ
    assert {one.author for one in read.entries} >= {"Ouest-Littoral", "Het Havenblad"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_json_feed_is_of_version_1_1_and_says_the_same(
    language: str, drawn: dict[tuple[str, Form], bytes]
) -> None:
    feed = json.loads(drawn[language, Form.JSON])
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    known = {"version", "title", "home_page_url", "description", "user_comment", "language"}
    assert set(feed) == known | {"authors", "_vigie", "items"}
    fields = {"id", "url", "title", "content_html", "date_published", "date_modified", "authors"}
    for one in feed["items"]:
        assert set(one) == fields | {"tags", "language"}
        assert all(isinstance(one[name], str) for name in fields - {"authors"})
        assert all(isinstance(tag, str) for tag in one["tags"])
        datetime.fromisoformat(one["date_published"])
        assert one["authors"] == [{"name": one["authors"][0]["name"]}]
    atom = etree.fromstring(drawn[language, Form.ATOM])
    assert [one["id"] for one in feed["items"]] == [
        entry.findtext(f"{NAME}id") for entry in atom.iter(f"{NAME}entry")
    ]


def test_an_items_id_stays_in_the_next_revision_and_differs_by_language(
    drawn: dict[tuple[str, Form], bytes],
) -> None:
    later = rich(tlp=Tlp.GREEN, revision=3, drafted_at=START + timedelta(days=120))
    (file,) = render(later, "fr", (Form.JSON,))
    ids = {
        name: [one["id"] for one in json.loads(content)["items"]]
        for name, content in (
            ("before", drawn["fr", Form.JSON]),
            ("after", file.content),
            ("nl", drawn["nl", Form.JSON]),
        )
    }
    assert ids["before"] == ids["after"]
    assert not set(ids["before"]) & set(ids["nl"])


# ----------------------------------------------------------------------------- the charts


@pytest.mark.parametrize(
    "language", ["fr", *(pytest.param(code, marks=pytest.mark.slow) for code in LANGUAGES[1:])]
)
def test_the_same_figures_give_the_same_picture(language: str) -> None:
    first, second = (charts(rich(), language, "Europe/Paris") for _ in range(2))
    assert first == second
    assert [chart.name for chart in first] == ["weeks", "places", "story"]
    other = charts(rich(color="#7a1f3d"), language, "Europe/Paris")
    assert all(one.svg != two.svg for one, two in zip(first, other, strict=True))


def test_charts_drawn_at_the_same_time_do_not_disturb_each_other() -> None:
    """As for readers of `vigie serve`, which draws in threads."""
    issue = rich()
    alone = charts(issue, "fr", "Europe/Paris")
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: charts(issue, "fr", "Europe/Paris"), range(4)))
    assert all(one == alone for one in found)


def test_a_chart_by_week_counts_every_item_of_its_sections_once() -> None:
    found = figures.weeks(rich(), "fr", "Europe/Paris")
    assert found is not None
    assert "Agenda" not in found.labels
    assert sum(map(sum, found.counts)) == 16  # 19, less two signals and one of the agenda
    columns, rows = figures.table(found)
    assert columns[0] == "Semaine du"
    assert rows[-1][-1] == "16"
    assert found.alt.startswith("Une grille de 16 informations")


def test_a_map_counts_by_territory_the_most_first() -> None:
    found = figures.places(rich(), "en")
    assert found is not None
    assert [one.items for one in found.spots] == sorted(
        (one.items for one in found.spots), reverse=True
    )
    assert {one.code for one in found.spots} >= {"FRD22", "FRD11", "BE336", "DE9"}
    assert str(found.spots[0].items) in found.alt


def test_a_timeline_is_that_of_the_story_of_most_sources() -> None:
    found = figures.main_story(rich(), "de", "Europe/Paris")
    assert found is not None
    assert found.sources[0] == "Ouest-Littoral"
    assert len(found.moments) == 9
    assert "5 Quellen" in found.alt


@pytest.mark.parametrize(
    ("chart", "said"),
    [
        (figures.weeks, {}),
        (lambda issue, language, _: figures.places(issue, language), {}),
        (figures.main_story, {}),
        (figures.main_story, {"carried": tuple(Carried(START, "A") for _ in range(9))}),
    ],
)
def test_too_little_to_look_at_is_no_chart(
    chart: Callable[..., object], said: dict[str, object], item: MakeItem, issue: MakeIssue
) -> None:
    assert chart(issue(item(1, **said), item(2)), "fr", "Europe/Paris") is None


def test_a_chart_shows_nothing_that_its_copy_does_not_hold() -> None:
    """Drawn from the copy's items, so that a hidden item is not counted."""
    secret = rich(tlp=Tlp.RED)
    open_to_all = replace(secret, items=tuple(i for i in secret.items if i.tlp is Tlp.CLEAR))
    found, all_of_them = (figures.weeks(one, "fr", "Europe/Paris") for one in (open_to_all, secret))
    assert found is not None
    assert all_of_them is not None
    assert sum(map(sum, found.counts)) == sum(map(sum, all_of_them.counts)) - 1


def test_a_story_within_hours_is_told_by_the_hour_and_places_overseas_are_on_no_map(
    item: MakeItem, issue: MakeIssue
) -> None:
    carried = tuple(Carried(START + timedelta(hours=n), f"S{n}") for n in range(5))
    far = [item(n, nuts=code, carried=carried) for n, code in enumerate(("FRY1", "FRY4", "FRM"))]
    sections = (Section("energie", dict.fromkeys(LANGUAGES, "É"), SectionKind.THEME),)
    made = charts(issue(*far, sections=sections), "fr", "Europe/Paris")
    assert [chart.name for chart in made] == ["story"]


# ---------------------------------------------------------------------------- the look


@pytest.mark.parametrize(
    "colour", ["", "#12355b", "#7a1f3d", "#ffff00", "#ffffff", "#000000", "#808080", "#e30613"]
)
def test_no_colour_makes_a_text_that_cannot_be_read(colour: str) -> None:
    found = look(colour)
    assert contrast(found.band_ink, found.band) >= AA
    assert contrast(found.band_soft, found.band) >= AA
    assert contrast(found.heading, PAPER) >= AA
    assert contrast(found.heading_night, NIGHT) >= AA
    assert found.band == (colour or "#12355b")


@pytest.mark.parametrize(
    "colour", ["red", "#fff", "#12355b;}", "url(x)", "#GGGGGG", "\u202e#12355b"]
)
def test_what_is_no_colour_is_the_usual_one(colour: str) -> None:
    assert look(colour) == look()


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#12355b", "#12355b", 1.0)],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)
    assert contrast(legible(one, other), other) >= AA


# ---------------------------------------------------------------------------- typography


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("À retenir : ceci", "À retenir\u00a0: ceci"),
        ("Quoi ? Non ! Si ; donc", "Quoi\u202f? Non\u202f! Si\u202f; donc"),
        ("Quoi? Non! Si; donc: oui", "Quoi\u202f? Non\u202f! Si\u202f; donc\u00a0: oui"),
        ("Vraiment ?!", "Vraiment\u202f?!"),
        ("« oui » et «non»", "«\u202foui\u202f» et «\u202fnon\u202f»"),
        ("l'appel d'offres", "l’appel d’offres"),
        ("à 12:30, https://a.example/?b=1;c", "à 12:30, https://a.example/?b=1;c"),
        ("(« A ? »)", "(«\u202fA\u202f?\u202f»)"),
        ("", ""),
    ],
)
def test_our_own_french_is_set_as_french_is(text: str, expected: str) -> None:
    assert typography.ours(text, "fr") == expected
    assert typography.ours(expected, "fr") == expected
    assert typography.ours(text, "de") == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("« Oui » : quoi ?", "«\u202fOui\u202f»\u00a0: quoi\u202f?"),
        ("Quoi? l'appel: «non»", "Quoi? l'appel: «non»"),
        ("a ; b ! c", "a\u202f; b\u202f! c"),
    ],
)
def test_a_quotation_keeps_every_letter_and_loses_no_space(text: str, expected: str) -> None:
    assert typography.quoted(text, "fr") == expected
    assert typography.quoted(text, "nl") == text
    assert re.sub(r"\s", " ", typography.quoted(text, "fr")) == text


def test_titles_are_quoted_in_their_own_language_and_comments_are_ours(
    item: MakeItem, issue: MakeIssue
) -> None:
    made = issue(
        item(1, title="Quoi? L'eau : où", comment="Quoi? L'eau"),
        item(2, title="Wat : ja", language="nl"),
    )
    french, dutch = view(made, "fr").sections[0].items
    assert french.title == "Quoi? L'eau\u00a0: où"
    assert french.comment == "Quoi\u202f? L’eau"
    assert dutch.title == "Wat : ja"


def test_drawing_takes_the_time_zone_of_the_readers(item: MakeItem, issue: MakeIssue) -> None:
    late = issue(item(1, published=datetime(2026, 10, 31, 23, 30, tzinfo=UTC)))
    assert view(late, "en", "UTC").sections[0].items[0].iso_date == "2026-10-31"
    assert view(late, "en").sections[0].items[0].iso_date == "2026-11-01"


# ------------------------------------------------------------------------------- the PDF


def test_the_pdfs_charts_are_figures_with_words_and_every_page_bears_the_label() -> None:
    """What PDF/UA-1 asks beside what typst refuses to write without."""
    (file,) = render(rich(tlp=Tlp.AMBER), "de", (Form.PDF,))
    with pikepdf.open(io.BytesIO(file.content)) as pdf:
        nodes = list(_nodes(pdf.Root.StructTreeRoot.K))
        pictures = [node for node in nodes if node.get("/S") == "/Figure"]
        assert len(pictures) == 3
        assert all(len(str(node.Alt)) > 40 for node in pictures)
        languages = {str(node.Lang) for node in nodes if "/Lang" in node}
        assert languages >= {"fr", "nl", "en"}  # of titles that are not German
        titles = [str(entry.title) for entry in pdf.open_outline().root]
        assert titles[0].startswith("Energie")
        assert titles[-1] == "Diese Ausgabe in Zahlen"
        assert not [page for page in pdf.pages if "/StructParents" not in page]
        links = [note for page in pdf.pages for note in page.get("/Annots", [])]
        assert all("/Contents" in note or "/StructParent" in note for note in links)
    for page in pypdf.PdfReader(io.BytesIO(file.content)).pages:
        assert page.extract_text().count("TLP:AMBER") >= 2


def _nodes(found: pikepdf.Object) -> Iterator[pikepdf.Dictionary]:
    if isinstance(found, pikepdf.Array):
        for one in found:  # type: ignore[attr-defined] # an Array is iterable
            yield from _nodes(one)
    elif isinstance(found, pikepdf.Dictionary):
        yield found
        if "/K" in found:
            yield from _nodes(found["/K"])
