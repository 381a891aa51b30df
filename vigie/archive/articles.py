"""Articles, their revisions, and which source carries them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlite_utils import Database

from vigie.archive import ids
from vigie.archive.moments import maybe, to_text
from vigie.errors import NotFoundError
from vigie.model import (
    Advisory,
    ArticleId,
    ArticleIntent,
    FailureKind,
    Item,
    Known,
    Novelty,
    Page,
    Rights,
    SourceId,
    Unparsed,
)
from vigie.naming import from_address
from vigie.rights import stored

T = TypeVar("T")

PAGE_TRIES = 3
_SAMPLE_BYTES = 4_096
_TOGETHER = 2_000  # revisions of one statement; each has nine values, of SQLite's 32,766
_PASSING = frozenset(
    {FailureKind.DNS, FailureKind.CONNECT, FailureKind.TIMEOUT, FailureKind.CRASHED}
)


_Revision = tuple[ArticleId, int, str, str, str, str, str, str, str]  # a row of `revisions`


@dataclass(frozen=True, slots=True)
class WantedPage:
    """An article whose page is to be fetched."""

    article: ArticleId
    source: SourceId
    url: str
    tries: int = 0  # so far


def known(db: Database, source: SourceId, keys: Sequence[str]) -> Mapping[str, Known]:
    """What the archive knows of these keys, as seen from this source."""
    found: dict[str, Known] = {}
    for chunk in _chunks(keys, 500):
        marks = ",".join("?" * len(chunk))
        rows = db.query(
            f"""SELECT a.key AS asked, a.id, a.key, x.guid, x.content_hash FROM articles a
                LEFT JOIN sightings x ON x.article_id = a.id AND x.source_id = ?
                WHERE a.key IN ({marks})
                UNION ALL
                SELECT k.key, a.id, a.key, x.guid, x.content_hash FROM article_keys k
                JOIN articles a ON a.id = k.article_id
                LEFT JOIN sightings x ON x.article_id = a.id AND x.source_id = ?
                WHERE k.key IN ({marks})""",  # noqa: S608  # only question marks are put in
            [source, *chunk, source, *chunk],
        )
        for row in rows:
            found[row["asked"]] = Known(
                row["id"], row["key"], row["guid"] or "", row["content_hash"] or ""
            )
    return found


def recent(db: Database, source: SourceId, most: int = 1_000) -> list[Known]:
    """What this source carried lately: the articles that came last, with their stated dates."""
    rows = db.query(
        """SELECT a.id, a.key, x.guid, x.content_hash,
               CASE WHEN a.dated THEN a.published END AS published
           FROM sightings x JOIN articles a ON a.id = x.article_id
           WHERE x.source_id = ? ORDER BY x.article_id DESC LIMIT ?""",
        [source, most],
    )
    return [
        Known(r["id"], r["key"], r["guid"], r["content_hash"], maybe(r["published"])) for r in rows
    ]


class Texts:
    """New revisions of a transaction, which are written together at its end.

    Each statement that adds texts writes out the full-text index anew: one for many costs a third
    of one for each.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._rows: list[_Revision] = []

    def add(self, rows: Iterable[_Revision]) -> None:
        self._rows += rows

    def write(self) -> None:
        """Write what was added, in that order; within the caller's transaction."""
        for rows in _chunks(self._rows, _TOGETHER):
            marks = ",".join(["(?, ?, ?, ?, ?, ?, ?, ?, ?)"] * len(rows))
            self._db.execute(
                f"""INSERT INTO revisions (article_id, n, seen_at, title, summary, text, text_from,
                    content_hash, changed) VALUES {marks}""",  # noqa: S608  only question marks
                [value for row in rows for value in row],
            )
        self._rows = []


def store(
    db: Database,
    source: SourceId,
    rights: Rights,
    intents: Iterable[ArticleIntent],
    now: datetime,
    texts: Texts | None = None,
) -> None:
    """Write what the decider wants, within the caller's transaction.

    With `texts`, the revisions' rows wait there, and the caller writes them before the transaction
    ends.
    """
    waiting = texts or Texts(db)
    _store(db, source, rights, intents, now, waiting)
    if texts is None:
        waiting.write()


