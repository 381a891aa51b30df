"""A mail message to Items: one for the newsletter, or one for each headline in it. Pure.

The message is taken apart by the standard library's `email`. What senders get wrong (charsets, raw
bytes in headers, odd transfer encodings) is settled here. Addresses of those who received the
message are taken out: an archive that can be published holds none.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.errors import HeaderParseError, MessageError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from hashlib import blake2b
from typing import TypeAlias
from urllib.parse import unquote, urlsplit, urlunsplit

from collectors import documents, plain
from collectors.items import SUMMARY, TEXT, Raw, build
from collectors.kinds import newsletter_html
from collectors.kinds.newsletter_html import Leaf, Link
from vigie.model import Item, Unparsed

_PREVIEW = 600  # characters of a newsletter's text that stand for its summary
_MOST_PARTS = 200
_RECIPIENTS = ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-delivered-to")
_META_CHARSET = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([A-Za-z0-9._:-]{1,40})", re.IGNORECASE
)
_FOLD = re.compile(r"\r?\n(?=[ \t])")
_WORD_LANGUAGE = re.compile(r"(=\?[^?*\s]+)\*[^?\s]*(\?)")  # RFC 2231's language in a charset
_URL = re.compile(r"https?://[^\s<>\"]+")
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w.-]{1,255}")
_LONGEST_HEADER = 20_000  # characters
_LONGEST_PLAIN = 1_000_000  # characters of plain text that are read
_MOST_ADDRESSES = 2_000  # of a newsletter in plain text
_LONGEST_TITLE = 500  # characters before an address: a hostile line has thousands of addresses
_FIELD_BREAK = re.compile(r"[\r\n\0]+")
# What the standard library raises on some broken messages, against its own promise.
_ITS_FAULTS = (
    MessageError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    AssertionError,
    RecursionError,
)

Mail: TypeAlias = "Message[str, str]"


@dataclass(frozen=True, slots=True)
class Letter:
    """What a message gave."""

    items: tuple[Item, ...] = ()
    unparsed: tuple[Unparsed, ...] = ()


def read(raw: bytes, at: datetime, *, links: bool, own: Iterable[str] = ()) -> Letter:
    """The items of one message.

    `own` are addresses of the mailbox, taken out wherever they stand, as are the recipients'.
    What could not be read is told without a sample: a message holds private addresses.
    """
    fault = ""
    for rules in (policy.default, policy.compat32):  # the old rules stumble over less
        try:
            return _letter(message_from_bytes(raw, policy=rules), at, links, own)
        except _ITS_FAULTS as error:
            fault = fault or f"the message could not be read: {type(error).__name__}"
    return Letter(unparsed=(Unparsed("message", fault, b""),))


def senders(header: bytes) -> tuple[str, ...]:
    """The addresses of a From header, in lower case."""
    try:
        message: Mail = message_from_bytes(header, policy=policy.compat32)
        pairs = getaddresses([_raw(message, "from")])
    except _ITS_FAULTS:
        return ()
    return tuple(address.lower() for _, address in pairs if "@" in address)


def is_wanted(addresses: Iterable[str], rules: Iterable[str]) -> bool:
    """Whether a sender is one of the addresses or @domains of the rules; no rules: whoever."""
    wanted = {rule.strip().lower() for rule in rules}
    return not wanted or any(
        address in wanted or "@" + address.rpartition("@")[2] in wanted for address in addresses
    )


def _letter(message: Mail, at: datetime, links: bool, own: Iterable[str]) -> Letter:
    leaf = _leaf(message)
    private = _private(message, own)
    title = _header(message, "subject")
    date = _date(_raw(message, "date"))
    name, address = next(iter(getaddresses([_raw(message, "from")])), ("", ""))
    guid = _message_id(message) or _digest(f"{address}\n{date}\n{title}\n{leaf.text}")
    common = Raw(
        author=html.escape(_author(_decoded_words(name), address)),
        published=date,
        language=_raw(message, "content-language").split(",")[0],
    )
    if links:
        items = [_link_item(link, common, private, at) for link in leaf.links]
        return Letter(tuple(item for item in items if item))
    item = _whole(title, leaf, replace(common, guid=guid), private, at)
    if item is None:
        return Letter(unparsed=(Unparsed("message", "neither subject nor text", b""),))
    return Letter((item,))


def _whole(
    title: str, leaf: Leaf, common: Raw, private: frozenset[str], at: datetime
) -> Item | None:
    text = _clean(leaf.text, private)
    raw = replace(
        common,
        link=_link(leaf.online, private),
        title=html.escape(_clean(title, private)),
        summary=_paragraphs(plain.cut(text, _PREVIEW)),
        content=_paragraphs(text),
    )
    if not (title.strip() or text):
        return None
    item = build(raw, "", at)
    # A newsletter is named by its Message-ID: many link each issue to one and the same page.
    return item and replace(item, canonical_url="")


def _link_item(link: Link, common: Raw, private: frozenset[str], at: datetime) -> Item | None:
    url = _link(link.url, private)
    raw = replace(
        common,
        link=url,
        title=html.escape(_clean(link.title, private)),
        summary=html.escape(_clean(link.summary, private))[:SUMMARY],
    )
    item = build(raw, "", at)
    # The guid is the address too: the same article in two newsletters is one.
    return item and replace(item, guid=(item.canonical_url or item.url)[:1000])


# --------------------------------------------------------------------------------- its text


def _leaf(message: Mail) -> Leaf:
    """The first HTML part that says something, or else the plain text of all parts."""
    plains: list[str] = []
    richest = Leaf("")
    for part in _texts(message):
        if part.get_content_subtype() == "html":
            leaf = newsletter_html.read(_text(part, is_html=True), _archived_at(message))
            if len(leaf.text) > len(richest.text) or (leaf.links and not richest.links):
                richest = leaf
        elif part.get_content_subtype() == "plain":
            plains.append(_text(part, is_html=False))
    archived = _archived_at(message)
    if richest.text or richest.links:
        return replace(richest, online=archived or richest.online)
    return replace(_plain_leaf("\n".join(plains)), online=archived)


def _texts(message: Mail) -> Iterator[Mail]:
    """The parts that are meant to be read, forwarded messages' own included."""
    for number, part in enumerate(message.walk()):
        if number >= _MOST_PARTS:
            return
        attached = _raw(part, "content-disposition").strip().lower().startswith("attachment")
        if part.get_content_maintype() == "text" and not attached:
            yield part


