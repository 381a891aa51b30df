"""People's acts, and the outside world going out: issues, recipients, deliveries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from vigie.model.emerging import Strength
from vigie.model.reading import ThemeHit
from vigie.model.words import ArticleId, Rights, Tlp


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


@dataclass(frozen=True, slots=True)
class Notice:
    """What a security advisory says in fields, as far as choosing needs it."""

    reference: str
    severity: str  # critical, high, medium, low, none, or the issuer's own word; "" where none
    vendors: tuple[str, ...] = ()
    cves: tuple[str, ...] = ()
    tlp: Tlp = Tlp.CLEAR
    sent: bool = False  # it went out as an alert


@dataclass(frozen=True, slots=True)
class Spoken:
    """A day that an article speaks of, and the words around it."""

    day: date
    near: str
    in_title: bool


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
    articles: tuple[ArticleId, ...] = ()  # of the story, in order of publication
    carried: tuple[Carried, ...] = ()  # the same: when, and by whom
    nuts: str = ""  # code of the first of `places` that has one
    territories: tuple[str, ...] = ()  # NUTS codes that its articles name, the most named first
    contributor: str = ""  # the structure that sent it in
    notice: Notice | None = None  # where all of it is advisories
    dates: tuple[Spoken, ...] = ()  # days that its articles speak of


@dataclass(frozen=True, slots=True)
class Quoted:
    """One sentence of a summary, taken as it stands, and whose it is."""

    text: str
    article: ArticleId
    url: str
    source: str  # its title


@dataclass(frozen=True, slots=True)
class Carried:
    """One article of a story: when, and by whom."""

    at: datetime
    source: str  # its title


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
    summary: tuple[Quoted, ...] = ()  # within each source's rights
    credibility: str = ""  # Admiralty 1-6, of the information; "" where nobody judged it
    nuts: str = ""  # the place's code
    contributor: str = ""  # the structure that sent it in
    reference: str = ""  # an advisory's
    happens: date | None = None  # of an agenda's entry: the day itself
    strength: Strength | None = None  # of an emerging signal
    carried: tuple[Carried, ...] = ()  # who carried the story and when, in order of time


class SectionKind(StrEnum):
    THEME = "theme"
    SIGNALS = "signals"  # signaux émergents
    OUTSIDE = "outside"  # hors catégorie
    ELSEWHERE = "elsewhere"  # initiatives d'ailleurs
    ALERTS = "alerts"  # alertes du trimestre
    AGENDA = "agenda"


@dataclass(frozen=True, slots=True)
class Edit:
    """What a person said of one story in one issue; appended, and the last of a field counts.

    `field` is stands (keep, drop, or "" to leave it to the machine), section, rank, comment,
    credibility, tlp, place or nuts.
    """

    story: str
    field: str
    value: str
    who: str  # a handle
    at: datetime


@dataclass(frozen=True, slots=True)
class Section:
    theme: str  # a theme's id, or the name of what kind of section it is
    labels: dict[str, str] = field(hash=False)  # by language
    kind: SectionKind = SectionKind.THEME


@dataclass(frozen=True, slots=True)
class Erratum:
    """What a later revision of an issue put right, in the coordinator's words."""

    revision: int  # the first that has it right
    at: datetime
    text: str
    tlp: Tlp = Tlp.CLEAR  # of the item that it names


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
    contributors: tuple[str, ...] = ()  # structures that sent something in, by name
    errata: tuple[Erratum, ...] = ()
    template: str = ""  # the version of the forms that it was published with
    timezone: str = ""  # of its readers, in which dates are told; "" where it was not frozen yet
    color: str = ""  # the edition's own, #rrggbb, dark enough for white text; "": the usual one
    header: str = ""  # words that stand where a logo would; "": the publisher

    @property
    def tlp(self) -> Tlp:
        """The most restrictive label of its items, and of what is said of them."""
        labels = [*(item.tlp for item in self.items), *(one.tlp for one in self.errata)]
        return max(labels, key=list(Tlp).index, default=Tlp.CLEAR)


class Form(StrEnum):
    HTML = "html"  # of the mail
    TEXT = "txt"
    PDF = "pdf"
    WEB = "web"  # the page
    ATOM = "atom"
    JSON = "json"  # JSON Feed 1.1

    @property
    def suffix(self) -> str:
        """How a file of this form is named: ISSUE.html is the page, ISSUE.mail.html the mail."""
        return {"html": "mail.html", "web": "html"}.get(self.value, self.value)


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
    """Someone an issue goes to, and what of it they get."""

    id: int
    name: str
    address: str
    language: str
    structure: str
    clearance: Tlp = Tlp.CLEAR  # the most restrictive label that they may see
    themes: tuple[str, ...] = ()  # of the issue's edition, sorted; empty: all
    format: str = "html"  # or "text": no HTML part


class DeliveryState(StrEnum):
    """A ledger row's way. `claimed` never reached DATA; `sending` may have been taken.

    `withdrawn` was not sent and will not be: the recipient left, bounced, or has nothing in it.
    """

    QUEUED = "queued"
    CLAIMED = "claimed"
    SENDING = "sending"
    SENT = "sent"
    DEFERRED = "deferred"
    REFUSED = "refused"
    BOUNCED = "bounced"
    WITHDRAWN = "withdrawn"
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
    deferred_at: datetime | None = None  # when the server first said "later"
    next_try: datetime | None = None  # not before; None: at once
