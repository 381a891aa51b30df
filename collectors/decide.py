"""New, revised, seen or adopted: what an item is to the archive. Pure and deterministic."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from hashlib import blake2b

from vigie.model import ArticleIntent, Item, Known, Novelty, SourceId

_PARTS = ("title", "summary", "text")
_DIGITS = 20  # hexadecimal digits for each part: 80 bits
_EMPTY = blake2b(b"", digest_size=_DIGITS // 2).hexdigest()
_NEVER = datetime.min.replace(tzinfo=UTC)
_LONG_NUMBER = re.compile(r"\d{5,}")


def content_hash(item: Item) -> str:
    """A fingerprint of title, summary and text, white space made even. Dates do not count.

    Three digests of 20 hexadecimal digits (BLAKE2b, 80 bits), one for each part, so that two
    fingerprints also say which part differs.
    """
    return "".join(
        [
            _digest(text, _DIGITS) if text else _EMPTY
            for text in (item.title, item.summary, item.text)
        ]
    )


def keys(source: SourceId, items: Sequence[Item]) -> list[str]:
    """The key that each item would have in an empty archive, in the items' order.

    An item's key is its canonical URL. It gets a name of its own, `urn:vigie:SOURCE:DIGEST`, from
    its guid (or address and title) where it has no URL, where entries that differ in both guid and
    title share one, or where it is a home page: such a link leads to a listing, not to the article.
    """
    poll = _Poll(source, items, {}, ())
    return [poll.intent(item).key for item in items]


def candidates(source: SourceId, items: Sequence[Item]) -> list[str]:
    """All keys under which the archive may know the items: their addresses and their names."""
    names = [_name(source, item) for item in items]
    return list(dict.fromkeys([*filter(None, (item.canonical_url for item in items)), *names]))


def decide(
    source: SourceId,
    items: Sequence[Item],
    known: Mapping[str, Known],
    recent: Sequence[Known] = (),
) -> list[ArticleIntent]:
    """What to write for each item of one poll of `source`, in the items' order.

    `known` holds what the archive has under `candidates(source, items)`; `recent` what this source
    carried lately, by which an article is recognised whose address or id has changed. Of entries
    that are one article, that with the latest date stands, then the longest.
    """
    poll = _Poll(source, items, known, recent)
    chosen: dict[str, ArticleIntent] = {}
    for item in items:
        intent = poll.intent(item)
        name = intent.key
        if name not in chosen or _weight(intent) > _weight(chosen[name]):
            chosen[name] = intent
    return list(chosen.values())


def _weight(intent: ArticleIntent) -> tuple[datetime, int, str]:
    item = intent.item
    length = len(item.title) + len(item.summary) + len(item.text)
    return (
        item.updated or item.published or _NEVER,
        length,
        f"{intent.content_hash} {item.canonical_url} {item.guid} {item.url}",
    )


class _Poll:
    """One poll of a source: what its items are to each other, and to what is known."""

    def __init__(
        self,
        source: SourceId,
        items: Sequence[Item],
        known: Mapping[str, Known],
        recent: Sequence[Known],
    ) -> None:
        self._source = source
        self._known = known
        self._names = {_name(source, item) for item in items}
        by_url: dict[str, list[Item]] = defaultdict(list)
        for item in items:
            by_url[item.canonical_url].append(item)
        self._here = set(by_url)
        self._shared = {
            url for url, group in by_url.items() if url and len(group) > 1 and _is_listing(group)
        }
        self._repeated = {url for url, group in by_url.items() if len(group) > 1}
        self._items = items
        self._by_guid = _only([one for one in recent if one.guid], lambda one: one.guid)
        self._by_hash = _only([one for one in recent if one.content_hash], _whole)

    @cached_property
    def _hashes(self) -> Counter[str]:
        """How many entries of this poll have the same words."""
        entries = {(content_hash(i), i.canonical_url or i.guid) for i in self._items}
        return Counter(digest for digest, _ in entries)

    @cached_property
    def _guids(self) -> Counter[str]:
        return Counter(guid for guid, _ in {(i.guid, i.canonical_url) for i in self._items})

    def intent(self, item: Item) -> ArticleIntent:
        digest = content_hash(item)
        key, before, why = self._place(item, digest)
        alias = "" if before is None or key == before.key else key
        if before is None:
            return ArticleIntent(Novelty.NEW, key, item, digest, why=why or "a new entry")
        if not before.content_hash:
            why = f"known from elsewhere, now also in {self._source}"
            return ArticleIntent(Novelty.ADOPTED, before.key, item, digest, before.article, why=why)
        renamed = before.guid != item.guid
        if before.content_hash == digest:
            novelty = Novelty.SEEN
            changed: tuple[str, ...] = ()
            said = why or "as this source gave it before"
        else:
            novelty, changed = Novelty.REVISED, _changed(before.content_hash, digest)
            edited = f"{self._source} has edited {' and '.join(changed) or 'it'}"
            said = f"{edited}; {why}" if why else edited
        return ArticleIntent(
            novelty, before.key, item, digest, before.article, changed, said, alias, renamed
        )

    def _place(self, item: Item, digest: str) -> tuple[str, Known | None, str]:
        """The item's key, what is known under it, and why where that is not plain."""
        url = item.canonical_url
        name = _name(self._source, item)
        at_url = self._known.get(url) if url else None
        if at_url and not self._is_another(item, digest, at_url):
            return url, at_url, ""
        if name in self._known:
            return name, self._known[name], ""
        if at_url or not url or url in self._shared or is_home(url):
            found = None if at_url or url in self._shared else self._by_content(item, digest)
            why = "its link leads to several articles" if url else "an entry without an address"
            return name, found, "recognised by its words: its id has changed" if found else why
        moved, why = self._moved(item, digest)
        return url, moved, why or "no article has this address"

    def _is_another(self, item: Item, digest: str, at_url: Known) -> bool:
        """True where the address is known for another entry than this one."""
        same = at_url.guid == item.guid or at_url.content_hash == digest
        if same and at_url.content_hash:
            return False
        if is_home(item.canonical_url) or item.canonical_url in self._shared:
            return not at_url.content_hash or _title(at_url.content_hash) != _title(digest)
        if not (at_url.guid and item.guid and at_url.content_hash):
            return False
        if item.canonical_url in self._repeated:
            return False  # entries of one address that are no listing are one article
        return not _alike(at_url.content_hash, digest)

    def _moved(self, item: Item, digest: str) -> tuple[Known | None, str]:
        """The article that this one is under a new address, and by what it was recognised."""
        same_id = self._by_guid.get(item.guid)
        if same_id and self._guids[item.guid] == 1 and self._is_gone(same_id):
            if _alike(same_id.content_hash, digest) or _number(same_id.key) == (
                _number(item.canonical_url) or " "
            ):
                return same_id, "recognised by its id: its address has changed"
            return None, "its id was another article's"
        found = self._by_content(item, digest)
        return found, "recognised by its words: its address and id have changed" if found else ""

    def _by_content(self, item: Item, digest: str) -> Known | None:
        """The only article with these very words, where it left this poll with its old keys."""
        found = self._by_hash.get(digest)
        if found is None or self._hashes[digest] != 1 or not (item.summary or item.text):
            return None
        dated = found.published is not None and found.published == item.published
        return found if dated and self._is_gone(found) else None

    def _is_gone(self, known: Known) -> bool:
        return known.key not in self._here and known.key not in self._names