def _text(part: Mail, *, is_html: bool) -> str:
    encoding = _raw(part, "content-transfer-encoding")
    clean = (re.findall(r"[a-z0-9-]+", encoding.lower()) or [""])[0]
    if encoding and clean != encoding.lower():  # `quoted-printable;` is not known to email
        del part["content-transfer-encoding"]
        part["content-transfer-encoding"] = clean
    payload = part.get_payload(decode=True)
    body = payload if isinstance(payload, bytes) else b""
    charset = part.get_content_charset("")
    if is_html and not charset:
        meta = _META_CHARSET.search(body[:4000])
        charset = meta[1].decode("ascii") if meta else ""
    return documents.decoded(body, f"charset={charset}" if charset else "")


def _plain_leaf(text: str) -> Leaf:
    """Plain text with its addresses; the line before an address is its headline."""
    lines = [" ".join(line.split()) for line in text[:_LONGEST_PLAIN].splitlines()]
    links: dict[str, Link] = {}
    before = ""
    looked = 0
    for line in lines:
        for match in _URL.finditer(line):
            looked += 1
            if looked > _MOST_ADDRESSES or len(links) >= newsletter_html.MOST_LINKS:
                break
            url = match[0].rstrip(".,;:!?)>]»’'")
            start = match.start()
            title = line[max(0, start - _LONGEST_TITLE) : start].strip(" :-–>*•<([") or before
            before = ""
            wanted = url not in links and newsletter_html.is_headline(title)
            if wanted and not newsletter_html.is_housekeeping(title, url):
                links[url] = Link(url, title, "")
        if line and not _URL.search(line):
            before = line[:_LONGEST_TITLE]
    found = tuple(links.values())
    return Leaf(plain.cut("\n".join(filter(None, lines)), TEXT), links=found)


