"""The words of the field, as frozen values: what crosses from one package to another.

Each type is named by what the thing is at that point of an article's way. Times are aware UTC
datetimes, sizes bytes, durations seconds. Languages are ISO 639-1 codes, `und` where unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

SourceId = str  # a slug, chosen by the coordinator
ArticleId = int  # the archive's own row number; public ids are text


class Kind(StrEnum):
    """Kinds of source."""

    FEED = "feed"
    PAGE = "page"  # a listing page
    SITEMAP = "sitemap"
    ADVISORY = "advisory"
    MAILBOX = "mailbox"
    FILE = "file"  # a drop folder
    CONTRIBUTION = "contribution"  # what partners send in

    @property
    def local(self) -> bool:
        """Whether it is gathered here, rather than fetched over HTTP."""
        return self in (Kind.MAILBOX, Kind.FILE, Kind.CONTRIBUTION)


class Rights(StrEnum):
    """What may be stored and shown of a source's texts."""

    FULL = "full"
    EXCERPT = "excerpt"
    LINK = "link"


class Tlp(StrEnum):
    """Traffic Light Protocol 2.0 labels, never translated (FIRST, 2022)."""

    CLEAR = "TLP:CLEAR"
    GREEN = "TLP:GREEN"
    AMBER = "TLP:AMBER"
    AMBER_STRICT = "TLP:AMBER+STRICT"
    RED = "TLP:RED"


# ---------------------------------------------------------------- the outside world coming in


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


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a local source gave. `fetched.etag` is the cursor from which the next poll goes on."""

    fetched: Fetched
    parsed: ParsedFeed


@dataclass(frozen=True, slots=True)
class PollState:
    """What is remembered of a source between two polls."""

    next_due: datetime
    etag: str = ""
    last_modified: str = ""
    last_polled: datetime | None = None
    last_ok: datetime | None = None
    ill_since: datetime | None = None
    failures: int = 0  # in a row
    failure: Failure | None = None  # the last one, None when the last poll went well
    moved_to: str = ""  # where the source has said it now lives
    moved_seen: int = 0  # how many polls in a row said so
    url: str = ""  # the address in force after a confirmed move; "" is the declared one
    moved_at: datetime | None = None  # since when `url` is in force
    since_full: int = 0  # "not modified" answers since a whole one
    last_full: datetime | None = None  # when the whole feed last came
    ttl: float | None = None  # seconds; what the feed last asked for, as are the next two
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    norm: float | None = None  # seconds between two of its items, the usual gap; None: not known
    last_item: datetime | None = None  # the date of its newest item, or when one last came
    spared_at: datetime | None = None  # since when local outages excuse its failures
    retired_at: datetime | None = None  # when the server said 410 Gone
    retired_why: str = ""


@dataclass(frozen=True, slots=True)
class TdmRule:
    """One entry of a host's /.well-known/tdmrep.json."""

    location: str  # a path, in which * and a final $ mean what they mean in robots.txt
    reserved: bool
    policy: str = ""


