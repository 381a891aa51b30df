"""Hostile titles, extracts, sources, notes and links are inert in every form."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes, policy
from email.headerregistry import Address

import hostile_corpus
import pikepdf
import pypdf
import pytest
from digest_cases import END, NOW, START
from lxml import etree
from lxml import html as lxml_html

from digest import clean, letters, message
from digest.render import Links, render
from digest.render.charts import charts
from vigie.model import (
    Carried,
    Erratum,
    Form,
    Issue,
    IssueItem,
    Quoted,
    Recipient,
    Rendered,
    Section,
    Tlp,
)

VECTORS, LINKS = hostile_corpus.TEXTS, hostile_corpus.LINKS
MakeItem = Callable[..., IssueItem]
MakeIssue = Callable[..., Issue]


@pytest.fixture(scope="module")
def hostile() -> Issue:
    """An issue with each vector in every text that the outside or a person gives."""
    bad = '<script>alert(1)</script>"x'
    items = tuple(_item(number, vector) for number, vector in enumerate(VECTORS, start=1))
    return Issue(
        id="normandie-2026Q4",
        edition="normandie",
        title={"fr": f"{bad}\r\nBcc: x"},
        period="2026Q4",
        start=START,
        end=END,
        revision=2,
        sections=(Section("energie", dict.fromkeys(("fr", "nl", "de", "en"), bad)),),
        items=items,
        drafted_at=NOW,
        publisher=bad,
        contact=bad,
        contributors=VECTORS,
        errata=tuple(Erratum(2, NOW, vector) for vector in VECTORS),
        color='red;} body{background:url("https://evil.example/x")}',
        header=bad,
    )


def _item(number: int, vector: str) -> IssueItem:
    """One vector in every field, and links that carry it; a few have a summary, a few none."""
    url = f"https://ok.example/?q={vector}" if "\x00" not in vector else ""
    return IssueItem(
        article=number,
        revision=1,
        story=f"story-{number}",
        section="energie",
        rank=number,
        title=vector,
        excerpt=vector,
        url=url,
        source=vector,
        reliability=vector,
        published=START + timedelta(days=number % 90),
        language=vector,
        place=vector,
        themes=("energie", vector),
        sources=(vector,),
        why=vector,
        comment=vector,
        summary=(Quoted(vector, number, url, vector),) if number % 3 == 0 else (),
        credibility=vector,
        nuts=("FRD22", "BE100", "FRD11", vector)[number % 4],
        contributor=vector,
        reference=vector,
        carried=tuple(Carried(START + timedelta(hours=n), one) for n, one in enumerate(VECTORS))
        if number == 1
        else (),
    )


@pytest.fixture(scope="module")
def drawn(hostile: Issue) -> dict[Form, bytes]:
    """Its files, drawn once."""
    return {one.form: one.content for one in render(hostile, "fr")}


def content(issue: Issue, form: Form) -> bytes:
    (rendered,) = render(issue, "fr", (form,))
    return rendered.content


def test_the_corpus_is_large() -> None:
    assert len(set(VECTORS)) >= 60
    assert len(set(LINKS)) >= 25


@pytest.mark.parametrize("form", [Form.HTML, Form.WEB])
def test_in_html_no_element_or_attribute_comes_from_outside(
    form: Form, drawn: dict[Form, bytes], issue: MakeIssue, item: MakeItem
) -> None:
    tree = lxml_html.fromstring(drawn[form])
    full = item(1, comment="x", summary=(Quoted("x", 1, "https://x.example", "x"),))
    plain = lxml_html.fromstring(
        content(issue(full, item(2), errata=(Erratum(2, NOW, "x"),), contributors=("x",)), form)
    )
    known = {node.tag for node in plain.iter() if isinstance(node.tag, str)}
    names = {name for node in plain.iter() for name in node.attrib}
    pictures = {"figure", "figcaption", "img", "details", "summary", "div", "table", "thead"}
    known |= {*pictures, "tbody", "tr", "th", "td"} if form is Form.WEB else set()
    names |= {"src", "alt", "scope", "tabindex", "role"} if form is Form.WEB else set()
    assert {node.tag for node in tree.iter() if isinstance(node.tag, str)} <= known | {"strong"}
    assert {name for node in tree.iter() for name in node.attrib} - names <= {"lang", "dir"}
    assert not [name for node in tree.iter() for name in node.attrib if name.startswith("on")]
    assert len(list(tree.iter("h1"))) == 1
    for anchor in tree.iter("a"):
        assert re.match(r"https://ok\.example/|mailto:|#", anchor.get("href"))
    for picture in tree.iter("img"):
        assert picture.get("src").startswith("data:image/svg+xml;base64,")
    assert "evil.example" not in "".join(node.text or "" for node in tree.iter("style"))


@pytest.mark.parametrize("form", [Form.HTML, Form.WEB])
def test_in_html_comments_and_entities_are_shown_as_they_were_written(
    form: Form, drawn: dict[Form, bytes]
) -> None:
    text = drawn[form].decode()
    shown = " ".join(" ".join(lxml_html.fromstring(text).find("body").itertext()).split())
    first = hostile_corpus.HTML[0], hostile_corpus.HTML[27], hostile_corpus.TEMPLATES[4]
    for vector in first:
        assert vector in shown, vector
    assert "root:" not in text
    assert "49" not in shown.split("{{ 7*7 }}")[0][-5:]


@pytest.mark.parametrize("form", [Form.HTML, Form.TEXT, Form.WEB, Form.ATOM, Form.JSON])
def test_no_control_of_any_kind_gets_through(form: Form, drawn: dict[Form, bytes]) -> None:
    text = drawn[form].decode()
    assert not re.search(
        r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]", text
    )
    assert not re.search(r"\\u(00[01]|202|200|206)", text)  # as JSON would write them
    assert not re.search("\u0301{4}", text)
    assert "\U000e0041" not in text


def test_in_feeds_entries_are_ours_and_their_markup_is_of_three_elements(
    drawn: dict[Form, bytes],
) -> None:
    atom = etree.fromstring(drawn[Form.ATOM], etree.XMLParser(resolve_entities=False))
    name = "{http://www.w3.org/2005/Atom}"
    feed = json.loads(drawn[Form.JSON])
    markups = [node.text for node in atom.iter(f"{name}content")]
    markups += [one["content_html"] for one in feed["items"]]
    assert len(markups) == 2 * len(VECTORS) == 2 * len(atom.findall(f"{name}entry"))
    for markup in markups:
        for node in lxml_html.fromstring(f"<div>{markup}</div>").iter():
            assert node.tag in ("div", "p", "a", "strong")
            assert set(node.attrib) <= {"href", "lang", "dir"}
            assert node.get("href", "https://ok.example/").startswith("https://ok.example/")
    for node in atom.iter(f"{name}link"):
        assert node.get("href").startswith("https://ok.example/")
    assert all(
        one.get("url", "https://ok.example/")[:19] == "https://ok.example/" for one in feed["items"]
    )
    assert not [
        node
        for node in atom.iter()
        if isinstance(node, etree._Entity | etree._ProcessingInstruction)
    ]


def test_charts_hold_shapes_and_no_link_script_or_text(hostile: Issue) -> None:
    found = charts(hostile, "fr", "Europe/Paris")
    assert {chart.name for chart in found} >= {"places", "story"}
    for chart in found:
        tree = etree.fromstring(chart.svg)
        tags = {etree.QName(node).localname for node in tree.iter() if isinstance(node.tag, str)}
        assert tags <= {
            "svg",
            "g",
            "path",
            "use",
            "defs",
            "style",
            "clipPath",
            "rect",
            "metadata",
            "RDF",
            "Work",
        }
        for node in tree.iter():
            for key, value in node.attrib.items():
                assert not etree.QName(key).localname.startswith("on")
                assert etree.QName(key).localname != "href" or value.startswith("#")


def test_in_text_a_title_stays_on_its_lines(drawn: dict[Form, bytes]) -> None:
    lines = drawn[Form.TEXT].decode().split("\n")
    assert not [line for line in lines if line.startswith(("Bcc:", "body", "From ", "Subject:"))]
    assert not [line for line in lines if re.match(r"\s*javascript:", line, re.IGNORECASE)]


def test_in_pdf_markup_is_text_and_no_file_is_read(drawn: dict[Form, bytes]) -> None:
    made = drawn[Form.PDF]
    pages = pypdf.PdfReader(io.BytesIO(made)).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert '#read("/etc/passwd")' in text
    assert "*gras* _it_ = Titre @ref <label>" in text
    assert '#panic("x")' in text
    assert "root:" not in text
    with pikepdf.open(io.BytesIO(made)) as pdf:
        assert "/OpenAction" not in pdf.Root
        assert "/JavaScript" not in pdf.Root.get("/Names", {})
        kinds = {str(n.A.S) for p in pdf.pages for n in p.get("/Annots", []) if "/A" in n}
    assert kinds <= {"/URI", "/GoTo"}


@pytest.mark.parametrize("form", Form)
def test_a_link_that_is_not_a_web_address_is_no_link(
    form: Form, item: MakeItem, issue: MakeIssue
) -> None:
    bad = (
        item(n, url=url, summary=(Quoted("Une phrase.", n, url, "Source"),) * (n % 2))
        for n, url in enumerate(LINKS)
    )
    made = content(issue(*bad), form)
    if form is Form.PDF:
        with pikepdf.open(io.BytesIO(made)) as pdf:
            notes = [n for p in pdf.pages for n in p.get("/Annots", []) if "/A" in n]
            uris = [str(note.A.URI) for note in notes if "/URI" in note.A]
        assert uris == ["mailto:veille@normandie.example"]
    else:
        text = made.decode()
        assert text.count("Titre ") == len(LINKS)
        assert "evil" not in text
        assert "script:" not in text.lower()
        assert "secret" not in text


@pytest.mark.parametrize("url", LINKS)
def test_clean_refuses_it(url: str) -> None:
    assert clean.link(url) == ""


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.org/a?b=1&c=2#d", "https://example.org/a?b=1&c=2#d"),
        (" HTTP://Example.ORG:8080/x ", "http://example.org:8080/x"),
        ("https://exemple.fr/été «2026»", "https://exemple.fr/%C3%A9t%C3%A9%20%C2%AB2026%C2%BB"),
        ("https://éolien.example/", "https://xn--olien-9ra.example/"),
        ('https://example.org/"><script>', "https://example.org/%22%3E%3Cscript%3E"),
        ("https://example.org/d%C3%A9j%C3%A0", "https://example.org/d%C3%A9j%C3%A0"),
        ("https://[2001:db8::1]:8443/x", "https://[2001:db8::1]:8443/x"),
        ("http://127.0.0.1:8000/article", "http://127.0.0.1:8000/article"),
    ],
)
def test_clean_quotes_a_web_address_and_leaves_it_leading_to_the_same_place(
    url: str, expected: str
) -> None:
    assert clean.link(url) == expected
    assert clean.link(expected) == expected


def test_a_right_to_left_title_says_so_and_its_neighbours_do_not(
    item: MakeItem, issue: MakeIssue
) -> None:
    made = content(issue(item(1, title="كابل بحري", language="ar"), item(2)), Form.HTML)
    headings = list(lxml_html.fromstring(made.decode()).iter("h3"))
    assert [(h.get("lang"), h.get("dir")) for h in headings] == [("ar", "rtl"), (None, None)]


# ----------------------------------------------------------------------- the mail's headers

HEADERS = {
    *("Date", "To", "Message-ID", "From", "Subject", "List-Id", "Auto-Submitted", "MIME-Version"),
    *("List-Unsubscribe", "Content-Type", "Reply-To"),
}


@pytest.mark.parametrize("vector", VECTORS)
def test_names_and_subjects_add_no_header_and_no_recipient(
    vector: str, item: MakeItem, issue: MakeIssue
) -> None:
    """Title of the issue, mark, names of sender and recipient: each may be anyone's words."""
    made = issue(item(1, tlp=Tlp.AMBER), title=dict.fromkeys(("fr", "nl", "de", "en"), vector))
    html, text = (Rendered(made.id, 1, "fr", form, b"x\n", "x") for form in (Form.HTML, Form.TEXT))
    name = vector.replace("<", "").replace(">", "").replace('"', "").replace("\\", "")
    sender = str(Address(clean.line(name, 60), addr_spec="veille@normandie.example"))
    mould = message.mould(made, html, text, sender, reply_to=sender)
    data = mould.fill(Recipient(7, vector, "zoe@partner.example", "fr", ""), Links(), NOW)
    assert data.isascii()
    read = message_from_bytes(data, policy=policy.default)
    assert not read.defects
    assert set(read.keys()) <= HEADERS
    assert len(read.keys()) == len(set(read.keys()))
    assert [one.addr_spec for one in read["To"].addresses] == ["zoe@partner.example"]
    assert [one.addr_spec for one in read["From"].addresses] == ["veille@normandie.example"]
    assert str(read["Subject"]).startswith("[TLP:AMBER] ")
    assert str(read["Subject"]).isprintable()
    assert [part.get_content_type() for part in read.walk()][1:] == ["text/plain", "text/html"]


@pytest.mark.parametrize("vector", hostile_corpus.HEADERS + hostile_corpus.CONTROLS)
def test_a_letters_name_subject_and_rows_stay_where_they_are(vector: str) -> None:
    data = letters.letter("V <v@x.example>", vector, "zoe@partner.example", vector, [vector], NOW)
    read = message_from_bytes(data, policy=policy.default)
    assert not read.defects
    assert "Bcc" not in read
    assert set(read.keys()) <= HEADERS | {"Content-Transfer-Encoding"}
    assert [one.addr_spec for one in read["To"].addresses] == ["zoe@partner.example"]
    assert len(read.get_content().splitlines()) == 1
