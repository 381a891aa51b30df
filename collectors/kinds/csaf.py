"""CSAF 2.0 (OASIS): from a provider's metadata to its advisories. Pure.

provider-metadata.json names ROLIE feeds or folders; a feed, a folder's changes.csv or its index.txt
names documents; a document is an advisory. Any of them may be the source's own address.
"""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin

from collectors import jsonfeed
from collectors.items import Raw, absolute, build, language
from collectors.kinds import loose
from collectors.kinds.loose import each, inner, moment, said
from vigie.model import (
    Advisory,
    Failure,
    FailureKind,
    Fetched,
    FetchJob,
    Item,
    ParsedFeed,
    Tlp,
    Unparsed,
)

MOST_DOCUMENTS = 50  # followed from one listing: the latest
_MOST_LISTINGS = 10
_DEEPEST = 30  # branches of a product tree
_CVE = re.compile(r"CVE-\d{4}-\d{4,19}")
_PATH = re.compile(r"[\w.+-]+(?:/[\w.+-]+)*\.json")
_SEVERITIES = ("none", "low", "medium", "high", "critical")
_CVSS = ("cvss_v4", "cvss_v3", "cvss_v2")

Listed = list[tuple[str, str]]  # when each was updated, as the listing says it, and its address


def parse(fetched: Fetched, source: str, text: str) -> ParsedFeed:
    """What the answer is, by its content: metadata, a listing, or an advisory."""
    if not jsonfeed.looks_like(text):
        return _from_lines(fetched, source, text)
    document = loose.load(text)
    if isinstance(document, Failure):
        return ParsedFeed(failure=document)
    if inner(document, "document", "tracking"):
        return _advisory(document, fetched)
    if "feed" in document:
        return _followed(fetched, source, _latest(_entries(document)), MOST_DOCUMENTS)
    if each(document, "distributions"):
        return _followed(fetched, source, _listings(document), _MOST_LISTINGS)
    return _failed("JSON, but neither CSAF metadata, a ROLIE feed nor a CSAF document")


def _failed(detail: str) -> ParsedFeed:
    return ParsedFeed(failure=Failure(FailureKind.NOT_A_FEED, detail))


# ---------------------------------------------------------------------------------- the listings


def _followed(fetched: Fetched, source: str, links: Listed, most: int) -> ParsedFeed:
    """Addresses to ask; each with when the listing says it was updated, "" where it does not."""
    base = fetched.final_url or fetched.url
    urls: dict[str, str] = {}
    for updated, link in links:
        if url := absolute(link, base):
            urls.setdefault(url, updated)
    if not urls and most == _MOST_LISTINGS:  # a feed may be empty, a provider may not
        return _failed("CSAF metadata that name no listing open to all")
    jobs = [
        FetchJob(source, url, step=fetched.step + 1, stamp=updated)
        for url, updated in list(urls.items())[:most]
    ]
    return ParsedFeed(follow=tuple(jobs))


def _listings(document: Mapping[str, Any]) -> Listed:
    """ROLIE feeds open to all where there are any, else each folder's list of changes."""
    rolie: list[str] = []
    folders: list[str] = []
    for distribution in each(document, "distributions"):
        rolie += [
            said(feed, "url")
            for feed in each(distribution, "rolie", "feeds")
            if _tlp(said(feed, "tlp_label")) in (None, Tlp.CLEAR)
        ]
        folder = said(distribution, "directory_url")
        if folder:
            folders.append(folder.rstrip("/") + "/changes.csv")
    return [("", link) for link in rolie or folders]


