"""New, revised, seen or adopted: what an item is to the archive. Pure and deterministic."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from hashlib import blake2b

from vigie.model import ArticleIntent, Item, Known, Novelty, SourceId

_PARTS = ("title", "summary", "text")
_DIGITS = 20  # hexadecimal digits for each part: 80 bits


def content_hash(item: Item) -> str:
    """A fingerprint of title, summary and text, white space made even. Dates do not count.

    Three digests of 20 hexadecimal digits (BLAKE2b, 80 bits), one for each part, so that two
    fingerprints also say which part differs.
    """
    return "".join(
        [
            _digest(text, _DIGITS) if text else _NOTHING
            for text in (item.title, item.summary, item.text)
        ]
    )


def keys(source: SourceId, items: Sequence[Item]) -> list[str]:
    """The archive's key of each item, in the items' order.

    An item's key is its canonical URL. It gets a name of its own, `urn:vigie:SOURCE:DIGEST`, from
    its guid (or address and title) where it has no URL, or where entries that differ in both guid
    and title share one URL: such a link leads to a listing, not to the article.
    """
    by_url: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        by_url[item.canonical_url].append(item)
    shared = {url for url, group in by_url.items() if len(group) > 1 and _is_listing(group)}
    return [
        item.canonical_url
        if item.canonical_url and item.canonical_url not in shared
        else _name(source, item)
        for item in items
    ]


def decide(
    source: SourceId, items: Sequence[Item], known: Mapping[str, Known]
) -> list[ArticleIntent]:
    """What to write for each item of one poll of `source`, in the items' order.

    `known` holds what the archive has under `keys(source, items)`. Of entries with one key, the
    first stands and the others are left out.
    """
    intents: dict[str, ArticleIntent] = {}
    for key, item in zip(keys(source, items), items, strict=True):
        if key not in intents:
            intents[key] = _intent(source, key, item, known.get(key))
    return list(intents.values())


def _intent(source: SourceId, key: str, item: Item, before: Known | None) -> ArticleIntent:
    digest = content_hash(item)
    if before is None:
        why = "no article has this address" if item.canonical_url == key else "a new entry"
        return ArticleIntent(Novelty.NEW, key, item, digest, why=why)
    if not before.content_hash:
        why = f"known from elsewhere, now also in {source}"
        return ArticleIntent(Novelty.ADOPTED, key, item, digest, before.article, why=why)
    if before.content_hash == digest:
        why = "as this source gave it before"
        return ArticleIntent(Novelty.SEEN, key, item, digest, before.article, why=why)
    changed = _changed(before.content_hash, digest)
    why = f"{source} has edited {' and '.join(changed) or 'it'}"
    return ArticleIntent(Novelty.REVISED, key, item, digest, before.article, changed, why)


def _changed(old: str, new: str) -> tuple[str, ...]:
    if len(old) != len(new):
        return ()
    return tuple(
        part
        for position, part in enumerate(_PARTS)
        if old[position * _DIGITS : (position + 1) * _DIGITS]
        != new[position * _DIGITS : (position + 1) * _DIGITS]
    )


def _is_listing(group: Sequence[Item]) -> bool:
    guids = {item.guid for item in group}
    titles = {_even(item.title) for item in group}
    return len(guids) > 1 and len(titles) > 1


def _name(source: SourceId, item: Item) -> str:
    identity = item.guid or f"{item.canonical_url}\n{_even(item.title)}"
    if identity == "\n":
        identity += content_hash(item)
    return f"urn:vigie:{source}:{_digest(identity, 32)}"


def _even(text: str) -> str:
    return " ".join(text.split())


def _digest(text: str, digits: int) -> str:
    data = _even(text).encode("utf-8", "surrogatepass")
    return blake2b(data, digest_size=digits // 2).hexdigest()


_NOTHING = _digest("", _DIGITS)