def is_home(url: str) -> bool:
    """Whether an address is a site's home page, which is nobody's article."""
    path, _, query = url.partition("://")[2].partition("/")[2].partition("?")
    return bool(url) and not path and not query


def _only(many: Sequence[Known], by: Callable[[Known], str]) -> dict[str, Known]:
    """Those that alone have what `by` names."""
    count = Counter(map(by, many))
    return {by(one): one for one in many if count[by(one)] == 1}


def _whole(known: Known) -> str:
    return known.content_hash


def _title(digest: str) -> str:
    return digest[:_DIGITS]


def _alike(old: str, new: str) -> bool:
    """Whether title, summary or text has stayed, of those that are not empty."""
    if len(old) != len(new):
        return True  # a fingerprint of another age says nothing
    parts = [(old[at : at + _DIGITS], new[at : at + _DIGITS]) for at in range(0, len(new), _DIGITS)]
    return any(before == after != _EMPTY for before, after in parts)


def _number(url: str) -> str:
    """The long number in an address, by which many sites know their articles."""
    found = _LONG_NUMBER.findall(url.partition("://")[2].partition("/")[2])
    return max(found, key=len, default="")


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
    return _named(source, identity)


@lru_cache(maxsize=8_192)  # each name is asked for three times in a poll
def _named(source: SourceId, identity: str) -> str:
    return f"urn:vigie:{source}:{_digest(identity, 32)}"


def _even(text: str) -> str:
    flat = text.replace("\n", " ")
    # No white space is printable but the space itself: most texts are even already.
    if flat.isprintable() and "  " not in flat and flat[:1] != " " and flat[-1:] != " ":
        return flat
    return " ".join(text.split())


def _digest(text: str, digits: int) -> str:
    data = _even(text).encode("utf-8", "surrogatepass")
    return blake2b(data, digest_size=digits // 2).hexdigest()
