"""Pages that refuse, put off, or are for subscribers: over HTTP, into the archive."""

from __future__ import annotations

import pytest

from tests.app.test_polling import FEED, PAGE, Host, Watch, host, source, watch

__all__ = ["host", "watch"]

PAGES = "SELECT page, page_detail, page_due FROM articles ORDER BY id LIMIT 1"
FACTS = '{"@type": "NewsArticle", "isAccessibleForFree": false}'
LOCKED = f'<script type="application/ld+json">{FACTS}</script>'


@pytest.mark.parametrize(
    ("reply", "detail"),
    [
        ((401, {}, "who?"), "401 Unauthorized"),
        ((403, {}, "no"), "403 Forbidden"),
        ((451, {}, "no"), "451 Unavailable For Legal Reasons"),
        ((200, {}, PAGE.format(LOCKED)), "for subscribers only (isAccessibleForFree: false)"),
    ],
)
def test_a_refused_or_paywalled_page_keeps_the_feeds_text_and_says_so(
    host: Host, watch: Watch, reply: tuple[int, dict[str, str], str], detail: str
) -> None:
    host.replies["/feed"] = (200, {}, FEED)
    host.replies["/articles/1"] = reply
    watch.declare(source(host.url("/feed")))
    watch.poll()
    ((page, said, _),) = watch.rows(PAGES)
    assert page == "failed"
    assert detail in str(said)
    ((summary, text),) = watch.rows("SELECT summary, text FROM revisions WHERE article_id = 1")
    assert str(summary).startswith("Le résumé")
    assert text == ""


def test_a_page_put_off_is_asked_again_after_the_servers_own_wait(host: Host, watch: Watch) -> None:
    host.replies["/feed"] = (200, {}, FEED)
    host.replies["/articles/1"] = (429, {"Retry-After": "3600"}, "")
    watch.declare(source(host.url("/feed")))
    watch.poll()
    assert watch.rows(PAGES) == [("wanted", "429 Too Many Requests", "2026-11-20T09:00:00Z")]
    watch.poll(minutes=50)
    assert host.paths().count("/articles/1") == 1
    host.replies["/articles/1"] = (200, {}, PAGE.format(""))
    watch.poll(minutes=10)
    assert watch.rows(PAGES) == [("done", "", "")]


def test_a_sources_own_selectors_hold_for_its_pages(host: Host, watch: Watch) -> None:
    host.replies["/feed"] = (200, {}, FEED)
    body = "<div class=a>" + "Le quai est rouvert. " * 20 + "</div><p>" + "Ailleurs. " * 60
    host.replies["/articles/1"] = (200, {}, f"<html><body>{body}</body></html>")
    watch.declare(source(host.url("/feed"), more='article = { content = "div.a" }'))
    watch.poll()
    ((text,),) = watch.rows("SELECT text FROM revisions WHERE article_id = 1")
    assert str(text).startswith("Le quai")
    assert "Ailleurs" not in str(text)