def _entries(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """A ROLIE feed's entries: when each was updated, and where it is."""
    for entry in each(document, "feed", "entry"):
        own = (said(link, "href") for link in each(entry, "link") if said(link, "rel") == "self")
        yield said(entry, "updated"), said(entry, "content", "src") or next(own, "")


def _latest(entries: Iterable[tuple[str, str]]) -> Listed:
    """The same, the last updated first."""
    dated = [(moment(updated), updated, link) for updated, link in entries]
    known = [(date, updated, link) for date, updated, link in dated if date]
    known.sort(key=lambda entry: entry[0], reverse=True)
    undated = [("", link) for date, _, link in dated if not date]
    return [(updated, link) for _, updated, link in known] + undated


def _from_lines(fetched: Fetched, source: str, text: str) -> ParsedFeed:
    """changes.csv (path and time) or index.txt (paths), relative to their folder."""
    rows: list[list[str]] = []
    with suppress(csv.Error):  # what was read is judged below
        rows.extend(row for row in csv.reader(io.StringIO(text)) if row)
    paths = [(row[1] if len(row) > 1 else "", row[0].strip()) for row in rows]
    listed = [(time, path) for time, path in paths if _PATH.fullmatch(path) and ".." not in path]
    if not listed:
        return _failed("neither CSAF nor a list of CSAF documents")
    base = fetched.final_url or fetched.url
    if not any(time for time, _ in listed):  # folders are years, and names mostly grow
        listed.sort(key=lambda pair: pair[1], reverse=True)
    links = [(updated, urljoin(base, path)) for updated, path in _latest(listed)]
    return _followed(fetched, source, links, MOST_DOCUMENTS)


# --------------------------------------------------------------------------------- the documents


def _advisory(document: Mapping[str, Any], fetched: Fetched) -> ParsedFeed:
    head = inner(document, "document")
    reference = " ".join(said(head, "tracking", "id").split())
    if not reference:
        return _failed("a CSAF document without a tracking id")
    label = said(head, "distribution", "tlp", "label")
    tlp = _tlp(label)
    if label and tlp is not Tlp.CLEAR:
        # What is not for everybody has no place in an archive that can be published whole.
        reason = f"{reference[:100]} is labelled TLP:{label[:20].upper()}, so it is not kept"
        return ParsedFeed(unparsed=(Unparsed(fetched.url, reason, b""),))
    vendors, products = _products(document)
    advisory = Advisory(
        reference[:200],
        said(head, "tracking", "version")[:100] or said(head, "tracking", "current_release_date"),
        next(iter(loose.names([said(head, "publisher", "name")])), ""),
        cves=loose.names(filter(_CVE.fullmatch, _cves(document))),
        vendors=vendors,
        products=products,
        risks=loose.names(_risks(document)),
        severity=_severity(document),
        tlp=tlp,
    )
    item = _item(document, advisory, fetched)
    return ParsedFeed(items=(item,) if item else ())


def _item(document: Mapping[str, Any], advisory: Advisory, fetched: Fetched) -> Item | None:
    head = inner(document, "document")
    tracking = inner(head, "tracking")
    pages = [
        said(link, "url")
        for link in each(head, "references")
        if said(link, "category") == "self" and not said(link, "url").endswith(".json")
    ]
    summaries = [
        said(note, "text") for note in each(head, "notes") if said(note, "category") == "summary"
    ]
    raw = Raw(
        link=next(iter(pages), "") or fetched.url,
        guid=advisory.reference,
        title=html.escape(said(head, "title") or advisory.reference),
        summary=_paragraphs(summaries),
        content=_paragraphs(_words(document, advisory)),
        author=advisory.issuer,
        published=moment(said(tracking, "initial_release_date")),
        updated=moment(said(tracking, "current_release_date")),
        categories=tuple(filter(None, (advisory.severity,))),
        language=language(said(head, "lang")),
    )
    # The file is named by the tracking id; the page for people may change its address.
    named = build(replace(raw, link=fetched.url), "", fetched.at)
    item = build(raw, "", fetched.at)
    if item is None or named is None:
        return None
    return replace(item, canonical_url=named.canonical_url, advisory=advisory)


def _words(document: Mapping[str, Any], advisory: Advisory) -> Iterator[str]:
    head = inner(document, "document")
    for note in each(head, "notes"):
        if said(note, "category") != "legal_disclaimer":
            yield f"{said(note, 'title')}\n{said(note, 'text')}"
    yield "\n".join(advisory.products)
    for vulnerability in each(document, "vulnerabilities"):
        scores = ", ".join(f"CVSS {score:g} ({word})" for score, word in _scores(vulnerability))
        yield " ".join((said(vulnerability, "cve"), said(vulnerability, "title"), scores))
        for key, part in (("notes", "text"), ("remediations", "details")):
            yield from (said(entry, part) for entry in each(vulnerability, key))
    yield from (said(link, "url") for link in each(head, "references"))
    for revision in each(head, "tracking", "revision_history"):
        yield " ".join(said(revision, key) for key in ("number", "date", "summary"))
    yield f"Version {advisory.revision}"


def _paragraphs(texts: Iterator[str] | list[str]) -> str:
    lines = (line.strip() for text in texts for line in text.split("\n"))
    return "".join(f"<p>{html.escape(line)}</p>" for line in lines if line)


def _cves(document: Mapping[str, Any]) -> Iterator[str]:
    for vulnerability in each(document, "vulnerabilities"):
        yield said(vulnerability, "cve").strip().upper()


def _risks(document: Mapping[str, Any]) -> Iterator[str]:
    """What the issuer says of the impact, and the weakness (CWE) behind it."""
    for vulnerability in each(document, "vulnerabilities"):
        for threat in each(vulnerability, "threats"):
            if said(threat, "category") == "impact":
                yield said(threat, "details")
        yield said(vulnerability, "cwe", "name")


def _scores(vulnerability: Mapping[str, Any]) -> Iterator[tuple[float, str]]:
    """CVSS base scores with their word, as CSAF 2.0 and 2.1 give them."""
    metrics = [inner(metric, "content") for metric in each(vulnerability, "metrics")]
    for score in [*each(vulnerability, "scores"), *metrics]:
        for version in _CVSS:
            number = inner(score, version).get("baseScore")
            if isinstance(number, int | float) and 0 <= number <= 10:
                word = said(score, version, "baseSeverity").lower()
                yield float(number), word if word in _SEVERITIES else _word(float(number))


def _word(score: float) -> str:
    """CVSS's own scale, for version 2, which has no words."""
    return _SEVERITIES[sum(score >= least for least in (0.1, 4.0, 7.0, 9.0))]


def _severity(document: Mapping[str, Any]) -> str:
    """The worst CVSS word, or else the issuer's own."""
    words = [word for part in each(document, "vulnerabilities") for _, word in _scores(part)]
    own = loose.names([said(document, "document", "aggregate_severity", "text")])
    return max(words, key=_SEVERITIES.index, default=own[0].lower() if own else "")


def _products(document: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Vendors and products of the product tree; where it is flat, its full names."""
    vendors: list[str] = []
    products: list[str] = []
    level = each(document, "product_tree", "branches")
    for _ in range(_DEEPEST):
        for branch in level:
            category = said(branch, "category")
            if category == "vendor":
                vendors.append(said(branch, "name"))
            elif category == "product_name":
                products.append(said(branch, "name"))
        level = [deeper for branch in level for deeper in each(branch, "branches")]
    if not products:
        flat = each(document, "product_tree", "full_product_names")
        products = [said(name, "name") for name in flat]
    return loose.names(vendors), loose.names(products)


def _tlp(label: str) -> Tlp | None:
    """A label of TLP 1 (CSAF 2.0) or 2 (CSAF 2.1); None where it is none of them."""
    name = label.strip().upper().removeprefix("TLP:")
    try:
        return Tlp("TLP:" + ("CLEAR" if name == "WHITE" else name))
    except ValueError:
        return None
