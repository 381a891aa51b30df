"""The demonstration world as bytes: four feed formats and the article pages. Pure functions."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from xml.etree import ElementTree as ET

from app.demo.world import DemoFeed, DemoItem

RSS_TYPE = "application/rss+xml; charset=utf-8"
ATOM_TYPE = "application/atom+xml; charset=utf-8"
RDF_TYPE = "application/rdf+xml; charset=utf-8"
JSON_TYPE = "application/feed+json; charset=utf-8"
HTML_TYPE = "text/html; charset=utf-8"

FEED_TYPES = {"rss20": RSS_TYPE, "atom10": ATOM_TYPE, "rdf10": RDF_TYPE, "jsonfeed": JSON_TYPE}

_ATOM = "http://www.w3.org/2005/Atom"
_DC = "http://purl.org/dc/elements/1.1/"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_RSS1 = "http://purl.org/rss/1.0/"
_DEEP_PAST = datetime(2026, 10, 1, tzinfo=UTC)

# What surrounds an article: navigation, footer, and the words that stand where a text is not given.
_WORDS = {
    "fr": (
        ("Accueil", "Économie", "Territoires", "Sports", "Culture"),
        "Publié le",
        "Tous droits réservés. Publication imaginaire, écrite pour une démonstration.",
        "Mentions légales",
        "La suite de ce texte est proposée dans notre édition complète.",
    ),
    "nl": (
        ("Startpagina", "Economie", "Regio", "Sport", "Cultuur"),
        "Gepubliceerd op",
        "Alle rechten voorbehouden. Verzonnen uitgave, geschreven voor een demonstratie.",
        "Wettelijke vermeldingen",
        "Het vervolg van deze tekst staat in onze volledige editie.",
    ),
    "de": (
        ("Startseite", "Wirtschaft", "Region", "Sport", "Kultur"),
        "Veröffentlicht am",
        "Alle Rechte vorbehalten. Erfundene Ausgabe, für eine Vorführung geschrieben.",
        "Impressum",
        "Die Fortsetzung dieses Textes steht in unserer vollständigen Ausgabe.",
    ),
    "en": (
        ("Home", "Business", "Regions", "Sport", "Culture"),
        "Published on",
        "All rights reserved. An imaginary publication, written for a demonstration.",
        "Legal notice",
        "The rest of this text is in our full edition.",
    ),
}


def feed_path(feed: DemoFeed) -> str:
    """Return the address that a reader was once given; a moved feed is no longer there."""
    if feed.trick == "laughs":
        return "/hostile/laughs.xml"
    return f"/{feed.id}/feed.json" if feed.format == "jsonfeed" else f"/{feed.id}/feed.xml"


def new_feed_path(feed: DemoFeed) -> str:
    """Return where a moved feed is now."""
    return f"/{feed.id}/actueel/feed.xml"


def item_path(item: DemoItem) -> str:
    """Return an article page's path."""
    return f"/{item.feed}/{item.id}.html"


def last_change(items: Sequence[DemoItem]) -> datetime:
    """Return the newest item's time, for feeds and their HTTP headers alike."""
    return max((item.published for item in items), default=_DEEP_PAST)


def render_feed(feed: DemoFeed, items: Sequence[DemoItem], base_url: str) -> bytes:
    """Render in the feed's own format, newest item first."""
    ordered = sorted(items, key=lambda item: (item.published, item.id), reverse=True)
    if feed.format == "jsonfeed":
        return _json_feed(feed, ordered, base_url)
    writers = {"rss20": _rss, "atom10": _atom, "rdf10": _rdf}
    root = writers[feed.format](feed, ordered, base_url)
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _tag_uri(item: DemoItem) -> str:
    """An id that outlives the port the server got this time."""
    return f"tag:{item.feed}.example,2026:{item.id}"


def _self_path(feed: DemoFeed) -> str:
    return new_feed_path(feed) if feed.fault == "moved" else feed_path(feed)


def _child(parent: ET.Element, tag: str, text: str, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, tag, attributes)
    element.text = text
    return element


def _rss(feed: DemoFeed, items: Sequence[DemoItem], base_url: str) -> ET.Element:
    rss = ET.Element("rss", {"version": "2.0", "xmlns:dc": _DC, "xmlns:atom": _ATOM})
    channel = ET.SubElement(rss, "channel")
    _child(channel, "title", feed.title)
    _child(channel, "link", f"{base_url}/{feed.id}/")
    _child(channel, "description", feed.description)
    _child(channel, "language", feed.language)
    _child(channel, "lastBuildDate", format_datetime(last_change(items), usegmt=True))
    me = {"href": base_url + _self_path(feed), "rel": "self", "type": "application/rss+xml"}
    ET.SubElement(channel, "atom:link", me)
    for item in items:
        entry = ET.SubElement(channel, "item")
        _child(entry, "title", item.title)
        _child(entry, "link", base_url + item_path(item))
        _child(entry, "guid", _tag_uri(item), isPermaLink="false")
        _child(entry, "pubDate", format_datetime(item.published, usegmt=True))
        _child(entry, "description", item.summary)
        if item.author:
            _child(entry, "dc:creator", item.author)
        for category in item.categories:
            _child(entry, "category", category)
    return rss


