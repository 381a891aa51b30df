"""A feed's bytes made readable: unpacked, decoded, looked at before any parser sees them. Pure."""

from __future__ import annotations

import codecs
import re
import zlib

from collectors import plain

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0?\0", "utf-16-le"),
    (b"\0<\0?", "utf-16-be"),
)
_DECLARED = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})[\"']")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
_LATIN = {"iso8859-1", "iso8859-15", "ascii", "cp1252"}
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CONTROLS = bytes({*range(32)} - {*b"\t\n\r"})
_NO_CHARACTERS = ("\ufffe".encode(), "\uffff".encode())

_ENTITY = re.compile(r"<!ENTITY\s+(?:%\s+)?[^\s>]+\s+(?:\"([^\"]*)\"|'([^']*)'|)", re.IGNORECASE)
_REFERENCE = re.compile(r"[&%](?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-f]+);)\w+;", re.IGNORECASE)
_MOST_ENTITIES = 500
_MOST_OPEN = 150_000
_LONGEST_ENTITY = 1000  # characters

_HTML = re.compile(
    r"\s*+(?:(?><!--.*?-->)\s*+)*+<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_FEED_ROOT = re.compile(r"<(?:\w+:)?(?:rss|feed|rdf|channel|cdf|item|entry)\b", re.IGNORECASE)
_ENTRY_END = re.compile(r"</(?:\w+:)?(?:item|entry)\s*>", re.IGNORECASE)
# With ends, or a page of opened titles would be read once for each of them.
_TITLE = re.compile(r"<title[^>]{0,500}>([^<]{0,2000}+)</title", re.IGNORECASE | re.DOTALL)


def unpacked(body: bytes, most: int) -> bytes | None:
    """The body, out of the gzip that it may come in; None where that holds over `most` bytes."""
    for _ in range(3):
        if body[:3] != b"\x1f\x8b\x08":
            return body
        stream = zlib.decompressobj(wbits=31)
        try:
            inner = stream.decompress(body, most + 1)
        except zlib.error:
            return body
        if len(inner) > most:
            return None
        body = inner
    return None if body[:3] == b"\x1f\x8b\x08" else body


def decoded(body: bytes, content_type: str) -> str:
    """The text, by what the bytes are rather than by what they are said to be.

    UTF-8 wherever nearly all multi-byte sequences are sound, be they labelled otherwise; the few
    that are not become U+FFFD. Else the declared encoding, and Windows-1252 for the Latin ones.
    What XML forbids is taken out.
    """
    return _legal(_decoded(body, content_type)).lstrip("\ufeff")


def _legal(text: str) -> str:
    """The text without what XML forbids. Most have none: bytes tell that ten times as fast."""
    try:
        raw = text.encode("utf-8")
    except UnicodeEncodeError:  # half a pair of surrogates
        return _ILLEGAL.sub("", text)
    if len(raw.translate(None, _CONTROLS)) == len(raw) and not any(
        m in raw for m in _NO_CHARACTERS
    ):
        return text
    return _ILLEGAL.sub("", text)


def _decoded(body: bytes, content_type: str) -> str:
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body.decode(encoding, "replace")
    declared = _declared(body, content_type)
    if declared.startswith(("iso2022", "utf-16", "utf-32", "hz")) and body.isascii():
        return body.decode("ascii" if declared.startswith("utf") else declared, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    sound = len(text) - len(text.encode("ascii", "ignore")) - bad
    if sound >= 4 * bad and declared not in ("big5", "gb18030", "euc_jp", "shift_jis", "euc_kr"):
        return text
    if not declared or declared in _LATIN or declared.startswith("utf"):
        return body.decode("cp1252", "replace")
    return body.decode(declared, "replace")


def _declared(body: bytes, content_type: str) -> str:
    """The encoding in Python's spelling, or "". XML's word goes before a server's mere default."""
    http = _CHARSET.search(content_type)
    xml = _DECLARED.match(body[:400])
    said_by_http = _codec(http[1]) if http else ""
    said_by_xml = _codec(xml[1].decode("ascii")) if xml else ""
    if said_by_http in _LATIN or not said_by_http:
        return said_by_xml or said_by_http
    return said_by_http


def _codec(name: str) -> str:
    try:
        found = codecs.lookup(name)
        "".encode(found.name)  # hex, rot13 and their like are codecs too, but of no text
    except (LookupError, ValueError, TypeError):
        return ""
    return "gb18030" if found.name in ("gb2312", "gbk") else found.name


def bomb(text: str) -> str:
    """Why the document is an attack, or "".

    Refused are entities made of entities, very long ones, and very many; the small sets of
    character names that old feeds declare are not. So are elements opened by the hundred thousand
    and never closed: parsers keep all that is open.
    """
    marks = text.count("<") - text.count("<!") - text.count("<?")
    if marks - 2 * text.count("</") - text.count("/>") > _MOST_OPEN:
        return f"more than {_MOST_OPEN} elements never closed"
    for count, match in enumerate(_ENTITY.finditer(text), 1):
        value = match[1] or match[2] or ""
        if count > _MOST_ENTITIES:
            return f"more than {_MOST_ENTITIES} entity declarations"
        if _REFERENCE.search(value):
            return "entities made of entities"
        if len(value) > _LONGEST_ENTITY:
            return f"an entity of more than {_LONGEST_ENTITY} characters"
    return ""


def shortened(text: str, most: int) -> tuple[str, int]:
    """The document with its first `most` entries, and how many it had.

    Reading takes time for each entry, so those too many go before the parser comes.
    """
    count = kept = last = 0
    for count, match in enumerate(_ENTRY_END.finditer(text), 1):
        last = match.end()
        if count == most:
            kept = last
    if count <= most:
        return text, count
    return text[:kept] + text[last:], count


def html_title(text: str) -> str | None:
    """The title of an HTML page; None for what does not look like one."""
    start = text[:20_000]
    if not _HTML.match(start) or _FEED_ROOT.search(start):
        return None
    match = _TITLE.search(text[:200_000])
    return plain.line(match[1], 200) if match else ""