def _store(
    db: Database,
    source: SourceId,
    rights: Rights,
    intents: Iterable[ArticleIntent],
    now: datetime,
    texts: Texts,
) -> None:
    new: list[ArticleIntent] = []
    sighted: list[tuple[ArticleId, ArticleIntent]] = []
    for intent in intents:
        match intent.novelty:
            case Novelty.NEW:
                new.append(intent)
            case Novelty.REVISED if intent.article is not None:
                _revise(db, intent.article, rights, intent, now, texts)
                sighted.append((intent.article, intent))
            case Novelty.ADOPTED if intent.article is not None:
                sighted.append((intent.article, intent))
            case Novelty.SEEN if intent.article is not None:
                if intent.renamed:
                    sighted.append((intent.article, intent))
            case _:
                raise ValueError(f"an intent without its article: {intent.novelty} {intent.key}")
        if intent.alias and intent.article is not None:
            _also_known(db, source, intent.article, intent, now)
    sighted += _insert(db, source, rights, new, now, texts)
    _sight(db, source, sighted, now)


def _also_known(
    db: Database, source: SourceId, article: ArticleId, intent: ArticleIntent, now: datetime
) -> None:
    """A further key of an article, and its new address where it has moved."""
    db.execute(
        """INSERT INTO article_keys (key, article_id, source_id, at, why) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT DO NOTHING""",
        [intent.alias, article, source, to_text(now), intent.why],
    )
    if intent.item.url:
        db.execute(
            "UPDATE articles SET url = ? WHERE id = ? AND source_id = ?",
            [intent.item.url, article, source],
        )


def _wants_page(rights: Rights, intent: ArticleIntent) -> bool:
    """Whether the article's page is to be fetched: a key of our own says a link to a listing."""
    own = not intent.key.startswith("urn:")
    return rights is Rights.FULL and bool(intent.item.url) and own and not intent.item.text


