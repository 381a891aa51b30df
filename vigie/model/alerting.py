"""Alerts: what is sent between two issues, and what speaks for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from vigie.model.incoming import Advisory
from vigie.model.reading import ThemeHit
from vigie.model.words import ArticleId, Rights, SourceId, Tlp


class Severity(StrEnum):
    """How grave an advisory is, from the least on. The words are CVSS's own."""

    UNSAID = ""
    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 where nothing is said, higher the graver."""
        return list(Severity).index(self)


class AlertKind(StrEnum):
    ADVISORY = "advisory"
    STORY = "story"


@dataclass(frozen=True, slots=True)
class AdvisoryNamed:
    """An advisory as an alert names it."""

    issuer: str
    reference: str
    revision: str  # as the issuer counts
    url: str = ""


@dataclass(frozen=True, slots=True)
class Alerted:
    """An alert as it last went out: what a bulletin's "alerts of the quarter" can list."""

    id: str  # public: al-...
    kind: AlertKind
    revision: int  # 1 is the first; each later one went out as an update
    first_at: datetime  # when its first copy left
    last_at: datetime
    article: ArticleId  # the one that speaks for it
    article_revision: int
    title: str
    url: str
    source: str  # its title
    severity: Severity
    severity_why: str
    cves: tuple[str, ...] = ()
    vendors: tuple[str, ...] = ()
    advisories: tuple[AdvisoryNamed, ...] = ()
    story: str = ""  # public id, as it was named then
    sources: int = 0  # how many carried the story


# ------------------------------------------------------------------------- what may be alerted


@dataclass(frozen=True, slots=True)
class WordHit:
    """A phrase of a rule where it stands in a text."""

    rule: str
    surface: str


@dataclass(frozen=True, slots=True)
class NamedEntity:
    id: str
    name: str
    nuts: str = ""  # a place's code


@dataclass(frozen=True, slots=True)
class CarriedBy:
    """That a source carried an article of a story."""

    source: SourceId
    at: datetime


@dataclass(frozen=True, slots=True)
class Alertable:
    """An article's revision with all that a rule of alerts may ask for."""

    article: ArticleId
    public_id: str
    revision: int
    title: str
    url: str
    source: SourceId
    source_title: str
    rights: Rights
    published: datetime
    seen_at: datetime  # when this revision came
    language: str = "und"
    summary: str = ""
    text: str = ""
    text_from: str = ""
    advisory: Advisory | None = None
    themes: tuple[ThemeHit, ...] = ()
    entities: tuple[NamedEntity, ...] = ()
    cves: tuple[str, ...] = ()  # that the text names
    cites: tuple[str, ...] = ()  # references of advisories that the text names
    words: tuple[WordHit, ...] = ()
    story: str = ""  # public id; "" while it has none
    carried: tuple[CarriedBy, ...] = ()  # its story's articles, this one included


# ------------------------------------------------------------------------------ what is alerted


@dataclass(frozen=True, slots=True)
class Because:
    """What of an article made a rule hold: a name of the rule's conditions, and what was found."""

    condition: str
    found: str


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that holds, with what made it hold."""

    rule: str
    name: str  # as recipients read it
    because: tuple[Because, ...]
    tlp: Tlp = Tlp.CLEAR
    approval: bool = False


@dataclass(frozen=True, slots=True)
class Alert:
    """What an alert says, frozen at one of its revisions."""

    key: str
    kind: AlertKind
    revision: int  # from 1
    at: datetime
    article: ArticleId  # the one that speaks for it
    article_revision: int
    title: str
    url: str
    source: str  # its title
    published: datetime
    language: str
    excerpt: str  # within the source's rights
    severity: Severity = Severity.UNSAID
    severity_why: str = ""
    tlp: Tlp = Tlp.CLEAR
    cves: tuple[str, ...] = ()
    vendors: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()
    advisories: tuple[AdvisoryNamed, ...] = ()
    themes: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    story: str = ""
    sources: tuple[SourceId, ...] = ()  # that carried the story
    step: int = 0  # of the story's growth
    articles: tuple[ArticleId, ...] = ()  # all that it is made of
    matches: tuple[Match, ...] = ()
    changed: str = ""  # what made this revision; "" for the first
    before: datetime | None = None  # when the revision before it was made


@dataclass(frozen=True, slots=True)
class Seen:
    """An issuer's revision of an advisory that some alert has dealt with."""

    name: str  # issuer and reference
    revision: str


@dataclass(frozen=True, slots=True)
class Standing:
    """An alert as it stands, and what it has dealt with."""

    alert: Alert
    seen: tuple[Seen, ...] = ()
    last: datetime | None = None  # when anything last came to it


class How(StrEnum):
    NEW = "new"
    UPDATE = "update"
    JOINED = "joined"  # named from now on, and nobody is told of it again
    AGAIN = "again"  # the same revision: nothing
    OLD = "old"  # older than what was told, or too old to be told
    NONE = "none"  # no rule


@dataclass(frozen=True, slots=True)
class Note:
    """What became of one article, and why."""

    article: str  # public id
    how: How
    why: str
    key: str = ""  # the alert's
    seen: Seen | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """What a look at new articles comes to: alerts as they now stand, a note on each article."""

    alerts: tuple[Alert, ...] = ()
    notes: tuple[Note, ...] = ()


# ---------------------------------------------------------------------------------- to whom


@dataclass(frozen=True, slots=True)
class Listener:
    """Someone on the list of alerts, and what of them they want."""

    id: int
    clearance: Tlp
    rules: tuple[str, ...]  # ids; "*" for every rule of alerts.toml
    severity: Severity = Severity.UNSAID  # at least


@dataclass(frozen=True, slots=True)
class Addressed:
    """That an alert's revision goes to someone, and by which rules."""

    recipient: int
    rules: tuple[str, ...]
    tlp: Tlp
    approval: bool  # a person has to say yes first


@dataclass(frozen=True, slots=True)
class Waiting:
    """An alert that waits to be sent to someone."""

    item: int
    severity: Severity
    since: datetime


@dataclass(frozen=True, slots=True)
class Mailbag:
    """All that decides what someone is sent now."""

    recipient: int
    waiting: tuple[Waiting, ...]
    sent: tuple[datetime, ...] = ()  # messages, of the last two days
    told: int = 0  # alerts told one by one since midnight
    counted: tuple[int, ...] = ()  # items of earlier days that are told as a number


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message: which alerts it tells, and how many it only counts."""

    recipient: int
    items: tuple[int, ...]
    counted: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Packed:
    parcels: tuple[Parcel, ...] = ()
    over: tuple[int, ...] = ()  # items beyond the day's limit: told as a number later
