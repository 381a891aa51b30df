"""Hostile titles, extracts, sources, notes and links are inert in every form."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pikepdf
import pypdf
import pytest
from lxml import html as lxml_html

from digest import clean
from digest.render import render
from vigie.model import Form, Issue, IssueItem, Section

VECTORS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"onmouseover="alert(1)',
    "' onfocus='alert(1)' autofocus='",
    "</h3><h1>big</h1>",
    "</title></mj-text></mj-column></mj-section><mj-raw><script>alert(1)</script></mj-raw>",
    "<mj-include path='/etc/passwd' />",
    '<mj-image src="https://evil.example/pixel.gif" />',
    "--><!--[if mso]><script>alert(1)</script><![endif]-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>&y;",
    "{{ 7*7 }}{% for x in y %}{# c #}",
    "{{ page.__class__.__mro__ }}",
    '#read("/etc/passwd")',
    '#include "/etc/passwd" #import "@preview/x:1.0.0"',
    "$ integral $ *gras* _it_ = Titre @ref <label> \\ #{1 + 1} `raw` // c",
    '"); #panic("x"); ("',
    "%s %n {0} {who} {missing}",
    "a\r\nBcc: victim@example.org\r\n\r\nbody",
    "ligne\x00zéro\x1b[31mrouge\x07",
    "\u202egnp.exe\u202c \u2066isolé\u2069 \u200f\u200b\ufeff",
    "Z" + "\u0301" * 200 + "algo",
    "\ud800 seul",
    "\U000e0041\U000e0042 tags",
    "A" * 5000,
    "🚀🇧🇪 中文 كابل بحري עברית ไทย",
    "",
]
LINKS = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    "\x01javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "//evil.example/x",
    "/relative",
    "https://bank.example@evil.example/",
    "https://user:secret@evil.example/",
    "https:///nohost",
    "https://[::1",
    "https://evil.example\\@bank.example/",
    "https://exa mple.org/",
    "https://example.org:99999999/",
    "https://example.org/\u202egnp",
    'https://"onclick="x.example/',
    "https://example.org/" + "a" * 3000,
    "mailto:x@example.org",
    "",
]
MakeItem = Callable[..., IssueItem]
MakeIssue = Callable[..., Issue]


@pytest.fixture
def hostile(item: MakeItem, issue: MakeIssue) -> Issue:
    """An issue with each vector in every text that the outside or a person gives."""
    bad = '<script>alert(1)</script>"x'
    return issue(
        *(
            item(
                number,
                title=vector,
                excerpt=vector,
                source=vector,
                place=vector,
                why=vector,
                comment=vector,
                reliability=vector,
                language=vector,
                url=f"https://ok.example/?q={vector}" if "\x00" not in vector else "",
                sources=(vector,),
            )
            for number, vector in enumerate(VECTORS, start=1)
        ),
        sections=(Section("energie", dict.fromkeys(("fr", "nl", "de", "en"), bad)),),
        title={"fr": f"{bad}\r\nBcc: x"},
        publisher=bad,
        contact=bad,
    )


def content(issue: Issue, form: Form) -> bytes:
    (rendered,) = render(issue, "fr", (form,))
    return rendered.content


def test_in_html_no_element_or_attribute_comes_from_outside(
    hostile: Issue, issue: MakeIssue
) -> None:
    text = content(hostile, Form.HTML).decode()
    tree = lxml_html.fromstring(text)
    plain = lxml_html.fromstring(content(issue(), Form.HTML).decode())
    known = {node.tag for node in plain.iter() if isinstance(node.tag, str)}
    names = {name for node in plain.iter() for name in node.attrib}
    found = {node.tag for node in tree.iter() if isinstance(node.tag, str)}
    assert found - known <= {"strong"}  # what "À retenir" and contacts are set in
    assert {name for node in tree.iter() for name in node.attrib} - names <= {"lang", "dir"}
    assert len(list(tree.iter("h3"))) == len(VECTORS)
    assert len(list(tree.iter("h1"))) == 1
    for anchor in tree.iter("a"):
        assert re.match(r"https://ok\.example/|mailto:|#t-energie$", anchor.get("href"))


def test_in_html_comments_and_entities_are_shown_as_they_were_written(hostile: Issue) -> None:
    text = content(hostile, Form.HTML).decode()
    shown = " ".join(lxml_html.fromstring(text).find("body").itertext())
    for vector in (VECTORS[0], VECTORS[5], VECTORS[8], VECTORS[10], VECTORS[13], VECTORS[15]):
        assert vector in shown, vector
    assert "root:" not in text
    assert "49" not in shown.split("{{ 7*7 }}")[0][-5:]


@pytest.mark.parametrize("form", [Form.HTML, Form.TEXT])
def test_no_control_of_any_kind_gets_through(form: Form, hostile: Issue) -> None:
    text = content(hostile, form).decode()
    assert not re.search(
        r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", text
    )
    assert not re.search("\u0301{4}", text)
    assert "\U000e0041" not in text


def test_in_text_a_title_stays_on_its_lines(hostile: Issue) -> None:
    lines = content(hostile, Form.TEXT).decode().split("\n")
    assert not [line for line in lines if line.startswith(("Bcc:", "body", "From "))]
    assert not [line for line in lines if re.match(r"\s*javascript:", line, re.IGNORECASE)]


def test_in_pdf_markup_is_text_and_no_file_is_read(hostile: Issue) -> None:
    made = content(hostile, Form.PDF)
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
@pytest.mark.parametrize("url", LINKS)
def test_a_link_that_is_not_a_web_address_is_no_link(
    url: str, form: Form, item: MakeItem, issue: MakeIssue
) -> None:
    made = content(issue(item(1, url=url)), form)
    if form is Form.PDF:
        with pikepdf.open(io.BytesIO(made)) as pdf:
            notes = [n for p in pdf.pages for n in p.get("/Annots", []) if "/A" in n]
            uris = [str(note.A.URI) for note in notes if "/URI" in note.A]
        assert uris == ["mailto:veille@normandie.example"]
    else:
        text = made.decode()
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