@dataclass(frozen=True, slots=True)
class Reservation:
    """What a source's host asks of machines: robots.txt, and text and data mining (TDMRep)."""

    checked_at: datetime
    robots: str = "unknown"  # for the polled address: none, allows, disallows, unknown
    robots_detail: str = ""
    tdm: bool = False  # text and data mining of what is polled is reserved
    tdm_from: str = ""  # what said so: file, header
    tdm_policy: str = ""
    rules: tuple[TdmRule, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What is recorded of a source, and its health is judged by."""

    source: SourceId
    active: bool
    rhythm: str  # as declared
    added_at: datetime
    state: PollState
    duplicates: float | None = None  # share of what it carried that others had; None: nothing
    kept: float | None = None  # share of what it carried that a coordinator keeps


class HealthState(StrEnum):
    """How a source is, in one word."""

    WELL = "well"
    NEW = "never polled"
    MOVED = "moved"
    LATE = "late"
    SILENT = "silent"
    ILL = "ill"
    REFUSED = "refused"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Health:
    """How a source is, since when, and why, in words that a coordinator can use."""

    source: SourceId
    state: HealthState
    since: datetime | None
    why: str  # "" when well
    last_item: datetime | None
    norm: float  # seconds between two items: its own, else the declared rhythm's
    duplicates: float | None
    kept: float | None


@dataclass(frozen=True, slots=True)
class Known:
    """What the archive knows of an item that bears one of the keys asked for."""

    article: ArticleId
    key: str
    guid: str
    content_hash: str  # of the item as this source last gave it; "" where it never did


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


@dataclass(frozen=True, slots=True)
class Page:
    """An article page's text, or why there is none."""

    title: str = ""
    text: str = ""
    author: str = ""
    published: datetime | None = None
    language: str = ""
    reserved: str = ""  # who reserved text and data mining of this page, "" where nobody did
    failure: Failure | None = None


# ---------------------------------------------------------------- what the text says


@dataclass(frozen=True, slots=True)
class ReadingJob:
    """An article to be read: the text of one revision."""

    article: ArticleId
    revision: int
    title: str
    summary: str
    text: str
    declared_language: str = ""
    text_from: str = ""  # where the text came from: "", "feed" or "page"


@dataclass(frozen=True, slots=True)
class Language:
    code: str  # fr, nl, de, en, another ISO 639-1 code, or und
    confidence: float  # 0 to 1
    why: str


@dataclass(frozen=True, slots=True)
class Mention:
    """One name in one text. `field` is title, summary or text; offsets are in its characters."""

    entity: str  # canonical id: a gazetteer slug, or `label:folded surface` for what it lacks
    name: str  # the entity's display name
    label: str  # PER, LOC, ORG, MISC
    surface: str
    field: str
    start: int
    end: int
    why: str


@dataclass(frozen=True, slots=True)
class ThemeHit:
    theme: str
    score: float
    why: str  # the words, and where they stand


@dataclass(frozen=True, slots=True)
class Reading:
    """All that reading says of one article."""

    article: ArticleId
    revision: int
    language: Language
    mentions: tuple[Mention, ...]
    themes: tuple[ThemeHit, ...]


@dataclass(frozen=True, slots=True)
class GroupingItem:
    """What grouping looks at. The vector is kept beside, row for row."""

    article: ArticleId
    source: SourceId
    published: datetime
    language: str
    title: str
    lead: str  # title and summary, or the text's start
    entities: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Placement:
    """Where an article was put: a near-duplicate group and a story, each with its reason.

    A group or story is named by its founder: the article that was first placed in it.
    """

    article: ArticleId
    group: ArticleId
    group_neighbour: ArticleId | None
    group_score: float
    group_why: str
    story: ArticleId
    story_neighbour: ArticleId | None
    story_score: float
    story_why: str


# ---------------------------------------------------------------- people's acts


class Verdict(StrEnum):
    KEEP = "keep"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Decision:
    """One act of a person on one article; appended, never changed."""

    article: ArticleId
    verdict: Verdict
    who: str  # a handle, never an address
    at: datetime
    why: str = ""


# ---------------------------------------------------------------- the outside world going out


@dataclass(frozen=True, slots=True)
class Candidate:
    """A story as drafting sees it: its main article, and what speaks for it."""

    article: ArticleId
    revision: int
    story: str  # public id
    title: str
    summary: str
    text: str
    url: str
    source: str  # its title
    reliability: str  # Admiralty A-F
    rights: Rights
    published: datetime
    language: str
    themes: tuple[ThemeHit, ...]
    places: tuple[str, ...]  # names, most mentioned first
    entities: tuple[str, ...]
    sources: tuple[str, ...]  # titles of all sources that carried the story, first first
    verdict: Verdict | None = None
    verdict_by: str = ""
    verdict_why: str = ""


@dataclass(frozen=True, slots=True)
class IssueItem:
    """One item of an issue, frozen: what is printed, and where it came from."""

    article: ArticleId
    revision: int
    story: str
    section: str  # theme id
    rank: int  # within its section, from 1
    title: str
    excerpt: str  # within the source's rights
    url: str
    source: str
    reliability: str
    published: datetime
    language: str
    place: str
    themes: tuple[str, ...]
    sources: tuple[str, ...]
    why: str  # why it is here
    comment: str = ""  # "À retenir", by a person only
    tlp: Tlp = Tlp.CLEAR


@dataclass(frozen=True, slots=True)
class Section:
    theme: str
    labels: dict[str, str] = field(hash=False)  # by language


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue of the bulletin, drafted or published."""

    id: str  # normandie-2026Q4
    edition: str
    title: dict[str, str] = field(hash=False)  # by language
    period: str  # 2026Q4
    start: datetime
    end: datetime  # not included
    revision: int
    sections: tuple[Section, ...]
    items: tuple[IssueItem, ...]
    drafted_at: datetime
    publisher: str = ""
    contact: str = ""

    @property
    def tlp(self) -> Tlp:
        """The most restrictive label of its items."""
        order = list(Tlp)
        return max((item.tlp for item in self.items), key=order.index, default=Tlp.CLEAR)


class Form(StrEnum):
    HTML = "html"
    TEXT = "txt"
    PDF = "pdf"


@dataclass(frozen=True, slots=True)
class Rendered:
    """One form of an issue in one language, as bytes that will not change."""

    issue: str
    revision: int
    language: str
    form: Form
    content: bytes
    sha256: str


@dataclass(frozen=True, slots=True)
class Recipient:
    id: int
    name: str
    address: str
    language: str
    structure: str


class DeliveryState(StrEnum):
    """A ledger row's way. `claimed` never reached DATA; `sending` may have been taken."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    SENDING = "sending"
    SENT = "sent"
    DEFERRED = "deferred"
    REFUSED = "refused"
    IN_DOUBT = "in doubt"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One ledger row: an issue's revision for one recipient."""

    id: int
    issue: str
    revision: int
    recipient: Recipient
    state: DeliveryState
    detail: str = ""
