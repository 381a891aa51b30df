"""In a real browser: mail and web page break no rule of axe-core and run nothing hostile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import chromium
from playwright.sync_api import Browser, Page
from rich_issue import rich
from test_digest_hostile import hostile

from digest.render import Links, render
from vigie.model import Form, Issue, Tlp
from vigie.schema import LANGUAGES

__all__ = ["hostile"]  # a fixture of there, used here

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
LINKS = Links(*(f"https://veille.example/{what}/1~x~2~abc" for what in ("leave", "list", "read")))
SCHEMES = ("light", "dark")
PAGES = (Form.HTML, Form.WEB)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The mail and the page of an issue with one of everything, in four languages."""
    folder = tmp_path_factory.mktemp("forms")
    issue = rich(tlp=Tlp.AMBER_STRICT, color="#7a1f3d")
    for language in LANGUAGES:
        for file in render(issue, language, PAGES, links=LINKS):
            (folder / f"{language}.{file.form.suffix}").write_bytes(file.content)
    return folder


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", PAGES)
def test_axe_finds_no_violation(
    form: Form, language: str, scheme: str, browser: Browser, folder: Path
) -> None:
    page = _open(browser, folder / f"{language}.{form.suffix}", scheme, 600)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    found = Axe().run(page).response
    told = [
        f"{one['id']}: {one['help']}: {node['html'][:200]} {node['any'][:1]}"
        for one in found["violations"]
        for node in one["nodes"][:3]
    ]
    assert not told, "\n".join(told)
    assert len(found["passes"]) > 20
    page.context.close()


@pytest.mark.parametrize("width", [320, 600, 1200])
@pytest.mark.parametrize("form", PAGES)
def test_nothing_is_wider_than_the_window(
    form: Form, width: int, browser: Browser, folder: Path
) -> None:
    page = _open(browser, folder / f"de.{form.suffix}", "light", width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()


def test_the_first_tab_skips_to_the_content(browser: Browser, folder: Path) -> None:
    page = _open(browser, folder / f"fr.{Form.WEB.suffix}", "light", 600)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.url.endswith("#content")
    page.context.close()


@pytest.mark.parametrize("form", PAGES)
def test_hostile_words_run_nothing_and_ask_nobody(
    form: Form, hostile: Issue, browser: Browser, tmp_path: Path
) -> None:
    """Without the page's own policy too: a mail has none."""
    (file,) = render(hostile, "fr", (form,), links=LINKS)
    path = tmp_path / f"x.{form.suffix}"
    path.write_bytes(file.content)
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.on("request", lambda request: asked.append(request.url))
    page.on("popup", lambda popup: asked.append(f"popup {popup.url}"))
    page.goto(path.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    for anchor in page.query_selector_all("h3 a")[:20]:
        anchor.hover()
        anchor.focus()
    page.wait_for_timeout(500)
    told = [url for url in asked if url != path.as_uri() and not url.startswith("data:image/svg")]
    assert not told
    assert page.url == path.as_uri()
    assert page.evaluate("document.scripts.length") == 0
    context.close()


def test_the_policy_of_the_page_stops_what_slips_in(
    browser: Browser, folder: Path, tmp_path: Path
) -> None:
    text = (folder / f"fr.{Form.WEB.suffix}").read_text("utf-8")
    slipped = "<script>document.title='gone'</script><img src='https://evil.example/x.gif'><style>h1{display:none}</style>"
    path = tmp_path / "x.html"
    path.write_text(text.replace("<main", f"{slipped}<main"), encoding="utf-8")
    page = browser.new_context().new_page()
    failed: list[str] = []
    page.on("requestfailed", lambda request: failed.append(request.failure or ""))
    page.goto(path.as_uri())
    page.wait_for_timeout(300)
    assert page.title() != "gone"
    assert page.is_visible("h1")
    assert page.evaluate("getComputedStyle(document.querySelector('.band')).backgroundColor") == (
        "rgb(122, 31, 61)"
    )
    assert all("csp" in one.lower() for one in failed)
    page.context.close()


def _open(browser: Browser, path: Path, scheme: str, width: int) -> Page:
    context = browser.new_context(
        color_scheme="dark" if scheme == "dark" else "light",
        viewport={"width": width, "height": 900},
        bypass_csp=True,  # so that axe-core can be put into the page
    )
    page = context.new_page()
    page.goto(path.as_uri())
    return page