def _atom(feed: DemoFeed, items: Sequence[DemoItem], base_url: str) -> ET.Element:
    root = ET.Element("feed", {"xmlns": _ATOM, "xml:lang": feed.language})
    _child(root, "title", feed.title)
    _child(root, "subtitle", feed.description)
    _child(root, "id", f"tag:{feed.id}.example,2026:feed")
    _child(root, "updated", _iso(last_change(items)))
    ET.SubElement(root, "link", {"rel": "self", "href": base_url + _self_path(feed)})
    ET.SubElement(root, "link", {"rel": "alternate", "href": f"{base_url}/{feed.id}/"})
    for item in items:
        entry = ET.SubElement(root, "entry")
        _child(entry, "title", item.title)
        _child(entry, "id", _tag_uri(item))
        ET.SubElement(entry, "link", {"rel": "alternate", "href": base_url + item_path(item)})
        _child(entry, "published", _iso(item.published))
        _child(entry, "updated", _iso(item.published))
        author = ET.SubElement(entry, "author")
        _child(author, "name", item.author or feed.title)
        _child(entry, "summary", item.summary, type="text")
        for category in item.categories:
            ET.SubElement(entry, "category", {"term": category})
    return root


def _rdf(feed: DemoFeed, items: Sequence[DemoItem], base_url: str) -> ET.Element:
    root = ET.Element("rdf:RDF", {"xmlns": _RSS1, "xmlns:rdf": _RDF, "xmlns:dc": _DC})
    channel = ET.SubElement(root, "channel", {"rdf:about": base_url + _self_path(feed)})
    _child(channel, "title", feed.title)
    _child(channel, "link", f"{base_url}/{feed.id}/")
    _child(channel, "description", feed.description)
    _child(channel, "dc:language", feed.language)
    _child(channel, "dc:date", _iso(last_change(items)))
    order = ET.SubElement(ET.SubElement(channel, "items"), "rdf:Seq")
    for item in items:
        address = base_url + item_path(item)
        ET.SubElement(order, "rdf:li", {"rdf:resource": address})
        entry = ET.SubElement(root, "item", {"rdf:about": address})
        _child(entry, "title", item.title)
        _child(entry, "link", address)
        _child(entry, "description", item.summary)
        _child(entry, "dc:date", _iso(item.published))
        if item.author:
            _child(entry, "dc:creator", item.author)
        for category in item.categories:
            _child(entry, "dc:subject", category)
    return root


def _json_feed(feed: DemoFeed, items: Sequence[DemoItem], base_url: str) -> bytes:
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "description": feed.description,
        "language": feed.language,
        "home_page_url": f"{base_url}/{feed.id}/",
        "feed_url": base_url + _self_path(feed),
        "items": [_json_item(item, feed, base_url) for item in items],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _json_item(item: DemoItem, feed: DemoFeed, base_url: str) -> dict[str, object]:
    entry: dict[str, object] = {
        "id": _tag_uri(item),
        "url": base_url + item_path(item),
        "title": item.title,
        "content_text": item.summary,
        "summary": item.summary,
        "date_published": _iso(item.published),
        "language": feed.language,
    }
    if item.author:
        entry["authors"] = [{"name": item.author}]
    if item.categories:
        entry["tags"] = list(item.categories)
    return entry


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def render_article(feed: DemoFeed, item: DemoItem, base_url: str) -> bytes:
    """Render an article's page, with enough around it that taking the text out is real work."""
    _, published, _, _, rest = _WORDS[feed.language]
    paragraphs = item.body or (item.summary, rest)
    lead = f'<p class="lead">{escape(item.summary)}</p>\n' if item.body else ""
    text = "\n".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
    byline = f'<p class="author">{escape(item.author)}</p>\n' if item.author else ""
    day = item.published.strftime("%d.%m.%Y")
    moment = f'{published} <time datetime="{_iso(item.published)}">{day}</time>'
    main = f"""<article>
<h1>{escape(item.title)}</h1>
{byline}<div class="post-meta">{moment}</div>
{lead}<div class="text">
{text}
</div>
</article>"""
    address = escape(base_url + item_path(item))
    head = [
        f'<link rel="canonical" href="{address}">',
        f'<meta name="date" content="{_iso(item.published)}">',
        f'<meta property="article:published_time" content="{_iso(item.published)}">',
        f'<meta property="og:title" content="{escape(item.title)}">',
        f'<meta property="og:site_name" content="{escape(feed.title)}">',
        f'<meta name="description" content="{escape(item.summary)}">',
    ]
    if item.author:
        head.append(f'<meta name="author" content="{escape(item.author)}">')
    return _page(feed, item.title, head, main, base_url)


def render_home(feed: DemoFeed, items: Sequence[DemoItem], base_url: str) -> bytes:
    """Render an outlet's front page, which feeds point to and readers find feeds from."""
    kind = FEED_TYPES[feed.format].partition(";")[0]
    address = escape(base_url + _self_path(feed))
    head = [f'<link rel="alternate" type="{kind}" href="{address}">']
    rows = "\n".join(
        f'<li><a href="{escape(base_url + item_path(item))}">{escape(item.title)}</a></li>'
        for item in items
    )
    main = f"<h1>{escape(feed.title)}</h1>\n<ul>\n{rows}\n</ul>"
    return _page(feed, feed.title, head, main, base_url)


def _page(feed: DemoFeed, title: str, head: Sequence[str], main: str, base_url: str) -> bytes:
    sections, _, rights, legal, _ = _WORDS[feed.language]
    home = escape(f"{base_url}/{feed.id}/")
    links = "\n".join(f'<li><a href="{home}">{escape(name)}</a></li>' for name in sections)
    metas = "\n".join(head)
    return f"""<!DOCTYPE html>
<html lang="{feed.language}">
<head>
<meta charset="utf-8">
<title>{escape(title)} | {escape(feed.title)}</title>
{metas}
</head>
<body>
<header>
<a class="logo" href="{home}">{escape(feed.title)}</a>
<p class="tagline">{escape(feed.description)}</p>
<nav><ul>
{links}
</ul></nav>
</header>
<main>
{main}
</main>
<footer>
<p>© 2026 {escape(feed.title)}. {rights}</p>
<p><a href="{home}">{legal}</a></p>
</footer>
</body>
</html>
""".encode()