def _paragraphs(text: str) -> str:
    """Plain text as the HTML that items are built from."""
    return "".join(f"<p>{html.escape(line, quote=False)}</p>" for line in text.split("\n"))


# ------------------------------------------------------------------------------- its headers


def _raw(message: Mail, name: str) -> str:
    """The first header of that name, unfolded, as it was sent; "" where there is none."""
    for key, value in message.raw_items():
        if key.lower() == name:
            return _FOLD.sub("", _from_bytes(str(value)[:_LONGEST_HEADER]))
    return ""


def _from_bytes(value: str) -> str:
    """A header in which bytes over 127 stand, against the rules: mostly UTF-8 or Latin-1."""
    if value.isascii():
        return value
    return documents.decoded(value.encode("utf-8", "surrogateescape"), "")


def _header(message: Mail, name: str) -> str:
    return " ".join(_decoded_words(_raw(message, name)).split())


def _decoded_words(value: str) -> str:
    """A header with its encoded words (RFC 2047) read, whatever charset they claim."""
    try:
        parts = decode_header(_WORD_LANGUAGE.sub(r"\1\2", value))
    except (HeaderParseError, ValueError):
        return value
    return "".join(
        part
        if isinstance(part, str)
        else documents.decoded(part, f"charset={charset}")
        if charset
        else part.decode("raw-unicode-escape", "replace")
        for part, charset in parts
    )


def _author(name: str, address: str) -> str:
    """Who sent it: a name, or the domain; never an address."""
    return name if name and "@" not in name else address.rpartition("@")[2]


def _date(value: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _message_id(message: Mail) -> str:
    return "".join(_raw(message, "message-id").split()).strip("<>")


def _archived_at(message: Mail) -> str:
    """Where the message says that it can be read (RFC 5064)."""
    url = _FIELD_BREAK.sub("", _raw(message, "archived-at")).strip(" <>")
    return url if _URL.fullmatch(url) else ""


def _digest(text: str) -> str:
    data = text.encode("utf-8", "surrogatepass")
    return "mail:" + blake2b(data, digest_size=16).hexdigest()


# ----------------------------------------------------------------------------- what is private


def _private(message: Mail, own: Iterable[str]) -> frozenset[str]:
    """The addresses of those who received the message, in lower case."""
    said = " ".join(str(value) for key, value in message.raw_items() if key.lower() in _RECIPIENTS)
    return frozenset(address.lower() for address in [*own, *_ADDRESS.findall(said)])


def _clean(text: str, private: frozenset[str]) -> str:
    return _ADDRESS.sub(lambda found: "…" if _is_in(found[0], private) else found[0], text)


def _link(url: str, private: frozenset[str]) -> str:
    """The link as given, without the parameters that name a recipient; "" where its path does."""
    if not _names(url, private):
        return url
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    query = "&".join(pair for pair in parts.query.split("&") if not _names(pair, private))
    url = urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))
    return "" if _names(url, private) else url


def _names(text: str, private: frozenset[str]) -> bool:
    return any(_is_in(found, private) for found in _ADDRESS.findall(unquote(text)))


def _is_in(found: str, private: frozenset[str]) -> bool:
    """Whether it is one of the addresses, with or without signs before it, as in `?to=`."""
    folded = found.lower().rstrip(".")
    return folded in private or re.split(r"[^\w.+@-]", folded)[-1] in private