def _insert(
    db: Database,
    source: SourceId,
    rights: Rights,
    new: Sequence[ArticleIntent],
    now: datetime,
    texts: Texts,
) -> list[tuple[ArticleId, ArticleIntent]]:
    """All new articles of a poll with their first revisions, in the order of their ids."""
    if not new:
        return []
    (last,) = db.execute("SELECT coalesce(max(id), 0) FROM articles").fetchone()
    numbered = [(ArticleId(number), intent) for number, intent in enumerate(new, last + 1)]
    kept = [stored(intent.item, rights) for intent in new]
    seen = to_text(now)
    db.conn.executemany(
        """INSERT INTO articles (id, public_id, key, source_id, url, author, declared_language,
               categories, image, published, dated, first_seen, page)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        [
            (
                *(article, ids.article(intent.key), intent.key, source, item.url, item.author),
                *(item.language, _list(item.categories), item.image),
                *(to_text(item.published) if item.published else seen, int(bool(item.published))),
                *(seen, "wanted" if _wants_page(rights, intent) else "none"),
            )
            for (article, intent), item in zip(numbered, kept, strict=True)
        ],
    )
    texts.add(
        _revision(article, 1, item, intent, seen)
        for (article, intent), item in zip(numbered, kept, strict=True)
    )
    for article, intent in numbered:
        if intent.item.advisory is not None:
            texts.write()  # an advisory's fields belong to a revision that is there
            _add_advisory(db, article, 1, intent.item.advisory)
    return numbered


def _list(texts: Sequence[str]) -> str:
    return json.dumps(texts, ensure_ascii=False) if texts else "[]"


def _revise(
    db: Database,
    article: ArticleId,
    rights: Rights,
    intent: ArticleIntent,
    now: datetime,
    texts: Texts,
) -> None:
    (n,) = db.execute("SELECT revision + 1 FROM articles WHERE id = ?", [article]).fetchone()
    item = stored(intent.item, rights)
    texts.add([_revision(article, n, item, intent, to_text(now))])
    if item.advisory is not None:
        texts.write()
        _add_advisory(db, article, n, item.advisory)
    db.execute(
        """UPDATE articles SET revision = ?,
               page = CASE WHEN page = 'none' THEN 'none' ELSE ? END, page_tries = 0
           WHERE id = ?""",
        [n, "none" if item.text else "wanted", article],
    )


def _revision(
    article: ArticleId, n: int, item: Item, intent: ArticleIntent, seen: str
) -> _Revision:
    """A row of `revisions`; `item` is what of the intent's may be kept."""
    text_from = "feed" if item.text else ""
    changed = ", ".join(intent.changed)
    words = (item.title, item.summary, item.text)
    return (article, n, seen, *words, text_from, intent.content_hash, changed)


def _add_advisory(db: Database, article: ArticleId, n: int, advisory: Advisory) -> None:
    """The fields of a security advisory: facts, kept whatever the rights on its words."""
    lists = (advisory.cves, advisory.vendors, advisory.products, advisory.risks)
    db.execute(
        """INSERT INTO advisories (article_id, n, reference, issuer_revision, issuer, cves, vendors,
               products, risks, severity, tlp) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        [
            *(article, n, advisory.reference, advisory.revision, advisory.issuer),
            *(json.dumps(texts, ensure_ascii=False) for texts in lists),
            *(advisory.severity, advisory.tlp.value if advisory.tlp else ""),
        ],
    )


def _sight(
    db: Database,
    source: SourceId,
    sighted: Sequence[tuple[ArticleId, ArticleIntent]],
    now: datetime,
) -> None:
    seen = to_text(now)
    db.conn.executemany(
        """INSERT INTO sightings (source_id, article_id, guid, content_hash, first_seen)
           VALUES (?, ?, ?, ?, ?) ON CONFLICT (source_id, article_id)
           DO UPDATE SET guid = excluded.guid, content_hash = excluded.content_hash""",
        [
            (source, article, intent.item.guid, intent.content_hash, seen)
            for article, intent in sighted
        ],
    )


def quarantine(db: Database, source: SourceId, unparsed: Iterable[Unparsed], now: datetime) -> None:
    """Keep what could not be read, each fault once; caller's transaction."""
    for part in unparsed:
        sample = part.sample[:_SAMPLE_BYTES]
        digest = hashlib.blake2b(
            b"\0".join([part.where.encode(), part.reason.encode(), sample]), digest_size=16
        ).hexdigest()
        db.execute(
            """INSERT INTO quarantine (at, source_id, place, reason, sample, digest)
               VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING""",
            [to_text(now), source, part.where, part.reason, sample, digest],
        )


def wanted_pages(db: Database, now: datetime, limit: int = 1_000) -> list[WantedPage]:
    """Articles that still lack their page, oldest first; without those that are to wait."""
    rows = db.query(
        """SELECT a.id, a.source_id, a.url, a.page_tries
           FROM articles a JOIN sources s ON s.id = a.source_id
           WHERE a.page = 'wanted' AND s.rights = 'full' AND s.active = 1
             AND a.page_due <= ?
             AND s.kind != 'mailbox' -- a newsletter's links may name the reader: never followed
           ORDER BY a.id LIMIT ?""",
        [to_text(now), limit],
    )
    return [WantedPage(row["id"], row["source_id"], row["url"], row["page_tries"]) for row in rows]


def store_page(db: Database, article: ArticleId, page: Page, again: datetime | None = None) -> None:
    """The page's text joins the current revision; a failure keeps the feed's text.

    A title that was made from the address gives way to the page's own, and a day that the feed did
    not state to the page's. A passing fault is tried again at later runs, `PAGE_TRIES` times in
    all; what a busy server put off, from the moment `again` on. Caller's transaction.
    """
    if page.failure is not None:
        passing = page.failure.kind in _PASSING
        db.execute(
            """UPDATE articles SET page_tries = page_tries + 1, page_detail = ?, page_due = ?,
                   page = CASE WHEN ? OR (? AND page_tries + 1 < ?) THEN 'wanted' ELSE 'failed' END
               WHERE id = ?""",
            [
                *(page.failure.detail, to_text(again) if again else "", again is not None),
                *(passing, PAGE_TRIES, article),
            ],
        )
        return
    dated = to_text(page.published) if page.published else ""
    (url,) = db.execute("SELECT url FROM articles WHERE id = ?", [article]).fetchone()
    db.execute(
        """UPDATE revisions SET text = ?, text_from = 'page',
               title = CASE WHEN title IN ('', ?) AND ? <> '' THEN ? ELSE title END
           WHERE article_id = ? AND n = (SELECT revision FROM articles WHERE id = ?)""",
        [page.text, from_address(url), page.title, page.title, article, article],
    )
    db.execute(
        """UPDATE articles SET page = 'done', page_detail = '', page_due = '',
               author = CASE WHEN author = '' THEN ? ELSE author END,
               declared_language = CASE WHEN declared_language = '' THEN ?
                   ELSE declared_language END,
               published = CASE WHEN dated = 0 AND ? <> '' THEN ? ELSE published END,
               dated = max(dated, ? <> '') WHERE id = ?""",
        [page.author, page.language, dated, dated, dated, article],
    )


def find(db: Database, name: str) -> ArticleId:
    """An article by its public id, its row number or its URL. Raises NotFoundError."""
    row = db.execute(
        """SELECT id FROM articles WHERE public_id = ? OR key = ? OR url = ? OR CAST(id AS TEXT) = ?
           UNION ALL SELECT article_id FROM article_keys WHERE key = ?""",
        [name, name, name, name, name],
    ).fetchone()
    if row is None:
        raise NotFoundError(f"no article {name!r}; `vigie search WORDS` shows their ids")
    return ArticleId(row[0])


def _chunks(values: Sequence[T], size: int) -> Iterable[Sequence[T]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
