"""The issue as a JSON Feed 1.1: the same entries, ids and markup as the Atom feed."""

from __future__ import annotations

import json

from digest.render.feeds import Entry, entries, feed_title, stamp, urn
from digest.render.view import Copy, PageView

VERSION = "https://jsonfeed.org/version/1.1"


def draw(copy: Copy) -> bytes:
    """UTF-8 JSON."""
    page = copy.page
    feed: dict[str, object] = {
        "version": VERSION,
        "title": feed_title(page),
        "description": f"{page.tlp} · {page.tlp_meaning} · {page.summary}",
        "language": page.language,
        "authors": [{"name": page.publisher or page.id}],
        "user_comment": page.words.rights,
    }
    if page.web_href:
        feed["home_page_url"] = page.web_href
    feed["_vigie"] = {"id": urn(page), "tlp": page.tlp, "revision": page.revision}
    feed["items"] = [_item(entry, page) for entry in entries(page)]
    return json.dumps(feed, ensure_ascii=False, indent=1).encode() + b"\n"


def _item(entry: Entry, page: PageView) -> dict[str, object]:
    item = entry.item
    found: dict[str, object] = {
        "id": entry.id,
        "title": entry.title,
        "content_html": entry.html,
        "date_published": stamp(item.published),
        "date_modified": stamp(page.drafted_at),
        "authors": [{"name": item.source or item.host or page.publisher}],
        "tags": list(dict.fromkeys((entry.section, *item.themes))),
        "language": item.language or page.language,
    }
    if item.href:
        found["url"] = item.href
    return found
