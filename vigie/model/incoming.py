"""The outside world coming in: from a job to fetch to what is wanted written."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from operator import attrgetter

from vigie.model.words import ArticleId, Tlp


@dataclass(frozen=True, slots=True)
class Limits:
    """What one fetch may cost."""

    seconds: float = 30.0
    max_bytes: int = 10_000_000  # decoded
    redirects: int = 5
    per_host: int = 2
    delay: float = 0.5  # seconds between two requests to one host
    concurrency: int = 16
    allow_inside: tuple[str, ...] = ()  # networks in CIDR form
    user_agent: str = "Vigie"


@dataclass(frozen=True, slots=True)
class FetchJob:
    """One address to fetch. `key` is the caller's: a source id, or an article id as text."""

    key: str
    url: str
    etag: str = ""
    last_modified: str = ""
    accept: str = "feed"  # "feed" or "page"
    step: int = 0  # 0: the source's own address, 1 and on: one that it led to
    seconds: float | None = None  # a budget of its own, less than the limits'; what a source's
    max_bytes: int | None = None  # jobs of one step have they share. max_bytes: decoded
    auth: str = field(default="", repr=False)  # an Authorization header: never logged or stored
    auth_for: str = ""  # the address to whose host alone `auth` may go
    stamp: str = ""  # what the listing that led here says of it: while that is the same, so is it


class FailureKind(StrEnum):
    """Why a source or page gave nothing. The words a coordinator sees come from these."""

    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    TOO_LARGE = "too-large"
    REDIRECTS = "redirects"
    INSIDE = "inside-address"
    ROBOTS = "robots"
    HTTP = "http"
    LOGIN = "login"  # a mailbox that lets us in no more, or never did
    NOT_A_FEED = "not-a-feed"
    EMPTY = "empty"
    MALFORMED = "malformed"
    HOSTILE = "hostile"
    NO_TEXT = "no-text"
    RESERVED = "reserved"
    PAYWALL = "paywall"  # a page whose text is for subscribers
    NO_LINKS = "no-links"  # a page on which no list of articles was found
    FOLDER = "folder"  # a drop folder that is not there, or cannot be read
    CRASHED = "crashed"


@dataclass(frozen=True, slots=True)
class Failure:
    """An expected failure: kept as a value on the source, the page or the recipient."""

    kind: FailureKind
    detail: str
    status: int = 0  # HTTP status, 0 where there was none


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came back for a job: a body, "not modified", or a failure."""

    key: str
    url: str
    at: datetime
    final_url: str = ""
    status: int = 0
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""
    body: bytes = b""
    seconds: float = 0.0
    moved_to: str = ""  # where permanent redirects (301, 308) led
    retry_after: float | None = None  # seconds
    fresh_for: float | None = None  # seconds: Cache-Control's max-age, or Expires
    tdm: str = ""  # the header tdm-reservation: "1", "0", or "" where it was not sent
    tdm_policy: str = ""
    failure: Failure | None = None
    step: int = 0  # the job's
    size: int = 0  # bytes that came where the body is no longer held; 0: the body's

    @property
    def not_modified(self) -> bool:
        return self.status == 304


@dataclass(frozen=True, slots=True)
class Advisory:
    """What a security advisory says in fields. Its reference and revision together name it."""

    reference: str  # CERTFR-2026-AVI-0001; unique for its issuer
    revision: str  # as the issuer counts them: a version, or the last revision's date
    issuer: str
    cves: tuple[str, ...] = ()
    vendors: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()  # in the issuer's words
    severity: str = ""  # critical, high, medium, low, none, or the issuer's word; "" unsaid
    tlp: Tlp | None = None  # None where the issuer gives no label


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a source, sanitised: plain text only, no markup."""

    url: str  # as given, absolute; "" where the entry has none
    canonical_url: str  # without tracking parameters; "" where the entry has none
    guid: str
    title: str
    summary: str
    text: str = ""  # the full content where the feed carries it
    author: str = ""
    published: datetime | None = None
    updated: datetime | None = None
    categories: tuple[str, ...] = ()
    language: str = ""  # as declared
    image: str = ""
    advisory: Advisory | None = None

    def saying(self, summary: str, image: str) -> Item:
        """The same, with this summary and image and no text; ten times as fast as `replace`."""
        return Item(
            *(self.url, self.canonical_url, self.guid, self.title, summary, "", self.author),
            *(self.published, self.updated, self.categories, self.language, image, self.advisory),
        )

    def __reduce__(self) -> tuple[type[Item], tuple[object, ...]]:
        """As its values: what a dataclass does by itself costs three times as much."""
        return Item, _values_of_item(self)


_values_of_item = attrgetter(*(field.name for field in fields(Item)))


@dataclass(frozen=True, slots=True)
class Unparsed:
    """Something that could not be read, for the quarantine."""

    where: str  # "feed", "entry 3", "page"
    reason: str
    sample: bytes


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed as read: its items in the feed's order, and what could not be read.

    `follow` names further addresses of the same source that are needed to complete it.
    """

    title: str = ""
    language: str = ""
    items: tuple[Item, ...] = ()
    unparsed: tuple[Unparsed, ...] = ()
    ttl: float | None = None  # seconds
    skip_hours: tuple[int, ...] = ()  # of the day, UTC, in which the feed asks for no polls
    skip_days: tuple[int, ...] = ()  # of the week, 0 is Monday
    failure: Failure | None = None
    follow: tuple[FetchJob, ...] = ()
    unchanged: bool = False  # there was nothing to read since the last poll, as of a "not modified"
    followed: tuple[FetchJob, ...] = ()  # those that were asked and read, once all steps are one


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a local source gave. `fetched.etag` is the cursor from which the next poll goes on."""

    fetched: Fetched
    parsed: ParsedFeed


@dataclass(frozen=True, slots=True)
class Known:
    """What the archive knows of an item that bears one of the keys asked for."""

    article: ArticleId
    key: str
    guid: str
    content_hash: str  # of the item as this source last gave it; "" where it never did
    published: datetime | None = None  # as stated; None where it was not, or was not asked for


class Novelty(StrEnum):
    NEW = "new"
    REVISED = "revised"
    SEEN = "seen"
    ADOPTED = "adopted"  # known from another source, now carried by this one too


@dataclass(frozen=True, slots=True)
class ArticleIntent:
    """What the decider wants written for one item."""

    novelty: Novelty
    key: str  # the article's identity: its canonical URL, or a name made from source and guid
    item: Item
    content_hash: str
    article: ArticleId | None = None  # None for a new one
    changed: tuple[str, ...] = ()  # for a revision: which of title, summary, text, where known
    why: str = ""
    alias: str = ""  # a further key of a known article, by which it will be found from now on
    renamed: bool = False  # the source's own id of it has changed


@dataclass(frozen=True, slots=True)
class Page:
    """An article page's text, or why there is none."""

    title: str = ""
    text: str = ""
    author: str = ""
    published: datetime | None = None
    language: str = ""
    reserved: str = ""  # who reserved text and data mining of this page, "" where nobody did
    paywall: str = ""  # what says that the text is for subscribers, "" where nothing does
    failure: Failure | None = None
